"""Small questions about shapes without the batch axis, where None is a size not known."""

from __future__ import annotations

from math import prod
from typing import Annotated

from pydantic import Field

from lstmdiag.layers.kind import Shape, ShapeMisfit

MAX_AXES = 16

Axis = Annotated[int, Field(strict=True, ge=-MAX_AXES, le=MAX_AXES)]
"""As Keras counts: the batch is axis 0, -1 is the last."""


def count(shape: Shape) -> int | None:
    """How many numbers; None where a size is not known."""
    known = [size for size in shape if size is not None]
    return prod(known) if len(known) == len(shape) else None


def place_of(axis: int, shape: Shape) -> int:
    """Keras's axis → an index into a shape without the batch. Raises ShapeMisfit."""
    axes = len(shape) + 1
    if not -axes < axis < axes or axis == 0:
        raise ShapeMisfit(f"needs an input with an axis {axis} besides the batch, which is axis 0")
    return axis % axes - 1


def needs_sequence(shape: Shape) -> None:
    if len(shape) != 2:
        raise ShapeMisfit("needs a sequence (steps, features)")


def needs_features(shape: Shape) -> int:
    """The size of the last axis, which weights need to be known."""
    if not shape or shape[-1] is None:
        raise ShapeMisfit("needs a known number of features")
    return shape[-1]
