"""What a pass costs: arithmetic, memory, and how many steps must wait for each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lstmdiag.cells import terms
from lstmdiag.cells.counts import Terms, elementwise_terms, evaluate, known_sum
from lstmdiag.english import listed
from lstmdiag.layer import Layer
from lstmdiag.layers.work import Work
from lstmdiag.model import Model
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.tables.layers import of_model, running
from lstmdiag.views.tables.path import Path
from lstmdiag.views.tables.work import state, work
from lstmdiag.views.words import glyph

_BYTES = {"float32": 4, "float16": 2}
"""Type → bytes of one number; bfloat16 is as wide as float16."""

_NO_ARITHMETIC = ("matmul", "conv", "concat", "linear")
"""Operations that are counted as multiply-adds, or only move numbers."""

Row = tuple[Cell, ...]


def build(model: Model) -> Table:
    costs = [_Cost(layer) for layer in model.layers]
    path = Path.of(model)
    products = known_sum(cost.work.in_all(cost.work.products) for cost in costs)
    others = known_sum(cost.work.all_others() for cost in costs)
    notes = [
        "One multiply-add is one weight times one number, added up: a matrix of m × n numbers costs m × n of them.",
        "Elementwise operations are all others: one for each number that +, ⊙ or a function gives.",
        *dict.fromkeys(note for cost in costs for note in cost.notes()),
    ]
    if None in (products, others):
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


@dataclass(frozen=True)
class _Cost:
    layer: Layer

    @cached_property
    def work(self) -> Work:
        return work(self.layer)

    @property
    def state(self) -> int:
        """Numbers that one sample's state holds."""
        return evaluate(state(self.layer), self.layer.maths.sizes)

    def arithmetic(self) -> Row:
        found, derived = self.work, self._derived()
        others = terms.count(found.others) if found.others else None
        return (
            self.layer.name, *derived, found.number(found.products), found.uses, found.in_all(found.products),
            others, found.number(found.others), found.all_others(),
        )  # fmt: skip

    def _derived(self) -> Row:
        products, sizes = self.work.products, self.work.sizes
        if not products:
            return ("none", None)
        known = {name: size for name, size in sizes.items() if size is not None}
        numbers = terms.substitution(products, known) if self.work.number(products) is not None else None
        return (terms.count(products), numbers)

    def notes(self) -> list[str]:
        """`17 × H in one step of LSTM: 9 times +, 3 times ⊙ ...`: what is counted as elementwise."""
        notes, cell = [], self.layer.maths.cell
        if cell and (others := elementwise_terms(cell)):
            found = Counter(part.op for expr in cell.equations.values() for part in expr.walk() if part.args)
            counted = [(op, times) for op, times in found.items() if op not in _NO_ARITHMETIC]
            said = [f"{times} times {glyph(op)}" if times > 1 else f"once {glyph(op)}" for op, times in counted]
            notes.append(f"{terms.count(others).text} in one step of {self.layer.maths.kind}: {listed(said)}.")
        if "T_key" in self.work.sizes:
            notes.append(
                "T_key is the number of steps of the key; F_value the features of the value. One step is the query's."
            )
        if len(running(self.layer)) > 1:
            notes.append(f"{self.layer.name} runs two copies of {self.layer.maths.kind}, so each step costs twice.")
        if self.work.once:
            notes.append(f"Merging the directions of {self.layer.name} is {self.work.once:,} elementwise more.")
        if self.layer.shared:
            notes.append(
                f"{self.layer.name} costs arithmetic again, though its weights are those of {self.layer.shared}."
            )
        return notes

    def memory(self) -> Row:
        found = state(self.layer)
        held = terms.count(found) if found else None
        weights = [self.layer.params * width for width in _BYTES.values()]
        states = [self.state * width if held else None for width in _BYTES.values()]
        return (self.layer.name, self.layer.params, *weights, held, self.state if held else None, *states)

    def data(self) -> dict[str, Any]:
        found = self.work

        def both(counted: Terms, in_all: int | None) -> dict[str, Any]:
            each = found.number(counted)
            return {"formula": terms.count(counted).text, "per_step": each, "per_sequence": in_all}

        return {
            "name": self.layer.name,
            "kind": self.layer.kind,
            "steps": found.uses,
            "multiply_adds": both(found.products, found.in_all(found.products)),
            "elementwise": both(found.others, found.all_others()),
            "weight_bytes": {name: self.layer.params * width for name, width in _BYTES.items()},
            "state": self.state,
            "state_bytes": {name: self.state * width for name, width in _BYTES.items()},
        }


def _memory(model: Model, costs: list[_Cost]) -> Table:
    held = sum(cost.state for cost in costs)
    totals = [[numbers * width for width in _BYTES.values()] for numbers in (model.params, held)]
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
        total=("all layers", model.params, *totals[0], "", held, *totals[1]),
        notes=("Weights are there once, however many samples run; the state is there once per sample.",),
    )
