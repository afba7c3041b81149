"""Weights that fit a model: every one of them, of its shape, finite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LONGEST_NAME, LstmdiagError, Problem, listed, nearest
from lstmdiag.layer import show_shape
from lstmdiag.model import Model
from lstmdiag.running import initial

T = TypeVar("T")

MOST_EXTRA = 20
"""Weights that are too many of which each is told."""


def renamed(model: Model, given: Mapping[str, T]) -> dict[str, T]:
    """The weights of a layer inside TimeDistributed may bear the name of the wrapper."""
    names: dict[str, str] = {}
    for layer in model.layers:
        within = layer.unwrapped
        names |= {f"{layer.name}.{weight.name}": f"{within.name}.{weight.name}" for weight in within.weights}
    return {names.get(name, name): value for name, value in given.items()}


def fitting(model: Model, given: Mapping[str, Any]) -> dict[str, Array]:
    """The weights by name, float64, each of the shape that the model wants, as `encoder.W_i` (units, features), and
    finite. Raises LstmdiagError with all that do not fit.
    """
    wanted, given = initial.shapes(model), renamed(model, given)
    problems, found = [], {}
    missing = [name for name in wanted if name not in given]
    extra = [name for name in given if name not in wanted]
    if wanted and len(missing) == len(wanted):
        problems.append(Problem("these are the weights of another model", hint=f"this one has {listed(wanted)}"))
    else:
        problems += [Problem(f"weight {name!r} is missing, {show_shape(wanted[name])}") for name in missing]
        problems += [
            Problem(f"there is no weight {str(name)[:LONGEST_NAME]!r}", hint=nearest(str(name), missing or wanted))
            for name in extra[:MOST_EXTRA]
        ]
        if len(extra) > MOST_EXTRA:
            problems.append(Problem(f"and {len(extra) - MOST_EXTRA:,} more weights that this model does not have"))
    for name, shape in wanted.items():
        if name not in given:
            continue
        array = _real(given[name])
        if array is None:
            problems.append(Problem(f"weight {name!r} holds something else than real numbers"))
            continue
        if array.shape != shape:
            problems.append(
                Problem(f"weight {name!r} has the shape {show_shape(array.shape)}, not {show_shape(shape)}")
            )
        elif not np.isfinite(array).all():
            problems.append(Problem(f"weight {name!r} holds numbers that are not finite"))
        found[name] = array
    if problems:
        raise LstmdiagError(problems)
    return found


def _real(numbers: Any) -> Array | None:
    """Of whole numbers and floats of any size; what NumPy would make numbers of, such as "1" or True, is none."""
    try:
        array = np.asarray(numbers)
        return np.asarray(array, dtype=float) if array.dtype.kind in "fiu" or not array.size else None
    except (ValueError, TypeError, OverflowError):
        return None


def narrowed(weights: Mapping[str, Array], dtype: str) -> dict[str, Array]:
    """The weights, of the same shapes, in floats of another size: float32. Raises LstmdiagError with the weights that
    are too large for them.
    """
    with np.errstate(over="ignore"):
        made = {name: array.astype(dtype, copy=False) for name, array in weights.items()}
    problems = [
        Problem(f"weight {name!r} holds {np.max(np.abs(weights[name])):.4g}, {dtype} ends at {np.finfo(dtype).max:.4g}")
        for name, array in made.items()
        if not np.isfinite(array).all()
    ]
    if problems:
        raise LstmdiagError(problems)
    return made
