"""What a quantity with weights adds up, taken apart for its picture: products, biases, and what is multiplied first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import singles
from lstmdiag.analysis.elision import Gap
from lstmdiag.cells.cell import Cell
from lstmdiag.cells.circuit import Affine, Part, circuit
from lstmdiag.cells.expr import ACTIVATIONS, Expr
from lstmdiag.diagrams import Line, Run
from lstmdiag.diagrams.text import plain, text
from lstmdiag.layer import CellLayer, Layer
from lstmdiag.views.numbers import WIDTH, broken
from lstmdiag.views.words import summands, symbol, vector_symbol

if TYPE_CHECKING:
    from lstmdiag.cells.numbers import Array
    from lstmdiag.running.step_values import StepValues


@dataclass(frozen=True, slots=True)
class Sum:
    """`W x + b`, or with `times` `r ⊙ (U h + b)`."""

    affine: Affine
    times: str = ""  # the quantity that multiplies it number by number


@dataclass(frozen=True, slots=True)
class Total:
    """`function(sum + sum ...)`. Not `whole` where the quantity is of another form: then its first weighted sum."""

    function: str  # "linear" where none is applied
    sums: tuple[Sum, ...]
    whole: bool

    def weights(self) -> Iterator[str]:
        for each in self.sums:
            yield from (name for name, _ in (*each.affine.terms, *each.affine.own))
            yield from each.affine.biases


@dataclass(frozen=True, slots=True)
class Block:
    """A matrix or vector: `rows` × `columns` numbers drawn `width` × `height`."""

    id: str
    label: Line
    role: str
    rows: int
    columns: int
    width: float
    height: float
    shape: str = "box"
    symbol: str = ""
    single: bool = False  # one number for the whole layer
    signal: str = ""  # what its numbers are called, where that is not its symbol or id

    @property
    def numbers(self) -> str:
        """What its numbers are called."""
        return self.signal or self.symbol or self.id

    @property
    def matrix(self) -> bool:
        return self.role == "weight" and self.shape != "dotted"


def summing(cell: Cell) -> list[str]:
    """The quantities with weights in which a matrix multiplies; one that is a bias alone has no row to work out."""
    sums = {part.quantity for part in circuit(cell).values() if part.affine}
    return [gate for gate in cell.gates() if gate in sums]


def columns_of(found: Total, layer: Layer) -> dict[str, int]:
    """Matrix → how many numbers it multiplies."""
    return {weight: layer.shape(weight)[1] for each in found.sums for weight, _ in each.affine.terms}


def total(cell: Cell, quantity: str) -> Total:
    """What the equation of a quantity adds up under one function."""
    parts = circuit(cell)
    part = parts[quantity]
    if part.affine:
        return Total(part.affine.function, (Sum(part.affine),), whole=True)
    inside = parts[part.inputs[0]] if part.op in ACTIVATIONS and part.op != "linear" else part
    sums = _sums(inside, parts, quantity)
    if sums:
        return Total(part.op if inside is not part else "linear", sums, whole=True)
    first = next(p.affine for p in parts.values() if p.quantity == quantity and p.affine)
    return Total(first.function, (Sum(first),), whole=False)


def _sums(part: Part, parts: Mapping[str, Part], quantity: str) -> tuple[Sum, ...]:
    """() where it is anything else than sums of weighted sums, some of them multiplied by a quantity."""
    if part.quantity != quantity:
        return ()
    if part.affine and part.affine.function == "linear":
        return (Sum(part.affine),)
    if part.op == "add":
        sides = [_sums(parts[i], parts, quantity) for i in part.inputs]
        return tuple(found for side in sides for found in side) if all(sides) else ()
    if part.op == "mul":
        for factor, other in (part.inputs, part.inputs[::-1]):
            inner = _sums(parts[other], parts, quantity)
            if len(inner) == 1 and not inner[0].times and parts[factor].quantity == factor:
                return (replace(inner[0], times=factor),)
    return ()


def worked(found: Total, layer: CellLayer, unit: int) -> Iterator[list[Run] | Gap]:
    """The sum of one unit, term by term; what is multiplied first stands in brackets."""
    cell = layer.cell
    single = singles(cell)
    for each in found.sums:
        terms = list(summands(each.affine, layer, unit))
        for index, term in enumerate(terms):
            if each.times and not isinstance(term, Gap):
                before = [*symbol(each.times, None if each.times in single else unit), Run(" (")] if index == 0 else []
                term = [*before, *term, *([Run(")")] if index == len(terms) - 1 else [])]
            yield term


def signal_of(vector: Expr) -> str:
    """What the numbers of an expression are called: its name, or else how it is written."""
    return vector.name or plain(text(vector_symbol(vector)))


def value_of(found: Total, gate: str) -> str:
    """What is drawn at the end: the gate, or its first weighted sum under the function."""
    return gate if found.whole else f"{found.function}(a_{gate})"


def numbers(found: Total, gate: str, at_step: StepValues) -> dict[str, Array]:
    """The numbers in every block of the picture: (rows,) or (rows, columns). A constant says its own."""
    arrays = {name: at_step.names[name] for name in found.weights()}
    inside: Any = 0
    for each in found.sums:
        total = at_step.sum(each.affine)
        inside = inside + (at_step.names[each.times] * total if each.times else total)
        arrays |= {each.times: at_step.names[each.times]} if each.times else {}
        arrays |= {signal_of(vector): at_step.of(vector) for _, vector in each.affine.own if vector.op != "number"}
    value = at_step.parts[gate] if found.whole else at_step.applied(found.function, inside)
    return arrays | {f"a_{gate}": inside, value_of(found, gate): value}


def inputs_of(found: Total, at_step: StepValues) -> dict[str, Array]:
    """The numbers that the matrices multiply."""
    return {signal_of(vector): at_step.of(vector) for each in found.sums for _, vector in each.affine.terms}


def joined(start: Line, terms: Sequence[Line], width: float) -> list[Line]:
    """`start` and the terms with + between, broken into lines no wider than that, nor than usual."""
    pieces = ((Run(" + "), *term) if index else term for index, term in enumerate(terms))
    return broken(start, pieces, 8, min(WIDTH, width))
