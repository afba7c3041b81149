"""The equations give the numbers of Keras and PyTorch, with weights at random: gate orders, biases, kernels."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch

from lstmdiag.cells.convolution import convolve
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.shapes import size
from lstmdiag.frameworks import FRAMEWORKS
from lstmdiag.frameworks.storage import ArrayLayout
from lstmdiag.layers import KINDS
from tests.layers.cases import Options

pytestmark = pytest.mark.filterwarnings("ignore")

DO = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "matmul": lambda matrix, vector: vector @ matrix.T,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}


def value(expr: Expr, names: dict[str, Any]) -> Any:
    if expr.op == "number":
        return expr.value
    if expr.op == "name":
        return names[expr.name]
    args = [value(arg, names) for arg in expr.args]
    return convolve(args[0], args[1], expr.window) if expr.op == "conv" else DO[expr.op](*args)


def unpacked(array: ArrayLayout, stored: Any, shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """A stored array → the mathematical weights in it."""
    own = [name for name in array.own if name in shapes]
    blocks = [name for name in (*array.blocks, *(own or array.second)) if name in shapes]
    if array.axes:
        stored = stored.transpose(np.argsort(array.axes))
    elif array.transposed:
        stored = stored.T
    pieces = np.split(stored.reshape(-1, *shapes[blocks[0]][1:]), len(blocks))
    return dict(zip(blocks, pieces, strict=True))


def run(kind: str, options: Options, held: dict[str, Any], arrays: tuple[ArrayLayout, ...], x: Any) -> Any:
    """h at every step, from the equations and the arrays that a framework stores."""
    row = KINDS[kind]
    chosen = row.options(**options)
    assert row.cell and row.sizes
    cell, sizes = row.cell(chosen), row.sizes(chosen, x.shape[1:])
    shapes = {name: size(dims, sizes) for name, dims in cell.weights.items()}
    names: dict[str, Any] = {}
    for array in arrays:
        if array.name in held:
            for name, piece in unpacked(array, held[array.name], shapes).items():
                names[name] = names[name] + piece if name in names else piece
    assert {name: found.shape for name, found in names.items()} == shapes
    for state, dims in cell.state.items():
        names[f"{state}_prev"] = np.zeros((len(x), *size(dims, sizes)))
    steps = []
    for step in range(x.shape[1]):
        names["x"] = x[:, step]
        for quantity, expr in cell.equations.items():
            names[quantity] = value(expr, names)
        names |= {f"{state}_prev": names[state] for state in cell.state}
        steps.append(names["h"])
    return np.stack(steps, 1)


MAPS = (4, 7, 6, 3)


@pytest.mark.parametrize(
    ("kind", "options", "shape"),
    [
        ("LSTM", {"units": 5}, (4, 3)),
        ("LSTM", {"units": 5, "activation": "relu", "use_bias": False}, (4, 3)),
        ("GRU", {"units": 5}, (4, 3)),
        ("GRU", {"units": 5, "reset_after": False}, (4, 3)),
        ("GRU", {"units": 5, "use_bias": False, "activation": "relu"}, (4, 3)),
        ("SimpleRNN", {"units": 5}, (4, 3)),
        ("ConvLSTM2D", {"filters": 5, "kernel_size": 3}, MAPS),
        ("ConvLSTM2D", {"filters": 5, "kernel_size": [3, 2], "padding": "same"}, MAPS),
        ("ConvLSTM2D", {"filters": 5, "kernel_size": [2, 3], "padding": "same", "strides": [2, 3]}, MAPS),
        ("ConvLSTM2D", {"filters": 5, "kernel_size": 2, "strides": [1, 2], "use_bias": False}, MAPS),
        ("ConvLSTM2D", {"filters": 5, "kernel_size": [2, 3], "dilation_rate": [3, 2]}, MAPS),
        ("ConvLSTM2D", {"filters": 5, "kernel_size": 2, "dilation_rate": [1, 3], "padding": "same"}, MAPS),
    ],
)
def test_the_equations_give_keras_numbers(kind: str, options: Options, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(7)
    layer = getattr(keras.layers, kind)(**options, return_sequences=True)
    x = random.normal(size=(2, *shape)).astype("float32")
    layer(x)
    held = {weight.name: weight for weight in layer.weights if "seed" not in weight.path}
    for weight in held.values():
        weight.assign(random.uniform(-0.5, 0.5, size=weight.shape))
    found = run(kind, options, {n: np.asarray(w) for n, w in held.items()}, FRAMEWORKS["keras"].rows[kind].arrays, x)
    assert np.allclose(found, np.asarray(layer(x)), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "options", "given"),
    [
        ("LSTM", {"units": 5}, {}),
        ("LSTM", {"units": 5, "projection": 2}, {"proj_size": 2}),
        ("LSTM", {"units": 5, "projection": 2, "use_bias": False}, {"proj_size": 2, "bias": False}),
        ("GRU", {"units": 5}, {}),
        ("SimpleRNN", {"units": 5, "activation": "relu"}, {"nonlinearity": "relu"}),
    ],
)
def test_the_equations_give_pytorch_numbers(kind: str, options: Options, given: dict[str, Any]) -> None:
    torch.manual_seed(7)
    row = FRAMEWORKS["pytorch"].rows[kind]
    layer = getattr(torch.nn, row.call.removeprefix("torch.nn."))(3, 5, batch_first=True, **given)
    x = torch.randn(2, 4, 3)
    held = {name: weight.detach().numpy() for name, weight in layer.named_parameters()}
    assert np.allclose(run(kind, options, held, row.arrays, x.numpy()), layer(x)[0].detach().numpy(), atol=1e-5)
