"""Diagram → JSON: what is drawn and where, for other programs. Lengths are points, y up, x and y the centre."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from lstmdiag.diagrams import Diagram, Edge, Group, Key, Node
from lstmdiag.diagrams.text import plain

_NODE = ("role", "shape", "symbol", "layer", "step", "unit", "inside", "mark", "count", "since", "tip", "level", "ramp")
_EDGE = ("tail", "head", "role", "symbol", "layer", "step", "unit", "mark", "since")
_GROUP = ("role", "shape", "layer", "step", "mark", "since")
_COUNTS = ("count", "since")  # where 0 means: none
_KEY = ("role", "text", "symbol", "shape", "mark")


def write(diagram: Diagram) -> str:
    """The diagram as one JSON object, a line per part; facts that are absent are left out."""
    head: dict[str, Any] = {"title": diagram.title, "view": diagram.view}
    head |= _facts(diagram, ("layer", "claim", "reading", "origin", "badge", "description"))
    if diagram.zoom != 1:
        head["zoom"] = diagram.zoom
    if len(diagram.states) > 1:
        head["states"] = diagram.states
    fields = [f"{json.dumps(key)}: {_line(value)}" for key, value in head.items()]
    fields += [
        _list("nodes", map(_node, diagram.nodes)),
        _list("edges", map(_edge, diagram.edges)),
        _list("groups", map(_group, diagram.groups)),
        _list("legend", (_facts(key, _KEY) for key in diagram.legend)),
    ]
    return "{" + ",\n ".join(fields) + "}\n"


def _node(node: Node) -> dict[str, Any]:
    return _named(node) | _facts(node, _NODE) | _place(node)


def _group(group: Group) -> dict[str, Any]:
    return _named(group) | _facts(group, _GROUP) | _place(group)


def _edge(edge: Edge) -> dict[str, Any]:
    written = _named(edge) | _facts(edge, _EDGE)
    if edge.shape is not None:
        written["shape"] = edge.shape
    if edge.count != 1:
        written["count"] = edge.count
    if edge.strands:
        written["strands"] = edge.strands
    if not edge.arrow:
        written["arrow"] = False
    if edge.curve:
        written["curve"] = True
    return written | {"points": [[_length(x), _length(y)] for x, y in edge.points]}


def _named(part: Node | Edge | Group) -> dict[str, Any]:
    return {"id": part.id} | ({"label": plain(part.label)} if part.label else {})


def _place(part: Node | Group) -> dict[str, float]:
    return {key: _length(getattr(part, key)) for key in ("x", "y", "width", "height")}


def _length(points: float) -> float:
    """Two decimals; whole points without any."""
    rounded = round(points, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _facts(part: Diagram | Node | Edge | Group | Key, names: Iterable[str]) -> dict[str, Any]:
    facts = ((name, getattr(part, name)) for name in names)
    return {name: value for name, value in facts if value or (value == 0 and name not in _COUNTS)}


def _list(name: str, parts: Iterable[dict[str, Any]]) -> str:
    lines = ",\n  ".join(map(_line, parts))
    return f'"{name}": [\n  {lines}]' if lines else f'"{name}": []'


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
