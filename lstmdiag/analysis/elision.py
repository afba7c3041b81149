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
    """All of 1..total up to `most`; of more, three, the first and last and `focus` (else 2) among them.

    Where `most` is less than three, only `focus`. A gap never stands for a single one: that is shown instead.
    """
    if total <= max(most, 2):
        return tuple(range(1, total + 1))
    kept = [focus] if most < 3 else sorted({1, focus if 2 < focus < total else 2, total})
    found: list[int | Gap] = []
    for before, one in pairwise([0, *kept, total + 1]):
        left_out = one - before - 1
        found += [before + 1] if left_out == 1 else [Gap(before, left_out)] * bool(left_out)
        found.append(one)
    return tuple(found[:-1])


def shown_places(count: int, most: int) -> list[int | None]:
    """All places from 0, or the first ones, a gap (None), and the last."""
    return [*range(count)] if count <= most else [*range(most - 2), None, count - 1]
