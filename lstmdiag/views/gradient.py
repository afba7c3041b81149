"""How much a layer's states still depend on those after its first step: norms of Jacobians on a log scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmdiag.analysis.cells import role
from lstmdiag.cells.numbers import Array
from lstmdiag.diagrams import Diagram, Point, Text
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import measure, small, sub, sup, text
from lstmdiag.errors import Problem, UsageError
from lstmdiag.layer import CellLayer
from lstmdiag.model import Model
from lstmdiag.running.gradients import Gradients, needed, through_time, too_costly
from lstmdiag.views import gradient_texts as words
from lstmdiag.views.selection import Selection, chosen_layer, model_and_values
from lstmdiag.views.trace_values import make, round_numbers

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WIDE, HIGH = 400.0, 260.0  # of the plot, at most
NEVER = -1000.0  # the decade of 0, which is on no scale
LINES, POINTS = 40, 100  # lines of single units, and points of each
BESIDE = 48.0  # room at the left of the plot, for the powers of ten
CURVES = ("state.public", "state.private", "gate.content", "gate.write", "gate.read")
"""Roles whose colours tell states apart, their own first; the keep gate's is that of the thin lines."""

TOLD = 20.0  # height of a line that tells a norm
POWER = 18.5  # of the label of a power of ten
LABEL, ROOM = 16.0, 44.0  # height of a small line; from one step's label to the next


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """A line for each state, whole on the scale, and thin ones for what each unit keeps through its gates alone.

    Of a model whose own Jacobians would take too long, it shows the toy twin.
    """
    model, values = model_and_values(subject)
    values, layer, found = _found(model, selection, values)
    return _Drawing(values, layer, found, selection.scale or _decades(found), selection.detail).diagram()


def extent(model: Model, selection: Selection) -> Point:
    """The decades its scale needs, for pictures that stand beside each other."""
    return _decades(_found(model, selection, None)[2])


def _found(model: Model, selection: Selection, values: Values | None) -> tuple[Values, CellLayer, Gradients]:
    layer = chosen_layer(model, selection)
    if model.runs_anew(layer):
        message = f"{layer.name!r} runs anew in every step of {layer.wrapped_by!r}: there are as many gradients"
        raise UsageError(Problem(message, hint="name a layer that runs once: --layer"))
    values = values or make(model, needed(model, layer), toy=too_costly(model, layer))
    layer = chosen_layer(values.model, selection)
    return values, layer, through_time(values, layer)


def _decades(found: Gradients) -> Point:
    """Powers of ten around all norms but 0, 1 among them."""
    every = [log for norms in found.jacobians.values() for log in _logs(norms) if log != NEVER]
    return float(floor(min(*every, -1.0))), float(ceil(max(*every, 0.0)))


def _logs(values: Array) -> list[float]:
    return [log10(value) if value > 0 else NEVER for value in map(float, np.abs(values))]


