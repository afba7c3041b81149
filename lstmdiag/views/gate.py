"""One gate as a small Dense layer: matrix times stacked vector, plus bias, through one function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import fsum
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import role, singles
from lstmdiag.analysis.elision import Gap
from lstmdiag.analysis.layers import kernel
from lstmdiag.cells.circuit import Affine
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.shapes import shape_of, shapes_in
from lstmdiag.diagrams import Diagram, Edge, Line, Node, Run, Text
from lstmdiag.diagrams.boxes import Box, cell, column, grid, inside, labelled, loose, node, note, row, strut, wired
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import Sheet, fitted, wire
from lstmdiag.diagrams.text import bold, line_width, measure, small, text
from lstmdiag.english import by
from lstmdiag.errors import Problem, UsageError
from lstmdiag.layer import CellLayer
from lstmdiag.model import Model
from lstmdiag.views.gate_terms import (
    Block,
    columns_of,
    inputs_of,
    joined,
    numbers,
    signal_of,
    summing,
    total,
    value_of,
    worked,
)
from lstmdiag.views.gate_texts import WORDS, about, legend
from lstmdiag.views.labels import Labels
from lstmdiag.views.numbers import short
from lstmdiag.views.numbers import worked as worked_out
from lstmdiag.views.selection import Selection, chosen_gate, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.words import glyph, id_of, pattern_of, symbol, vector_symbol, weight_symbol

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

STATES = ("input", "product", "bias", "function")
TALLEST, LEAST = 210.0, 34.0  # of a block's side, in points
CELL = (74.0, 40.0)  # a matrix entry, where all are drawn
LINE = 0.8  # of the height of a number's line, by which an entry is higher
VECTOR = 66.0  # least width of a column vector
SPACE = 46.0  # between two blocks, with an operator in the middle
AIR = 6.0  # between two entries
THIN = 7.0  # the outlined row is no thinner
NAME = 52.0  # of the room for a block's name
UNDER = 9.0  # from a block to its size
FUNCTION, LEAVES = 70.0, 48.0  # from the sum to the middle of the function; from that to the value
PILL, STACKED = 8.0, 10.5  # from a segment to its size; from all to what they are together
WORKED = 30.0  # from the formula to the row in symbols
SINGLE = 52.0  # height of one number for the whole layer
MOST_ROWS, MOST_COLUMNS, FEWER = 4, 6, 3
RESULT = 4  # parts of the formula from its sign of equality on
CLOSE = 0.7  # of the distances between two parts, where there is little room
HANGING = 48.0  # what stands at the left of the first part, with air
LEADING = 18.0  # between two lines of it
MOST = MOST_ROWS * MOST_COLUMNS  # numbers of one block that are drawn


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One gate as matrix times vector. Raises UsageError where there is no such layer, gate or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    sums = summing(layer.cell)
    if not sums:
        message = f"no matrix multiplies in {layer.name!r}: its weights work number by number"
        raise UsageError(Problem(message, hint="draw --view cell or unit instead"))
    gate = chosen_gate(layer, selection, sums)
    unit = chosen_unit(layer, selection, gate)
    if values is None:
        return _Gate(layer, gate, unit, Labels(layer), Labels(layer), (), selection.detail).draw()
    from lstmdiag.running.step_values import values_at

    now, found = values_at(values, layer, selection.step), total(layer.cell, gate)
    blocks, inputs = (Labels(layer, now.step, of) for of in (numbers(found, gate, now), inputs_of(found, now)))
    in_numbers = ((bold(WORDS.say("in_numbers")),), *worked_out(gate, now, unit))
    return _Gate(layer, gate, unit, blocks, inputs, in_numbers, selection.detail).draw()


class _Gate:
    """From left to right: signs, and blocks between them."""

    def __init__(
        self,
        layer: CellLayer,
        gate: str,
        unit: int,
        labels: Labels,
        inputs: Labels,
        in_numbers: Text,
        detail: Detail,
    ) -> None:
        self.detail, self.close = detail, CLOSE if detail.upright else 1.0
        found = total(layer.cell, gate)
        self.layer, self.gate, self.total, self.unit = layer, gate, found, unit
        self.labels, self.inputs, self.in_numbers = labels, inputs, in_numbers
        self.about, self.columns = about(layer, gate, found, unit, labels.step), columns_of(found, layer)
        self.cell, self.role, self.kernel = layer.cell, self.about["role"], kernel(layer)
        self.rows, reads = self.about["rows"], self.about["reads"]
        self.times, self.single = Counter[str](), singles(self.cell)
        self.sum: Line = (Run("a"), Run(self.gate, "sub"))
        self.value: Line = tuple(symbol(self.gate, style="bold")) if found.whole else self._squashed()
        most = FEWER if detail.upright else MOST_COLUMNS
        self.all_drawn = self.rows <= MOST_ROWS and reads <= most
        longest = max(line_width(tuple(weight_symbol(name))) for name in found.weights())
        written = [short(float(value)) for array in labels.arrays.values() for value in array.reshape(-1)[:MOST]]
        wide = max((measure(text(small(f"[{unit:,}] {value}")))[0] + 14 for value in written), default=0)
        line = max((measure(labels.number(name, 1, 1))[1] for name in labels.arrays), default=0)
        self.entry = max(CELL[0], longest + 46, wide), CELL[1] + LINE * line  # with [row,column] behind its name
        self.vector = max(VECTOR, line_width(self.sum) + 40, longest + 34, wide)
        self.scale = TALLEST / max(self.rows, reads)
        thinnest = min(*self.columns.values(), self.rows) * self.scale
        self.about["widened"] = not self.all_drawn and thinnest < LEAST
        self.high = self._long(self.rows)

    def draw(self) -> Diagram:
        sheet = Sheet()
        formula = wired(self._lines([*self._formula()]), self._applied)
        worked = note("worked", self._worked(), align="left", since=3, **self._facts(self.gate))
        picture = labelled(formula, under=column(strut(0, WORKED), worked), align=-1)
        sheet.put(picture, formula.width / 2, 0)
        return sheet.diagram(
            view="gate",
            **WORDS.captions(self.about),
            legend=legend(self.total, self.about),
            states=STATES,
            layer=self.layer.name,
            facts={"weights": self.about["weights"], "reads": self.about["reads"]},
        )

    def _lines(self, parts: list[Box]) -> Box:
        """The formula in one line; or in as many as it takes, the last from its sign of equality on."""
        if not self.detail.upright:
            return row(*parts)
        lines, equal = [[parts[0]]], len(parts) - RESULT
        for place, part in enumerate(parts[1:], 1):
            wide = fsum(box.width for box in lines[-1]) + part.width
            if place == equal or (place < equal and wide > self.detail.width - HANGING):
                lines.append([])
            lines[-1].append(part)
        return column(*(row(*line) for line in lines), gap=LEADING, align=-1)

    def _formula(self) -> Iterator[Box]:
        sign = ""
        for each in self.total.sums:
            first = each.affine.terms[0][0]
            if each.times:
                yield self._operator(f"plus-{each.times}", sign, 2)
                yield self._block(self._values(f"factor-{each.times}", Expr("name", name=each.times)), 2)
                sign = "⊙ ("
            if sign:
                yield self._operator(f"before-{first}", sign, 2)
            later = f"-{first}" if sign else ""
            yield from (self._block(self._matrix(weight), 1) for weight, _ in each.affine.terms)
            yield self._operator(f"times{later}", "∗" if self.kernel else "·", 1)
            yield self._stacked(each.affine, later)
            for operator, id, block in self._added(each.affine):
                yield self._operator(id, operator, 2)
                yield self._block(block, 2)
            sign = ") +" if each.times else "+"
        yield self._operator("equals", sign.replace("+", "="), 2)
        yield self._block(self._column("sum", self.sum, "op", symbol=f"a_{self.gate}"), 2)
        yield self._function()
        value = self._column("value", self.value, self.role, symbol=self.gate, signal=value_of(self.total, self.gate))
        yield self._block(replace(value, width=max(self.vector, line_width(self.value) + 44)), 3)

    def _facts(self, name: str) -> dict[str, Any]:
        return {"layer": self.layer.name, "symbol": name}

    def _squashed(self, index: str = "") -> Line:
        """σ(a_f), or with an index σ(a_f[1])."""
        function = self.total.function
        opening, closing = ("", "") if function == "linear" else (f"{glyph(function)}(", ")")
        return (Run(opening), *self.sum, Run(index), Run(closing))

    def _named(self, id: str) -> str:
        """An id in the picture: a weight, and what it multiplies, may stand in the sum more than once."""
        self.times[id] += 1
        return id if self.times[id] == 1 else f"{id}~{self.times[id]}"

    def _long(self, count: int, *, across: bool = False) -> float:
        if self.all_drawn:
            return count * self.entry[0 if across else 1]
        pill = measure(text(small(self._size(self.rows, count))))[0] + 18
        return max(count * self.scale, pill if across else LEAST)

    def _size(self, rows: int, columns: int) -> str:
        return by((rows, columns, *self.kernel))

    # -- what the formula is made of

    def _operator(self, id: str, sign: str, since: int) -> Box:
        return cell(node(self._named(id), text(bold(sign)), "op", shape="plain", since=since), SPACE * self.close, 0)

    def _added(self, affine: Affine) -> Iterator[tuple[str, str, Block]]:
        """`+ b_f`, `+ p_f ⊙ c_t−1`: one number for each unit. (sign, its id, block)"""
        for bias in affine.biases:
            yield "+", f"plus-{bias}", self._weight(bias)
        for index, (weight, vector) in enumerate(affine.own):
            yield "+", f"plus-{weight}", self._weight(weight)
            yield "⊙", f"times-{weight}", self._values(f"own-{index}", vector)

    def _matrix(self, weight: str) -> Block:
        size, name = self.columns[weight], tuple(weight_symbol(weight, style="bold"))
        shape, wide = pattern_of(weight[0]), self._long(size, across=True)
        return Block(weight, name, "weight", self.rows, size, wide, self.high, shape)

    def _weight(self, name: str) -> Block:
        return self._column(name, tuple(weight_symbol(name)), "weight", shape="dotted")

    def _values(self, id: str, vector: Expr) -> Block:
        block = self._column(
            id, tuple(vector_symbol(vector)), role(self.cell, vector.name), symbol=vector.name, signal=signal_of(vector)
        )
        if shape_of(vector, shapes_in(self.cell)):
            return block
        return replace(block, rows=1, height=SINGLE, single=True)  # one number, the same for all rows

    def _column(self, id: str, name: Line, role: str, **facts: Any) -> Block:
        return Block(id, name, role, self.rows, 1, self.vector, self.high, **facts)

    def _block(self, block: Block, since: int) -> Box:
        """A block with its name above and its shape below; single entries are drawn where there are few."""
        id, facts = self._named(block.id), self._facts(block.symbol or block.id) | {"since": since}
        each, number = block.height / block.rows, text()
        y = block.height / 2 - (self.unit - 0.5) * each
        if self.all_drawn or block.single:
            content = self._entries(id, block, facts)
        else:
            thick = max(each, THIN)
            y = min(max(y, (thick - block.height) / 2), (block.height - thick) / 2)
            stripe: dict[str, Any] = {"width": block.width, "height": thick, "mark": "focus", "unit": self.unit}
            content = loose(node(f"{id}-row", (), self.role, **stripe, **facts), 0, y)
            number = self.labels.indexed(block.numbers, self.unit) if not block.matrix else ()
        box = inside(id, block.role, content, width=block.width, height=block.height, shape=block.shape, **facts)
        size = self._size(block.rows, block.columns) if block.matrix else f"{block.rows:,}"
        name = note(f"{id}-name", text(block.label) + number, since=since)
        pill = node(f"{id}-size", text(small(size)), "note", shape="pill", since=since)
        box = labelled(box, over=cell(name, 0, NAME), under=column(strut(0, UNDER), pill))
        if id != next(iter(self.columns)):
            return box
        words = note("row-name", text(small(WORDS.say("row", self.about))), since=1)
        return row(loose(words, -10 - words.width / 2, y), box)

    def _entries(self, id: str, block: Block, facts: dict[str, Any]) -> Box:
        name = [Run(run.text, "sub" if run.style == "sub" else "small") for run in block.label]
        size: dict[str, Any] = {"width": block.width / block.columns - AIR, "height": block.height / block.rows - AIR}

        def entry(row: int, column: int) -> Box:
            index = "" if block.single else f"[{row},{column}]" if block.matrix else f"[{row}]"
            label = text([*name, small(index)]) + self.labels.number(block.numbers, row, column)
            own = row == self.unit and not block.single
            what, mark = (self.role, "focus") if own else (block.role, "")
            return node(f"{id}-{row}-{column}", label, what, unit=row, mark=mark, **size, **facts)

        rows, columns = range(1, block.rows + 1), range(1, block.columns + 1)
        return grid([[entry(row, column) for column in columns] for row in rows], block.width, block.height)

    def _stacked(self, affine: Affine, later: str) -> Box:
        """The vector the matrix multiplies: one segment per term, stacked; `later` is in the ids of a second one."""
        sizes = [self.columns[weight] for weight, _ in affine.terms]
        last = max(sizes) if self.all_drawn else None
        entries = [line_width(tuple(vector_symbol(vector, last, "small", self.single))) for _, vector in affine.terms]
        names = [() if self.all_drawn else text(vector_symbol(vector)) for _, vector in affine.terms]
        wide = max(self.vector, *(entry + 26 for entry in entries), *(fitted(name, "box")[0] for name in names))
        segments = []
        for index, ((_, vector), size, name) in enumerate(zip(affine.terms, sizes, names, strict=True)):
            id = self._named(f"in-{id_of(vector.name) if vector.name else f'v{index}'}{later}")
            box = self._segment(id, vector, size, wide, name)
            pill = node(f"{id}-size", text(small(f"{size:,}")), "note", shape="pill")
            segments.append(row(box, strut(PILL), pill))
        stacked = column(*segments, align=-1)
        said = WORDS.say("stacked", self.about, stack=len(sizes) > 1, reads=sum(sizes))
        words = note(self._named(f"in-size{later}"), text(small(said)))
        under = column(strut(0, STACKED), row(words, strut(stacked.width - wide)))
        beyond = max((wide + words.width) / 2 - stacked.width, 0)
        return row(labelled(stacked, under=under), strut(beyond + PILL))

    def _segment(self, id: str, vector: Expr, size: int, wide: float, name: Text) -> Box:
        what, facts = role(self.cell, vector.name) if vector.name else "op", self._facts(vector.name)
        high = self._long(size)

        def entry(k: int) -> Box:
            label = text(vector_symbol(vector, k, "small", self.single)) + self.inputs.number(signal_of(vector), k)
            return node(f"{id}-{k}", label, what, width=wide - AIR, height=high / size - AIR, unit=k, **facts)

        content = grid([[entry(k)] for k in range(1, size + 1)], wide, high) if self.all_drawn else strut()
        return inside(id, what, content, label=name, width=wide, height=high, **facts)

    def _function(self) -> Box:
        """a → function → value, at the height of the columns' middle."""
        said = WORDS.say("no_function") if self.total.function == "linear" else self.about["function"]
        look: dict[str, Any] = {"width": 44, "height": 36, "shape": "round", "since": 3}
        squash = node("function", text(bold(said)), self.role, **look, **self._facts(self.gate))
        bounds = node("range", text(small(self.about["bounds"])), "note", shape="pill", since=3)
        box = labelled(squash, under=column(strut(0, UNDER), bounds))
        hanging = (bounds.width - squash.width) / 2 + AIR  # of the range, which may be wider than its function
        before, behind = FUNCTION * self.close - squash.width / 2, LEAVES * self.close
        return row(strut(max(before, hanging)), box, strut(max(behind, hanging)))

    def _applied(self, nodes: Mapping[str, Node]) -> Iterator[Edge]:
        total, squash, value = (nodes[id] for id in ("sum", "function", "value"))
        yield wire(total, squash, "op", since=3, shape=(self.rows,), **self._facts(f"a_{self.gate}"))
        yield wire(squash, value, self.role, since=3, shape=(self.rows,), **self._facts(self.gate))

    def _worked(self) -> Text:
        """The outlined row in symbols, every kind of term shown, what is left out counted; and in numbers."""
        terms: list[Line] = [
            (small(WORDS.say("left_out", count=term.count)),) if isinstance(term, Gap) else tuple(term)
            for term in worked(self.total, self.layer, self.unit)
        ]
        lines = joined((*self.sum, Run(f"[{self.unit}] = ")), terms, self.detail.width - HANGING)
        if self.total.whole:
            lines.append((*self.value, Run(f"[{self.unit}] = "), *self._squashed(f"[{self.unit}]")))
        return ((bold(WORDS.say("worked", self.about)),), *lines, *self.in_numbers)
