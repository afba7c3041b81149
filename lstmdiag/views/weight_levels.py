"""Signs and magnitudes of weights: cells on a fixed scale around 0, and the bar that says what a colour is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from lstmdiag.diagrams import Text
from lstmdiag.diagrams.boxes import Box, cell, column, grid, inside, labelled, node, note, row, strut
from lstmdiag.diagrams.text import small, text
from lstmdiag.layer import CellLayer, Weight
from lstmdiag.views.labels import printed
from lstmdiag.views.numbers import next_round, short
from lstmdiag.views.weight_texts import WORDS

if TYPE_CHECKING:
    from lstmdiag.cells.numbers import Array
    from lstmdiag.running.values import Values

NOTHING: dict[str, Any] = {"level": 0.0, "ramp": "signed"}
EDGE = 0.5  # of a box, that stays around its cells
LEAST = 10.0  # across a cell, points
BAR = (22.0, 16.0)  # one step of the scale
STEPS = 4  # of the scale, on each side of 0
UNDER, APART = 20.0, 14.0  # from the scale to what stands below it, and above and beside it


@dataclass(frozen=True)
class Levels:
    """The weights of a layer, (out, numbers in a row) each; without any, blocks are empty and there is no scale."""

    layer: CellLayer
    arrays: Mapping[str, Array] = field(default_factory=dict)
    end: float = 1.0  # the number at the ends of the scale
    beyond: tuple[str, ...] = ()  # kinds of weights that reach beyond the scale

    def __bool__(self) -> bool:
        return bool(self.arrays)

    def cell(self, id: str, name: Text, role: str, place: tuple[Weight, int, int], width: float, height: float,
             **facts: Any) -> Box:  # fmt: skip
        """One weight with its name and its number."""
        weight, line, place_in = place
        value = float(self.arrays[weight.name][line - 1, place_in - 1])
        facts |= {"width": width - 2 * EDGE, "height": height - 2 * EDGE}
        number = printed(self.layer, weight.name, None, (line, place_in)[: len(weight.shape)], value)
        own = node(id, (*name, (number,)), role, **facts, **self._look(value))
        return inside(f"{id}-ground", role, own, **facts, **NOTHING)

    def _look(self, value: float) -> dict[str, Any]:
        return {"level": value / self.end, "ramp": "signed"}

    def band(self, id: str, role: str, weight: Weight, rows: slice, width: float, height: float, **facts: Any) -> Box:
        """Some rows as cells on a ground; where there is not room for all, the farthest from 0 of several."""
        array = self.arrays[weight.name][rows] if self.arrays else None
        if array is None or not array.size or height < 2 * EDGE + 1:
            return strut(width, height)
        wide, high = width - 2 * EDGE, height - 2 * EDGE
        parts = [
            [array[first:last, left:right].reshape(-1) for left, right in _split(array.shape[1], wide)]
            for first, last in _split(len(array), high)
        ]
        size: dict[str, Any] = {"width": wide / len(parts[0]), "height": high / len(parts)}

        def one(i: int, j: int, part: Array) -> Box:
            value = float(part[abs(part).argmax()])
            return node(f"{id}-{i}-{j}", (), role, **size, **facts, **self._look(value))

        cells = [[one(i, j, part) for j, part in enumerate(line, 1)] for i, line in enumerate(parts, 1)]
        box = inside(id, role, grid(cells, wide, high), width=wide, height=high, **facts, **NOTHING)
        return cell(box, width, height)

    def several(self, weight: Weight, width: float, height: float) -> tuple[int, int]:
        """How many rows and columns of weights share a cell."""
        rows, columns = self.arrays[weight.name].shape
        return ceil(rows / max(1, floor(height / LEAST))), ceil(columns / max(1, floor(width / LEAST)))

    def bar(self) -> Box:
        """The scale, from its lowest to its highest value, what it says beside it."""
        if not self.arrays:
            return strut()
        (wide, high), steps = BAR, range(-STEPS, STEPS + 1)
        values = [self.end * step / STEPS for step in steps]
        cells = [
            node(f"level-{step}", (), "weight", width=wide, height=high, **self._look(value))
            for step, value in zip(steps, values, strict=True)
        ]
        ground = inside("level-ground", "weight", row(*cells), **NOTHING)
        named = [
            note(f"level-{step}-is", text(small(short(value)))) if step in (-STEPS, 0, STEPS) else strut()
            for step, value in zip(steps, values, strict=True)
        ]
        scale = labelled(ground, under=column(strut(0, 3), row(*(cell(each, wide, each.height) for each in named))))
        words = WORDS.each("levels", beyond=self.beyond)
        box = row(scale, note("levels", text(*map(small, words)), align="left"), gap=APART)
        return column(strut(0, APART), replace(box, up=high / 2, down=high / 2 + UNDER))


def _split(count: int, room: float) -> list[tuple[int, int]]:
    """0..count as runs of about the same length, as many as there is room for."""
    runs = min(count, max(1, floor(room / LEAST)))
    edges = [round(index * count / runs) for index in range(runs + 1)]
    return list(pairwise(edges))


def levels(values: Values | None, layer: CellLayer) -> Levels:
    """On a scale that ends at 1, 2 or 5 times a power of ten, the next one that all matrices are within.

    A bias of 1 among small weights would leave them pale.
    """
    if values is None:
        return Levels(layer)
    arrays = {weight.name: values.weight(layer, weight.name) for weight in layer.weights}
    size = {weight: float(abs(arrays[weight.name]).max()) for weight in layer.weights}
    matrices = (size[weight] for weight in size if len(weight.shape) > 1)
    largest = max(matrices, default=0.0) or max(size.values())
    end = next_round(largest, (1, 2, 5, 10))
    beyond = tuple(dict.fromkeys(weight.part for weight in size if size[weight] > end))
    return Levels(layer, {name: array.reshape(len(array), -1) for name, array in arrays.items()}, end, beyond)
