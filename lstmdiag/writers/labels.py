"""Labels: where they stand, in what ink, and how DOT writes them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import graphviz
from graphviz.quoting import quote

from lstmdiag.diagrams import Edge, Group, Node, Run, Text
from lstmdiag.diagrams.lines import distinct, middle
from lstmdiag.diagrams.text import BOLD, SIZES, SUBS, SUPS, line_height, line_width, measure, readable
from lstmdiag.writers.names import Part
from lstmdiag.writers.themes import FADED, STRONG, Theme, level_of

FONT = "DejaVu Sans"
# Graphviz draws lowered and raised text at 5/6 of its font size, here as near to our 12 points as whole ones go
SHIFTED = 14
EMPTY = '<font point-size="6"> </font>'  # a row for a line without text; Pango sets no blank of 1 point
INSET = (8.0, 5.0)  # from the upper left corner of a group to its label


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of a label's text, #rrggbb, and its opacity, of 255."""

    color: str
    muted: str
    opacity: int = 255

    def dot(self, color: str) -> str:
        return color if self.opacity == 255 else f"{color}{self.opacity:02x}"


def ink(part: Part, theme: Theme) -> Ink:
    """Text in a box has the foreground's colour, text on the bare background that of its role."""
    if isinstance(part, Node) and part.level is not None:
        end = level_of(part.level, part.ramp)
        strong = theme.colored and abs(part.level) > STRONG.get(end, 1)
        on = theme.levels[end if strong else "zero"].text
        return Ink(on, on)
    bare = isinstance(part, Edge | Group) or part.shape == "plain"
    color = theme.looks[part.role].text if bare else theme.foreground
    return Ink(color, theme.muted, FADED if part.mark == "faded" and theme.colored else 255)


def stand(part: Part) -> tuple[float, float, float]:
    """The centre (x, y) of a part's label; if its lines begin at a left edge, how wide the room is, else 0."""
    if isinstance(part, Edge):
        return *(part.label_at or middle(distinct(part.points))), 0.0
    if isinstance(part, Group):
        width, height = measure(part.label)
        left, top = part.x - part.width / 2, part.y + part.height / 2
        return left + INSET[0] + width / 2, top - INSET[1] - height / 2, width
    if part.align != "left":
        return part.x, part.y, 0.0
    return part.x, part.y, part.width if part.shape == "plain" else measure(part.label)[0]


def label_attributes(part: Part, theme: Theme, size: float) -> dict[str, str]:
    """`label`, as DOT wants it quoted, and the font attributes that differ from the default font `size`."""
    pen = ink(part, theme)
    # Graphviz takes a line of nothing but characters without width for a wide one
    label = tuple(line if line_width(line) else (Run(""),) for line in part.label)
    if not any(run.text for line in label for run in line):
        return {}
    left = stand(part)[2]
    style = None if left else _only_style(label)
    if style is None:
        return {"label": _html(label, pen, size, left), "fontcolor": pen.dot(pen.color)}
    content = r"\n".join("".join(_plain(run.text) for run in line) for line in label)
    color = pen.muted if style == "muted" else pen.color
    attributes = {"label": quote(graphviz.nohtml(content)), "fontcolor": pen.dot(color)}
    if SIZES[style] != size:
        attributes["fontsize"] = f"{SIZES[style]:g}"
    return attributes


def _only_style(label: Text) -> str | None:
    """The one style of the whole label, if there is one that a plain label can show."""
    styles = {run.style for line in label for run in line}
    if len(styles) != 1 or styles & (BOLD | SUBS | SUPS):
        return None
    return styles.pop()


def _plain(content: str) -> str:
    return str(graphviz.escape(readable(content).replace("&", "&amp;")))


def _html(label: Text, pen: Ink, size: float, left: float) -> str:
    lines = ["".join(_run(run, pen, size) for run in line if run.text) for line in label]
    if len(lines) == 1 and not left:
        return f"<{lines[0]}>"
    # rows of a table: Graphviz sets lines of mixed styles too close, and cannot begin them at an edge
    cell = f' align="left" width="{int(left)}"' if left else ""
    rows = (
        f'<tr><td{cell} height="{int(line_height(line))}">{words or EMPTY}</td></tr>'
        for line, words in zip(label, lines, strict=True)
    )
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{"".join(rows)}</table>>'


def _run(run: Run, pen: Ink, size: float) -> str:
    content = escape(readable(run.text), quote=False).replace("\\", r"\\")
    points = SHIFTED if run.style in SUBS | SUPS else SIZES[run.style]
    font = "" if points == size else f' point-size="{points:g}"'
    font += f' color="{pen.dot(pen.muted)}"' if run.style == "muted" else ""
    if font:
        content = f"<font{font}>{content}</font>"
    if run.style in BOLD:
        content = f"<b>{content}</b>"
    if run.style in SUBS:
        content = f"<sub>{content}</sub>"
    if run.style in SUPS:
        content = f"<sup>{content}</sup>"
    return content
