"""Permute: the axes in another order. Keras loses the mask of padded steps here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.shapes import MAX_AXES

Axis = Annotated[int, Field(strict=True, ge=1, le=MAX_AXES)]

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class PermuteOptions(Options):
    dims: tuple[Axis, ...] = Field(
        min_length=1, max_length=MAX_AXES, description="The axes in their new order, counted from 1."
    )


def permute(options: PermuteOptions, shape: Shape) -> Shape:
    if sorted(options.dims) != list(range(1, len(options.dims) + 1)):
        raise ShapeMisfit(f"needs dims that name each axis from 1 to {len(options.dims)} once")
    if len(shape) != len(options.dims):
        raise ShapeMisfit(f"needs {len(options.dims)} axes", "dims name every axis of the input, without the batch")
    return tuple(shape[axis - 1] for axis in options.dims)


def permuted(options: PermuteOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, ...) → the axes behind the batch in the order of `dims`."""
    return inputs[0].transpose(0, *options.dims)


KIND = Kind(
    name="Permute",
    options=PermuteOptions,
    first="dims",
    summary="Puts the axes into another order.",
    output=permute,
    order=lambda options: options.dims,
    numbers=permuted,
    as_tag=False,
    copies=True,
    mask="ends",
)
