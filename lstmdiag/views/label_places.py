"""Room for a small label beside a part that has its place already: on nothing else, across no wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from lstmdiag.diagrams import Bounds, Edge, Node, Point
from lstmdiag.diagrams.lines import meet
from lstmdiag.diagrams.sheet import Sheet

AIR = 3.0  # between a label and what it stands beside
WIRE = 3.5  # half of a wire, with air
FAR = 5  # rings around a part to look for room in


def free_place(sheet: Sheet, node: Node, size: Point, first: tuple[Point, ...] = ()) -> Point:
    """The centre of the nearest free place, `first` ones first; where none is free, the one that hits least."""
    around = 2 * max(size) + FAR * max(node.width, node.height)
    taken = [box for box in _boxes(sheet.nodes.values(), sheet.edges.values()) if _near(box, node, around)]
    best, least = (node.x, node.y), float("inf")
    for place in (*first, *_places(node, size)):
        own = _box(*place, *size)
        hits = sum(meet(own, box) for box in taken)
        if hits < least:
            best, least = place, hits
        if not hits:
            break
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


def _boxes(nodes: Iterable[Node], edges: Iterable[Edge]) -> Iterator[Bounds]:
    for node in nodes:
        yield _box(node.x, node.y, node.width, node.height)
    for edge in edges:
        for (ax, ay), (bx, by) in pairwise(edge.points):
            yield min(ax, bx) - WIRE, min(ay, by) - WIRE, max(ax, bx) + WIRE, max(ay, by) + WIRE


def _box(x: float, y: float, width: float, height: float) -> Bounds:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _near(box: Bounds, node: Node, around: float) -> bool:
    return meet(box, _box(node.x, node.y, 2 * around, 2 * around))
