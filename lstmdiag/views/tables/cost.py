"""What a pass costs: arithmetic, memory, and how many steps must wait for each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from lstmdiag.analysis.axes import at_places
from lstmdiag.analysis.receptive_field import reads_ahead, receptive_fields
from lstmdiag.cells import terms
from lstmdiag.cells.cell import Cell
from lstmdiag.cells.counts import Terms, elementwise_terms, evaluate, known_sum
from lstmdiag.cells.expr import Expr
from lstmdiag.layer import Layer
from lstmdiag.layers.work import Work
from lstmdiag.model import Model
from lstmdiag.tables import Table
from lstmdiag.views.tables import path as paths
from lstmdiag.views.tables.rows import Row, table
from lstmdiag.views.tables.work import state, work
from lstmdiag.views.words import glyph
from lstmdiag.words import Words

WORDS = Words("table_cost")

_BYTES = {"float32": 4, "float16": 2}
"""Type → bytes of one number; bfloat16 is as wide as float16."""

_NO_ARITHMETIC = ("matmul", "conv", "concat", "linear")
"""Operations that are counted as multiply-adds, or only move numbers."""

_ARITHMETIC = (
    "layer:code", "formula:formula", "substitution:formula", "per_step:int", "uses:int", "per_sequence:int",
    "elementwise_formula:formula", "elementwise_per_step:int", "elementwise:int",
)  # fmt: skip
_MEMORY = (
    "layer:code", "params:int", "weights_float32:int", "weights_float16:int", "state_formula:formula", "state:int",
    "state_float32:int", "state_float16:int",
)  # fmt: skip


def build(model: Model) -> Table:
    costs = [_Cost(layer) for layer in model.layers]
    waits = paths.Path.of(model)
    products = known_sum(cost.work.in_all(cost.work.products) for cost in costs)
    others = known_sum(cost.work.all_others() for cost in costs)
    return table(
        WORDS,
        "cost",
        model,
        _ARITHMETIC,
        (cost.arithmetic() for cost in costs),
        {
            "costs": costs,
            "reductions": sorted({each for cost in costs for each in cost.reductions}),
            "of_keys": any("T_key" in cost.work.sizes for cost in costs),
            "both_ways": [cost for cost in costs if len(cost.layer.directions) > 1],
            "shared": [layer for layer in model.layers if layer.shared],
            "placed": sorted(at_places(model)),
            "sequences": bool(receptive_fields(model)),
            "ahead": [layer.name for layer in reads_ahead(model)],
            "unknown": None in (products, others),
        },
        total={"layer": WORDS.say("all_layers"), "per_sequence": products, "elementwise": others},
        parts=(_memory(model, costs), paths.build(waits, model)),
        data={
            "layers": [cost.data() for cost in costs],
            "total": {
                "multiply_adds": products,
                "elementwise": others,
                "weight_bytes": _bytes(model.params),
                "state_bytes": _bytes(sum(cost.state for cost in costs)),
            },
            "sequential_path": waits.data(),
        },
    )


def _memory(model: Model, costs: Iterable[_Cost]) -> Table:
    total: Row = {"layer": WORDS.say("all_layers"), **_stored(model.params, sum(cost.state for cost in costs))}
    return table(WORDS, "cost.memory", model, _MEMORY, (cost.memory() for cost in costs), total=total)


def _bytes(numbers: int, prefix: str = "") -> dict[str, int]:
    return {f"{prefix}{name}": numbers * width for name, width in _BYTES.items()}


def _stored(params: int, states: int) -> dict[str, int]:
    """Numbers and bytes of weights and states, by the columns of the table of memory."""
    return {"params": params, **_bytes(params, "weights_"), "state": states, **_bytes(states, "state_")}


@lru_cache(maxsize=64)  # alike layers have equal cells
def _operations(cell: Cell) -> tuple[Expr, ...]:
    return tuple(part for expr in cell.equations.values() for part in expr.walk() if part.args)


@dataclass(frozen=True)
class _Cost:
    """What one layer costs; the facts of the notes on it."""

    layer: Layer

    @cached_property
    def work(self) -> Work:
        return work(self.layer)

    @property
    def state(self) -> int:
        """Numbers that one sample's state holds."""
        return evaluate(state(self.layer), self.layer.innermost.sizes)

    @cached_property
    def _elementwise(self) -> Terms:
        """Those of one step of its cell."""
        return elementwise_terms(self.layer.innermost.cell) if self.layer.innermost.cell else {}

    @property
    def counted(self) -> str:
        return terms.count(self._elementwise).text

    @property
    def operations(self) -> list[str]:
        """What is counted as elementwise: 9 times +, 3 times ⊙."""
        cell = self.layer.innermost.cell
        if cell is None or not self._elementwise:
            return []
        counts = Counter(part.op for part in _operations(cell))
        return [
            WORDS.say("operation", once=times == 1, times=times, sign=glyph(op))
            for op, times in counts.items()
            if op not in _NO_ARITHMETIC
        ]

    @property
    def reductions(self) -> set[str]:
        """Its operations that make one number of many."""
        cell = self.layer.innermost.cell
        parts = _operations(cell) if cell else ()
        return {part.op for part in parts if len(part.args) == 1 and part.op in ("mean", "sum", "max", "min")}

    def arithmetic(self) -> Row:
        work, products, others = self.work, self.work.products, self.work.others
        known = {name: size for name, size in work.sizes.items() if size is not None}
        per_step = work.number(products)
        return {
            "layer": self.layer.name,
            "formula": terms.count(products) if products else WORDS.say("no_products"),
            "substitution": terms.substitution(products, known) if products and per_step is not None else None,
            "per_step": per_step,
            "uses": work.uses,
            "per_sequence": work.in_all(products),
            "elementwise_formula": terms.count(others) if others else None,
            "elementwise_per_step": work.number(others),
            "elementwise": work.all_others(),
        }

    def memory(self) -> Row:
        name, params, states = self.layer.name, self.layer.params, state(self.layer)
        if not states:
            return {"layer": name, "params": params, **_bytes(params, "weights_")}
        return {"layer": name, "state_formula": terms.count(states), **_stored(params, self.state)}

    def data(self) -> dict[str, Any]:
        work = self.work

        def both(counted: Terms, in_all: int | None) -> dict[str, Any]:
            each = work.number(counted)
            return {"formula": terms.count(counted).text, "per_step": each, "per_sequence": in_all}

        return {
            "name": self.layer.name,
            "kind": self.layer.kind,
            "steps": work.uses,
            "multiply_adds": both(work.products, work.in_all(work.products)),
            "elementwise": both(work.others, work.all_others()),
            "weight_bytes": _bytes(self.layer.params),
            "state": self.state,
            "state_bytes": _bytes(self.state),
        }
