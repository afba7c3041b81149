"""What several tables say about a layer: its weights as formulas, its row in JSON."""

from __future__ import annotations

from typing import Any

from lstmdiag.cells import terms
from lstmdiag.cells.counts import Terms, tally
from lstmdiag.frameworks import FRAMEWORKS, TITLES, arrays
from lstmdiag.frameworks.packing import Stored
from lstmdiag.model import Layer, Model
from lstmdiag.tables import Column, Formula

FRAMEWORK_COLUMNS = tuple(Column(key, TITLES[key], "int") for key in FRAMEWORKS)


def weight_terms(layer: Layer) -> Terms:
    """The layer's parameters as products of sizes."""
    return tally(weight.dims for weight in layer.weights)


def row(layer: Layer) -> dict[str, Any]:
    """One layer as `shapes` and `params` give it in JSON."""
    return {
        "name": layer.name,
        "kind": layer.kind,
        "inputs": list(layer.inputs),
        "input_shape": list(layer.input),
        "output_shape": list(layer.output),
        "params": layer.params,
        "weights": [
            {"name": w.name, "shape": list(w.shape), "count": w.count, "formula": terms.count({w.dims: 1}).text}
            for w in layer.weights
        ],
        "packed": [packed(array) for array in arrays(layer, "keras") or ()],
    }


def packed(array: Stored) -> dict[str, Any]:
    formula = array_formula(array)
    return {"name": array.name, "shape": list(array.shape), "count": array.count, "formula": formula.text}


def array_formula(array: Stored) -> Formula:
    return terms.count(array.terms)


def of_model(model: Model, what: str) -> str:
    """`Parameters of Three units share one sequence`: the title of a table."""
    return f"{what}: {model.title}"
