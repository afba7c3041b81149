"""Places for a diagram that has none, found by Graphviz's `dot`, left to right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import graphviz

from lstmdiag.diagrams import Bounds, Diagram, Edge, Node, Point
from lstmdiag.diagrams.text import measure
from lstmdiag.rendering.wires import rerouted

RANK_GAP, NODE_GAP = 20.0, 30.0  # points
BESIDE, ABOVE = 14.0, 14.0  # of a wire to be seen on both sides of its label, and of air around that, points


def arranged(diagram: Diagram, draw: Callable[[str, str, str], bytes], apart: float = NODE_GAP) -> Diagram:
    """The diagram with its nodes, wires and labels placed; sizes of nodes are kept.

    A node that lies `inside` a wire rides on it: its x and y count from the middle of the room that is kept
    above the wire. `draw` is an engine: (DOT text, layout, format) → the result. Boxes above each other stand `apart`.
    """
    wires = {edge.id for edge in diagram.edges}
    riders: dict[str, list[Node]] = {}
    for node in diagram.nodes:
        if node.inside in wires:
            riders.setdefault(node.inside, []).append(node)
    sizes = {edge.id: _room(edge, riders.get(edge.id, ())) for edge in diagram.edges}
    answer = json.loads(draw(_question(diagram, riders, sizes, apart), "dot", "json0"))
    places = {int(part["name"]): _point(part["pos"]) for part in answer.get("objects", ())}
    found = {int(wire["id"]): wire for wire in answer.get("edges", ())}
    middles = {edge.id: _point(found[i]["lp"]) for i, edge in enumerate(diagram.edges) if "lp" in found[i]}
    placed = replace(
        diagram,
        nodes=tuple(_placed(node, places.get(i), middles) for i, node in enumerate(diagram.nodes)),
        edges=tuple(_routed(edge, found[i], middles) for i, edge in enumerate(diagram.edges)),
        layout="",
    )
    return rerouted(placed, {id: _above_wire(middle, *sizes[id]) for id, middle in middles.items()})


def _room(edge: Edge, riders: Sequence[Node]) -> tuple[float, float]:
    """Width and height of all that stands above a wire; 0 where nothing does."""
    boxes = [(0.0, 0.0, *measure(edge.label))] if edge.label else []
    boxes += [(node.x, node.y, node.width, node.height) for node in riders]
    width = 2 * max((abs(x) + width / 2 for x, _, width, _ in boxes), default=0.0)
    return width, 2 * max((abs(y) + height / 2 for _, y, _, height in boxes), default=0.0)


def _above_wire(middle: Point, width: float, height: float) -> Bounds:
    """The room again, once its middle is known; its lower side is where dot leads the wire."""
    x, y = middle
    return x - width / 2, y - (height + ABOVE) / 2, x + width / 2, y + height / 2


def _question(
    diagram: Diagram, riders: Mapping[str, Sequence[Node]], sizes: Mapping[str, tuple[float, float]], apart: float
) -> str:
    """Boxes of the right size under plain numbers; the ink comes later."""
    graph = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "splines": "polyline", "ranksep": _inches(RANK_GAP), "nodesep": _inches(apart)},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowhead": "none"},
    )
    number = {node.id: str(index) for index, node in enumerate(diagram.nodes)}
    for node in diagram.nodes:
        if node.inside not in riders:
            graph.node(number[node.id], width=_inches(node.width), height=_inches(node.height))
    for index, edge in enumerate(diagram.edges):
        width, height = sizes[edge.id]
        box = f'width="{width + 2 * BESIDE:.0f}" height="{height + ABOVE:.0f}"'
        label = f'<<table border="0" fixedsize="true" {box}><tr><td></td></tr></table>>'
        room = {"label": label} if height else {}
        graph.edge(number[edge.tail], number[edge.head], id=str(index), **room)
    return str(graph.source)


def _placed(node: Node, place: Point | None, middles: Mapping[str, Point]) -> Node:
    if place:
        return replace(node, x=place[0], y=place[1])
    middle = middles[node.inside]
    return replace(node, x=middle[0] + node.x, y=middle[1] + node.y)


def _routed(edge: Edge, wire: Mapping[str, str], middles: Mapping[str, Point]) -> Edge:
    controls = [_point(pair) for pair in wire["pos"].split()]
    return replace(edge, points=tuple(controls[::3]), label_at=middles[edge.id] if edge.label else None)


def _point(pair: str) -> Point:
    x, y = pair.split(",")
    return float(x), float(y)


def _inches(points: float) -> str:
    return f"{points / 72:.4f}"
