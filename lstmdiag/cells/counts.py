"""Counts: parameters and arithmetic, exact integers however large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from lstmdiag.cells.cell import Cell, Dims
from lstmdiag.cells.expr import ACTIVATIONS, Expr
from lstmdiag.cells.shapes import shape_of, shapes_in, size

Sizes = Mapping[str, int]

_ELEMENTWISE = ("add", "sub", "mul", "div", "neg", "option", "sqrt", "log", "abs", "max", "min")


def _product(shapes: list[tuple[int, ...]], _out: tuple[int, ...]) -> int:
    return prod(shapes[0])


def _none(_shapes: list[tuple[int, ...]], _out: tuple[int, ...]) -> int:
    return 0


def _one_each(_shapes: list[tuple[int, ...]], out: tuple[int, ...]) -> int:
    return prod(out)


def _one_per_input(shapes: list[tuple[int, ...]], _out: tuple[int, ...]) -> int:
    return prod(shapes[0])


Count = Callable[[list[tuple[int, ...]], tuple[int, ...]], int]

MULTIPLY_ADDS: Mapping[str, Count] = {
    **dict.fromkeys((*_ELEMENTWISE, *ACTIVATIONS, "mean", "sum", "concat"), _none),
    "matmul": _product,
}
"""Multiply-adds of the products alone, the usual meaning of MACs: an m × n matrix costs m·n."""

ELEMENTWISE: Mapping[str, Count] = {
    **dict.fromkeys((*_ELEMENTWISE, *ACTIVATIONS), _one_each),
    **dict.fromkeys(("mean", "sum"), _one_per_input),
    **dict.fromkeys(("matmul", "concat", "linear"), _none),
}
"""Everything else: one operation for each number of the result."""


def _total(expr: Expr, names: Mapping[str, Dims], sizes: Sizes, table: Mapping[str, Count]) -> int:
    total = 0
    for part in expr.walk():
        if part.args:
            shapes = [size(shape_of(arg, names), sizes) for arg in part.args]
            total += table[part.op](shapes, size(shape_of(part, names), sizes))
    return total


def multiply_adds(cell: Cell, sizes: Sizes) -> int:
    """Multiply-adds of one step of the cell for one sample."""
    names = shapes_in(cell)
    return sum(_total(expr, names, sizes, MULTIPLY_ADDS) for expr in cell.equations.values())


def elementwise(cell: Cell, sizes: Sizes) -> int:
    """Elementwise operations of one step of the cell for one sample."""
    names = shapes_in(cell)
    return sum(_total(expr, names, sizes, ELEMENTWISE) for expr in cell.equations.values())


def parameters(cell: Cell, sizes: Sizes) -> dict[str, int]:
    """Weight name → how many numbers it holds."""
    return {name: prod(size(dims, sizes)) for name, dims in cell.weights.items()}
