"""Global poolings: the largest or the mean of each feature, over all steps.

Keras's GlobalAveragePooling1D leaves padded steps out of its mean; GlobalMaxPooling1D loses the mask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lstmdiag.layers.kind import Flag, Kind, MaskRule, Options, Shape
from lstmdiag.layers.reads import ALL, OWN, Reads
from lstmdiag.layers.shapes import needs_sequence
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class GlobalPoolingOptions(Options):
    keepdims: Flag = Field(False, description="Whether a time axis of one step stays.")
    data_format: Literal["channels_last"] | None = Field(None, description="Features are the last axis.")


def overall(options: GlobalPoolingOptions, shape: Shape) -> Shape:
    """(steps, features) → (features,)."""
    needs_sequence(shape)
    return (1, shape[1]) if options.keepdims else (shape[1],)


def reads(options: GlobalPoolingOptions, axis: int, *shapes: Shape) -> tuple[Reads, ...]:
    """Every feature its own; along time, where an axis of it stays, all."""
    return (ALL if axis == 0 and options.keepdims else OWN,)


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


def overall_work(options: GlobalPoolingOptions, shape: Shape, out: Shape) -> Work:
    """One operation for each number that comes in."""
    return Work({}, {("steps", "features"): 1}, {"steps": shape[0], "features": shape[-1]})


def _kind(name: str, summary: str, numbers: Callable[..., Array], **more: Any) -> Kind:
    return Kind(
        name=name, options=GlobalPoolingOptions, summary=summary, output=overall, numbers=numbers,
        work=overall_work, sequence=True, reads=reads, **more,
    )  # fmt: skip


MAX = _kind(
    "GlobalMaxPooling1D", "The largest of all steps, for each feature.", largest_of_all,
    over_steps="the largest of all steps", mask="ends",
)  # fmt: skip
AVERAGE = _kind(
    "GlobalAveragePooling1D", "The mean of all steps, for each feature.", mean_of_all,
    over_steps="the mean of all steps", mask="reads",
    takes=MaskRule("a mask (steps,)", lambda x, mask: len(mask) == 1),
)  # fmt: skip
