"""The lanes of the unrolled picture, bottom to top: every input below its first reader, every layer, the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from lstmdiag.diagrams import Text
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Layer, Model
from lstmdiag.views.letters import hands_on, layer_mark, letters, time_axes, time_letters

Kind = Literal["input", "recurrent", "steps", "once", "repeat", "output"]
Reads = Literal["each", "turned", "one", "all", "window"]
"""Which steps of a source one step of the reader reads: its own, that as far from the end, a value alone, all, some."""

ARROWS = {"forward": "→", "backward": "←"}


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
        return self.layer is not None and self.layer.kind in ("Dropout", "SpatialDropout1D")

    @property
    def crosses(self) -> bool:
        return any(source.way.kind == "fan" for source in self.sources)

    @property
    def masked(self) -> bool:
        """Whether it carries its states over padded steps."""
        return self.kind == "recurrent" and self.layer is not None and self.layer.masked

    def option(self, name: str) -> bool:
        return bool(self.layer and getattr(self.layer.options, name, False))

    @property
    def keeps_states(self) -> bool:
        """Whether all final states go somewhere: to the caller, or into the next batch."""
        return self.option("stateful") or self.option("return_state")

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

    def stands_on(self, axis: int) -> bool:
        return self.axis == axis or (self.kind == "repeat" and self.before == axis)


def lanes_of(model: Model) -> tuple[list[Lane], list[tuple[str, int | None]]]:
    """The lanes, and letter and length (None where not known) of each time axis, from left to right."""
    maker = _Maker(model)
    for layer in model.layers:
        for reference in (*layer.inputs, *layer.initial_state):
            maker.input(reference)
        maker.layer(layer)
    maker.outputs()
    starts = list(dict.fromkeys(start for start in maker.began.values() if start))
    names = dict(zip(starts, time_letters(len(starts)), strict=True))
    handed: dict[int, set[str]] = {}
    for lane in maker.lanes:
        for source in (*lane.sources, *lane.starts):
            handed.setdefault(source.lane, set()).add(source.state)
    makers = [lane for lane in maker.lanes if lane.layer and lane.layer.mask == "makes"]
    padded = {source.lane for lane in makers for source in lane.sources}
    lanes = [
        replace(lane, handed=frozenset(handed.get(lane.index, ())) - {""}, pads=lane.index in padded)
        for lane in maker.lanes
    ]
    return lanes, [(names[start], model.shape(start)[0]) for start in maker.axes]


class _Maker:
    def __init__(self, model: Model) -> None:
        self.model, self.letter, self.began = model, letters(model), time_axes(model)
        self.lanes: list[Lane] = []
        self.axes: list[str] = []  # what began each
        self.given: dict[str, tuple[int, str]] = {}  # reference → lane, state

    def input(self, reference: str) -> None:
        """Its lane, where this is the first to read an input."""
        source = next((source for source in self.model.inputs if source.name == reference), None)
        if source and reference not in self.given:
            axis = self._axis(source.name)
            pills = self._pills(source.name, source.shape)
            self._add(Lane("input", 0, source.name, None, source.shape, axis, axis >= 0, pills=pills))

    def layer(self, layer: Layer) -> None:
        name, along = layer.name, bool(self.began[layer.name])
        if layer.backward and layer.inner:
            self._both_ways(layer)
        elif layer.cell and layer.recurrent:
            self._recurrent(layer, layer)
        elif layer.copies and layer.output[1:] == layer.input and not self._feeds(layer.inputs[0]):
            lane, _ = self.given[layer.inputs[0]]
            sources = self._sources(layer.inputs, layer, -1, True)
            before = self.lanes[lane].axis
            self._add(Lane("repeat", 0, name, layer, layer.output, self._axis(name), True, sources, before=before))
        else:
            axis = self._axis(name)
            if not along:
                axis = max([self.lanes[self.given[reference][0]].axis for reference in layer.inputs])
            sources = self._sources(layer.inputs, layer, axis, along)
            self._add(Lane("steps" if along else "once", 0, name, layer, layer.output, axis, along, sources,
                           shared=layer.shared))  # fmt: skip

    def outputs(self) -> None:
        many = len(self.model.outputs) > 1
        for number, reference in enumerate(self.model.outputs, 1):
            self.input(reference)
            lane, state = self.given[reference]
            along = self._feeds(reference)
            reads: Reads = "each" if along else "one"
            self._add(Lane("output", 0, f"output {number}" if many else "output", None, self.model.shape(reference),
                           self.lanes[lane].axis, along, (Source(lane, state, reads),)))  # fmt: skip

    def _both_ways(self, layer: Layer) -> None:
        """A lane for each direction, and one where they are merged."""
        assert layer.inner and layer.backward
        half = len(layer.initial_state) // 2
        given = (layer.initial_state[:half], layer.initial_state[half:])
        for way, inner, starts in zip(ARROWS, (layer.inner, layer.backward), given, strict=True):
            self._recurrent(replace(inner, initial_state=starts), layer, way)
        if layer.options.merge_mode is None:
            return
        both = [f"{layer.name}.{way}" for way in ARROWS]
        along, axis = layer.returns_sequences, self.lanes[-1].axis
        sources = tuple(Source(self.given[each][0], "", "each" if along else "one") for each in both)
        self._add(Lane("steps" if along else "once", 0, layer.name, layer, layer.output, axis, along, sources,
                       mark=layer_mark(self.model, layer)))  # fmt: skip

    def _recurrent(self, layer: Layer, top: Layer, way: str = "") -> None:
        turned = bool(getattr(top.maths.options, "go_backwards", False))
        lanes = [self.given[reference][0] for reference in layer.inputs]
        sources = tuple(Source(lane, "", "turned" if turned else "each") for lane in lanes)
        starts = tuple(
            Source(*self.given[reference], "one", state)
            for reference, state in zip(layer.initial_state, layer.states, strict=False)
        )
        pills = self._pills(top.name, top.output) if way != "backward" else ()
        self._add(
            Lane("recurrent", 0, layer.name, layer, layer.output, self.lanes[lanes[0]].axis, top.returns_sequences,
                 sources, starts, pills=pills, mark=layer_mark(self.model, top) + ARROWS.get(way, ""), way=way,
                 shared=top.shared and f"{top.shared}.{way}".rstrip("."))
        )  # fmt: skip

    def _add(self, lane: Lane) -> None:
        index = len(self.lanes)
        self.lanes.append(replace(lane, index=index))
        self.given[lane.name] = index, ""
        self.given |= {f"{lane.name}.{state}": (index, state) for state in lane.states}

    def _axis(self, name: str) -> int:
        """The number of the axis that its output lies on; a new one where none began it yet."""
        start = self.began[name]
        if not start:
            return -1
        if start not in self.axes:
            self.axes.append(start)
        return self.axes.index(start)

    def _feeds(self, reference: str) -> bool:
        """Whether it is a value for every step."""
        lane, state = self.given[reference]
        return self.lanes[lane].along_time and not state

    def _sources(self, references: tuple[str, ...], layer: Layer, axis: int, along: bool) -> tuple[Source, ...]:
        across = layer.across_time and not layer.inner
        found = []
        for number, reference in enumerate(references):
            lane, state = self.given[reference]
            same = self.lanes[lane].axis == axis
            reads: Reads = "all"
            if not self._feeds(reference):
                reads = "one"
            elif along and windowed(layer):
                reads = "window"
            elif along and (not across or (hasattr(layer.options, "use_scale") and not number)):
                equal = same or layer.input_shapes[number][0] == layer.output[0]
                reads = "each" if equal else "all"
            found.append(Source(lane, state, reads))
        return tuple(found)

    def _pills(self, name: str, shape: Shape) -> tuple[tuple[str, int | None], ...]:
        """The sizes that are not the time axis's, which has its own pill below its columns."""
        return tuple(
            (name, size) for name, size in zip(self.letter[name], shape, strict=True) if name and name[0] != "T"
        )


def windowed(layer: Layer) -> bool:
    """Whether one step of what it gives reads a few neighbouring steps, or one that was moved."""
    joins = layer.kind == "Concatenate" and layer.output[0] != layer.input[0]
    return not layer.inner and (joins or hasattr(layer.options, "kernel_size") or hasattr(layer.options, "pool_size"))
