"""Wires from what a lane reads into its nodes: straight up, fanned out, or along tracks, risers and levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from lstmdiag.diagrams import Edge, Node, Point, Text
from lstmdiag.diagrams.text import measure
from lstmdiag.views.time.axes import Column
from lstmdiag.views.time.lanes import Lane, Source
from lstmdiag.views.time.layout import FOOT, LEVEL, RISE, TRACK, TRACKS, level
from lstmdiag.views.time.parts import Canvas, Flow, numbers
from lstmdiag.views.time.ways import window

BRANCH = 10.0  # from a lane up to where wires leave it sideways
CUT = (12.0, 11.0)  # from the end of a wire to the scissors beside it
BESIDE = 6.0  # from a wire to its label


def tails(canvas: Canvas, lane: Lane, source: Source, index: int) -> list[tuple[Column | None, Node]]:
    """What the column of this index reads of a source, -1: what a node that stands alone reads."""
    flow = canvas.flow(source)
    if source.reads == "one":
        return [(None, flow.nodes[""])]
    axis = canvas.axis(flow.lane)
    if source.reads == "all":
        read = list(axis.columns)
    elif source.reads == "window":
        read = window(lane, source, flow.lane, canvas.plan.axes, index)
    else:
        read = [axis.mirrored(index) if source.reads == "turned" else axis.columns[index]]
    return [(column, flow.nodes[column.key]) for column in read]


def since(canvas: Canvas, lane: Lane, index: int) -> int:
    """The build-up state in which all is there that a node reads."""
    return max([tail.since for source in lane.sources for _, tail in tails(canvas, lane, source, index)], default=0)


def wires(canvas: Canvas, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """From every source into every drawn node."""
    columns = list(canvas.axis(lane).columns) if lane.axis >= 0 else []
    heads = [(-1, nodes[""])] if "" in nodes else [
        (index, nodes[column.key]) for index, column in enumerate(columns) if not column.gap
    ]  # fmt: skip
    for number, source in enumerate(lane.sources):
        for index, head in heads:
            row = source.way.rows[max(index, 0)] if source.way.rows else 0
            if row is not None:
                for column, tail in tails(canvas, lane, source, index):
                    _wire(canvas, lane, source, column, tail, head, row, str(number or ""))
                if lane.kind == "recurrent" and lane.option("dropout") and head.label:
                    _cut(canvas, source, head)


def _cut(canvas: Canvas, source: Source, head: Node) -> None:
    """Scissors where x goes in; inside the box where wires come from all sides."""
    fan = source.way.kind == "fan"
    low = head.y - head.height / 2
    x, y = (head.x, low + CUT[1]) if fan else (head.x + CUT[0], low - CUT[1])
    canvas.scissors(f"{head.id}-x-cut", x, y, head.since, head.layer, inside=head.id if fan else "")


def _wire(
    canvas: Canvas, lane: Lane, source: Source, column: Column | None, tail: Node, head: Node, row: int, more: str
) -> None:
    flow, way = canvas.flow(source), source.way
    foot = (head.x + FOOT * way.foot, head.y - head.height / 2)
    if way.kind == "level":
        points = _along(canvas, source, tail, foot, level(lane, row))
    else:
        points = [(tail.x, tail.y + tail.height / 2), foot]
    draw(canvas, flow, tail, head, points, column, f"-input-{more}" if more else "", fan=way.kind == "fan")


def _along(canvas: Canvas, source: Source, tail: Node, foot: Point, y: float) -> list[Point]:
    points = leave(canvas, source, tail)
    across = points[-1][0]
    return [*points, (across, y), (foot[0], y), foot] if across != foot[0] else [*points, foot]


def leave(canvas: Canvas, source: Source, tail: Node) -> list[Point]:
    """The beginning of a wire, up to where it can go up freely."""
    flow = canvas.flow(source)
    giver = flow.lane
    if flow.side:
        border = tail.x + (tail.width / 2 if flow.side > tail.x else -tail.width / 2)
        return [(border, tail.y), (flow.side, tail.y)]
    start = (tail.x, tail.y + tail.height / 2)
    if not source.way.round or giver.track is None:
        return [start]
    track = tail.x - canvas.width(giver.axis) / 2 - TRACKS - giver.track * TRACK
    branch = giver.y + giver.height / 2 + BRANCH
    return [start, (tail.x, branch), (track, branch)]


def draw(
    canvas: Canvas, flow: Flow, tail: Node, head: Node, points: list[Point], column: Column | None, more: str = "",
    *, fan: bool = False,
) -> None:  # fmt: skip
    """One wire, with what it carries written beside its beginning, once for all wires from one node."""
    giver, start = flow.lane, points[0]
    crossed = fan or canvas.plan.lanes[giver.index + 1].crosses  # no room beside lines that run aslant
    shown = not flow.side and not crossed and (tail.id, flow.symbol) not in canvas.told
    if shown and column:
        shown = not column.gap and canvas.axis(giver).labels(column.since - canvas.axis(giver).columns[0].since)
    label: Text = flow.wire(column) if shown else ()
    at = None
    if label:
        canvas.told.add((tail.id, flow.symbol))
        at = (tail.x + BESIDE + measure(label)[0] / 2, giver.y + giver.height / 2 + RISE / 2)
    step = column.step if column and not column.gap else tail.step
    canvas.sheet.edge(
        tail, head, flow.role, id=f"{tail.id}-to-{head.id}{more}", symbol=flow.symbol, shape=flow.shape,
        count=numbers(flow.shape), layer=flow.layer, step=step, label=label, label_at=at,
        since=max(tail.since, head.since), via=points[1:-1], start=start, end=points[-1],
    )  # fmt: skip


def start(canvas: Canvas, lane: Lane, source: Source, head: Node, role: str, y: float) -> None:
    """From what a state begins with into the first node, at the height of its rail; it looks like the state."""
    flow, axis = replace(canvas.flow(source), role=role), canvas.axis(lane)
    tail = flow.nodes[""]
    begin = leave(canvas, source, tail)
    end = (head.x + (head.width / 2 if lane.leftwards else -head.width / 2), y)
    if source.way.kind == "direct":
        points = [*begin, (begin[-1][0], y), end]
    else:
        low = level(lane, source.way.rows[0] or 0)
        riser = (axis.exit if lane.leftwards else axis.entry) + LEVEL * lane.entries[source.start]
        points = [*begin, (begin[-1][0], low), (riser, low), (riser, y), end]
    draw(canvas, flow, tail, head, points, None, f"-{source.start}")


def joints(edges: Iterable[Edge]) -> Iterator[tuple[Point, Edge]]:
    """Where wires part or meet: a bend of one on the line of another that has the same tail, or the same head."""
    ends: dict[str, list[Edge]] = {}
    for edge in edges:
        if len(edge.points) > 2 or edge.points[0][0] == edge.points[-1][0]:
            ends.setdefault(f">{edge.head}", []).append(edge)
            ends.setdefault(f"<{edge.tail} {edge.symbol}", []).append(edge)
    for together in ends.values():
        if len(together) > 1:
            yield from _joints(together)


def _joints(edges: list[Edge]) -> Iterator[tuple[Point, Edge]]:
    lines: dict[tuple[int, float], list[tuple[float, float]]] = {}  # upright at x, level at y → from, to
    for edge in edges:
        for one, other in pairwise(edge.points):
            flat = int(one[1] == other[1])
            low, high = sorted((one[1 - flat], other[1 - flat]))
            apart = []
            for before in lines.get((flat, one[flat]), ()):
                if before[0] <= high and low <= before[1]:
                    low, high = min(low, before[0]), max(high, before[1])
                else:
                    apart.append(before)
            lines[flat, one[flat]] = [*apart, (low, high)]
    bends = {at: edge for edge in reversed(edges) for at in edge.points[1:-1]}
    for at, edge in bends.items():
        spans = [(span, at[1 - flat]) for flat in (0, 1) for span in lines.get((flat, at[flat]), ())]
        if sum((low < place) + (place < high) for (low, high), place in spans if low <= place <= high) > 2:
            yield at, edge
