"""Numbers, plurals and lists as English writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def number(value: int | None) -> str:
    """1,234,567; a size that is not known is `?`."""
    return "?" if value is None else f"{value:,}"


def amount(value: int | None) -> str:
    """1,234,567; a size that is not known is any number."""
    return "any number" if value is None else f"{value:,}"


def counted(value: int | None, thing: str) -> str:
    """1 step, 3 steps; where the number is not known, any number of steps."""
    if value is None:
        return f"any number of {thing}s"
    return f"{value:,} {thing}" + ("" if value == 1 else "s")


def by(sizes: Iterable[int | None]) -> str:
    """3 × 5."""
    return " × ".join(map(number, sizes))


def listed(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def numbered(one: str, places: Sequence[int]) -> str:
    """step 3; steps 3 and 4; steps 1, 3 and 5 to 8. In rising order."""
    return f"{one if len(places) == 1 else one + 's'} {in_runs(places)}"


def in_runs(places: Sequence[int]) -> str:
    """3; 3 and 4; 1, 3 and 5 to 8. In rising order."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    parts = [part for run in runs for part in (map(number, run) if len(run) < 3 else [f"{run[0]:,} to {run[-1]:,}"])]
    return listed(parts)
