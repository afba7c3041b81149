"""Routes between placed parts: right-angled, around other parts, with as few crossings and bends as can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop
from itertools import pairwise, permutations
from math import fsum

from lstmdiag.diagrams import Bounds, Edge, Node, Point
from lstmdiag.diagrams.lines import meet

_BLOCKED, _SHARED, _CROSSING, _BACK, _BEND, _LENGTH = 1000.0, 60.0, 12.0, 10.0, 4.0, 0.01
_CLEARANCE = 6.0
_NEAR = 5.0  # wires of one direction less than this apart lie on one line


@dataclass
class Router:
    """Remembers what has been drawn; `route` finds the bends for one more wire.

    Wires of one net (the same value) may share a line and touch; those of different nets should not. A piece of a
    wire is level or upright: a box without height or width.
    """

    boxes: dict[str, Bounds] = field(default_factory=dict)  # node id → what a wire must keep out of
    drawn: list[tuple[str, Bounds]] = field(default_factory=list)  # (net, piece)
    before: float = 22.0  # from the left side of a part to where a wire turns into it

    def avoid(self, node: Node) -> None:
        half_w, half_h = node.width / 2 + _CLEARANCE, node.height / 2 + _CLEARANCE
        self.boxes[node.id] = (node.x - half_w, node.y - half_h, node.x + half_w, node.y + half_h)

    def route(self, net: str, tail: Node, head: Node, tracks: Sequence[float] = ()) -> tuple[Point, ...]:
        """Bends between the two nodes; `tracks` are heights at which a wire may run sideways."""
        start, end = (tail.x, tail.y), (head.x, head.y)
        priced = []
        for order, bends in enumerate(_candidates(tail, head, tracks, self.before)):
            length = fsum(_long(a, b) for a, b in pairwise((start, *bends, end)))
            back = _BACK if bends and heading(start, bends[0]) == (-1, 0) else 0.0  # time runs right
            priced.append((_BEND * len(bends) + _LENGTH * length + back, order, bends))
        best: tuple[Point, ...] = ()
        least = float("inf")
        heapify(priced)  # mostly the first few are enough
        while priced:
            price, _, bends = heappop(priced)
            if price >= least:  # the rest is longer or more bent even in free space
                break
            cost = price + self._trouble(net, tail, head, _pieces(start, bends, end), least - price)
            if cost < least:
                best, least = bends, cost
        self.keep(net, start, best, end)
        return best

    def straight(self, tail: Node, head: Node) -> bool:
        """Whether one straight piece leads from one to the other, and nothing stands on its way."""
        if abs(tail.x - head.x) > 1 and abs(tail.y - head.y) > 1:
            return False
        (piece,) = _pieces((tail.x, tail.y), (), (head.x, head.y))
        return not any(meet(piece, box) for id, box in self.boxes.items() if id not in (tail.id, head.id))

    def blocks(self, x: float, start: float, end: float, own: str) -> float | None:
        """The right side of what stands on the way straight up or down at x, if anything but `own` does."""
        (piece,) = _pieces((x, start), (), (x, end))
        return max((box[2] for id, box in self.boxes.items() if id != own and meet(piece, box)), default=None)

    def top(self, left: float, right: float) -> float:
        """The top of what stands anywhere between two sides, with the room that wires leave it."""
        return max((box[3] for box in self.boxes.values() if box[0] < right and left < box[2]), default=float("-inf"))

    def keep(self, net: str, start: Point, bends: Sequence[Point], end: Point) -> None:
        """Note a wire that was routed by hand, so that later ones keep away from it."""
        self.drawn += [(net, piece) for piece in _pieces(start, bends, end)]

    def _trouble(self, net: str, tail: Node, head: Node, pieces: list[Bounds], enough: float) -> float:
        """The price of what a route runs into; may stop counting at `enough`."""
        cost = 0.0
        # The first piece may leave the tail and the last one enter the head; no other may touch them.
        for id, exposed in ((tail.id, pieces[1:]), (head.id, pieces[:-1])):
            if (box := self.boxes.get(id)) and any(meet(piece, box) for piece in exposed):
                cost += _BLOCKED
        around = _around(pieces)
        for id, box in self.boxes.items():
            if meet(around, box) and id not in (tail.id, head.id):
                cost += _BLOCKED * any(meet(piece, box) for piece in pieces)
                if cost >= enough:
                    return cost
        near = [(other, segment) for other, segment in self.drawn if meet(around, segment)]
        own = [segment for other, segment in near if other == net]
        for other, segment in near:
            if other != net:
                cost += fsum(_meeting(piece, segment, own) for piece in pieces)
                if cost >= enough:
                    return cost
        return cost


def _long(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _pieces(start: Point, bends: Sequence[Point], end: Point) -> list[Bounds]:
    return [
        (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b in pairwise((start, *bends, end))
    ]


def _around(pieces: Sequence[Bounds]) -> Bounds:
    """What holds all pieces, and all that comes near enough to lie on one line with one."""
    return (
        min(piece[0] for piece in pieces) - _NEAR, min(piece[1] for piece in pieces) - _NEAR,
        max(piece[2] for piece in pieces) + _NEAR, max(piece[3] for piece in pieces) + _NEAR,
    )  # fmt: skip


def heading(start: Point, end: Point) -> tuple[int, int]:
    """Which way a piece runs: (1, 0) is to the right, (0, -1) down."""
    return _sign(end[0] - start[0]), _sign(end[1] - start[1])


def leaving(points: Sequence[Point], at: Point) -> tuple[int, int] | None:
    """Which way a wire goes on from a point on it; None where it does not come by, or ends there."""
    for start, end in pairwise(points):
        on_x = min(start[0], end[0]) - 0.5 <= at[0] <= max(start[0], end[0]) + 0.5
        on_y = min(start[1], end[1]) - 0.5 <= at[1] <= max(start[1], end[1]) + 0.5
        if on_x and on_y and max(abs(end[0] - at[0]), abs(end[1] - at[1])) > 0.5:
            return heading(start, end)
    return None


def partings(wires: Iterable[Edge]) -> Iterator[tuple[Point, Edge, int]]:
    """Where wires of one value part: at a bend of one that another passes, or bends from elsewhere.

    (place, wire, the state in which both are there)
    """
    by_tail: dict[str, list[Edge]] = {}
    for wire in wires:
        by_tail.setdefault(wire.tail, []).append(wire)
    seen: set[Point] = set()
    for together in by_tail.values():
        for wire, other in permutations(together, 2):
            for at, next_point in zip(wire.points[1:-1], wire.points[2:], strict=True):
                theirs = leaving(other.points, at)
                if at not in seen and theirs not in (None, heading(at, next_point)):
                    seen.add(at)
                    yield at, wire, max(wire.since, other.since)


def _sign(number: float) -> int:
    return 0 if abs(number) < 0.5 else 1 if number > 0 else -1


def _candidates(tail: Node, head: Node, tracks: Sequence[float], before: float) -> Iterable[tuple[Point, ...]]:
    if abs(tail.x - head.x) < 1 or abs(tail.y - head.y) < 1:
        yield ()
    yield ((tail.x, head.y),)
    yield ((head.x, tail.y),)
    beside, right = head.x - head.width / 2 - before, tail.x + tail.width / 2 + 14
    yield ((beside, tail.y), (beside, head.y))
    yield ((right, tail.y), (right, head.y))
    for y in tracks:
        yield ((tail.x, y), (head.x, y))
        yield ((tail.x, y), (beside, y), (beside, head.y))
        yield ((right, tail.y), (right, y), (head.x, y))
        yield ((right, tail.y), (right, y), (beside, y), (beside, head.y))


def _meeting(a: Bounds, b: Bounds, own: Sequence[Bounds]) -> float:
    """The price of two pieces of different nets: crossing, or worse, lying on one line.

    Where a's net crosses there already, on one of `own`, another time costs nothing.
    """
    a_flat, b_flat = a[3] - a[1] < 1, b[3] - b[1] < 1
    if a_flat != b_flat:
        flat, steep = (a, b) if a_flat else (b, a)
        crosses = flat[0] + 1 < steep[0] < flat[2] - 1 and steep[1] + 1 < flat[1] < steep[3] - 1
        again = any(o[0] <= steep[0] <= o[2] and o[1] <= flat[1] <= o[3] for o in own) if crosses else False
        return _CROSSING if crosses and not again else 0.0
    along = 0 if a_flat else 1  # the axis they run along
    near = abs(a[1 - along] - b[1 - along]) < _NEAR
    return _SHARED if near and min(a[along + 2], b[along + 2]) - max(a[along], b[along]) > 1 else 0.0
