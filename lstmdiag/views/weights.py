"""Where a layer's numbers live: its weights to scale, gate under gate, and the row that one unit owns."""

from __future__ import annotations

from math import fsum, prod
from typing import TYPE_CHECKING, Any

from lstmdiag.cells.shapes import shapes_in
from lstmdiag.diagrams import Diagram, Node, Text
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import bold, measure, muted, small, text
from lstmdiag.layer import CellLayer, Layer, Weight, cell_of
from lstmdiag.model import Model
from lstmdiag.readings.cells import gate_role
from lstmdiag.readings.fan_in import fan_in
from lstmdiag.readings.layers import weights_in
from lstmdiag.views import storage, weight_texts
from lstmdiag.views.letters import pill
from lstmdiag.views.selection import Selection, chosen_gate, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.weight_blocks import Column, Scale, columns, redundant, scale
from lstmdiag.views.weight_levels import Levels, levels
from lstmdiag.views.words import Facts, weight_symbol

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

LETTERS = {"units": "H", "features": "F", "projection": "P"}  # of the one layer shown, as in its formulas
GAP = 34.0  # between two columns
TIGHT = (2.0, 1.0)  # padding where places are given by the scale
ROW_HIGH = 4.0  # the outlined row is no thinner


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """The weights of the layer; the row of `selection.unit` in `selection.gate` is outlined."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    gate = chosen_gate(layer, selection, _owners(layer))
    found = levels(values, layer) if values else None
    return _Drawing(layer, gate, chosen_unit(layer, selection, gate), found).diagram()


def _owners(layer: Layer) -> list[str]:
    """The gates with weights of their own; what several equations use is the last one's."""
    cell = cell_of(layer)
    owners = {weight.quantity for weight in layer.weights}
    return [gate for gate in cell.gates() if gate in owners]


