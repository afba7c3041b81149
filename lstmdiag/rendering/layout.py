"""Places for a diagram that has none, found by Graphviz's `dot`, left to right."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import graphviz

from lstmdiag.diagrams import Diagram, Edge, Point
from lstmdiag.diagrams.text import measure

RANK_GAP, NODE_GAP = 44.0, 30.0  # points
BESIDE = 16.0  # of a wire to be seen on both sides of its label, and of air above it


def arranged(diagram: Diagram, draw: Callable[[str, str, str], bytes]) -> Diagram:
    """The diagram with its nodes, wires and labels placed; sizes of nodes are kept.

    `draw` is an engine: (DOT text, layout, format) → the result.
    """
    answer = json.loads(draw(_question(diagram), "dot", "json0"))
    places = {int(part["name"]): _point(part["pos"]) for part in answer.get("objects", ())}
    wires = {int(wire["id"]): wire for wire in answer.get("edges", ())}
    return replace(
        diagram,
        nodes=tuple(replace(n, x=places[i][0], y=places[i][1]) for i, n in enumerate(diagram.nodes)),
        edges=tuple(_routed(edge, wires[i]) for i, edge in enumerate(diagram.edges)),
        layout="",
    )


def _question(diagram: Diagram) -> str:
    """Boxes of the right size under plain numbers; the ink comes later."""
    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "splines": "polyline", "ranksep": _inches(RANK_GAP), "nodesep": _inches(NODE_GAP)},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowhead": "none"},
    )
    number = {node.id: str(index) for index, node in enumerate(diagram.nodes)}
    for node in diagram.nodes:
        graph.node(number[node.id], width=_inches(node.width), height=_inches(node.height))
    for index, edge in enumerate(diagram.edges):
        room = {}
        if edge.label:
            width, height = measure(edge.label)
            box = f'width="{width + 2 * BESIDE:.0f}" height="{height + BESIDE:.0f}"'
            room["label"] = f'<<table border="0" fixedsize="true" {box}><tr><td></td></tr></table>>'
        graph.edge(number[edge.tail], number[edge.head], id=str(index), **room)
    return str(graph.source)


def _routed(edge: Edge, wire: dict[str, str]) -> Edge:
    controls = [_point(pair) for pair in wire["pos"].split()]
    label_at = _point(wire["lp"]) if edge.label else None
    return replace(edge, points=tuple(controls[::3]), label_at=label_at)


def _point(pair: str) -> Point:
    x, y = pair.split(",")
    return float(x), float(y)


def _inches(points: float) -> str:
    return f"{points / 72:.4f}"
