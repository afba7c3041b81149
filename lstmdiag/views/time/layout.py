"""The grid of the unrolled picture, lanes × columns: first how large everything is, then where it stands. Points."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import fsum

from lstmdiag.diagrams import Bounds, Point, Text
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import fitted
from lstmdiag.diagrams.text import measure
from lstmdiag.model import Model
from lstmdiag.views.letters import pill
from lstmdiag.views.time.axes import ALONE, Axis, Column, Wanted, axes_of
from lstmdiag.views.time.labels import BOX, Labels, head, title
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.making import lanes_of
from lstmdiag.views.time.routing import Routing, risers, routed, tracks
from lstmdiag.views.time.signals import Numbers, signals_of
from lstmdiag.views.time.spacing import ROOMY, Spacing, spacing_of

EDGE = 12.0  # from the edge of a lane to what stands in it
PILL = 7.0  # before a pill
TITLE_LINE = 23.0  # the name of a lane and its pills
WIDEST = BOX + 20  # box of a layer
DIVIDER = 26.0  # on either side of the line between two time axes
LEVEL = 12.0  # between two horizontal wires
HEADS = 40.0  # between two lanes, where the steps of an axis are told
TRACK = 9.0  # between two wires beside a column
TRACKS = 16.0  # from a column to the first of them
NAMED = 200.0  # room for a name and its pills, where there are no words below it
FATE = 110.0  # from a final state to the right end of the words beside it
HALF = 10.0  # beside what stands in one half of a box
FOOT = 12.0  # between two wires into one box
HEIGHTS = {"repeat": 76.0, "input": 30.0, "output": 30.0}  # of boxes without states


@dataclass(frozen=True)
class Span:
    """Where an axis stands."""

    xs: tuple[float, ...]  # of its columns
    left: float  # everything of this axis lies between left and right
    right: float
    entry: float  # of the first riser before the columns
    exit: float  # of the first riser behind them
    complete: int = 0  # the build-up state in which all its columns are there


@dataclass(frozen=True)
class Grid:
    """Lanes from the bottom up, time axes from left to right."""

    lanes: tuple[Lane, ...]
    axes: tuple[Axis, ...]
    routings: Sequence[Routing]
    labels: Labels
    spacing: Spacing
    stacked: bool  # whether the axes stand above each other, in the same columns

    # Sizes

    @cached_property
    def _labels(self) -> tuple[Point, ...]:
        """Width and height of the largest label in each lane's boxes."""
        return tuple(measure(self.labels.largest(lane)) for lane in self.lanes)

    def height(self, lane: Lane) -> float:
        """Of a lane's boxes."""
        if lane.states:
            return max(len(lane.states) - 1, 0.75) * self.spacing.rail + 2 * self.spacing.pad
        return max(HEIGHTS.get(lane.kind, self.spacing.plain), self._labels[lane.index][1] + 12)

    @cached_property
    def widths(self) -> Mapping[int, float]:
        """Axis → of the boxes of layers that stand on it; -1: before any axis."""
        return {
            axis: max([self.spacing.node, *(width for lane in self.on(axis) for width in self._needs(lane))])
            for axis in range(-1, len(self.axes))
        }

    def _needs(self, lane: Lane) -> list[float]:
        """Widths that a lane's boxes need, for their label and for the wires into them."""
        routing = self.routings[lane.index]
        feet = [2 * FOOT * (1 + abs(route.foot)) for route in routing.inputs]
        halves = [2 * (measure(self.labels.half_of(route.source))[0] + HALF) for route in routing.inputs if lane.merges]
        return [self._labels[lane.index][0] + self.spacing.inside, *feet, *halves]

    @cached_property
    def margins(self) -> tuple[Text, ...]:
        """The words beside each lane."""
        room = self.spacing.margin - 2 * EDGE
        return tuple(self.labels.margin(lane, room) if room > 0 else () for lane in self.lanes)

    @cached_property
    def titles(self) -> tuple[Text, ...]:
        """The name of each lane."""
        if self.spacing.bare:
            return ((),) * len(self.lanes)
        rooms = (max(self.spacing.margin, NAMED) - 2 * EDGE - self._pills(lane) for lane in self.lanes)
        return tuple(title(lane, max(ROOMY.node, room)) for lane, room in zip(self.lanes, rooms, strict=True))

    def _pills(self, lane: Lane) -> float:
        """The width of the pills behind a lane's name."""
        return fsum(PILL + width for _, _, width in pills(lane))

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Of lanes."""
        return tuple(
            max(self.height(lane) + (2 * self.spacing.under if lane.returns_all else 16), beside)
            for lane, beside in zip(self.lanes, map(self._beside, self.lanes), strict=True)
        )

    def _beside(self, lane: Lane) -> float:
        """The height of the words at the left of a lane."""
        words = self.margins[lane.index]
        return TITLE_LINE + measure(words)[1] + 14 if words or self.spacing.margin else 0.0

    @cached_property
    def rooms(self) -> Mapping[int, float]:
        """Axis → for wires at the left of each of its columns; -1: of what stands before any axis."""
        numbers = {axis: tracks(self.lanes, self.routings, self.beside(axis)) for axis in self.widths}
        return {axis: TRACKS + TRACK * number if number else 0.0 for axis, number in numbers.items()}

    def beside(self, axis: int) -> Collection[int]:
        """The axes that stand in the same columns as this one, itself too."""
        return range(len(self.axes)) if self.stacked and axis >= 0 else (axis,)

    def finals(self, lane: Lane) -> list[str]:
        """The states whose final value is drawn: where there is no room, those that go somewhere."""
        return [state for state in lane.finals if not self.spacing.bare or lane.returns(state)]

    def on(self, axis: int) -> list[Lane]:
        return [lane for lane in self.lanes if lane.stands_on(axis)]

    @cached_property
    def starts(self) -> Sequence[int]:
        """Axis → the lowest lane on it, under which its steps are told."""
        return [next(lane.index for lane in self.lanes if lane.axis == number) for number in range(len(self.axes))]

    # Places

    @cached_property
    def ys(self) -> tuple[float, ...]:
        """The middle of each lane."""
        ys = [0.0]
        for below, lane in pairwise(self.lanes):
            routing = self.routings[lane.index]
            stubs = below.unreturned and len(self.axes[below.axis].columns) > 1
            rise = self.spacing.cross if routing.crosses else self.spacing.stub if stubs else self.spacing.rise
            rise += HEADS * (self.stacked and lane.index in self.starts)
            half = self.heights[below.index] / 2
            ys.append(ys[-1] + (half + rise + LEVEL * routing.levels + self.heights[lane.index] / 2))
        return tuple(ys)

    @cached_property
    def start(self) -> float:
        """Where the words on the left end."""
        titled = ((lane, name) for lane, name in zip(self.lanes, self.titles, strict=True) if name)
        return max([self.spacing.margin, *(2 * EDGE + measure(name)[0] + self._pills(lane) for lane, name in titled)])

    @cached_property
    def spans(self) -> Mapping[int, Span]:
        """Of the axes, from left to right; -1: of what stands before any, at one place."""
        x = self.start + EDGE
        half = max(WIDEST, self.widths[-1]) / 2
        lone = x + self.rooms[-1] + half
        spans = {-1: Span((lone,), x, lone + WIDEST, lone, lone)}
        if self.on(-1):
            x = lone + half + 2 * DIVIDER
        spacings = [self._spacing(number) for number in range(len(self.axes))]
        for number, axis in enumerate(self.axes):
            beside = self.beside(number)
            before, pitch, behind = (max(lengths) for lengths in zip(*(spacings[each] for each in beside), strict=True))
            entry = x + EDGE / 2
            entering = risers(self.lanes, self.routings, beside, right=False)
            first = entry + LEVEL * entering + before + max(self.widths[each] for each in beside) / 2
            xs = tuple(first + column.index * pitch for column in axis.columns)
            leaving = risers(self.lanes, self.routings, beside, right=True)
            longest = max(len(self.axes[each].columns) for each in beside)
            exit = first + (longest - 1) * pitch + behind + (EDGE / 2 if leaving else 0)
            spans[number] = Span(xs, x, exit + LEVEL * leaving, entry, exit, axis.last.since)
            if not self.stacked:
                x = spans[number].right + 2 * DIVIDER
        return spans

    def _spacing(self, number: int) -> tuple[float, float, float]:
        """Room before the first column, from column to column, and from the middle of the last one on."""
        axis, on, labels, space = self.axes[number], self.on(number), self.labels, self.spacing
        wide, room = self.widths[number], self.rooms[number]
        recurrent = [lane for lane in on if lane.states]
        left, right = [0.0], [wide / 2 + 2]
        for lane in recurrent:
            finals = space.leave + (FATE if lane.note_beside else 20)
            begins = [measure(labels.begin(lane, state))[0] + 20 + space.entry for state in lane.states]
            last = [measure(labels.widest_final(lane, state))[0] + 26 for state in self.finals(lane)]
            ends = [max(space.final, length) + finals for length in last]
            before, behind = (begins, ends)[:: lane.ahead]
            left += [length + room for length in before]
            right += [length + wide / 2 for length in behind]
        up = [labels.widest_wire(lane, lane.public, lane.wire_shape) for lane in on if lane.axis == number]
        wires = [measure(label)[0] + EDGE for label in up]
        left.append(fitted(pill(axis.name, axis.steps), "pill")[0])
        if self.stacked:  # what is copied to every step stands before them
            left += [
                self.widths[lane.before] + 2 * EDGE for lane in on if lane.kind == "repeat" and lane.axis == number
            ]
        along = [
            measure(labels.widest_rail(lane, state, shape))[0] + space.along
            for lane in recurrent
            for state, shape in lane.states.items()
        ]
        pitches = [self._pitch(axis, wide, [space.wire, *along]) + room]
        shown = [column for column in axis.columns if axis.labels(column)]
        pitches += [measure(head(column, axis, space))[0] + EDGE for column in shown]
        outer = [lane for lane in on if lane.kind == "input" or (lane.kind == "output" and not lane.alone)]
        pitches += [fitted(labels.node(lane, column), "box")[0] + EDGE for lane in outer for column in shown]
        if room:
            stubs = [space.stub_words for lane in recurrent if lane.unreturned]
            pitches += [length + room + wide / 2 for length in (*wires, *stubs)]
        return max(left), max(pitches), max([*right, *wires])

    def _pitch(self, axis: Axis, wide: float, along: Sequence[float]) -> float:
        """From one column to the next: the boxes' halves and the rail between them; a gap is narrower than a box."""
        if not self.spacing.bare or not axis.elided or axis.drawn > 2:
            return wide + max(along)
        gap = axis.columns[1]
        marks = [measure(self.labels.gap(lane, gap))[0] + 10 for lane in self.lanes if not lane.alone]
        return (wide + max(marks)) / 2 + max(along)

    @cached_property
    def right(self) -> float:
        return self.spans[len(self.axes) - 1].right

    def at(self, lane: Lane, column: Column = ALONE) -> Point:
        """The middle of a lane's box; one that stands alone is above the last column of its axis."""
        y = self.ys[lane.index]
        if column is ALONE and self.stacked and lane.kind == "repeat":
            return self.spans[lane.axis].xs[0] - (self.widths[lane.axis] + self.widths[lane.before]) / 2 - EDGE, y
        if column is ALONE:
            return self.spans[lane.before].xs[-1], y
        return self.spans[lane.axis].xs[column.index], y

    def band(self, lane: Lane) -> Bounds:
        """The whole width of a lane."""
        y, half = self.ys[lane.index], self.heights[lane.index] / 2
        return 0.0, y - half, self.right + EDGE, y + half

    def rails(self, lane: Lane) -> Mapping[str, float]:
        """State → y of its rail: the public one lowest, the private ones above it."""
        lowest = self.ys[lane.index] - (len(lane.states) - 1) / 2 * self.spacing.rail
        return {state: lowest + number * self.spacing.rail for number, state in enumerate(lane.states)}

    def level(self, lane: Lane, number: int) -> float:
        """The y of one of the horizontal wires below a lane, counted upwards."""
        return self.band(lane)[1] - 10 - (self.routings[lane.index].levels - 1 - number) * LEVEL

    def riser(self, lane: Lane, number: int, *, right: bool) -> float:
        """The x of one of the wires that go up beside the columns of a lane's axis."""
        span = self.spans[lane.axis]
        return (span.exit if right else span.entry) + LEVEL * number


def lay_out(model: Model, wanted: Wanted, numbers: Numbers, detail: Detail, *, fold: bool = True) -> Grid:
    """Raises UsageError where the steps cannot be drawn as wanted."""
    lanes, lengths = lanes_of(model, numbers.padded, fold=fold)
    axes = axes_of(lengths, wanted, len(lanes), {lane.axis for lane in lanes if lane.masked}, detail.steps)
    spacing, stacked = spacing_of(detail), detail.upright and len(axes) > 1
    labels = Labels(lanes, axes, signals_of(lanes, axes), numbers, spacing)
    return Grid(lanes, axes, routed(lanes, axes, stacked=stacked), labels, spacing, stacked)


def pills(lane: Lane) -> Iterator[tuple[str, Text, float]]:
    """The sizes behind a lane's name: letter, label, width."""
    for letter, size in lane.pills:
        label = pill(letter, size)
        yield letter, label, fitted(label, "pill")[0]
