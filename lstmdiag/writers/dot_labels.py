"""Labels as DOT writes them, for what Graphviz sets itself: PNG, PDF and DOT."""

from __future__ import annotations

from html import escape

import graphviz
from graphviz.quoting import quote

from lstmdiag.diagrams import Run, Text
from lstmdiag.diagrams.text import BOLD, SIZES, SUBS, SUPS, line_height, line_width, readable
from lstmdiag.writers.labels import Ink, ink, stand
from lstmdiag.writers.names import Part
from lstmdiag.writers.themes import Theme

# Graphviz draws lowered and raised text at 5/6 of its font size, here as near to our 12 points as whole ones go
SHIFTED = 14
EMPTY = '<font point-size="6"> </font>'  # a row for a line without text; Pango sets no blank of 1 point


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
