"""RepeatVector: one vector, copied n times along a new time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit, Size

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class RepeatVectorOptions(Options):
    n: Size = Field(description="How many copies.")


def output(options: RepeatVectorOptions, shape: Shape) -> Shape:
    if len(shape) != 1:
        raise ShapeMisfit("needs one vector (features,)")
    return (options.n, *shape)


def numbers(options: RepeatVectorOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """(N, features) → (N, n, features)."""
    import numpy as np

    return np.repeat(inputs[0][:, None], options.n, axis=1)


KIND = Kind(
    name="RepeatVector",
    options=RepeatVectorOptions,
    first="n",
    summary="Copies one vector n times, to be read as a sequence.",
    output=output,
    numbers=numbers,
    sentence="copies those {first:time}",
    repeats=True,
    copies=True,
    mask="ends",
)
