"""Text → the attributes of a DOT label: plain where one style will do, HTML-like where styles mix."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import graphviz

from lstmdiag.diagrams import Run, Text
from lstmdiag.diagrams.text import BOLD, SIZES, SUBS, line_height
from lstmdiag.writers.names import readable

FONT = "DejaVu Sans"
SUB = 14  # Graphviz draws a subscript at 5/6 of its font size, here as near to our 12 points as whole ones go


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of a label's text."""

    color: str
    muted: str


def label_attributes(label: Text, ink: Ink, size: float, left: float = 0) -> dict[str, str]:
    """`label` and the font attributes that differ from the default font `size`.

    With `left`, the width of the room it has, its lines begin at the left edge of that; else they are centred.
    """
    if not any(run.text for line in label for run in line):
        return {}
    style = None if left else _only_style(label)
    if style is None:
        return {"label": _html(label, ink, size, left), "fontcolor": ink.color}
    content = r"\n".join("".join(_plain(run.text) for run in line) for line in label)
    attributes = {"label": graphviz.nohtml(content), "fontcolor": ink.muted if style == "muted" else ink.color}
    if SIZES[style] != size:
        attributes["fontsize"] = _points(SIZES[style])
    return attributes


def _only_style(label: Text) -> str | None:
    """The one style of the whole label, if there is one that a plain label can show."""
    styles = {run.style for line in label for run in line}
    if len(styles) != 1 or styles & (BOLD | SUBS):
        return None
    return styles.pop()


def _plain(content: str) -> str:
    return str(graphviz.escape(readable(content).replace("&", "&amp;")))


def _html(label: Text, ink: Ink, size: float, left: float) -> str:
    lines = ["".join(_run(run, ink, size) for run in line if run.text) for line in label]
    if len(lines) == 1 and not left:
        return f"<{lines[0]}>"
    # rows of a table: Graphviz sets lines of mixed styles too close, and cannot begin them at an edge
    cell = f' align="left" width="{int(left)}"' if left else ""
    rows = (
        f'<tr><td{cell} height="{int(line_height(line))}">{words or " "}</td></tr>'
        for line, words in zip(label, lines, strict=True)
    )
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0">{"".join(rows)}</table>>'


def _run(run: Run, ink: Ink, size: float) -> str:
    content = escape(readable(run.text), quote=False)
    points = SUB if run.style in SUBS else SIZES[run.style]
    font = "" if points == size else f' point-size="{_points(points)}"'
    font += f' color="{ink.muted}"' if run.style == "muted" else ""
    if font:
        content = f"<font{font}>{content}</font>"
    if run.style in BOLD:
        content = f"<b>{content}</b>"
    if run.style in SUBS:
        content = f"<sub>{content}</sub>"
    return content


def _points(size: float) -> str:
    return f"{size:g}"
