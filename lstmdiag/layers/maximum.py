"""Maximum and Minimum: the largest or the smallest of inputs, number by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lstmdiag.layers.kind import NOT_THE_LAST, Options
from lstmdiag.layers.merge import masks_of_one_rank, merging, of_one_rank

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


def _extreme(name: str) -> Callable[..., Array]:
    """What is masked in one input does not count (keras.src.layers.merging.base_merge). `name` is NumPy's."""

    def numbers(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
        import numpy as np

        function = getattr(np, name)
        (found, *others), (real, *others_real) = of_one_rank(inputs), masks_of_one_rank(inputs, masks)
        for other, mask in zip(others, others_real, strict=True):
            other = other if mask is None else np.where(mask, other, found)
            found = found if real is None else np.where(real, found, other)
            real = None if mask is None or real is None else real | mask
            found = function(found, other)
        return found

    return numbers


MAXIMUM = merging(
    "Maximum", "The largest of its inputs, number by number.", _extreme("maximum"), takes=NOT_THE_LAST, piecewise=True
)
MINIMUM = merging(
    "Minimum", "The smallest of its inputs, number by number.", _extreme("minimum"), takes=NOT_THE_LAST, piecewise=True
)
