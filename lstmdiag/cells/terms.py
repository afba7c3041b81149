"""How counts are written: with letters, and with a layer's numbers in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from lstmdiag.cells.cell import Dim, Dims
from lstmdiag.cells.counts import Sizes, Terms, evaluate
from lstmdiag.cells.mathml import formula
from lstmdiag.cells.notation import Mark, number_mark
from lstmdiag.cells.shapes import addends, bound
from lstmdiag.tables import Formula

SIZE_LETTERS: Mapping[str, str] = {
    "batch": "N", "steps": "T", "features": "F", "units": "H", "projection": "P",
    "kernel_rows": "K_1", "kernel_columns": "K_2", "rows": "D_1", "columns": "D_2", "out_rows": "M_1",
    "out_columns": "M_2",
}  # fmt: skip
"""How a size is written in formulas; a size not named here is written out."""


def size_mark(dim: Dim) -> Mark:
    """`units` → H; a sum of sizes, as `concat` makes them, stays a sum."""
    if isinstance(dim, int):
        return number_mark(dim)
    letters = [_addend(times, name) for times, name in addends(dim)]
    return letters[0] if len(letters) == 1 else Mark("plus", tuple(letters))


def _addend(times: int, name: str) -> Mark:
    """3; H; 2 × H."""
    if not name:
        return number_mark(times)
    return _letter(name) if times == 1 else Mark("times", (number_mark(times), _letter(name)))


def _letter(dim: str) -> Mark:
    """T_in is a letter with a word below; kernel_size is a word."""
    letter, _, below = SIZE_LETTERS.get(dim, dim).partition("_")
    if below and len(letter) == 1:
        return Mark("symbol", text=letter, sub=(below,), css=f"dim-{dim}")
    return Mark("symbol", text=SIZE_LETTERS.get(dim, dim), css=f"dim-{dim}")


def largest(sums: Sequence[Terms]) -> Formula:
    """Counts of which the largest is meant: max(T + 1, 5)."""
    marks = tuple(_terms(found, size_mark) for found in sums)
    return formula(marks[0] if len(marks) == 1 else Mark("apply", marks, text="max"))


def count(terms: Terms) -> Formula:
    """Terms of `counts` with letters: 4 × (H × F + H × H + H)."""
    return _count(tuple(terms.items()))


@lru_cache(maxsize=1024)  # alike layers have alike counts
def _count(terms: tuple[tuple[Dims, int], ...]) -> Formula:
    return formula(_terms(dict(terms), size_mark))


def substitution(terms: Terms, sizes: Sizes) -> Formula:
    """The same with this layer's numbers: 4 × (100 × 1 + 100 × 100 + 100)."""
    return derivation(terms, sizes)[1]


def derivation(terms: Terms, sizes: Sizes) -> tuple[Formula, Formula, int]:
    """The count with letters, with this layer's numbers, and what it comes to."""
    numbers = {dim: bound(dim, sizes) for dims in terms for dim in dims if isinstance(dim, str)}
    return _derivation(tuple(terms.items()), tuple(numbers.items()))


@lru_cache(maxsize=1024)
def _derivation(
    terms: tuple[tuple[Dims, int], ...], numbers: tuple[tuple[str, int], ...]
) -> tuple[Formula, Formula, int]:
    found, sizes = dict(terms), dict(numbers)
    return _count(terms), formula(_terms(found, lambda dim: number_mark(bound(dim, sizes)))), evaluate(found, sizes)


def _terms(terms: Terms, factor: Callable[[Dim], Mark]) -> Mark:
    """Products that occur equally often share their number."""
    groups: dict[int, list[Dims]] = {}
    for dims, times in terms.items():
        groups.setdefault(times, []).append(dims)
    summands: list[Mark] = []
    for times, products in groups.items():
        if len(products) > 1 and times > 1:
            inner = Mark("plus", tuple(_product((), dims, factor) for dims in products))
            summands.append(Mark("times", (number_mark(times), inner)))
        else:
            summands += [_product((times,) if times > 1 else (), dims, factor) for dims in products]
    if not summands:
        return number_mark(0)
    return summands[0] if len(summands) == 1 else Mark("plus", tuple(summands))


def _product(before: tuple[int, ...], dims: Dims, factor: Callable[[Dim], Mark]) -> Mark:
    factors = [*map(number_mark, before), *map(factor, dims)] or [number_mark(1)]
    return factors[0] if len(factors) == 1 else Mark("times", tuple(factors))
