"""Labels: where they stand, and in what ink."""

from __future__ import annotations

from dataclasses import dataclass

from lstmdiag.diagrams import Edge, Group, Node
from lstmdiag.diagrams.lines import distinct, middle
from lstmdiag.diagrams.text import measure
from lstmdiag.writers.names import Part
from lstmdiag.writers.themes import FADED, STRONG, Theme, level_of

FONT = "DejaVu Sans"
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
