"""Numbers of stored arrays ↔ numbers of mathematical weights, by the rows of the frameworks' tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lstmdiag.frameworks.packing import Stored

Values = np.ndarray[Any, np.dtype[Any]]
Shapes = Mapping[str, tuple[int, ...]]


def taken_apart(held: Stored, value: Values, shapes: Shapes) -> Iterator[tuple[str, Values]]:
    """The weights in one stored array, (out, in); a bias that is stored twice comes twice, and is the sum of both."""
    for names, part in _ways(held, value):
        rows = _rows_first(held, part)
        start = 0
        for name in names:
            shape = shapes[name]
            end = start + (shape[0] if shape else 1)
            yield name, rows[start:end].reshape(shape)
            start = end


def put_together(held: Stored, weights: Mapping[str, Values], shapes: Shapes) -> Values:
    """The stored array of these weights; of a bias that is stored twice, the second copy is zeros."""
    made = []
    for names, _ in _ways(held, np.empty(held.shape)):
        rows = [weights[name].reshape(shapes[name] or (1,)) for name in names]
        copies = len(held.array.second) // max(held.array.leading, 1)
        rows[len(rows) - copies :] = [np.zeros_like(row) for row in rows[len(rows) - copies :]]
        made.append(_stored(held, np.concatenate(rows)))
    return np.stack(made) if held.array.leading == 2 else made[0].reshape(held.shape)


def _ways(held: Stored, value: Values) -> Iterator[tuple[tuple[str, ...], Values]]:
    """The names in stored order, and the numbers: of each direction, where there is an axis of two."""
    parts = list(value) if held.array.leading else [value]
    for (blocks, second), part in zip(held.array.by_way, parts, strict=True):
        yield (*blocks, *second), part


def _rows_first(held: Stored, value: Values) -> Values:
    """As stored → (rows of all blocks, ...)."""
    if not value.ndim:
        return value.reshape(1)
    if held.array.axes:
        return np.transpose(value, np.argsort(held.array.axes))
    if held.array.transposed:
        return np.moveaxis(value, -1, 0)
    return value.reshape(-1) if held.array.across and value.ndim > 1 else value


def _stored(held: Stored, rows: Values) -> Values:
    """(rows of all blocks, ...) → as stored, without an axis for directions."""
    if held.array.axes:
        return np.transpose(rows, held.array.axes)
    if held.array.transposed:
        return np.moveaxis(rows, 0, -1)
    shape = held.shape[1:] if held.array.leading else held.shape
    return rows.reshape(shape)
