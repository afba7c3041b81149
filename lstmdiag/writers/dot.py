"""Diagram → DOT, every part pinned where the view put it.

The text is for the engine `nop2` (`neato -n2`), which draws what it is told and moves nothing. Ids and
classes are those the SVG will have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from lstmdiag.diagrams import Diagram, Edge, Group, Node, Point
from lstmdiag.diagrams.canvas import AROUND
from lstmdiag.diagrams.lines import BEND, bezier, diagonals, distinct, parallel, shortened
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.diagrams.text import measure
from lstmdiag.writers.labels import FONT, stand
from lstmdiag.writers.names import Names, Part, classes, floating
from lstmdiag.writers.themes import CONTEXT, CURVE, FADED, GROUP, LIGHT, Theme, level_of

RAIL = 2.1  # from the middle of a double line to each of its rails, points
STRAND = 3.4  # from one strand of a cable to the next
HATCH = 8.0  # from one stroke of a hatched box to the next, along its bottom
PERIPHERY = 4.0  # Graphviz draws a second border this far outside the first
SLACK = 2.0  # of free text, whose box is not seen: a glyph from elsewhere can be higher than the line
FOCUS = 1.2  # how much heavier the line of what a picture is about
HAIR = "0.4"  # pen width of what has faded where ink cannot
THIN = "0.9"  # of a curve that is context

SHAPES = {"circle": "circle", "diamond": "diamond", "point": "point"}  # the others are boxes
ROUNDED = frozenset({"round", "slab", "pill"})

Attributes = dict[str, str]

_WORD = re.compile(r"[a-z]+|[0-9.]+")  # what DOT needs no quotes for


def write(diagram: Diagram, theme: Theme = LIGHT, *, labels: bool = True) -> str:
    """The picture as DOT text: groups lie behind, containers before what lies in them, wires on top.

    Without `labels` it is for `writers.svg`, which sets the text itself.
    """
    pen = _Pen(theme, Names(diagram), labels)
    pen.canvas(*bounds(diagram))
    for group in diagram.groups:
        pen.group(group)
    unseen = set() if labels else {node.id for node in floating(diagram)}
    for node in _containers_first(diagram.nodes):
        if node.id not in unseen:
            pen.node(node)
    for edge in diagram.edges:
        pen.edge(edge)
    whole = {"bgcolor": "transparent" if theme.transparent else theme.background, "notranslate": "true",
             "outputorder": "nodesfirst", "pad": "0.1", "splines": "true"}  # fmt: skip
    usual = (("graph", whole), ("node", pen.usual_node), ("edge", pen.usual_edge))
    if labels and diagram.zoom != 1:
        left, bottom, right, top = bounds(diagram)
        inches = ((length + 2 * AROUND) * diagram.zoom / 72 for length in (right - left, top - bottom))
        whole["size"] = ",".join(f"{length:.4f}" for length in inches) + "!"
    return "".join(("digraph lstmdiag {\n", *(_usual(*each) for each in usual), *pen.lines, "}\n"))


def _usual(what: str, attributes: Attributes) -> str:
    """The statement of what holds for the graph, for all nodes or for all edges; none of it is a user's text."""
    written = " ".join(
        f"{key}={value}" if _WORD.fullmatch(value) else f'{key}="{value}"' for key, value in sorted(attributes.items())
    )
    return f"\t{what} [{written}]\n"


def _containers_first(nodes: Sequence[Node]) -> Iterable[Node]:
    """The nodes in their order, except that none comes before the one it lies in."""
    if not any(node.inside for node in nodes):
        return nodes
    parents = {node.id: node.inside for node in nodes}

    def depth(node: Node) -> int:
        deep, at = 0, node.inside
        while at in parents and deep < len(nodes):
            deep, at = deep + 1, parents[at]
        return deep

    return sorted(nodes, key=depth)


