"""Title, caption and legend around a picture, as parts of the picture."""

from __future__ import annotations

from dataclasses import replace

from lstmdiag.diagrams import Diagram, Node
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.diagrams.text import measure, text, wrap
from lstmdiag.diagrams import Run, Text


def framed(diagram: Diagram) -> Diagram:
    """The same picture with its title above and its caption below."""
    left, bottom, right, top = bounds(diagram)
    width = min(max(right - left, 520), 900)
    parts = [
        _note("frame-title", text(Run(diagram.title, "title")), left, top + 30, above=True),
        _note("frame-caption", (*text(*wrap(diagram.claim, width, "bold")), *text(*wrap(diagram.reading, width))), left, bottom - 24),
    ]
    return replace(diagram, nodes=(*diagram.nodes, *parts))


def _note(id: str, label: Text, left: float, y: float, above: bool = False) -> Node:
    width, height = measure(label)
    return Node(id, label, "note", left + width / 2, y + height / 2 if above else y - height / 2, width, height, "plain", align="left")
