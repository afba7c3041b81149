"""The weighted sums of one unit as boxes that list what they add up, with numbers if there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum, prod
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import gate_role
from lstmdiag.analysis.elision import Gap
from lstmdiag.cells.circuit import Affine
from lstmdiag.diagrams import Line, Point, Run, Text
from lstmdiag.diagrams.boxes import Box, cell, column, inside, labelled, loose, node, note, row, strut, wired
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import PADDING, Sheet, wire
from lstmdiag.diagrams.text import bold, figure, line_height, line_width, measure, muted, small, text
from lstmdiag.layer import Layer
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.circuit_boxes import gate
from lstmdiag.views.labels import number_of
from lstmdiag.views.numbers import decimals, equals, one_of, rounded, sum_name, terms
from lstmdiag.views.words import LISTED, gate_words, id_of, summands
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.step_values import StepValues

WORDS = Words("unit")
SIDE, TOP = 11.0, 8.0  # from the border of a sum's box to its lines
COLUMNS = 20.0  # between symbols and numbers
LONG = 110.0  # of the name of a sum
LONGEST, SHORTEST = 130.0, 60.0  # of a line of a product, where there is little room, and where there is least
CLOSE = (5.0, 5.0)  # from a sum's border to its lines, where there is little room
SMALLER = {"": "small", "sub": "smallsub"}
TOTAL = 6.0  # more over the total, for the rule
APART, APART_CLOSE = 34.0, 22.0  # a sum and its function


@dataclass(frozen=True, slots=True)
class Sum:
    """The box of a weighted sum that lists what it adds up."""

    label: Text  # where it bears no numbers
    rows: Sequence[tuple[Line, Run]] = ()  # symbols and value of each term, and of the total
    padding: Point = PADDING

    @property
    def size(self) -> tuple[float, float]:
        """Of the list, without the border."""
        if not self.rows:
            return measure(self.label)
        numbers = max(measure(text(bold(number.text)))[0] for _, number in self.rows)
        wide = max(line_width(symbols) for symbols, _ in self.rows) + COLUMNS + numbers
        high = line_height(self.label[0]) + fsum(line_height(symbols) for symbols, _ in self.rows) + TOTAL
        return max(wide, line_width(self.label[0])), high

    def box(self, id: str, total: str, width: float, height: float, **facts: Any) -> Box:
        """So large; `facts` are those of its parts, `total` is the symbol of what it adds up to."""
        look: dict[str, Any] = {"width": width, "height": height, "align": "left"}
        if not self.rows:
            return node(id, self.label, "op", symbol=total, padding=self.padding, **look, **facts)
        within = width - 2 * SIDE
        rule = node(f"{id}-rule", (), "op", width=within, height=1, symbol=total, **facts)
        lines = [self._row(f"{id}-{place}", place - 1, within, **facts) for place in range(1, len(self.rows))]
        last = self._row(f"{id}-{len(self.rows)}", -1, within, symbol=total, **facts)
        head = note(f"{id}-head", self.label[:1], align="left", **facts)
        listed = column(head, *lines, cell(loose(rule, 0, -1), within, TOTAL), last, align=-1)
        content = column(strut(0, TOP), listed, strut(0, height - TOP - listed.height))
        return inside(id, "op", content, symbol=total, **look, **facts)

    def _row(self, id: str, place: int, width: float, **facts: Any) -> Box:
        """Symbols on the left, their number on the right."""
        symbols, number = self.rows[place]
        name = note(id, (symbols,), align="left", **facts)
        value = note(f"{id}-value", text(number), **facts)
        return row(name, strut(width - name.width - value.width), cell(value, value.width, 0))


def listed_sum(circuit: Circuit, id: str, affine: Affine, detail: Detail) -> Sum:
    """A line each: W_f[1,1] x_t[1] ...; with numbers the value of every term too, and the total under them.

    Of many products of a kind as many are listed as features are drawn, or one.
    """
    most = detail.features if detail.features < LISTED else None
    lines = [
        [muted(WORDS.say("more", count=term.count))] if isinstance(term, Gap) else term
        for term in summands(affine, circuit.layer, circuit.focus, most or LISTED)
    ]
    label = text([bold("Σ "), small(WORDS.say("terms", terms=len_of(affine, circuit.layer)))], *lines)
    rows = _rows(circuit, id, affine, circuit.at_step, most) if circuit.at_step else ()
    if not detail.tight:
        return Sum(label, rows)
    if detail.upright or not detail.words:
        label, rows = tuple(map(smaller, label)), [(smaller(line), value) for line, value in rows]
    longest = LONGEST if detail.words else SHORTEST
    head, *products = label
    return Sum((head, *(part for line in products for part in parted(line, longest))), rows, CLOSE)


def _rows(
    circuit: Circuit, id: str, affine: Affine, at_step: StepValues, most: int | None
) -> Sequence[tuple[Line, Run]]:
    listed, total = terms(affine, at_step, circuit.focus, most), one_of(at_step.sum(affine), circuit.focus)
    name = sum_name(affine, circuit.parts[id], circuit.focus)
    about = equals(fsum(rounded(term.value) for term in listed), total).strip().removeprefix("=")
    of = number_of(at_step.layer, f"a_{id}", at_step.step, circuit.focus)
    result = figure(f"{about} {decimals(total)}".strip(), "bold", of)
    rows = [(term.symbols, figure(decimals(term.value), "")) for term in listed]
    return [*rows, (name if line_width(name) < LONG else (Run("Σ"),), result)]


def gate_label(circuit: Circuit, id: str, affine: Affine, *, narrow: bool = False) -> Text:
    """`f  σ` over `keep`, and its number; `narrow` with the function in a line of its own."""
    name, word, function = gate_words(circuit.cell, id, affine)
    lines = [[*name], [small(function)]] if narrow else [[*name, Run(f"  {function}")]]
    return text(*lines) + (text(small(word)) if word else ()) + circuit.number(id)


def perceptron(
    circuit: Circuit,
    id: str,
    label: Text,
    total: Box,
    size: Point,
    apart: float,
    sheet: Sheet,
    *,
    since: int,
    level: bool,
) -> Box:
    """The box of a sum and above it the function that squashes it, the gate's value; or behind it on one `level`."""
    squashed = sheet.leaf(gate(circuit, id, label, gate_role(circuit.cell, id), size, since=since))
    wide, high = sheet.lying(size)
    both = labelled(cell(squashed, squashed.width, high), under=column(strut(0, apart), total))
    if level:
        both = row(loose(squashed, total.width + apart + wide / 2), total)
    facts = {"since": since, **circuit.facts(id)}
    return wired(both, lambda nodes: [wire(nodes[sum_id(id)], nodes[id_of(id)], "op", **facts)])


