"""One gate as a small Dense layer: matrix times stacked vector, plus bias, through one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lstmdiag.cells.circuit import Affine, circuit
from lstmdiag.cells.ranges import EVERYTHING, RANGES, ranges
from lstmdiag.diagrams import Diagram, Key, Line, Node, Run, Text
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, line_width, measure, small, text
from lstmdiag.model import Layer, Model
from lstmdiag.views.elision import Gap
from lstmdiag.views.selection import Selection, chosen_gate, chosen_layer, chosen_unit
from lstmdiag.views.wiring import VALVES
from lstmdiag.views.words import (
    ROLE_WORDS,
    glyph,
    number,
    plural,
    role,
    summands,
    symbol,
    title_of,
    vector_symbol,
    weight_symbol,
)

STATES = ("input", "product", "bias", "function")
TALLEST, LEAST = 210.0, 34.0  # of a block's side, in points
CELL = (74.0, 40.0)  # a matrix entry, where all are drawn
VECTOR = 66.0  # least width of a column vector
SPACE = 46.0  # between two blocks, with an operator in the middle
MOST_ROWS, MOST_COLUMNS = 4, 6
WORKED_WIDTH = 860.0


def view(model: Model, selection: Selection) -> Diagram:
    layer = chosen_layer(model, selection)
    assert layer.cell is not None
    gate = chosen_gate(layer, selection)
    unit = chosen_unit(layer, selection, gate)
    # Where the quantity is no single weighted sum, the first one on the way to it is shown.
    part = next(part for part in circuit(layer.cell).values() if part.quantity == gate and part.affine)
    assert part.affine is not None
    return _Gate(layer, gate, part.affine, unit, whole=part.id == gate).draw()


@dataclass(frozen=True, slots=True)
class _Block:
    """A matrix or vector: `rows` × `columns` numbers drawn `width` × `height`."""

    id: str
    label: Line
    role: str
    rows: int
    columns: int
    width: float
    height: float
    shape: str = "box"
    symbol: str = ""

    @property
    def matrix(self) -> bool:
        return self.role == "weight" and self.shape != "dotted"


class _Gate:
    def __init__(self, layer: Layer, gate: str, affine: Affine, unit: int, whole: bool) -> None:
        assert layer.cell is not None
        function = affine.function
        self.whole = whole
        self.sum: Line = (Run("a"), Run(gate, "sub"))
        self.value: Line = tuple(symbol(gate, style="bold")) if whole else self._squashed(affine)
        self.layer, self.gate, self.affine, self.unit, self.cell = layer, gate, affine, unit, layer.cell
        self.sheet = Sheet()
        self.role = role(self.cell, gate)
        self.sizes = [layer.shape(weight)[1] for weight, _ in affine.terms]
        self.rows = layer.shape(affine.terms[0][0])[0]
        self.reads = sum(self.sizes)
        self.all_drawn = self.rows <= MOST_ROWS and self.reads <= MOST_COLUMNS
        weights = [*(name for name, _ in (*affine.terms, *affine.own)), *affine.biases]
        longest = max(line_width(tuple(weight_symbol(name))) for name in weights)
        self.entry = max(CELL[0], longest + 46)  # with [row,column] behind it
        self.vector = max(VECTOR, line_width(self.sum) + 40, longest + 34)
        self.scale = TALLEST / max(self.rows, self.reads)
        self.range = str(RANGES[function](EVERYTHING) if not whole else ranges(self.cell)[gate])

    def _squashed(self, affine: Affine, index: str = "") -> Line:
        """σ(a_f), or with an index σ(a_f[1])."""
        opening, closing = ("", "") if affine.function == "linear" else (f"{glyph(affine.function)}(", ")")
        return (Run(opening), *self.sum, Run(index), Run(closing))

    def _long(self, count: int, *, across: bool = False) -> float:
        if self.all_drawn:
            return count * (self.entry if across else CELL[1])
        pill = measure(text(small(f"{number(self.rows)} × {number(count)}")))[0] + 18
        return max(count * self.scale, pill if across else LEAST)

    def draw(self) -> Diagram:
        units, high = self.rows, self._long(self.rows)
        x = self._matrix(0.0, high)
        x = self._operator("times", "·", x, 1)
        x = self._stacked(x)
        for bias in self.affine.biases:
            x = self._added(x, bias, high)
        for index, (weight, vector) in enumerate(self.affine.own):
            x = self._added(x, weight, high)
            x = self._operator(f"times-{weight}", "⊙", x, 2)
            name, what = tuple(vector_symbol(vector)), role(self.cell, vector.name)
            x = self._column(x, _Block(f"own-{index}", name, what, units, 1, self.vector, high, symbol=vector.name), 2)
        x = self._operator("equals", "=", x, 2)
        x = self._column(x, _Block("sum", self.sum, "op", units, 1, self.vector, high, symbol=f"a_{self.gate}"), 2)
        x = self._function(x)
        self._column(
            x, _Block("value", self.value, self.role, units, 1, self._value_width(), high, symbol=self.gate), 3
        )
        self._worked()
        return self._finish()

    def _added(self, x: float, weight: str, high: float) -> float:
        """`+ b_f`: one number for each unit."""
        x = self._operator(f"plus-{weight}", "+", x, 2)
        return self._column(
            x, _Block(weight, tuple(weight_symbol(weight)), "weight", self.rows, 1, self.vector, high, "dotted"), 2
        )

    def _finish(self) -> Diagram:
        layer, gate = self.layer, self.gate
        word = ROLE_WORDS.get(self.role, "value")
        called = f"{word} gate {gate}" if self.role in VALVES else f"{word} {gate}"
        called = called if self.whole else f"first weighted sum of {gate}"
        units, biases = self.rows, len(self.affine.biases) + len(self.affine.own)
        weights = units * (self.reads + biases)
        bias = f" + {number(units * biases)}" if biases else ""
        bounds = "" if self.range == "unbounded" else f" in {self.range}"
        on_h = Key("weight", "U, on h of the step before", symbol="U", shape="hatched")
        keys = [Key("weight", "W, on x", symbol="W"), on_h]
        keys = keys if any(v.name != "x" for _, v in self.affine.terms) else keys[:1]
        keys += [Key("weight", "bias", symbol="b", shape="dotted")] if biases else []
        not_to_scale = not self.all_drawn and min(*self.sizes, units) * self.scale < LEAST
        scale = "; the thinnest blocks are drawn wider than to scale" if not_to_scale else ""
        return self.sheet.diagram(
            view="gate",
            title=f"The {called} of {title_of(layer)}",
            claim=f"The {called} is a Dense layer: {number(units)} × {number(self.reads)}{bias} = {number(weights)} "
            f"weights turn {plural(self.reads, 'number')} into {number(units)}{bounds}.",
            reading="Read it as a formula from left to right; the outlined row is all that unit "
            f"{number(self.unit)} owns of it{scale}.",
            legend=[*keys, Key(self.role, called, symbol=gate, shape="round")],
            states=STATES,
            layer=layer.name,
            description=f"{called} of {layer.call} as a matrix of {units} rows and {self.reads} columns times the "
            f"stacked input, then {glyph(self.affine.function)}, with row {self.unit} worked out in symbols.",
            facts={"weights": weights, "reads": self.reads},
        )

    def _facts(self, name: str) -> dict[str, Any]:
        return {"layer": self.layer.name, "symbol": name}

    def _matrix(self, x: float, high: float) -> float:
        """[W U]: one block per term side by side, the row of one unit outlined."""
        for (weight, _), size in zip(self.affine.terms, self.sizes, strict=True):
            shape = "box" if weight.startswith("W") else "hatched"
            wide = self._long(size, across=True)
            name = tuple(weight_symbol(weight, style="bold"))
            block = _Block(weight, name, "weight", self.rows, size, wide, high, shape, weight)
            self._block(block, x + wide / 2, 1)
            x += wide
        return x

    def _block(self, block: _Block, x: float, since: int) -> None:
        """A block with its name above and its shape below; single entries are drawn where there are few."""
        self.sheet.node(
            block.id, (), block.role, x, 0, width=block.width, height=block.height, shape=block.shape, since=since,
            **self._facts(block.symbol or block.id),
        )  # fmt: skip
        if self.all_drawn:
            self._entries(block, x, since)
        else:
            self._stripe(block, x, since)
        shape = f"{number(block.rows)} × {number(block.columns)}" if block.matrix else number(block.rows)
        name, size = (block.label,), text(small(shape))
        self.sheet.node(f"{block.id}-name", name, "note", x, block.height / 2 + 26, shape="plain", since=since)
        self.sheet.node(f"{block.id}-size", size, "note", x, -block.height / 2 - 18, shape="pill", since=since)

    def _entries(self, block: _Block, x: float, since: int) -> None:
        wide, high = block.width / block.columns, block.height / block.rows
        for row in range(1, block.rows + 1):
            y = block.height / 2 - (row - 0.5) * high
            own = row == self.unit
            for column in range(1, block.columns + 1):
                index = f"{row},{column}" if block.matrix else str(row)
                name = [Run(run.text, "sub" if run.style == "sub" else "small") for run in block.label]
                label = text([*name, small(f"[{index}]")])
                self.sheet.node(
                    f"{block.id}-{row}-{column}", label, self.role if own else block.role,
                    x - block.width / 2 + (column - 0.5) * wide, y, width=wide - 6, height=high - 6, inside=block.id,
                    unit=row, since=since, mark="focus" if own else "", **self._facts(block.symbol or block.id),
                )  # fmt: skip
            if own and block.id == self.affine.terms[0][0]:
                self._row_name(x - block.width / 2, y)

    def _stripe(self, block: _Block, x: float, since: int) -> None:
        """The chosen unit's row of a block too large for single entries, at least 7 points thick."""
        each = block.height / block.rows
        thick = max(each, 7.0)
        y = block.height / 2 - (self.unit - 0.5) * each
        y = min(max(y, -block.height / 2 + thick / 2), block.height / 2 - thick / 2)
        self.sheet.node(
            f"{block.id}-row", (), self.role, x, y, width=block.width, height=thick, mark="focus", inside=block.id,
            unit=self.unit, since=since, **self._facts(block.symbol or block.id),
        )  # fmt: skip
        if block.id == self.affine.terms[0][0]:
            self._row_name(x - block.width / 2, y)

    def _row_name(self, right: float, y: float) -> None:
        words = text(small(f"unit {number(self.unit)}"))
        self.sheet.note("row-name", words, right - 10, y, anchor="right", since=1)

    def _operator(self, id: str, sign: str, x: float, since: int) -> float:
        self.sheet.node(id, text(bold(sign)), "op", x + SPACE / 2, 0, shape="plain", since=since)
        return x + SPACE

    def _stacked(self, x: float) -> float:
        """The vector the matrix multiplies: one segment per term, stacked."""
        lengths = [self._long(size) for size in self.sizes]
        y = sum(lengths) / 2
        for index, ((_, vector), size, length) in enumerate(zip(self.affine.terms, self.sizes, lengths, strict=True)):
            name = vector.name or f"v{index}"
            what = role(self.cell, vector.name) if vector.name else "op"
            segment = self.sheet.node(
                f"in-{name}", () if self.all_drawn else text(vector_symbol(vector)), what, x + self.vector / 2,
                y - length / 2, width=self.vector, height=length, **self._facts(vector.name),
            )  # fmt: skip
            if self.all_drawn:
                each = length / size
                for k in range(1, size + 1):
                    label = text(vector_symbol(vector, k, "small"))
                    self.sheet.node(
                        f"in-{name}-{k}", label, what, segment.x, y - (k - 0.5) * each, width=self.vector - 6,
                        height=each - 6, inside=segment.id, unit=k, **self._facts(vector.name),
                    )  # fmt: skip
            pill = text(small(number(size)))
            right = x + max(self.vector, segment.width)
            middle = right + 14 + measure(pill)[0] / 2
            self.sheet.node(f"in-{name}-size", pill, "note", middle, y - length / 2, shape="pill")
            y -= length
        words = text(small(f"stacked: {plural(self.reads, 'number')}"))
        self.sheet.node("in-size", words, "note", x + self.vector / 2, -sum(lengths) / 2 - 18, shape="plain")
        return max(node.x + node.width / 2 for node in self.sheet.nodes.values()) + 8

    def _column(self, x: float, block: _Block, since: int) -> float:
        self._block(block, x + block.width / 2, since)
        return x + block.width

    def _value_width(self) -> float:
        return max(self.vector, line_width(self.value) + 44)

    def _function(self, x: float) -> float:
        """a → function → value, at the height of the columns' middle."""
        function = self.affine.function
        middle = x + 70
        squash = self.sheet.node(
            "function", text(bold(glyph(function) if function != "linear" else "as it is")), self.role, middle, 0,
            width=44, height=36, shape="round", since=3, **self._facts(self.gate),
        )  # fmt: skip
        bounds = text(small(self.range))
        self.sheet.node("range", bounds, "note", middle, -36, shape="pill", since=3)
        source = self.sheet.nodes["sum"]
        self.sheet.edge(source, squash, "op", since=3, shape=(self.rows,), **self._facts(f"a_{self.gate}"))
        end = middle + squash.width / 2 + 48
        width = self._value_width()
        target = Node("value", (), self.role, end + width / 2, 0, width, source.height)
        self.sheet.edge(squash, target, self.role, since=3, shape=(self.rows,), **self._facts(self.gate))
        return end

    def _worked(self) -> None:
        """The outlined row in symbols, every kind of term shown, what is left out counted."""
        unit = self.unit
        terms: list[Line] = [
            (small(f"… {number(s.count)} more …"),) if isinstance(s, Gap) else tuple(s)
            for s in summands(self.affine, self.layer, unit)
        ]
        start: Line = (*self.sum, Run(f"[{unit}] = "))
        lines = _joined(start, terms)
        last = (*self.value, Run(f"[{unit}] = "), *self._squashed(self.affine, f"[{unit}]")) if self.whole else ()
        title: Line = (Run(f"Row {number(unit)}, worked in symbols", "bold"),)
        label: Text = (title, *lines, *((last,) if last else ()))
        top = min(n.y - n.height / 2 for n in self.sheet.nodes.values()) - 30
        y = top - measure(label)[1] / 2
        self.sheet.note("worked", label, 0, y, anchor="left", since=3, **self._facts(self.gate))


def _joined(start: Line, terms: Sequence[Line]) -> list[Line]:
    """`start` and the terms with + between, broken into lines of at most WORKED_WIDTH."""
    lines: list[Line] = []
    current = start
    for index, term in enumerate(terms):
        piece = (*(() if index == 0 else (Run(" + "),)), *term)
        if line_width((*current, *piece)) > WORKED_WIDTH:
            lines.append(current)
            current = (Run("        "),)
        current = (*current, *piece)
    return [*lines, current]
