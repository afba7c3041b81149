"""Joining inputs: Concatenate, and number by number Add, Subtract, Multiply, Average, Maximum, Minimum.

Shapes follow Keras 3 (keras.src.layers.merging): an axis of size 1 and axes that are missing in front fit any size.
"""

from __future__ import annotations

from pydantic import Field

from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.shapes import Axis, place_of


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


CONCATENATE = Kind(
    name="Concatenate",
    options=ConcatenateOptions,
    first="axis",
    summary="Puts its inputs side by side, or one behind the other.",
    output=concatenate,
    copies=True,
    inputs=(2, None),
    mask="concatenates",
)


def _elementwise(name: str, summary: str, most: int | None = None) -> Kind:
    return Kind(name=name, options=Options, summary=summary, output=elementwise, inputs=(2, most), mask="passes all")


ADD = _elementwise("Add", "Adds its inputs, number by number.")
SUBTRACT = _elementwise("Subtract", "Takes the second input from the first, number by number.", 2)
MULTIPLY = _elementwise("Multiply", "Multiplies its inputs, number by number.")
AVERAGE = _elementwise("Average", "The mean of its inputs, number by number.")
MAXIMUM = _elementwise("Maximum", "The largest of its inputs, number by number.")
MINIMUM = _elementwise("Minimum", "The smallest of its inputs, number by number.")
