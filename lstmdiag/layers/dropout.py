"""Dropout: in training a share of the numbers is set to zero; at prediction it changes nothing."""

from __future__ import annotations

from pydantic import Field

from lstmdiag.layers.kind import Keras, Kind, Options, Rate, Shape


class DropoutOptions(Options):
    rate: Rate = Field(description="The share of numbers dropped in training.")
    noise_shape: Keras = None
    seed: Keras = None


def output(options: DropoutOptions, shape: Shape) -> Shape:
    return shape


KIND = Kind(
    name="Dropout",
    options=DropoutOptions,
    first="rate",
    summary="Drops a share of the numbers in training; passes everything at prediction.",
    output=output,
)
