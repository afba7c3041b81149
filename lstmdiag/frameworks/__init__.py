"""Conventions of Keras, PyTorch and ONNX, one file of data each: gate order, orientation, biases, names.

To add a kind of layer: a row in each file. A kind without a row is one of which lstmdiag knows nothing there. A cell of
the user's own has no row: no framework has a convention for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.cells.counts import Terms, known_sum
from lstmdiag.frameworks.framework import Framework, Stack
from lstmdiag.frameworks.keras import KERAS
from lstmdiag.frameworks.onnx import ONNX
from lstmdiag.frameworks.packing import Packing, Stored, added, both_ways, stored
from lstmdiag.frameworks.pytorch import PYTORCH
from lstmdiag.layer import Layer, inside
from lstmdiag.layers.kind import written
from lstmdiag.model import Model

FRAMEWORKS: Mapping[str, Framework] = {each.key: each for each in (KERAS, PYTORCH, ONNX)}
"""The table of frameworks, in the order of columns. To add one: a file here, a row above."""


def source_text(model: Model, framework: str) -> str | None:
    """Source text of the model in this framework; None where lstmdiag writes none."""
    write = FRAMEWORKS[framework].source
    return None if write is None else write(model)


def stacks(model: Model, framework: str) -> tuple[Stack, ...]:
    """The recurrent layers of the model that this framework makes as one."""
    find = FRAMEWORKS[framework].stacks
    return () if find is None else find(model)


def packing(layer: Layer, framework: str) -> Packing | None:
    """The row for the layer whose equations run (a wrapper's inner one); None where there is no convention."""
    return FRAMEWORKS[framework].rows.get(layer.maths.kind)


def unknown_kind(layer: Layer, framework: str) -> str:
    """The kind of the layer, or of one inside it, that has no row; "" where all have one."""
    kinds = (each.kind for each in (layer, *inside(layer)))
    return next((kind for kind in kinds if kind not in FRAMEWORKS[framework].rows), "")


def arrays(layer: Layer, framework: str) -> tuple[Stored, ...] | None:
    """What the framework stores for this layer, nothing where another layer's weights are used.

    None where there is no convention, or none is known.
    """
    if layer.shared or not layer.weights:
        return ()
    if layer.inner and not layer.backward:
        return arrays(layer.inner, framework)
    row, wrapper = packing(layer, framework), FRAMEWORKS[framework].rows.get(layer.kind)
    if row is None or wrapper is None or not row.arrays:
        return None
    if layer.inner and layer.backward:
        return both_ways(layer.inner, layer.backward, row, wrapper)
    return stored(layer, row)


def terms(layer: Layer, framework: str) -> Terms | None:
    """The framework's parameters of this layer, as products of sizes."""
    held = arrays(layer, framework)
    return None if held is None else added(array.terms for array in held if not array.array.buffer)


def count(layer: Layer, framework: str) -> int | None:
    """The framework's parameters of this layer; None where there is no convention."""
    held = arrays(layer, framework)
    return None if held is None else sum(array.count for array in held)


def total(model: Model, framework: str) -> int | None:
    """The model's parameters under the framework's conventions; None where one layer has none."""
    return known_sum(count(layer, framework) for layer in model.layers)


def lacks(layer: Layer, framework: str) -> tuple[tuple[str, str], ...]:
    """(option, value) pairs that the framework's own layer cannot have: LSTM in PyTorch has no relu.

    A value that is no function's name is shown with its option: `projection=7`.
    """
    row = packing(layer, framework)
    if row is None:
        return ()
    options = layer.maths.options
    chosen = [(option, getattr(options, option)) for option in row.functions]
    return tuple(
        (option, value if isinstance(value, str) else f"{option}={value}")
        for option, value in chosen
        if value is not None and value not in row.functions[option]
    )


def unstored(layer: Layer, framework: str) -> tuple[tuple[str, str, str], ...]:
    """What the layer has that no layer of the framework with such weights has: (option, its value, those that can be).

    Of PyTorch's weights, an LSTM has tanh and sigmoid, whatever the spec says.
    """
    row = packing(layer, framework)
    if row is None:
        return ()
    options = layer.maths.options
    return tuple(
        (option, written(getattr(options, option)), " or ".join(sorted(map(written, can))))
        for option, can in {**row.functions, **row.stored_with}.items()
        if getattr(options, option) is not None and getattr(options, option) not in can
    )
