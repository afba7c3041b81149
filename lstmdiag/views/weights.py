"""Where a layer's numbers live: its weights to scale, gate under gate, and the row that one unit owns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import fsum, inf, prod
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import gate_role
from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.analysis.layers import weights_in
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.diagrams import Diagram, Edge, Line, Node, Point, Text
from lstmdiag.diagrams.boxes import (
    Box,
    cell,
    column,
    inside,
    labelled,
    node,
    note,
    raised,
    room,
    row,
    stack,
    strut,
    wired,
)
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import Sheet, wire
from lstmdiag.diagrams.text import bold, measure, muted, small, text, wrap
from lstmdiag.layer import CellLayer, Weight
from lstmdiag.model import Model
from lstmdiag.views import storage, weight_texts
from lstmdiag.views.letters import pill
from lstmdiag.views.selection import Selection, chosen_gate, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.weight_blocks import HIGH, WIDE, Column, Scale, columns, redundant, scale
from lstmdiag.views.weight_levels import Levels, levels
from lstmdiag.views.words import Facts, pattern_of, weight_symbol

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

LETTERS = {"units": "H", "features": "F", "projection": "P"}  # of the one layer shown, as in its formulas
AROUND = 190.0  # over and under the blocks
BAR = 90.0  # what else stands beside the words of the scale
LEAST = 80.0  # room across for the blocks, whatever there is
CLOSE = 12.0  # between two columns where there is little room
GAP, NAMES = 34.0, 16.0  # between two columns; from the names to the first one
TAG, HEADS, FEET = 34.0, 33.0, 10.0  # room for a column's size; from the blocks to what stands above and below
ROWS = 9.5  # to the number of rows
ASIDE, POINTER = 40.0, 6.0  # from the blocks to what stands on the right; from its line to it
SCALE, STORED = 30.0, 36.0  # to the scale, and from there to the frameworks
TIGHT = (2.0, 1.0)  # padding where places are given by the scale
CLEAR = 3.0  # from a name to the sides of its stripe


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """The weights of the layer; the row of `selection.unit` in `selection.gate` is outlined."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    gate = chosen_gate(layer, selection, _owners(layer))
    unit = chosen_unit(layer, selection, gate)
    return _Drawing(layer, gate, unit, levels(values, layer), selection.detail).diagram()


def _owners(layer: CellLayer) -> list[str]:
    """The gates with weights of their own; what several equations use is the last one's."""
    cell = layer.cell
    owners = {weight.quantity for weight in layer.weights}
    return [gate for gate in cell.gates() if gate in owners]


