"""Reshape: the same numbers, in the same order, in another shape. Keras loses the mask of padded steps here."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from lstmdiag.cells.cell import MAX_SIZE
from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.reads import regrouped
from lstmdiag.layers.shapes import MAX_AXES, count

Part = Annotated[int, Field(strict=True, ge=-1, le=MAX_SIZE)]

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class ReshapeOptions(Options):
    target_shape: tuple[Part, ...] = Field(
        max_length=MAX_AXES, description="The new shape; one size may be -1, which follows from the others."
    )


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


def reshaped(options: ReshapeOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, ...) → (N, *target_shape), the numbers in the same order."""
    return inputs[0].reshape(len(inputs[0]), *options.target_shape)


KIND = Kind(
    name="Reshape",
    options=ReshapeOptions,
    first="target_shape",
    summary="Gives the same numbers, in the same order, another shape.",
    output=reshape,
    numbers=reshaped,
    as_tag=False,
    copies=True,
    aligned="first",
    reads=lambda options, axis, given, made: (regrouped(axis, given, made),),
    mask="ends",
)
