"""The rule of Add, Subtract, Multiply, Average, Maximum and Minimum, which join inputs number by number.

Shapes follow Keras 3 (keras.src.layers.merging): an axis of size 1 and axes that are missing in front fit any size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.reads import Reads
from lstmdiag.layers.reads import elementwise as by_number
from lstmdiag.layers.shapes import count
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks


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


def of_one_rank(inputs: Arrays) -> list[Array]:
    """Axes that are missing come between the batch and the others."""
    most = max(each.ndim for each in inputs)
    return [each.reshape(len(each), *[1] * (most - each.ndim), *each.shape[1:]) for each in inputs]


def masks_of_one_rank(inputs: Arrays, masks: Masks) -> list[Array | None]:
    """Masks as wide as the inputs; where Keras adds axes to an input, it loses its mask."""
    most = max(each.ndim for each in inputs)
    both = zip(inputs, masks, strict=True)
    return [mask[..., None] if mask is not None and each.ndim == most else None for each, mask in both]


def read_alike(options: Options, axis: int, *shapes: Shape) -> tuple[Reads, ...]:
    """(inputs, output): its own place of each, or all of one that fits every place."""
    return by_number(axis, shapes[-1], *shapes[:-1])


def work(options: Options, *shapes: Shape) -> Work:
    """One number that comes out takes one operation less than it has inputs."""
    *inputs, out = shapes
    return Work({}, {("features",): len(inputs) - 1}, {"features": out[-1]}, count(out[:-1]))


def merging(name: str, summary: str, numbers: Callable[..., Array], **more: Any) -> Kind:
    rule: dict[str, Any] = {"inputs": (2, None), "any_order": True, "mask": "passes all", "work": work, **more}
    return Kind(
        name=name, options=Options, summary=summary, output=elementwise, numbers=numbers, reads=read_alike, **rule
    )