def parted(line: Line, longest: float) -> list[Line]:
    """A product in several lines, where it is longer: the weight, and what it multiplies."""
    style = line[0].style
    pieces: list[Line] = [()]
    for run in line:
        if run.text in (" ", " ∗ "):
            pieces.append(())
        else:
            pieces[-1] = (*pieces[-1], run)
            pieces += [()] * (run.text == " ⊙ ")
    lines = pieces[:1]
    for piece in pieces[1:]:
        longer = (*lines[-1], Run(" ", style), *piece)
        if line_width(longer) > longest:
            lines.append((Run("  ", style), *piece))
        else:
            lines[-1] = longer
    return lines


def smaller(line: Line) -> Line:
    """The same in small letters."""
    return tuple(replace(run, style=SMALLER.get(run.style, run.style)) for run in line)


def sum_id(id: str) -> str:
    """What the box of a gate's sum is called on a picture."""
    return f"{id_of(id)}-sum"


def len_of(affine: Affine, layer: Layer) -> int:
    """How many products and biases one unit's weighted sum adds."""
    return sum(layer.shape(weight)[1] for weight, _ in affine.terms) + len(affine.own) + len(affine.biases)


def weights_of(affine: Affine, layer: Layer) -> int:
    """How many weights one unit's sum has: a kernel is several."""
    kernels = sum(prod(layer.shape(weight)[1:]) for weight, _ in affine.terms)
    return kernels + len(affine.own) + len(affine.biases)
