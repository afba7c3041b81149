"""Counts: parameters and arithmetic. Counted with symbols first, so that a number and its formula are one thing.

Terms are sums of products of sizes, each product with how often it occurs: the matrices of an LSTM are
`{("units", "features"): 4, ("units", "units"): 4}`, and `()` is the product of nothing, 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import prod

from lstmdiag.cells.cell import Cell, Dims
from lstmdiag.cells.expr import ACTIVATIONS, Expr
from lstmdiag.cells.shapes import shape_of, shapes_in, size

Sizes = Mapping[str, int]
Terms = Mapping[Dims, int]

Count = Callable[[list[Dims], Dims], Dims | None]
"""(shapes of the arguments, shape of the result) → the product of sizes that is counted, None for nothing."""


def _nothing(_args: list[Dims], _out: Dims) -> None:
    return None


def _first_argument(args: list[Dims], _out: Dims) -> Dims:
    return args[0]


def _result(_args: list[Dims], out: Dims) -> Dims:
    return out


def _extremum(args: list[Dims], out: Dims) -> Dims:
    return out if len(args) > 1 else args[0]


def _every_place(args: list[Dims], out: Dims) -> Dims:
    return (*args[0], *out[:-1])


_ALIKE = ("add", "sub", "mul", "div", "neg", "option", "sqrt", "log", "abs")

MULTIPLY_ADDS: Mapping[str, Count] = {
    **dict.fromkeys((*_ALIKE, *ACTIVATIONS, "mean", "sum", "max", "min", "concat"), _nothing),
    "matmul": _first_argument,
    "conv": _every_place,
}
"""Multiply-adds of the products alone, the usual meaning of MACs: an m × n matrix costs m·n, a kernel itself at every
place of the result."""

ELEMENTWISE: Mapping[str, Count] = {
    **dict.fromkeys((*_ALIKE, *ACTIVATIONS), _result),
    **dict.fromkeys(("max", "min"), _extremum),
    **dict.fromkeys(("mean", "sum"), _first_argument),
    **dict.fromkeys(("matmul", "conv", "concat", "linear"), _nothing),
}
"""Everything else: one operation for each number of the result, or of what is summed up."""


def _counted(cell: Cell, table: Mapping[str, Count]) -> Terms:
    names = shapes_in(cell)
    found: list[Dims] = []
    for expr in cell.equations.values():
        for part in expr.walk():
            dims = _count(part, names, table) if part.args else None
            if dims is not None:
                found.append(dims)
    return tally(found)


def _count(part: Expr, names: Mapping[str, Dims], table: Mapping[str, Count]) -> Dims | None:
    return table[part.op]([shape_of(arg, names) for arg in part.args], shape_of(part, names))


def tally(products: Iterable[Dims]) -> Terms:
    """Equal products together, in order of first occurrence."""
    found: dict[Dims, int] = {}
    for dims in products:
        found[dims] = found.get(dims, 0) + 1
    return found


def known_sum(numbers: Iterable[int | None]) -> int | None:
    """The sum; None where one of the numbers is not known."""
    every = list(numbers)
    return None if None in every else sum(n for n in every if n is not None)


def evaluate(terms: Terms, sizes: Sizes) -> int:
    """The number that terms stand for, exact."""
    return sum(times * prod(size(dims, sizes)) for dims, times in terms.items())


@lru_cache(maxsize=64)
def multiply_add_terms(cell: Cell) -> Terms:
    """Multiply-adds of one step of the cell for one sample."""
    return _counted(cell, MULTIPLY_ADDS)


@lru_cache(maxsize=64)
def elementwise_terms(cell: Cell) -> Terms:
    """Elementwise operations of one step of the cell for one sample."""
    return _counted(cell, ELEMENTWISE)


@lru_cache(maxsize=64)
def state_terms(cell: Cell) -> Terms:
    """Numbers that one sample's state holds."""
    return tally(cell.state.values())


def per_unit(terms: Terms) -> Terms | None:
    """The share of one unit, without the factor `units`. None where not every product has it."""
    if any(dims[:1] != ("units",) for dims in terms):
        return None
    return {dims[1:]: times for dims, times in terms.items()}