class _Drawing:
    def __init__(self, values: Values, layer: CellLayer, found: Gradients, decades: Point, detail: Detail) -> None:
        cell = layer.cell
        self.wide, self.upright = min(WIDE, detail.width - BESIDE), detail.upright
        states = sorted(found.jacobians, key=lambda state: CURVES.index(role(cell, state)))
        self.roles = dict(zip(states, _own([role(cell, state) for state in states]), strict=True))
        self.values, self.layer, self.found, self.cell = values, layer, found, cell
        self.low, self.high = decades
        self.sheet = Sheet()

    def diagram(self) -> Diagram:
        self.plot = self.sheet.node("plot", (), "note", self.wide / 2, HIGH / 2, width=self.wide, height=HIGH,
                                    layer=self.layer.name)  # fmt: skip
        self._axes()
        for state, factors in self.found.kept.items():
            every = ceil(factors.shape[1] / LINES)
            for unit in range(1, factors.shape[1] + 1, every):
                logs = _logs(factors[:, unit - 1])
                self._curve(f"kept-{state}-{unit}", "gate.keep", logs, mark="faded", unit=unit)
        for state, norms in self.found.jacobians.items():
            self._curve(f"norm-{state}", self.roles[state], _logs(norms), mark="focus", symbol=state)
        self._ends()
        return self.sheet.diagram(
            view="gradient",
            **words.WORDS.captions(words.about(self.layer, self.found, LINES)),
            legend=words.legend(self.layer, self.found, self.roles),
            layer=self.layer.name,
            facts={"steps": len(self.found.steps)},
            origin=f"{self.values.origin}.",
            badge=self.values.badge,
        )

    def _y(self, log: float) -> float:
        return HIGH * (min(max(log, self.low), self.high) - self.low) / (self.high - self.low)

    def _x(self, place: float) -> float:
        """Of a step in the order of the layer, from 0."""
        return self.wide * place / max(len(self.found.steps) - 1, 1)

    def _axes(self) -> None:
        """Powers of ten on the left, 1 as a line, steps below."""
        every = ceil((self.high - self.low) * POWER / HIGH)
        for power in range(int(self.low), int(self.high) + 1):
            if power % every == 0:
                label = text([small("10"), sup(f"{power}".replace("-", "−"))]) if power else text(small("1"))
                self.sheet.note(f"power-{power}", label, -6, self._y(power), anchor="right")
        if self.low < 0 < self.high:
            self._line("one", "note", [(0, self._y(0)), (self.wide, self._y(0))], mark="faded")
        for place in _apart(len(self.found.steps), self.wide):
            label = text(small(f"{self.found.steps[place]:,}"))
            self.sheet.note(f"step-{place}", label, self._x(place), -LABEL - 2)
        self.sheet.note("axis", text(small(words.WORDS.say("axis"))), self.wide / 2, -2 * LABEL - 5)

    def _curve(self, id: str, role: str, logs: Sequence[float], **facts: Any) -> None:
        every = ceil(len(logs) / POINTS)
        kept = [(float(place), log) for place, log in enumerate(logs) if place % every == 0 or place == len(logs) - 1]
        if len(kept) > 1:  # of a single step there is no line
            self._line(id, role, [(self._x(place), self._y(log)) for place, log in self._seen(kept)], **facts)

    def _seen(self, way: Sequence[Point]) -> list[Point]:
        """As far as it stays on the scale; what falls below leaves at the lower edge."""
        found = [way[0]]
        for (before, high), (place, log) in pairwise(way):
            if log < self.low:
                return [*found, (before + (place - before) * (high - self.low) / (high - log), self.low)]
            found.append((place, log))
        return found

    def _line(self, id: str, role: str, points: Sequence[Point], **facts: Any) -> None:
        self.sheet.curve(self.plot, id, role, points, layer=self.layer.name, **facts)

    def _ends(self) -> None:
        """Each state's norm at the last step, beside the end of its line, or else under the axis; none on another."""
        ends = sorted((self._y(_logs(norms)[-1]), state) for state, norms in self.found.jacobians.items())
        x, ys = self.wide + 10, _spread([y for y, _ in ends])
        if self.upright:
            x, ys = 0.0, [-3 * LABEL - 12 - TOLD * (len(ends) - 1 - place) for place in range(len(ends))]
        for y, (_, state) in zip(ys, ends, strict=True):
            self.sheet.note(f"end-{state}", self._told(state), x, y, anchor="left",
                            role=self.roles[state], symbol=state)  # fmt: skip

    def _told(self, state: str) -> Text:
        norm = words.factor(float(self.found.jacobians[state][-1]))
        first, last = (f"{step}" for step in (self.found.steps[0], self.found.steps[-1]))
        return text([small(f"‖∂{state}"), sub(last), small(f" / ∂{state}"), sub(first), small(f"‖ = {norm}")])


def _own(roles: Sequence[str]) -> list[str]:
    """A role for each state whose colour no other has, as long as there are any."""
    found: list[str] = []
    for one in roles:
        free = [curve for curve in CURVES if curve not in (*found, *roles)]
        found.append(one if one not in found or not free else free[0])
    return found


def _apart(steps: int, wide: float) -> list[int]:
    """The places of the first step, the last, and round numbers between them that leave each other room."""
    if steps == 1:
        return [0]
    one = wide / (steps - 1)
    every = next(step for step in round_numbers() if step * one >= ROOM)
    between = range(every - 1, steps - 1, every)
    return [0, *(place for place in between if min(place, steps - 1 - place) * one >= ROOM), steps - 1]


def _spread(ys: Sequence[float]) -> list[float]:
    """Rising places, moved up where two labels would meet."""
    found: list[float] = []
    room = measure(text([small("h"), sub("t")]))[1] + 2
    for y in ys:
        found.append(max(y, found[-1] + room) if found else y)
    return found
