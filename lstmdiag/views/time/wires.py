"""Wires from what a lane reads into its nodes: straight up, fanned out, or along tracks, risers and levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

from lstmdiag.diagrams import Edge, Node, Point, Text, lines
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import measure, text
from lstmdiag.layers.kind import Shape
from lstmdiag.views.time.axes import ALONE, Axis, Column
from lstmdiag.views.time.labels import Labels
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.layout import FOOT, TRACK, TRACKS, Grid
from lstmdiag.views.time.routing import Route, Routing, window
from lstmdiag.views.time.signals import Signal

BRANCH = 10.0  # from a lane up to where wires leave it sideways
CUT = (12.0, 11.0)  # from the end of a wire to the scissors beside it
BESIDE = 6.0  # from a wire to its label
SCISSORS = "✂"


@dataclass(frozen=True)
class Picture:
    """The grid, the sheet it is drawn on, and what stands there so far."""

    grid: Grid
    sheet: Sheet = field(default_factory=Sheet)
    nodes: dict[tuple[int, str], dict[str, Node]] = field(default_factory=dict)
    """(lane, state) → column's key → what hands the value up; "" where there is one alone."""
    labelled: set[tuple[str, str]] = field(default_factory=set)  # node and symbol of wires that say what they carry

    @property
    def labels(self) -> Labels:
        return self.grid.labels

    def axis(self, lane: Lane) -> Axis:
        return self.grid.axes[lane.axis]

    def columns(self, lane: Lane) -> tuple[Column, ...]:
        """Where its nodes stand."""
        return (ALONE,) if lane.alone else self.axis(lane).columns

    def routing(self, lane: Lane) -> Routing:
        return self.grid.routings[lane.index]

    def signal(self, route: Route) -> Signal:
        return self.labels.signals[route.source.lane, route.source.state]

    def scissors(self, id: str, x: float, y: float, since: int, layer: str, inside: str = "") -> None:
        """What travels here is dropped in part, in training."""
        self.sheet.note(id, text(SCISSORS), x, y, since=since, layer=layer, inside=inside)


def size(shape: Shape) -> int:
    """How many numbers travel on a wire of this shape; an axis not known counts once."""
    return prod(n or 1 for n in shape)


def tails(picture: Picture, lane: Lane, number: int, column: Column) -> list[tuple[Column, Node]]:
    """What this column of a lane reads of its source of this number."""
    route = picture.routing(lane).inputs[number]
    reads, nodes = route.source.reads, picture.nodes[route.source.lane, route.source.state]
    if reads == "one":
        return [(ALONE, nodes[ALONE.key])]
    axis = picture.axis(route.giver)
    if reads == "all" or column is ALONE:
        read = list(axis.columns)
    elif reads == "window":
        read = window(lane, number, axis, picture.axis(lane), column)
    else:
        read = [axis.mirrored(column) if reads == "reversed" else axis.columns[column.index]]
    return [(each, nodes[each.key]) for each in read]


def since(picture: Picture, lane: Lane, column: Column) -> int:
    """The build-up state in which all is there that a node reads."""
    read = (tails(picture, lane, number, column) for number in range(len(lane.sources)))
    return max((tail.since for each in read for _, tail in each), default=0)


