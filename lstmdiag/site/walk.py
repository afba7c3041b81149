"""Section 8 of a page: one forward pass, as tables, worked step by step and drawn. Every number is of that pass.

numpy is needed here, so this is imported where a page's numbers are made, and not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from math import ceil, log10
from pathlib import Path

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.diagrams import Line
from lstmdiag.drawing import Ink, inked, pictured
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.model import Layer, Model
from lstmdiag.running.moment import Moment, masked
from lstmdiag.running.steps import BEFORE
from lstmdiag.running.tracing import values as passed
from lstmdiag.running.values import Values
from lstmdiag.site.outline import equal_layers, suffixes
from lstmdiag.site.words import code, css_role, framed, number, quantity, slug, symbol
from lstmdiag.views.numbers import SOME, decimals, short, vector, worked
from lstmdiag.views.selection import Selection
from lstmdiag.views.trace_values import Shown, furthest, names, saturated, shown
from lstmdiag.views.words import listed, projects

MEMORY = 2**28  # bytes that the pass of a page may hold
UNITS, FEATURES, STEPS = 4, 4, 12  # that a table shows; more are cut
LARGE = 10.0  # inputs beyond this are scaled for comparison


def run(model: Model, folder: Path) -> Values:
    """The model itself where it is small or has weights of its own, in `folder`, else its toy twin.

    Raises LstmdiagError.
    """
    if not model.example or not model.example.weights:
        return passed(model, toy=True, limit=MEMORY)
    try:
        return passed(model, weights=folder / model.example.weights, limit=MEMORY)
    except OSError as error:
        raise LstmdiagError(Problem(f"{model.example.weights}: {error.strerror}", model.example.at)) from None


def html(model: Model, folder: Path) -> str:
    """The whole section without its heading. Raises LstmdiagError where the weights that it names are no weights.

    Where there is no twin, it says why.
    """
    try:
        values = run(model, folder)
    except LstmdiagError as error:
        if model.example and model.example.weights:
            raise
        return f"<p>No pass is shown here: {escape(error.problems[0].message)}.</p>"
    return "".join(sections(values))


def sections(values: Values) -> Iterator[str]:
    yield _opening(values)
    endings = suffixes(values.model)
    for index, (layer, *_) in enumerate(equal_layers(values.model)):
        part = "".join(_Walk(values, layer, endings[layer.name]).parts())
        title = f"Numbers of {code(layer.top)}"
        yield f'<details class="ld-inside"><summary>{title}</summary>{part}</details>' if index else part
    yield from _scaling(values)


def _opening(values: Values) -> str:
    """What goes in, what comes out, and where the weights come from."""
    trace, model = values.trace, values.model
    given = [_listing(trace[source.name][0]) for source in model.inputs]
    made = [_listing(output[0]) for output in trace.outputs]
    badge = f' <span class="ld-badge">{escape(values.badge)}</span>' if values.badge else ""
    origin = escape(values.origin)
    return (
        f"<p>{listed(given)} {'goes' if len(given) == 1 else 'go'} in; {listed(made)} "
        f"{'comes' if len(made) == 1 else 'come'} out.{badge}</p>"
        f"<p>This is one forward pass; {origin}. Numbers are rounded to three decimals.</p>"
    )


def _listing(array: Array) -> str:
    """[70, 80, 90]; a row of several numbers in brackets of its own; of a long array the first two and the last."""
    rows = array.reshape(-1, 1 if array.ndim < 2 else array.shape[-1]).astype(float)
    if rows.shape[1] == 1:
        return f"[{vector(rows[:, 0].tolist(), write=short)}]"
    each = [f"[{vector(row.tolist(), write=short)}]" for row in rows]
    return f"[{', '.join(each if len(each) <= SOME else [*each[:2], '⋯', each[-1]])}]"


def _some(count: int, most: int) -> list[int | None]:
    """All places, or the first ones, a gap, and the last."""
    return [*range(count)] if count <= most else [*range(most - 2), None, count - 1]


@dataclass(frozen=True)
class _Walk:
    """One recurrent layer of a pass, and a unit of it that is followed."""

    values: Values
    layer: Layer
    suffix: str  # of its anchors

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
        return flat and self.values.model.layer(self.layer.top).kind != "TimeDistributed"

    @cached_property
    def signals(self) -> list[Shown]:
        return shown(self.values, self.layer, names(self.layer, Selection()), Selection())

    @cached_property
    def columns(self) -> list[Shown]:
        """Gates and content in the order of the equations, then the states, the output last."""
        cell = self.layer.maths.cell
        assert cell is not None
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
        assert cell is not None
        read = self.values.read(self.layer)
        features = _some(read.shape[1], FEATURES)
        groups = [(quantity(cell, "x"), "input", read, features)]
        for signal in self.columns:
            units: list[int | None] = [*range(signal.units)] if few else [min(self.unit, signal.units) - 1]
            groups.append((quantity(cell, signal.name), signal.role, signal.numbers, units))
        first = second = ""
        for name, role, _, places in groups:
            first += f'<th scope="colgroup" colspan="{len(places)}" class="{css_role(role)}">{name}</th>'
            second += "".join(f'<th scope="col" class="ld-number">{_place(place)}</th>' for place in places)
        rows = []
        for at in _some(len(read), STEPS):
            cells = [
                "⋯" if at is None or place is None else _number(array, float(array[at, place]))
                for _, _, array, places in groups
                for place in places
            ]
            row = "".join(f'<td class="ld-number">{each}</td>' for each in cells)
            rows.append(f'<tr><th scope="row">{_place(at)}</th>{row}</tr>')
        which = "every unit" if few else f"unit {number(self.unit)}"
        why = "" if few else ", the one whose output goes furthest from 0"
        steps = f"step 1 to {number(len(read))}"
        caption = f"{code(self.layer.top)}, {which}{why}: {steps} from top to bottom."
        corner = f'<th rowspan="2" scope="col">{symbol("t", at="")}</th>'
        label = f"Numbers of {escape(self.layer.name)}"
        return (
            f'<div class="ld-table ld-trace" tabindex="0" role="group" aria-label="{label}">'
            f"<table><caption>{caption}</caption><thead><tr>{corner}{first}</tr>"
            f"<tr>{second}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )

    def _worked(self) -> str:
        """One unit at one step, as a pocket calculator would do it."""
        cell = self.layer.cell
        assert cell is not None
        if not self.step:
            return ""
        moment = Moment(self.values, self.layer, self.step)
        lines: list[str] = []
        for name in cell.equations:
            if name in cell.gates() and projects(cell, name):
                continue
            told = worked(name, moment, self.unit)
            role = css_role(cell.roles.get(name, "op"))
            lines.append(f'<p class="ld-worked {role} sym-{escape(name)}">{"<br>".join(map(_written, told))}</p>')
        where = f"Unit {number(self.unit)} of {code(self.layer.top)} at step {number(self.step)}, term by term"
        rounding = "≈ stands where the rounded numbers do not give the last digit."
        return f'<div class="ld-arithmetic"><p><strong>{where}.</strong> {rounding}</p>{"".join(lines)}</div>'

    def _picture(self) -> str:
        """The heat map, of the same pass."""
        selection = Selection(layer=self.layer.name, unit=self.unit)
        (diagram,) = pictured(self.values.model, "trace", selection, self.values)
        ident = f"{slug(self.values.model.name)}-trace{self.suffix}"
        drawing = inked(diagram, "svg", Ink(ident=ident, inline=True)).decode()
        return framed(drawing)

    def _saturation(self) -> str:
        share = saturated(self.signals)
        if share is None:
            return ""
        name = code(self.layer.top)
        if not share:
            return f"<p>No gate value of {name} is within 0.01 of 0 or 1: every gate still answers to its inputs.</p>"
        said = f"{decimals(100 * share)} % of the gate values of {name} are within 0.01 of 0 or 1"
        return f"<p>{said}: such a gate is saturated: it hardly answers, and its weights get hardly any gradient.</p>"


def _place(place: int | None) -> str:
    return "⋯" if place is None else number(place + 1)


def _number(array: Array, value: float) -> str:
    """Whole numbers, such as inputs often are, need no decimals."""
    return short(value) if (array == np.round(array)).all() else decimals(value)


_TAGS = {"sub": "sub", "smallsub": "sub", "sup": "sup", "bold": "b"}


def _written(line: Line) -> str:
    return "".join(
        f"<{tag}>{escape(run.text)}</{tag}>" if (tag := _TAGS.get(run.style)) else escape(run.text) for run in line
    )


# -- scaling


def scaled(values: Values) -> tuple[float, Values] | None:
    """A power of ten that brings the input to 1 or less, and the pass over the scaled input with the same weights."""
    model = values.model
    if any(source.dtype == "int" for source in model.inputs):
        return None
    given = {source.name: values.trace[source.name] for source in model.inputs}
    largest = max(float(np.abs(array).max()) for array in given.values())
    if largest <= LARGE:
        return None
    power = 10.0 ** ceil(log10(largest))
    smaller = {name: array / power for name, array in given.items()}
    data = smaller if len(smaller) > 1 else next(iter(smaller.values()))
    found = passed(model, data, values.weights, limit=MEMORY)
    return power, replace(found, origin=f"{values.origin}, divided by {short(power)}")


def _scaling(values: Values) -> Iterator[str]:
    """The same weights on the input as it is, and scaled, side by side."""
    found = scaled(values)
    if not found:
        return
    power, small = found
    both = [values, small]
    rows: list[tuple[str, Sequence[str]]] = [
        ("input", [listed([_listing(each.trace[source.name][0]) for source in values.model.inputs]) for each in both])
    ]
    for layer in (group[0] for group in equal_layers(values.model)):
        walks = [_Walk(each, each.model.layer(layer.name), "") for each in both]
        rows += _compared(walks)
    rows.append(("output", [listed([_listing(output[0]) for output in each.trace.outputs]) for each in both]))
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, cells in rows
    )
    heads = f'<th scope="col"></th><th scope="col">as it is</th><th scope="col">divided by {short(power)}</th>'
    yield (
        "<p><strong>Why are inputs scaled?</strong> A weighted sum grows with what goes into it. The gates' function "
        "is flat far from 0, so sums that are large leave every gate at 0 or 1, whatever the weights were to tell "
        f"apart. Divided by {short(power)}, the same input leaves the gates where they still answer. The same weights "
        "then give another output: weights belong to the scale that they were trained on.</p>"
        '<div class="ld-table" tabindex="0" role="group" aria-label="Input as it is and scaled">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _compared(walks: Sequence[_Walk]) -> Iterator[tuple[str, Sequence[str]]]:
    """How large the sums before a gate's function are, how many gates are saturated, how far the output goes."""
    layer = walks[0].layer
    gates = [each.name for each in walks[0].signals if each.ramp == "share"]
    sums = [[np.abs(walk.values.trace[f"{layer.name}.{BEFORE}{gate}"][0]).max() for gate in gates] for walk in walks]
    name = code(layer.top)
    if gates:
        yield f"largest sum before a gate of {name}", [decimals(float(max(each))) for each in sums]
        yield (
            f"gate values of {name} within 0.01 of 0 or 1",
            [f"{decimals(100 * (saturated(walk.signals) or 0))} %" for walk in walks],
        )
    yield (
        f"largest {walks[0].columns[-1].name} of {name}",
        [decimals(abs(furthest(walk.columns[-1])[2])) for walk in walks],
    )
