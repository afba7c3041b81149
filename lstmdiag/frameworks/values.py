"""Numbers of stored arrays → numbers of mathematical weights, by the rows of the frameworks' tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lstmdiag.frameworks.storage import StoredArray

Values = np.ndarray[Any, np.dtype[Any]]
Shapes = Mapping[str, tuple[int, ...]]


def weights_in_array(stored: StoredArray, value: Values, shapes: Shapes) -> Iterator[tuple[str, Values]]:
    """The weights in one stored array, (out, in); a bias that is stored twice comes twice, and is the sum of both."""
    for names, part in _by_direction(stored, value):
        rows = _rows_first(stored, part)
        start = 0
        for name in names:
            shape = shapes[name]
            end = start + (shape[0] if shape else 1)
            yield name, rows[start:end].reshape(shape)
            start = end


def _by_direction(stored: StoredArray, value: Values) -> Iterator[tuple[tuple[str, ...], Values]]:
    """The names in stored order, and the numbers: of each direction, where there is an axis of two."""
    parts = list(value) if stored.layout.leading else [value]
    for (blocks, second), part in zip(stored.layout.by_direction, parts, strict=True):
        yield (*blocks, *second), part


def _rows_first(stored: StoredArray, value: Values) -> Values:
    """As stored → (rows of all blocks, ...)."""
    if not value.ndim:
        return value.reshape(1)
    if stored.layout.axes:
        return np.transpose(value, np.argsort(stored.layout.axes))
    if stored.layout.transposed:
        return np.moveaxis(value, -1, 0)
    return value.reshape(-1) if stored.layout.across and value.ndim > 1 else value
