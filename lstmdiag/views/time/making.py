"""The lanes of a model, bottom to top: every input below its first reader, every layer, the outputs."""

from __future__ import annotations

from dataclasses import replace

from lstmdiag.layer import Layer
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.readings.axes import letters, time_axes, time_letters
from lstmdiag.readings.layers import layer_mark
from lstmdiag.views.time.lanes import Lane, Reads, Source

ARROWS = {"forward": "→", "backward": "←"}


def lanes_of(model: Model) -> tuple[list[Lane], list[tuple[str, int | None]]]:
    """The lanes, and letter and length (None where not known) of each time axis, from left to right."""
    maker = _Maker(model)
    for layer in model.layers:
        for reference in (*layer.inputs, *layer.initial_state):
            maker.input(reference)
        maker.layer(layer)
    maker.outputs()
    names = time_letters(model, maker.began)
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
            elif along and (not across or (layer.mask == "query" and not number)):
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
    joins = layer.mask == "concatenates" and layer.output[0] != layer.input[0]
    return joins or layer.window is not None
