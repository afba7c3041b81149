"""What a pass costs: arithmetic, memory, and how many steps must wait for each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from lstmdiag.cells import terms
from lstmdiag.cells.counts import Terms, elementwise_terms, evaluate, multiply_add_terms, state_terms
from lstmdiag.model import Layer, Model
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.tables.layers import of_model
from lstmdiag.views.tables.path import Path
from lstmdiag.views.words import glyph, listed

_BYTES = {"float32": 4, "float16": 2}
"""Type → bytes of one number; bfloat16 is as wide as float16."""

_NO_ARITHMETIC = ("matmul", "concat", "linear")
"""Operations that are counted as multiply-adds, or only move numbers."""

Row = tuple[Cell, ...]


def build(model: Model) -> Table:
    costs = [_Cost(layer) for layer in model.layers]
    path = Path.of(model)
    products = _sum([cost.in_all(cost.products) for cost in costs])
    others = _sum([cost.in_all(cost.others) for cost in costs])
    notes = [
        "One multiply-add is one weight times one number, added up: a matrix of m × n numbers costs m × n of them.",
        "Elementwise operations are all others: one for each number that +, ⊙ or a function gives.",
        *dict.fromkeys(note for cost in costs if (note := cost.made_of())),
    ]
    if any(cost.uses is None for cost in costs):
        notes.append("The number of steps is not known, so what depends on it is given per step only.")
    return Table(
        "cost",
        of_model(model, "Arithmetic for one sample"),
        (
            Column("layer", "Layer", "code"),
            Column("formula", "Multiply-adds per step", "formula"),
            Column("substitution", "With numbers", "formula"),
            Column("per_step", "Per step", "int"),
            Column("uses", "Times", "int"),
            Column("per_sequence", "Multiply-adds in all", "int"),
            Column("elementwise_formula", "Elementwise per step", "formula"),
            Column("elementwise_per_step", "Per step", "int"),
            Column("elementwise", "Elementwise in all", "int"),
        ),
        tuple(cost.arithmetic() for cost in costs),
        total=("all layers", "", "", "", "", products, "", "", others),
        notes=tuple(notes),
        parts=(_memory(model, costs), *([path.table(model)] if model.recurrent else [])),
        data={
            "layers": [cost.data() for cost in costs],
            "total": {
                "multiply_adds": products,
                "elementwise": others,
                "weight_bytes": {name: model.params * width for name, width in _BYTES.items()},
                "state_bytes": {name: sum(cost.state for cost in costs) * width for name, width in _BYTES.items()},
            },
            "sequential_path": path.data(),
        },
    )


def _sum(numbers: list[int | None]) -> int | None:
    return None if None in numbers else sum(n for n in numbers if n is not None)


@dataclass(frozen=True)
class _Cost:
    layer: Layer

    @property
    def uses(self) -> int | None:
        return self.layer.uses if self.layer.maths.cell else 1

    @property
    def products(self) -> Terms:
        cell = self.layer.maths.cell
        return multiply_add_terms(cell) if cell else {}

    @property
    def others(self) -> Terms:
        cell = self.layer.maths.cell
        return elementwise_terms(cell) if cell else {}

    @property
    def state(self) -> int:
        """Numbers that one sample's state holds."""
        cell = self.layer.maths.cell
        return self.number(state_terms(cell)) if cell else 0

    def number(self, found: Terms) -> int:
        return evaluate(found, self.layer.maths.sizes)

    def in_all(self, found: Terms) -> int | None:
        return None if self.uses is None else self.uses * self.number(found)

    def arithmetic(self) -> Row:
        derived: Row = ("none", None)
        if self.products:
            derived = (terms.count(self.products), terms.substitution(self.products, self.layer.maths.sizes))
        return (
            self.layer.name, *derived, self.number(self.products), self.uses, self.in_all(self.products),
            terms.count(self.others) if self.others else None, self.number(self.others), self.in_all(self.others),
        )  # fmt: skip

    def made_of(self) -> str:
        """`17 × H in one step of LSTM: 9 times +, 3 times ⊙ ...`: what is counted as elementwise."""
        cell = self.layer.maths.cell
        if not cell or not self.others:
            return ""
        found = Counter(part.op for expr in cell.equations.values() for part in expr.walk() if part.args)
        counted = [(op, times) for op, times in found.items() if op not in _NO_ARITHMETIC]
        said = [f"{times} times {glyph(op)}" if times > 1 else f"once {glyph(op)}" for op, times in counted]
        return f"{terms.count(self.others).text} in one step of {self.layer.maths.kind}: {listed(said)}."

    def memory(self) -> Row:
        cell = self.layer.maths.cell
        held = terms.count(state_terms(cell)) if cell and cell.state else None
        weights = [self.layer.params * width for width in _BYTES.values()]
        state = [self.state * width if held else None for width in _BYTES.values()]
        return (self.layer.name, self.layer.params, *weights, held, self.state if held else None, *state)

    def data(self) -> dict[str, Any]:
        def both(found: Terms) -> dict[str, Any]:
            return {
                "formula": terms.count(found).text,
                "per_step": self.number(found),
                "per_sequence": self.in_all(found),
            }

        return {
            "name": self.layer.name,
            "kind": self.layer.kind,
            "steps": self.uses,
            "multiply_adds": both(self.products),
            "elementwise": both(self.others),
            "weight_bytes": {name: self.layer.params * width for name, width in _BYTES.items()},
            "state": self.state,
            "state_bytes": {name: self.state * width for name, width in _BYTES.items()},
        }


def _memory(model: Model, costs: list[_Cost]) -> Table:
    state = sum(cost.state for cost in costs)
    totals = [[numbers * width for width in _BYTES.values()] for numbers in (model.params, state)]
    return Table(
        "cost.memory",
        of_model(model, "Memory"),
        (
            Column("layer", "Layer", "code"),
            Column("params", "Parameters", "int"),
            Column("weights_float32", "Weights in float32, bytes", "int"),
            Column("weights_float16", "in 16 bits, bytes", "int"),
            Column("state_formula", "State of one sample", "formula"),
            Column("state", "Numbers", "int"),
            Column("state_float32", "in float32, bytes", "int"),
            Column("state_float16", "in 16 bits, bytes", "int"),
        ),
        tuple(cost.memory() for cost in costs),
        total=("all layers", model.params, *totals[0], "", state, *totals[1]),
        notes=("Weights are there once, however many samples run; the state is there once per sample.",),
    )
