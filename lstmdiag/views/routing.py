"""Routes between placed parts: right-angled, around other parts, with as few crossings and bends as can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lstmdiag.diagrams import Node, Point

Segment = tuple[Point, Point]

_BLOCKED, _SHARED, _CROSSING, _BEND = 1000.0, 60.0, 12.0, 4.0
_CLEARANCE = 6.0


@dataclass
class Router:
    """Remembers what has been drawn; `route` finds the bends for one more wire.

    Wires of one net (the same value) may share a line and touch; those of different nets should not.
    """

    nodes: list[Node] = field(default_factory=list)
    drawn: list[tuple[str, Segment]] = field(default_factory=list)  # (net, segment)

    def route(self, net: str, tail: Node, head: Node, tracks: Sequence[float] = ()) -> tuple[Point, ...]:
        """Bends between the two nodes; `tracks` are heights at which a wire may run sideways."""
        best: tuple[Point, ...] = ()
        least = float("inf")
        for bends in _candidates(tail, head, tracks):
            cost = self._cost(net, tail, head, bends)
            if cost < least:
                best, least = bends, cost
            if cost <= _BEND:  # straight, or one bend, in free space: nothing better to find
                break
        self.keep(net, (tail.x, tail.y), best, (head.x, head.y))
        return best

    def keep(self, net: str, start: Point, bends: Sequence[Point], end: Point) -> None:
        """Note a wire that was routed by hand, so that later ones keep away from it."""
        points = (start, *bends, end)
        self.drawn += [(net, (a, b)) for a, b in pairwise(points)]

    def _cost(self, net: str, tail: Node, head: Node, bends: tuple[Point, ...]) -> float:
        points = ((tail.x, tail.y), *bends, (head.x, head.y))
        pieces = list(pairwise(points))
        cost = _BEND * len(bends) + 0.01 * sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pieces)
        for node in self.nodes:
            if node.id not in (tail.id, head.id) and any(_hits(piece, node) for piece in pieces):
                cost += _BLOCKED
        # The last piece must not run back through the head's own outline, nor the first through the tail's.
        if bends and (_hits((points[-3], points[-2]), head) or _hits((points[1], points[2]), tail)):
            cost += _BLOCKED
        for other_net, segment in self.drawn:
            if other_net != net:
                cost += sum(_meeting(piece, segment) for piece in pieces)
        return cost


def _candidates(tail: Node, head: Node, tracks: Sequence[float]) -> Iterable[tuple[Point, ...]]:
    if abs(tail.x - head.x) < 1 or abs(tail.y - head.y) < 1:
        yield ()
    yield ((tail.x, head.y),)
    yield ((head.x, tail.y),)
    beside, right = head.x - head.width / 2 - 22, tail.x + tail.width / 2 + 14
    yield ((beside, tail.y), (beside, head.y))
    yield ((right, tail.y), (right, head.y))
    for y in tracks:
        yield ((tail.x, y), (head.x, y))
        yield ((tail.x, y), (beside, y), (beside, head.y))
        yield ((right, tail.y), (right, y), (head.x, y))


def _hits(piece: Segment, node: Node) -> bool:
    """Does an axis-parallel piece run through the node's box?"""
    (x0, y0), (x1, y1) = piece
    half_w, half_h = node.width / 2 + _CLEARANCE, node.height / 2 + _CLEARANCE
    return (
        min(x0, x1) < node.x + half_w
        and max(x0, x1) > node.x - half_w
        and min(y0, y1) < node.y + half_h
        and max(y0, y1) > node.y - half_h
    )


def _meeting(a: Segment, b: Segment) -> float:
    """The price of two pieces of different nets: crossing, or worse, lying on one line."""
    (ax0, ay0), (ax1, ay1) = a
    (bx0, by0), (bx1, by1) = b
    a_flat, b_flat = abs(ay0 - ay1) < 1, abs(by0 - by1) < 1
    if a_flat == b_flat:
        if a_flat:
            near, apart = abs(ay0 - by0), max(min(ax0, ax1), min(bx0, bx1)) - min(max(ax0, ax1), max(bx0, bx1))
        else:
            near, apart = abs(ax0 - bx0), max(min(ay0, ay1), min(by0, by1)) - min(max(ay0, ay1), max(by0, by1))
        return _SHARED if near < 5 and apart < -1 else 0.0
    flat, steep = (a, b) if a_flat else (b, a)
    x, y = steep[0][0], flat[0][1]
    crosses = (
        min(flat[0][0], flat[1][0]) + 1 < x < max(flat[0][0], flat[1][0]) - 1
        and min(steep[0][1], steep[1][1]) + 1 < y < max(steep[0][1], steep[1][1]) - 1
    )
    return _CROSSING if crosses else 0.0
