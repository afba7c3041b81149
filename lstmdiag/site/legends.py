"""The legend of a picture as words of a page, each with its sample: it takes as many lines as there is room for."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from lstmdiag.diagrams import Diagram, Key
from lstmdiag.diagrams.frame import sample
from lstmdiag.diagrams.text import readable
from lstmdiag.drawing import Ink, inked
from lstmdiag.site.markup import element

_NAMES = re.compile(r' (?:id|role|aria-labelledby)="[^"]*"|<(?:title|desc) [^>]*>.*\n')
"""What tells one picture of a page from another, and says what it shows: a sample has its words beside it."""


def legend(diagram: Diagram) -> str:
    """A list with an item for each entry; nothing where there is none."""
    items = "".join(f"<li>{_sample(key)}{escape(readable(key.text), quote=False)}</li>" for key in diagram.legend)
    return element("ul", items, "ld-legend")


@cache
def _sample(key: Key) -> str:
    drawn = _NAMES.sub("", inked(sample(key), "svg", Ink(inline=True)).decode())
    return drawn.replace("<svg", '<svg aria-hidden="true"', 1)
