"""A sheet to draw on: places nodes, routes edges border to border, and gives out a Diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import hypot
from typing import TYPE_CHECKING, Any

from lstmdiag.diagrams import Bounds, Diagram, Edge, Group, Key, Node, Point, Text
from lstmdiag.diagrams.text import measure

if TYPE_CHECKING:
    from lstmdiag.diagrams import boxes

PADDING = (10.0, 6.0)  # between a label and its border, points
ROUND = ("circle", "point")


class Sheet:
    """Collects the parts of one picture. Ids are the caller's and must be unique."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: dict[str, Edge] = {}
        self.groups: dict[str, Group] = {}

    def node(
        self,
        id: str,
        label: Text,
        role: str,
        x: float,
        y: float,
        *,
        width: float = 0,
        height: float = 0,
        shape: str = "box",
        padding: Point = PADDING,
        **facts: Any,
    ) -> Node:
        """Place a node by its centre; it grows beyond (width, height) where its label needs more."""
        size = self.lying(sized(label, width, height, shape, padding))
        return self._keep(self.nodes, Node(id, label, role, x, y, *size, shape, **facts))

    def note(self, id: str, label: Text, x: float, y: float, *, anchor: str = "center", **facts: Any) -> Node:
        """Free text; `anchor` says which point of it (x, y) is: left, center or right edge, mid height."""
        width, _ = self.lying(measure(label))
        if anchor != "center":
            x += width / 2 if anchor == "left" else -width / 2
        facts.setdefault("align", "left" if anchor == "left" else "center")
        return self.node(id, label, facts.pop("role", "note"), x, y, shape="plain", **facts)

    def group(self, id: str, label: Text, role: str, box: Bounds, **facts: Any) -> Group:
        """A band behind nodes; `box` is (left, bottom, right, top)."""
        left, bottom, right, top = box
        group = Group(id, label, role, (left + right) / 2, (bottom + top) / 2, right - left, top - bottom, **facts)
        return self._keep(self.groups, group)

    def lying(self, size: Point) -> Point:
        """What a leaf of this width and height takes up, across and up, in the layout."""
        return size

    def leaf(self, box: boxes.Box) -> boxes.Box:
        """A box that stays upright whichever way the layout runs, as it lies in the layout."""
        return box

    def put(self, box: boxes.Box, x: float, y: float) -> list[Node]:
        """Draw a box with its centre in this place; the nodes in it."""
        parts = list(box.draw(x, y, ""))
        kinds: dict[type, dict[str, Any]] = {Node: self.nodes, Edge: self.edges, Group: self.groups}
        for part in parts:
            self._keep(kinds[type(part)], part)
        return [part for part in parts if isinstance(part, Node)]

    def add(self, box: boxes.Box, left: float, top: float) -> list[Node]:
        """Draw a box with its upper left corner in this place; the nodes in it."""
        return self.put(box, left + box.width / 2, top - box.up)

    def edge(self, tail: Node, head: Node, role: str, **facts: Any) -> Edge:
        """Connect two nodes, as `wire` says."""
        return self._keep(self.edges, wire(tail, head, role, **facts))

    def curve(self, plot: Node, id: str, role: str, points: Sequence[Point], **facts: Any) -> Edge:
        """Data in a plot: a line through the points, without an arrow."""
        first, *between, last = points
        return self.edge(plot, plot, role, id=id, start=first, via=between, end=last, curve=True, arrow=False, **facts)

    def _keep(self, kept: dict[str, Any], part: Any) -> Any:
        if part.id in self.nodes or part.id in self.edges or part.id in self.groups:
            raise ValueError(f"two parts of one picture have the id {part.id!r}")
        kept[part.id] = part
        return part

    def diagram(self, *, legend: Sequence[Key] = (), **texts: Any) -> Diagram:
        return Diagram(
            nodes=tuple(self.nodes.values()),
            edges=tuple(self.edges.values()),
            groups=tuple(self.groups.values()),
            legend=tuple(legend),
            **texts,
        )


