"""A picture from left to right as one from top to bottom: what lay above a wire then stands at its right."""

from __future__ import annotations

from dataclasses import replace

from lstmdiag.diagrams import Diagram, Node


def turned(diagram: Diagram) -> Diagram:
    """What has to be laid out from left to right, so that `turned_back` is right: sizes and riders on their side."""
    return replace(diagram, nodes=tuple(_sided(node, -node.y, node.x) for node in diagram.nodes))


def turned_back(diagram: Diagram) -> Diagram:
    """The layout with right as down and up as right; labels of edges are not turned, which have none here."""
    return replace(
        diagram,
        nodes=tuple(_sided(node, node.y, -node.x) for node in diagram.nodes),
        edges=tuple(replace(edge, points=tuple((y, -x) for x, y in edge.points)) for edge in diagram.edges),
    )


def _sided(node: Node, x: float, y: float) -> Node:
    return replace(node, x=x, y=y, width=node.height, height=node.width)
