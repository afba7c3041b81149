"""The lanes of the unrolled picture, bottom to top: the input, every layer, the output."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lstmdiag.cells.shapes import size
from lstmdiag.diagrams import Text
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Layer, Model
from lstmdiag.views.letters import hands_on, layer_mark, letters

Kind = Literal["input", "recurrent", "steps", "once", "repeat", "output"]


@dataclass(frozen=True)
class Lane:
    """One row of the picture: a layer, or the model's input or output."""

    kind: Kind
    index: int  # 0 is the input, then the layers
    name: str
    layer: Layer | None
    gives: Shape
    axis: int  # of its nodes, -1 before any; kind `once` stands at the end of this axis, `repeat` begins it
    pills: tuple[tuple[str, int | None], ...] = ()  # letter and size of each axis that it makes
    title: Text = ()  # its name at the left
    margin: Text = ()  # its words below the name
    label: Text = ()  # of its nodes
    mark: str = ""  # above its states' symbols, where there are several recurrent layers: [1], [2]
    y: float = 0.0
    height: float = 0.0

    @cached_property
    def states(self) -> dict[str, tuple[int, ...]]:
        """State → shape; the first is public, the others are private."""
        layer = self.layer
        if self.kind != "recurrent" or layer is None or layer.cell is None:
            return {}
        return {name: size(dims, layer.sizes) for name, dims in layer.cell.state.items()}

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
        return self.layer is not None and hands_on(self.layer)

    @property
    def along_time(self) -> bool:
        """Whether it hands up one value per step."""
        return len(self.gives) > 1

    @property
    def handed_up(self) -> Shape:
        """The shape on one wire upwards."""
        return self.gives[1:] if self.along_time else self.gives

    @property
    def unreturned(self) -> bool:
        """Whether h is computed at every step and only the last one leaves."""
        return self.kind == "recurrent" and not self.along_time

    def option(self, name: str) -> bool:
        return bool(self.layer and getattr(self.layer.options, name, False))

    @property
    def keeps_states(self) -> bool:
        """Whether the final states go somewhere: to the caller, or into the next batch."""
        return self.option("stateful") or self.option("return_state")


def lanes_of(model: Model) -> tuple[list[Lane], list[int | None]]:
    """The lanes, and the length of each time axis (None where not known)."""
    source, letter = model.inputs[0], letters(model)
    shape = source.shape
    lengths: list[int | None] = [shape[0]] if len(shape) > 1 else []
    pills = _pills(letter[source.name], shape)
    lanes = [Lane("input", 0, source.name, None, shape, len(lengths) - 1, pills)]
    for index, layer in enumerate(model.layers, 1):
        kind: Kind = "steps" if len(layer.input) > 1 else "once"
        if layer.recurrent:
            kind = "recurrent"
        elif len(layer.input) == 1 < len(layer.output):
            kind = "repeat"
            lengths.append(layer.output[0])
        shape = layer.output
        pills = _pills(letter[layer.name], shape) if kind == "recurrent" else ()
        mark = layer_mark(model, layer)
        lanes.append(Lane(kind, index, layer.name, layer, shape, len(lengths) - 1, pills, mark=mark))
    return [*lanes, Lane("output", len(lanes), "output", None, shape, len(lengths) - 1)], lengths


def _pills(letter: tuple[str, ...], shape: Shape) -> tuple[tuple[str, int | None], ...]:
    """The sizes that are not the time axis's, which has its own pill below its columns."""
    return tuple((name, size) for name, size in zip(letter, shape, strict=True) if name and name[0] != "T")
