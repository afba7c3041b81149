"""The grid of the unrolled picture, lanes × columns: first how large everything is, then where it stands. Points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import fsum

from lstmdiag.diagrams import Bounds, Point, Text
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

EDGE = 12.0  # from the edge of a lane to what stands in it
MARGIN = 274.0  # room for the words on the left
PILL = 7.0  # before a pill
TITLE_LINE = 23.0  # the name of a lane and its pills
NODE = (84.0, BOX + 20)  # narrowest and widest box of a layer
RAIL = 36.0  # between the state rails of one lane
PAD = 18.0  # from the outer rail to the border of its node
UNDER = 32.0  # below the last node, for what becomes of its states
WIRE = 62.0  # shortest piece of rail between two nodes
ENTRY = 28.0  # from an initial state to the first node
RISE = 46.0  # between two lanes
STUB = 82.0  # the same, where h ends in between
CROSS = 110.0  # the same, where the order of the steps is turned round
DIVIDER = 26.0  # on either side of the line between two time axes
LEVEL = 12.0  # between two horizontal wires
TRACK = 9.0  # between two wires beside a column
TRACKS = 16.0  # from a column to the first of them
FOOT = 12.0  # between two wires into one box
STUB_WORDS = 110.0  # from a column to the right end of the words beside an h that is not returned
LEAVE = 26.0  # from the last node to what is left over
FINAL = 44.0  # narrowest box of a final state
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

    # Sizes

    @cached_property
    def _labels(self) -> tuple[Point, ...]:
        """Width and height of the largest label in each lane's boxes."""
        return tuple(measure(self.labels.largest(lane)) for lane in self.lanes)

    def height(self, lane: Lane) -> float:
        """Of a lane's boxes."""
        if lane.states:
            return max(len(lane.states) - 1, 0.75) * RAIL + 2 * PAD
        return max(HEIGHTS.get(lane.kind, 48.0), self._labels[lane.index][1] + 12)

    @cached_property
    def widths(self) -> Mapping[int, float]:
        """Axis → of the boxes of layers that stand on it; -1: before any axis."""
        return {
            axis: max([NODE[0], *(width for lane in self.on(axis) for width in self._needs(lane))])
            for axis in range(-1, len(self.axes))
        }

    def _needs(self, lane: Lane) -> list[float]:
        """Widths that a lane's boxes need, for their label and for the wires into them."""
        feet = [2 * FOOT * (1 + abs(route.foot)) for route in self.routings[lane.index].inputs]
        return [self._labels[lane.index][0] + 20, *feet]

    @cached_property
    def margins(self) -> tuple[Text, ...]:
        """The words beside each lane."""
        return tuple(self.labels.margin(lane, MARGIN - 2 * EDGE) for lane in self.lanes)

    @cached_property
    def titles(self) -> tuple[Text, ...]:
        """The name of each lane."""
        rooms = (MARGIN - 2 * EDGE - _pills(lane) for lane in self.lanes)
        return tuple(title(lane, max(NODE[0], room)) for lane, room in zip(self.lanes, rooms, strict=True))

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Of lanes."""
        return tuple(
            max(self.height(lane) + (2 * UNDER if lane.returns_all else 16), TITLE_LINE + measure(words)[1] + 14)
            for lane, words in zip(self.lanes, self.margins, strict=True)
        )

    @cached_property
    def rooms(self) -> Mapping[int, float]:
        """Axis → for wires at the left of each of its columns; -1: of what stands before any axis."""
        numbers = {axis: tracks(self.lanes, self.routings, axis) for axis in self.widths}
        return {axis: TRACKS + TRACK * number if number else 0.0 for axis, number in numbers.items()}

    def on(self, axis: int) -> list[Lane]:
        return [lane for lane in self.lanes if lane.stands_on(axis)]

    # Places

    @cached_property
    def ys(self) -> tuple[float, ...]:
        """The middle of each lane."""
        ys = [0.0]
        for below, lane in pairwise(self.lanes):
            routing = self.routings[lane.index]
            stubs = below.unreturned and len(self.axes[below.axis].columns) > 1
            rise = CROSS if routing.crosses else STUB if stubs else RISE
            half = self.heights[below.index] / 2
            ys.append(ys[-1] + (half + rise + LEVEL * routing.levels + self.heights[lane.index] / 2))
        return tuple(ys)

    @cached_property
    def start(self) -> float:
        """Where the words on the left end."""
        names = (measure(name)[0] + _pills(lane) for lane, name in zip(self.lanes, self.titles, strict=True))
        return max([MARGIN, *(2 * EDGE + name for name in names)])

    @cached_property
    def spans(self) -> Mapping[int, Span]:
        """Of the axes, from left to right; -1: of what stands before any, at one place."""
        x = self.start + EDGE
        half = max(NODE[1], self.widths[-1]) / 2
        lone = x + self.rooms[-1] + half
        spans = {-1: Span((lone,), x, lone + NODE[1], lone, lone)}
        if self.on(-1):
            x = lone + half + 2 * DIVIDER
        for number, axis in enumerate(self.axes):
            before, pitch, behind = self._spacing(number)
            entry = x + EDGE / 2
            entering = risers(self.lanes, self.routings, number, right=False)
            first = entry + LEVEL * entering + before + self.widths[number] / 2
            xs = tuple(first + column.index * pitch for column in axis.columns)
            leaving = risers(self.lanes, self.routings, number, right=True)
            exit = xs[-1] + behind + (EDGE / 2 if leaving else 0)
            spans[number] = Span(xs, x, exit + LEVEL * leaving, entry, exit, axis.last.since)
            x = spans[number].right + 2 * DIVIDER
        return spans

    def _spacing(self, number: int) -> tuple[float, float, float]:
        """Room before the first column, from column to column, and from the middle of the last one on."""
        axis, on, labels = self.axes[number], self.on(number), self.labels
        wide, room = self.widths[number], self.rooms[number]
        recurrent = [lane for lane in on if lane.states]
        left, right = [0.0], [wide / 2 + 2]
        for lane in recurrent:
            finals = LEAVE + STUB_WORDS if lane.note_beside else LEAVE + 20
            begins = [measure(labels.begin(lane, state))[0] + 20 + ENTRY for state in lane.states]
            ends = [max(FINAL, measure(labels.widest_final(lane, state))[0] + 26) + finals for state in lane.finals]
            before, behind = (begins, ends)[:: lane.ahead]
            left += [length + room for length in before]
            right += [length + wide / 2 for length in behind]
        up = [labels.widest_wire(lane, lane.public, lane.wire_shape) for lane in on if lane.axis == number]
        wires = [measure(label)[0] + EDGE for label in up]
        left.append(fitted(pill(axis.name, axis.steps), "pill")[0])
        along = [
            measure(labels.widest_wire(lane, state, shape))[0] + 16
            for lane in recurrent
            for state, shape in lane.states.items()
        ]
        pitches = [wide + max([WIRE, *along]) + room]
        shown = [column for column in axis.columns if axis.labels(column)]
        pitches += [measure(head(column, axis))[0] + EDGE for column in shown]
        inputs = [lane for lane in on if lane.kind == "input"]
        pitches += [fitted(labels.node(lane, column), "box")[0] + EDGE for lane in inputs for column in shown]
        if room:
            stubs = [STUB_WORDS for lane in recurrent if lane.unreturned]
            pitches += [length + room + wide / 2 for length in (*wires, *stubs)]
        return max(left), max(pitches), max([*right, *wires])

    @cached_property
    def right(self) -> float:
        return self.spans[len(self.axes) - 1].right

    def at(self, lane: Lane, column: Column = ALONE) -> Point:
        """The middle of a lane's box; one that stands alone is above the last column of its axis."""
        y = self.ys[lane.index]
        if column is ALONE:
            return self.spans[lane.before].xs[-1], y
        return self.spans[lane.axis].xs[column.index], y

    def band(self, lane: Lane) -> Bounds:
        """The whole width of a lane."""
        y, half = self.ys[lane.index], self.heights[lane.index] / 2
        return 0.0, y - half, self.right + EDGE, y + half

    def rails(self, lane: Lane) -> Mapping[str, float]:
        """State → y of its rail: the public one lowest, the private ones above it."""
        lowest = self.ys[lane.index] - (len(lane.states) - 1) / 2 * RAIL
        return {state: lowest + number * RAIL for number, state in enumerate(lane.states)}

    def level(self, lane: Lane, number: int) -> float:
        """The y of one of the horizontal wires below a lane, counted upwards."""
        return self.band(lane)[1] - 10 - (self.routings[lane.index].levels - 1 - number) * LEVEL

    def riser(self, lane: Lane, number: int, *, right: bool) -> float:
        """The x of one of the wires that go up beside the columns of a lane's axis."""
        span = self.spans[lane.axis]
        return (span.exit if right else span.entry) + LEVEL * number


def lay_out(model: Model, wanted: Wanted, numbers: Numbers) -> Grid:
    """Raises UsageError where the steps cannot be drawn as wanted."""
    lanes, lengths = lanes_of(model, numbers.padded)
    axes = axes_of(lengths, wanted, len(lanes), {lane.axis for lane in lanes if lane.masked})
    labels = Labels(lanes, axes, signals_of(lanes, axes), numbers)
    return Grid(lanes, axes, routed(lanes, axes), labels)


def _pills(lane: Lane) -> float:
    """The width of the pills behind a lane's name."""
    return fsum(PILL + width for _, _, width in pills(lane))


def pills(lane: Lane) -> Iterator[tuple[str, Text, float]]:
    """The sizes behind a lane's name: letter, label, width."""
    for letter, size in lane.pills:
        label = pill(letter, size)
        yield letter, label, fitted(label, "pill")[0]
