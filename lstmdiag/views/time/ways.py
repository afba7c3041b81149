"""How the wires of the unrolled picture run: which go straight up, which round other lanes, and at which height.

A wire that cannot go straight up leaves its column to a *track* at the column's left, or a final state to a *riser*
beside the columns of its axis, goes up there, and reaches its reader along a *level* of the channel below the reader.
All are counted here; `layout` gives them places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lstmdiag.layer import Layer
from lstmdiag.views.time.axes import Axis, Column
from lstmdiag.views.time.lanes import Lane, Source, Way

ROWS = 6  # up to so many steps of a reader each have a level of their own; of more, the first and the last two
LENGTH = 1_000  # stands for a number of steps that is not known, where windows are counted


def routed(lanes: list[Lane], axes: Sequence[Axis]) -> tuple[list[Lane], list[Axis]]:
    """Lanes whose sources know their ways, and axes that know how many tracks they need."""
    lanes = [_with_ways(lane, lanes, axes) for lane in lanes]
    tracks, highest = _tracks(lanes)
    lanes = [replace(lane, track=tracks.get(lane.index)) for lane in _risers(lanes)]
    return lanes, [replace(axis, tracks=highest.get(number, 0)) for number, axis in enumerate(axes)]


def _with_ways(lane: Lane, lanes: Sequence[Lane], axes: Sequence[Axis]) -> Lane:
    level, feet, straight, sources = 0, {-1: 0, 1: 0}, False, []
    starts = []
    for source in lane.starts:
        way = _way_of_start(source, lane, lanes)
        if way.kind == "level":
            way, level = replace(way, rows=(level,)), level + 1
        starts.append(replace(source, way=way))
    for source in lane.sources:
        giver = lanes[source.lane]
        around = _blocked(giver, lane, lanes)
        at_once = not around and not source.state and _same_place(source, giver, lane, axes)
        if at_once and not straight:
            straight = True
            sources.append(replace(source, way=Way()))
        elif giver.index == lane.index - 1 and giver.axis == lane.axis and source.reads in ("turned", "window"):
            straight = True
            sources.append(replace(source, way=Way("fan")))
        else:
            rows = _rows(source, giver, lane, axes)
            side = (
                1
                if giver.axis > lane.axis or (source.state and giver.axis == lane.axis and not giver.leftwards)
                else -1
            )
            feet[side] += 1
            numbered = tuple(row if row is None else level + row for row in rows)
            level += 1 + max([row for row in rows if row is not None], default=-1)
            sources.append(replace(source, way=Way("level", numbered, side * feet[side], around)))
    if not straight and sum(feet.values()) == 1:
        sources = [replace(source, way=replace(source.way, foot=0)) for source in sources]
    return replace(lane, sources=tuple(sources), starts=tuple(starts), levels=level)


def _way_of_start(source: Source, lane: Lane, lanes: Sequence[Lane]) -> Way:
    giver = lanes[source.lane]
    around = not source.state and _blocked(giver, lane, lanes)
    leaves_right = not (source.state and giver.leftwards)
    direct = giver.axis < lane.axis and leaves_right and not lane.leftwards
    return Way("direct" if direct else "level", round=around)


def _blocked(giver: Lane, lane: Lane, lanes: Sequence[Lane]) -> bool:
    """Whether another lane stands in the way straight up."""
    return any(between.stands_on(giver.axis) for between in lanes[giver.index + 1 : lane.index])


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


def _tracks(lanes: Sequence[Lane]) -> tuple[dict[int, int], dict[int, int]]:
    """Lane → track of its wires, none twice where both pass; axis → how many."""
    reach: dict[int, int] = {}
    for lane in lanes:
        for source in (*lane.sources, *lane.starts):
            if source.way.round and not source.state:
                reach[source.lane] = lane.index
    tracks: dict[int, int] = {}
    highest: dict[int, int] = {}
    for index in sorted(reach, key=lambda index: reach[index] - index):
        taken = {
            tracks[other]
            for other in tracks
            if lanes[other].axis == lanes[index].axis and other < reach[index] and index < reach[other]
        }
        tracks[index] = next(number for number in range(len(taken) + 1) if number not in taken)
        highest[lanes[index].axis] = max(highest.get(lanes[index].axis, 0), tracks[index] + 1)
    return tracks, highest


def _risers(lanes: Sequence[Lane]) -> Iterator[Lane]:
    """Every final state that is read has a riser on the side where it leaves; so has what arrives from elsewhere."""
    taken: dict[tuple[int, bool], int] = {}

    def riser(lane: Lane, right: bool) -> int:
        key = lane.axis, right
        taken[key] = taken.get(key, -1) + 1
        return taken[key]

    for lane in lanes:
        exits = {
            state: riser(lane, not lane.leftwards) for state in reversed(list(lane.states)) if state in lane.handed
        }
        arriving = [source.start for source in lane.starts if source.way.kind == "level"]
        entries = {state: riser(lane, lane.leftwards) for state in arriving}
        yield replace(lane, exits=exits, entries=entries)


def risers(lanes: Sequence[Lane], axis: int, right: bool) -> int:
    """How many stand on this side of an axis."""
    leaving = [lane.exits for lane in lanes if lane.axis == axis and lane.leftwards != right]
    arriving = [lane.entries for lane in lanes if lane.axis == axis and lane.leftwards == right]
    return sum(map(len, (*leaving, *arriving)))


def window(lane: Lane, source: Source, giver: Lane, axes: Sequence[Axis], index: int) -> list[Column]:
    """The columns of the giver that this column of the lane reads, each once."""
    layer, axis, own = lane.layer, axes[giver.axis], axes[lane.axis]
    assert layer is not None
    length = axis.steps or LENGTH
    step = own.numbers(own.steps or _length(layer, length))[index]
    numbers = axis.numbers(length)
    first, size, apart = _read(layer, lane.sources.index(source), step, length)
    found = []
    for column, before, last in zip(axis.columns, [0, *numbers], numbers, strict=False):
        skipped = max(0, -((first - before - 1) // apart))  # of what is read, what lies before this column
        if skipped < size and first + skipped * apart <= last:
            found.append(column)
    return found


def _length(layer: Layer, length: int) -> int:
    """How many steps come out of `length`."""
    return (layer.window.fits(length) if layer.window else LENGTH * len(layer.inputs)) or LENGTH


def _read(layer: Layer, number: int, step: int, length: int) -> tuple[int, int, int]:
    """The first step that this step reads, from 1, how many, and how far apart; beyond the ends there is nothing."""
    if not layer.window:  # one sequence behind the other
        return step - sum(shape[0] or LENGTH for shape in layer.input_shapes[:number]), 1, 1
    before, _ = layer.window.pads(length)
    return (step - 1) * layer.window.stride + 1 - before, layer.window.size, layer.window.dilation
