"""What a pass costs before it is made: operations that wait for each other, and multiplications. Both have a bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

from lstmdiag.cells.counts import elementwise_terms, evaluate, multiply_add_terms
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.layer import Layer, RecurrentLayer
from lstmdiag.model import Model
from lstmdiag.running import initial, steps
from lstmdiag.running.signals import numbers_in


@dataclass(frozen=True)
class Bounds:
    """What a pass may take."""

    memory: int = 4 * 2**30  # bytes
    operations: int = 10**6  # on arrays, one after the other, some microseconds each
    products: int = 10**12  # multiplications of all samples together


PASS, PICTURE = Bounds(), Bounds(4 * 10**8, 3 * 10**5, 2 * 10**9)
"""Where nothing else is said, and for a picture that is drawn of it: some seconds."""

PAGE = replace(PICTURE, memory=10**8)
"""For a page, beside which a file holds every number with all digits: a million of them take a second to write."""

OPERATIONS = PASS.operations

AS_PRODUCTS = 10
"""Multiplications in a matrix that take as long as one sum, product or function of a number elsewhere."""

SHORTER = "fewer steps or units, or --toy: a small twin with the same wiring"


def check_effort(model: Model, samples: int, bounds: Bounds = PASS) -> None:
    """Raises LstmdiagError, with the arithmetic, where a pass would take too long. Every shape is known."""
    terms = [term for layer in model.layers for term in _operations(layer)]
    if (total := sum(count for count, _ in terms)) > bounds.operations:
        raise too_long("this pass takes", terms, total, bounds.operations, "operations one after the other")
    terms = [(samples * count, f"{text} × {samples:,} sample{'s' * (samples > 1)}")
             for layer in model.layers for count, text in _products(layer)]  # fmt: skip
    if (total := sum(count for count, _ in terms)) > bounds.products:
        raise too_long("this pass takes", terms, total, bounds.products, "multiplications")


def operations(model: Model) -> int:
    """Operations of a pass that wait for each other, whatever the number of samples."""
    return sum(count for layer in model.layers for count, _ in _operations(layer))


def products(model: Model) -> int:
    """Multiplications of a pass over one sample."""
    return sum(count for layer in model.layers for count, _ in _products(layer))


def check_making(model: Model, bounds: Bounds) -> None:
    """Raises LstmdiagError where it would take too long to make weights to begin with."""
    if (total := initial.effort(model)) > bounds.products:
        term = (total, "twice rows × columns × the smaller of both, of all recurrent weights, which are orthogonal")
        raise too_long("making the weights takes", [term], total, bounds.products, "multiplications")


def too_long(what: str, terms: list[tuple[int, str]], total: int, most: int, of: str) -> LstmdiagError:
    """The error that says how many there would be: the largest terms of the sum."""
    arithmetic = "; ".join(f"{text} = {count:,}" for count, text in sorted(terms, reverse=True)[:3])
    return LstmdiagError(Problem(f"{what} {total:,} {of}, {most:,} are allowed: {arithmetic}", hint=SHORTER))


def rows(layer: Layer) -> int:
    """What one sample is for the layer inside: steps of the TimeDistributed around it are rows of its batch."""
    return prod(each.input[0] or 0 for each in layer.wrappers)


def _operations(layer: Layer) -> Iterator[tuple[int, str]]:
    for each in layer.directions:
        if isinstance(each, RecurrentLayer):
            length, per_step = each.input[0] or 1, steps.operations(each.cell)
            yield length * per_step, f"{each.name}: {length:,} steps × {per_step:,} operations a step"


def _products(layer: Layer) -> Iterator[tuple[int, str]]:
    """Those with weights, in all steps and places; and what else is done to single numbers, as so many of them."""
    for each in layer.directions:
        uses = layer.uses or 1
        if each.cell:
            once = evaluate(multiply_add_terms(each.cell), each.sizes)
            single = evaluate(elementwise_terms(each.cell), each.sizes)
            count = AS_PRODUCTS * single * uses
            yield count, f"{each.name}: {AS_PRODUCTS} × {single:,} operations on single numbers × {uses:,} times"
        else:
            once = sum(prod(weight.shape) for weight in each.weights)
        if not each.definition.tokens:
            yield uses * once, f"{each.name}: {once:,} multiplications × {uses:,} times"
        if each.mask == "query":
            count = AS_PRODUCTS * pairs(each)
            yield count, f"{each.name}: {AS_PRODUCTS} × {pairs(each):,} pairs"
        if each.window and not each.weights:
            read = rows(layer) * numbers_in(each.output) * each.window.size
            yield read, f"{each.name}: {read:,} numbers in all windows"


def pairs(layer: Layer) -> int:
    """Numbers that attention compares: a score, or a vector of sums, for each query step with each key step."""
    assert layer.definition.work is not None
    work = layer.definition.work(layer.options, *layer.input_shapes, layer.output)
    return (work.uses or 0) * max(work.number({dims: 1}) or 0 for dims in work.others)
