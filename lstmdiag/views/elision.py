"""Which of many equal things are drawn, and what stands for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lstmdiag.diagrams import Text
from lstmdiag.diagrams.boxes import Box, note
from lstmdiag.diagrams.text import small, text


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of things left out, counted; `after` is the last one drawn before it."""

    after: int
    count: int


def shown(total: int, most: int, focus: int = 1) -> tuple[int | Gap, ...]:
    """All of 1..total up to `most`; beyond that three, the first and last and `focus` (else 2) among them."""
    if total <= most:
        return tuple(range(1, total + 1))
    second = focus if 2 < focus < total else 2
    first_gap = (Gap(1, second - 2),) if second > 2 else ()
    return (1, *first_gap, second, *((Gap(second, total - second - 1),) if second < total - 1 else ()), total)


def gap_label(gap: Gap, of: tuple[int, int] | None = None) -> Text:
    """What an elision mark says: how many are missing; with `of`, all and drawn, also that they are wired alike."""
    if of is None:
        return text("⋯", small(f"{gap.count:,} more"))
    total, drawn = of
    lines = (f"{gap.count:,} more,", "wired identically", f"(of {total:,}, {drawn} drawn)")
    return text("⋯", *map(small, lines))


def gap_note(id: str, gap: Gap, of: tuple[int, int] | None = None, **facts: Any) -> Box:
    """An elision mark on a picture; `id` is what those that are drawn begin with."""
    return note(f"{id}-after-{gap.after}", gap_label(gap, of), "elision", count=gap.count, **facts)


def each(numbers: Iterable[int | Gap], one: Callable[[int], Box], gap: Callable[[Gap], Box]) -> list[Box]:
    """A box for every number, and for every gap between them."""
    return [gap(number) if isinstance(number, Gap) else one(number) for number in numbers]
