"""What stands on a picture for equal things that are left out."""

from __future__ import annotations

from lstmdiag.diagrams import Text
from lstmdiag.diagrams.text import small, text
from lstmdiag.readings.elision import Gap


def gap_label(gap: Gap, of: tuple[int, int] | None = None) -> Text:
    """What an elision mark says: how many are missing; with `of`, all and drawn, also that they are wired alike."""
    if of is None:
        return text("⋯", small(f"{gap.count:,} more"))
    total, drawn = of
    lines = (f"{gap.count:,} more,", "wired identically", f"(of {total:,}, {drawn} drawn)")
    return text("⋯", *map(small, lines))
