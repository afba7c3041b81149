"""A lane of the unrolled picture, one row of it: what it reads, what it gives, how its wires run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from lstmdiag.diagrams import Text
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Layer, show_shape
from lstmdiag.views.letters import hands_on

Kind = Literal["input", "recurrent", "steps", "once", "repeat", "output"]
Reads = Literal["each", "turned", "one", "all", "window"]
"""Which steps of a source one step of the reader reads: its own, that as far from the end, a value alone, all, some."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the wires of one source run."""

    kind: Literal["straight", "fan", "level", "direct"] = "straight"
    rows: tuple[int | None, ...] = ()  # kind level: which level each drawn step of the reader takes; None: not drawn
    foot: int = 0  # where on the reader's lower border they end, from its middle
    round: bool = False  # beside the column, past lanes that stand in it


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that a lane reads."""

    lane: int  # which lane gives it
    state: str = ""  # the final value of this state; "": its output
    reads: Reads = "each"
    start: str = ""  # the state of the reader that begins with it; "": an input
    way: Way = Way()


@dataclass(frozen=True)
class Lane:
    """One row of the picture: a layer, one direction of a layer, an input or an output."""

    kind: Kind
    index: int
    name: str
    layer: Layer | None
    gives: Shape
    axis: int  # of its nodes, -1 before any; kind `once` stands at the end of this axis, `repeat` begins it
    along_time: bool  # whether it hands up one value per step
    sources: tuple[Source, ...] = ()
    starts: tuple[Source, ...] = ()  # of its states, one for each; none: zeros
    before: int = -1  # kind `repeat`: the axis at whose end the one vector stands
    pills: tuple[tuple[str, int | None], ...] = ()  # letter and size of each axis that it makes
    title: Text = ()  # its name at the left
    margin: Text = ()  # its words below the name
    label: Text = ()  # of its nodes
    mark: str = ""  # above its states' symbols: which of several recurrent layers, which direction
    shared: str = ""  # the layer whose weights it uses again
    way: str = ""  # forward or backward, of a bidirectional layer
    handed: frozenset[str] = frozenset()  # the states whose final values another lane reads
    pads: bool = False  # an input whose padded steps the layer above finds
    track: int | None = None  # where its wires go round other lanes, counted from the column outwards
    exits: Mapping[str, int] = field(default_factory=dict)  # state → riser on which its final value leaves
    entries: Mapping[str, int] = field(default_factory=dict)  # state → riser on which what it starts with arrives
    unpadded: bool = False  # of the sample whose numbers are drawn, the last step is no padding
    levels: int = 0  # horizontal wires below it
    y: float = 0.0
    height: float = 0.0

    @cached_property
    def states(self) -> Mapping[str, Shape]:
        """State → shape; the first is public, the others are private."""
        return self.layer.states if self.kind == "recurrent" and self.layer else {}

    @cached_property
    def public(self) -> str:
        """The symbol of what it hands up: h of a recurrent layer, x of the input, y of any other."""
        return next(iter(self.states), "x" if self.kind == "input" else "y")

    @property
    def private(self) -> list[str]:
        return list(self.states)[1:]

    @property
    def hands_on(self) -> bool:
        """Whether it gives out the numbers it is given."""
        layer = self.layer
        same = layer is not None and (layer.output == layer.input or self.kind == "repeat")
        return layer is not None and same and hands_on(layer) and len(self.sources) == 1

    @property
    def merges(self) -> bool:
        """Whether it joins the two directions of a bidirectional layer."""
        return self.kind != "recurrent" and self.layer is not None and self.layer.backward is not None

    @property
    def handed_up(self) -> Shape:
        """The shape on one wire upwards."""
        return self.gives[1:] if self.along_time else self.gives

    @property
    def unreturned(self) -> bool:
        """Whether h is computed at every step and only the last one leaves."""
        return self.kind == "recurrent" and not self.along_time

    @property
    def leftwards(self) -> bool:
        return self.way == "backward"

    @property
    def turned(self) -> bool:
        """Whether its column t reads another step than t."""
        return any(source.reads == "turned" for source in self.sources)

    @property
    def drops(self) -> bool:
        """Whether all it does is to drop a share of the numbers, in training."""
        return self.layer is not None and self.layer.definition.drops

    @property
    def reversed(self) -> bool:
        """Whether it reads the last step first."""
        return self.turned != self.leftwards

    @property
    def crosses(self) -> bool:
        return any(source.way.kind == "fan" for source in self.sources)

    @property
    def masked(self) -> bool:
        """Whether it carries its states over padded steps."""
        masked = self.kind == "recurrent" and self.layer is not None and self.layer.masked
        return masked and not self.unpadded

    def option(self, name: str) -> bool:
        return bool(self.layer and getattr(self.layer.options, name, False))

    @property
    def stateful(self) -> bool:
        return self.option("stateful")

    @property
    def return_state(self) -> bool:
        return self.option("return_state")

    @property
    def keeps_states(self) -> bool:
        """Whether all final states go somewhere: to the caller, or into the next batch."""
        return self.stateful or self.return_state

    @cached_property
    def finals(self) -> list[str]:
        """States whose final value is drawn."""
        return [state for state in self.states if state != self.public or self.returns(state)]

    def returns(self, state: str) -> bool:
        return self.keeps_states or state in self.handed

    @property
    def fate_beside(self) -> bool:
        """Whether what becomes of a final state stands beside it, as another one that goes on is below."""
        returned = [self.returns(state) for state in self.finals]
        return any(returned) and not all(returned)

    @property
    def loses_states(self) -> bool:
        """Whether some final state is computed and not returned."""
        return any(not self.returns(state) for state in self.finals)

    # What the words ask of it

    @property
    def shape(self) -> str:
        return show_shape(self.gives)

    @property
    def symbols(self) -> list[str]:
        return list(self.states)

    @property
    def uses(self) -> int | None:
        return self.layer and self.layer.uses

    @property
    def weighted(self) -> bool:
        return bool(self.layer and self.layer.weights) and not self.merges

    @property
    def letters(self) -> str:
        """W, U, b."""
        return ", ".join(dict.fromkeys(weight.part for weight in self.layer.weights)) if self.layer else ""

    @property
    def copies(self) -> int | None:
        """How often a `repeat` gives out the one vector; else 0."""
        return self.gives[0] if self.kind == "repeat" else 0

    @property
    def tokens(self) -> bool:
        """Whether it looks its input up in a table."""
        return self.layer is not None and self.layer.definition.tokens is not None

    @property
    def queries(self) -> bool:
        """Whether each of its steps weighs all value steps."""
        return self.along_time and self.layer is not None and self.layer.mask == "query"

    @property
    def values(self) -> int | None:
        """How many value steps there are; None where that is not known."""
        return self.layer and self.layer.input_shapes[1][0]

    @property
    def unread(self) -> list[str]:
        """The private states whose final value is not returned."""
        return [state for state in self.private if not self.returns(state)]

    @property
    def numbered(self) -> bool:
        """Whether its symbols say which of several recurrent layers it is."""
        return "[" in self.mark

    @property
    def sequence_inside(self) -> bool:
        """Whether it reads a sequence within each step."""
        return self.kind == "steps" and bool(self.layer and self.layer.recurrent) and not self.merges

    @property
    def reads_all(self) -> bool:
        return any(source.reads == "all" for source in self.sources)

    @property
    def reads_window(self) -> bool:
        return any(source.reads == "window" for source in self.sources)

    @property
    def reads_together(self) -> bool:
        """Whether one of its steps reads several."""
        return self.reads_all or self.reads_window

    @property
    def on_levels(self) -> bool:
        return any(source.way.kind == "level" for source in self.sources)

    @property
    def crowded(self) -> bool:
        """Whether some of its steps are drawn without their wires."""
        return any(source.way.rows.count(None) > 1 for source in self.sources)

    @property
    def pads_zeros(self) -> bool:
        return self.masked and self.along_time and bool(self.way)

    @property
    def pads_again(self) -> bool:
        return self.masked and self.along_time and not self.way

    @property
    def dropping(self) -> bool:
        """Whether it drops anything, in training."""
        return self.drops or self.option("dropout") or self.option("recurrent_dropout")

    def stands_on(self, axis: int) -> bool:
        return self.axis == axis or (self.kind == "repeat" and self.before == axis)
