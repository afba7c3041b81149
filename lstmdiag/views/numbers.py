"""How numbers of a pass are written on pictures, and equations with numbers put in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, fsum, log10
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.elision import Gap
from lstmdiag.cells.circuit import Affine, Part, circuit
from lstmdiag.cells.notation import TEXT, Mark, spell
from lstmdiag.diagrams import Line, Run
from lstmdiag.diagrams.text import line_width, sub
from lstmdiag.views.words import formula_runs, summands, symbol, vector_symbol, weight_symbol
from lstmdiag.words import Words

if TYPE_CHECKING:  # numpy is imported where numbers are asked for, nowhere else
    from lstmdiag.running.step_values import StepValues

WORDS = Words("unit")
WIDTH = 860.0  # of a line with numbers, points
LISTED = 6  # products of one kind that a sum lists before it adds up the others
SOME = 4  # so many numbers of a vector are written out
_WHOLE = frozenset({"mean", "sum", "softmax", "concat", "matmul", "conv"})


def whole(operation: str, arguments: int) -> bool:
    """Whether an operation looks at all units, so that numbers of one unit do not give its result."""
    return operation in _WHOLE or (operation in ("max", "min") and arguments == 1)


def next_round(largest: float, steps: Sequence[float]) -> float:
    """The end of a scale: the least of the steps, from 1 to 10 times a power of ten, that is not below; 1 for 0."""
    power = 10.0 ** floor(log10(largest)) if largest else 1.0
    return next(float(f"{step * power:.12g}") for step in steps if step * power >= largest * (1 - 1e-12))


def decimals(value: float, places: int = 3) -> str:
    """−0.624, 61.340; what is 0 is 0."""
    return f"{value:z,.{places}f}".replace("-", "−") if value else "0"


def short(value: float, places: int = 3) -> str:
    """The same, without zeros at the end where that is the whole number: 0.4, 70."""
    written = decimals(value, places)
    whole = float(written.replace("−", "-").replace(",", "")) == value
    return written.rstrip("0").rstrip(".") if whole and "." in written else written


def equals(printed: float, value: float) -> str:
    """Whether what is printed to the left gives the number to the right as it is printed."""
    return " = " if decimals(printed) == decimals(value) else " ≈ "


def vector(values: Sequence[float], write: Callable[[float], str] = decimals) -> str:
    """All numbers of a short vector; of a long one the first ones and the last."""
    if len(values) <= SOME:
        return ", ".join(map(write, values))
    return f"{write(values[0])}, {write(values[1])}, ⋯, {write(values[-1])}"


@dataclass(frozen=True, slots=True)
class Term:
    """A line of a weighted sum: its symbols, its factors as printed, and its value; `count` are left out and added."""

    symbols: Line
    factors: str
    value: float
    printed: float  # what the factors give as they are printed
    count: int = 0


PLACES = (3, 4, 5, 6)
"""Decimals of factors: as many as a sum needs to come out as it is printed, where one of these suffices."""


def terms(affine: Affine, at_step: StepValues, unit: int, most: int | None = None) -> list[Term]:
    """What one unit's weighted sum adds up; what is not listed is one term, so that the sum can be followed."""
    total = decimals(one_of(at_step.sum(affine), unit))
    tried = (list(_terms(affine, at_step, unit, places, most or LISTED)) for places in PLACES)
    fitting = (listed for listed in tried if decimals(fsum(term.printed for term in listed)) == total)
    return next(fitting, None) or list(_terms(affine, at_step, unit, PLACES[0], most or LISTED))


def _terms(affine: Affine, at_step: StepValues, unit: int, places: int, most: int) -> Iterator[Term]:
    products = at_step.products(affine, unit)
    for runs in summands(affine, at_step.layer, unit, most):
        if isinstance(runs, Gap):
            total = fsum(next(products).value for _ in range(runs.count))
            symbols = (Run(WORDS.say("more", count=runs.count), "muted"),)
            yield Term(symbols, decimals(total, places), total, rounded(total, places), runs.count)
        else:
            each = next(products)
            factors = short(each.weight, places)
            if each.number is not None:
                factors = f"{factors} × {enclosed(each.number, places)}"
            yield Term(tuple(runs), factors, each.value, each.printed(places))


def rounded(value: float, places: int = 3) -> float:
    return round(value, places)


def enclosed(value: float, places: int = 3) -> str:
    """A factor or a summand after another one: (−0.2)."""
    written = short(value, places)
    return f"({written})" if written.startswith("−") else written


def sum_name(affine: Affine, part: Part, unit: int) -> Line:
    """a_f[1]; of a sum on the way to a quantity what it adds: (W_n x_t + b_n)[1]."""
    if part.id == part.quantity:
        runs = symbol(part.id, unit) if affine.function == "linear" else [Run("a"), sub(part.id), Run(f"[{unit}]")]
        return tuple(runs)
    pieces = [[*weight_symbol(w), Run(" "), *vector_symbol(v)] for w, v in affine.terms]
    pieces += [[*weight_symbol(w), Run(" ⊙ "), *vector_symbol(v)] for w, v in affine.own]
    pieces += [weight_symbol(bias) for bias in affine.biases]
    runs = [run for index, piece in enumerate(pieces) for run in ([Run(" + ")] if index else []) + piece]
    return (Run("("), *runs, Run(f")[{unit}]"))


