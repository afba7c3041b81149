"""What stands on a picture for equal things that are left out."""

from __future__ import annotations

from lstmdiag.diagrams import Text
from lstmdiag.diagrams.text import small, text
from lstmdiag.readings.elision import Gap
from lstmdiag.words import Words

WORDS = Words("pictures")


def gap_label(gap: Gap, of: tuple[int, int] | None = None) -> Text:
    """What an elision mark says: how many are missing; with `of`, all and drawn, also that they are wired alike."""
    if of is None:
        return text("⋯", small(WORDS.say("more", count=gap.count)))
    total, drawn = of
    return text("⋯", *map(small, WORDS.each("more_units", count=gap.count, total=total, drawn=drawn)))
