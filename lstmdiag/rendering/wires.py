"""Wires between boxes that have their places: level under their labels, apart where they leave and arrive."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from lstmdiag.diagrams import Diagram, Edge, Point

Box = tuple[float, float, float, float]  # left, bottom, right, top

APART = 14.0  # of two wires at one side of a box, points
CORNER = 9.0  # of a wire from the corner of a box
LEVEL = 0.5  # steps lower than this are no steps


def tidied(diagram: Diagram, rooms: Mapping[str, Box]) -> Diagram:
    """The diagram with its wires led anew, from right sides to left ones; `rooms` are those of the labels.

    A wire that cannot be led so without touching a box or a label stays as it is.
    """
    boxes = {
        node.id: (node.x - node.width / 2, node.y - node.height / 2, node.x + node.width / 2, node.y + node.height / 2)
        for node in diagram.nodes
        if node.inside not in rooms
    }
    columns = _columns(rooms)
    bends = {edge.id: _bends(edge, rooms.get(edge.id), columns) for edge in diagram.edges}
    leaves = _ends(boxes, {edge.id: (edge.tail, bends[edge.id], 0) for edge in diagram.edges}, 2)
    arrives = _ends(boxes, {edge.id: (edge.head, bends[edge.id], -1) for edge in diagram.edges}, 0)
    obstacles = _Obstacles({**boxes, **{f"{id} room": box for id, box in rooms.items()}})
    edges = []
    for edge in diagram.edges:
        way = _straightened((leaves[edge.id], *bends[edge.id], arrives[edge.id]))
        clear = obstacles.clear(way, {edge.tail, edge.head, f"{edge.id} room"})
        edges.append(replace(edge, points=way) if clear else edge)
    return replace(diagram, edges=tuple(edges))


def _columns(rooms: Mapping[str, Box]) -> dict[int, tuple[float, float]]:
    """Middle → left and right of the rooms that stand above each other: dot gives them one middle."""
    found: dict[int, tuple[float, float]] = {}
    for left, _, right, _ in rooms.values():
        middle = round((left + right) / 2)
        low, high = found.get(middle, (left, right))
        found[middle] = min(low, left), max(high, right)
    return found


def _bends(edge: Edge, room: Box | None, columns: Mapping[int, tuple[float, float]]) -> tuple[Point, ...]:
    """The bends that dot found for a long wire, and where it is level: as far as its column of labels reaches."""
    found = edge.points[1:-1]
    if room is None:
        return found
    left, right = columns[round((room[0] + room[2]) / 2)]
    before = [point for point in found if point[0] < left - 2 * APART]
    after = [point for point in found if point[0] > right + 2 * APART]
    return (*before, (left, room[1]), (right, room[1]), *after)


def _ends(
    boxes: Mapping[str, Box], wires: Mapping[str, tuple[str, Sequence[Point], int]], side: int
) -> dict[str, Point]:
    """Where each wire leaves or meets a side of its box: level with its nearest bend if it can, in their order."""
    at: dict[str, list[tuple[float, str]]] = {}
    found: dict[str, Point] = {}
    for wire, (box, bends, nearest) in wires.items():
        _, bottom, _, top = boxes[box]
        wanted = bends[nearest][1] if bends else (bottom + top) / 2
        at.setdefault(box, []).append((wanted, wire))
    for box, ends in at.items():
        _, bottom, _, top = boxes[box]
        ends.sort()
        gap = min(APART, (top - bottom - 2 * CORNER) / max(len(ends) - 1, 1))
        low = bottom + CORNER
        heights = []
        for wanted, _ in ends:
            heights.append(max(wanted, low))
            low = heights[-1] + gap
        high = top - CORNER
        for index in reversed(range(len(ends))):
            heights[index] = min(heights[index], high)
            high = heights[index] - gap
            found[ends[index][1]] = boxes[box][side], heights[index]
    return found


def _straightened(points: Sequence[Point]) -> tuple[Point, ...]:
    """Without the bends that are none."""
    kept = [points[0]]
    for point, after in pairwise(points[1:]):
        (x0, y0), (x, y), (x1, y1) = kept[-1], point, after
        across = abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0))
        if across > LEVEL * max(abs(x1 - x0), 1.0):
            kept.append(point)
    return (*kept, points[-1])


class _Obstacles:
    """Boxes in the order of their left sides."""

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self.boxes = sorted((box, id) for id, box in boxes.items())
        self.lefts = [box[0] for box, _ in self.boxes]
        self.widest = max((box[2] - box[0] for box, _ in self.boxes), default=0.0)

    def clear(self, way: Sequence[Point], own: set[str]) -> bool:
        """Whether the way runs through none of the boxes but its own."""
        for (x0, y0), (x1, y1) in pairwise(way):
            first = bisect_left(self.lefts, min(x0, x1) - self.widest)
            for (left, bottom, right, top), id in self.boxes[first:]:
                if left >= max(x0, x1):
                    break
                if right > min(x0, x1) and id not in own and _meets((x0, y0), (x1, y1), (left, bottom, right, top)):
                    return False
        return True


def _meets(start: Point, end: Point, box: Box) -> bool:
    """Whether a line that runs to the right, or straight up, touches a box; their x-ranges overlap."""
    (x0, y0), (x1, y1) = sorted((start, end))
    left, bottom, right, top = box
    if x1 - x0 < LEVEL:
        low, high = min(y0, y1), max(y0, y1)
    else:
        slope = (y1 - y0) / (x1 - x0)
        ends = [y0 + slope * (x - x0) for x in (max(x0, left), min(x1, right))]
        low, high = min(ends), max(ends)
    return low < top and high > bottom
