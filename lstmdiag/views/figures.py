"""Numbers on the circuits of the cell and of one unit: in boxes, at the ends of wires, beside operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING, Any

from lstmdiag.cells.circuit import Part, circuit
from lstmdiag.cells.ranges import Interval
from lstmdiag.diagrams import Line, Node, Number, Text
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, figure, line_height, line_width, measure, small, text
from lstmdiag.layer import CellLayer
from lstmdiag.views.label_places import free_place
from lstmdiag.views.labels import number_of
from lstmdiag.views.numbers import SOME, decimals, equals, rounded, short, sum_name, terms, vector

if TYPE_CHECKING:
    from lstmdiag.running.step_values import StepValues
    from lstmdiag.running.values import Values

COLUMNS = 20.0  # between symbols and numbers in the list of a sum
PILL = 22.0  # under the symbol at the end of a wire
LONG = 110.0  # of the name of a sum
RAIL = 56.0  # from the lowest to the highest value that is possible


@dataclass(frozen=True)
class Figures:
    """The numbers of one step; of one unit, or `whole` vectors."""

    at_step: StepValues
    unit: int
    whole: bool = False

    def said(self, name: str) -> str:
        """The number of a part, or its vector: all of a short one, of a long one the unit in focus."""
        if not self.whole:
            value = self.at_step.number(name, self.unit)
            return short(value) if name == "x" else decimals(value)
        values = [float(value) for value in self.at_step.parts[name]]
        focus = self.unit if name != "x" and len(values) == self.at_step.layer.units else 0
        return vector(values, focus, short if name == "x" else decimals)

    @cached_property
    def widest(self) -> float:
        """Of the labels at ends of wires and beside operations."""
        labelled = (part.id for part in circuit(self.at_step.cell).values() if part.op != "weight")
        names = [name for name in labelled if (self.whole or name != "x")]
        return max(measure(self.label(name))[0] for name in names)

    def label(self, name: str) -> Text:
        return text(figure(self.said(name), "small" if self.whole else "bold", self.of(name)))

    def of(self, name: str) -> Number:
        """Which number, or vector, of the step a label bears."""
        array = self.at_step.parts[name]
        index: tuple[int, ...] = (self.unit,)
        if array.size == 1:
            index = (1,) * array.ndim
        elif self.whole and (name == "x" or len(array) <= SOME or len(array) != self.at_step.layer.units):
            index = ()
        return number_of(self.at_step.layer, name, self.at_step.step, *index)

    # -- the list of a weighted sum

    def rows(self, part: Part) -> list[tuple[Line, str]]:
        """Symbols and value of every term, and of the sum under them."""
        assert part.affine is not None
        listed = terms(part.affine, self.at_step, self.unit)
        found = [(term.symbols, decimals(term.value)) for term in listed]
        name, total = sum_name(part.affine, part, self.unit), self.total(part)
        about = equals(fsum(rounded(term.value) for term in listed), total).strip().removeprefix("=")
        return [*found, (name if line_width(name) < LONG else text("Σ")[0], f"{about} {decimals(total)}".strip())]

    def total(self, part: Part) -> float:
        from lstmdiag.running.step_values import one

        assert part.affine is not None
        return one(self.at_step.sum(part.affine), self.unit)

    def sum_size(self, part: Part, label: Text) -> tuple[float, float]:
        """Room for the list, whose first line is that of the label without numbers."""
        rows = self.rows(part)
        wide = max(line_width(symbols) for symbols, _ in rows) + COLUMNS
        wide += max(measure(text(bold(value)))[0] for _, value in rows)
        return max(wide, line_width(label[0])), line_height(label[0]) + fsum(line_height(row) for row, _ in rows) + 6

    def draw_sum(self, sheet: Sheet, part: Part, box: Node, label: Text) -> None:
        """The list in its box: symbols on the left, numbers on the right, the sum under a line."""
        left, right = box.x - box.width / 2 + 11, box.x + box.width / 2 - 11
        facts: dict[str, Any] = {"inside": box.id, "since": box.since, "layer": box.layer, "unit": box.unit}
        y = box.y + box.height / 2 - 8
        head, rows = text(label[0]), self.rows(part)
        sheet.note(f"{box.id}-head", head, left, y - measure(head)[1] / 2, anchor="left", **facts)
        y -= measure(head)[1]
        for index, (symbols, value) in enumerate(rows, 1):
            last = index == len(rows)
            if last:
                y -= 6
                facts["symbol"] = part.id
                sheet.node(f"{box.id}-rule", (), "op", box.x, y + 2, width=right - left, height=1, **facts)
            high = line_height(symbols)
            of = number_of(self.at_step.layer, f"a_{part.id}", self.at_step.step, self.unit) if last else None
            number = text(figure(value, "bold" if last else "", of))
            sheet.note(f"{box.id}-{index}", (symbols,), left, y - high / 2, anchor="left", **facts)
            sheet.note(f"{box.id}-{index}-value", number, right, y - high / 2, anchor="right", **facts)
            y -= high

    # -- beside and in parts

    def line(self, id: str) -> Line:
        return self.label(id)[0]

    def beside(
        self, sheet: Sheet, made: Mapping[str, Node], parts: Mapping[str, Part], since: Mapping[str, int]
    ) -> None:
        """The results of operations; what a box holds or an end of a wire says is not said twice."""
        for part in parts.values():
            if part.op in ("source", "gate", "weight", "number") or part.id in self.at_step.cell.equations:
                continue
            node, label = made[part.id], text(figure(self.said(part.id), of=self.of(part.id)))
            x, y = free_place(sheet, node, measure(label))
            sheet.note(
                f"value-{part.id}", label, x, y, since=since[part.id], layer=node.layer, unit=node.unit,
                symbol=part.quantity,
            )  # fmt: skip

    def end(self, sheet: Sheet, node: Node, name: str) -> None:
        """The number at the end of a wire: over its symbol, or where a wire goes up, under the pill."""
        label = self.label(name)
        away = (node.height + measure(label)[1]) / 2
        x, y = free_place(sheet, node, measure(label), ((node.x, node.y + away), (node.x, node.y - away - PILL)))
        facts: dict[str, Any] = {"since": node.since, "layer": node.layer, "unit": node.unit, "symbol": node.symbol}
        sheet.note(f"value-{node.id}", label, x, y, role=node.role, **facts)


def figures_of(values: Values, layer: CellLayer, step: int | None, unit: int, *, whole: bool = False) -> Figures:
    """Raises UsageError where the step has no numbers to show."""
    from lstmdiag.running.step_values import values_at

    return Figures(values_at(values, layer, step), unit, whole)


def rail(
    sheet: Sheet, id: str, interval: Interval, value: float, at: tuple[float, float], role: str, **facts: Any
) -> Node:
    """Where a value lies between its bounds: a line from the lowest to the highest, a dot on it. `at` is its left."""
    low, high = (text(small(f"{end:g}".replace("-", "−"))) for end in (interval.low, interval.high))
    x, y = at
    note = sheet.note(f"{id}-low", low, x, y, anchor="left", **facts)
    left = x + note.width + 5
    line = sheet.node(id, (), "note", left + RAIL / 2, y, width=RAIL, height=9, **facts)
    share = (value - interval.low) / (interval.high - interval.low)
    dot = left + 4 + min(max(share, 0.0), 1.0) * (RAIL - 8)
    sheet.node(f"{id}-at", (), role, dot, y, width=7, height=7, shape="point", inside=id, **facts)
    sheet.note(f"{id}-high", high, left + RAIL + 5, y, anchor="left", **facts)
    return line
