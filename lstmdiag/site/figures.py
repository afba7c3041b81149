"""A picture as a page shows it: title and caption as words, and a drawing for each room that the page may have."""

from __future__ import annotations

from html import escape
from math import ceil

from lstmdiag.comparing import Compared
from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.canvas import ALONE, AROUND, CANVASES
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.diagrams.text import readable
from lstmdiag.drawing import Ink, inked
from lstmdiag.model import Model
from lstmdiag.site.legends import legend
from lstmdiag.site.markup import WORDS, element
from lstmdiag.site.outline import Picture, Subject

WIDE, NARROW = "page", "narrow"
"""The canvases of a page, the wide one first."""

ROOMS = range(400, 1250, 50)
"""Pixels: so finely the style sheet tells the room of a figure."""


def figure(model: Model | Compared, picture: Picture, subject: Subject) -> bytes:
    """The inside of a figure, as HTML. `subject` is the model, or the values of the pass that the picture follows."""
    wide, narrow = (picture.diagram(subject, CANVASES[name], ALONE) for name in (WIDE, NARROW))
    ident = picture.ident(model)
    forms = [_form(wide, ident, "ld-wide")]
    if narrow != wide:
        forms.append(_form(narrow, f"{ident}-{NARROW}", "ld-narrow"))
    title = filter(None, (_words(wide.title), element("span", _words(wide.badge), "ld-badge")))
    return (
        f'<p class="ld-title">{" ".join(title)}</p>'
        f'<div class="ld-forms" data-room="{_room(wide)}">{"".join(forms)}</div>{legend(wide)}{_caption(wide)}'
    ).encode()


def rooms() -> str:
    """Where there is less room than the wide form takes, the narrow one is shown, if there is one."""
    return "".join(
        f"@container (max-width: {room - 1}px) {{\n"
        f'  [data-room="{room}"] > .ld-wide:not(:only-child) {{ display: none; }}\n'
        f'  [data-room="{room}"] > .ld-narrow {{ display: block; }}\n}}\n'
        for room in ROOMS
    )


def _form(diagram: Diagram, ident: str, name: str) -> str:
    drawing = inked(diagram, "svg", Ink(ident=ident, inline=True)).decode()
    label = WORDS.say("frame")
    return f'<div class="ld-frame {name}" tabindex="0" role="group" aria-label="{label}">{drawing}</div>'


def _room(diagram: Diagram) -> int:
    """The least of ROOMS in which the drawing is seen whole; the largest where none is."""
    left, _, right, _ = bounds(diagram)
    width = (right - left + 2 * AROUND) * diagram.zoom
    return min(max(ceil(width / ROOMS.step) * ROOMS.step, ROOMS[0]), ROOMS[-1])


def _caption(diagram: Diagram) -> str:
    origin = element("p", _words(diagram.origin), "ld-origin")
    said = " ".join(part for part in (f"<b>{_words(diagram.claim)}</b>", _words(diagram.reading)) if part)
    return f'<div class="ld-caption"><p>{said}</p>{origin}</div>'


def _words(content: str) -> str:
    return escape(readable(content), quote=False)
