"""Places for a diagram that has none, found by Graphviz's `dot`, left to right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import graphviz

from lstmdiag.diagrams import Diagram, Edge, Node, Point
from lstmdiag.diagrams.text import measure

RANK_GAP, NODE_GAP = 20.0, 30.0  # points
BESIDE = 14.0  # of a wire to be seen on both sides of its label, and of air above it


def arranged(diagram: Diagram, draw: Callable[[str, str, str], bytes]) -> Diagram:
    """The diagram with its nodes, wires and labels placed; sizes of nodes are kept.

    A node that lies `inside` a wire rides on it: its x and y count from the middle of the room that is kept
    above the wire. `draw` is an engine: (DOT text, layout, format) → the result.
    """
    wires = {edge.id for edge in diagram.edges}
    riders: dict[str, list[Node]] = {}
    for node in diagram.nodes:
        if node.inside in wires:
            riders.setdefault(node.inside, []).append(node)
    answer = json.loads(draw(_question(diagram, riders), "dot", "json0"))
    places = {int(part["name"]): _point(part["pos"]) for part in answer.get("objects", ())}
    found = {int(wire["id"]): wire for wire in answer.get("edges", ())}
    rooms = {edge.id: _point(found[i]["lp"]) for i, edge in enumerate(diagram.edges) if "lp" in found[i]}
    return replace(
        diagram,
        nodes=tuple(_placed(node, places.get(i), rooms) for i, node in enumerate(diagram.nodes)),
        edges=tuple(_routed(edge, found[i], rooms) for i, edge in enumerate(diagram.edges)),
        layout="",
    )


def _question(diagram: Diagram, riders: Mapping[str, Sequence[Node]]) -> str:
    """Boxes of the right size under plain numbers; the ink comes later."""
    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "splines": "polyline", "ranksep": _inches(RANK_GAP), "nodesep": _inches(NODE_GAP)},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowhead": "none"},
    )
    number = {node.id: str(index) for index, node in enumerate(diagram.nodes)}
    for node in diagram.nodes:
        if node.inside not in riders:
            graph.node(number[node.id], width=_inches(node.width), height=_inches(node.height))
    for index, edge in enumerate(diagram.edges):
        room = {}
        boxes = [(0.0, 0.0, *measure(edge.label))] if edge.label else []
        boxes += [(node.x, node.y, node.width, node.height) for node in riders.get(edge.id, ())]
        if boxes:
            width = 2 * max(abs(x) + width / 2 for x, _, width, _ in boxes)
            height = 2 * max(abs(y) + height / 2 for _, y, _, height in boxes)
            box = f'width="{width + 2 * BESIDE:.0f}" height="{height + BESIDE:.0f}"'
            room["label"] = f'<<table border="0" fixedsize="true" {box}><tr><td></td></tr></table>>'
        graph.edge(number[edge.tail], number[edge.head], id=str(index), **room)
    return str(graph.source)


def _placed(node: Node, place: Point | None, rooms: Mapping[str, Point]) -> Node:
    if place:
        return replace(node, x=place[0], y=place[1])
    middle = rooms[node.inside]
    return replace(node, x=middle[0] + node.x, y=middle[1] + node.y)


def _routed(edge: Edge, wire: Mapping[str, str], rooms: Mapping[str, Point]) -> Edge:
    controls = [_point(pair) for pair in wire["pos"].split()]
    return replace(edge, points=tuple(controls[::3]), label_at=rooms[edge.id] if edge.label else None)


def _point(pair: str) -> Point:
    x, y = pair.split(",")
    return float(x), float(y)


def _inches(points: float) -> str:
    return f"{points / 72:.4f}"
