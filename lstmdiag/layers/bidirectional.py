"""Bidirectional: two copies of a recurrent layer read the sequence, one from each end (Schuster & Paliwal 1997).

The copies have weights of their own, so all counts double; at each step their outputs are merged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lstmdiag.layers.kind import Keras, Kind, Shape
from lstmdiag.layers.recurrent import StartOptions

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class BidirectionalOptions(StartOptions):
    layer: Any = Field(description="The recurrent layer, made twice.")
    merge_mode: Literal["concat", "sum", "mul", "ave"] | None = Field(
        "concat", description="How the two outputs become one; null leaves them two."
    )
    weights: Keras = None


def inside(options: BidirectionalOptions, shape: Shape) -> Shape:
    return shape


def output(options: BidirectionalOptions, shape: Shape, inner: Shape) -> Shape:
    """`inner` is what one copy gives. Without merge_mode two tensors of that shape come out."""
    if options.merge_mode != "concat":
        return inner
    return (*inner[:-1], None if inner[-1] is None else 2 * inner[-1])


def merged(options: BidirectionalOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """What both directions give, as one array of the shape that `output` says; without merge_mode forward's."""
    import numpy as np

    forward, backward = inputs
    match options.merge_mode:
        case "concat":
            return np.concatenate([forward, backward], -1)
        case "sum":
            return forward + backward
        case "mul":
            return forward * backward
        case "ave":
            return (forward + backward) / 2
        case None:
            return forward


KIND = Kind(
    name="Bidirectional",
    options=BidirectionalOptions,
    first="layer",
    summary="Reads a sequence from both ends with two copies of a layer, and merges what they give.",
    output=output,
    numbers=merged,
    recurrent=True,
    wraps=True,
    inside=inside,
    mask="reads",
)
