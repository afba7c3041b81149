"""Signs and magnitudes of weights: cells on a fixed scale around 0, and the bar that says what a colour is worth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from lstmdiag.diagrams import Node, Point, Text
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.layer import Layer, Weight
from lstmdiag.views.numbers import short
from lstmdiag.views.weight_texts import WORDS

if TYPE_CHECKING:
    from lstmdiag.cells.numbers import Array
    from lstmdiag.running.values import Values

NOTHING: dict[str, Any] = {"level": 0.0, "ramp": "signed"}
EDGE = 0.5  # of a box, that stays around its cells
LEAST = 10.0  # across a cell, points
BAR = (22.0, 16.0)  # one step of the scale
STEPS = 4  # of the scale, on each side of 0


@dataclass(frozen=True)
class Levels:
    """The weights of a layer; `end` is the number at the ends of the scale."""

    values: Values
    layer: Layer
    end: float
    beyond: tuple[str, ...] = ()  # kinds of weights that reach beyond the scale

    def array(self, weight: Weight) -> Array:
        """(out, numbers in a row)"""
        found = self.values.weight(self.layer, weight.name)
        return found.reshape(len(found), -1)

    def cell(
        self, sheet: Sheet, id: str, name: Text, role: str, at: Point, size: Point,
        place: tuple[Weight, int, int], facts: dict[str, Any],
    ) -> None:  # fmt: skip
        """One weight with its name and its number."""
        weight, row, column = place
        value = float(self.array(weight)[row - 1, column - 1])
        x, y = at
        facts |= {"width": size[0] - 2 * EDGE, "height": size[1] - 2 * EDGE}
        under = sheet.node(f"{id}-ground", (), role, x, y, **facts, **NOTHING)
        label = name + text(small(short(value)))
        sheet.node(id, label, role, x, y, **facts | {"inside": under.id}, **self.look(value))

    def look(self, value: float) -> dict[str, Any]:
        return {"level": value / self.end, "ramp": "signed"}

    def cells(self, sheet: Sheet, block: Node, weight: Weight, row: tuple[int, Node] | None) -> None:
        """The block as cells. A `row` that has a box of its own, counted from 1, is drawn in that."""
        array, top, bottom = self.array(weight), block.y + block.height / 2, block.y - block.height / 2
        if row is None:
            self._band(sheet, block, array, top, bottom)
            return
        index, box = row
        above, below = box.y + box.height / 2, box.y - box.height / 2
        self._band(sheet, block, array[: index - 1], top, above)
        self._band(sheet, box, array[index - 1 : index], above, below)
        self._band(sheet, block, array[index:], below, bottom, "below")

    def _band(self, sheet: Sheet, box: Node, array: Array, top: float, bottom: float, id: str = "cell") -> None:
        """Some rows, from `top` down to `bottom`; where there is not room for all, the farthest from 0 of several."""
        if not array.size or top - bottom < 2 * EDGE + 1:
            return
        box = ground(sheet, f"{box.id}-{id}s", box, top, bottom)
        top, bottom = top - EDGE, bottom + EDGE
        rows = _split(len(array), max(1, floor((top - bottom) / LEAST)))
        columns = _split(array.shape[1], max(1, floor(box.width / LEAST)))
        high, wide = (top - bottom) / len(rows), box.width / len(columns)
        facts: dict[str, Any] = {"inside": box.id, "since": box.since, "symbol": box.symbol, "layer": box.layer}
        for i, (first, last) in enumerate(rows):
            for j, (left, right) in enumerate(columns):
                part = array[first:last, left:right].reshape(-1)
                value = float(part[abs(part).argmax()])
                sheet.node(
                    f"{box.id}-{i + 1}-{j + 1}", (), box.role, box.x - box.width / 2 + (j + 0.5) * wide,
                    top - (i + 0.5) * high, width=wide, height=high, **facts, **self.look(value),
                )  # fmt: skip

    def several(self, weight: Weight, width: float, height: float) -> tuple[int, int]:
        """How many rows and columns of weights share a cell."""
        rows, columns = self.array(weight).shape
        return ceil(rows / max(1, floor(height / LEAST))), ceil(columns / max(1, floor(width / LEAST)))

    def bar(self, sheet: Sheet, left: float, top: float) -> float:
        """The scale, from its lowest to its highest value; where it ends below."""
        wide, high = BAR
        across = (2 * STEPS + 1) * wide
        sheet.node(
            "level-ground", (), "weight", left + across / 2, top - high / 2, width=across, height=high, **NOTHING
        )
        for step in range(-STEPS, STEPS + 1):
            x, value = left + (step + STEPS + 0.5) * wide, self.end * step / STEPS
            sheet.node(f"level-{step}", (), "weight", x, top - high / 2, width=wide, height=high,
                       inside="level-ground", **self.look(value))  # fmt: skip
            if step in (-STEPS, 0, STEPS):
                label = text(small(short(value)))
                sheet.note(f"level-{step}-is", label, x, top - high - 3 - measure(label)[1] / 2)
        words = WORDS.each("levels", beyond=self.beyond)
        sheet.note("levels", text(*map(small, words)), left + across + 14, top - high / 2, anchor="left")
        return top - high - 20


def _split(count: int, most: int) -> list[tuple[int, int]]:
    """0..count as at most so many runs of about the same length."""
    runs = min(count, most)
    edges = [round(index * count / runs) for index in range(runs + 1)]
    return list(pairwise(edges))


def levels(values: Values, layer: Layer) -> Levels:
    """On a scale that ends at 1, 2 or 5 times a power of ten, the next one that all matrices are within.

    A bias of 1 among small weights would leave them pale.
    """
    size = {weight: float(abs(values.weight(layer, weight.name)).max()) for weight in layer.weights}
    matrices = (size[weight] for weight in size if len(weight.shape) > 1)
    largest = max(matrices, default=0.0) or max(size.values())
    power = 10.0 ** floor(log10(largest)) if largest else 1.0
    end = next(round(step * power, 12) for step in (1, 2, 5, 10) if step * power >= largest)
    return Levels(values, layer, end, tuple(dict.fromkeys(weight.part for weight in size if size[weight] > end)))


def ground(sheet: Sheet, id: str, box: Node, top: float, bottom: float) -> Node:
    """What cells lie on, within a part of a box: level 0."""
    return sheet.node(
        id, (), box.role, box.x, (top + bottom) / 2, width=box.width - 2 * EDGE, height=top - bottom - 2 * EDGE,
        inside=box.id, since=box.since, symbol=box.symbol, layer=box.layer, **NOTHING,
    )  # fmt: skip
