"""Wires between boxes that have their places: level under their labels, apart where they leave and arrive."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from lstmdiag.diagrams import Bounds, Diagram, Edge, Point

APART = 14.0  # of two wires at one side of a box, points
CORNER = 9.0  # of a wire from the corner of a box
CLEAR = 5.0  # of a wire from a box that it has to go around
DETOURS = 24  # for one wire
LEVEL = 0.5  # steps lower than this are no steps


def rerouted(diagram: Diagram, rooms: Mapping[str, Bounds]) -> Diagram:
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
        own = {edge.tail, edge.head}
        ways = [
            _straightened((leaves[edge.id], *between, arrives[edge.id]))
            for between in (bends[edge.id], edge.points[1:-1])
        ]
        ways += [obstacles.around(way, own) for way in ways if not obstacles.clear(way, own)]
        edges.append(next((replace(edge, points=way) for way in ways if obstacles.clear(way, own)), edge))
    return replace(diagram, edges=tuple(edges))


def _columns(rooms: Mapping[str, Bounds]) -> dict[int, tuple[float, float]]:
    """Middle → left and right of the rooms that stand above each other: dot gives them one middle."""
    found: dict[int, tuple[float, float]] = {}
    for left, _, right, _ in rooms.values():
        middle = round((left + right) / 2)
        low, high = found.get(middle, (left, right))
        found[middle] = min(low, left), max(high, right)
    return found


def _bends(edge: Edge, room: Bounds | None, columns: Mapping[int, tuple[float, float]]) -> tuple[Point, ...]:
    """The bends that dot found for a long wire, and where it is level: as far as its column of labels reaches."""
    found = edge.points[1:-1]
    if room is None:
        return found
    left, right = columns[round((room[0] + room[2]) / 2)]
    before = [point for point in found if point[0] < left - 2 * APART]
    after = [point for point in found if point[0] > right + 2 * APART]
    return (*before, (left, room[1]), (right, room[1]), *after)


def _ends(
    boxes: Mapping[str, Bounds], wires: Mapping[str, tuple[str, Sequence[Point], int]], side: int
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

    def __init__(self, boxes: Mapping[str, Bounds]) -> None:
        self.boxes = sorted((box, id) for id, box in boxes.items())
        self.lefts = [box[0] for box, _ in self.boxes]
        self.widest = max((box[2] - box[0] for box, _ in self.boxes), default=0.0)

    def clear(self, way: Sequence[Point], own: set[str]) -> bool:
        return self._met(way, own) is None

    def around(self, way: Sequence[Point], own: set[str]) -> tuple[Point, ...]:
        """The way with a bend on both sides of each box that is met, over or under it, whichever is nearer."""
        found = list(way)
        for _ in range(DETOURS):
            met = self._met(found, own)
            if met is None:
                break
            index, box = met
            left, bottom, right, top = box[0] - CLEAR, box[1] - CLEAR, box[2] + CLEAR, box[3] + CLEAR
            before = [point for point in found[: index + 1] if point is found[0] or not _within(point, box)]
            after = [point for point in found[index + 1 :] if point is found[-1] or not _within(point, box)]
            (x0, y0), (x1, y1) = before[-1], after[0]
            middle = y0 + (y1 - y0) * ((left + right) / 2 - x0) / ((x1 - x0) or 1.0)
            y = top if middle > (bottom + top) / 2 else bottom
            bends = [(x, y) for x in (left, right) if min(x0, x1) < x < max(x0, x1)]
            if not bends:
                break
            found = [*before, *(bends if x0 < x1 else reversed(bends)), *after]
        return tuple(found)

    def _met(self, way: Sequence[Point], own: set[str]) -> tuple[int, Bounds] | None:
        """The first box but its own that the way runs through, and the piece that does."""
        for index, ((x0, y0), (x1, y1)) in enumerate(pairwise(way)):
            first = bisect_left(self.lefts, min(x0, x1) - self.widest)
            for box, id in self.boxes[first:]:
                if box[0] >= max(x0, x1):
                    break
                if box[2] > min(x0, x1) and id not in own and _meets((x0, y0), (x1, y1), box):
                    return index, box
        return None


def _meets(start: Point, end: Point, box: Bounds) -> bool:
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


def _within(point: Point, box: Bounds) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