def summed(affine: Affine, part: Part, at_step: StepValues, unit: int) -> list[Line]:
    """`a_f[1] = 0.4 × 2 + 0.2 × 0.169 + 1 = 1.834`, in as many lines as it needs."""
    listed, total = terms(affine, at_step, unit), one_of(at_step.sum(affine), unit)
    first, *others = [" ".join([term.factors, *WORDS.each("together", count=term.count)]) for term in listed]
    signed = [f" − {each[1:]}" if each.startswith("−") else f" + {each}" for each in others]
    *pieces, last = [(Run(each),) for each in (first, *signed)]
    result = Run(f"{equals(fsum(term.printed for term in listed), total)}{decimals(total)}")
    return broken((*sum_name(affine, part, unit), Run(" = ")), [*pieces, (*last, result)], 7)


def one_of(array: Any, unit: int) -> float:
    """The number of one unit. Raises UsageError where there are several, and none of this unit."""
    from lstmdiag.running.step_values import one

    return one(array, unit)


def broken(start: Line, pieces: Iterable[Line], indent: int, width: float = WIDTH) -> list[Line]:
    """`start` and the pieces one behind the other, in lines no wider than that, from the second on indented."""
    lines = [start]
    for piece in pieces:
        if line_width((*lines[-1], *piece)) > width:
            lines.append((Run(" " * indent),))
        lines[-1] = (*lines[-1], *piece)
    return lines


def worked(quantity: str, at_step: StepValues, unit: int) -> list[Line]:
    """The equation of one quantity with numbers put in, line by line: its weighted sums, then itself."""
    parts = circuit(at_step.cell)
    own = [part for part in parts.values() if part.quantity == quantity]
    lines = [line for part in own if part.affine for line in summed(part.affine, part, at_step, unit)]
    part, value = parts[quantity], at_step.number(quantity, unit)
    if part.op == "number" or (part.affine and part.affine.function == "linear"):
        return lines  # they say all there is
    written = _written(part, at_step, unit)
    if written is None:
        from lstmdiag.cells.formulas import unit_equation  # bare pictures, whose labels need this file too, do without

        formula = unit_equation(at_step.cell, quantity, unit=str(unit)).text
        return [*lines, (*formula_runs(formula), Run(f" = {decimals(value)}"))]
    mark, printed = written
    left = symbol(quantity, unit) if len(at_step.parts[quantity]) > 1 or at_step.layer.units == 1 else symbol(quantity)
    return [*lines, (*left, Run(f" = {spell(mark, TEXT)}{equals(printed, value)}{decimals(value)}"))]


def number(value: float) -> Mark:
    """A negative one like what is subtracted, so that it gets parentheses where it needs them."""
    written = short(value)
    plain = Mark("number", text=written.removeprefix("−"))
    return Mark("negate", (plain,)) if written.startswith("−") else plain


_FORMS: Mapping[str, str] = {
    "add": "plus", "sub": "minus", "mul": "times", "div": "divide", "neg": "negate", "sqrt": "root", "abs": "bars",
}  # fmt: skip


def _written(part: Part, at_step: StepValues, unit: int) -> tuple[Mark, float] | None:
    """The operations that lead to a part with numbers in them, and what these give as they are printed.

    None where it looks at all units.
    """
    if whole(part.op, len(part.inputs)) or (part.affine and whole(part.affine.function, 1)):
        return None
    if part.affine:
        operation, inside = part.affine.function, one_of(at_step.sum(part.affine), unit)
        operands = [(number(inside), rounded(inside))]
    else:
        operation = part.op
        operands = [_operand(id, part.quantity, at_step, unit) for id in part.inputs]
    if operation == "linear":
        return operands[0]
    if operation == "one_minus":
        operation, operands = "sub", [(Mark("number", text="1"), 1.0), *operands]
    marks, printed = zip(*operands, strict=True)
    return Mark(_FORMS.get(operation, "apply"), marks, text=operation), applied(operation, printed)


def _operand(id: str, quantity: str, at_step: StepValues, unit: int) -> tuple[Mark, float]:
    """What has a name or a line of its own is a number; the rest of the equation is written out."""
    part, value = circuit(at_step.cell)[id], at_step.number(id, unit)
    if part.op == "number":
        return Mark("number", text=part.value), value
    has_line = part.op in ("source", "weight") or (part.affine and part.affine.function == "linear")
    written = _written(part, at_step, unit) if part.quantity == quantity != id and not has_line else None
    return written or (number(value), rounded(value))


def applied(operation: str, numbers: Sequence[float]) -> float:
    """An operation on plain numbers; not a number where what is printed has none."""
    import numpy as np

    from lstmdiag.cells.numbers import NUMBERS

    with np.errstate(all="ignore"):
        found = NUMBERS[operation](*(np.array([value], dtype=float) for value in numbers))
    return float(found[0])
