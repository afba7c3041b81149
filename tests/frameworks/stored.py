"""Numbers of mathematical weights → numbers of stored arrays: the way back of lstmdiag.frameworks.values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lstmdiag.frameworks.storage import StoredArray
from lstmdiag.frameworks.values import Shapes, Values


def array_of_weights(stored: StoredArray, weights: Mapping[str, Values], shapes: Shapes) -> Values:
    """The stored array of these weights; of a bias that is stored twice, the second copy is zeros."""
    made = []
    for blocks, second in stored.layout.by_direction:
        rows = [weights[name].reshape(shapes[name] or (1,)) for name in (*blocks, *second)]
        copies = len(stored.layout.second) // max(stored.layout.leading, 1)
        rows[len(rows) - copies :] = [np.zeros_like(row) for row in rows[len(rows) - copies :]]
        made.append(_stored(stored, np.concatenate(rows)))
    return np.stack(made) if stored.layout.leading == 2 else made[0].reshape(stored.shape)


def _stored(stored: StoredArray, rows: Values) -> Values:
    """(rows of all blocks, ...) → as stored, without an axis for directions."""
    if stored.layout.axes:
        return np.transpose(rows, stored.layout.axes)
    if stored.layout.transposed:
        return np.moveaxis(rows, 0, -1)
    shape = stored.shape[1:] if stored.layout.leading else stored.shape
    return rows.reshape(shape)
