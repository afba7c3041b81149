"""Gradients through time: how much the states at a step still depend on those after the first one.

Exact, in forward mode: the move of every number of every state is carried from step to step through the equations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.derivatives import STILL, moved
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.layer import RecurrentLayer
from lstmdiag.model import Model
from lstmdiag.running.effort import PICTURE, too_long
from lstmdiag.running.effort import operations as operations_of_pass
from lstmdiag.running.steps import operations
from lstmdiag.running.values import Values, read_name

OPERATIONS = 3
"""Of a derivative for each operation of the pass."""

SINGULAR = 10
"""Multiplications that a singular value takes, times the cube of the size."""

_MIXING = frozenset({"matmul", "conv", "softmax", "mean", "sum", "max", "min", "concat"})


@dataclass(frozen=True)
class Gradients:
    """Of the first sample. `steps` are the input's, from 1, in the order in which the layer takes them."""

    steps: tuple[int, ...]
    jacobians: Mapping[str, Array]  # state → (T,): largest factor by which d state_t / d state_1 stretches a vector
    kept: Mapping[str, Array]  # state → (T, numbers): what is left through the state itself, as a factor of each number
    depends: bool  # whether any state at the last step depends on any at the first


def through_time(values: Values, layer: RecurrentLayer) -> Gradients:
    """How states depend on the states after the first step, at each step: on the first itself as on themselves.

    A Jacobian's norm is its largest singular value (Pascanu et al. 2013). `kept` holds the gates fixed: of an LSTM's c
    it is the product of the forget gates from the second step on. Raises LstmdiagError where that would take too long,
    or numbers leave the range of a float.
    """
    with np.errstate(all="ignore"):  # what is not finite is told
        return _through_time(values, layer)


def _through_time(values: Values, layer: RecurrentLayer) -> Gradients:
    cell = layer.cell
    order = _order(values, layer)
    sizes = {state: prod(layer.shape(state)) for state in cell.state}
    check_effort(layer, len(order))
    moves = _identity({state: layer.shape(state) for state in cell.state})
    own = {state: np.ones((1, *layer.shape(state))) for state in cell.state if keeps(cell, state)}
    norms: dict[str, list[float]] = {state: [] for state in cell.state}
    kept: dict[str, list[Array]] = {state: [] for state in own}
    firsts = np.cumsum([0, *sizes.values()])
    for number, (step, real) in enumerate(order):
        if real and number:
            names = _names(values, layer, step)
            moves = _next(cell, names, moves)
            for state, factor in own.items():  # its own equation alone, everything else in it held fixed
                _, way = moved(cell.equations[state], names, {state + PREVIOUS: np.ones_like(factor)})
                own[state] = factor * way
        for (state, size), first in zip(sizes.items(), firsts, strict=False):
            rows = moves[state][first : first + size].reshape(size, size)
            if not np.isfinite(rows).all():
                message = f"the gradients of {layer.name!r} leave the range of a float at step {step:,}"
                raise LstmdiagError(Problem(message, hint="smaller numbers or weights, fewer steps"))
            norms[state].append(float(np.linalg.norm(rows, 2)))
        for state in own:
            kept[state].append(own[state].reshape(-1))
    return Gradients(
        tuple(step for step, _ in order),
        {state: np.array(found) for state, found in norms.items()},
        {state: np.array(found) for state, found in kept.items()},
        any(bool(move.any()) for move in moves.values()),
    )


def keeps(cell: Cell, state: str) -> bool:
    """Whether the new value is the old one, number by number, times what gates say, plus something: c, GRU's h."""
    expr = cell.equations[state]
    return state + PREVIOUS in expr.names() and not _mixed(expr, state + PREVIOUS)


def _mixed(expr: Expr, name: str) -> bool:
    if expr.op in _MIXING:
        return name in expr.names()
    return any(_mixed(arg, name) for arg in expr.args)


def needed(model: Model, layer: RecurrentLayer) -> list[str]:
    """The signals of a pass that `through_time` reads."""
    cell = layer.cell
    return [read_name(model, layer), *(f"{layer.name}.{state}" for state in cell.state)]


