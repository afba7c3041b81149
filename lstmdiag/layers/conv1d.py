"""Conv1D: the same weighted sum of `kernel_size` neighbouring steps, all along the sequence.

y[t] = activation(Σ_k W[:, :, k] @ x[t·strides + k·dilation_rate − padding] + b), a cross-correlation, as Keras and
PyTorch compute it. W is (filters, features, kernel_size), as PyTorch and ONNX store it. A group of filters reads its
own share of the features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lstmdiag.cells.cell import Dims
from lstmdiag.cells.counts import Terms
from lstmdiag.layers.kind import Activation, Flag, Keras, Kind, Options, Shape, ShapeMisfit, Size
from lstmdiag.layers.reads import Grouped, Reads
from lstmdiag.layers.shapes import needs_features, needs_sequence
from lstmdiag.layers.window import Window, padded, windows
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class Conv1DOptions(Options):
    filters: Size = Field(description="How many numbers come out at each step.")
    kernel_size: Size = Field(description="How many steps each of them reads.")
    strides: Size = Field(1, description="How many steps it moves on from one output to the next.")
    padding: Literal["valid", "same", "causal"] = Field(
        "valid", description="What it reads beyond the ends: nothing, zeros on both sides, zeros before the start."
    )
    dilation_rate: Size = Field(1, description="How far apart the steps are that it reads.")
    groups: Size = Field(1, description="Into how many groups features and filters are divided.")
    activation: Activation | None = Field("linear", description="The function on the result.")
    use_bias: Flag = Field(True, description="Whether b is added.")
    data_format: Literal["channels_last"] | None = Field(None, description="Features are the last axis.")
    kernel_initializer: Keras = None
    bias_initializer: Keras = None
    kernel_regularizer: Keras = None
    bias_regularizer: Keras = None
    activity_regularizer: Keras = None
    kernel_constraint: Keras = None
    bias_constraint: Keras = None


def output(options: Conv1DOptions, shape: Shape) -> Shape:
    """(steps, features) → (fewer steps, filters)."""
    needs_sequence(shape)
    features, groups = needs_features(shape), options.groups
    if options.strides > 1 and options.dilation_rate > 1:
        raise ShapeMisfit("needs strides of 1 or a dilation_rate of 1")
    if options.filters % groups or features % groups:
        raise ShapeMisfit(f"needs features and filters that can be divided by groups, {groups}")
    return (window(options).fits(shape[0]), options.filters)


def window(options: Conv1DOptions) -> Window:
    """Over the steps of the input."""
    return Window(options.kernel_size, options.strides, options.dilation_rate, options.padding)


def reads(options: Conv1DOptions, axis: int, shape: Shape, out: Shape) -> tuple[Reads, ...]:
    """A window of steps, and all features of a filter's group."""
    groups = options.groups
    return (Grouped(needs_features(shape) // groups, options.filters // groups) if axis else window(options),)


def sizes(options: Conv1DOptions, shape: Shape) -> dict[str, int]:
    features = needs_features(shape)
    return {
        "filters": options.filters, "features": features, "features_per_group": features // options.groups,
        "kernel_size": options.kernel_size,
    }  # fmt: skip


def weights(options: Conv1DOptions) -> dict[str, Dims]:
    kernel = ("filters", "features" if options.groups == 1 else "features_per_group", "kernel_size")
    return {"W": kernel, "b": ("filters",)} if options.use_bias else {"W": kernel}


def work(options: Conv1DOptions, shape: Shape, out: Shape) -> Work:
    """Every place that comes out is one product with the kernel."""
    squash = options.activation not in (None, "linear")
    others: Terms = {("filters",): options.use_bias + squash} if options.use_bias or squash else {}
    return Work({weights(options)["W"]: 1}, others, sizes(options, shape), out[0])


def numbers(options: Conv1DOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, steps, features) → (N, fewer steps, filters): the sum in the formula above, group by group."""
    import numpy as np

    from lstmdiag.cells.numbers import NUMBERS

    over, groups = window(options), options.groups
    read = np.split(windows(padded(inputs[0], over), over), groups, axis=2)
    kernels = np.split(weights["W"], groups)  # (filters, features per group, kernel_size)
    parts = [np.einsum("ntfk,ofk->nto", *both) for both in zip(read, kernels, strict=True)]
    found = np.concatenate(parts, axis=-1) + weights.get("b", 0)
    return np.asarray(NUMBERS[options.activation or "linear"](found))


KIND = Kind(
    name="Conv1D",
    options=Conv1DOptions,
    first="filters",
    summary="The same weighted sum of neighbouring steps, all along the sequence.",
    output=output,
    numbers=numbers,
    function=lambda options: options.activation or "linear",
    work=work,
    sizes=sizes,
    weights=weights,
    uses=lambda options, *shapes: shapes[-1][0],  # once per step that comes out
    sequence=True,
    windows=lambda options: {0: window(options)},
    reads=reads,
    mask="ends",
)
