"""A picture that is laid out from left to right, turned so that it runs from top to bottom.

What is laid out lies on its side: right becomes down, up becomes right, and a label takes its height across. What lay
above a wire then stands at its right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from lstmdiag.diagrams import Diagram, Edge, Group, Node, Point
from lstmdiag.diagrams.boxes import Box, Part
from lstmdiag.diagrams.sheet import Sheet

Placed = TypeVar("Placed", bound=Node | Group)


def turned_back(diagram: Diagram) -> Diagram:
    """The picture, of its layout on its side."""
    return replace(
        diagram,
        nodes=tuple(_sided(node, node.y, -node.x) for node in diagram.nodes),
        groups=tuple(_sided(group, group.y, -group.x) for group in diagram.groups),
        edges=tuple(_led(edge, [(y, -x) for x, y in _points(edge)]) for edge in diagram.edges),
    )


def turned(diagram: Diagram) -> Diagram:
    """The layout on its side, of a picture."""
    return replace(diagram, nodes=tuple(_sided(node, -node.y, node.x) for node in diagram.nodes))


def sideways(box: Box) -> Box:
    """A box of a picture, as it lies in a layout on its side: it takes as much across there as it is high."""

    def draw(x: float, y: float, within: str) -> Iterator[Part]:
        shift = (box.up - box.down) / 2  # its axis need not be halfway up
        yield from (_part_on_side(part, x, y, shift) for part in box.draw(0, 0, within))

    return Box(box.height, box.width / 2, box.width / 2, draw)


class SheetOnSide(Sheet):
    """A sheet for a layout on its side: leaves lie on their side too, and the diagram stands upright."""

    def lying(self, size: Point) -> Point:
        width, height = size
        return height, width

    def leaf(self, box: Box) -> Box:
        return sideways(box)

    def diagram(self, **parts: Any) -> Diagram:
        return turned_back(super().diagram(**parts))


def sheet(*, upright: bool) -> Sheet:
    """For a layout from left to right, of a picture that runs to the right or, if `upright`, down."""
    return SheetOnSide() if upright else Sheet()


def _part_on_side(part: Part, x: float, y: float, shift: float) -> Part:
    if isinstance(part, Edge):
        return _led(part, [(x - (py - shift), y + px) for px, py in _points(part)])
    return _sided(part, x - (part.y - shift), y + part.x)


def _sided(part: Placed, x: float, y: float) -> Placed:
    return replace(part, x=x, y=y, width=part.height, height=part.width)


def _points(edge: Edge) -> Iterable[Point]:
    return (*edge.points, edge.label_at) if edge.label_at else edge.points


def _led(edge: Edge, points: list[Point]) -> Edge:
    return replace(edge, points=tuple(points[: len(edge.points)]), label_at=points[-1] if edge.label_at else None)
