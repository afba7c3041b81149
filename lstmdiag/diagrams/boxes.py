"""A small algebra of boxes: what stands beside, above and inside what. Sizes come first, places last.

A box knows how much room it takes, and draws itself round a point (x, y), halfway across and on its axis. From there it
reaches so far `up` and so far `down`, as in TeX. Lengths are points, y grows upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

from lstmdiag.diagrams import Diagram, Edge, Group, Node, Point, Text
from lstmdiag.diagrams.sheet import PADDING, bounds, moved, sized

Part = Node | Edge | Group
Draw = Callable[[float, float, str], Iterable[Part]]
"""(x, y, id of what it lies in, "" of nothing) → its parts there."""

Wires = Callable[[Mapping[str, Node]], Iterable[Edge]]
"""Gives the wires between nodes, by their ids."""


@dataclass(frozen=True, slots=True)
class Box:
    width: float
    up: float
    down: float
    draw: Draw

    @property
    def height(self) -> float:
        return self.up + self.down


def _box(width: float, height: float, draw: Draw) -> Box:
    return Box(width, height / 2, height / 2, draw)


def strut(width: float = 0, height: float = 0) -> Box:
    """Room, and nothing in it."""
    return _box(width, height, lambda x, y, within: ())


def node(
    id: str,
    label: Text,
    role: str,
    *,
    width: float = 0,
    height: float = 0,
    shape: str = "box",
    padding: Point = PADDING,
    **facts: Any,
) -> Box:
    """A leaf: as large as asked, or as its label needs. `facts` are fields of the Node."""
    wide, high = sized(label, width, height, shape, padding)
    return _box(
        wide,
        high,
        lambda x, y, within: (Node(id, label, role, x, y, wide, high, shape, **{"inside": within, **facts}),),
    )


def note(id: str, label: Text, role: str = "note", **facts: Any) -> Box:
    """Free text; without a word it is nothing."""
    return node(id, label, role, shape="plain", **facts) if label else strut()


def row(*boxes: Box, gap: float = 0, valign: int = 0) -> Box:
    """Left to right. `valign`: 0 axes in line, 1 tops, -1 bottoms."""
    wide = fsum(box.width for box in boxes) + gap * max(len(boxes) - 1, 0)
    high = max((box.height for box in boxes), default=0)
    up = max((box.up for box in boxes), default=0) if valign == 0 else high / 2
    down = max((box.down for box in boxes), default=0) if valign == 0 else high / 2

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        left = x - wide / 2
        for box in boxes:
            axis = {0: y, 1: y + up - box.up, -1: y - down + box.down}[valign]
            yield from box.draw(left + box.width / 2, axis, within)
            left += box.width + gap

    return Box(wide, up, down, draw)


def column(*boxes: Box, gap: float = 0, align: int = 0) -> Box:
    """Top to bottom, the axis in the middle. `align`: -1 left edges in line, 0 middles, 1 right edges."""
    wide = max((box.width for box in boxes), default=0)
    high = fsum(box.height for box in boxes) + gap * max(len(boxes) - 1, 0)

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        top = y + high / 2
        for box in boxes:
            yield from box.draw(x + align * (wide - box.width) / 2, top - box.up, within)
            top -= box.height + gap

    return _box(wide, high, draw)


def stack(*boxes: Box) -> Box:
    """Bottom to top, in which order they are drawn too, the axis in the middle."""
    high = fsum(box.height for box in boxes)

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        bottom = y - high / 2
        for box in boxes:
            yield from box.draw(x, bottom + box.down, within)
            bottom += box.height

    return _box(max(box.width for box in boxes), high, draw)


def grid(rows: Sequence[Sequence[Box]], width: float, height: float) -> Box:
    """Rows from the top, in cells that are all alike, as large together as is said."""
    wide, high = width / len(rows[0]), height / len(rows)
    return column(*(row(*(cell(box, wide, high) for box in boxes)) for boxes in rows))


def cell(box: Box, width: float, height: float) -> Box:
    """So much room for it, its axis halfway, whatever it takes."""
    return _box(width, height, box.draw)


def room(box: Box, width: float = 0, height: float = 0, *, align: int = 0) -> Box:
    """At least so much room for it; where it stands across that as in a column."""
    wide, more = max(width, box.width), max(height - box.height, 0) / 2
    dx = align * (wide - box.width) / 2
    return Box(wide, box.up + more, box.down + more, lambda x, y, within: box.draw(x + dx, y, within))


def loose(box: Box, dx: float = 0, dy: float = 0) -> Box:
    """Drawn so far from where it would stand, and taking no room."""
    return _box(0, 0, lambda x, y, within: box.draw(x + dx, y + dy, within))


def raised(box: Box, by: float) -> Box:
    """The same box, so much higher over the axis."""
    return Box(box.width, box.up + by, box.down - by, lambda x, y, within: box.draw(x, y + by, within))


def labelled(box: Box, *, over: Box | None = None, under: Box | None = None, align: int = 0) -> Box:
    """A box with others above and below it, on its own axis and no wider: they may hang over."""
    over, under = over or strut(), under or strut()

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        yield from box.draw(x, y, within)
        yield from over.draw(x + align * (box.width - over.width) / 2, y + box.up + over.down, within)
        yield from under.draw(x + align * (box.width - under.width) / 2, y - box.down - under.up, within)

    return Box(box.width, box.up + over.height, box.down + under.height, draw)


def inside(
    id: str, role: str, box: Box, pad: float = 0, *, label: Text = (), width: float = 0, height: float = 0, **facts: Any
) -> Box:
    """A node round a box, `pad` away from it and at least so large; what lies in it says so."""
    outer = node(
        id, label, role, width=max(width, box.width + 2 * pad), height=max(height, box.height + 2 * pad), **facts
    )

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        yield from outer.draw(x, y, within)
        yield from box.draw(x, y + (box.down - box.up) / 2, id)

    return replace(outer, draw=draw)


def band(id: str, label: Text, role: str, box: Box, pad: float, shape: str = "round") -> Box:
    """A group behind a box, `pad` away from it; its label stands inside at the upper left."""
    wide, high = box.width + 2 * pad, box.height + 2 * pad

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        yield Group(id, label, role, x, y, wide, high, shape)
        yield from box.draw(x, y + (box.down - box.up) / 2, within)

    return _box(wide, high, draw)


def picture(diagram: Diagram) -> Box:
    """All parts of a picture, moved to another place."""
    left, bottom, right, top = bounds(diagram)

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        here = moved(diagram, x - (left + right) / 2, y - (bottom + top) / 2)
        yield from here.groups
        yield from (replace(node, inside=node.inside or within) for node in here.nodes) if within else here.nodes
        yield from here.edges

    return _box(right - left, top - bottom, draw)


def wired(box: Box, wires: Wires) -> Box:
    """With wires between the nodes in it, which have their places then."""

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        parts = [*box.draw(x, y, within)]
        yield from parts
        yield from wires({part.id: part for part in parts if isinstance(part, Node)})

    return replace(box, draw=draw)
