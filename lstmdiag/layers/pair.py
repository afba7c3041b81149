"""Options for rows and columns, one whole number for both or a list of two; the windows that they describe."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic.config import JsonDict

from lstmdiag.cells.cell import MAX_SIZE
from lstmdiag.layers.kind import ShapeMisfit
from lstmdiag.layers.window import Window


def _pair(value: Any) -> tuple[int, int]:
    """3 → (3, 3): the same for rows and for columns."""
    found = [value, value] if type(value) is int else value
    if not isinstance(found, list | tuple) or len(found) != 2:
        raise ValueError("must be a whole number, or a list of two for rows and columns")
    if not all(type(size) is int and 1 <= size <= MAX_SIZE for size in found):
        raise ValueError("must be at least 1")
    return found[0], found[1]


_ONE: JsonDict = {"type": "integer", "minimum": 1, "maximum": MAX_SIZE}
Pair = Annotated[
    tuple[int, int],
    BeforeValidator(_pair),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 2, "maxItems": 2}]}),
]


def windows(
    kernel_size: tuple[int, int], strides: tuple[int, int], dilation_rate: tuple[int, int], padding: str
) -> tuple[Window, Window]:
    """Over rows and over columns. Raises ShapeMisfit where kernels that skip places also move on by several."""
    if max(strides) > 1 and max(dilation_rate) > 1:
        raise ShapeMisfit(f"has strides {strides} and dilation_rate {dilation_rate}", "one of them is 1")
    rows, columns = zip(kernel_size, strides, dilation_rate, strict=True)
    return Window(*rows, padding), Window(*columns, padding)
