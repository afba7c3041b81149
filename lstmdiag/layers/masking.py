"""Masking: steps whose numbers all equal `mask_value` are padding, which layers behind it leave out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class MaskingOptions(Options):
    mask_value: Number = Field(0.0, description="The number that fills a padded step.")


def output(options: MaskingOptions, shape: Shape) -> Shape:
    return shape


KIND = Kind(
    name="Masking",
    options=MaskingOptions,
    first="mask_value",
    summary="Marks padded steps, which layers behind it leave out.",
    output=output,
    copies=True,
    mask="makes",
)
