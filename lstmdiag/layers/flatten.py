"""Flatten: all numbers in one vector. Keras loses the mask of padded steps here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape
from lstmdiag.layers.reads import regrouped
from lstmdiag.layers.shapes import count

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class FlattenOptions(Options):
    data_format: Literal["channels_last"] | None = Field(None, description="Features are the last axis.")


def flatten(options: FlattenOptions, shape: Shape) -> Shape:
    return (count(shape),)


def flattened(options: FlattenOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, ...) → (N, all numbers), in the same order."""
    return inputs[0].reshape(len(inputs[0]), -1)


KIND = Kind(
    name="Flatten",
    options=FlattenOptions,
    summary="Puts all numbers into one vector: step after step, or row after row of an image.",
    output=flatten,
    numbers=flattened,
    over_steps="all steps go in",
    as_tag=False,
    copies=True,
    aligned="first",
    reads=lambda options, axis, given, made: (regrouped(axis, given, made),),
    mask="ends",
)
