"""One gate as a small Dense layer: matrix times stacked vector, plus bias, through one function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import fsum, prod
from typing import TYPE_CHECKING, Any

from lstmdiag.cells.circuit import Affine
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.ranges import EVERYTHING, RANGES, ranges
from lstmdiag.cells.shapes import shape_of, shapes_in
from lstmdiag.diagrams import Diagram, Key, Line, Node, Run, Text
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import bold, line_width, measure, small, text
from lstmdiag.english import by, number
from lstmdiag.errors import Problem, UsageError
from lstmdiag.model import Layer, Model, cell_of
from lstmdiag.views.elision import Gap
from lstmdiag.views.gate_terms import Block, Total, block_numbers, joined, legend, made_of, summing, total, worked
from lstmdiag.views.numbers import short
from lstmdiag.views.numbers import worked as worked_out
from lstmdiag.views.selection import Selection, chosen_gate, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.words import (
    glyph,
    id_of,
    kernel,
    role,
    singles,
    symbol,
    things,
    title_of,
    vector_symbol,
    weight_symbol,
)

if TYPE_CHECKING:
    from lstmdiag.running.moment import Moment
    from lstmdiag.running.values import Values

STATES = ("input", "product", "bias", "function")
TALLEST, LEAST = 210.0, 34.0  # of a block's side, in points
CELL = (74.0, 40.0)  # a matrix entry, where all are drawn
VECTOR = 66.0  # least width of a column vector
SPACE = 46.0  # between two blocks, with an operator in the middle
MOST_ROWS, MOST_COLUMNS = 4, 6
MOST = MOST_ROWS * MOST_COLUMNS  # numbers of one block that are drawn


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One gate as matrix times vector. Raises UsageError where there is no such layer, gate or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    assert layer.cell is not None
    sums = summing(layer.cell)
    if not sums:
        message = f"no matrix multiplies in {layer.name!r}: its weights work number by number"
        raise UsageError(Problem(message, hint="draw --view cell or unit instead"))
    gate = chosen_gate(layer, selection, sums)
    unit = chosen_unit(layer, selection, gate)
    moment = None
    if values:
        from lstmdiag.running.moment import moment as moment_of

        moment = moment_of(values, layer, selection.step)
    return _Gate(layer, gate, total(layer.cell, gate), unit, moment).draw()


class _Gate:
    def __init__(self, layer: Layer, gate: str, found: Total, unit: int, moment: Moment | None) -> None:
        cell = cell_of(layer)
        self.moment, self.numbers = moment, block_numbers(found, gate, moment) if moment else {}
        self.total, self.kernel = found, kernel(layer)
        self.sum: Line = (Run("a"), Run(gate, "sub"))
        self.value: Line = tuple(symbol(gate, style="bold")) if found.whole else self._squashed()
        self.layer, self.gate, self.unit, self.cell = layer, gate, unit, cell
        self.sheet, self.times, self.single = Sheet(), Counter[str](), singles(self.cell)
        self.role = role(self.cell, gate)
        self.terms = [term for each in found.sums for term in each.affine.terms]
        self.sizes = {weight: layer.shape(weight)[1] for weight, _ in self.terms}
        self.rows = layer.shape(self.terms[0][0])[0]
        self.reads = sum(self.sizes.values())
        self.all_drawn = self.rows <= MOST_ROWS and self.reads <= MOST_COLUMNS
        longest = max(line_width(tuple(weight_symbol(name))) for name in found.weights())
        self.entry = max(CELL[0], longest + 46)  # with [row,column] behind it
        self.vector = max(VECTOR, line_width(self.sum) + 40, longest + 34)
        if self.numbers:  # the unit's own number stands under the name of a column, or all in their entries
            shown = [short(float(value)) for array in self.numbers.values() for value in array.reshape(-1)[:MOST]]
            wide = max(measure(text(small(f"[{unit:,}] {value}")))[0] for value in shown)
            self.entry, self.vector = max(self.entry, wide + 14), max(self.vector, wide + 14)
        self.scale = TALLEST / max(self.rows, self.reads)
        self.range = str(ranges(self.cell)[gate] if found.whole else RANGES[found.function](EVERYTHING))

    def _squashed(self, index: str = "") -> Line:
        """σ(a_f), or with an index σ(a_f[1])."""
        function = self.total.function
        opening, closing = ("", "") if function == "linear" else (f"{glyph(function)}(", ")")
        return (Run(opening), *self.sum, Run(index), Run(closing))

    def _long(self, count: int, *, across: bool = False) -> float:
        if self.all_drawn:
            return count * (self.entry if across else CELL[1] + (12 if self.numbers else 0))
        pill = measure(text(small(self._size(self.rows, count))))[0] + 18
        return max(count * self.scale, pill if across else LEAST)

    def _size(self, rows: int, columns: int) -> str:
        return by((rows, columns, *self.kernel))

    def draw(self) -> Diagram:
        """The formula from left to right: signs, and blocks between them."""
        x, sign, high = 0.0, "", self._long(self.rows)
        for each in self.total.sums:
            if each.times:
                block = self._values(f"factor-{each.times}", Expr("name", name=each.times), high)
                x = self._column(self._operator(f"plus-{each.times}", sign, x, 2), block, 2)
                sign = "⊙ ("
            if sign:
                x = self._operator(f"before-{each.affine.terms[0][0]}", sign, x, 2)
            x = self._matrix(x, each.affine, high)
            x = self._operator(
                "times" if not sign else f"times-{each.affine.terms[0][0]}", "∗" if self.kernel else "·", x, 1
            )
            x = self._stacked(x, each.affine, "" if not sign else f"-{each.affine.terms[0][0]}")
            for sign, id, block in self._added(each.affine, high):
                x = self._column(self._operator(id, sign, x, 2), block, 2)
            sign = ") +" if each.times else "+"
        x = self._operator("equals", sign.replace("+", "="), x, 2)
        x = self._column(x, Block("sum", self.sum, "op", self.rows, 1, self.vector, high, symbol=f"a_{self.gate}"), 2)
        x = self._function(x)
        wide = self._value_width()
        self._column(x, Block("value", self.value, self.role, self.rows, 1, wide, high, symbol=self.gate), 3)
        self._worked()
        return self._finish()

    def _added(self, affine: Affine, high: float) -> Iterator[tuple[str, str, Block]]:
        """`+ b_f`, `+ p_f ⊙ c_t−1`: one number for each unit. (sign, its id, block)"""
        for bias in affine.biases:
            yield "+", f"plus-{bias}", self._weight(bias, high)
        for index, (weight, vector) in enumerate(affine.own):
            yield "+", f"plus-{weight}", self._weight(weight, high)
            yield "⊙", f"times-{weight}", self._values(f"own-{index}", vector, high)

    def _values(self, id: str, vector: Expr, high: float) -> Block:
        name, what = tuple(vector_symbol(vector)), role(self.cell, vector.name)
        if not shape_of(vector, shapes_in(self.cell)):  # one number, the same for all rows
            return Block(id, name, what, 1, 1, self.vector, CELL[1] + 12, symbol=vector.name, single=True)
        return Block(id, name, what, self.rows, 1, self.vector, high, symbol=vector.name)

    def _weight(self, name: str, high: float) -> Block:
        return Block(name, tuple(weight_symbol(name)), "weight", self.rows, 1, self.vector, high, "dotted")

    def _finish(self) -> Diagram:
        layer, gate = self.layer, self.gate
        called, made = made_of(self.total, gate, self.role, self.kernel)
        units, biases = self.rows, sum(len(each.affine.biases) + len(each.affine.own) for each in self.total.sums)
        weights = units * (self.reads * prod(self.kernel) + biases)
        counted = number(self.reads) + "".join(f" × {number(size)}" for size in self.kernel)
        bias = f" + {number(units * biases)}" if biases else ""
        bounds = "" if self.range == "unbounded" else f" in {self.range}"
        not_to_scale = not self.all_drawn and min(*self.sizes.values(), units) * self.scale < LEAST
        scale = "; the thinnest blocks are drawn wider than to scale" if not_to_scale else ""
        return self.sheet.diagram(
            view="gate",
            title=f"The {called} of {title_of(layer)}"
            + (f" at step {number(self.moment.step)}" if self.moment else ""),
            claim=f"The {called} is {made}: {number(units)} × {counted}{bias} = {number(weights)} "
            f"weights turn {things(layer, self.reads)} into {number(units)}{bounds}.",
            reading="Read it as a formula from left to right; the outlined row is all that unit "
            f"{number(self.unit)} owns of it{scale}.",
            legend=[*legend(self.total), Key(self.role, called, symbol=gate, shape="round")],
            states=STATES,
            layer=layer.name,
            description=f"{called} of {layer.call} as a matrix of {number(units)} rows and {number(self.reads)} "
            f"columns times the stacked input, then {glyph(self.total.function)}, with row {number(self.unit)} worked "
            "out in symbols.",
            facts={"weights": weights, "reads": self.reads},
        )

    def _facts(self, name: str) -> dict[str, Any]:
        return {"layer": self.layer.name, "symbol": name}

    def _matrix(self, x: float, affine: Affine, high: float) -> float:
        """[W U]: one block per term side by side, the row of one unit outlined."""
        for weight, _ in affine.terms:
            size = self.sizes[weight]
            shape = "box" if weight.startswith("W") else "hatched"
            wide = self._long(size, across=True)
            name = tuple(weight_symbol(weight, style="bold"))
            block = Block(weight, name, "weight", self.rows, size, wide, high, shape, weight)
            self._block(block, x + wide / 2, 1)
            x += wide
        return x

    def _named(self, id: str) -> str:
        """An id in the picture: a weight, and what it multiplies, may stand in the sum more than once."""
        self.times[id] += 1
        return id if self.times[id] == 1 else f"{id}~{self.times[id]}"

    def _block(self, block: Block, x: float, since: int) -> None:
        """A block with its name above and its shape below; single entries are drawn where there are few."""
        id = self._named(block.id)
        self.sheet.node(
            id, (), block.role, x, 0, width=block.width, height=block.height, shape=block.shape, since=since,
            **self._facts(block.symbol or block.id),
        )  # fmt: skip
        if self.all_drawn or block.single:
            self._entries(id, block, x, since)
        else:
            self._stripe(id, block, x, since)
        shape = self._size(block.rows, block.columns) if block.matrix else number(block.rows)
        name, size = text(block.label), text(small(shape))
        if self.numbers and not (self.all_drawn or block.matrix or block.single):
            name = (*name, text(small(f"[{self.unit:,}] {short(float(self.numbers[block.id][self.unit - 1]))}"))[0])
        self.sheet.node(f"{id}-name", name, "note", x, block.height / 2 + 26, shape="plain", since=since)
        self.sheet.node(f"{id}-size", size, "note", x, -block.height / 2 - 18, shape="pill", since=since)

    def _entries(self, id: str, block: Block, x: float, since: int) -> None:
        wide, high = block.width / block.columns, block.height / block.rows
        for row in range(1, block.rows + 1):
            y = block.height / 2 - (row - 0.5) * high
            own = row == self.unit and not block.single
            for column in range(1, block.columns + 1):
                index = f"[{row},{column}]" if block.matrix else "" if block.single else f"[{row}]"
                name = [Run(run.text, "sub" if run.style == "sub" else "small") for run in block.label]
                label = (*text([*name, small(index)]), *self._value_of(block.id, row, column))
                self.sheet.node(
                    f"{id}-{row}-{column}", label, self.role if own else block.role,
                    x - block.width / 2 + (column - 0.5) * wide, y, width=wide - 6, height=high - 6, inside=id,
                    unit=row, since=since, mark="focus" if own else "", **self._facts(block.symbol or block.id),
                )  # fmt: skip
            if own and id == self.terms[0][0]:
                self._row_name(x - block.width / 2, y)

    def _value_of(self, id: str, row: int, column: int = 1) -> Text:
        """A line with the number in an entry."""
        if id not in self.numbers:
            return ()
        array = self.numbers[id]
        return text(small(short(float(array[row - 1] if array.ndim == 1 else array[row - 1, column - 1]))))

    def _stripe(self, id: str, block: Block, x: float, since: int) -> None:
        """The chosen unit's row of a block too large for single entries, at least 7 points thick."""
        each = block.height / block.rows
        thick = max(each, 7.0)
        y = block.height / 2 - (self.unit - 0.5) * each
        y = min(max(y, -block.height / 2 + thick / 2), block.height / 2 - thick / 2)
        self.sheet.node(
            f"{id}-row", (), self.role, x, y, width=block.width, height=thick, mark="focus", inside=id,
            unit=self.unit, since=since, **self._facts(block.symbol or block.id),
        )  # fmt: skip
        if id == self.terms[0][0]:
            self._row_name(x - block.width / 2, y)

    def _row_name(self, right: float, y: float) -> None:
        words = text(small(f"unit {number(self.unit)}"))
        self.sheet.note("row-name", words, right - 10, y, anchor="right", since=1)

    def _operator(self, id: str, sign: str, x: float, since: int) -> float:
        self.sheet.node(self._named(id), text(bold(sign)), "op", x + SPACE / 2, 0, shape="plain", since=since)
        return x + SPACE

    def _stacked(self, x: float, affine: Affine, later: str) -> float:
        """The vector the matrix multiplies: one segment per term, stacked; `later` is in the ids of a second one."""
        sizes = [self.sizes[weight] for weight, _ in affine.terms]
        lengths = [self._long(size) for size in sizes]
        y = fsum(lengths) / 2
        index = max(sizes) if self.all_drawn else None
        entries = [line_width(tuple(vector_symbol(vector, index, "small", self.single))) for _, vector in affine.terms]
        names = [() if self.all_drawn else text(vector_symbol(vector)) for _, vector in affine.terms]
        wide = max(self.vector, *(entry + 26 for entry in entries), *(fitted(name, "box")[0] for name in names))
        for index, ((_, vector), size, length) in enumerate(zip(affine.terms, sizes, lengths, strict=True)):
            id = self._named(f"in-{id_of(vector.name) if vector.name else f'v{index}'}{later}")
            what = role(self.cell, vector.name) if vector.name else "op"
            segment = self.sheet.node(
                id, () if self.all_drawn else text(vector_symbol(vector)), what, x + wide / 2,
                y - length / 2, width=wide, height=length, **self._facts(vector.name),
            )  # fmt: skip
            if self.all_drawn:
                each = length / size
                for k in range(1, size + 1):
                    label = text(vector_symbol(vector, k, "small", self.single))
                    if self.moment:
                        label += text(small(short(float(self.moment.of(vector)[k - 1]))))
                    self.sheet.node(
                        f"{id}-{k}", label, what, segment.x, y - (k - 0.5) * each, width=wide - 6,
                        height=each - 6, inside=segment.id, unit=k, **self._facts(vector.name),
                    )  # fmt: skip
            pill = text(small(number(size)))
            right = x + max(wide, segment.width)
            middle = right + 14 + measure(pill)[0] / 2
            self.sheet.node(f"{id}-size", pill, "note", middle, y - length / 2, shape="pill")
            y -= length
        stacked = "stacked: " if len(sizes) > 1 else ""
        words = text(small(f"{stacked}{things(self.layer, sum(sizes))}"))
        self.sheet.node(
            self._named(f"in-size{later}"), words, "note", x + wide / 2, -fsum(lengths) / 2 - 18, shape="plain"
        )
        return max(node.x + node.width / 2 for node in self.sheet.nodes.values()) + 8

    def _column(self, x: float, block: Block, since: int) -> float:
        self._block(block, x + block.width / 2, since)
        return x + block.width

    def _value_width(self) -> float:
        return max(self.vector, line_width(self.value) + 44)

    def _function(self, x: float) -> float:
        """a → function → value, at the height of the columns' middle."""
        function = self.total.function
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
            for s in worked(self.total, self.layer, unit)
        ]
        start: Line = (*self.sum, Run(f"[{unit}] = "))
        lines = joined(start, terms)
        last = (*self.value, Run(f"[{unit}] = "), *self._squashed(f"[{unit}]")) if self.total.whole else ()
        title: Line = (Run(f"Row {number(unit)}, worked in symbols", "bold"),)
        label: Text = (title, *lines, *((last,) if last else ()))
        if self.moment:
            label += ((bold("and in numbers"),), *worked_out(self.gate, self.moment, unit))
        top = min(n.y - n.height / 2 for n in self.sheet.nodes.values()) - 30
        y = top - measure(label)[1] / 2
        self.sheet.note("worked", label, 0, y, anchor="left", since=3, **self._facts(self.gate))
