"""RepeatVector: one vector, copied n times along a new time axis."""

from __future__ import annotations

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit, Size


class RepeatVectorOptions(Options):
    n: Size = Field(description="How many copies.")


def output(options: RepeatVectorOptions, shape: Shape) -> Shape:
    if len(shape) != 1:
        raise ShapeMisfit("needs one vector (features,)")
    return (options.n, *shape)


KIND = Kind(
    name="RepeatVector",
    options=RepeatVectorOptions,
    first="n",
    summary="Copies one vector n times, to be read as a sequence.",
    output=output,
    copies=True,
    mask="ends",
)
