"""The boxes of a circuit's picture: operations, ends of wires, weighted sums, and where a value lies in its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any

from lstmdiag.cells.circuit import Affine, Part
from lstmdiag.cells.ranges import Interval
from lstmdiag.diagrams import Line, Run, Text
from lstmdiag.diagrams.boxes import Box, cell, column, inside, loose, node, note, row, strut
from lstmdiag.diagrams.text import bold, figure, line_height, line_width, measure, small, sub, text
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.labels import number_of
from lstmdiag.views.numbers import decimals, equals, one_of, rounded, sum_name, terms
from lstmdiag.views.words import ROLE_WORDS, glyph, id_of, symbol, weight_symbol

if TYPE_CHECKING:
    from lstmdiag.running.moment import Moment

GATE = (84.0, 46.0)
SHORT = 3  # characters of a sign, or of a gate's name beside one, that a circle has no room for
PILL = 21.0  # from the middle of a wire's end to the pill beneath
SIDE, TOP = 11.0, 8.0  # from the border of a sum's box to its lines
COLUMNS = 20.0  # between symbols and numbers in the list of a sum
LONG = 110.0  # of the name of a sum
TOTAL = 6.0  # more over the total, for the rule
RAIL, SLIDE = 56.0, 48.0  # from the lowest to the highest value that is possible; how far the dot goes on it
BOUND = 5.0  # from the rail to its bounds


def operation(circuit: Circuit, part: Part, since: int) -> Box:
    """A part that is neither a source nor a weighted sum."""
    id, what, sign = id_of(part.id), circuit.role(part.id), part.value or glyph(part.op)
    facts: dict[str, Any] = {"since": since, **circuit.facts(part.quantity)}
    if part.op == "weight":
        return node(id, text(weight_symbol(part.id)), "weight", width=40, height=34, shape="dotted", **facts)
    if what.startswith("gate.") and part.id in circuit.cell.equations:
        label = text([bold(part.id), Run(f" {ROLE_WORDS[what]}")], small(sign)) + circuit.number(part.id)
        return gate(circuit, part.id, label, what, since=since)
    if opener := circuit.valve(part):
        return node(id, text([sign, *_letter(circuit.parts[opener])]), circuit.role(opener), shape="circle", width=40,
                    height=40, **facts)  # fmt: skip
    what = what if part.op == "one_minus" else "op"
    if len(sign) < SHORT:
        return node(id, text(sign), what, shape="circle", width=40, height=40, **facts)
    return node(id, text(sign), what, shape="round", width=64, height=34, **facts)


def _letter(opener: Part) -> list[Run]:
    """What opens a valve, beside its sign: a gate, or what it leaves."""
    before, name = ("1−", opener.inputs[0]) if opener.op == "one_minus" else ("", opener.id)
    return [sub(before + name)] if len(name) < SHORT else []


def gate(circuit: Circuit, id: str, label: Text, what: str, size: tuple[float, float] = GATE, *, since: int) -> Box:
    """The box of a gate, content or another weighted sum."""
    shape = "box" if what == "gate.content" else "round"
    width, height = size
    return node(id_of(id), label, what, width=width, height=height, shape=shape, since=since, **circuit.facts(id))


def end(circuit: Circuit, name: str, pill: str, *, id: str = "", since: int = 0) -> Box:
    """The end of a wire: its symbol, and a pill beneath with its size or range."""
    label, id = text(symbol(name, circuit.unit, style="bold")), id or id_of(name)
    facts: dict[str, Any] = {"since": since, **circuit.facts(name)}
    tip = node(id, label, circuit.role(name), width=measure(label)[0] + 12, shape="plain", **facts)
    size = node(f"size-{id}", text(small(pill)), "note", shape="pill", since=since)
    return row(tip, loose(size, -tip.width / 2, -PILL))


# Weighted sums


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


def worked_sum(label: Text, part: Part, affine: Affine, moment: Moment, unit: int) -> Sum:
    """With the value of every term, and the total under them; `label` is that of the sum without numbers."""
    listed = terms(affine, moment, unit)
    total = one_of(moment.sum(affine), unit)
    name = sum_name(affine, part, unit)
    about = equals(fsum(rounded(term.value) for term in listed), total).strip().removeprefix("=")
    of = number_of(moment.layer, f"a_{part.id}", moment.step, unit)
    result = figure(f"{about} {decimals(total)}".strip(), "bold", of)
    rows = [(term.symbols, figure(decimals(term.value), "")) for term in listed]
    return Sum(label, [*rows, (name if line_width(name) < LONG else (Run("Σ"),), result)])


# Ranges


def rail(id: str, interval: Interval, value: float, role: str, **facts: Any) -> Box:
    """Where a value lies between its bounds: a line from the lowest to the highest, a dot on it."""
    low, high = (text(small(f"{end:g}".replace("-", "−"))) for end in (interval.low, interval.high))
    share = (value - interval.low) / (interval.high - interval.low)
    dot = node(f"{id}-at", (), role, width=7, height=7, shape="point", inside=id, **facts)
    line = node(id, (), "note", width=RAIL, height=9, **facts)
    at = (min(max(share, 0.0), 1.0) - 0.5) * SLIDE
    return row(
        note(f"{id}-low", low, align="left", **facts),
        strut(BOUND),
        line,
        loose(dot, at - RAIL / 2),
        strut(BOUND),
        note(f"{id}-high", high, align="left", **facts),
    )
