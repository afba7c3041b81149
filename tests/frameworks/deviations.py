"""The largest deviations that the comparisons have seen, a row for each framework and kind of layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lstmdiag.layer import Layer

Row = tuple[int, float, float]
"""Numbers compared, the largest absolute deviation, and the largest one as a part of what is allowed."""

Noted = list[Any]

DEVIATIONS: dict[tuple[str, str], Row] = {}


def same(framework: str, kind: str, ours: Any, theirs: Any, near: Mapping[str, float], what: str = "") -> None:
    """Assert that they are the same but for `near`, rtol and atol, and note how far they are apart."""
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape, f"{what}: {ours.shape} here, {theirs.shape} in {framework}"
    np.testing.assert_allclose(ours, theirs, **near, err_msg=what)
    apart = np.abs(np.asarray(ours, float) - theirs)
    allowed = near["atol"] + near["rtol"] * np.abs(theirs)
    count, most, part = DEVIATIONS.get((framework, kind), (0, 0.0, 0.0))
    DEVIATIONS[framework, kind] = (
        count + apart.size,
        max(most, float(np.max(apart, initial=0))),
        max(part, float(np.max(apart / allowed, initial=0))),
    )


def kind_of(layer: Layer) -> str:
    return f"{layer.kind}({kind_of(layer.inner)})" if layer.inner else layer.kind


def taken() -> list[Noted]:
    """All rows so far, which begin anew: as lists, which pass from one process to another."""
    rows = [[*key, *row] for key, row in DEVIATIONS.items()]
    DEVIATIONS.clear()
    return rows


def table(noted: Iterable[Noted]) -> list[str]:
    """Rows of several tests, joined, as lines to print."""
    joined: dict[tuple[str, str], list[Row]] = {}
    for framework, kind, *row in noted:
        joined.setdefault((framework, kind), []).append(tuple(row))
    lines = [f"{'framework':<12} {'kind':<44} {'numbers':>11} {'largest':>9} {'of allowed':>11}"]
    for (framework, kind), rows in sorted(joined.items()):
        counts, most, parts = zip(*rows, strict=True)
        lines.append(f"{framework:<12} {kind:<44} {sum(counts):>11,} {max(most):>9.1e} {max(parts):>11.2%}")
    return lines
