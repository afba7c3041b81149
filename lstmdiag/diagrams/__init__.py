"""The vocabulary between meaning and ink for drawings: nodes, edges, groups, each with a role and a place.

Lengths are points, y grows upwards, (x, y) is a centre. Views make Diagrams and know no DOT; writers
read them and know no LSTM.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = (
    "input", "layer", "unit", "op", "state.public", "state.private", "gate.keep", "gate.write",
    "gate.content", "gate.read", "weight", "output", "elision", "note",
)  # fmt: skip

SHAPES = ("box", "round", "circle", "diamond", "slab", "pill", "plain", "point", "hatched", "dotted")

MARKS = (
    "",
    "again",  # the same object drawn once more (a later step): dashed outline
    "unreturned",  # computed, not returned: hollow and dotted
    "faded",  # context, or not yet reached in a build-up
    "focus",  # what the picture is about: heavier line
)

RAMPS = (
    "signed",  # −1 to 1, grey in the middle
    "share",  # 0 to 1
)
"""How the fill of a node with a `level` follows from it."""

Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""left, bottom, right, top"""


@dataclass(frozen=True, slots=True)
class Number:
    """Which number of a pass is printed: whoever has another pass can print that one's in its place.

    `signal` is what the equations or the circuit call it, behind the name of its layer (`lstm.h_prev`, `lstm.W_f`); of
    an output of the model its reference.
    """

    signal: str
    step: int | None = None  # from 1, in the order of the input; a weight has none
    index: tuple[int, ...] = ()  # from 1: unit or feature; row and column of a matrix; () of all of them


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one style: '', 'bold', 'small', 'sub', 'smallsub', 'sup', 'title', 'muted', 'mono'."""

    text: str
    style: str = ""
    number: bool = False  # of a pass: not told before it is computed
    of: Number | None = None


Line = tuple[Run, ...]
Text = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A box, circle or piece of free text at its place: a layer, a unit, a state, a gate, an operation, a note."""

    id: str
    label: Text
    role: str
    x: float
    y: float
    width: float
    height: float
    shape: str = "box"
    symbol: str = ""  # the name in the equations: x, h, c, f ...
    layer: str = ""
    step: int | None = None
    unit: int | None = None
    mark: str = ""
    inside: str = ""  # id of the node or group it lies in, or of the wire it rides on
    align: str = "center"  # or "left": how the lines of the label stand
    count: int = 0  # on elision marks: how many things are left out here
    since: int = 0  # the build-up state in which it appears
    tip: str = ""  # a sentence for the tooltip and for screen readers
    level: float | None = None  # of a cell of a heat map: its value as a part of the scale's end, its fill
    ramp: str = ""  # of such a cell, one of RAMPS


@dataclass(frozen=True, slots=True)
class Edge:
    """A wire between two nodes, and the values that travel on it."""

    id: str
    tail: str
    head: str
    role: str
    points: tuple[Point, ...]  # from the border of the tail to the border of the head, straight pieces
    symbol: str = ""
    label: Text = ()
    label_at: Point | None = None  # centre of the label
    shape: tuple[int | None, ...] | None = None  # of the tensor that travels here
    layer: str = ""
    step: int | None = None
    unit: int | None = None
    mark: str = ""
    arrow: bool = True
    count: int = 1  # scalar connections this line stands for
    since: int = 0
    strands: tuple[str, ...] = ()  # roles of the parallel lines, where one edge is a cable of several
    curve: bool = False  # of data, in a plot that is its tail and head: solid, its corners not rounded


@dataclass(frozen=True, slots=True)
class Group:
    """A band behind nodes: the weights' ribbon, a column of time. Its label stands inside, at the upper left."""

    id: str
    label: Text
    role: str
    x: float
    y: float
    width: float
    height: float
    shape: str = "round"
    layer: str = ""
    step: int | None = None
    mark: str = ""
    since: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: a sample drawn like the real thing, and what it means."""

    role: str
    text: str
    symbol: str = ""  # printed in the sample
    shape: str = "box"  # a node shape, "line" or "curve" for a sample edge, or "band" for a group
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Diagram:
    """One picture of a model: its parts at their places, and the words around them."""

    view: str
    title: str
    claim: str  # the caption's one claim, bold
    reading: str  # the caption's one sentence on how to read it
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...] = ()
    legend: tuple[Key, ...] = ()
    description: str = ""  # for screen readers: what is drawn, in words
    states: tuple[str, ...] = ("all",)  # names of the build-up states, last one is everything
    layer: str = ""
    layout: str = ""  # "dot": nodes have no place yet, `rendering.arrange` finds them; "" : placed
    facts: dict[str, int] = field(default_factory=dict)  # numbers the picture must add up to (tests)
    origin: str = ""  # of numbers on the picture: where they come from, the caption's last line
    badge: str = ""  # beside the title: "toy twin: same wiring, 3 units instead of 128"
    zoom: float = 1.0  # of the canvas: how many units one point is when the picture is seen
    unit: str = "px"  # those units, or "pt"
    excess: float = 1.0  # how many times larger than its canvas it is, where it did not fit