def wire(
    tail: Node,
    head: Node,
    role: str,
    *,
    id: str = "",
    via: Sequence[Point] = (),
    start: Point | None = None,
    end: Point | None = None,
    **facts: Any,
) -> Edge:
    """From one node to another, bending at `via`. Ends lie on the borders, unless `start`/`end` give them."""
    first = via[0] if via else (end or (head.x, head.y))
    last = via[-1] if via else (start or (tail.x, tail.y))
    start = start or border(tail, first)
    end = end or border(head, last)
    return Edge(id or f"{tail.id}-to-{head.id}", tail.id, head.id, role, (start, *via, end), **facts)


def fitted(label: Text, shape: str, padding: Point = PADDING) -> tuple[float, float]:
    """The smallest (width, height) of a node of this shape around its label."""
    if shape == "point":
        return 5.0, 5.0
    width, height = measure(label)
    if not label or shape == "plain":
        return width, height
    if shape == "circle":
        across = hypot(width, height) + 6
        return across, across
    if shape == "diamond":  # the label's box must fit between the slanted sides
        return 2 * width + 8, 2 * height
    across, along = padding
    if shape == "pill":
        return width + 12, height + 3
    return width + 2 * across, height + 2 * along


def sized(label: Text, width: float, height: float, shape: str, padding: Point = PADDING) -> tuple[float, float]:
    """(width, height) of a node: as large as asked, or as its label needs."""
    least_wide, least_high = fitted(label, shape, padding)
    wide, high = max(width, least_wide), max(height, least_high)
    return (max(wide, high), max(wide, high)) if shape == "circle" else (wide, high)


def border(node: Node, toward: Point) -> Point:
    """Where the straight line from the node's centre to `toward` leaves its border."""
    dx, dy = toward[0] - node.x, toward[1] - node.y
    if not (dx or dy):
        return node.x, node.y
    half_w, half_h = node.width / 2, node.height / 2
    if node.shape in ROUND:
        scale = half_w / hypot(dx, dy)
    elif node.shape == "diamond":
        scale = 1 / (abs(dx) / half_w + abs(dy) / half_h)
    else:
        scale = min(half_w / abs(dx) if dx else float("inf"), half_h / abs(dy) if dy else float("inf"))
    return node.x + dx * scale, node.y + dy * scale


def bounds(diagram: Diagram) -> Bounds:
    """(left, bottom, right, top) of everything drawn, edge labels included."""
    boxes = [(n.x, n.y, n.width / 2, n.height / 2) for n in diagram.nodes]
    boxes += [(g.x, g.y, g.width / 2, g.height / 2) for g in diagram.groups]
    labelled = [(*e.label_at, *measure(e.label)) for e in diagram.edges if e.label and e.label_at]
    boxes += [(x, y, width / 2, height / 2) for x, y, width, height in labelled]
    boxes += [(x, y, 0.0, 0.0) for e in diagram.edges for x, y in e.points]
    return (
        min([x - half for x, _, half, _ in boxes]),
        min([y - half for _, y, _, half in boxes]),
        max([x + half for x, _, half, _ in boxes]),
        max([y + half for _, y, _, half in boxes]),
    )


def moved(diagram: Diagram, dx: float, dy: float) -> Diagram:
    """The same picture, shifted."""

    def shift(point: Point) -> Point:
        return point[0] + dx, point[1] + dy

    return replace(
        diagram,
        nodes=tuple(replace(n, x=n.x + dx, y=n.y + dy) for n in diagram.nodes),
        groups=tuple(replace(g, x=g.x + dx, y=g.y + dy) for g in diagram.groups),
        edges=tuple(
            replace(e, points=tuple(map(shift, e.points)), label_at=shift(e.label_at) if e.label_at else None)
            for e in diagram.edges
        ),
    )
