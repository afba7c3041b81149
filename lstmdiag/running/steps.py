"""A cell over all steps: its equations, read as numbers, with as few matrix products as fast kernels make.

What x alone decides is computed for all steps at once, and what a previous state is multiplied with in one product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.circuit import Affine, affine
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.numbers import LONGER, NUMBERS, Array, evaluate

AT_ONCE = 1 << 18  # numbers that products with x hold at a time, few enough to stay in a processor's cache
OVER_LAST = ("softmax",)  # functions of a whole vector
BEFORE = "a_"  # a_f: what stands inside the function of f, its pre-activation


@dataclass(frozen=True)
class Sum:
    """The usual pre-activation, W @ x + U @ h_prev + b, by the names of its parts, and what is made of it."""

    name: str  # a_f
    gives: str  # f
    function: str  # sigmoid
    ahead: str  # W_f
    back: str  # U_f
    biases: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Equations made ready to run."""

    equations: tuple[tuple[str, Expr], ...]
    sums: Mapping[str, tuple[Sum, ...]]  # previous state → the sums that it alone enters, made together
    signals: tuple[str, ...]  # pre-activations, then all that the cell's equations name
    fixed: tuple[tuple[str, Expr], ...] = ()  # equations that weights alone enter: the same at every step


@lru_cache(maxsize=64)
def plan(cell: Cell) -> Plan:
    """Pre-activations get names of their own; the usual ones are taken out, to be made together."""
    previous = [state + PREVIOUS for state in cell.state]
    equations: list[tuple[str, Expr]] = []
    sums: dict[str, list[Sum]] = {}
    befores: list[str] = []
    for quantity, expr in cell.equations.items():
        whole = affine(expr, cell)
        before = BEFORE + quantity
        if whole and whole.function != "linear" and before not in cell.equations:
            befores.append(before)
            found = _usual(before, quantity, whole, previous, cell)
            if found:
                sums.setdefault(found[0], []).append(found[1])
                continue
            equations.append((before, expr.args[0]))
            expr = replace(expr, args=(Expr("name", name=before),))
        equations.append((quantity, expr))
    groups = {state: tuple(sorted(group, key=lambda each: each.function)) for state, group in sums.items()}
    known = set(cell.weights)
    fixed: list[tuple[str, Expr]] = []
    moving: list[tuple[str, Expr]] = []
    for name, expr in equations:
        still = known.issuperset(expr.names())
        (fixed if still else moving).append((name, expr))
        if still:
            known.add(name)
    return Plan(tuple(moving), groups, (*befores, *cell.equations), tuple(fixed))


def operations(cell: Cell) -> int:
    """How many operations on arrays one step takes, small ones, so that it is their number that costs time."""
    made = plan(cell)
    own = _operations(made.equations)
    together = sum(2 + sum(1 + LONGER.get(each.function, 1) for each in group) for group in made.sums.values())
    return own + together + len(made.signals) + 2 * len(cell.state)


def operations_before(cell: Cell) -> int:
    """How many are done once, before the first step."""
    return _operations(plan(cell).fixed)


def _operations(equations: Sequence[tuple[str, Expr]]) -> int:
    return sum(LONGER.get(part.op, 1) for _, expr in equations for part in expr.walk() if part.args)


def _usual(name: str, gives: str, whole: Affine, previous: Sequence[str], cell: Cell) -> tuple[str, Sum] | None:
    """The sum as (its previous state, its parts); None where it is another one."""
    by_vector = {vector.name: matrix for matrix, vector in whole.terms if vector.op == "name"}
    states = [vector for vector in by_vector if vector in previous]
    products = all(len(cell.weights[matrix]) == 2 for matrix, _ in whole.terms)  # else convolutions
    if whole.own or len(whole.terms) != 2 or "x" not in by_vector or len(states) != 1 or not products:
        return None
    return states[0], Sum(name, gives, whole.function, by_vector["x"], by_vector[states[0]], whole.biases)


class _Together:
    """Sums that one previous state enters: one product of x for many steps, one of the state for each.

    Sums under the same function are neighbours, and it is applied to all of them at once.
    """

    def __init__(self, group: Sequence[Sum], weights: Mapping[str, Array]) -> None:
        self.ahead = np.concatenate([weights[each.ahead] for each in group])
        self.back = np.ascontiguousarray(np.concatenate([weights[each.back] for each in group]))
        self.bias = np.concatenate([_bias(each, weights) for each in group])
        ends = [int(end) for end in np.cumsum([len(weights[each.back]) for each in group])]
        self.rows = [(each, slice(first, end)) for each, first, end in zip(group, [0, *ends], ends, strict=False)]
        alike = groupby(self.rows, lambda row: row[0].name if row[0].function in OVER_LAST else row[0].function)
        self.functions = [_Function(list(members)) for _, members in alike]

    def of_x(self, block: Array) -> Array:
        """(steps, N, features) → (steps, N, all rows)."""
        flat = block.reshape(-1, block.shape[-1]) @ self.ahead.T
        flat += self.bias
        return flat.reshape(*block.shape[:2], -1)

    def with_state(self, sums: Array, state: Array, names: dict[str, Any]) -> None:
        """Into `names`: the sums of one step, `sums` holding what x gives, and the functions of them.

        One vector is multiplied as such, which is the faster way.
        """
        sums += (self.back @ state[0]) if len(state) == 1 else state @ self.back.T
        for each, rows in self.rows:
            names[each.name] = sums[:, rows]
        for function in self.functions:
            made = function.apply(sums[:, function.rows])
            for name, own in function.gives:
                names[name] = made[:, own]


