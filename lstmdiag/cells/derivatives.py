"""Derivatives: a reading of a cell in forward mode. How does a value move when some names move?

Arrays have directions in front: a value is (1, units), its moves are (directions, units). Weights stand still. Where a
function has a corner, its derivative is what PyTorch takes: 0 for relu, equal shares for equal largest numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import erf, pi, sqrt
from typing import Any

import numpy as np

from lstmdiag.cells.convolution import convolve
from lstmdiag.cells.expr import HARD_REACH, LEAK, SELU_ALPHA, SELU_SCALE, Expr
from lstmdiag.cells.numbers import NUMBERS, Array, applied

STILL = 0.0
"""The move of what does not move."""

Rule = Callable[[Sequence[Any], Sequence[Any], Any], Any]
"""(values of the arguments, their moves, the result) → the move of the result."""

_sigmoid = NUMBERS["sigmoid"]


def _slope(of: Callable[[Array, Array], Any]) -> Rule:
    """An elementwise function, by its derivative at z, where its value is y."""
    return lambda values, moves, y: of(values[0], y) * moves[0]


def _normal(z: Array) -> Array:
    """Derivative of z Φ(z), Φ the normal distribution."""
    below = 0.5 * (1 + np.vectorize(erf, otypes=[float])(z / sqrt(2)))
    return below + z * np.exp(-z * z / 2) / sqrt(2 * pi)


def _extreme(values: Sequence[Any], moves: Sequence[Any], y: Array) -> Any:
    """max and min: those that are it move it, in equal shares; of one vector one number, of two each number."""
    if len(values) == 1:
        reached = values[0] == y
        return (reached * moves[0]).sum(-1, keepdims=True) / reached.sum(-1, keepdims=True)
    first, second = (value == y for value in values)
    return (first * moves[0] + second * moves[1]) / (first * 1.0 + second)


def _joined(values: Sequence[Any], moves: Sequence[Any], y: Array) -> Array:
    many = max(len(move) for move in moves if move is not STILL)
    parts = (np.broadcast_to(move, (many, value.shape[-1])) for value, move in zip(values, moves, strict=True))
    return np.concatenate([*parts], -1)


RULES: Mapping[str, Rule] = {
    "add": lambda v, d, y: d[0] + d[1],
    "sub": lambda v, d, y: d[0] - d[1],
    "mul": lambda v, d, y: d[0] * v[1] + v[0] * d[1],
    "div": lambda v, d, y: (d[0] - y * d[1]) / v[1],
    "neg": lambda v, d, y: -d[0],
    "matmul": lambda v, d, y: d[1] @ v[0].T,
    "sigmoid": _slope(lambda z, y: y * (1 - y)),
    "hard_sigmoid": _slope(lambda z, y: (np.abs(z) < HARD_REACH) / (2 * HARD_REACH)),
    "tanh": _slope(lambda z, y: 1 - y * y),
    "relu": _slope(lambda z, y: z > 0),
    "relu6": _slope(lambda z, y: (z > 0) & (z < 6)),
    "leaky_relu": _slope(lambda z, y: np.where(z > 0, 1, LEAK)),
    "elu": _slope(lambda z, y: np.where(z > 0, 1, np.exp(np.minimum(z, 0)))),
    "selu": _slope(lambda z, y: SELU_SCALE * np.where(z > 0, 1, SELU_ALPHA * np.exp(np.minimum(z, 0)))),
    "gelu": _slope(lambda z, y: _normal(z)),
    "silu": _slope(lambda z, y: _sigmoid(z) * (1 + z * (1 - _sigmoid(z)))),
    "softplus": _slope(lambda z, y: _sigmoid(z)),
    "softsign": _slope(lambda z, y: 1 / (1 + np.abs(z)) ** 2),
    "exp": _slope(lambda z, y: y),
    "linear": _slope(lambda z, y: 1.0),
    "softmax": lambda v, d, y: y * (d[0] - (y * d[0]).sum(-1, keepdims=True)),
    "sqrt": _slope(lambda z, y: 0.5 / y),
    "log": _slope(lambda z, y: 1 / z),
    "abs": _slope(lambda z, y: np.sign(z)),
    "mean": lambda v, d, y: d[0].mean(-1, keepdims=True),
    "sum": lambda v, d, y: d[0].sum(-1, keepdims=True),
    "max": _extreme,
    "min": _extreme,
    "concat": _joined,
}
"""Operation → how its result moves."""


def moved(expr: Expr, names: Mapping[str, Any], moves: Mapping[str, Any]) -> tuple[Any, Any]:
    """The value of an expression and its move, given the value of every name and the moves of some."""
    if expr.op == "number":
        return expr.value, STILL
    if expr.op == "name":
        return names[expr.name], moves.get(expr.name, STILL)
    both = [moved(arg, names, moves) for arg in expr.args]
    values, ways = [value for value, _ in both], [way for _, way in both]
    still = all(way is STILL for way in ways)
    if expr.op == "conv":
        value = convolve(values[0], values[1], expr.window)
        return value, STILL if still else convolve(values[0], ways[1], expr.window)
    value = applied(expr.op, values)
    if still:
        return value, STILL
    way = RULES[expr.op](values, ways, value)
    return value, np.broadcast_to(way, (len(way), *np.shape(value)[1:]))  # one number's move, where it joins a vector
