"""Whether numbers of a file are those of a spec: in the same order, or in any."""

from __future__ import annotations

import numpy as np

from lstmdiag.cells.numbers import Array


def nearly_equal(found: Array, wanted: Array, counted: Array | None = None) -> bool:
    """Whether two arrays of one shape are equal within single precision, in which files store numbers.

    `counted` chooses the entries that matter, a mask over the first axes. NaN equals NaN.
    """
    if found.shape != wanted.shape:
        return False
    if counted is not None:
        found, wanted = found[counted], wanted[counted]
    finite = np.abs(wanted[np.isfinite(wanted)])
    slack = 1e-6 * float(finite.max(initial=0))
    return bool(np.isclose(found, wanted, rtol=1e-5, atol=slack, equal_nan=True).all())


def same_numbers(found: Array, wanted: Array) -> bool:
    """Whether two arrays of numbers are near, axes of one left out of their shapes."""
    return found.dtype.kind in "fiu" and nearly_equal(np.squeeze(found), np.squeeze(wanted))


class SortedNumbers:
    """Numbers in any order."""

    def __init__(self, numbers: Array) -> None:
        self.flat = np.sort(numbers.reshape(-1).astype(float))

    def same(self, other: Array) -> bool:
        """Whether an array of any shape holds the same numbers, each as often, within the slack of `nearly_equal`."""
        if other.size != self.flat.size or other.dtype.kind not in "fiu":
            return False
        flat = other.reshape(-1).astype(float)
        return nearly_equal(_ends(flat), _ends(self.flat)) and nearly_equal(np.sort(flat), self.flat)


def _ends(numbers: Array) -> Array:
    """The least and the largest; of no numbers the same as of no others."""
    return np.array([numbers.min(initial=np.inf), numbers.max(initial=-np.inf)])
