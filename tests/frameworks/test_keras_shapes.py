"""The table of tests/layers/cases.py is Keras's own."""

from __future__ import annotations

from math import prod
from typing import Any

import keras
import numpy as np
import pytest

from lstmdiag.cells.expr import Expr
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Shape
from tests.layers.cases import CASES, MISFITS, Options

pytestmark = pytest.mark.filterwarnings("ignore")


def made(kind: str, options: Options) -> Any:
    return getattr(keras.layers, kind)(**options)


def inputs(kind: str, shapes: tuple[Shape, ...]) -> Any:
    found = [keras.Input(shape, dtype="int32" if kind == "Embedding" else None) for shape in shapes]
    return found if len(found) > 1 else found[0]


@pytest.mark.parametrize(("kind", "options", "shapes", "gives", "trained", "frozen"), CASES)
def test_shapes_and_counts(
    kind: str, options: Options, shapes: tuple[Shape, ...], gives: Shape, trained: int, frozen: int
) -> None:
    layer = made(kind, options)
    assert layer(inputs(kind, shapes)).shape[1:] == gives
    kept = [weight for weight in layer.non_trainable_weights if "seed" not in weight.path]
    assert [sum(prod(weight.shape) for weight in held) for held in (layer.trainable_weights, kept)] == [trained, frozen]


@pytest.mark.parametrize(("kind", "options", "shapes", "needs"), MISFITS)
def test_misfits(kind: str, options: Options, shapes: tuple[Shape, ...], needs: str) -> None:
    """Some of them Keras sees with numbers only."""
    with pytest.raises((ValueError, TypeError, IndexError)):
        layer = made(kind, options)
        layer(inputs(kind, shapes))
        arrays = [np.zeros((2, *shape)) for shape in shapes]
        layer(arrays if len(arrays) > 1 else arrays[0])


def numbers(expr: Expr, names: dict[str, Any]) -> Any:
    if expr.op == "number":
        return expr.value
    if expr.op == "name":
        return names[expr.name]
    do = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "mean": np.mean, "sqrt": np.sqrt}
    return do[expr.op](*(numbers(arg, names) for arg in expr.args))


@pytest.mark.parametrize("kind", ["LayerNormalization", "BatchNormalization"])
@pytest.mark.parametrize("options", [{}, {"epsilon": 0.5}, {"scale": False}, {"center": False}])
def test_the_equations_give_keras_numbers(kind: str, options: Options) -> None:
    random = np.random.default_rng(3)
    x = random.normal(size=7).astype("float32")
    layer = made(kind, options)
    layer.build((None, 7))
    for weight in layer.weights:
        weight.assign(random.uniform(0.5, 2, size=7))
    names = {"x": x} | {weight.name: np.asarray(weight) for weight in layer.weights}
    row = KINDS[kind]
    assert row.cell is not None
    cell = row.cell(row.options(**options))
    assert set(cell.weights) == set(names) - {"x"}
    for quantity, expr in cell.equations.items():
        names[quantity] = numbers(expr, names)
    np.testing.assert_allclose(names["y"], np.asarray(layer(x[None])[0]), rtol=1e-5, atol=1e-6)


def masked(kind: str, options: Options, many: int) -> tuple[bool, bool]:
    """(does the output carry a mask, do the numbers of steps that are not padded depend on the input's)"""
    tokens = np.array([[1, 2, 3, 0], [3, 1, 0, 0]])
    table = keras.layers.Embedding(5, 4, mask_zero=True)
    seen, plain = table(tokens), np.asarray(table.embeddings)[tokens]
    layer = made(kind, options)
    one, other = (layer([given] * many if many > 1 else given) for given in (seen, plain))
    mask = getattr(one, "_keras_mask", None)
    kept = ... if mask is None else np.asarray(mask)
    return mask is not None, not np.allclose(np.asarray(one)[kept], np.asarray(other)[kept])


PLAIN: dict[str, Options] = {
    "Dense": {"units": 2}, "Dropout": {"rate": 0.5}, "Activation": {"activation": "relu"}, "Masking": {},
    "SpatialDropout1D": {"rate": 0.5}, "Flatten": {}, "Reshape": {"target_shape": [2, 8]}, "Permute": {"dims": [2, 1]},
    "Concatenate": {}, "Add": {}, "Multiply": {}, "Average": {}, "Subtract": {}, "Maximum": {}, "Minimum": {},
    "LayerNormalization": {}, "BatchNormalization": {}, "Conv1D": {"filters": 2, "kernel_size": 2}, "MaxPooling1D": {},
    "AveragePooling1D": {"pool_size": 2}, "GlobalMaxPooling1D": {}, "GlobalAveragePooling1D": {},
    "Attention": {}, "AdditiveAttention": {},
}  # fmt: skip


@pytest.mark.parametrize("kind", PLAIN)
def test_what_becomes_of_a_mask(kind: str) -> None:
    carried, used = masked(kind, PLAIN[kind], KINDS[kind].inputs[0])
    told = KINDS[kind].mask
    if told in ("reads", "query"):
        assert used
    else:
        assert (carried, used) == (told != "ends", False)


@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave", None])
@pytest.mark.parametrize("sequences", [True, False])
def test_two_directions(mode: str | None, sequences: bool) -> None:
    layer = keras.layers.Bidirectional(keras.layers.LSTM(8, return_sequences=sequences), merge_mode=mode)
    found = layer(keras.Input((None, 3)))
    kind = KINDS["Bidirectional"]
    gives = kind.output(kind.options(layer=None, merge_mode=mode), (None, 3), (None, 8) if sequences else (8,))
    assert [tensor.shape[1:] for tensor in (found if mode is None else [found])] == [gives] * (1 if mode else 2)
    assert layer.count_params() == 2 * 4 * 8 * (3 + 8 + 1)
