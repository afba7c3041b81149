"""Multiply: the product of inputs, number by number."""

from __future__ import annotations

from functools import reduce
from operator import mul, or_
from typing import TYPE_CHECKING

from lstmdiag.layers.kind import NOT_THE_LAST, Options
from lstmdiag.layers.merge import masks_of_one_rank, merging, of_one_rank

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


def multiplied(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """What is masked in one input does not count; in all, it gives 0 (keras.src.layers.merging.multiply)."""
    import numpy as np

    real = masks_of_one_rank(inputs, masks)
    factors = zip(of_one_rank(inputs), real, strict=True)
    found: Array = reduce(mul, [x if mask is None else np.where(mask, x, 1) for x, mask in factors])
    counted = [mask for mask in real if mask is not None]
    return found if len(counted) < len(real) else np.where(reduce(or_, counted), found, 0)


KIND = merging("Multiply", "Multiplies its inputs, number by number.", multiplied, takes=NOT_THE_LAST)
