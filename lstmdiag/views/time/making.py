"""The lanes of a model, bottom to top: every input below its first reader, every layer, the outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lstmdiag.analysis.axes import letters, time_axes, time_letters
from lstmdiag.analysis.layers import layer_mark
from lstmdiag.layer import Layer, RecurrentLayer
from lstmdiag.layers.kind import Shape
from lstmdiag.layers.reads import ALL
from lstmdiag.model import Model
from lstmdiag.views import folding
from lstmdiag.views.time.facts import WORDS
from lstmdiag.views.time.lanes import Kind, Lane, Pattern, Source

ARROWS = {"forward": "→", "backward": "←"}


def lanes_of(
    model: Model, padded: Callable[[Layer], bool], *, fold: bool = True
) -> tuple[tuple[Lane, ...], list[tuple[str, int | None]]]:
    """The lanes, and letter and length (None where not known) of each time axis, from left to right.

    Of equal layers in a row, if they `fold`, one lane stands for all but the first. `padded` says of a layer with a
    mask whether the sample that is drawn ends in padding.
    """
    building = _Building(model)
    folded = _folded(model) if fold else {}
    for layer in model.layers:
        if layer.name in folded:
            building.folded(layer, folded[layer.name])
            continue
        for reference in (*layer.inputs, *layer.initial_state):
            building.input(reference)
        building.layer(layer)
    building.outputs()
    lanes = building.lanes
    read = {(source.lane, source.state) for lane in lanes for source in (*lane.sources, *lane.starts)}
    makers = [lane for lane in lanes if lane.layer and lane.layer.mask == "makes"]
    pads = {source.lane for lane in makers for source in lane.sources}
    names = time_letters(model, building.began)
    return tuple(
        replace(
            lane, read=frozenset(state for index, state in read if index == lane.index and state),
            pads=lane.kind == "input" and lane.index in pads, padded=lane.layer is None or padded(lane.layer),
        )
        for lane in lanes
    ), [(names[start], model.shape(start)[0]) for start in building.axes]  # fmt: skip


def _folded(model: Model) -> dict[str, tuple[Layer, ...]]:
    """Name of each layer that a lane of several stands for → all of these; none of them hands a state to another."""
    named = {name for name, _, state in map(_parted, _references(model)) if state}
    found: dict[str, tuple[Layer, ...]] = {}
    for block in folding.blocks(model):
        if not named & {layer.name for layer in block.left_out}:
            found |= {layer.name: block.left_out for layer in block.left_out}
    return found


def _references(model: Model) -> Iterator[str]:
    yield from model.outputs
    for layer in model.layers:
        yield from (*layer.inputs, *layer.initial_state)


def _parted(reference: str) -> tuple[str, str, str]:
    return reference.partition(".")


class _Building:
    """The lanes built so far, and what of the model each reference means among them."""

    def __init__(self, model: Model) -> None:
        self.model, self.letter, self.began = model, letters(model), time_axes(model)
        self.lanes: list[Lane] = []
        self.axes: list[str] = []  # what began each
        self.meaning: dict[str, tuple[int, str]] = {}  # reference → lane, state

    def input(self, name: str) -> None:
        """Its lane, where this is an input of the model that has none yet."""
        if name not in self.meaning and any(source.name == name for source in self.model.inputs):
            axis, shape = self._axis(name), self.model.shape(name)
            self._add(
                "input", name, None, shape, axis=axis, along_time=axis >= 0, public="x",
                pills=self._pills(name, shape),
            )  # fmt: skip

    def layer(self, layer: Layer) -> None:
        if layer.halves:
            self._both_directions(layer)
        elif isinstance(layer, RecurrentLayer):
            self._recurrent(layer, layer)
        elif (
            self.began[layer.name]
            and layer.output[1:] == layer.input
            and layer.copies
            and not self._feeds(layer.inputs[0])
        ):
            self._add(
                "repeat", layer.name, layer, layer.output, axis=self._axis(layer.name), along_time=True,
                before=self._lane(layer.inputs[0]).axis, sources=self._sources(layer, axis=-1, along=True),
            )  # fmt: skip
        else:
            axis, along = self._axis(layer.name), bool(self.began[layer.name])
            if not along:
                axis = max(self._lane(reference).axis for reference in layer.inputs)
            self._add(
                "layer", layer.name, layer, layer.output, axis=axis, along_time=along,
                sources=self._sources(layer, axis, along), weights=layer.weights, shared=layer.shared,
            )  # fmt: skip

    def folded(self, layer: Layer, together: tuple[Layer, ...]) -> None:
        """The lane of these equal layers, made when the first of them comes; the next reader reads it."""
        if layer is together[0]:
            below = self._lane(layer.inputs[0])
            self._add(
                "folded", WORDS.say("folded", folded=together), None, together[-1].output, axis=below.axis,
                along_time=bool(self.began[layer.name]), public=below.public, folded=together,
                mark=layer_mark(self.model, together[-1]), sources=(self._own_step(layer.inputs[0]),),
            )  # fmt: skip
        self.meaning[layer.name] = (len(self.lanes) - 1, "")

    def outputs(self) -> None:
        several = len(self.model.outputs) > 1
        for number, reference in enumerate(self.model.outputs, 1):
            self.input(reference)
            self._add(
                "output", f"output {number}" if several else "output", None, self.model.shape(reference),
                axis=self._lane(reference).axis, along_time=self._feeds(reference),
                sources=(self._own_step(reference),),
            )  # fmt: skip

    def _both_directions(self, layer: Layer) -> None:
        """A lane for each direction, and one where they are merged."""
        for (direction, half), starts in zip(layer.halves.items(), layer.starts, strict=True):
            self._recurrent(replace(half, initial_state=starts), layer, direction)
        if layer.options.merge_mode is None:
            return
        halves = [f"{layer.name}.{direction}" for direction in layer.halves]
        self._add(
            "layer", layer.name, layer, layer.output, axis=self._lane(halves[0]).axis,
            along_time=layer.returns_sequences,
            sources=tuple(map(self._own_step, halves)),
            mark=layer_mark(self.model, layer), merges=True,
        )  # fmt: skip

    def _recurrent(self, layer: RecurrentLayer, top: Layer, direction: str = "") -> None:
        reads: Pattern = "reversed" if top.go_backwards else "each"
        starts = zip(layer.initial_state, layer.states, strict=False)
        self._add(
            "recurrent", layer.name, layer, layer.output, axis=self._lane(layer.inputs[0]).axis,
            along_time=top.returns_sequences, public=next(iter(layer.states)), states=layer.states,
            weights=layer.weights,
            sources=tuple(Source(self._lane(reference).index, "", reads) for reference in layer.inputs),
            starts=tuple(Source(*self.meaning[reference], "one", state) for reference, state in starts),
            pills=() if direction == "backward" else self._pills(top.name, top.output),
            mark=layer_mark(self.model, top) + ARROWS.get(direction, ""), direction=direction,
            shared=top.shared and f"{top.shared}.{direction}".rstrip("."),
        )  # fmt: skip

    def _add(self, kind: Kind, name: str, layer: Layer | None, gives: Shape, **facts: Any) -> None:
        lane = Lane(kind, len(self.lanes), name, layer, gives, **{"before": facts["axis"], **facts})
        self.lanes.append(lane)
        self.meaning |= {name: (lane.index, ""), **{f"{name}.{state}": (lane.index, state) for state in lane.states}}

    def _lane(self, reference: str) -> Lane:
        return self.lanes[self.meaning[reference][0]]

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
        return self._lane(reference).along_time and not self.meaning[reference][1]

    def _own_step(self, reference: str) -> Source:
        """It, step by step; a value alone as it is."""
        return Source(*self.meaning[reference], "each" if self._feeds(reference) else "one")

    def _sources(self, layer: Layer, axis: int, along: bool) -> tuple[Source, ...]:
        return tuple(
            Source(*self.meaning[reference], self._reads(layer, number, axis, along))
            for number, reference in enumerate(layer.inputs)
        )

    def _reads(self, layer: Layer, number: int, axis: int, along: bool) -> Pattern:
        """Which steps of its input of this number one step of the layer reads."""
        reference = layer.inputs[number]
        if not self._feeds(reference):
            return "one"
        reads = layer.reads[number]
        if not along or reads is ALL:
            return "all"
        return "each" if reads.own else "window"

    def _pills(self, name: str, shape: Shape) -> tuple[tuple[str, int | None], ...]:
        """The sizes that are not the time axis's, which has its own pill below its columns."""
        sizes = zip(self.letter[name], shape, strict=True)
        return tuple((letter, size) for letter, size in sizes if letter and letter[0] != "T")
