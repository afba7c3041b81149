"""Flatten, Reshape, Permute: the same numbers in another shape. Keras loses the mask of padded steps here."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from lstmdiag.cells.cell import MAX_SIZE
from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.reads import ALL, OWN, regrouped
from lstmdiag.layers.shapes import count

_MAX_AXES = 16

Part = Annotated[int, Field(strict=True, ge=-1, le=MAX_SIZE)]
Axis = Annotated[int, Field(strict=True, ge=1, le=_MAX_AXES)]

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class FlattenOptions(Options):
    data_format: Literal["channels_last"] | None = Field(None, description="Features are the last axis.")


class ReshapeOptions(Options):
    target_shape: tuple[Part, ...] = Field(
        max_length=_MAX_AXES, description="The new shape; one size may be -1, which follows from the others."
    )


class PermuteOptions(Options):
    dims: tuple[Axis, ...] = Field(
        min_length=1, max_length=_MAX_AXES, description="The axes in their new order, counted from 1."
    )


def flatten(options: FlattenOptions, shape: Shape) -> Shape:
    return (count(shape),)


def reshape(options: ReshapeOptions, shape: Shape) -> Shape:
    """The target; its -1 is None where the input has a size not known."""
    target, given = options.target_shape, count(shape)
    if target.count(-1) > 1:
        raise ShapeMisfit("needs a target_shape with one -1 at most")
    if given is None:
        return tuple(None if size == -1 else size for size in target)
    rest = prod(size for size in target if size != -1)
    if -1 not in target:
        if rest != given:
            raise ShapeMisfit(f"needs {rest:,} numbers", f"a target_shape of {given:,} numbers fits")
        return target
    if not rest or given % rest:
        raise ShapeMisfit(f"needs a multiple of {rest:,} numbers", f"{given:,} come in")
    return tuple(given // rest if size == -1 else size for size in target)


def permute(options: PermuteOptions, shape: Shape) -> Shape:
    if sorted(options.dims) != list(range(1, len(options.dims) + 1)):
        raise ShapeMisfit(f"needs dims that name each axis from 1 to {len(options.dims)} once")
    if len(shape) != len(options.dims):
        raise ShapeMisfit(f"needs {len(options.dims)} axes", "dims name every axis of the input, without the batch")
    return tuple(shape[axis - 1] for axis in options.dims)


def flattened(options: FlattenOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, ...) → (N, all numbers), in the same order."""
    return inputs[0].reshape(len(inputs[0]), -1)


def reshaped(options: ReshapeOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, ...) → (N, *target_shape), the numbers in the same order."""
    return inputs[0].reshape(len(inputs[0]), *options.target_shape)


def permuted(options: PermuteOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, ...) → the axes behind the batch in the order of `dims`."""
    return inputs[0].transpose(0, *options.dims)


FLATTEN = Kind(
    name="Flatten",
    options=FlattenOptions,
    summary="Puts all numbers into one vector: step after step, or row after row of an image.",
    output=flatten,
    numbers=flattened,
    over_steps="all steps go in",
    as_tag=False,
    copies=True,
    reads=lambda options, given, made: (regrouped(given, made),),
    mask="ends",
)

RESHAPE = Kind(
    name="Reshape",
    options=ReshapeOptions,
    first="target_shape",
    summary="Gives the same numbers, in the same order, another shape.",
    output=reshape,
    numbers=reshaped,
    as_tag=False,
    copies=True,
    reads=lambda options, given, made: (regrouped(given, made),),
    mask="ends",
)

PERMUTE = Kind(
    name="Permute",
    options=PermuteOptions,
    first="dims",
    summary="Puts the axes into another order.",
    output=permute,
    order=lambda options: options.dims,
    numbers=permuted,
    as_tag=False,
    copies=True,
    reads=lambda options, given, made: (OWN if options.dims[0] == 1 else ALL,),
    mask="ends",
)
