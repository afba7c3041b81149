"""One recurrent layer of a pass: a table of its steps, one unit worked out, and all units drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np

from lstmdiag.analysis.elision import shown_places
from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.expr import ACTIVATIONS
from lstmdiag.cells.numbers import Array
from lstmdiag.diagrams import Line
from lstmdiag.english import in_runs, number
from lstmdiag.layer import CellLayer
from lstmdiag.running.step_values import StepValues, masked, padded
from lstmdiag.running.values import Values
from lstmdiag.site.markup import code, css_role, element, quantity, scrolling, symbol
from lstmdiag.site.placeholders import placeholder
from lstmdiag.views.numbers import decimals, short, worked
from lstmdiag.views.selection import Selection
from lstmdiag.views.trace_values import SignalValues, flattened, furthest, names, saturated, shown
from lstmdiag.views.words import glyph
from lstmdiag.words import Words

WORDS = Words("page-pass")
UNITS, FEATURES, STEPS = 4, 4, 12  # that a table shows; more are cut
MADE = (*VALVES, "gate.content")  # what a masked step does not use
FLAT = 0.1  # a smaller share of squashed values is not worth telling of


@dataclass(frozen=True)
class _Group:
    """Columns of a table that stand under one name."""

    name: str
    role: str
    numbers: Array  # (steps, places)
    places: list[int | None]  # that have a column, from 0; None is a gap

    @cached_property
    def write(self) -> Callable[[float], str]:
        """Whole numbers, such as inputs often are, need no decimals."""
        return short if (self.numbers == np.round(self.numbers)).all() else decimals


@dataclass(frozen=True)
class WorkedLayer:
    """One recurrent layer of a pass, and a unit of it that is followed."""

    values: Values
    layer: CellLayer

    def parts(self) -> Iterator[str]:
        if self.single:
            yield self._table()
            yield self._worked()
        yield self._picture()
        yield self._saturation()

    @cached_property
    def single(self) -> bool:
        """Whether every value is a number of one step: no maps, and no layer that runs anew in every step."""
        flat = all(len(weight.shape) < 3 for weight in self.layer.weights)
        return flat and not self.values.model.runs_anew(self.layer)

    @property
    def called(self) -> str:
        """The layer as the spec has it; one direction by a name of its own."""
        return self.layer.name if self.values.model.layer(self.layer.top).backward else self.layer.top

    @cached_property
    def signals(self) -> list[SignalValues]:
        return shown(self.values, self.layer, names(self.layer, Selection()), Selection())

    @cached_property
    def columns(self) -> list[SignalValues]:
        """Gates and content in the order of the equations, then the states, the output last."""
        cell = self.layer.cell
        state, output = cell.state, cell.output
        return sorted(self.signals, key=lambda each: (each.name in state, each.name == output))

    @cached_property
    def unit(self) -> int:
        """Of few units the second, else the one whose output goes furthest from 0."""
        if self.layer.units <= UNITS:
            return min(2, self.layer.units)
        return min(furthest(self.columns[-1])[1], self.layer.units)

    @cached_property
    def step(self) -> int:
        """The second step, where the states before it are not all zeros; a masked one is none."""
        last = len(self.signals[0].numbers)
        free = [step for step in range(1, last + 1) if not masked(self.values, self.layer, step)]
        return free[min(1, len(free) - 1)] if free else 0

    def _table(self) -> str:
        """A row a step; under each signal its units."""
        few = self.layer.units <= UNITS
        cell = self.layer.cell
        read = self.values.read(self.layer)
        features = shown_places(read.shape[1], FEATURES)
        groups = [_Group(quantity(cell, "x"), "input", read, features)]
        for signal in self.columns:
            one: list[int | None] = [min(self.unit, signal.units) - 1]
            units = shown_places(signal.units, UNITS) if few else one
            groups.append(_Group(quantity(cell, signal.name), signal.role, signal.numbers, units))
        first = second = ""
        for group in groups:
            wide, role = len(group.places), css_role(group.role)
            first += f'<th scope="colgroup" colspan="{wide}" class="{role}">{group.name}</th>'
            second += "".join(f'<th scope="col" class="ld-number">{_place(place)}</th>' for place in group.places)
        rows = []
        for at in shown_places(len(read), STEPS):
            cells = [self._cell(at, place, group) for group in groups for place in group.places]
            row = "".join(f'<td class="ld-number">{each}</td>' for each in cells)
            rows.append(f'<tr><th scope="row">{_place(at)}</th>{row}</tr>')
        passed = padded(self.values, self.layer)
        caption = WORDS.say(
            "caption", name=code(self.called), few=few, unit=self.unit, steps=len(read),
            several_steps=len(read) > 1, from_end=self.layer.go_backwards, padded=passed, padded_steps=in_runs(passed),
        )  # fmt: skip
        corner = f'<th rowspan="2" scope="col">{symbol("t", at="")}</th>'
        label = WORDS.say("numbers_of", name=escape(self.layer.name))
        table = (
            f"<table><caption><span>{caption}</span></caption><thead><tr>{corner}{first}</tr>"
            f"<tr>{second}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )
        return scrolling(table, label, "ld-trace")

    def _cell(self, at: int | None, place: int | None, group: _Group) -> str:
        """A number of a table; what a masked step makes and does not use is none."""
        if at is None or place is None:
            return "⋯"
        unused = group.role in MADE and masked(self.values, self.layer, at + 1)
        return "–" if unused else group.write(float(group.numbers[at, place]))

    def _worked(self) -> str:
        """One unit at one step, as a pocket calculator would do it."""
        cell = self.layer.cell
        if not self.step:
            return ""
        at_step = StepValues(self.values, self.layer, self.step)
        lines: list[str] = []
        for name in cell.equations:
            if self.unit <= len(at_step.parts[name]):  # of a projection there are fewer
                lines.append(equation(name, at_step, self.unit))
        sums = [symbol(name, at="") for name in cell.gates() if name not in cell.state]
        where = WORDS.say("worked", unit=self.unit, name=code(self.called), step=self.step)
        signs = WORDS.say("signs", sums=sums, others="other" in "".join(lines))
        head = f"<p><strong>{where}</strong> {signs}</p>"
        return f'<div class="ld-arithmetic">{head}{"".join(lines)}</div>'

    def _picture(self) -> str:
        """The heat map, of the same pass: a placeholder, as for every other picture."""
        unit = str(self.unit)
        return placeholder(spec=self.values.model.name, view="trace", layer=self.layer.name, unit=unit)

    def _saturation(self) -> str:
        share, flat = saturated(self.signals), flattened(self.layer, self.signals)
        said = WORDS.say(
            "saturation", name=code(self.called), gates=share is not None,
            share=short(100 * share) if share else "",
            flat=[
                {"share": short(100 * part), "symbol": symbol(signal, at=""), "function": self._function(signal)}
                for signal, part in flat.items() if part >= FLAT
            ],
        )  # fmt: skip
        return element("p", said)

    def _function(self, name: str) -> str:
        """The function that gives a quantity its bounds; "" where it is made by more than one."""
        op = self.layer.cell.equations[name].op
        return glyph(op) if op in ACTIVATIONS else ""


def equation(name: str, at_step: StepValues, unit: int) -> str:
    """One quantity of one unit, worked out."""
    lines = worked(name, at_step, unit)
    role = css_role(at_step.cell.roles.get(name, "op"))
    return f'<p class="ld-worked {role} sym-{escape(name)}">{"<br>".join(map(_written, lines))}</p>'


def _place(place: int | None) -> str:
    return "⋯" if place is None else number(place + 1)


_TAGS = {"sub": "sub", "smallsub": "sub", "sup": "sup", "bold": "b"}


def _written(line: Line) -> str:
    return "".join(
        f"<{tag}>{escape(run.text)}</{tag}>" if (tag := _TAGS.get(run.style)) else escape(run.text) for run in line
    )
