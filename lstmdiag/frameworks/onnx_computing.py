"""ONNX operators that compute, as NumPy. What has no row here is told, never passed over.

https://onnx.ai/onnx/operators
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import erf, pi, sqrt
from typing import Any

import numpy as np

from lstmdiag.cells.padding import same
from lstmdiag.frameworks.onnx_moving import Call, NotKnown, Operator
from lstmdiag.frameworks.values import Values


def _each(function: Callable[..., Any], **defaults: float) -> Operator:
    """Of one input, number by number, with attributes."""

    def apply(call: Call) -> Values:
        return np.asarray(function(call.x, *(call.attributes.get(name, each) for name, each in defaults.items())))

    return apply


def _pairs(function: Callable[[Any, Any], Any]) -> Operator:
    """Of two or more inputs, which are made one shape."""

    def apply(call: Call) -> Values:
        given = [each for each in call.inputs if each is not None]
        call.allowed(np.broadcast_shapes(*(each.shape for each in given)))
        return np.asarray(reduce(function, given))

    return apply


def _sigmoid(x: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-x)))


def _divided(a: Values, b: Values) -> Values:
    return a / b if "f" in (a.dtype.kind, b.dtype.kind) else np.trunc(a / b).astype(int)


def _powered(a: Values, b: Values) -> Values:
    return np.power(a.astype(float), b) if a.dtype.kind in "iu" and (b < 0).any() else np.power(a, b)


def _error(x: Values) -> Values:
    return np.asarray(np.vectorize(erf, otypes=[float])(x))


def _gelu(call: Call) -> Values:
    x = call.x
    if call.attributes.get("approximate", "none") == "tanh":
        return np.asarray(0.5 * x * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))))
    return np.asarray(0.5 * x * (1 + _error(x / sqrt(2))))


def _elu(x: Values, alpha: float) -> Values:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _clip(call: Call) -> Values:
    low, high = (
        call.attributes.get(name, None) if call.get(place) is None else call[place]
        for place, name in ((1, "min"), (2, "max"))
    )
    made = call.x if low is None else np.maximum(call.x, low)
    return np.asarray(made if high is None else np.minimum(made, high))


def _softmax(x: Values) -> Values:
    raised = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))


def _along(function: Callable[[Values], Values]) -> Operator:
    """Along one axis; before opset 13 along all from that axis on."""

    def apply(call: Call) -> Values:
        x, axis = call.x, call.attributes.get("axis", 1 if call.opset < 13 else -1)
        if call.opset < 13:
            return function(x.reshape(*x.shape[:axis], -1)).reshape(x.shape)
        return np.moveaxis(function(np.moveaxis(x, axis, -1)), -1, axis)

    return apply


def _reduced(function: Callable[..., Any]) -> Operator:
    def apply(call: Call) -> Values:
        axes, kept = call.whole(1, "axes"), bool(call.attributes.get("keepdims", 1))
        if not axes and call.attributes.get("noop_with_empty_axes"):
            return call.x
        return np.asarray(function(call.x, axis=axes or None, keepdims=kept))

    return apply


def _place(function: Callable[..., Any]) -> Operator:
    def apply(call: Call) -> Values:
        if call.attributes.get("select_last_index"):
            raise NotKnown
        axis, kept = call.attributes.get("axis", 0), bool(call.attributes.get("keepdims", 1))
        return np.asarray(function(call.x, axis=axis, keepdims=kept))

    return apply


def _matmul(call: Call) -> Values:
    a, b = call.x, call[1]
    rows, columns = a.shape[-2:-1], b.shape[-1:] if b.ndim > 1 else ()
    call.allowed([*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *rows, *columns])
    return np.asarray(a @ b)


def _gemm(call: Call) -> Values:
    told = call.attributes
    a, b = call.x.T if told.get("transA") else call.x, call[1].T if told.get("transB") else call[1]
    call.allowed([a.shape[0], b.shape[1]])
    made = told.get("alpha", 1.0) * (a @ b)
    return np.asarray(made if call.get(2) is None else made + told.get("beta", 1.0) * call[2])


def _einsum(call: Call) -> Values:
    given = [each for each in call.inputs if each is not None]
    text = call.attributes["equation"].replace(" ", "")
    if "..." in text or "->" not in text:
        raise NotKnown
    terms, _, wanted = text.partition("->")
    sizes = {letter: size for term, each in zip(terms.split(","), given, strict=True)
             for letter, size in zip(term, each.shape, strict=True)}  # fmt: skip
    call.allowed(sizes[letter] for letter in wanted)
    return np.asarray(np.einsum(text, *given, optimize=True))


def _window(call: Call, kernel: Sequence[int], filler: float) -> Values:
    """(N, features, ...) → (N, features, places ..., kernel ...), with what padding adds at the ends."""
    told, spaces = call.attributes, len(kernel)
    strides, dilations = (tuple(told.get(name, (1,) * spaces)) for name in ("strides", "dilations"))
    pads, auto = tuple(told.get("pads", (0,) * 2 * spaces)), told.get("auto_pad", "NOTSET")
    ends, at = [(0, 0), (0, 0)], []
    reaches = [(size - 1) * apart + 1 for size, apart in zip(kernel, dilations, strict=True)]
    for place, (size, reach, step) in enumerate(zip(call.x.shape[2:], reaches, strides, strict=True)):
        before, after = pads[place], pads[place + spaces]
        if auto in ("SAME_UPPER", "SAME_LOWER"):
            small, large = same(size, reach, step)
            before, after = (small, large) if auto == "SAME_UPPER" else (large, small)
        if told.get("ceil_mode"):
            after += -(size + before + after - reach) % step
        ends.append((before, after))
        at.append(slice(None, None, step))
    call.allowed(size + a + b for size, (a, b) in zip(call.x.shape, ends, strict=True))
    padded = np.pad(call.x, ends, constant_values=filler)
    axes = tuple(range(2, 2 + spaces))
    seen = np.lib.stride_tricks.sliding_window_view(padded, reaches, axis=axes)
    found = seen[(slice(None), slice(None), *at, *(slice(None, None, apart) for apart in dilations))]
    call.allowed(found.shape)
    return found


def _conv(call: Call) -> Values:
    kernel, groups = call[1], call.attributes.get("group", 1)
    spaces = kernel.ndim - 2
    windows = _window(call, kernel.shape[2:], 0.0)
    places, last = windows.shape[2 : 2 + spaces], tuple(range(-spaces, 0))
    parts = [
        np.tensordot(share, part, axes=((1, *last), (1, *range(2, 2 + spaces))))
        for share, part in zip(np.split(windows, groups, 1), np.split(kernel, groups), strict=True)
    ]
    made = np.moveaxis(np.concatenate(parts, -1), -1, 1)
    assert made.shape[2:] == places
    return made if call.get(2) is None else made + call[2].reshape(-1, *[1] * spaces)


def _pool(function: Callable[..., Any], filler: float) -> Operator:
    def apply(call: Call) -> Values:
        kernel = tuple(call.attributes["kernel_shape"])
        last = tuple(range(-len(kernel), 0))
        if call.outputs > 1:
            raise NotKnown
        windows = _window(call, kernel, filler)
        if filler or call.attributes.get("count_include_pad"):
            return np.asarray(function(windows, axis=last))
        ones = Call((np.ones_like(call.x),), call.attributes, call.opset, 1, call.most)
        return np.asarray(windows.sum(last) / _window(ones, kernel, 0.0).sum(last))

    return apply


def _batch(call: Call) -> Values:
    if call.attributes.get("training_mode"):
        raise NotKnown
    scale, offset, mean, variance = (call[n].reshape(-1, *[1] * (call.x.ndim - 2)) for n in range(1, 5))
    return np.asarray((call.x - mean) / np.sqrt(variance + call.attributes.get("epsilon", 1e-5)) * scale + offset)


def _layer(call: Call) -> list[Values]:
    axis = call.attributes.get("axis", -1)
    axes = tuple(range(axis % call.x.ndim, call.x.ndim))
    mean = call.x.mean(axes, keepdims=True)
    spread = 1 / np.sqrt(((call.x - mean) ** 2).mean(axes, keepdims=True) + call.attributes.get("epsilon", 1e-5))
    made = (call.x - mean) * spread * call[1]
    return [made if call.get(2) is None else made + call[2], mean, spread]


def _summed(call: Call) -> Values:
    if call.attributes.get("exclusive") or call.attributes.get("reverse"):
        raise NotKnown
    return np.asarray(np.cumsum(call.x, int(call[1].reshape(-1)[0])))


def _mean(call: Call) -> Values:
    return np.asarray(_pairs(np.add)(call)) / len(call.inputs)


def _spaces(x: Values) -> tuple[int, ...]:
    return tuple(range(2, x.ndim))


COMPUTING: Mapping[str, Operator] = {
    "Add": _pairs(np.add), "Sub": _pairs(np.subtract), "Mul": _pairs(np.multiply), "Div": _pairs(_divided),
    "Pow": _pairs(_powered), "Sum": _pairs(np.add), "Max": _pairs(np.maximum), "Min": _pairs(np.minimum),
    "Mean": _mean, "Mod": _pairs(np.mod), "PRelu": _pairs(lambda x, slope: np.where(x < 0, slope * x, x)),
    "Equal": _pairs(np.equal), "Greater": _pairs(np.greater), "GreaterOrEqual": _pairs(np.greater_equal),
    "Less": _pairs(np.less), "LessOrEqual": _pairs(np.less_equal), "And": _pairs(np.logical_and),
    "Or": _pairs(np.logical_or), "Xor": _pairs(np.logical_xor), "Not": _each(np.logical_not),
    "Neg": _each(np.negative), "Abs": _each(np.abs), "Sqrt": _each(np.sqrt), "Exp": _each(np.exp),
    "Log": _each(np.log), "Erf": _each(_error), "Reciprocal": _each(lambda x: 1 / x), "Floor": _each(np.floor),
    "Ceil": _each(np.ceil), "Round": _each(np.round), "Sign": _each(np.sign), "Sin": _each(np.sin),
    "Cos": _each(np.cos), "IsNaN": _each(np.isnan),
    "Tanh": _each(np.tanh), "Sigmoid": _each(_sigmoid), "Relu": _each(lambda x: np.maximum(x, 0)), "Gelu": _gelu,
    "LeakyRelu": _each(lambda x, alpha: np.where(x < 0, alpha * x, x), alpha=0.01), "Elu": _each(_elu, alpha=1.0),
    "Celu": _each(lambda x, alpha: np.maximum(x, 0) + np.minimum(0, alpha * np.expm1(x / alpha)), alpha=1.0),
    "Selu": _each(lambda x, alpha, gamma: gamma * _elu(x, alpha), alpha=1.67326319217681884765625,
                  gamma=1.05070102214813232421875),
    "HardSigmoid": _each(lambda x, alpha, beta: np.clip(alpha * x + beta, 0, 1), alpha=0.2, beta=0.5),
    "HardSwish": _each(lambda x: x * np.clip(x / 6 + 0.5, 0, 1)), "Softsign": _each(lambda x: x / (1 + np.abs(x))),
    "Softplus": _each(lambda x: np.logaddexp(x, 0)), "Mish": _each(lambda x: x * np.tanh(np.logaddexp(x, 0))),
    "Swish": _each(lambda x, alpha: x * _sigmoid(alpha * x), alpha=1.0),
    "ThresholdedRelu": _each(lambda x, alpha: np.where(x > alpha, x, 0), alpha=1.0), "Clip": _clip,
    "Softmax": _along(_softmax), "LogSoftmax": _along(lambda x: np.log(_softmax(x))), "CumSum": _summed,
    "ReduceSum": _reduced(np.sum), "ReduceMean": _reduced(np.mean), "ReduceMax": _reduced(np.max),
    "ReduceMin": _reduced(np.min), "ReduceProd": _reduced(np.prod), "ReduceL1": _reduced(
        lambda x, **how: np.abs(x).sum(**how)), "ReduceL2": _reduced(lambda x, **how: np.sqrt((x * x).sum(**how))),
    "ReduceSumSquare": _reduced(lambda x, **how: (x * x).sum(**how)), "ArgMax": _place(np.argmax),
    "ArgMin": _place(np.argmin), "MatMul": _matmul, "Gemm": _gemm, "Einsum": _einsum, "Conv": _conv,
    "MaxPool": _pool(np.max, -np.inf), "AveragePool": _pool(np.mean, 0.0),
    "GlobalMaxPool": lambda call: call.x.max(_spaces(call.x), keepdims=True),
    "GlobalAveragePool": lambda call: call.x.mean(_spaces(call.x), keepdims=True),
    "BatchNormalization": _batch, "LayerNormalization": _layer,
}  # fmt: skip
"""Operator → what it computes of arrays."""

PIECEWISE = frozenset({"Relu", "LeakyRelu", "PRelu", "ThresholdedRelu", "Elu", "Celu", "Clip", "Abs", "Max", "Min",
                       "Round", "Floor", "Ceil"})  # fmt: skip
"""Those that leave some numbers as they are, so that numbers alone may not show them."""
