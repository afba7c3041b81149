"""Formulas: a reading of a cell's equations as notation.

Two tables from operation to Mark: MATRIX writes whole vectors, f_t = σ(W_f x_t + ...), and ENTRY writes one
number of them, f_t[j] = σ(Σ_k W_f[j,k] x_t[k] + ...), or, of maps, one map.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from itertools import count as counting

from lstmdiag.cells.cell import PREVIOUS, Cell, Dim, Dims
from lstmdiag.cells.expr import ACTIVATIONS, Expr
from lstmdiag.cells.mathml import formula
from lstmdiag.cells.notation import Mark, number_mark
from lstmdiag.cells.shapes import MAPS, shape_of, shapes_in
from lstmdiag.cells.terms import size_mark
from lstmdiag.tables import Formula

NOW, BEFORE = "t", "t−1"
_RUNNING = {"features": "k", "units": "m"}
_SPARE = "lnpqrsuvw"

Index = tuple[str, ...]


@dataclass(frozen=True)
class _Writer:
    """One cell; `timed` says whether its quantities carry the step t; `taken` are letters with a meaning here."""

    cell: Cell
    timed: bool
    dims: Mapping[str, Dims]
    taken: frozenset[str]

    def symbol(self, name: str, index: Index = ()) -> Mark:
        base, css = name, f"sym-{name.removesuffix(PREVIOUS)} {_css(self.cell.roles.get(name, ''))}"
        when: Index = (NOW,) if self.timed and name not in self.cell.weights else ()
        if name.endswith(PREVIOUS) and name.removesuffix(PREVIOUS) in self.cell.state:
            base, when = name.removesuffix(PREVIOUS), (BEFORE,)
        letter, _, below = base.partition("_")
        sub = (*((below,) if below else ()), *when)
        return Mark("symbol", text=letter or base, sub=sub if letter else when, index=index, css=css.strip())

    def matrix(self, expr: Expr) -> Mark:
        return MATRIX[expr.op](self, expr)

    def entry(self, expr: Expr, index: Index) -> Mark:
        """One number of `expr`; a plain number needs no index."""
        return ENTRY[expr.op](self, expr, index if self.rank(expr) else ())

    def rank(self, expr: Expr) -> int:
        return len(self.shape(expr))

    def shape(self, expr: Expr) -> Dims:
        return shape_of(expr, self.dims)

    def running(self, dim: Dim) -> tuple[str, _Writer]:
        """A letter to run over a size, none that has a meaning already; and the writer inside that sum."""
        letters = chain((_RUNNING.get(str(dim), _SPARE[0]),), _SPARE, (f"k{n}" for n in counting(1)))
        letter = next(letter for letter in letters if letter not in self.taken)
        return letter, replace(self, taken=self.taken | {letter})


def _css(role: str) -> str:
    return "ld-" + role.replace(".", "-") if role else ""


MatrixReading = Callable[[_Writer, Expr], Mark]
EntryReading = Callable[[_Writer, Expr, Index], Mark]


def _matrix_of(form: str) -> MatrixReading:
    return lambda writer, expr: Mark(form, tuple(map(writer.matrix, expr.args)), text=expr.op)


def _matrix_mul(writer: _Writer, expr: Expr) -> Mark:
    """⊙ between vectors; a plain number stands before what it multiplies."""
    one, other = expr.args
    ranks = writer.rank(one), writer.rank(other)
    if all(ranks):
        return Mark("hadamard", (writer.matrix(one), writer.matrix(other)))
    if not any(ranks):
        return Mark("times", (writer.matrix(one), writer.matrix(other)))
    scalar, vector = (other, one) if ranks[0] else (one, other)
    return Mark("product", (writer.matrix(scalar), writer.matrix(vector)))


def _name(writer: _Writer, expr: Expr) -> Mark:
    return writer.symbol(expr.name)


def _plain_number(_writer: _Writer, expr: Expr) -> Mark:
    return number_mark(expr.value)


def _matrix_option(writer: _Writer, expr: Expr) -> Mark:
    return Mark("apply", (writer.matrix(expr.args[0]),), text=expr.name)


def _same(writer: _Writer, expr: Expr) -> Mark:
    return writer.matrix(expr.args[0])


MATRIX: Mapping[str, MatrixReading] = {
    "name": _name,
    "number": _plain_number,
    "add": _matrix_of("plus"),
    "sub": _matrix_of("minus"),
    "mul": _matrix_mul,
    "div": _matrix_of("divide"),
    "matmul": _matrix_of("product"),
    "neg": _matrix_of("negate"),
    "option": _matrix_option,
    **dict.fromkeys((*ACTIVATIONS, "log", "mean", "sum", "max", "min"), _matrix_of("apply")),
    "linear": _same,
    "sqrt": _matrix_of("root"),
    "abs": _matrix_of("bars"),
    "concat": _matrix_of("stack"),
    "conv": _matrix_of("convolve"),
}


def _entry_of(form: str) -> EntryReading:
    return lambda writer, expr, index: Mark(form, tuple(writer.entry(arg, index) for arg in expr.args), text=expr.op)


def _entry_mul(writer: _Writer, expr: Expr, index: Index) -> Mark:
    one, other = (writer.entry(arg, index) for arg in expr.args)
    if all(writer.rank(arg) == MAPS for arg in expr.args):
        return Mark("hadamard", (one, other))
    if other.form != "number":
        return Mark("product", (one, other))
    return Mark("times" if one.form == "number" else "product", (one, other) if one.form == "number" else (other, one))


def _sum(body: Mark, letter: str, dim: Dim) -> Mark:
    return Mark("sum", (body,), sub=(letter,), upto=size_mark(dim))


def _entry_sum(form: str) -> EntryReading:
    """Σ_k W[j, k] x[k] of a matrix and a vector; of a convolution one map, the sum over the maps that it reads."""

    def entry(writer: _Writer, expr: Expr, index: Index) -> Mark:
        weights, read = expr.args
        dim = writer.shape(weights)[1]
        letter, inside = writer.running(dim)
        return _sum(Mark(form, (inside.entry(weights, (*index, letter)), inside.entry(read, (letter,)))), letter, dim)

    return entry


def _entry_total(writer: _Writer, expr: Expr, _index: Index) -> Mark:
    (vector,) = expr.args
    if not writer.rank(vector):
        return writer.entry(vector, ())
    dim = writer.shape(vector)[0]
    letter, inside = writer.running(dim)
    total = _sum(inside.entry(vector, (letter,)), letter, dim)
    return Mark("divide", (total, size_mark(dim))) if expr.op == "mean" else total


def _entry_extremum(writer: _Writer, expr: Expr, index: Index) -> Mark:
    if len(expr.args) > 1 or not writer.rank(expr.args[0]):
        return Mark("apply", tuple(writer.entry(arg, index) for arg in expr.args), text=expr.op)
    letter, inside = writer.running(writer.shape(expr.args[0])[0])
    return Mark("over", (inside.entry(expr.args[0], (letter,)),), text=expr.op, sub=(letter,))


def _entry_softmax(writer: _Writer, expr: Expr, index: Index) -> Mark:
    """exp of the entry over the sum of all: softmax alone looks across the vector.

    What it looks at is written twice, so a softmax inside another one is not taken apart: 2ⁿ times for n of them.
    """
    (vector,) = expr.args
    if not writer.rank(vector):
        return number_mark(1)
    if any(part.op == "softmax" for part in vector.walk()):
        return Mark("entry", (writer.matrix(expr),), index=index)
    dim = writer.shape(vector)[-1]
    letter, inside = writer.running(dim)
    each = Mark("apply", (inside.entry(vector, (letter,)),), text="exp")
    own = Mark("apply", (writer.entry(vector, index),), text="exp")
    return Mark("divide", (own, _sum(each, letter, dim)))


def _entry_concat(writer: _Writer, expr: Expr, index: Index) -> Mark:
    return Mark("entry", (writer.matrix(expr),), index=index)


ENTRY: Mapping[str, EntryReading] = {
    "name": lambda writer, expr, index: writer.symbol(expr.name, index),
    "number": lambda writer, expr, _: _plain_number(writer, expr),
    "add": _entry_of("plus"),
    "sub": _entry_of("minus"),
    "mul": _entry_mul,
    "div": _entry_of("divide"),
    "matmul": _entry_sum("product"),
    "neg": _entry_of("negate"),
    "option": lambda writer, expr, index: Mark("apply", (writer.entry(expr.args[0], index),), text=expr.name),
    **dict.fromkeys((*ACTIVATIONS, "log"), _entry_of("apply")),
    "linear": lambda writer, expr, index: writer.entry(expr.args[0], index),
    "softmax": _entry_softmax,
    "sqrt": _entry_of("root"),
    "abs": _entry_of("bars"),
    **dict.fromkeys(("mean", "sum"), _entry_total),
    **dict.fromkeys(("max", "min"), _entry_extremum),
    "concat": _entry_concat,
    "conv": _entry_sum("convolve"),
}


def _writer(cell: Cell, timed: bool | None, unit: str = "") -> _Writer:
    dims = shapes_in(cell)
    return _Writer(cell, bool(cell.state) if timed is None else timed, dims, frozenset((*dims, unit)))


def _equals(left: Mark, right: Mark) -> Formula:
    return formula(Mark("equals", (left, right)))


@lru_cache(maxsize=1024)
def symbol(cell: Cell, name: str, *, timed: bool | None = None) -> Formula:
    """A name as it stands in the equations: `h_prev` → h_{t−1}, `W_f` → W_f.

    `timed` says whether quantities carry the step t; by default they do where the cell has state.
    """
    return formula(_writer(cell, timed).symbol(name))


def equation(cell: Cell, quantity: str, *, timed: bool | None = None) -> Formula:
    """The equation in whole vectors: f_t = σ(W_f x_t + U_f h_{t−1} + b_f). Raises KeyError."""
    writer = _writer(cell, timed)
    return _equals(writer.symbol(quantity), writer.matrix(cell.equations[quantity]))


@lru_cache(maxsize=256)  # alike layers have one cell
def unit_equation(cell: Cell, quantity: str, unit: str = "j", *, timed: bool | None = None) -> Formula:
    """The same for one unit: f_t[j] = σ(Σ_k W_f[j,k] x_t[k] + Σ_m U_f[j,m] h_{t−1}[m] + b_f[j])."""
    writer = _writer(cell, timed, unit)
    index = (unit,) if writer.dims[quantity] else ()
    return _equals(writer.symbol(quantity, index), writer.entry(cell.equations[quantity], index))
