"""Which of many equal things are drawn, and what stands for the others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of things left out, counted; `after` is the last one drawn before it."""

    after: int
    count: int


def shown(total: int, most: int, focus: int = 1) -> tuple[int | Gap, ...]:
    """All of 1..total up to `most`; beyond that three, the first and last and `focus` (else 2) among them.

    Where no three may be drawn, `focus` and the first, else the last; or `focus` alone. No gap hides a single one.
    """
    if total <= most:
        return tuple(range(1, total + 1))
    second = focus if 2 < focus < total else 2
    kept = {1, second, total} if most > 2 else {1, focus if focus > 1 else total} if most == 2 else {focus}
    found: list[int | Gap] = []
    for before, n in pairwise([0, *sorted(kept), total + 1]):
        missing = n - before - 1
        found += [Gap(before, missing)] if missing > 1 else range(before + 1, n)
        found += [n] if n <= total else []
    return tuple(found)


def shown_places(count: int, most: int) -> list[int | None]:
    """All places from 0, or the first ones, a gap (None), and the last."""
    return [*range(count)] if count <= most else [*range(most - 2), None, count - 1]