class _Pen:
    """Writes parts as lines of DOT, in the theme's ink."""

    def __init__(self, theme: Theme, names: Names, labels: bool) -> None:
        self.theme = theme
        self.labels = labels
        self.names = names
        self.lines: list[str] = []
        self.outlines: dict[tuple[str, str, str], Attributes] = {}
        self.usual_node = {
            "fillcolor": theme.looks["note"].fill, "fixedsize": "true", "fontcolor": theme.foreground, "fontname": FONT,
            "fontsize": "15", "id": r"\N", "label": "", "margin": "0", "shape": "box", "style": "filled",
        }  # fmt: skip
        self.usual_edge = {
            "arrowsize": "0.8", "dir": "none", "fontcolor": theme.foreground, "fontname": FONT, "fontsize": "12",
        }  # fmt: skip

    def canvas(self, left: float, bottom: float, right: float, top: float) -> None:
        """Nothing to see, as large as everything: the size of the picture, whatever is written of it."""
        place = {"pos": _at(((left + right) / 2, (bottom + top) / 2)), "shape": "none", "style": ""}
        self.write((self.names.of("canvas\0"),), place, _size(right - left + SLACK, top - bottom + SLACK))

    def group(self, group: Group) -> None:
        look = self.theme.looks[group.role]
        box = self.box(group)
        if group.shape != "plain":
            box["penwidth"] = "0.8"
            box["fillcolor"] = f"{look.stroke}{GROUP:02x}" if self.theme.colored else "transparent"
        self.write((self.names.of(group.id),), box, {"class": f"group {classes(group)}"})
        if group.label and self.labels:
            x, y, _ = stand(group)
            place = {"pos": _at((x, y)), "shape": "none", "style": ""} | _size(*measure(group.label))
            tags = {"class": f"group-label {classes(group)}"}
            self.write((self.names.of(f"{group.id}-label"),), place, self.label(group, 15), tags)

    def node(self, node: Node) -> None:
        name = self.names.of(node.id)
        self.write((name,), self.box(node), self.label(node, 15), {"class": classes(node)})
        if node.shape == "hatched":
            self.hatch(node, name)

    def label(self, part: Part, size: float) -> Attributes:
        """The part's label, for Graphviz to set; nothing for SVG."""
        if not self.labels:
            return {}
        from lstmdiag.writers.dot_labels import label_attributes  # quotes by a library that takes long to import

        return label_attributes(part, self.theme, size)

    def box(self, part: Node | Group) -> Attributes:
        """Place, size, outline and fill."""
        if isinstance(part, Node) and part.level is not None:
            return self.cell(part, part.level)
        less = {"slab": 2 * PERIPHERY, "plain": -SLACK}.get(part.shape, 0)
        look = part.role, part.shape, part.mark
        outline = self.outlines.get(look) or self.outlines.setdefault(look, self.outline(*look))
        return {"pos": _at((part.x, part.y))} | _size(part.width - less, part.height - less) | outline

    def cell(self, node: Node, level: float) -> Attributes:
        """A cell of a heat map. Without colours its size says how large the value is, black above 0, white below.

        Over the ground, which is a cell of level 0, a colour is the stronger the larger the value.
        """
        look, size = self.theme.levels[level_of(level, node.ramp)], (node.width, node.height)
        box = {"pos": _at((node.x, node.y)), "shape": "box", "style": "filled", "fillcolor": look.fill}
        if self.theme.colored:
            shade = "" if level == 0 else f"{round(min(abs(level), 1) * 255):02x}"
            return box | _size(*size) | {"fillcolor": f"{look.fill}{shade}", "penwidth": "0", "color": look.fill}
        box |= {"color": self.theme.foreground, "penwidth": "0" if level == 0 and node.inside else HAIR}
        if node.label:
            return box | _size(*size) | {"fillcolor": self.theme.background, "penwidth": HAIR}
        share = 1 if level == 0 else 0.9 * min(abs(level), 1) ** 0.5
        return box | _size(size[0] * share, size[1] * share)

    def outline(self, role: str, shape: str, mark: str) -> Attributes:
        if shape == "plain":
            return {"shape": "none", "style": ""}
        look = self.theme.looks[role]
        filled = shape == "point" or mark != "unreturned"
        # Where there is no colour, the outline of a gate has the line style of its wires.
        own = "" if self.theme.colored or not role.startswith("gate.") or shape == "dotted" else look.line
        dashed = mark == "again" or own == "dashed"
        dotted = shape == "dotted" or mark == "unreturned" or own == "dotted"
        styles = (("rounded", shape in ROUNDED), ("filled", filled), ("dashed", dashed), ("dotted", dotted))
        pen = {"shape": SHAPES.get(shape, "box"), "style": ",".join(style for style, applies in styles if applies)}
        pen |= self.line(look.stroke, look.width, mark, FADED)
        if filled:
            pen["fillcolor"] = self.faded(look.stroke if shape == "point" else look.fill, mark, FADED)
        if shape == "slab":
            pen["peripheries"] = "2"
        return pen

    def edge(self, edge: Edge) -> None:
        look = self.theme.looks[edge.role]
        points = distinct(edge.points)
        pen = self.wire(edge.role, edge.mark)
        cable, double = bool(edge.strands), look.line == "double"
        if edge.curve:
            width = THIN if edge.mark == "faded" and self.theme.colored else pen["penwidth"]
            color = self.faded(look.stroke, edge.mark, CURVE)
            self.wired(edge, edge.id, _way(points, 0), {"color": color, "penwidth": width})
            return
        if edge.label and self.labels:
            x, y, _ = stand(edge)
            pen |= {"lp": _at((x, y))} | self.label(edge, 12)
        head = ""
        if edge.arrow:
            size = 1.0 if cable or double else 0.8
            head = _head(points, size, cable or double)
            points = shortened(points, 10 * size + 1.4 * float(pen["penwidth"]))
            pen |= {"dir": "forward", "arrowsize": f"{size:g}"}
            if edge.mark == "unreturned":
                pen["arrowhead"] = "onormal"
        if cable:
            middle_strand = (len(edge.strands) - 1) / 2
            for index, role in enumerate(edge.strands):
                way = _way(parallel(points, (middle_strand - index) * STRAND))
                self.wired(replace(edge, role=role), f"{edge.id}-{index + 1}", way, self.wire(role, edge.mark))
            if head or edge.label:
                self.wired(edge, edge.id, head or _way(points[:1]), pen)
        elif double:
            rails = [_way(parallel(points, RAIL)), _way(parallel(points, -RAIL))]
            self.wired(edge, edge.id, ";".join([*rails, head] if head else rails), pen)
        else:
            self.wired(edge, edge.id, f"{head}{_way(points)}", pen)

    def wired(self, edge: Edge, id: str, pos: str, pen: Attributes) -> None:
        ends = (self.names.of(edge.tail), self.names.of(edge.head))
        self.write(ends, {"id": self.names.of(id), "pos": pos}, pen, {"class": classes(edge)})

    def wire(self, role: str, mark: str) -> Attributes:
        """Colour, pen width and line style."""
        look = self.theme.looks[role]
        pen = self.line(look.stroke, look.width, mark, CONTEXT)
        style = "dotted" if mark == "unreturned" else look.line
        if style in ("dashed", "dotted"):
            pen["style"] = style
        return pen

    def hatch(self, node: Node, name: str) -> None:
        """Diagonal strokes across a box, as a wire from it to itself, clear of its label."""
        strokes = diagonals((node.x, node.y), (node.width, node.height), HATCH, measure(node.label))
        if strokes:
            pen = {"color": self.faded(self.theme.looks[node.role].stroke, node.mark, FADED), "penwidth": "0.5"}
            pen |= {"id": self.names.of(f"{node.id}-hatch"), "pos": ";".join(map(_way, strokes))}
            self.write((name, name), pen, {"class": f"hatch {classes(node)}"})

    def write(self, names: Sequence[str], *attributes: Attributes) -> None:
        """The statement of a node, or of an edge between two. All but labels are safe words and numbers."""
        usual = self.usual_node if len(names) == 1 else self.usual_edge
        written = " ".join(
            [
                f"{key}={value}" if key == "label" else f'{key}="{value}"'
                for each in attributes
                for key, value in each.items()
                if usual.get(key) != value
            ]
        )
        self.lines.append(f"""\t"{'" -> "'.join(names)}" [{written}]\n""")

    def line(self, color: str, width: float, mark: str, faded: int) -> Attributes:
        pen = {"color": self.faded(color, mark, faded), "penwidth": f"{width + FOCUS * (mark == 'focus'):g}"}
        if mark == "faded" and not self.theme.colored:
            pen["penwidth"] = HAIR
        return pen

    def faded(self, color: str, mark: str, opacity: int) -> str:
        return f"{color}{opacity:02x}" if mark == "faded" and self.theme.colored else color


