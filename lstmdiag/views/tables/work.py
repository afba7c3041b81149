"""The arithmetic of one use of a layer: read from its equations, or told here for kinds that have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lstmdiag.cells.counts import Terms, elementwise_terms, evaluate, multiply_add_terms, state_terms
from lstmdiag.frameworks.packing import added
from lstmdiag.layers.kind import Shape
from lstmdiag.layers.shapes import count
from lstmdiag.model import Layer
from lstmdiag.views.tables.layers import running, unwrapped


@dataclass(frozen=True)
class Work:
    """Multiply-adds and elementwise operations of one use, with symbols, and how often it is done in a pass."""

    products: Terms = field(default_factory=dict)
    others: Terms = field(default_factory=dict)
    sizes: Mapping[str, int | None] = field(default_factory=dict)  # None where T is not known
    uses: int | None = 1
    once: int | None = 0  # elementwise operations beside these: merging two directions

    def number(self, found: Terms) -> int | None:
        needed = {dim for dims in found for dim in dims if isinstance(dim, str)}
        known = {name: size for name, size in self.sizes.items() if size is not None}
        return None if needed & (self.sizes.keys() - known.keys()) else evaluate(found, known)

    def in_all(self, found: Terms) -> int | None:
        each = self.number(found)
        return None if each is None or self.uses is None else self.uses * each

    def all_others(self) -> int | None:
        found = self.in_all(self.others)
        return None if found is None or self.once is None else found + self.once


def work(layer: Layer) -> Work:
    """One use is one step; of a bidirectional layer, one step of both directions."""
    cells = [each.cell for each in running(layer) if each.cell]
    if not cells:
        inner = unwrapped(layer)
        rule = RULES.get(inner.kind)
        each = rule(inner) if rule else Work()
        steps = count(layer.input[: len(layer.input) - len(inner.input)])  # of the wrappers
        return replace(each, uses=None if steps is None or each.uses is None else steps * each.uses)
    return Work(
        added(map(multiply_add_terms, cells)), added(map(elementwise_terms, cells)), layer.maths.sizes, layer.uses,
        _merging(layer),
    )  # fmt: skip


def state(layer: Layer) -> Terms:
    """Numbers that one sample's state holds."""
    return added(state_terms(each.cell) for each in running(layer) if each.cell)


MERGING: Mapping[str | None, int] = {"sum": 1, "mul": 1, "ave": 2, "concat": 0, None: 0}
"""merge_mode → operations for each number that comes out."""


def _merging(layer: Layer) -> int | None:
    found = unwrapped(layer)
    each = MERGING[found.options.merge_mode] if found.backward else 0
    numbers = count(layer.output)
    return 0 if not each else None if numbers is None else each * numbers


def _places(shape: Shape) -> int | None:
    return count(shape[:-1])


def _convolution(layer: Layer) -> Work:
    """Every place that comes out is one product with the kernel."""
    found = unwrapped(layer)
    weights = {weight.name: weight.dims for weight in found.weights}
    squash = found.options.activation not in (None, "linear")
    out: Terms = {("filters",): ("b" in weights) + squash}
    return Work({weights["W"]: 1}, {dims: n for dims, n in out.items() if n}, found.sizes, layer.uses)


def _attention(layer: Layer) -> Work:
    """Of one query step: a score for each key step, softmax over them, the mean of the values."""
    query, value, key = (*layer.input_shapes, layer.input_shapes[1])[:3]
    pairs, mean, scores = ("T_key", "features"), ("T_key", "F_value"), ("T_key",)
    sizes = {"T_key": key[-2], "features": query[-1], "F_value": value[-1]}
    scale = bool(layer.options.use_scale)
    if getattr(layer.options, "score_mode", "") == "dot":
        return Work({pairs: 1, mean: 1}, {scores: 1 + scale}, sizes, _places(query))
    final: Terms = {scores: 1 + ("concat_score_weight" in {weight.name for weight in layer.weights})}
    return Work({mean: 1}, {pairs: 3 + scale, **final}, sizes, _places(query))


def _merge(layer: Layer) -> Work:
    """One number that comes out takes one operation less than it has inputs, a mean one more."""
    each = len(layer.inputs) - 1 + (layer.kind == "Average")
    return Work({}, {("features",): each}, {"features": layer.output[-1]}, _places(layer.output))


def _pooling(layer: Layer) -> Work:
    sizes = {"pool_size": layer.options.pool_size, "features": layer.input[-1]}
    return Work({}, {("pool_size", "features"): 1}, sizes, layer.output[0])


def _global_pooling(layer: Layer) -> Work:
    return Work({}, {("steps", "features"): 1}, {"steps": layer.input[0], "features": layer.input[-1]})


RULES: Mapping[str, Callable[[Layer], Work]] = {
    "Conv1D": _convolution,
    **dict.fromkeys(("Attention", "AdditiveAttention"), _attention),
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), _merge),
    **dict.fromkeys(("MaxPooling1D", "AveragePooling1D"), _pooling),
    **dict.fromkeys(("GlobalMaxPooling1D", "GlobalAveragePooling1D"), _global_pooling),
}
"""Kind → its arithmetic; a kind that is not here and has no equations moves numbers and computes none."""
