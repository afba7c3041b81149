"""Joining inputs: Concatenate, and number by number Add, Subtract, Multiply, Average, Maximum, Minimum.

Shapes follow Keras 3 (keras.src.layers.merging): an axis of size 1 and axes that are missing in front fit any size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from operator import add, mul, or_, sub
from typing import TYPE_CHECKING, Any

from pydantic import Field

from lstmdiag.layers.kind import NOT_THE_LAST, Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.reads import Reads, joined
from lstmdiag.layers.reads import elementwise as by_number
from lstmdiag.layers.shapes import Axis, count, place_of
from lstmdiag.layers.work import Work

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


def elementwise(options: Options, *shapes: Shape) -> Shape:
    found = shapes[0]
    for shape in shapes[1:]:
        found = _both(found, shape)
    return found


def _both(one: Shape, other: Shape) -> Shape:
    """What Keras gives for two shapes: None wherever one of them is not known."""
    long, short = (one, other) if len(one) >= len(other) else (other, one)
    lead = len(long) - len(short)
    sizes = list(long[:lead])
    for a, b in zip(long[lead:], short, strict=True):
        if a is not None and b is not None and a != b and 1 not in (a, b):
            raise ShapeMisfit("needs inputs of the same shape")
        sizes.append(None if a is None or b is None else max(a, b))
    return tuple(sizes)


def concatenated(options: ConcatenateOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """All inputs along `axis`, on which Keras counts the batch as 0, as arrays do."""
    import numpy as np

    return np.concatenate(inputs, axis=options.axis)


def _one_rank(inputs: Arrays) -> list[Array]:
    """Axes that are missing come between the batch and the others."""
    most = max(each.ndim for each in inputs)
    return [each.reshape(len(each), *[1] * (most - each.ndim), *each.shape[1:]) for each in inputs]


def _one_rank_masks(inputs: Arrays, masks: Masks) -> list[Array | None]:
    """Masks as wide as the inputs; where Keras adds axes to an input, it loses its mask."""
    most = max(each.ndim for each in inputs)
    both = zip(inputs, masks, strict=True)
    return [mask[..., None] if mask is not None and each.ndim == most else None for each, mask in both]


def added(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """The sum, number by number; an axis of size 1 fits any size."""
    return reduce(add, _one_rank(inputs))


def subtracted(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """The first less the second, number by number."""
    return reduce(sub, _one_rank(inputs))


def averaged(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """The sum divided by the number of inputs."""
    return added(options, weights, inputs, masks) / len(inputs)


def multiplied(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """What is masked in one input does not count; in all, it gives 0 (keras.src.layers.merging.multiply)."""
    import numpy as np

    real = _one_rank_masks(inputs, masks)
    factors = zip(_one_rank(inputs), real, strict=True)
    found: Array = reduce(mul, [x if mask is None else np.where(mask, x, 1) for x, mask in factors])
    counted = [mask for mask in real if mask is not None]
    return found if len(counted) < len(real) else np.where(reduce(or_, counted), found, 0)


def _extreme(name: str) -> Callable[..., Array]:
    """What is masked in one input does not count (keras.src.layers.merging.base_merge). `name` is NumPy's."""

    def numbers(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
        import numpy as np

        function = getattr(np, name)
        (found, *others), (real, *others_real) = _one_rank(inputs), _one_rank_masks(inputs, masks)
        for other, mask in zip(others, others_real, strict=True):
            other = other if mask is None else np.where(mask, other, found)
            found = found if real is None else np.where(real, found, other)
            real = None if mask is None or real is None else real | mask
            found = function(found, other)
        return found

    return numbers


CONCATENATE = Kind(
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
    reads=lambda options, *shapes: joined(place_of(options.axis, shapes[0]), *shapes[:-1]),
)


def read_alike(options: Options, *shapes: Shape) -> tuple[Reads, ...]:
    """(inputs, output): its own place of each, or all of one that fits every place."""
    return by_number(shapes[-1], *shapes[:-1])


def work(options: Options, *shapes: Shape) -> Work:
    """One number that comes out takes one operation less than it has inputs."""
    *inputs, out = shapes
    return Work({}, {("features",): len(inputs) - 1}, {"features": out[-1]}, count(out[:-1]))


def work_of_mean(options: Options, *shapes: Shape) -> Work:
    """As many operations as it has inputs: the sum, and a division."""
    return replace(work(options, *shapes), others={("features",): len(shapes) - 1})


def _elementwise(name: str, summary: str, numbers: Callable[..., Array], **more: Any) -> Kind:
    rule: dict[str, Any] = {"inputs": (2, None), "any_order": True, "mask": "passes all", "work": work, **more}
    return Kind(
        name=name, options=Options, summary=summary, output=elementwise, numbers=numbers, reads=read_alike, **rule
    )


ADD = _elementwise("Add", "Adds its inputs, number by number.", added)
SUBTRACT = _elementwise(
    "Subtract", "MaskRule the second input from the first, number by number.", subtracted,
    inputs=(2, 2), any_order=False, input_names=("from this", "subtract this"),
)  # fmt: skip
MULTIPLY = _elementwise("Multiply", "Multiplies its inputs, number by number.", multiplied, takes=NOT_THE_LAST)
AVERAGE = _elementwise("Average", "The mean of its inputs, number by number.", averaged, work=work_of_mean)
MAXIMUM = _elementwise(
    "Maximum", "The largest of its inputs, number by number.", _extreme("maximum"), takes=NOT_THE_LAST, piecewise=True
)
MINIMUM = _elementwise(
    "Minimum", "The smallest of its inputs, number by number.", _extreme("minimum"), takes=NOT_THE_LAST, piecewise=True
)
