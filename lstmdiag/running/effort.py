"""What a pass costs before it is made: operations that wait for each other, and multiplications. Both have a bound."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from lstmdiag.cells.counts import evaluate, multiply_add_terms
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.model import Layer, Model
from lstmdiag.running import steps

OPERATIONS = 10**6
"""Operations on arrays, one after the other, some microseconds each."""

PRODUCTS = 10**12
"""Multiplications of all samples together."""

SHORTER = "fewer steps or units, or --toy: a small twin with the same wiring"


def check_effort(model: Model, samples: int) -> None:
    """Raises LstmdiagError, with the arithmetic, where a pass would take too long. Every shape is known."""
    terms = [term for layer in model.layers for term in _operations(layer)]
    if (total := sum(count for count, _ in terms)) > OPERATIONS:
        raise too_long("this pass takes", terms, total, OPERATIONS, "operations one after the other")
    terms = [(samples * count, f"{text} × {samples:,} sample{'s' * (samples > 1)}")
             for layer in model.layers for count, text in _products(layer)]  # fmt: skip
    if (total := sum(count for count, _ in terms)) > PRODUCTS:
        raise too_long("this pass takes", terms, total, PRODUCTS, "multiplications")


def too_long(what: str, terms: list[tuple[int, str]], total: int, most: int, of: str) -> LstmdiagError:
    """The error that says how many there would be: the largest terms of the sum."""
    arithmetic = "; ".join(f"{text} = {count:,}" for count, text in sorted(terms, reverse=True)[:3])
    return LstmdiagError(Problem(f"{what} {total:,} {of}, {most:,} are allowed: {arithmetic}", hint=SHORTER))


def running(layer: Layer) -> tuple[Layer, ...]:
    """The layers whose equations run: both directions, or the one inside."""
    if layer.inner is None:
        return (layer,)
    return (layer.inner, layer.backward) if layer.backward else running(layer.inner)


def _operations(layer: Layer) -> Iterator[tuple[int, str]]:
    for each in running(layer):
        if each.cell and each.recurrent:
            length, per_step = each.input[0] or 1, steps.operations(each.cell)
            yield length * per_step, f"{each.name}: {length:,} steps × {per_step:,} operations a step"


def _products(layer: Layer) -> Iterator[tuple[int, str]]:
    """Those with weights; in all steps and places."""
    for each in running(layer):
        uses = layer.uses or 1
        if each.cell:
            once = evaluate(multiply_add_terms(each.cell), each.sizes)
        else:
            once = sum(prod(weight.shape) for weight in each.weights)
        if each.kind != "Embedding":
            yield uses * once, f"{each.name}: {once:,} multiplications × {uses:,} times"
