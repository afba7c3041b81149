"""What several tables say about a layer: its weights as formulas, its row in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lstmdiag.cells import terms
from lstmdiag.cells.counts import Terms, tally
from lstmdiag.frameworks import arrays
from lstmdiag.frameworks.storage import StoredArray
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.views.tables.rows import Row


def recurrent(model: Model) -> list[Layer]:
    """Every layer with states, bidirectional ones in one piece, shared ones as often as they are used."""
    return [layer.unwrapped for layer in model.layers if layer.recurrent]


def weight_terms(layer: Layer) -> Terms:
    """The parameters it adds to the model, as products of sizes."""
    return tally(weight.dims for weight in layer.own_weights)


def row(layer: Layer) -> dict[str, Any]:
    """One layer as `shapes` and `params` give it in JSON."""
    both = len(layer.directions) > 1 and not layer.shared
    return {
        "name": layer.name,
        "kind": layer.kind,
        "inputs": list(layer.inputs),
        "input_shape": list(layer.input),
        "input_shapes": [list(shape) for shape in layer.input_shapes],
        "output_shape": list(layer.output),
        "initial_state": list(layer.initial_state),
        "states": {name: list(shape) for name, shape in layer.states.items()} if layer.returns_state else {},
        "shared": layer.shared or None,
        "params": layer.params,
        "directions": [{"name": each.name, "params": each.params} for each in layer.directions] if both else [],
        "non_trainable": layer.frozen_params,
        "weights": [
            {"name": w.name, "shape": list(w.shape), "count": w.count, "formula": terms.count({w.dims: 1}).text}
            for w in layer.own_weights
        ],
        "packed": [packed(array) for array in arrays(layer, "keras") or ()],
    }


def packed(array: StoredArray) -> dict[str, Any]:
    formula = terms.count(array.terms).text
    return {"name": array.name, "shape": list(array.shape), "count": array.count, "formula": formula}


def derived(products: Terms, sizes: Mapping[str, int]) -> Row:
    """Products of sizes as the three columns of a derivation: the formula, with numbers, and what it comes to."""
    return dict(zip(("formula", "substitution", "count"), terms.derivation(products, sizes), strict=True))


def show_shapes(shapes: Iterable[Shape]) -> str:
    return ", ".join(map(show_shape, shapes))
