"""What one option does: the layer is bound once more with that option alone changed, and the two are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lstmdiag.cells import formulas
from lstmdiag.cells.cell import Cell, Dims
from lstmdiag.cells.expr import Expr, drop_terms
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit


@dataclass(frozen=True)
class Effect:
    output: Shape
    sizes: Mapping[str, int]
    added: Mapping[str, Dims]  # weights
    removed: Mapping[str, Dims]
    reshaped: Mapping[str, tuple[Dims, Dims]]  # as it was, as it is
    second_bias: bool  # what is added are biases where there was one already
    equations: tuple[tuple[str, str], ...]  # (as it was, as it is), where more changes than a term more or less


def effect(layer: Layer, option: str, other: Layer) -> Effect | None:
    """Of giving `layer` the option's value in `other`, of the same kind. None for what is no built-in layer."""
    kind = KINDS.get(layer.kind)
    if kind is None or kind.wraps:
        return None
    options = layer.options.model_copy(update={option: getattr(other.options, option)})
    try:
        output = kind.output(options, *layer.input_shapes)
        sizes = dict(kind.sizes(options, *layer.input_shapes)) if kind.sizes else {}
    except ShapeMisfit:  # it would need another input as well
        return None
    cell = kind.cell(options) if kind.cell else None
    before, after = _weights(kind, layer.options, layer.cell), _weights(kind, options, cell)
    added = {name: dims for name, dims in after.items() if name not in before}
    removed = {name: dims for name, dims in before.items() if name not in after}
    reshaped = {name: (before[name], dims) for name, dims in after.items() if before.get(name, dims) != dims}
    second = bool(added) and cell is not None and all(_beside(cell, name, before) for name in added)
    rewritten = tuple(_rewritten(layer.cell, cell, {**added, **removed}))
    return Effect(output, sizes, added, removed, reshaped, second, rewritten)


def _weights(kind: Kind, options: Options, cell: Cell | None) -> Mapping[str, Dims]:
    return cell.weights if cell else kind.weights(options) if kind.weights else {}


def _beside(cell: Cell, bias: str, before: Mapping[str, Dims]) -> bool:
    """Whether the equation that a bias is added in had one before."""
    users = [quantity for quantity in cell.equations if bias in cell.weights_of(quantity)]
    return bias.startswith("b") and any(
        name.startswith("b") and name in before for quantity in users for name in cell.weights_of(quantity)
    )


def _rewritten(before: Cell | None, after: Cell | None, changed: Mapping[str, Dims]) -> list[tuple[str, str]]:
    if not before or not after:
        return []
    names = frozenset(changed)
    found = []
    for quantity, expr in after.equations.items():
        old = before.equations.get(quantity)
        if old is not None and _bare(old, names) != _bare(expr, names):
            found.append((formulas.equation(before, quantity).text, formulas.equation(after, quantity).text))
    return found


def _bare(expr: Expr, names: frozenset[str]) -> object:
    """What it computes, without these terms and wherever it stands in its text."""
    return form(drop_terms(expr, names))


def form(expr: Expr) -> tuple[object, ...]:
    return (expr.op, expr.name, expr.value, *map(form, expr.args))
