"""Geometry of wires: straight pieces in, the cubic Béziers out that Graphviz and SVG draw; what meets what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from lstmdiag.diagrams import Bounds, Point

BEND = 7.0  # radius of a rounded bend, points
_ROUNDNESS = 0.55  # how far a Bézier's handles reach toward the corner, to look like a quarter circle


def distinct(points: Sequence[Point]) -> list[Point]:
    """The points without repetitions next to each other; two at least."""
    kept = [points[0]]
    for point in points[1:]:
        if hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) > 0.01:
            kept.append(point)
    return kept if len(kept) > 1 else [*kept, (kept[0][0] + 0.1, kept[0][1])]


def shortened(points: Sequence[Point], length: float) -> list[Point]:
    """The same way, ending `length` earlier; what is left never vanishes."""
    kept = list(points)
    while len(kept) > 2 and _length(kept[-2], kept[-1]) <= length:
        length -= _length(kept[-2], kept[-1])
        kept.pop()
    whole = _length(kept[-2], kept[-1])
    share = max(1 - length / whole, 0.05)
    kept[-1] = _between(kept[-2], kept[-1], share)
    return kept


def parallel(points: Sequence[Point], offset: float) -> list[Point]:
    """The same way, `offset` to the left of it, with its corners mitred."""
    normals = [_normal(a, b) for a, b in pairwise(points)]
    moved = []
    for index, (x, y) in enumerate(points):
        before, after = normals[max(index - 1, 0)], normals[min(index, len(normals) - 1)]
        across = 1 + before[0] * after[0] + before[1] * after[1]
        reach = offset / max(across, 0.2)  # a sharp corner must not shoot out
        moved.append((x + (before[0] + after[0]) * reach, y + (before[1] + after[1]) * reach))
    return moved


def bezier(points: Sequence[Point], radius: float = BEND) -> list[Point]:
    """Control points (1 + 3n of them) of the way through `points`, its bends rounded."""
    controls = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _length(before, corner), _length(corner, after)
        room = min(radius, near / 2, far / 2)
        if not room:
            controls += [controls[-1], corner, corner]
            continue
        start, end = _between(corner, before, room / near), _between(corner, after, room / far)
        controls += [controls[-1], start, start]
        controls += [_between(start, corner, _ROUNDNESS), _between(end, corner, _ROUNDNESS), end]
    return [*controls, controls[-1], points[-1], points[-1]]


def middle(points: Sequence[Point]) -> Point:
    """The middle of the longest straight piece."""
    a, b = max(pairwise(points), key=lambda piece: _length(*piece))
    return _between(a, b, 0.5)


def diagonals(centre: Point, size: Point, gap: float, hole: Point) -> list[list[Point]]:
    """Strokes at 45 degrees across a box, `gap` apart; they spare a hole of this size in its middle."""
    width, height = size
    left, bottom = centre[0] - width / 2, centre[1] - height / 2
    side, base = (width - hole[0]) / 2, (height - hole[1]) / 2
    strokes = []
    for number in range(int((width + height) / gap)):
        start = gap * (number + 0.5) - height  # where the stroke would meet the bottom's line
        low, high = max(0.0, -start), min(height, width - start)
        enters, leaves = max(side - start, base, low), min(width - side - start, height - base, high)
        pieces = [(low, high)] if enters >= leaves or 0 in hole else [(low, enters), (leaves, high)]
        strokes += [[(left + start + a, bottom + a), (left + start + b, bottom + b)] for a, b in pieces if b - a > 1]
    return strokes


def turns(starts: Sequence[Point], ports: Sequence[Point], stub: float, apart: float) -> list[float]:
    """For each cable the height, `stub` below its port or more, at which it turns up into it: flat ones stay apart.

    Cables from the left turn lower one after the other, those from the right the other way round.
    """
    found = [port[1] - stub for port in ports]
    ways = list(enumerate(zip(starts, ports, strict=True)))
    from_left = [index for index, (start, port) in ways if start[0] < port[0]]
    from_right = [index for index, (start, port) in reversed(ways) if start[0] > port[0]]
    for side in (from_left, from_right):
        for before, index in pairwise(side):
            (x, y), (port, _) = starts[index], ports[index]
            slope = (found[before] - y) / abs(port - x)
            step = abs(port - ports[before][0])
            found[index] = min(found[index], found[before] - apart * hypot(1, slope) + slope * step)
    return found


def apart(one: Sequence[Point], other: Sequence[Point]) -> float:
    """How close two polylines come that do not cross."""
    return min(
        _from_piece(point, a, b)
        for points, pieces in ((one, other), (other, one))
        for point in points
        for a, b in pairwise(pieces)
    )


def _from_piece(point: Point, a: Point, b: Point) -> float:
    """From a point to the straight piece between two others."""
    (x, y), along = point, (b[0] - a[0], b[1] - a[1])
    square = along[0] ** 2 + along[1] ** 2
    share = min(max(((x - a[0]) * along[0] + (y - a[1]) * along[1]) / square, 0), 1) if square else 0.0
    return hypot(x - a[0] - share * along[0], y - a[1] - share * along[1])


def meet(a: Bounds, b: Bounds) -> bool:
    """Whether two boxes lie on one another; that they touch is not enough."""
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def joints(lines: Sequence[Sequence[Point]]) -> list[tuple[Point, int]]:
    """Where upright and level polylines part or meet: a bend of one on another, and the index of the first line there.

    Pieces in line that touch are one; a bend in which no more than two pieces end is none.
    """
    spans: dict[tuple[int, float], list[Point]] = {}  # upright (0) at x, level (1) at y → from, to
    for line in lines:
        for one, other in pairwise(line):
            flat = int(one[1] == other[1])
            low, high = sorted((one[1 - flat], other[1 - flat]))
            apart = []
            for span in spans.get((flat, one[flat]), ()):
                if span[0] <= high and low <= span[1]:
                    low, high = min(low, span[0]), max(high, span[1])
                else:
                    apart.append(span)
            spans[flat, one[flat]] = [*apart, (low, high)]

    def pieces(at: Point) -> int:
        """How many lead away from here."""
        on = [(span, at[1 - flat]) for flat in (0, 1) for span in spans.get((flat, at[flat]), ())]
        return sum((low < place) + (place < high) for (low, high), place in on if low <= place <= high)

    bends = {at: index for index, line in reversed([*enumerate(lines)]) for at in line[1:-1]}
    return [(at, index) for at, index in bends.items() if pieces(at) > 2]


def _length(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _normal(a: Point, b: Point) -> Point:
    length = _length(a, b)
    return (a[1] - b[1]) / length, (b[0] - a[0]) / length
