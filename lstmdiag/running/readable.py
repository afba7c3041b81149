"""Weights that a reader can follow: multiples of 0.1, of many draws the first whose pass shows what a cell does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb, prod

import numpy as np

from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.numbers import NUMBERS, Array
from lstmdiag.layer import RecurrentLayer, inside
from lstmdiag.model import Model
from lstmdiag.running import Trace, initial, run
from lstmdiag.running.signals import signals
from lstmdiag.running.steps import operations, operations_before

TRIES = 1_000
WORK = 100_000  # numbers that all tries together compute; maps are tried less often
OPERATIONS = 270_000  # on arrays, in all tries together; long equations are tried less often
OF_TRY, OF_ARRAY, OF_PAIR = 60, 2, 5  # as many operations as looking at a try, drawing an array, comparing a pair take
_TENTHS = np.array([n / 10 for n in range(-9, 10) if n])


def readable(model: Model, inputs: Sequence[Array], seed: int) -> dict[str, Array]:
    """Made weights by name, of the shapes of the model, in tenths: numbers that can be followed by hand.

    Of TRIES draws the first without a fault, else the one with the fewest. The same for the same seed.
    """
    random = np.random.default_rng(seed)
    shapes = initial.shapes(model)
    every = (each for layer in model.layers for each in (layer, *inside(layer)))
    layers = [layer for layer in every if isinstance(layer, RecurrentLayer)]
    names = {f"{layer.name}.{name}" for layer in layers for name in (*layer.cell.roles, *layer.cell.state)}
    best, least = None, np.inf
    work = sum(prod(n or 1 for n in signal.shape) for name, signal in signals(model).items() if name in names)
    each = OF_TRY + OF_ARRAY * len(shapes) + sum(_operations(layer) for layer in layers)
    for _ in range(min(TRIES, WORK // work + 20, OPERATIONS // each + 1) if layers else 1):
        weights = _drawn(random, shapes)
        found = _faults(layers, weights, run(model, inputs, weights, keep=names.__contains__))
        if found < least:
            best, least = weights, found
        if not least:
            break
    assert best is not None
    return best


def _operations(layer: RecurrentLayer) -> int:
    """How many a try takes: of the pass, and for the pairs that `_faults` compares."""
    cell = layer.cell
    gates = sum(role in (*VALVES, "gate.content") for role in cell.roles.values())
    pairs = comb(gates, 2) + comb(layer.shape(cell.output)[-1], 2)
    return operations_before(cell) + (layer.input[0] or 1) * operations(cell) + OF_PAIR * pairs


def _drawn(random: np.random.Generator, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Every weight. All are drawn in one call, which gives the same numbers as a call for each."""
    fixed = (".moving_variance", ".gamma")
    sizes = {name: 0 if name.endswith(fixed) else prod(shape) for name, shape in shapes.items()}
    numbers, first, found = random.choice(_TENTHS, sum(sizes.values())), 0, {}
    for name, shape in shapes.items():
        size = sizes[name]
        found[name] = numbers[first : first + size].reshape(shape) if size else np.ones(shape)
        first += size
    return found


def _faults(layers: Sequence[RecurrentLayer], weights: Mapping[str, Array], trace: Trace) -> float:
    """How far a pass is from one that teaches (standard of the pages): 0 is best, each fault counts up to 1."""
    whole: float = 0.0
    for layer in layers:
        cell = layer.cell
        roles = {name: role for name, role in cell.roles.items() if role in (*VALVES, "gate.content")}
        gates = {name: trace[f"{layer.name}.{name}"] for name in roles}
        valves = [gates[name] for name, role in roles.items() if role in VALVES]
        keeps = [gates[name] for name, role in roles.items() if role == "gate.keep"]
        if valves:
            numbers = np.concatenate([gate.reshape(-1) for gate in valves])  # of a vector, or one of a whole layer
            whole += max(0.0, float(np.mean((numbers <= 0.05) | (numbers >= 0.95))) - 0.2)
        if keeps:
            whole += min(float(gate.min()) for gate in keeps) >= 0.6
        shown = {name: np.round(gate, 3) for name, gate in gates.items()}
        whole += _share([bool((one == other).any()) for one, other in combinations(shown.values(), 2)])
        h = trace[f"{layer.name}.{cell.output}"]
        signed = NUMBERS[layer.function or "tanh"](np.array(-1.0)) < 0  # relu's h has one sign
        whole += not np.isfinite(h).all() or bool(signed and (np.all(h >= 0) or np.all(h <= 0)))
        last = h.reshape(-1, h.shape[-1]).T
        whole += any((np.abs(last[i + 1 :] - last[i]).max(1) < 0.05).any() for i in range(len(last) - 1))
    mixed = [array for array in weights.values() if array.ndim > 1 and array.size > 2]
    return whole + _share([float(array.min()) * float(array.max()) > 0 for array in mixed])


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 0.0
