"""Where a layer's numbers live: its weights to scale, gate under gate, and the row that one unit owns."""

from __future__ import annotations

from typing import Any

from lstmdiag.cells.cell import Dim
from lstmdiag.diagrams import Diagram, Node
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, measure, small, text
from lstmdiag.model import Layer, Model, Weight
from lstmdiag.views import weight_texts
from lstmdiag.views.selection import Selection, chosen_gate, chosen_layer, chosen_unit
from lstmdiag.views.weight_blocks import Column, Scale, columns, scale
from lstmdiag.views.words import plural, weight_symbol

GAP = 34.0  # between two columns
ROW_HIGH = 4.0  # the outlined row is no thinner


def view(model: Model, selection: Selection) -> Diagram:
    """The weights of the layer; the row of `selection.unit` in `selection.gate` is outlined."""
    layer = chosen_layer(model, selection)
    return _Drawing(layer, chosen_gate(layer, selection), chosen_unit(layer, selection)).diagram()


class _Drawing:
    def __init__(self, layer: Layer, gate: str, unit: int) -> None:
        assert layer.cell is not None
        self.layer, self.cell, self.gate, self.unit = layer, layer.cell, gate, unit
        self.gates = layer.cell.gates()
        self.columns = columns(layer)
        self.scale: Scale = scale(self.columns, layer.units, len(self.gates))
        self.sheet = Sheet()
        self.states = (*dict.fromkeys(column.part for column in self.columns), "one row")

    def diagram(self) -> Diagram:
        left = self._gate_names()
        right = self._blocks(left)
        owned = [column for column in self.columns if self.gate in column.blocks]
        self._row(right, owned)
        self._scale_bar(left)
        facts = {
            "weights": self.layer.params,
            "row": sum(column.size for column in owned),
            **{f"{i}.{c.part}": c.count for i, c in enumerate(self.columns)},
        }
        return self.sheet.diagram(
            view="weights",
            title=weight_texts.title(self.layer),
            claim=weight_texts.claim(self.layer, self.columns),
            reading=weight_texts.reading(self.layer, self.gate, self.unit, owned),
            legend=weight_texts.legend(self.layer, self.columns),
            description=weight_texts.description(self.layer, self.columns),
            states=self.states,
            layer=self.layer.name,
            facts=facts,
        )

    def _role(self, gate: str) -> str:
        return "gate.content" if gate in self.cell.state else self.cell.roles[gate]

    def _stripe_middle(self, gate: str) -> float:
        return -(self.gates.index(gate) + 0.5) * self.scale.stripe

    def _gate_names(self) -> float:
        """The gates' names in one column on the left, with the number of their rows; where it ends."""
        labels = {gate: weight_texts.gate_name(self.layer, gate) for gate in self.gates}
        wide = max(measure(label)[0] for label in labels.values())
        pill = text(small(self._size("units", self.layer.units)))
        for gate, label in labels.items():
            y = self._stripe_middle(gate)
            self.sheet.note(f"gate-{gate}", label, 0, y, anchor="left", role=self._role(gate), symbol=gate)
            x = wide + 14 + (measure(pill)[0] + 12) / 2
            self.sheet.node(f"gate-{gate}-rows", pill, "note", x, y, shape="pill")
        return wide + 14 + measure(pill)[0] + 12 + 16

    def _size(self, dim: Dim, size: int) -> str:
        letter = weight_texts.LETTERS.get(str(dim))
        return f"{letter} = {size:,}" if letter else f"{size:,}"

    def _blocks(self, left: float) -> float:
        """Column after column, each a stack of stripes; where the last one ends."""
        bottom = -len(self.gates) * self.scale.stripe
        for index, (column, width) in enumerate(zip(self.columns, self.scale.widths, strict=True)):
            since = self.states.index(column.part)
            pill = text(small(self._size(column.dim, column.size)))
            head = text(bold(column.part), weight_texts.reads(self.layer, column))
            foot = text(*map(small, weight_texts.count_of(self.layer, column)))
            wide = max(width, *(measure(label)[0] for label in (pill, head, foot)))
            x = left + wide / 2
            self.sheet.node(f"columns-{index}", pill, "note", x, 16, shape="pill", since=since)
            self.sheet.note(f"head-{index}", head, x, 34 + measure(head)[1] / 2, since=since)
            self.sheet.note(f"count-{index}", foot, x, bottom - 10 - measure(foot)[1] / 2, since=since)
            for gate, weight in column.blocks.items():
                self._stripe(column, gate, weight, x, width, since)
            left += wide + GAP
        return left - GAP

    def _stripe(self, column: Column, gate: str, weight: Weight, x: float, width: float, since: int) -> None:
        """One gate's rows of a column, with their name where it has room and the outlined row leaves it alone."""
        y, high = self._stripe_middle(gate), self.scale.stripe
        label = text(weight_symbol(weight.name))
        wide, tall = measure(label)
        crossed = gate == self.gate and abs(self._row_middle() - y) < (self._row_high() + tall) / 2
        room = wide + 8 <= width and tall <= high and not crossed and not self.scale.cells
        facts: dict[str, Any] = {"symbol": weight.name, "layer": self.layer.name, "since": since}
        shape = weight_texts.PATTERN.get(column.part, "hatched")
        block = self.sheet.node(
            weight.name, label if room else (), self._role(gate), x, y, width=width, height=high, shape=shape,
            tip=f"{weight.name}: {' × '.join(f'{n:,}' for n in weight.shape)} = {plural(weight.count, 'weight')}", **facts,
        )  # fmt: skip
        if self.scale.cells:
            self._cells(block, weight, column, shape, facts)

    def _cells(self, block: Node, weight: Weight, column: Column, shape: str, facts: dict[str, Any]) -> None:
        """Every weight by its name: W_f[2, 1]."""
        wide, high = block.width / column.size, self.scale.row
        for j in range(1, self.layer.units + 1):
            for k in range(1, column.size + 1):
                index = f"[{j},{k}]" if len(weight.shape) > 1 else f"[{j}]"
                x = block.x - block.width / 2 + (k - 0.5) * wide
                y = block.y + block.height / 2 - (j - 0.5) * high
                mine = weight.quantity == self.gate and j == self.unit
                self.sheet.node(
                    f"{weight.name}-{j}-{k}", text(weight_symbol(weight.name, index, "small")), block.role, x, y,
                    width=wide, height=high, shape=shape, unit=j, inside=block.id, mark="focus" if mine else "", **facts,
                )  # fmt: skip

    # -- the outlined row

    def _row_high(self) -> float:
        return min(max(self.scale.row, ROW_HIGH), self.scale.stripe)

    def _row_middle(self) -> float:
        top = -self.gates.index(self.gate) * self.scale.stripe
        half = self._row_high() / 2
        middle = top - (self.unit - 0.5) * self.scale.row
        return min(max(middle, top - self.scale.stripe + half), top - half)

    def _row(self, right: float, owned: list[Column]) -> None:
        """What one unit's gate owns: one row across all columns, and its words on the right."""
        since = len(self.states) - 1
        y, facts = self._row_middle(), {"unit": self.unit, "layer": self.layer.name, "since": since}
        for column in owned:
            block = self.sheet.nodes[column.blocks[self.gate].name]
            last = self.sheet.nodes.get(f"{block.id}-{self.unit}-{column.size}") or self.sheet.node(
                f"row-{block.id}", (), block.role, block.x, y, width=block.width, height=self._row_high(),
                mark="focus", inside=block.id, symbol=block.symbol, **facts,
            )  # fmt: skip
        label = weight_texts.row(self.layer, self.gate, self.unit, owned)
        note = self.sheet.note("row", label, right + 40, y, anchor="left", **facts)
        self.sheet.edge(note, last, self._role(self.gate), since=since)

    def _scale_bar(self, left: float) -> None:
        """A length that stands for a round number of weights, and what is not to scale."""
        y = min(node.y - node.height / 2 for node in self.sheet.nodes.values()) - 26
        if self.scale.cells:
            self.sheet.note("scale", text(small("Every cell is one weight.")), left, y, anchor="left")
            return
        number = self.scale.bar
        length = number * self.scale.unit
        start = self.sheet.node("scale-start", (), "note", left, y, shape="point")
        end = self.sheet.node("scale-end", (), "note", left + length, y, shape="point")
        self.sheet.edge(start, end, "note", arrow=False)
        words = weight_texts.scale_words(self.columns, self.scale)
        label = text(small(f"{plural(number, 'weight')} ({self.scale.words})"), *map(small, words))
        self.sheet.note("scale", label, left + length + 14, y, anchor="left")
