"""What every unit does over time: a line a unit, and below it a map of units by steps, for each signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, inf, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmdiag.diagrams import Diagram, Node, Point
from lstmdiag.diagrams.boxes import Box, cell, inside, labelled, node, note, row, strut
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, measure, small, text
from lstmdiag.errors import Problem, UsageError
from lstmdiag.layer import CellLayer
from lstmdiag.model import Model
from lstmdiag.running.step_values import padded
from lstmdiag.views import trace_texts as words
from lstmdiag.views.labels import number_of
from lstmdiag.views.numbers import decimals, short
from lstmdiag.views.selection import Selection, chosen_layer, chosen_step, chosen_unit, model_and_values
from lstmdiag.views.trace_values import SignalValues, courses, make, means, moved, names, round_numbers, shown
from lstmdiag.views.trace_values import extent as _extent
from lstmdiag.views.words import Facts, id_of

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WIDEST, LONGEST = 1040.0, 1600.0  # of a row of signals, of a picture that scrolls, points
MARGIN, APART, BELOW = 46.0, 26.0, 34.0  # left of a plot, between two signals, between two rows of them
PLOTS = (96.0, 64.0)  # heights of a plot, with room enough and without
HEAD, GAP = 8.0, 14.0  # below a head, below a plot
NARROW, WIDE, LEAST, NUMBERED = 120.0, 240.0, 150.0, (46.0, 20.0)  # of plots; of a cell with a number in it
FEW = 8  # columns or rows of a map that have more room
WRITTEN = 60  # cells of a map that have their number written in
COLUMNS, CELLS, ROWS, CHOSEN = 40, 800, (20, 128), 40  # of one map: all units, and of more those that move most
ALONG = 60  # points of a line
LOWEST = 6.0  # of a row
LABEL = 15.0  # height of a small line, of a row that is labelled
BAR, STEPS, SCALE = (14.0, 14.0), 10, 40.0  # a cell of a scale's bar, how many lie on one side of 0; a line of bars


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """The signals of a layer over all steps; the unit in focus, by default one the claim is about, is drawn heavier.

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
    claim = words.claim(values, layer, found)
    last = len(found[0].numbers)
    step = claim["step"] if selection.step is None else chosen_step(layer, selection, last)
    unit = chosen_unit(layer, selection, default=claim["unit"])
    kept = [each for each in found if each.name in layer.cell.state] if selection.detail.tight else found
    return _Drawing(values, layer, found, kept or found, claim | {"unit": unit, "step": step}, selection).diagram()


def extent(model: Model, selection: Selection) -> Point:
    """The ends of its scale, for pictures that stand beside each other."""
    return _extent(model, selection, chosen_layer(model, selection))


