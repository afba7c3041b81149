"""Dropout and its kin: in training a share of the numbers is set to zero; at prediction they change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lstmdiag.layers.kind import Keras, Kind, Options, Rate, Shape
from lstmdiag.layers.shapes import needs_sequence

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class SpatialDropout1DOptions(Options):
    rate: Rate = Field(description="The share dropped in training.")
    seed: Keras = None


class DropoutOptions(SpatialDropout1DOptions):
    noise_shape: Keras = None


def output(options: DropoutOptions, shape: Shape) -> Shape:
    return shape


def numbers(options: SpatialDropout1DOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """Nothing is dropped at prediction."""
    return inputs[0]


def spatial_output(options: SpatialDropout1DOptions, shape: Shape) -> Shape:
    needs_sequence(shape)
    return shape


def dropped(options: SpatialDropout1DOptions) -> tuple[float, ...]:
    return (options.rate,)


KIND = Kind(
    name="Dropout",
    options=DropoutOptions,
    first="rate",
    summary="Drops a share of the numbers in training; passes everything at prediction.",
    output=output,
    copies=True,
    numbers=numbers,
    drops=True,
    dropped=dropped,
)

SPATIAL = Kind(
    name="SpatialDropout1D",
    options=SpatialDropout1DOptions,
    first="rate",
    summary="Drops whole features, at all steps alike, in training; passes everything at prediction.",
    output=spatial_output,
    sequence=True,
    copies=True,
    numbers=numbers,
    drops=True,
    dropped=dropped,
)