class _Drawing:
    def __init__(self, layer: CellLayer, gate: str, unit: int, levels: Levels, detail: Detail) -> None:
        self.detail = detail
        self.layer, self.gate, self.unit, self.cell, self.levels = layer, gate, unit, layer.cell, levels
        self.gates, self.columns = _owners(layer), columns(layer)
        self.owned = [column for column in self.columns if gate in column.blocks]
        rows = {gate: layer.rows(gate) for gate in self.gates}
        names = detail.equations  # of single weights
        self.scale: Scale = scale(self.columns, rows, 2 if levels else 1, self._room(), named=names)
        self.about = weight_texts.about(layer, self.columns, self.scale, gate, unit)
        self.high = fsum(self.scale.stripes.values())
        self.row_high, self.row_at = self.scale.outlined(gate, unit)
        self.redundant = redundant(self.cell)
        self.states = (*dict.fromkeys(column.part for column in self.columns), "one row", "stored")
        since = self.states.index("one row")
        self.own: dict[str, Any] = {"unit": unit, "layer": layer.name, "since": since}  # of the outlined row

    def _room(self) -> Point:
        """For the blocks: what the names, the words and the frameworks leave, or all there is where these are below."""
        if self.detail.upright:
            letters = max(measure(text(bold(gate)))[0] for gate in self.gates)
            beside = letters + NAMES + self.gap * (len(self.columns) - 1)
            return min(WIDE, max(self.detail.width - beside, LEAST)), min(HIGH, self.detail.height)
        if self.detail.tight:
            return min(WIDE, 0.4 * self.detail.width), min(HIGH, self.detail.height - AROUND)
        return WIDE, HIGH

    @property
    def gap(self) -> float:
        """Between two columns."""
        return CLOSE if self.detail.upright else GAP

    def diagram(self) -> Diagram:
        sheet, parts = Sheet(), [*map(self._column, range(len(self.columns)))]
        names = self._gate_letters() if self.detail.upright else self._gate_names()
        label = note("row", weight_texts.row(self.about), align="left", **self.own)
        stripe = self.scale.top(self.gate) - self.scale.stripes[self.gate] / 2  # its middle, under the top of all
        label = raised(label, stripe + self.row_at + self.high / 2)
        blocks = row(names, strut(NAMES), row(*parts, gap=self.gap))
        if not self.detail.upright:
            blocks = wired(row(blocks, strut(ASIDE), label), self._pointer)
        sheet.put(blocks, blocks.width / 2, -self.high / 2)
        words = self._scale_bar()
        below_blocks = (note("row", weight_texts.row(self.about), align="left", **self.own), strut(0, 8))
        bars = column(*(below_blocks if self.detail.upright else ()), words, self.levels.bar(), align=-1)
        left, top = names.width + NAMES + (parts[0].width - self.scale.widths[0]) / 2, -self.high / 2 - blocks.down
        lift = 0.0 if self.detail.upright else words.up
        sheet.add(bars, left, top - SCALE + lift)
        beside = self.high > storage.HEIGHT and not self.detail.upright  # where blocks are high there is room
        below = top - SCALE + lift - bars.height - STORED
        stored = storage.panels(self.layer, down=beside or self.detail.upright, since=self.states.index("stored"))
        if self.detail.words:
            sheet.add(stored, *((blocks.width + ASIDE, 0) if beside else (0, below)))
        return sheet.diagram(
            view="weights",
            **weight_texts.WORDS.captions(self.about | self._shared()),
            legend=[
                key
                for key in weight_texts.legend(self.layer, self.columns)
                if not self.levels or key.role != "weight"  # patterns, which cells have none of
            ],
            states=self.states,
            layer=self.layer.name,
            facts={
                "weights": weights_in(self.layer),
                "fan_in": fan_in(self.layer).inputs,
                "row": sum(column.size for column in self.owned),
                **{f"{i}.{c.part}": c.count for i, c in enumerate(self.columns)},
            },
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

    def _gate_names(self) -> Box:
        """The gates' names in one column, with the number of their rows."""
        labels = {gate: weight_texts.gate_name(self.layer, gate) for gate in self.gates}
        tags = {gate: node(f"gate-{gate}-rows", self._rows(gate), "note", shape="pill") for gate in self.gates}
        start, wide = max(measure(label)[0] for label in labels.values()), max(tag.width for tag in tags.values())
        lines = []
        for gate, label in labels.items():
            name = note(f"gate-{gate}", label, gate_role(self.cell, gate), align="left", symbol=gate)
            line = row(room(name, start, align=-1), room(tags[gate], wide), gap=14)
            lines.append(cell(line, line.width, self.scale.stripes[gate]))
        total = note("rows", text(small(weight_texts.rows(self.scale.rows))), align="left")
        under = column(strut(0, ROWS), total) if len(labels) > 1 else strut()
        return labelled(room(column(*lines), total.width, align=-1), under=under, align=-1)

    def _gate_letters(self) -> Box:
        """The gates' letters alone."""
        lines = []
        for gate in self.gates:
            letter = note(f"gate-{gate}", text(bold(gate)), gate_role(self.cell, gate), symbol=gate)
            lines.append(cell(letter, letter.width, self.scale.stripes[gate]))
        return column(*lines)

    def _rows(self, gate: str) -> Text:
        shapes = shapes_in(self.cell)
        dim = (shapes[gate] or shapes[self.cell.weights_of(gate)[0]])[-1 if shapes[gate] else 0]
        return pill(LETTERS.get(str(dim), ""), self.scale.rows[gate])

    def _column(self, index: int) -> Box:
        """A stack of stripes; above it how many numbers a row has and what multiplies them, below how many in all."""
        found, width = self.columns[index], self.scale.widths[index]
        since = self.states.index(found.part)
        tag = pill(LETTERS.get(str(found.dim), ""), found.size // prod(found.kernel))
        if found.kernel:
            tag = text([*tag[0], small("".join(f" × {size:,}" for size in found.kernel))])
        heads = [text(*self._head(each)) for each in self.columns]
        wider = [muted(weight_texts.WORDS.say("not_to_scale"))] if index in self.scale.larger else []
        said = weight_texts.count_of(found)
        foot = text(*map(small, said[-1:] if self.detail.upright else said), *wider)
        lift = HEADS - TAG + max(measure(head)[1] for head in heads) - measure(heads[index])[1]
        size = node(f"columns-{index}", tag, "note", shape="pill", since=since)
        head = note(f"head-{index}", heads[index], since=since)
        stripes = [
            self._stripe(found, gate, width) if gate in found.blocks else strut(0, self.scale.stripes[gate])
            for gate in self.gates
        ]
        box = labelled(
            column(*stripes),
            over=stack(cell(size, 0, TAG), strut(0, lift), head),
            under=column(strut(0, FEET), note(f"count-{index}", foot, since=since)),
        )
        return room(box, max(measure(label)[0] for label in (tag, heads[index], foot)))

    def _head(self, found: Column) -> Iterator[Line]:
        """The symbol of a column, and what multiplies its weights, where there is room for it."""
        yield tuple(weight_symbol(found.name, style="bold"))
        if not self.detail.upright:
            yield weight_texts.reads(self.layer, found)

    def _stripe(self, found: Column, gate: str, width: float) -> Box:
        """One gate's rows of a column, with their name where it has room and the outlined row leaves it alone."""
        weight, high = found.blocks[gate], self.scale.stripes[gate]
        label = text(weight_symbol(weight.name))
        wide, tall = measure(label)
        crossed = gate == self.gate and abs(self.row_at) < (self.row_high + tall) / 2
        named = not self.levels and wide + 2 * CLEAR <= width and tall <= high and not crossed and not self.scale.cells
        shape = pattern_of(found.part)
        if any(other.name in self.redundant for other in found.blocks.values()):  # a second bias
            shape = "hatched" if weight.name in self.redundant else "box"
        since = self.states.index(found.part)
        facts: dict[str, Any] = {"symbol": weight.name, "layer": self.layer.name, "since": since}
        fill = self._cells if self.scale.cells else self._bands
        plain = (self.scale.cells or self.levels) and shape == "hatched"
        return inside(
            weight.name,
            gate_role(self.cell, gate),
            fill(weight, width, found.size, shape, facts),
            label=label if named else (),
            width=width,
            height=high,
            shape="box" if plain else shape,
            padding=TIGHT,
            tip=weight_texts.WORDS.say("tip", weight=weight),
            **facts,
        )

    def _outlined(self, weight: Weight, content: Box, width: float) -> Box:
        """The row that one unit owns."""
        size: dict[str, Any] = {"width": width, "height": self.row_high, "mark": "focus"}
        role = gate_role(self.cell, self.gate)
        return inside(f"row-{weight.name}", role, content, symbol=weight.name, **size, **self.own)

    def _bands(self, weight: Weight, width: float, size: int, shape: str, facts: Mapping[str, Any]) -> Box:
        """The rows above the outlined one, that, and those below; or all of a gate without."""
        name, role, high = weight.name, gate_role(self.cell, weight.quantity), self.scale.stripes[weight.quantity]
        if weight.quantity != self.gate:
            return self.levels.band(f"{name}-cells", role, weight, slice(None), width, high, **facts)
        above = high / 2 - self.row_at - self.row_high / 2
        below, unit = high - above - self.row_high, self.unit
        owned = {"symbol": name, "layer": self.layer.name, "since": self.own["since"]}
        own = self.levels.band(f"row-{name}-cells", role, weight, slice(unit - 1, unit), width, self.row_high, **owned)
        return column(
            self.levels.band(f"{name}-cells", role, weight, slice(unit - 1), width, above, **facts),
            self._outlined(weight, own, width),
            self.levels.band(f"{name}-belows", role, weight, slice(unit, None), width, below, **facts),
        )

    def _cells(self, weight: Weight, width: float, size: int, shape: str, facts: Mapping[str, Any]) -> Box:
        """Every weight by its name: W_f[2,1]."""
        wide, high, role = width / size, self.scale.row(weight.quantity), gate_role(self.cell, weight.quantity)

        look: dict[str, Any] = {"width": wide, "height": high, "shape": shape, "padding": TIGHT, **facts}

        def one(j: int, k: int, mark: str) -> Box:
            index = (j, k)[: len(weight.shape)]
            id = "-".join([weight.name, *map(str, index)])
            name = text(weight_symbol(weight.name, f"[{','.join(map(str, index))}]", "small"))
            if self.levels:
                return self.levels.cell(id, name, role, (weight, j, k), wide, high, unit=j, padding=TIGHT, **facts)
            return node(id, name, role, mark=mark, unit=j, **look)

        def line(j: int, mark: str = "") -> Box:
            return row(*(cell(one(j, k, mark), wide, high) for k in range(1, size + 1)))

        rows = [line(j) for j in range(1, weight.shape[0] + 1)]
        if weight.quantity == self.gate:
            rows[self.unit - 1] = self._outlined(weight, line(self.unit, "focus"), width)
        return column(*rows)

    def _pointer(self, nodes: Mapping[str, Node]) -> Iterator[Edge]:
        """From the words on the right to the outlined row."""
        words, last = nodes["row"], nodes[f"row-{self.owned[-1].blocks[self.gate].name}"]
        start = words.x - words.width / 2 - POINTER, words.y
        yield wire(words, last, gate_role(self.cell, self.gate), start=start, since=self.own["since"])

    def _scale_bar(self) -> Box:
        """A length that stands for a round number of weights, and what is not to scale."""
        said = weight_texts.WORDS.each("scale", self.about)
        room = max(self.detail.width - self.scale.bar * self.scale.unit - BAR, LEAST) if self.detail.upright else inf
        words = text(*(run for line in said for run in wrap(line, room, "small")))
        label = note("scale", words, align="left")
        if self.scale.cells:
            return label
        ends = [cell(node(f"scale-{end}", (), "note", shape="point"), 0, 0) for end in ("start", "end")]
        box = row(ends[0], strut(self.scale.bar * self.scale.unit), ends[1], strut(14), label)
        return wired(box, lambda nodes: [wire(nodes["scale-start"], nodes["scale-end"], "note", arrow=False)])
