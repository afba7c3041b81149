"""Poolings: the largest or the mean of each feature, over a few neighbouring steps or over all of them.

Keras's GlobalAveragePooling1D leaves padded steps out of its mean; the others lose the mask.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lstmdiag.layers.convolution import padded, windows
from lstmdiag.layers.kind import Flag, Kind, MaskRule, Options, Shape, Size, needs_sequence
from lstmdiag.layers.reads import ALL
from lstmdiag.layers.window import Window
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


class GlobalPoolingOptions(Options):
    keepdims: Flag = Field(False, description="Whether a time axis of one step stays.")
    data_format: Literal["channels_last"] | None = Field(None, description="Features are the last axis.")


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


def largest_of_all(options: GlobalPoolingOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, steps, features) → (N, features), or (N, 1, features) with keepdims."""
    return inputs[0].max(1, keepdims=options.keepdims)


def mean_of_all(options: GlobalPoolingOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, steps, features) → (N, features), or (N, 1, features) with keepdims; masked steps do not count."""
    x, mask = inputs[0], masks[0]
    if mask is None:
        return x.mean(1, keepdims=options.keepdims)
    real = mask[..., None].astype(x.dtype)
    return (x * real).sum(1, keepdims=options.keepdims) / real.sum(1, keepdims=options.keepdims)


def work(options: MaxPooling1DOptions | AveragePooling1DOptions, shape: Shape, out: Shape) -> Work:
    """One operation for each number that a window reads."""
    sizes = {"pool_size": options.pool_size, "features": shape[-1]}
    return Work({}, {("pool_size", "features"): 1}, sizes, out[0])


def overall_work(options: GlobalPoolingOptions, shape: Shape, out: Shape) -> Work:
    """One operation for each number that comes in."""
    return Work({}, {("steps", "features"): 1}, {"steps": shape[0], "features": shape[-1]})


def overall(options: GlobalPoolingOptions, shape: Shape) -> Shape:
    """(steps, features) → (features,)."""
    needs_sequence(shape)
    return (1, shape[1]) if options.keepdims else (shape[1],)


def _local(name: str, options: type[Options], summary: str, numbers: Callable[..., Array]) -> Kind:
    return Kind(
        name=name, options=options, first="pool_size", summary=summary, output=output, numbers=numbers, window=window,
        work=work, sequence=True, mask="ends",
    )  # fmt: skip


def _global(name: str, summary: str, numbers: Callable[..., Array], **more: Any) -> Kind:
    return Kind(
        name=name, options=GlobalPoolingOptions, summary=summary, output=overall, numbers=numbers,
        work=overall_work, sequence=True, reads=lambda *_: (ALL,), **more,
    )  # fmt: skip


MAX = _local("MaxPooling1D", MaxPooling1DOptions, "The largest of a few neighbouring steps, for each feature.", largest)
AVERAGE = _local(
    "AveragePooling1D", AveragePooling1DOptions, "The mean of a few neighbouring steps, for each feature.", mean
)
GLOBAL_MAX = _global(
    "GlobalMaxPooling1D", "The largest of all steps, for each feature.", largest_of_all,
    over_steps="the largest of all steps", mask="ends",
)  # fmt: skip
GLOBAL_AVERAGE = _global(
    "GlobalAveragePooling1D", "The mean of all steps, for each feature.", mean_of_all,
    over_steps="the mean of all steps", mask="reads",
    takes=MaskRule("a mask (steps,)", lambda x, mask: len(mask) == 1),
)  # fmt: skip
