"""The arithmetic of one use of a layer: read from its equations, or told by kinds that have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lstmdiag.cells.counts import Terms, elementwise_terms, multiply_add_terms, state_terms
from lstmdiag.frameworks.storage import added
from lstmdiag.layer import Layer
from lstmdiag.layers.shapes import count
from lstmdiag.layers.work import Work


def work(layer: Layer) -> Work:
    """One use is one step; of a bidirectional layer, one step of both directions."""
    cells = [each.cell for each in layer.directions if each.cell]
    if not cells:
        inner = layer.unwrapped
        rule = inner.definition.work
        each = rule(inner.options, *inner.input_shapes, inner.output) if rule else Work()
        steps = count(layer.input[: len(layer.input) - len(inner.input)])  # of the wrappers
        return replace(each, uses=count((steps, each.uses)))
    return Work(
        added(map(multiply_add_terms, cells)), added(map(elementwise_terms, cells)), layer.innermost.sizes, layer.uses,
        _merging(layer),
    )  # fmt: skip


def state(layer: Layer) -> Terms:
    """Numbers that one sample's state holds."""
    return added(state_terms(each.cell) for each in layer.directions if each.cell)


MERGING: Mapping[str | None, int] = {"sum": 1, "mul": 1, "ave": 2, "concat": 0, None: 0}
"""merge_mode → operations for each number that comes out."""


def _merging(layer: Layer) -> int | None:
    each = MERGING[layer.unwrapped.merge_mode]
    return count((each, *layer.output)) if each else 0
