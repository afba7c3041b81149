"""Numbers: a reading of a cell as NumPy. One step of the equations, for a whole batch.

Arrays have the batch in front, (N, units). Definitions of the functions are Keras 3's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import erf, sqrt
from typing import Any

import numpy as np

from lstmdiag.cells.convolution import convolve
from lstmdiag.cells.expr import HARD_REACH, LEAK, SELU_ALPHA, SELU_SCALE, Expr

Array = np.ndarray[Any, np.dtype[Any]]


def _sigmoid(z: Array) -> Array:
    """1 / (1 + exp(−z)), every digit of it, small values too; where exp is beyond all numbers this is 0.

    By tanh it would be faster by less than a fiftieth of an LSTM's step, but 0 below −37, and below −17 in float32.
    """
    made: Array = np.asarray(-1.0 * z)
    with np.errstate(over="ignore"):
        np.exp(made, out=made)
    made += 1
    np.divide(1, made, out=made)
    return made


def _softmax(z: Array) -> Array:
    raised = np.exp(z - z.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def _gelu(z: Array) -> Array:
    error = np.vectorize(erf, otypes=[float])(z / sqrt(2)).astype(z.dtype)
    return 0.5 * z * (1 + error)


def _elu(z: Array) -> Array:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def _selu(z: Array) -> Array:
    return SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0)))


def _over_last(function: Callable[..., Array], pairwise: Callable[[Any, Any], Array]) -> Callable[..., Array]:
    """max and min: of one vector its largest number, of two elementwise."""
    return lambda a, *b: pairwise(a, *b) if b else function(a, axis=-1, keepdims=True)


NUMBERS: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "matmul": lambda matrix, vector: vector @ matrix.T,
    "sigmoid": _sigmoid,
    "hard_sigmoid": lambda z: np.clip(z / (2 * HARD_REACH) + 0.5, 0, 1),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "relu6": lambda z: np.clip(z, 0, 6),
    "leaky_relu": lambda z: np.where(z > 0, z, LEAK * z),
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "silu": lambda z: z * _sigmoid(z),
    "softplus": lambda z: np.logaddexp(z, 0),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "exp": np.exp,
    "linear": lambda z: z,
    "softmax": _softmax,
    "sqrt": np.sqrt,
    "log": np.log,
    "abs": np.abs,
    "mean": lambda z: z.mean(-1, keepdims=True),
    "sum": lambda z: z.sum(-1, keepdims=True),
    "max": _over_last(np.max, np.maximum),
    "min": _over_last(np.min, np.minimum),
    "concat": lambda *parts: _joined(*parts),
}
"""Operation → what it does with arrays."""

LONGER: Mapping[str, int] = {
    "conv": 100, "concat": 6, "gelu": 6, "sigmoid": 3, "hard_sigmoid": 3, "selu": 3, "silu": 3, "softmax": 3, "mean": 3,
    "relu6": 2, "leaky_relu": 2, "elu": 2, "max": 2, "min": 2,
}  # fmt: skip
"""Operation on a small array → as many additions as take its time, where those are several (measured)."""


def evaluate(expr: Expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression, given that of every name in it. A number stays a float, which fits any dtype."""
    if expr.op == "number":
        return expr.value
    if expr.op == "name":
        return names[expr.name]
    values = [evaluate(arg, names) for arg in expr.args]
    if expr.op == "conv":
        return convolve(values[0], values[1], expr.window)
    return applied(expr.op, values)


def applied(operation: str, values: Sequence[Any]) -> Any:
    """An operation on arrays, or on plain numbers alone, whose result is a plain number."""
    if any(isinstance(value, np.ndarray) for value in values):
        return NUMBERS[operation](*values)
    return float(NUMBERS[operation](*(np.array([value], float) for value in values))[0])


def _joined(*parts: Array) -> Array:
    """One behind the other; weights have no batch axis."""
    whole = np.broadcast_shapes(*(part.shape[:-1] for part in parts))
    return np.concatenate([np.broadcast_to(part, (*whole, part.shape[-1])) for part in parts], -1)