def _head(points: Sequence[Point], size: float, alone: bool) -> str:
    """The arrow's tip, for a `pos`; `alone`: with a spline of no length that carries only the arrow."""
    tip = f"e,{_at(points[-1])} "
    if not alone:
        return tip
    base = _at(shortened(points[-2:], 10 * size)[-1])
    return tip + " ".join([base] * 4)


def _way(points: Sequence[Point], radius: float = BEND) -> str:
    if len(points) == 2:  # a straight piece, as most are
        start, end = map(_at, points)
        return f"{start} {start} {end} {end}"
    return " ".join(map(_at, bezier(points, radius)))


@lru_cache(4096)
def _at(point: Point) -> str:
    """A place; the ends of straight pieces are asked for three times each."""
    return f"{_number(point[0])},{_number(point[1])}"


@lru_cache(1 << 14)  # most places share a row or a column with others
def _number(value: float) -> str:
    """Two decimals at most: a hundredth of a point is finer than any printer."""
    return f"{round(value, 2) + 0.0:.7g}"


@lru_cache(4096)  # many parts are alike in size
def _size(width: float, height: float) -> Attributes:
    """In inches, rounded up, so that a box is never short of its label."""
    return {"width": f"{max(width, 1) / 72 + 5e-5:.4f}", "height": f"{max(height, 1) / 72 + 5e-5:.4f}"}
