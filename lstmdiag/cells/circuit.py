"""The circuit: a reading of a cell as parts and wires, for the pictures of the cell and of one unit.

Each operation becomes a part, except that a weighted sum and the function on it are one part: a gate,
which is a small Dense layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.expr import ACTIVATIONS, FUNCTIONS, Expr


@dataclass(frozen=True, slots=True)
class Affine:
    """`function(W @ x + U @ h_prev + p * c_prev + b)`, taken apart."""

    function: str  # "linear" where none is applied
    terms: tuple[tuple[str, Expr], ...]  # (matrix, the vector it multiplies), or (kernel, the maps it slides over)
    own: tuple[tuple[str, Expr], ...]  # (peephole weight, the vector it multiplies number by number)
    biases: tuple[str, ...]

    def vectors(self) -> tuple[Expr, ...]:
        """All that it reads, in order."""
        return tuple(vector for _, vector in (*self.terms, *self.own))


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `id` is the quantity it yields (`c`), or `c.1`, `c.2` ... for the steps towards it."""

    id: str
    op: str  # "source" for x and previous states, "gate" for an Affine, else an operation
    quantity: str
    inputs: tuple[str, ...] = ()
    affine: Affine | None = None
    value: str = ""  # of a number


GLYPHS: Mapping[str, str] = {
    "mul": "⊙", "add": "+", "sub": "−", "div": "÷", "neg": "−", "one_minus": "1−", "concat": "[ ; ]", "conv": "∗",
    "sigmoid": "σ", "linear": "=", "matmul": "·", "number": "", "name": "", "option": "φ",
    **{name: name for name in FUNCTIONS if name not in ("sigmoid", "linear", "concat", "conv")},
}  # fmt: skip
"""Operation → what is printed in its part."""


def affine(expr: Expr, cell: Cell) -> Affine | None:
    """The expression as one weighted sum under one function, or None where it is not of that form."""
    function, inside = "linear", expr
    if expr.op in ACTIVATIONS and expr.op != "linear":
        function, inside = expr.op, expr.args[0]
    elif expr.op == "linear":
        inside = expr.args[0]
    elif expr.op == "option":
        function, inside = expr.name, expr.args[0]
    terms: list[tuple[str, Expr]] = []
    own: list[tuple[str, Expr]] = []
    biases: list[str] = []
    for term in _summands(inside):
        if term.op == "name" and term.name in cell.weights:
            biases.append(term.name)
        elif (
            term.op in ("matmul", "conv") and term.args[0].name in cell.weights and not _has_weights(term.args[1], cell)
        ):
            terms.append((term.args[0].name, term.args[1]))
        elif term.op == "mul" and term.args[0].name in cell.weights and not _has_weights(term.args[1], cell):
            own.append((term.args[0].name, term.args[1]))
        else:
            return None
    return Affine(function, tuple(terms), tuple(own), tuple(biases)) if terms else None


def is_weighted_sum(cell: Cell) -> bool:
    """Whether it keeps no state and computes one weighted sum of vectors, under one function: a Dense layer does."""
    found = affine(cell.equations[cell.output], cell) if len(cell.equations) == 1 and not cell.state else None
    return found is not None and len(cell.weights[found.terms[0][0]]) == 2  # a kernel has more axes


def _summands(expr: Expr) -> list[Expr]:
    return [s for arg in expr.args for s in _summands(arg)] if expr.op == "add" else [expr]


def _has_weights(expr: Expr, cell: Cell) -> bool:
    return any(name in cell.weights for name in expr.names())


@lru_cache(maxsize=64)
def circuit(cell: Cell) -> Mapping[str, Part]:
    """Every part by id, each after the parts it needs. `x` and the previous states come first."""
    parts: dict[str, Part] = {"x": Part("x", "source", "x")}
    for state in cell.state:
        parts[state + PREVIOUS] = Part(state + PREVIOUS, "source", state)
    for quantity, expr in cell.equations.items():
        _Builder(cell, quantity, parts).build(expr)
    return MappingProxyType(parts)


class _Builder:
    def __init__(self, cell: Cell, quantity: str, parts: dict[str, Part]) -> None:
        self.cell, self.quantity, self.parts, self.inner = cell, quantity, parts, 0

    def build(self, expr: Expr) -> str:
        """The part that computes this expression; its id is the quantity's name at the root."""
        return self._part(expr, self.quantity)

    def _next_id(self) -> str:
        self.inner += 1
        return f"{self.quantity}.{self.inner}"

    def _part(self, expr: Expr, id: str | None = None) -> str:
        if expr.op == "name" and id is None:
            return self._leaf(expr.name)
        own = id or self._next_id()
        whole = affine(expr, self.cell)
        if whole is not None:
            inputs = tuple(dict.fromkeys(self._part(vector) for vector in whole.vectors()))
            part = Part(own, "gate", self.quantity, inputs, whole)
        elif expr.op == "number":
            part = Part(own, "number", self.quantity, value=f"{expr.value:g}")
        elif expr.op == "name":
            part = Part(own, "linear", self.quantity, (self._leaf(expr.name),))
        elif expr.op == "sub" and expr.args[0].op == "number" and expr.args[0].value == 1:
            part = Part(own, "one_minus", self.quantity, (self._part(expr.args[1]),))
        else:
            part = Part(own, expr.op, self.quantity, tuple(self._part(arg) for arg in expr.args))
        self.parts[own] = part
        return own

    def _leaf(self, name: str) -> str:
        """A name stands for its part; a weight that multiplies elementwise (a peephole) is a part too."""
        if name in self.cell.weights and name not in self.parts:
            self.parts[name] = Part(name, "weight", self.quantity)
        return name
