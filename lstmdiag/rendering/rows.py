"""A long picture from left to right, cut into rows one below the other, as a line of text is wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf

from lstmdiag.diagrams import Diagram, Edge, Node, Point
from lstmdiag.diagrams.sheet import bounds

LEAST = 600.0  # a row: in shorter ones a picture is all turns, and is better led downwards
TRACK = 12.0  # between two wires that go on in the next row, points
LEAD = 10.0  # from a cut to the first of them
BETWEEN = 16.0  # from what stands in a row to the wires below it


def wrapped(diagram: Diagram, width: float) -> Diagram:
    """The diagram in as few rows as its width allows, cut where the fewest wires go on.

    Every wire runs to the right. One that goes on leaves its row at the right, runs back under it and comes into the
    next row from the left; these wires do not cross each other. What is too wide for a row stays so.
    """
    left, _, right, _ = bounds(diagram)
    cuts = _cuts(diagram, left, right, width) if right - left > width >= LEAST else []
    if not cuts:
        return diagram
    rows = _stacked(diagram, [left, *cuts, right])
    return replace(
        diagram,
        nodes=tuple(_moved(node, _row(rows, node.x)) for node in diagram.nodes),
        edges=tuple(_led(edge, rows) for edge in diagram.edges),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """What lies between two cuts, and how far it moves."""

    left: float
    right: float
    entering: tuple[float, ...]  # heights of the wires that come in, from the top
    leaving: tuple[float, ...]
    dx: float
    dy: float
    under: float  # the y of the first wire that runs back under the row, where it lies now
    start: float  # the x where the first of those that come in goes down, where it lies now


def _cuts(diagram: Diagram, left: float, right: float, width: float) -> list[float]:
    """Where to cut: between two columns of boxes or labels, as few times as can be, with few wires to go on."""
    places = [left, *_gaps(diagram.nodes), right]
    crossing = [len(_heights(diagram.edges, x)) for x in places]
    best: list[tuple[float, float, float, int]] = [(0, 0, 0, 0)]  # rows, wires that go on, widest row, the cut before
    for end in range(1, len(places)):
        options = []
        for start in range(end):
            rows, wires, widest, _ = best[start]
            tracks = (crossing[start] * (start > 0) + crossing[end] * (end < len(places) - 1)) * TRACK
            wide = places[end] - places[start] + tracks + LEAD * ((start > 0) + (end < len(places) - 1))
            more = crossing[end] * (end < len(places) - 1)
            too_wide = inf if wide > width and end - start > 1 else 0
            options.append((rows + 1 + too_wide, wires + more, max(widest, wide), start))
        best.append(min(options))
    found: list[float] = []
    at = best[-1][3]
    while at:
        found.append(places[at])
        at = best[at][3]
    return found[::-1]


def _gaps(nodes: Sequence[Node]) -> Iterator[float]:
    """The middles of the gaps between what stands above each other; what rides on one wire stays together."""
    riders: dict[str, list[Node]] = {}
    for node in nodes:
        riders.setdefault(node.inside or node.id, []).append(node)
    sides = sorted(
        (min(n.x - n.width / 2 for n in together), max(n.x + n.width / 2 for n in together))
        for together in riders.values()
    )
    reached = sides[0][1]
    for left, right in sides[1:]:
        if left > reached + 2:
            yield (left + reached) / 2
        reached = max(reached, right)


def _heights(edges: Sequence[Edge], x: float) -> tuple[float, ...]:
    """Of the wires that run over an x, from the top."""
    found = [_crossing(edge.points, x) for edge in edges if edge.points[0][0] < x < edge.points[-1][0]]
    return tuple(sorted((y for y, _ in found), reverse=True))


def _crossing(points: Sequence[Point], x: float) -> tuple[float, int]:
    """The height of a wire at an x, and the number of the point after it."""
    for number, ((x0, y0), (x1, y1)) in enumerate(pairwise(points), 1):
        if x0 <= x <= x1 and x0 < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0), number
    raise ValueError(f"no wire at {x}")


def _stacked(diagram: Diagram, sides: Sequence[float]) -> list[_Row]:
    """The rows, the first where it was, each other one below the one before."""
    rows: list[_Row] = []
    first = sides[0]
    wires = [_heights(diagram.edges, x) for x in sides[1:-1]]
    margin = max(len(each) for each in wires) * TRACK + LEAD
    for number, (left, right) in enumerate(pairwise(sides)):
        entering = wires[number - 1] if number else ()
        leaving = wires[number] if number < len(wires) else ()
        bottom, top = _extent(diagram, left, right)
        dx, dy = first - left, 0.0
        if rows:
            above = rows[-1]
            dx += margin
            dy = above.under - (len(entering) - 1) * TRACK - BETWEEN - top
        rows.append(_Row(left, right, entering, leaving, dx, dy, bottom + dy - BETWEEN, left + dx - LEAD))
    return rows


def _extent(diagram: Diagram, left: float, right: float) -> tuple[float, float]:
    """The lowest and the highest y between two cuts."""
    ys = [
        y
        for node in diagram.nodes
        if left < node.x < right
        for y in (node.y - node.height / 2, node.y + node.height / 2)
    ]
    ys += [y for edge in diagram.edges for x, y in edge.points if left < x < right]
    ys += [y for x in (left, right) for y in _heights(diagram.edges, x)]
    return min(ys), max(ys)


def _row(rows: Sequence[_Row], x: float) -> _Row:
    return next((row for row in rows if x < row.right), rows[-1])


def _moved(node: Node, row: _Row) -> Node:
    return replace(node, x=node.x + row.dx, y=node.y + row.dy)


def _led(edge: Edge, rows: Sequence[_Row]) -> Edge:
    """A wire through all rows that it runs in."""
    points: list[Point] = []
    rest = edge.points
    for row, below in pairwise(rows):
        if rest[0][0] >= row.right:  # it begins in a later row
            continue
        if rest[-1][0] <= row.right:
            break
        y, number = _crossing(edge.points, row.right)[0], _crossing(rest, row.right)[1]
        above = row.leaving.index(y)  # so many wires leave above this one: it has to stay inside of them
        out = row.right + row.dx + LEAD + (len(row.leaving) - 1 - above) * TRACK
        back = row.under - (len(row.leaving) - 1 - above) * TRACK
        into = below.start - above * TRACK
        points += _shifted(rest[:number], row)
        points += [(out, y + row.dy), (out, back), (into, back), (into, y + below.dy)]
        rest = ((row.right, y), *rest[number:])
    points += _shifted(rest, _row(rows, edge.points[-1][0]))
    at = edge.label_at and _shifted([edge.label_at], _row(rows, edge.label_at[0]))[0]
    return replace(edge, points=tuple(points), label_at=at)


def _shifted(points: Sequence[Point], row: _Row) -> list[Point]:
    return [(x + row.dx, y + row.dy) for x, y in points]
