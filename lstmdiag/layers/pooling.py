"""Poolings: the largest or the mean of each feature, over a few neighbouring steps or over all of them.

Keras's GlobalAveragePooling1D leaves padded steps out of its mean; the others lose the mask.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lstmdiag.layers.kind import Flag, Kind, Mask, Options, Shape, Size, needs_sequence
from lstmdiag.layers.window import Window


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


def overall(options: GlobalPoolingOptions, shape: Shape) -> Shape:
    """(steps, features) → (features,)."""
    needs_sequence(shape)
    return (1, shape[1]) if options.keepdims else (shape[1],)


def _local(name: str, options: type[Options], summary: str) -> Kind:
    return Kind(
        name=name, options=options, first="pool_size", summary=summary, output=output, across_time=True, mask="ends",
        window=window,
    )  # fmt: skip


def _global(name: str, summary: str, mask: Mask) -> Kind:
    options = GlobalPoolingOptions
    return Kind(name=name, options=options, summary=summary, output=overall, across_time=True, mask=mask)


MAX = _local("MaxPooling1D", MaxPooling1DOptions, "The largest of a few neighbouring steps, for each feature.")
AVERAGE = _local("AveragePooling1D", AveragePooling1DOptions, "The mean of a few neighbouring steps, for each feature.")
GLOBAL_MAX = _global("GlobalMaxPooling1D", "The largest of all steps, for each feature.", "ends")
GLOBAL_AVERAGE = _global("GlobalAveragePooling1D", "The mean of all steps, for each feature.", "reads")
