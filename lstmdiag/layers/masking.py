"""Masking: steps whose numbers all equal `mask_value` are padding, which layers behind it leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class MaskingOptions(Options):
    mask_value: Number = Field(0.0, description="The number that fills a padded step.")


def output(options: MaskingOptions, shape: Shape) -> Shape:
    return shape


def padding(options: MaskingOptions) -> str:
    return f"a step whose numbers are all {options.mask_value:g}" if options.mask_value else "a step of zeros"


def counting(options: MaskingOptions, inputs: Arrays) -> Array:
    """(N, ..., features) → (N, ...), true where a step counts."""
    return (inputs[0] != options.mask_value).any(-1)


def numbers(options: MaskingOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """Keras fills the steps that it masks with zeros, whatever they held."""
    import numpy as np

    return np.where(counting(options, inputs)[..., None], inputs[0], 0)


KIND = Kind(
    name="Masking",
    options=MaskingOptions,
    first="mask_value",
    summary="Marks padded steps, which layers behind it leave out.",
    sentence="marks the padded steps",
    padding=padding,
    output=output,
    copies=True,
    sequence=True,
    mask="makes",
    counting=counting,
    filler=lambda options: options.mask_value,
    numbers=numbers,
)