class _Drawing:
    def __init__(self, layer: CellLayer, gate: str, unit: int, levels: Levels | None) -> None:
        cell = cell_of(layer)
        self.layer, self.gate, self.unit, self.cell = layer, gate, unit, cell
        self.gates = _owners(layer)
        self.columns = columns(layer)
        self.levels = levels
        rows = {gate: layer.rows(gate) for gate in self.gates}
        self.scale: Scale = scale(self.columns, rows, lines=2 if levels else 1)
        self.about = weight_texts.about(layer, self.columns, self.scale, gate, unit)
        self.bottom = -fsum(self.scale.stripes.values())
        self.redundant = redundant(cell)
        self.sheet = Sheet()
        self.states = (*dict.fromkeys(column.part for column in self.columns), "one row", "stored")

    def diagram(self) -> Diagram:
        left = self._gate_names()
        right = self._blocks(left)
        owned = [column for column in self.columns if self.gate in column.blocks]
        right = self._row(right, owned)
        below = self._scale_bar()
        stored = self.states.index("stored")
        if -self.bottom > storage.HEIGHT:  # beside high blocks there is room
            storage.draw(self.sheet, self.layer, (right + 40, 0), down=True, since=stored)
        else:
            storage.draw(self.sheet, self.layer, (0, below - 36), down=False, since=stored)
        facts = {
            "weights": weights_in(self.layer),
            "fan_in": fan_in(self.layer).inputs,
            "row": sum(column.size for column in owned),
            **{f"{i}.{c.part}": c.count for i, c in enumerate(self.columns)},
        }
        return self.sheet.diagram(
            view="weights",
            **weight_texts.WORDS.captions(self.about | self._shared()),
            legend=[
                key
                for key in weight_texts.legend(self.layer, self.columns)
                if not self.levels or key.role != "weight"  # patterns, which cells have none of
            ],
            states=self.states,
            layer=self.layer.name,
            facts=facts,
        )

    def _shared(self) -> Facts:
        """How many weights share a square, across and down, where weights are drawn as squares."""
        if not self.levels or self.scale.cells:
            return {"shared": None}
        sizes = [
            self.levels.several(weight, width, self.scale.stripes[gate])
            for column, width in zip(self.columns, self.scale.widths, strict=True)
            for gate, weight in column.blocks.items()
        ]
        shared = tuple(max(size) for size in zip(*sizes, strict=True))
        return {"shared": shared, "single": prod(shared) == 1}

    def _stripe_middle(self, gate: str) -> float:
        return self.scale.top(gate) - self.scale.stripes[gate] / 2

    def _gate_names(self) -> float:
        """The gates' names in one column on the left, with the number of their rows; where it ends."""
        labels = {gate: weight_texts.gate_name(self.layer, gate) for gate in self.gates}
        rows = {gate: self._rows(gate) for gate in labels}
        start = max(measure(label)[0] for label in labels.values()) + 14
        wide = max(fitted(tag, "pill")[0] for tag in rows.values())
        for gate, label in labels.items():
            y, role = self._stripe_middle(gate), gate_role(self.cell, gate)
            self.sheet.note(f"gate-{gate}", label, 0, y, anchor="left", role=role, symbol=gate)
            self.sheet.node(f"gate-{gate}-rows", rows[gate], "note", start + wide / 2, y, shape="pill")
        total = weight_texts.rows(self.scale.rows)
        if len(labels) > 1:
            self.sheet.note("rows", text(small(total)), 0, self.bottom - 17, anchor="left")
        return max(start + wide, measure(text(small(total)))[0]) + 16

    def _rows(self, gate: str) -> Text:
        cell = cell_of(self.layer)
        shapes = shapes_in(cell)
        dim = (shapes[gate] or shapes[cell.weights_of(gate)[0]])[-1 if shapes[gate] else 0]
        return pill(LETTERS.get(str(dim), ""), self.scale.rows[gate])

    def _blocks(self, left: float) -> float:
        """Column after column, each a stack of stripes; where the last one ends."""
        heads = [text(bold(column.part), weight_texts.reads(self.layer, column)) for column in self.columns]
        top = 33 + max(measure(head)[1] for head in heads)
        for index, (column, width) in enumerate(zip(self.columns, self.scale.widths, strict=True)):
            since = self.states.index(column.part)
            across = column.size // prod(column.kernel)
            tag = pill(LETTERS.get(str(column.dim), ""), across)
            if column.kernel:
                tag = text([*tag[0], small("".join(f" × {size:,}" for size in column.kernel))])
            head = heads[index]
            wider = [muted(weight_texts.WORDS.say("not_to_scale"))] if index in self.scale.larger else []
            foot = text(*map(small, weight_texts.count_of(column)), *wider)
            wide = max(width, *(measure(label)[0] for label in (tag, head, foot)))
            x = left + wide / 2
            self.sheet.node(f"columns-{index}", tag, "note", x, 17, shape="pill", since=since)
            self.sheet.note(f"head-{index}", head, x, top - measure(head)[1] / 2, since=since)
            self.sheet.note(f"count-{index}", foot, x, self.bottom - 10 - measure(foot)[1] / 2, since=since)
            for gate, weight in column.blocks.items():
                self._stripe(column, gate, weight, x, width, since)
            left += wide + GAP
        return left - GAP

    def _stripe(self, column: Column, gate: str, weight: Weight, x: float, width: float, since: int) -> None:
        """One gate's rows of a column, with their name where it has room and the outlined row leaves it alone."""
        y, high, role = self._stripe_middle(gate), self.scale.stripes[gate], gate_role(self.cell, gate)
        label = text(weight_symbol(weight.name))
        wide, tall = measure(label)
        crossed = gate == self.gate and abs(self._row_middle() - y) < (self._row_high() + tall) / 2
        room = not self.levels and wide + 8 <= width and tall <= high and not crossed and not self.scale.cells
        shape = weight_texts.PATTERN.get(column.part, "hatched")
        facts: dict[str, Any] = {"symbol": weight.name, "layer": self.layer.name, "since": since}
        if any(other.name in self.redundant for other in column.blocks.values()):  # a second bias
            shape = "hatched" if weight.name in self.redundant else "box"
        block = self.sheet.node(
            weight.name, label if room else (), role, x, y, width=width, height=high,
            shape="box" if (self.scale.cells or self.levels) and shape == "hatched" else shape, padding=TIGHT,
            tip=weight_texts.WORDS.say("tip", weight=weight), **facts,
        )  # fmt: skip
        if self.scale.cells:
            self._cells(block, weight, column, shape, facts)

    def _cells(self, block: Node, weight: Weight, column: Column, shape: str, facts: dict[str, Any]) -> None:
        """Every weight by its name: W_f[2,1]."""
        wide, high = block.width / column.size, self.scale.row(weight.quantity)
        left, top = block.x - block.width / 2, block.y + block.height / 2
        for j in range(1, weight.shape[0] + 1):
            for k in range(1, column.size + 1):
                index = (j, k) if len(weight.shape) > 1 else (j,)
                name = weight_symbol(weight.name, f"[{','.join(map(str, index))}]", "small")
                outlined = (weight.quantity, j) == (self.gate, self.unit)
                facts |= {"unit": j, "inside": f"row-{block.id}" if outlined else block.id, "padding": TIGHT}
                id, at = "-".join([weight.name, *map(str, index)]), (left + (k - 0.5) * wide, top - (j - 0.5) * high)
                if self.levels:
                    self.levels.cell(self.sheet, id, text(name), block.role, at, (wide, high), (weight, j, k), facts)
                    continue
                self.sheet.node(
                    id, text(name), block.role, *at, width=wide, height=high, shape=shape,
                    mark="focus" if outlined else "", **facts,
                )  # fmt: skip

    # -- the outlined row

    def _row_high(self) -> float:
        return min(max(self.scale.row(self.gate), ROW_HIGH), self.scale.stripes[self.gate])

    def _row_middle(self) -> float:
        top, high = self.scale.top(self.gate), self.scale.stripes[self.gate]
        half = self._row_high() / 2
        middle = top - (self.unit - 0.5) * self.scale.row(self.gate)
        return min(max(middle, top - high + half), top - half)

    def _row(self, right: float, owned: list[Column]) -> float:
        """What one unit's gate owns: one row across all columns, and its words on the right; where they end."""
        since = self.states.index("one row")
        y = self._row_middle()
        facts: dict[str, Any] = {"unit": self.unit, "layer": self.layer.name, "since": since}
        rows: dict[str, Node] = {}
        for column in owned:
            block = self.sheet.nodes[column.blocks[self.gate].name]
            last = self.sheet.node(
                f"row-{block.id}", (), block.role, block.x, y, width=block.width, height=self._row_high(),
                mark="focus", inside=block.id, symbol=block.symbol, **facts,
            )  # fmt: skip
            rows[block.id] = last
        if self.levels and not self.scale.cells:
            for weight in (weight for column in self.columns for weight in column.blocks.values()):
                box = rows.get(weight.name)
                self.levels.cells(self.sheet, self.sheet.nodes[weight.name], weight, (self.unit, box) if box else None)
        label = weight_texts.row(self.about)
        note = self.sheet.note("row", label, right + 40, y, anchor="left", **facts)
        self.sheet.edge(note, last, gate_role(self.cell, self.gate), start=(right + 34, y), since=since)
        return note.x + note.width / 2

    def _scale_bar(self) -> float:
        """A length that stands for a round number of weights, and what is not to scale; the lowest place used."""
        first = self.sheet.nodes[next(iter(self.columns[0].blocks.values())).name]
        left = first.x - first.width / 2
        y = min(node.y - node.height / 2 for node in self.sheet.nodes.values()) - 30
        words = text(*map(small, weight_texts.WORDS.each("scale", self.about)))
        if not self.scale.cells:
            zero = self.sheet.node("scale-start", (), "note", left, y, shape="point")
            left += self.scale.bar * self.scale.unit
            self.sheet.edge(zero, self.sheet.node("scale-end", (), "note", left, y, shape="point"), "note", arrow=False)
            left += 14
        self.sheet.note("scale", words, left, y, anchor="left")
        low = y - measure(words)[1] / 2
        return self.levels.bar(self.sheet, first.x - first.width / 2, low - 14) if self.levels else low
