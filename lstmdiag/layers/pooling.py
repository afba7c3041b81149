"""Poolings: the largest or the mean of each feature, over a few neighbouring steps. Keras loses the mask here."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape, Size
from lstmdiag.layers.shapes import needs_sequence
from lstmdiag.layers.window import Window, padded, windows
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class _PoolingOptions(Options):
    strides: Size | None = Field(None, description="How many steps it moves on; by default pool_size.")
    padding: Literal["valid", "same"] = Field("valid", description="Whether the last few steps count as well.")
    data_format: Literal["channels_last"] | None = Field(None, description="Features are the last axis.")


class MaxPooling1DOptions(_PoolingOptions):
    pool_size: Size = Field(2, description="Over how many steps.")


class AveragePooling1DOptions(_PoolingOptions):
    pool_size: Size = Field(description="Over how many steps.")


def output(options: MaxPooling1DOptions | AveragePooling1DOptions, shape: Shape) -> Shape:
    """(steps, features) → (fewer steps, features)."""
    needs_sequence(shape)
    return (window(options).fits(shape[0]), shape[1])


def window(options: MaxPooling1DOptions | AveragePooling1DOptions) -> Window:
    """Pools stand side by side where nothing else is said."""
    return Window(options.pool_size, options.strides or options.pool_size, padding=options.padding)


def largest(options: MaxPooling1DOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, steps, features) → (N, fewer steps, features); steps that padding adds are never the largest."""
    over = window(options)
    return windows(padded(inputs[0], over, -inf), over).max(-1)


def mean(options: AveragePooling1DOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """Steps that padding adds are no part of the mean."""
    import numpy as np

    over, ones = window(options), np.ones_like(inputs[0][:1])
    sums, counts = (windows(padded(each, over), over).sum(-1) for each in (inputs[0], ones))
    return np.asarray(sums / counts)


def work(options: MaxPooling1DOptions | AveragePooling1DOptions, shape: Shape, out: Shape) -> Work:
    """One operation for each number that a window reads."""
    sizes = {"pool_size": options.pool_size, "features": shape[-1]}
    return Work({}, {("pool_size", "features"): 1}, sizes, out[0])


def _kind(name: str, options: type[Options], summary: str, numbers: Callable[..., Array]) -> Kind:
    return Kind(
        name=name, options=options, first="pool_size", summary=summary, output=output, numbers=numbers,
        windows=lambda options: {0: window(options)}, work=work, sequence=True, mask="ends",
    )  # fmt: skip


MAX = _kind("MaxPooling1D", MaxPooling1DOptions, "The largest of a few neighbouring steps, for each feature.", largest)
AVERAGE = _kind(
    "AveragePooling1D", AveragePooling1DOptions, "The mean of a few neighbouring steps, for each feature.", mean
)
