"""How the wires of the unrolled picture run: which go straight up, which round other lanes, and at which height.

A wire that cannot go straight up leaves its column to a *track* at the column's left, or a final state to a *riser*
beside the columns of its axis, goes up there, and reaches its reader along a *level* of the channel below the reader.
All are counted here; `layout` gives them places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lstmdiag.layers.reads import MANY
from lstmdiag.views.time.axes import Axis, Column
from lstmdiag.views.time.lanes import Lane, Source

ROWS = 6  # up to so many steps of a reader each have a level of their own; of more, the first and the last two


@dataclass(frozen=True, slots=True)
class Route:
    """How the wires from one source of a lane run."""

    source: Source
    giver: Lane
    kind: Literal["straight", "fan", "level", "direct"] = "level"
    rows: tuple[int | None, ...] = ()  # kind level: which level each drawn step of the reader takes; None: not drawn
    foot: int = 0  # where on the reader's lower border they end, from its middle
    around: bool = False  # beside the column, past lanes that stand in it


@dataclass(frozen=True, slots=True)
class Routing:
    """The wires into one lane and out of it."""

    inputs: tuple[Route, ...]  # one for each source
    starts: Mapping[str, Route]  # one for each state that begins with something
    levels: int  # horizontal wires below the lane
    track: int | None = None  # where its own wires go round other lanes, counted from the column outwards
    exits: Mapping[str, int] = field(default_factory=dict)  # state → riser on which its final value leaves
    entries: Mapping[str, int] = field(default_factory=dict)  # state → riser on which what it starts with arrives

    @property
    def crosses(self) -> bool:
        return any(route.kind == "fan" for route in self.inputs)


def routed(lanes: Sequence[Lane], axes: Sequence[Axis], *, stacked: bool = False) -> list[Routing]:
    """The routing of each lane; `stacked`: the columns of all axes stand in the same places."""
    routings = [_routing(lane, lanes, axes, stacked) for lane in lanes]
    tracks = _tracks(lanes, routings, stacked)
    risers = _risers(lanes, routings, stacked)
    return [
        replace(routing, track=tracks.get(index), exits=exits, entries=entries)
        for index, (routing, (exits, entries)) in enumerate(zip(routings, risers, strict=True))
    ]


def _routing(lane: Lane, lanes: Sequence[Lane], axes: Sequence[Axis], stacked: bool) -> Routing:
    level = 0
    starts: dict[str, Route] = {}
    for source in lane.starts:
        giver = lanes[source.lane]
        around = not source.state and _blocked(lanes, giver, lane, stacked)
        backwards = lane.leftwards or (source.state and giver.leftwards)
        direct = giver.axis < lane.axis and not backwards and not stacked
        starts[source.start] = Route(source, giver, "direct" if direct else "level", (level,), around=around)
        level += not direct
    inputs: list[Route] = []
    feet = {-1: 0, 1: 0}  # side → wires that end on this side of the middle
    for source in lane.sources:
        giver = lanes[source.lane]
        around = _blocked(lanes, giver, lane, stacked)
        alone = all(route.kind == "level" for route in inputs)  # whether the middle is free
        beside = stacked and lane.kind == "repeat"  # at the left of the columns
        if alone and not around and not source.state and not beside and _same_place(source, giver, lane, axes):
            inputs.append(Route(source, giver, "straight"))
        elif giver.index == lane.index - 1 and giver.axis == lane.axis and source.reads in ("reversed", "window"):
            inputs.append(Route(source, giver, "fan"))
        else:
            late = giver.axis > lane.axis or (source.state and giver.axis == lane.axis and not giver.leftwards)
            side = 1 if late else -1
            feet[side] += 1
            rows = [row if row is None else level + row for row in _rows(source, giver, lane, axes)]
            level = max([row + 1 for row in rows if row is not None], default=level)
            inputs.append(Route(source, giver, "level", tuple(rows), side * feet[side], around))
    if len(inputs) == 1:
        inputs = [replace(inputs[0], foot=0)]
    return Routing(tuple(inputs), starts, level)


def _blocked(lanes: Sequence[Lane], giver: Lane, reader: Lane, stacked: bool) -> bool:
    """Whether another lane stands in the way straight up from one to the other."""
    return any(stacked or between.stands_on(giver.axis) for between in lanes[giver.index + 1 : reader.index])


def _same_place(source: Source, giver: Lane, lane: Lane, axes: Sequence[Axis]) -> bool:
    """Whether each step of the reader stands above what it reads."""
    if lane.kind == "repeat":
        return giver.axis == lane.before and not giver.along_time
    if source.reads == "each":
        return giver.axis == lane.axis
    if source.reads != "one" or giver.axis != lane.axis or lane.along_time:
        return False
    return not giver.leftwards or len(axes[giver.axis].columns) == 1


def _rows(source: Source, giver: Lane, lane: Lane, axes: Sequence[Axis]) -> tuple[int | None, ...]:
    """The level of each step of the reader, from 0."""
    if lane.axis < 0 or not (lane.along_time or lane.kind == "recurrent"):
        return (0,)
    columns = axes[lane.axis].columns
    if source.reads == "one" or (source.reads == "each" and giver.axis == lane.axis):
        return (0,) * len(columns)
    drawn = [index for index, column in enumerate(columns) if not column.gap]
    if len(drawn) > ROWS:
        drawn = [*drawn[:2], *drawn[-2:]]
    numbers = {index: row for row, index in enumerate(reversed(drawn))}
    return tuple(numbers.get(index) for index in range(len(columns)))


def _tracks(lanes: Sequence[Lane], routings: Sequence[Routing], stacked: bool) -> dict[int, int]:
    """A track for each lane whose wires go round others, none twice where both pass."""
    reach: dict[int, int] = {}  # lane → the last lane that its wires go up to
    for index, routing in enumerate(routings):
        routes = (*routing.inputs, *routing.starts.values())
        reach |= {route.giver.index: index for route in routes if route.around and not route.source.state}
    tracks: dict[int, int] = {}
    for index in sorted(reach, key=lambda index: reach[index] - index):
        taken = {
            tracks[other]
            for other in tracks
            if (stacked or lanes[other].axis == lanes[index].axis) and other < reach[index] and index < reach[other]
        }
        tracks[index] = next(number for number in range(len(taken) + 1) if number not in taken)
    return tracks


def _risers(
    lanes: Sequence[Lane], routings: Sequence[Routing], stacked: bool
) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """Of each lane: risers for final states that are read, where they leave; and for states that arrive."""
    taken: dict[tuple[int, bool], int] = {}

    def riser(lane: Lane, right: bool) -> int:
        side = 0 if stacked else lane.axis, right
        taken[side] = taken.get(side, -1) + 1
        return taken[side]

    for lane, routing in zip(lanes, routings, strict=True):
        exits = {state: riser(lane, not lane.leftwards) for state in reversed([*lane.states]) if state in lane.read}
        arriving = [state for state, route in routing.starts.items() if route.kind == "level"]
        entries = {state: riser(lane, lane.leftwards) for state in arriving}
        yield exits, entries


def risers(lanes: Sequence[Lane], routings: Sequence[Routing], axes: Collection[int], *, right: bool) -> int:
    """How many stand on this side of the columns of these axes."""
    on = [(lane, routing) for lane, routing in zip(lanes, routings, strict=True) if lane.axis in axes]
    leaving = sum(len(routing.exits) for lane, routing in on if lane.leftwards != right)
    return leaving + sum(len(routing.entries) for lane, routing in on if lane.leftwards == right)


def tracks(lanes: Sequence[Lane], routings: Sequence[Routing], axes: Collection[int]) -> int:
    """How many wires go up beside each column of these axes."""
    on = [routing.track for lane, routing in zip(lanes, routings, strict=True) if lane.axis in axes]
    return max([track + 1 for track in on if track is not None], default=0)


def window(lane: Lane, number: int, axis: Axis, own: Axis, column: Column) -> list[Column]:
    """The columns of `axis` that this column of the lane's own reads as its input of this number, each once."""
    layer = lane.layer
    assert layer is not None
    length = axis.steps or MANY
    reads = layer.reads[number]
    step = own.numbers(own.steps or reads.count(length))[column.index]
    read, numbers = reads.places(step - 1, length), axis.numbers(length)
    columns = zip(axis.columns, [0, *numbers], numbers, strict=False)
    return [each for each, before, last in columns if _meets(read, before, last)]


def _meets(places: range, first: int, end: int) -> bool:
    """Whether one of the places lies from `first` to before `end`."""
    skipped = max(0, -((places.start - first) // places.step))
    return places.start + skipped * places.step < min(places.stop, end)
