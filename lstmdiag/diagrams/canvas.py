"""Where a picture is shown: how much room it has there, and how large its smallest text is when it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

SMALLEST = 12.0
"""The smallest text of a Diagram, in its points, lowered and raised text included."""

AROUND = 8.2
"""Points that writers leave free on each side of a picture."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is drawn around a picture; the others are shown by whoever shows the picture: a page, a slide, a paper."""

    title: bool = True  # with the badge
    legend: bool = True
    caption: bool = True


WHOLE = Parts()
ALONE = Parts(title=False, legend=False, caption=False)
UNTITLED = Parts(title=False, caption=False)


@dataclass(frozen=True, slots=True)
class Canvas:
    """`width` and `height` are in `unit`, as they are seen, and so is `text`, the size of the smallest text."""

    width: float = inf
    height: float = inf
    text: float = SMALLEST
    unit: str = "px"  # or "pt": how the size of an SVG is written
    parts: Parts = WHOLE  # usually drawn there
    scrolls: bool = False  # what stands around the picture may lie beyond what is seen at once

    @property
    def zoom(self) -> float:
        """How many units one point of a Diagram is."""
        return self.text / SMALLEST

    @property
    def room(self) -> tuple[float, float]:
        """Width and height for the parts of a Diagram, in its points."""
        return self.width / self.zoom - 2 * AROUND, self.height / self.zoom - 2 * AROUND

    def excess(self, width: float, height: float) -> tuple[float, float]:
        """How many times larger than the room a picture of so many points is, what matters more first; 1 where it fits.

        Where the canvas scrolls that is its width, and then its height; else whichever is more, and then the other.
        """
        across, up = max(width / self.room[0], 1.0), max(height / self.room[1], 1.0)
        return (across, up) if self.scrolls else (max(across, up), min(across, up))


FREE = Canvas()
"""As large as the picture becomes."""

CANVASES: Mapping[str, Canvas] = MappingProxyType(
    {
        "page": Canvas(1200, 680, 12, scrolls=True),  # the column of a page in a window of 1,280 px
        "narrow": Canvas(355, inf, 12, scrolls=True),  # the same in a window of 390 px
        "slide": Canvas(960, 540, 14, "pt", UNTITLED),  # 13.33 × 7.5 inches; it has a title and notes
        "paper": Canvas(496, 640, 8, "pt", UNTITLED),  # both columns of a journal, 175 mm; the caption stands below
        "column": Canvas(241, 640, 8, "pt", UNTITLED),  # one column of a journal, 85 mm
        "poster": Canvas(2384, 1684, 24, "pt"),  # A1, seen from two metres
        "free": FREE,
    }
)
"""By the name that `draw --for` takes."""
