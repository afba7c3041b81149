"""Room for small labels beside parts that have their places already: on nothing else, across no wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from lstmdiag.diagrams import Bounds, Edge, Node, Point
from lstmdiag.diagrams.lines import meet

AIR = 3.0  # between a label and what it stands beside
WIRE = 3.5  # half of a wire, with air
FAR = 5  # rings around a part to look for room in


class FreeSpace:
    """What stands where on a picture; a label that was given room stands there too."""

    def __init__(self, nodes: Iterable[Node], wires: Iterable[Edge]) -> None:
        self._taken = [_box(node.x, node.y, node.width, node.height) for node in nodes]
        self._taken += [box for wire in wires for box in _pieces(wire)]

    def beside(self, node: Node, size: Point, first: Iterable[Point] = ()) -> Point:
        """The centre of the nearest free place, `first` ones first; where none is free, the one that hits least."""
        around = 2 * max(size) + FAR * max(node.width, node.height)
        near = _box(node.x, node.y, 2 * around, 2 * around)
        taken = [box for box in self._taken if meet(box, near)]
        best, least = (node.x, node.y), float("inf")
        for place in (*first, *_places(node, size)):
            own = _box(*place, *size)
            hits = sum(meet(own, box) for box in taken)
            if hits < least:
                best, least = place, hits
            if not hits:
                break
        self._taken.append(_box(*best, *size))
        return best


def _places(node: Node, size: Point) -> Iterator[Point]:
    across, up = (node.width + size[0]) / 2, (node.height + size[1]) / 2
    for ring in range(FAR):
        off = AIR + ring * size[1]
        for x, y in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            yield node.x + x * (across + AIR), node.y + y * (size[1] / 2 + WIRE + off)
            yield node.x + x * (size[0] / 2 + WIRE + AIR), node.y + y * (up + off)
        yield node.x, node.y + up + off
        yield node.x, node.y - up - off


def _pieces(wire: Edge) -> Iterator[Bounds]:
    for (ax, ay), (bx, by) in pairwise(wire.points):
        yield min(ax, bx) - WIRE, min(ay, by) - WIRE, max(ax, bx) + WIRE, max(ay, by) + WIRE


def _box(x: float, y: float, width: float, height: float) -> Bounds:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
