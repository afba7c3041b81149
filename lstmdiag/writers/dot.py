"""Diagram → DOT, every part pinned where the view put it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import hypot

import graphviz

from lstmdiag.diagrams import Diagram, Edge, Group, Node, Point, Run, Text
from lstmdiag.diagrams.text import BOLD, SIZES
from lstmdiag.writers.themes import LIGHT, Look, Theme

FONT = "DejaVu Sans"


def write(diagram: Diagram, theme: Theme = LIGHT) -> str:
    """DOT for the engine `nop2`: groups lie behind, then nodes, then edges."""
    graph = graphviz.Digraph(
        graph_attr={"bgcolor": "transparent" if theme.transparent else theme.background, "pad": "0.1",
                    "fontname": FONT, "splines": "true", "outputorder": "nodesfirst"},
        node_attr={"fontname": FONT, "fontsize": "15", "fixedsize": "true", "margin": "0"},
        edge_attr={"fontname": FONT, "fontsize": "12"},
    )  # fmt: skip
    for part in (*diagram.groups, *diagram.nodes):
        _node(graph, part, theme)
    for edge in diagram.edges:
        _edge(graph, edge, theme)
    return graph.source


def _num(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _at(point: Point) -> str:
    return f"{_num(point[0])},{_num(point[1])}"


def _node(graph: graphviz.Digraph, node: Node | Group, theme: Theme) -> None:
    look = theme.looks[node.role]
    shape = {"round": "box", "slab": "box", "pill": "box", "hatched": "box", "dotted": "box", "plain": "none"}.get(node.shape, node.shape)
    styles = []
    if node.shape in ("round", "slab", "pill"):
        styles.append("rounded")
    if node.shape not in ("plain",) and node.mark != "unreturned":
        styles.append("filled")
    if node.mark == "again":
        styles.append("dashed")
    if node.mark == "unreturned" or node.shape == "dotted":
        styles.append("dotted")
    label = _label(node.label, look.text if node.shape == "plain" else look.ink, theme, getattr(node, "align", "center"))
    graph.node(
        node.id, label, pos=_at((node.x, node.y)), width=_num(node.width / 72), height=_num(node.height / 72),
        shape=shape, style=",".join(styles), color=look.stroke, fillcolor=look.fill, penwidth=str(look.width),
    )  # fmt: skip


def _edge(graph: graphviz.Digraph, edge: Edge, theme: Theme) -> None:
    look = theme.looks[edge.role]
    attributes = {"pos": _spline(edge), "color": look.stroke, "penwidth": str(look.width)}
    if look.line in ("dashed", "dotted"):
        attributes["style"] = look.line
    if look.line == "double":
        attributes["color"] = f"{look.stroke}:{theme.background}:{look.stroke}"
    if edge.strands:
        attributes["color"] = ":".join(theme.looks[role].stroke for role in edge.strands)
    if not edge.arrow:
        attributes["dir"] = "none"
    if edge.label and edge.label_at:
        attributes["label"] = _label(edge.label, look.text, theme, "center")
        attributes["lp"] = _at(edge.label_at)
    graph.edge(edge.tail, edge.head, **attributes)


def _spline(edge: Edge) -> str:
    points: Sequence[Point] = edge.points
    head = ""
    if edge.arrow:
        (x0, y0), (x1, y1) = points[-2:]
        length = hypot(x1 - x0, y1 - y0) or 1
        back = min(8, length)
        head = f"e,{_at((x1, y1))} "
        points = [*points[:-1], (x1 - (x1 - x0) * back / length, y1 - (y1 - y0) * back / length)]
    pieces = [_at(points[0])]
    for a, b in zip(points, points[1:], strict=False):
        pieces += [_at(a), _at(b), _at(b)]
    return head + " ".join(pieces)


def _label(label: Text, color: str, theme: Theme, align: str) -> str:
    if not label:
        return ""
    lines = ["".join(_run(run, color, theme) for run in line) for line in label]
    br = f'<br align="{align}"/>'
    return "<" + (br.join(lines) + (br if align == "left" else "")) + ">"


def _run(run: Run, color: str, theme: Theme) -> str:
    ink = theme.muted if run.style == "muted" else color
    content = f'<font color="{ink}" point-size="{SIZES[run.style]}">{escape(run.text)}</font>'
    if run.style in BOLD:
        content = f"<b>{content}</b>"
    if run.style in ("sub", "smallsub"):
        content = f"<sub>{content}</sub>"
    return content
