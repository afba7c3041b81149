"""What every unit does over time: a line a unit, and below it a map of all units by all steps, for each signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

from lstmdiag.diagrams import Diagram, Node, Point
from lstmdiag.diagrams.boxes import Box, cell, inside, labelled, node, note, row, strut
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, measure, small, text
from lstmdiag.errors import Problem, UsageError
from lstmdiag.layer import CellLayer
from lstmdiag.model import Model
from lstmdiag.views import trace_texts as words
from lstmdiag.views.labels import number_of
from lstmdiag.views.numbers import decimals, short
from lstmdiag.views.selection import Selection, chosen_layer, chosen_step, chosen_unit, model_and_values
from lstmdiag.views.trace_values import LOWEST, SignalValues, blocks, courses, make, means, names, round_numbers, shown
from lstmdiag.views.trace_values import extent as _extent
from lstmdiag.views.words import id_of

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WIDEST = 1040.0  # of a row of signals, points
MARGIN, APART, BELOW = 46.0, 26.0, 34.0  # left of a plot, between two signals, between two rows of them
HIGH = 96.0  # of a plot
NARROW, WIDE, NUMBERED = 120.0, 240.0, (46.0, 20.0)  # of plots; of a cell with a number in it
FEW = 8  # columns or rows of a map that have more room
WRITTEN = 60  # cells of a map that have their number written in
LABEL = 15.0  # height of a small line
BAR, STEPS = (14.0, 14.0), 10  # a cell of a scale's bar, and how many lie on one side of 0


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """The signals of a layer over all steps; `selection.unit` is drawn heavier.

    Of a model whose weights would take too long to make, it shows the toy twin.
    """
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    unit = chosen_unit(layer, selection)
    signals = names(layer, selection)
    values = values or make(model, [f"{layer.name}.{name}" for name in signals])
    layer = chosen_layer(values.model, selection)  # of a pass, where every shape is known
    if unit > layer.units:
        message = f"the toy twin stands in for {model.name!r}, and {layer.name!r} has units 1 to {layer.units:,} there"
        raise UsageError(Problem(message, hint="--seed 0 makes weights for all units, which takes its time"))
    found = shown(values, layer, signals, selection)
    step = chosen_step(layer, selection, len(found[0].numbers))
    return _Drawing(values, layer, found, unit, step).diagram()


def extent(model: Model, selection: Selection) -> Point:
    """The ends of its scale, for pictures that stand beside each other."""
    return _extent(model, selection, chosen_layer(model, selection))


class _Drawing:
    def __init__(self, values: Values, layer: CellLayer, signals: Sequence[SignalValues], unit: int, step: int) -> None:
        self.values, self.layer, self.signals, self.unit, self.step = values, layer, signals, unit, step
        self.sheet = Sheet()
        self.steps = len(signals[0].numbers)
        most = max(each.units for each in signals)
        self.blocks = blocks(self.steps, most)
        self.columns = ceil(self.steps / self.blocks.steps)
        self.written = most * self.steps <= WRITTEN and self.steps <= FEW
        self.cell = self._numbered() if self.written else self._coloured(ceil(most / self.blocks.units))
        self.negative = any(each.numbers.min() < 0 for each in signals)
        self.about = words.about(values, layer, signals, self.blocks, unit, step)
        self.width = self.cell[0] * self.steps / self.blocks.steps

    def _numbered(self) -> Point:
        """Width and height of a cell with any of the numbers in it."""
        every = (float(value) for each in self.signals for value in each.numbers.flat)
        return max(NUMBERED[0], 8 + max(measure(text(small(decimals(value))))[0] for value in every)), NUMBERED[1]

    def _coloured(self, rows: int) -> Point:
        """Width and height of a cell without, of a map with so many rows: few of them are larger."""
        wide = min((NARROW if self.columns <= FEW else WIDE) / self.columns, 40.0)
        return wide, 16.0 if rows <= FEW else min(max(600 / rows, 6.0), 12.0)

    def diagram(self) -> Diagram:
        heads = [words.head(self.about, each) for each in self.signals]
        room = max([self.width, *(measure(head)[0] for head in heads)])
        many = max(int((WIDEST + APART) / (MARGIN + room + APART)), 1)
        many = ceil(len(heads) / ceil(len(heads) / many))  # rows of equal length
        top = bottom = 0.0
        for number, (signal, head) in enumerate(zip(self.signals, heads, strict=True)):
            place = number % many
            if number and not place:
                top = bottom - BELOW
            x = place * (MARGIN + room + APART) + MARGIN
            high = measure(head)[1]
            self.sheet.note(f"{id_of(signal.name)}-head", head, x, top - high / 2, anchor="left", role=signal.role,
                            symbol=signal.name)  # fmt: skip
            self._plot(signal, (x, top - high - 8))
            bottom = min(bottom, self._map(signal, (x, top - high - 8 - HIGH - 14)))
        self._bars(bottom - 24)
        return self.sheet.diagram(
            view="trace",
            **words.WORDS.captions(self.about),
            legend=words.legend(self.about, self.signals[0].role),
            layer=self.layer.name,
            facts={"units": self.signals[0].units, "steps": self.steps, "signals": len(self.signals)},
            origin=f"{self.values.origin}.",
            badge=self.values.badge,
        )

    def _x(self, left: float, step: float) -> float:
        """The middle of a step, from 1, on an axis that begins at `left`."""
        return left + (step - 0.5) * self.cell[0] / self.blocks.steps

    # -- lines

    def _plot(self, signal: SignalValues, corner: Point) -> None:
        """All units as lines on one scale, the one in focus on top."""
        left, top = corner
        low = signal.end * LOWEST[signal.ramp] if self.negative else 0.0

        def y(value: float) -> float:
            return top - HIGH * (signal.end - value) / (signal.end - low)

        plot = self.sheet.node(f"{id_of(signal.name)}-plot", (), "note", left + self.width / 2, top - HIGH / 2,
                               width=self.width, height=HIGH, layer=self.layer.name)  # fmt: skip
        ticks = (low, (low + signal.end) / 2, signal.end)
        for value in ticks:
            tick = text(small(short(value)))
            self.sheet.note(f"{id_of(signal.name)}-tick-{value:g}", tick, left - 6, y(value), anchor="right")
        if low:
            self._curve(plot, "zero", "note", [(left, y(0)), (left + self.width, y(0))], mark="faded")
        x = self._x(left, self.step)
        self._curve(plot, "step", "note", [(x, top - HIGH), (x, top)], mark="faded")
        xs = [self._x(left, (first + min(first + self.blocks.along - 1, self.steps)) / 2)
              for first in range(1, self.steps + 1, self.blocks.along)]  # fmt: skip
        for unit, course in courses(signal, self.blocks, self.unit).items():
            points = [(at, y(float(value))) for at, value in zip(xs, course, strict=True)]
            if len(points) == 1:
                points = [(left + self.width / 4, points[0][1]), (left + 3 * self.width / 4, points[0][1])]
            mark = "focus" if unit == self.unit else "faded"
            self._curve(plot, str(unit), signal.role, points, mark=mark, unit=unit, symbol=signal.name)

    def _curve(self, plot: Node, id: str, role: str, points: Sequence[Point], **facts: Any) -> None:
        self.sheet.curve(plot, f"{plot.id}-{id}", role, points, layer=self.layer.name, **facts)

    # -- maps

    def _map(self, signal: SignalValues, corner: Point) -> float:
        """A row a unit, a column a step, each a colour; its lowest place."""
        left, top = corner
        wide, high = self.cell
        values = means(signal.numbers, self.blocks.steps, self.blocks.units)
        columns, rows = values.shape
        size = columns * wide, rows * high
        ground = self.sheet.node(f"{id_of(signal.name)}-map", (), signal.role, left + size[0] / 2, top - size[1] / 2,
                                 width=size[0], height=size[1], level=0.0, ramp=signal.ramp,
                                 layer=self.layer.name, symbol=signal.name)  # fmt: skip
        tip = words.tips(self.about, signal)
        for line in range(rows):
            for column in range(columns):
                value = float(values[column, line])
                of = number_of(self.about["layer"], signal.name, column + 1, line + 1)
                label = text(replace(small(decimals(value)), of=of)) if self.written else ()
                self.sheet.node(
                    f"{id_of(signal.name)}-{column + 1}-{line + 1}", label, signal.role, left + (column + 0.5) * wide,
                    top - (line + 0.5) * high, width=wide, height=high, padding=(1, 1), inside=ground.id,
                    level=round(value / signal.map_end, 3) + 0.0, ramp=signal.ramp, symbol=signal.name,
                    tip=tip(column, line, value), **self._place(column, line),
                )  # fmt: skip
        focus = (self.unit - 1) // self.blocks.units
        for line, number in self._labels(rows, high, LABEL, focus, signal.units, self.blocks.units):
            label = text(bold(f"▸{self.unit:,}") if line == focus else small(f"{number:,}"))
            self.sheet.note(
                f"{id_of(signal.name)}-unit-{number}", label, left - 6, top - (line + 0.5) * high, anchor="right"
            )
        widest = measure(text(small(f"{self.steps:,}")))[0] + 8
        bottom = top - rows * high - 2 - LABEL / 2
        focus = (self.step - 1) // self.blocks.steps
        for column, number in self._labels(columns, wide, widest, focus, self.steps, self.blocks.steps):
            at = (left + (column + 0.5) * wide, bottom)
            self.sheet.note(f"{id_of(signal.name)}-step-{number}", text(small(f"{number:,}")), *at)
        return bottom - LABEL / 2

    def _place(self, column: int, line: int) -> dict[str, Any]:
        """Which step and unit a cell is of, where it is of one."""
        if self.blocks.steps * self.blocks.units > 1:
            return {}
        return {"step": column + 1, "unit": line + 1, "layer": self.layer.name}

    def _labels(
        self, many: int, size: float, room: float, focus: int, last: int, per: int
    ) -> Iterator[tuple[int, int]]:
        """Which rows or columns are labelled, with the number of the first thing in each: none too near another."""
        every = next(step for step in round_numbers() if step * size >= room)
        kept: list[int] = []
        for place in (focus, 0, many - 1, *range(every - 1 if per == 1 else 0, many, every)):
            if place < many and all(abs(place - other) * size >= room for other in kept):
                kept.append(place)
        return ((place, min(place * per + 1, last)) for place in sorted(kept))

    # -- scales

    def _bars(self, top: float) -> None:
        """Each scale once: a bar from end to end, its ends printed, and whose it is."""
        left = MARGIN
        scales: dict[tuple[str, float], list[str]] = {}
        for signal in self.signals:
            scales.setdefault((signal.ramp, signal.map_end), []).append(signal.name)
        wide, high = BAR
        for number, ((ramp, end), readers) in enumerate(scales.items()):
            scale = _scale(f"scale-{number}", ramp, end, words.whose(readers, ramp, self.blocks))
            self.sheet.put(scale, left + scale.width / 2, top - high / 2)
            left += scale.width + 2 * APART
            if left + 2 * STEPS * wide > WIDEST:
                left, top = MARGIN, top - high - 40


def _scale(id: str, ramp: str, end: float, whose: str) -> Box:
    """The colours from its lowest to its highest value; the ends, and 0, below them; what is said beside them."""
    (wide, high), places = BAR, range(STEPS * LOWEST[ramp], STEPS + 1)
    look: dict[str, Any] = {"width": wide, "height": high, "ramp": ramp}
    cells = [node(f"{id}-{place}", (), "note", level=place / STEPS, **look) for place in places]
    ground = inside(id, "note", row(*cells), level=0.0, ramp=ramp)
    ends = {place: note(f"{id}-at-{place}", text(small(short(end * place / STEPS)))) for place in (places[0], 0, STEPS)}
    below = [cell(ends.get(place, strut()), wide, 20) for place in places]
    return row(labelled(ground, under=row(*below)), note(f"{id}-of", text(small(whose)), align="left"), gap=10)
