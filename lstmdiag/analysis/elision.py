"""Which of many equal things are drawn, and what stands for the others."""

from __future__ import annotations

from dataclasses import dataclass


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


def shown_places(count: int, most: int) -> list[int | None]:
    """All places from 0, or the first ones, a gap (None), and the last."""
    return [*range(count)] if count <= most else [*range(most - 2), None, count - 1]
