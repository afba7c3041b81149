"""What stands on a picture for equal things that are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import Any

from lstmdiag.analysis.elision import Gap
from lstmdiag.diagrams import Text
from lstmdiag.diagrams.boxes import Box, note
from lstmdiag.diagrams.text import small, text, wrap
from lstmdiag.words import Words

WORDS = Words("pictures")


def gap_label(gap: Gap, of: tuple[int, int] | None = None, width: float = inf) -> Text:
    """What an elision mark says: how many are missing; with `of`, all and drawn, also that they are wired alike."""
    if of is None:
        return text("⋯", small(WORDS.say("more", count=gap.count)))
    total, drawn = of
    said = WORDS.each("more_units", count=gap.count, total=total, drawn=drawn)
    return text("⋯", *(run for line in said for run in wrap(line, width, "small")))


def gap_note(id: str, gap: Gap, of: tuple[int, int] | None = None, width: float = inf, **facts: Any) -> Box:
    """An elision mark on a picture; `id` is what those that are drawn begin with."""
    return note(f"{id}-after-{gap.after}", gap_label(gap, of, width), "elision", count=gap.count, **facts)


def each(numbers: Iterable[int | Gap], one: Callable[[int], Box], gap: Callable[[Gap], Box]) -> list[Box]:
    """A box for every number, and for every gap between them."""
    return [gap(number) if isinstance(number, Gap) else one(number) for number in numbers]
