"""One recurrent layer at one step: every part of its circuit as numbers, for pictures that carry them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.circuit import Affine, Part, circuit
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.numbers import NUMBERS, Array, evaluate
from lstmdiag.errors import Problem, UsageError
from lstmdiag.layer import CellLayer, Layer
from lstmdiag.running.values import Values

PLACES = 3  # decimals on pictures


@dataclass(frozen=True, slots=True)
class Product:
    """One term of a weighted sum: a weight, and the number it multiplies; a bias multiplies nothing."""

    weight: float
    number: float | None

    @property
    def value(self) -> float:
        """The product; of a bias the weight itself."""
        return self.weight if self.number is None else self.weight * self.number

    def printed(self, places: int) -> float:
        """What a reader gets who multiplies what is printed."""
        number = 1.0 if self.number is None else rounded(self.number, places)
        return float(rounded(self.weight, places) * number)


def rounded(value: Any, places: int = PLACES) -> Any:
    """As it is printed; an array or a number."""
    return np.round(value, places)


@dataclass(frozen=True)
class StepValues:
    """A step that the layer computes; steps and units count from 1. Of a layer without states, a row of its input."""

    values: Values
    layer: CellLayer
    step: int

    @property
    def cell(self) -> Cell:
        """The layer's cell."""
        return self.layer.cell

    @cached_property
    def names(self) -> Mapping[str, Array]:
        """What the equations name: x (features,), states before the step and quantities (units,), weights."""
        weights = {name: self.values.weight(self.layer, name) for name in self.cell.weights}
        if not self.cell.state:
            rows = self.values.read(self.layer)
            names: dict[str, Array] = {"x": rows.reshape(-1, rows.shape[-1])[self.step - 1], **weights}
            for name, expr in self.cell.equations.items():
                names[name] = np.asarray(evaluate(expr, names))
            return names
        before = [state + PREVIOUS for state in self.cell.state]
        found = {name: self.values.vector(self.layer, name, self.step) for name in ("x", *before, *self.cell.equations)}
        return found | weights

    def of(self, expr: Expr, *, printed: bool = False) -> Array:
        """The value of an expression, (units,) as a rule; from the numbers as they are printed, or as they are."""
        names = {name: rounded(self.names[name]) if printed else self.names[name] for name in expr.names()}
        return np.asarray(evaluate(expr, names))

    @cached_property
    def parts(self) -> Mapping[str, Array]:
        """Part of the circuit → its vector; a number is a vector of one."""
        found: dict[str, Array] = {}
        with np.errstate(all="ignore"):  # what is not finite is printed as such
            for part in circuit(self.cell).values():
                found[part.id] = self.names[part.id] if part.id in self.names else self._computed(part, found)
        return found

    def _computed(self, part: Part, found: Mapping[str, Array]) -> Array:
        if part.affine:
            return self.applied(part.affine.function, self.sum(part.affine))
        inputs = [found[id] for id in part.inputs]
        if part.op == "number":
            return np.array([float(part.value)])
        return np.asarray(1 - inputs[0] if part.op == "one_minus" else NUMBERS[part.op](*inputs))

    def applied(self, function: str, array: Array) -> Array:
        """A function of the equations, by name, of an array: of its entries, or over its last axis as softmax is."""
        return np.asarray(NUMBERS[function](array))

    def sum(self, affine: Affine) -> Array:
        """What stands inside the function: the weighted sums of all units, (units,)."""
        total: Any = sum(self.names[weight] @ self.of(vector) for weight, vector in affine.terms)
        total = total + sum(self.names[weight] * self.of(vector) for weight, vector in affine.own)
        return np.asarray(total + sum(self.names[bias] for bias in affine.biases))

    def number(self, id: str, unit: int) -> float:
        """Of one unit; what is the same for all units has one number."""
        return one(self.parts[id], unit)

    def products(self, affine: Affine, unit: int) -> Iterator[Product]:
        """Every term of one unit's weighted sum, in the order of the equation. Raises UsageError for no such unit."""
        for weight, vector in affine.terms:
            matrix, numbers = self.names[weight], self.of(vector)
            if unit > len(matrix):
                raise UsageError(f"{weight} has {len(matrix):,} rows, none of unit {unit:,}")
            row = matrix[unit - 1]
            yield from (Product(float(w), float(n)) for w, n in zip(row, numbers, strict=True))
        for weight, vector in affine.own:
            yield Product(one(self.names[weight], unit), one(self.of(vector), unit))
        yield from (Product(one(self.names[bias], unit), None) for bias in affine.biases)


def one(vector: Array, unit: int) -> float:
    """The number of one unit. Raises UsageError where there are several, and none of this unit."""
    if vector.ndim and 1 < len(vector) < unit:
        raise UsageError(f"a vector of {len(vector):,} numbers has none of unit {unit:,}")
    return float(vector[unit - 1] if vector.ndim and len(vector) > 1 else vector.reshape(-1)[0])


def values_at(values: Values, layer: CellLayer, step: int | None) -> StepValues:
    """By default the first step. Raises UsageError where the layer has no such step, or no numbers of one unit."""
    step, last = step or 1, layer.input[0]
    assert last is not None  # a pass has bound it
    if step > last:
        raise UsageError(f"{layer.name!r} has steps 1 to {last:,}, found --step {step}")
    if any(len(weight.shape) > 2 for weight in layer.weights):
        message = f"the values of {layer.name!r} are maps, which pictures of single numbers cannot show"
        raise UsageError(Problem(message, hint="leave --step out, or see lstmdiag trace"))
    if values.model.runs_anew(layer):
        message = f"{layer.name!r} runs anew in every step of {layer.wrapped_by!r}, so that a step of it is several"
        raise UsageError(Problem(message, hint="leave --step out, or see lstmdiag trace"))
    if masked(values, layer, step):
        message = f"step {step} is masked: {layer.name!r} passes over it and keeps its states"
        free = [str(s) for s in range(1, last + 1) if not masked(values, layer, s)]
        raise UsageError(
            Problem(message, hint=f"steps that count: {', '.join(free[:12])}" if free else "no step counts")
        )
    return StepValues(values, layer, step)


def padded(values: Values, layer: Layer) -> list[int]:
    """The steps, from 1, that the layer passes over in the first sample."""
    real = values.counted(layer)
    return [] if real is None else [step for step, counts in enumerate(real, 1) if not counts]


def masked(values: Values, layer: Layer, step: int) -> bool:
    """Whether the layer passes over this step of the first sample."""
    real = values.counted(layer)
    return real is not None and not real[step - 1]