class _Function:
    """One function of neighbouring rows, and which rows of the result are which quantity."""

    def __init__(self, members: Sequence[tuple[Sum, slice]]) -> None:
        self.apply: Callable[[Array], Array] = NUMBERS[members[0][0].function]
        self.rows = slice(members[0][1].start, members[-1][1].stop)
        first = self.rows.start
        self.gives = [(each.gives, slice(rows.start - first, rows.stop - first)) for each, rows in members]


def _bias(each: Sum, weights: Mapping[str, Array]) -> Array:
    found = [weights[name] for name in each.biases]
    return np.sum(found, axis=0) if found else np.zeros(len(weights[each.back]), weights[each.back].dtype)


@dataclass(frozen=True)
class Run:
    """What a cell computed."""

    signals: Mapping[str, Array]  # name → (N, kept steps, units), in the order of the input's steps
    outputs: Array | None  # (N, T, units) of the output at every step, in the order they were computed
    states: Mapping[str, Array]  # the states after the last step


def run(
    cell: Cell,
    x: Array,
    weights: Mapping[str, Array],
    start: Mapping[str, Array],
    *,
    mask: Array | None = None,
    backwards: bool = False,
    keep: Sequence[str] = (),
    steps: Sequence[int] | None = None,
    rows: Array | None = None,
    sequences: bool = True,
    zero_masked: bool = False,
) -> Run:
    """Run the cell over x (N, T, ...). `start` holds every state, (N, units); `mask` (N, T) tells the steps that
    count.

    `keep` names the signals to hold, of the steps `steps` and the samples `rows` (from 0; None: all).
    At a masked step states stay as they are and the output is the state h, or zero with `zero_masked`, as in Keras.
    While no step has counted yet, that is h as it began; with Keras on NumPy and JAX too, on PyTorch it is zero.
    """
    made = plan(cell)
    length = x.shape[1]
    order = range(length - 1, -1, -1) if backwards else range(length)
    place = {step: i for i, step in enumerate(range(length) if steps is None else steps)}
    groups = [(state, _Together(group, weights)) for state, group in made.sums.items()]
    states = dict(start)
    names: dict[str, Any] = dict(weights)
    fixed: dict[str, Any] = dict(weights)  # without the batch axis, since some read others
    for name, expr in made.fixed:
        fixed[name] = np.atleast_1d(np.asarray(evaluate(expr, fixed), x.dtype))
        names[name] = np.broadcast_to(fixed[name], (len(x), *fixed[name].shape))
    kept_whole = (
        cell.output in keep and len(place) == length and rows is None and not (zero_masked and mask is not None)
    )
    signals: dict[str, Array] = {}  # with the steps in front here: a step is written in one stretch
    outputs: Array | None = None
    for position, (step, of_x) in enumerate(_ahead(x, order, [group for _, group in groups])):
        names["x"] = x[:, step]
        for state, value in states.items():
            names[state + PREVIOUS] = value
        for (state, group), sums in zip(groups, of_x, strict=True):
            group.with_state(sums, names[state], names)
        for name, expr in made.equations:
            names[name] = evaluate(expr, names)
        real = None if mask is None else _along(mask[:, step], names[cell.output])
        for state in states:
            states[state] = names[state] if real is None else np.where(real, names[state], states[state])
        output = states[cell.output]
        if zero_masked and real is not None:
            output = np.where(real, output, 0)
        if step in place:
            for name in keep:
                held = states.get(name, names[name])
                held = held if rows is None else held[rows]
                if name not in signals:
                    signals[name] = np.empty((len(place), *held.shape), held.dtype)
                signals[name][place[step]] = held
        if sequences and not kept_whole:
            if outputs is None:
                outputs = np.empty((length, *output.shape), output.dtype)
            outputs[position] = output
    if (
        sequences and kept_whole
    ):  # the outputs are a signal: held once, but for reversed ones, which PyTorch would not take
        outputs = signals[cell.output][::-1].copy() if backwards else signals[cell.output]
    by_sample = {name: np.moveaxis(array, 0, 1) for name, array in signals.items()}
    return Run(by_sample, None if outputs is None else np.moveaxis(outputs, 0, 1), states)


def _along(mask: Array, like: Array) -> Array:
    """(N,) → (N, 1, ...), to choose whole rows."""
    return mask.reshape(-1, *[1] * (like.ndim - 1))


def _ahead(x: Array, order: Sequence[int], groups: Sequence[_Together]) -> Iterator[tuple[int, list[Array]]]:
    """Every step with what x gives to the sums, made for many steps at once."""
    at_once = max(AT_ONCE // max((len(x) * len(group.ahead) for group in groups), default=1), 1)
    for first in range(0, len(order), at_once):
        steps = order[first : first + at_once]
        block = np.moveaxis(x[:, steps], 1, 0)
        made = [group.of_x(block) for group in groups]
        yield from ((step, [each[i] for each in made]) for i, step in enumerate(steps))