def wires(picture: Picture, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """From every source into every drawn node of a lane."""
    columns = [column for column in picture.columns(lane) if not column.gap]
    for number, route in enumerate(picture.routing(lane).inputs):
        for column in columns:
            head = nodes[column.key]
            row = route.rows[column.index] if route.rows else 0
            if row is None:
                continue
            for read, tail in tails(picture, lane, number, column):
                foot = (head.x + FOOT * route.foot, head.y - head.height / 2)
                points = [(tail.x, tail.y + tail.height / 2), foot]
                if route.kind == "level":
                    points = _along(picture, route, tail, foot, picture.grid.level(lane, row))
                draw(picture, route, tail, head, points, read, more=f"-input-{number}" if number else "")
            if lane.states and lane.option("dropout") and head.label:
                _cut(picture, route, head)


def _cut(picture: Picture, route: Route, head: Node) -> None:
    """Scissors where x goes in; inside the box where wires come from all sides."""
    low = head.y - head.height / 2
    if route.kind == "fan":
        picture.scissors(f"{head.id}-x-cut", head.x, low + CUT[1], head.since, head.layer, inside=head.id)
    else:
        picture.scissors(f"{head.id}-x-cut", head.x + CUT[0], low - CUT[1], head.since, head.layer)


def _along(picture: Picture, route: Route, tail: Node, foot: Point, y: float) -> list[Point]:
    points = _leave(picture, route, tail)
    across = points[-1][0]
    return [*points, (across, y), (foot[0], y), foot] if across != foot[0] else [*points, foot]


def _leave(picture: Picture, route: Route, tail: Node) -> list[Point]:
    """The beginning of a wire, up to where it can go up freely."""
    grid, giver, state = picture.grid, route.giver, route.source.state
    routing = picture.routing(giver)
    if state:
        x = grid.riser(giver, routing.exits[state], right=not giver.leftwards)
        border = tail.x + (tail.width / 2 if x > tail.x else -tail.width / 2)
        return [(border, tail.y), (x, tail.y)]
    start = (tail.x, tail.y + tail.height / 2)
    if not route.around or routing.track is None:
        return [start]
    track = tail.x - grid.widths[giver.axis] / 2 - TRACKS - routing.track * TRACK
    branch = grid.band(giver)[3] + BRANCH
    return [start, (tail.x, branch), (track, branch)]


def draw(
    picture: Picture, route: Route, tail: Node, head: Node, points: list[Point], column: Column, *,
    role: str = "", more: str = "",
) -> None:  # fmt: skip
    """One wire, with what it carries written beside its beginning, once for all wires from one node."""
    grid, signal, giver = picture.grid, picture.signal(route), route.giver
    crossed = route.kind == "fan" or grid.routings[giver.index + 1].crosses  # no room beside lines that run aslant
    shown = not route.source.state and not crossed and (tail.id, signal.symbol) not in picture.labelled
    if column is not ALONE:
        shown = shown and not column.gap and picture.axis(giver).labels(column)
    label: Text = picture.labels.wire(signal, column) if shown else ()
    at = None
    if label:
        picture.labelled.add((tail.id, signal.symbol))
        at = (tail.x + BESIDE + measure(label)[0] / 2, grid.band(giver)[3] + grid.spacing.rise / 2)
    picture.sheet.edge(
        tail, head, role or signal.role, id=f"{tail.id}-to-{head.id}{more}", symbol=signal.symbol, shape=signal.shape,
        count=size(signal.shape), layer=giver.layer_name, step=tail.step,
        label=label, label_at=at, since=max(tail.since, head.since), via=points[1:-1], start=points[0], end=points[-1],
    )  # fmt: skip


def start(picture: Picture, lane: Lane, state: str, head: Node, role: str, y: float) -> None:
    """From what a state begins with into the first node, at the height of its rail; it looks like the state."""
    grid, routing = picture.grid, picture.routing(lane)
    route = routing.starts[state]
    tail = picture.nodes[route.source.lane, route.source.state][""]
    points = _leave(picture, route, tail)
    x = points[-1][0]
    if route.kind == "level":
        low = grid.level(lane, route.rows[0] or 0)
        riser = grid.riser(lane, routing.entries[state], right=lane.leftwards)
        points += [(x, low), (riser, low)]
        x = riser
    end = (head.x - lane.ahead * head.width / 2, y)
    draw(picture, route, tail, head, [*points, (x, y), end], ALONE, role=role, more=f"-{state}")


def joints(edges: Iterable[Edge]) -> Iterator[tuple[Point, Edge]]:
    """Where wires that have the same tail, or the same head, part or meet."""
    ends: dict[str, list[Edge]] = {}
    for edge in edges:
        if len(edge.points) > 2 or edge.points[0][0] == edge.points[-1][0]:
            ends.setdefault(f">{edge.head}", []).append(edge)
            ends.setdefault(f"<{edge.tail} {edge.symbol}", []).append(edge)
    for together in ends.values():
        if len(together) > 1:
            for at, index in lines.joints([edge.points for edge in together]):
                yield at, together[index]
