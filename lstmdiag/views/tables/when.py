"""A number of recurrent steps, where the length of a sequence may not be known: 5, T + 1, max(T_1, T_2 + 1)."""

from __future__ import annotations

from dataclasses import dataclass

from lstmdiag.cells import terms
from lstmdiag.tables import Formula

_Sum = tuple[int, tuple[tuple[str, int], ...]]
"""So many known steps, and for each length that is not known, how many times it; lengths by their letters."""


@dataclass(frozen=True)
class When:
    """The largest of some sums, none of which another one always outdoes."""

    sums: frozenset[_Sum] = frozenset({(0, ())})

    def plus(self, steps: int | str | None) -> When:
        """Later by a number of steps, or by a length of that letter."""
        return When(frozenset(_longer(each, steps) for each in self.sums))

    def number(self) -> int | None:
        known = [number for number, lengths in self.sums if not lengths]
        return known[0] if len(known) == len(self.sums) == 1 else None

    def cell(self) -> int | Formula:
        number = self.number()
        if number is not None:
            return number
        every = [{**{(letter,): n for letter, n in lengths}, (): known} for known, lengths in sorted(self.sums)]
        return terms.largest([{dims: n for dims, n in each.items() if n} for each in every])

    def text(self) -> str:
        cell = self.cell()
        return f"{cell:,}" if isinstance(cell, int) else cell.text


NOW = When()


def last_of(*times: When) -> When:
    """When all of them are there."""
    sums = frozenset(each for time in times for each in time.sums)
    return When(frozenset(one for one in sums if not any(one != other and _outdone(one, other) for other in sums)))


def _longer(one: _Sum, steps: int | str | None) -> _Sum:
    known, lengths = one
    if isinstance(steps, int):
        return (known + steps, lengths)
    counts = dict(lengths)
    letter = steps or "steps"
    counts[letter] = counts.get(letter, 0) + 1
    return (known, tuple(sorted(counts.items())))


def _outdone(one: _Sum, other: _Sum) -> bool:
    """Whether `other` is never smaller, a sequence having one step at least."""
    mine, theirs = dict(one[1]), dict(other[1])
    more = [theirs.get(letter, 0) - mine.get(letter, 0) for letter in {*mine, *theirs}]
    return min(more, default=0) >= 0 and other[0] + sum(more) >= one[0]
