"""The boxes of a circuit's picture: operations, gates, ends of wires, and where a value lies in its range."""

from __future__ import annotations

from typing import Any

from lstmdiag.cells.circuit import Part
from lstmdiag.cells.ranges import Interval
from lstmdiag.diagrams import Point, Run, Text
from lstmdiag.diagrams.boxes import Box, column, loose, node, note, row, strut
from lstmdiag.diagrams.text import bold, measure, small, sub, text
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.placing import worded
from lstmdiag.views.words import ROLE_WORDS, glyph, id_of, symbol, weight_symbol

GATE = (84.0, 46.0)
SHORT = 3  # characters of a gate's name beside a sign that a circle has no room for
PILL = 21.0  # from the middle of a wire's end to the pill beneath
CIRCLE = 40.0  # across
RAIL, SLIDE = 56.0, 48.0  # from the lowest to the highest value that is possible; how far the dot goes on it
BOUND = 5.0  # from the rail to its bounds


def operation(circuit: Circuit, part: Part, since: int, narrow: Point | None = None) -> Box:
    """A part that is neither a source nor a weighted sum; a gate of the size `narrow` has a word a line."""
    id, what, sign = id_of(part.id), circuit.role(part.id), part.value or glyph(part.op)
    facts: dict[str, Any] = {"since": since, **circuit.facts(part.quantity)}
    if part.op == "weight":
        return node(id, text(weight_symbol(part.id)), "weight", width=40, height=34, shape="dotted", **facts)
    if what.startswith("gate.") and part.id in circuit.cell.equations:
        label = text([bold(part.id), Run(f" {ROLE_WORDS[what]}")], small(sign)) + circuit.number(part.id)
        if narrow:
            label = text(bold(part.id), small(sign), small(ROLE_WORDS[what])) + circuit.number(part.id)
        return gate(circuit, part.id, label, what, narrow or GATE, since=since)
    if opener := circuit.valve(part):
        label, what = text([sign, *_letter(circuit.parts[opener])]), circuit.role(opener)
        return node(id, label, what, shape="circle", width=CIRCLE, height=CIRCLE, **facts)
    what = what if part.op == "one_minus" else "op"
    if not worded(part):
        return node(id, text(sign), what, shape="circle", width=CIRCLE, height=CIRCLE, **facts)
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


def end(
    circuit: Circuit, name: str, pill: str, *, id: str = "", since: int = 0, over: bool = False, inward: int = 0
) -> Box:
    """The end of a wire: its symbol, and a pill beneath, or `over` it, with its size or range.

    It reaches no farther than a circle to one side: with `inward` 1 to the left, with −1 to the right.
    """
    label, id = text(symbol(name, circuit.unit, style="small" if inward else "bold")), id or id_of(name)
    facts: dict[str, Any] = {"since": since, **circuit.facts(name)}
    tip = node(id, label, circuit.role(name), width=measure(label)[0] + (0 if inward else 12), shape="plain", **facts)
    size = node(f"size-{id}", text(small(pill)), "note", shape="pill", since=since)
    aside = inward * max(size.width / 2 - CIRCLE / 2, 0)
    return column(tip, loose(size, aside, tip.height / 2 + (PILL if over else -PILL)))


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
