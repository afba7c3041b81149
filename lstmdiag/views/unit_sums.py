"""The weighted sums of one unit as boxes that list what they add up, with numbers if there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, prod
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import gate_role
from lstmdiag.analysis.elision import Gap
from lstmdiag.cells.circuit import Affine
from lstmdiag.diagrams import Line, Run, Text
from lstmdiag.diagrams.boxes import Box, cell, column, inside, labelled, loose, node, note, row, strut, wired
from lstmdiag.diagrams.sheet import wire
from lstmdiag.diagrams.text import bold, figure, line_height, line_width, measure, muted, small, text
from lstmdiag.layer import Layer
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.circuit_boxes import GATE, gate
from lstmdiag.views.labels import number_of
from lstmdiag.views.numbers import decimals, equals, one_of, rounded, sum_name, terms
from lstmdiag.views.words import gate_words, id_of, summands
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.step_values import StepValues

WORDS = Words("unit")
SIDE, TOP = 11.0, 8.0  # from the border of a sum's box to its lines
COLUMNS = 20.0  # between symbols and numbers
LONG = 110.0  # of the name of a sum
TOTAL = 6.0  # more over the total, for the rule
APART = 34.0  # a sum and its function


@dataclass(frozen=True, slots=True)
class Sum:
    """The box of a weighted sum that lists what it adds up."""

    label: Text  # where it bears no numbers
    rows: Sequence[tuple[Line, Run]] = ()  # symbols and value of each term, and of the total

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
            return node(id, self.label, "op", symbol=total, **look, **facts)
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


def listed_sum(circuit: Circuit, id: str, affine: Affine) -> Sum:
    """A line each: W_f[1,1] x_t[1] ...; with numbers the value of every term too, and the total under them."""
    lines = [
        [muted(WORDS.say("more", count=term.count))] if isinstance(term, Gap) else term
        for term in summands(affine, circuit.layer, circuit.focus)
    ]
    label = text([bold("Σ "), small(WORDS.say("terms", terms=len_of(affine, circuit.layer)))], *lines)
    return Sum(label, _rows(circuit, id, affine, circuit.at_step) if circuit.at_step else ())


def _rows(circuit: Circuit, id: str, affine: Affine, at_step: StepValues) -> Sequence[tuple[Line, Run]]:
    listed, total = terms(affine, at_step, circuit.focus), one_of(at_step.sum(affine), circuit.focus)
    name = sum_name(affine, circuit.parts[id], circuit.focus)
    about = equals(fsum(rounded(term.value) for term in listed), total).strip().removeprefix("=")
    of = number_of(at_step.layer, f"a_{id}", at_step.step, circuit.focus)
    result = figure(f"{about} {decimals(total)}".strip(), "bold", of)
    rows = [(term.symbols, figure(decimals(term.value), "")) for term in listed]
    return [*rows, (name if line_width(name) < LONG else (Run("Σ"),), result)]


def perceptron(circuit: Circuit, id: str, affine: Affine, total: Box, *, since: int, level: bool) -> Box:
    """The box of a sum and above it the function that squashes it, the gate's value; or behind it on one `level`."""
    name, word, function = gate_words(circuit.cell, id, affine)
    label = text([*name, f"  {function}"]) + (text(small(word)) if word else ()) + circuit.number(id)
    squashed = gate(circuit, id, label, gate_role(circuit.cell, id), since=since)
    both = labelled(cell(squashed, squashed.width, GATE[1]), under=column(strut(0, APART), total))
    if level:
        both = row(loose(squashed, total.width + APART + GATE[0] / 2), total)
    facts = {"since": since, **circuit.facts(id)}
    return wired(both, lambda nodes: [wire(nodes[sum_id(id)], nodes[id_of(id)], "op", **facts)])


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