def effort(layer: RecurrentLayer, steps: int) -> tuple[int, int, int]:
    """The numbers of all states, the products of one of them in a step, the steps: together the multiplications."""
    cell = layer.cell
    numbers = sum(prod(layer.shape(state)) for state in cell.state)
    output = layer.shape(cell.output)
    products = sum(w.count for w in layer.weights if len(w.shape) > 1 and w.part != "W") * prod(output[:-1])
    return numbers, products, steps


def too_costly(model: Model, layer: RecurrentLayer) -> bool:
    """Whether a pass over the model and then exact Jacobians would take too long."""
    try:
        check_effort(layer, layer.input[0] or 0, operations_of_pass(model))
    except LstmdiagError:
        return True
    return False


def check_effort(layer: RecurrentLayer, steps: int, before: int = 0) -> None:
    """Raises LstmdiagError, with the arithmetic, where exact Jacobians would take too long.

    `before` is the number of operations that a pass takes first.
    """
    cell = layer.cell
    numbers, products, _ = took = effort(layer, steps)
    if prod(took) > PICTURE.products:
        message = (
            f"the Jacobians of {layer.name!r} take {numbers:,} numbers of state × {products:,} products × "
            f"{steps:,} steps = {prod(took):.1e} multiplications, {PICTURE.products:.0e} are allowed"
        )
        hint = "fewer units or steps; with --toy, a picture is of a twin with the same wiring"
        raise LstmdiagError(Problem(message, hint=hint))
    each = OPERATIONS * operations(cell)
    if before + steps * each > PICTURE.operations:
        term = (steps * each, f"{steps:,} steps × {each:,} operations a step")
        raise too_long(
            f"the Jacobians of {layer.name!r} take", [term], steps * each, PICTURE.operations, "operations one by one"
        )
    sizes = [prod(layer.shape(state)) for state in cell.state]
    if (cubes := SINGULAR * steps * sum(size**3 for size in sizes)) > PICTURE.products:
        told = " + ".join(f"{size:,}³" for size in sizes[:3])
        term = (cubes, f"{SINGULAR} × {steps:,} steps × ({told})")
        raise too_long(f"the norms of {layer.name!r} take", [term], cubes, PICTURE.products, "multiplications")


def _order(values: Values, layer: RecurrentLayer) -> list[tuple[int, bool]]:
    """Each step, from 1, with whether it counts: at a masked step states stay as they are."""
    steps = range(1, len(values.read(layer)) + 1)
    real = values.counted(layer)
    found = [(step, real is None or bool(real[step - 1])) for step in steps]
    return found[::-1] if layer.go_backwards else found


def _names(values: Values, layer: RecurrentLayer, step: int) -> dict[str, Any]:
    """What the equations of one step start from, with a batch of one in front."""
    cell = layer.cell
    names: dict[str, Any] = {weight.name: values.weight(layer, weight.name) for weight in layer.weights}
    names |= {name: values.vector(layer, name, step)[None] for name in ("x", *_previous(cell))}
    return names


def _previous(cell: Cell) -> Iterator[str]:
    return (state + PREVIOUS for state in cell.state)


def _identity(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """One direction for each number of each state, which moves it and nothing else."""
    total = sum(map(prod, shapes.values()))
    whole, first, found = np.eye(total), 0, {}
    for state, shape in shapes.items():
        found[state] = whole[:, first : first + prod(shape)].reshape(total, *shape)
        first += prod(shape)
    return found


def _next(cell: Cell, names: dict[str, Any], moves: Mapping[str, Array]) -> dict[str, Array]:
    """The moves of the states one step later. `names` gets the values of the equations."""
    ways: dict[str, Any] = {state + PREVIOUS: move for state, move in moves.items()}
    for quantity, expr in cell.equations.items():
        names[quantity], ways[quantity] = moved(expr, names, ways)
    return {state: move if (move := ways[state]) is not STILL else 0 * moves[state] for state in cell.state}