class _Drawing:
    def __init__(
        self, values: Values, layer: CellLayer, every: Sequence[SignalValues], signals: Sequence[SignalValues],
        claim: Facts, selection: Selection,
    ) -> None:  # fmt: skip
        self.values, self.layer, self.signals = values, layer, signals
        self.unit, self.step = claim["unit"], claim["step"]
        self.sheet = Sheet()
        self.steps = len(signals[0].numbers)
        self.across, self.along = ceil(self.steps / COLUMNS), ceil(self.steps / ALONG)  # steps of a column, of a point
        self.columns = ceil(self.steps / self.across)
        self.skipped = [step - 1 for step in padded(values, layer)]
        self.about = words.about(values, layer, every, signals, claim)
        self.heads = [words.head(self.about, each) for each in signals]
        self.room = selection.detail.width, selection.detail.height
        if self.room[1] == inf != self.room[0]:
            self.room = self.room[0], LONGEST
        self._arrange(max(each.units for each in signals))
        self.about |= words.drawn(self.about, signals, self.units, self.along, self.across)

    def _arrange(self, most: int) -> None:
        """How wide and high every part is, and which units have a row: as many as there is room for."""
        wide, high = self.room
        numbered = self._numbered()
        self.written = most * self.steps <= WRITTEN and self.steps <= FEW and numbered[0] * self.steps + MARGIN <= wide
        full = NARROW if self.columns <= FEW else WIDE
        full = numbered[0] * self.steps if self.written else min(full, 40.0 * self.columns)
        head = max(measure(each)[0] for each in self.heads)
        room = max(head, full if self.written or wide == inf else min(full, LEAST))
        many = max(int((min(wide, WIDEST if wide == inf else wide) + APART) / (MARGIN + room + APART)), 1)
        lines = ceil(len(self.heads) / many)
        self.many = ceil(len(self.heads) / lines)  # rows of equal length
        share = (wide + APART) / self.many - APART - MARGIN
        self.width = full if self.written else min(full, share)
        self.place = max(self.width, head)
        self.bars = list(self._bars())
        used = max(measure(each)[1] for each in self.heads) + HEAD + 2 + LABEL
        left = (high - 24 - SCALE * len(self.bars) + BELOW) / lines - BELOW - used
        tall = [each for each in PLOTS if left - each - GAP >= min(most * LABEL, 90)] or PLOTS[-1:]
        self.plot_high = tall[0] if self.steps > 1 else 0.0
        left -= self.plot_high + GAP * (self.steps > 1)
        self._rows(most, left)

    def _rows(self, most: int, room: float) -> None:
        """All units where they have room, else those that move most, the one in focus among them."""
        lowest = NUMBERED[1] if self.written else LOWEST
        few, many = ROWS
        self.whole = most <= min(max(few, CELLS // self.columns), many) and most * lowest <= room
        high = NUMBERED[1] if self.written else LABEL
        count = most if self.whole else max(min(int(min(room, 1e6) / high), CHOSEN, most), 1)
        if self.whole and not self.written:
            free = 16.0 if most <= FEW else min(max(600 / most, LOWEST), 12.0)
            high = min(free, room / most)
        self.cell = self.width / self.columns, high
        self.units = {each.units: self._most_moved(each.units, count) for each in self.signals}

    def _most_moved(self, units: int, count: int) -> list[int]:
        """All of so many units in their order, or as many as are counted, that which moves most first."""
        if units <= count:
            return list(range(1, units + 1))
        order = np.argsort(-moved(self.layer, self.values, self.signals, units), kind="stable") + 1
        found = [int(unit) for unit in order[:count]]
        return found if self.unit in found or self.unit > units else [*found[:-1], self.unit]

    def _numbered(self) -> Point:
        """Width and height of a cell with any of the numbers in it."""
        few = [each.numbers.flat for each in self.signals if each.numbers.size <= WRITTEN]
        widths = [measure(text(small(decimals(float(value)))))[0] for numbers in few for value in numbers]
        return max(NUMBERED[0], 8 + max(widths, default=0)), NUMBERED[1]

    def diagram(self) -> Diagram:
        top = bottom = 0.0
        for number, (signal, head) in enumerate(zip(self.signals, self.heads, strict=True)):
            place = number % self.many
            if number and not place:
                top = bottom - BELOW
            x = place * (MARGIN + self.place + APART) + MARGIN
            high = measure(head)[1]
            self.sheet.note(f"{id_of(signal.name)}-head", head, x, top - high / 2, anchor="left", role=signal.role,
                            symbol=signal.name)  # fmt: skip
            below = top - high - HEAD
            if self.steps > 1:
                self._plot(signal, (x, below))
                below -= self.plot_high + GAP
            bottom = min(bottom, self._map(signal, (x, below)))
        for line, boxes in enumerate(self.bars):
            left = MARGIN
            for scale in boxes:
                self.sheet.put(scale, left + scale.width / 2, bottom - 24 - BAR[1] / 2 - SCALE * line)
                left += scale.width + 2 * APART
        return self.sheet.diagram(
            view="trace",
            **words.WORDS.captions(self.about),
            legend=words.legend(self.about, self.signals[0].role) if self.steps > 1 else (),
            layer=self.layer.name,
            facts={"units": self.signals[0].units, "steps": self.steps, "signals": len(self.signals)},
            origin=f"{self.values.origin}.",
            badge=self.values.badge,
        )

    def _x(self, left: float, step: float) -> float:
        """The middle of a step, from 1, on an axis that begins at `left`."""
        return left + (step - 0.5) * self.cell[0] / self.across

    # -- lines

    def _plot(self, signal: SignalValues, corner: Point) -> None:
        """Units as lines on one scale, the one in focus on top; what a masked step does not use is left out."""
        left, top = corner
        high, low = self.plot_high, signal.low

        def y(value: float) -> float:
            return top - high * (signal.end - value) / (signal.end - low)

        plot = self.sheet.node(f"{id_of(signal.name)}-plot", (), "note", left + self.width / 2, top - high / 2,
                               width=self.width, height=high, layer=self.layer.name)  # fmt: skip
        ticks = (low, (low + signal.end) / 2, signal.end)
        for value in ticks:
            tick = text(small(short(value)))
            self.sheet.note(f"{id_of(signal.name)}-tick-{value:g}", tick, left - 6, y(value), anchor="right")
        if low < 0:
            self._curve(plot, "zero", "note", [(left, y(0)), (left + self.width, y(0))], mark="faded")
        x = self._x(left, self.step)
        self._curve(plot, "step", "note", [(x, top - high), (x, top)], mark="faded")
        xs = [self._x(left, (first + min(first + self.along - 1, self.steps)) / 2)
              for first in range(1, self.steps + 1, self.along)]  # fmt: skip
        numbers = self._numbers(signal, self.along, states=True)
        for unit, course in courses(signal, numbers, self.units[signal.units], self.unit).items():
            mark = "focus" if unit == self.unit else "faded"
            for part, points in enumerate(_unbroken([(at, y(float(v))) for at, v in zip(xs, course, strict=True)])):
                id = f"{unit}-{part + 1}" if part else str(unit)
                self._curve(plot, id, signal.role, points, mark=mark, unit=unit, symbol=signal.name)

    def _numbers(self, signal: SignalValues, size: int, *, states: bool = False) -> Any:
        """Means of so many steps, masked ones left out: nan where all are; `states`, which stay, are kept."""
        numbers = np.array(signal.numbers, dtype=float)
        if not (states and signal.name in self.layer.cell.state):
            numbers[self.skipped] = np.nan
        return means(numbers, size)

    def _curve(self, plot: Node, id: str, role: str, points: Sequence[Point], **facts: Any) -> None:
        self.sheet.curve(plot, f"{plot.id}-{id}", role, points, layer=self.layer.name, **facts)

    # -- maps

    def _map(self, signal: SignalValues, corner: Point) -> float:
        """A row a unit, a column a step or more, each a colour, none where it is masked; its lowest place."""
        left, top = corner
        wide, high = self.cell
        values, units = self._numbers(signal, self.across), self.units[signal.units]
        columns, rows = len(values), len(units)
        size = columns * wide, rows * high
        ground = self.sheet.node(f"{id_of(signal.name)}-map", (), signal.role, left + size[0] / 2, top - size[1] / 2,
                                 width=size[0], height=size[1], level=0.0, ramp=signal.ramp,
                                 layer=self.layer.name, symbol=signal.name)  # fmt: skip
        tip = words.tips(self.about, signal, self.across)
        for line, unit in enumerate(units):
            for column in range(columns):
                value = float(values[column, unit - 1])
                place: dict[str, Any] = {} if self.across > 1 else {"step": column + 1, "unit": unit}
                look: dict[str, Any] = {"role": "note", "label": (), "tip": words.skipped(column + 1)}
                if not isnan(value):
                    of = number_of(self.about["layer"], signal.name, column + 1, unit)
                    label = text(replace(small(decimals(value)), of=of)) if self.written else ()
                    look = {"role": signal.role, "label": label, "level": round(value / signal.end, 3) + 0.0,
                            "ramp": signal.ramp, "symbol": signal.name, "tip": tip(column, unit, value)}  # fmt: skip
                self.sheet.node(
                    f"{id_of(signal.name)}-{column + 1}-{unit}", x=left + (column + 0.5) * wide,
                    y=top - (line + 0.5) * high, width=wide, height=high, padding=(1, 1), inside=ground.id,
                    layer="" if self.across > 1 else self.layer.name, **look, **place,
                )  # fmt: skip
        focus = units.index(self.unit) if self.unit in units else 0
        for line in self._labels(rows, high, LABEL, focus, per=1):
            number = units[line]
            label = text(bold(f"▸{number:,}") if number == self.unit else small(f"{number:,}"))
            self.sheet.note(
                f"{id_of(signal.name)}-unit-{number}", label, left - 6, top - (line + 0.5) * high, anchor="right"
            )
        widest = measure(text(small(f"{self.steps:,}")))[0] + 8
        bottom = top - rows * high - 2 - LABEL / 2
        for column in self._labels(columns, wide, widest, (self.step - 1) // self.across, per=self.across):
            number, at = column * self.across + 1, (left + (column + 0.5) * wide, bottom)
            self.sheet.note(f"{id_of(signal.name)}-step-{number}", text(small(f"{number:,}")), *at)
        return bottom - LABEL / 2

    def _labels(self, many: int, size: float, room: float, focus: int, *, per: int) -> Iterator[int]:
        """Which rows or columns are labelled: none too near another."""
        every = next(step for step in round_numbers() if step * size >= room)
        kept: list[int] = []
        for place in (focus, 0, many - 1, *range(every - 1 if per == 1 else 0, many, every)):
            if place < many and all(abs(place - other) * size >= room for other in kept):
                kept.append(place)
        return iter(sorted(kept))

    # -- scales

    def _bars(self) -> Iterator[list[Box]]:
        """Each scale once, in lines: a bar from end to end, its ends printed, and whose it is."""
        scales: dict[tuple[str, float, float], list[str]] = {}
        for signal in self.signals:
            scales.setdefault((signal.ramp, signal.low, signal.end), []).append(signal.name)
        widest = min(self.room[0], WIDEST) - MARGIN
        wide = BAR[0] if widest > 2 * WIDE else BAR[0] / 2
        line: list[Box] = []
        for number, ((ramp, low, end), readers) in enumerate(scales.items()):
            scale = _scale(f"scale-{number}", ramp, low, end, wide, words.whose(readers, ramp))
            if line and sum(each.width + 2 * APART for each in line) + scale.width > widest:
                yield line
                line = []
            line.append(scale)
        yield line


def _unbroken(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The runs of points that have a number; one alone is drawn as a short line."""
    run: list[Point] = []
    for point in (*points, (0.0, float("nan"))):
        if not isnan(point[1]):
            run.append(point)
        elif run:
            (x, y), *more = run
            yield run if more else [(x - 2, y), (x + 2, y)]
            run = []


def _scale(id: str, ramp: str, low: float, end: float, wide: float, whose: str) -> Box:
    """The colours from its lowest to its highest value; the ends, and 0, below them; what is said beside them."""
    places = range(-STEPS if low < 0 else 0, STEPS + 1)
    look: dict[str, Any] = {"width": wide, "height": BAR[1], "ramp": ramp}
    cells = [node(f"{id}-{place}", (), "note", level=place / STEPS, **look) for place in places]
    ground = inside(id, "note", row(*cells), level=0.0, ramp=ramp)
    ends = {place: note(f"{id}-at-{place}", text(small(short(end * place / STEPS)))) for place in (places[0], 0, STEPS)}
    below = [cell(ends.get(place, strut()), wide, 20) for place in places]
    return row(labelled(ground, under=row(*below)), note(f"{id}-of", text(small(whose)), align="left"), gap=10)
