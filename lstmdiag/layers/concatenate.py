"""Concatenate: inputs side by side along one axis, as Keras 3 (keras.src.layers.merging)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.reads import joined
from lstmdiag.layers.shapes import Axis, place_of

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class ConcatenateOptions(Options):
    axis: Axis = Field(-1, description="The axis they are joined along; the batch is axis 0, -1 is the last.")


def concatenate(options: ConcatenateOptions, *shapes: Shape) -> Shape:
    """All sizes but that of one axis are equal, and that one is added up."""
    first = shapes[0]
    place = place_of(options.axis, first)
    for shape in shapes[1:]:
        pairs = [(a, b) for at, (a, b) in enumerate(zip(first, shape, strict=False)) if at != place]
        if len(shape) != len(first) or any(a != b for a, b in pairs if None not in (a, b)):
            raise ShapeMisfit(f"needs inputs that differ along axis {options.axis} alone")
    joined = [shape[place] for shape in shapes]
    total = None if None in joined else sum(size for size in joined if size is not None)
    return (*first[:place], total, *first[place + 1 :])


def concatenated(options: ConcatenateOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """All inputs along `axis`, on which Keras counts the batch as 0, as arrays do."""
    import numpy as np

    return np.concatenate(inputs, axis=options.axis)


KIND = Kind(
    name="Concatenate",
    options=ConcatenateOptions,
    first="axis",
    summary="Puts its inputs side by side, or one behind the other.",
    sentence="joins {inputs}",
    output=concatenate,
    numbers=concatenated,
    copies=True,
    inputs=(2, None),
    mask="concatenates",
    reads=lambda options, axis, *shapes: joined(axis, place_of(options.axis, shapes[0]), *shapes[:-1]),
)
