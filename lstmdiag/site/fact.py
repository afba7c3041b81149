"""Single numbers and shapes for prose: what a placeholder names by `data-fact`, read from the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html import escape

from lstmdiag.analysis.fan_in import FanIn, fan_in
from lstmdiag.cells import terms
from lstmdiag.cells.cell import VALVES
from lstmdiag.english import listed, number
from lstmdiag.errors import LstmdiagError, Problem, nearest
from lstmdiag.frameworks import FRAMEWORKS, count
from lstmdiag.layer import CellLayer, Layer, show_shape
from lstmdiag.model import Model
from lstmdiag.site.markup import text
from lstmdiag.views.tables.layers import weight_terms

_MODEL_FACTS: Mapping[str, Callable[[Model], str]] = {
    "title": lambda model: text(model.title),
    "params": lambda model: number(model.params),
    "steps": lambda model: number(model.inputs[0].shape[0]),
    "features": lambda model: number(model.inputs[0].shape[-1]),
    "input": lambda model: listed([show_shape(source.shape) for source in model.inputs]),
    "output": lambda model: listed([show_shape(model.shape(reference)) for reference in model.outputs]),
}


def _counted_in(framework: str, layer: Layer) -> str:
    """Its parameters as the framework counts them."""
    return number(count(layer, framework))


_LAYER_FACTS: Mapping[str, Callable[[Layer], str]] = {
    "call": lambda layer: escape(layer.call),
    "params": lambda layer: number(layer.params),
    "units": lambda layer: number(layer.units),
    "features": lambda layer: number(layer.features),
    "steps": lambda layer: number(layer.input[0]),
    "input": lambda layer: show_shape(layer.input),
    "output": lambda layer: show_shape(layer.output),
    "gates": lambda layer: number(len(layer.innermost.gates)),
    "perunit": lambda layer: number(_fan(layer).weights),
    "formula": lambda layer: escape(terms.count(weight_terms(layer)).text),
    **{key: partial(_counted_in, key) for key in FRAMEWORKS},
    "valves": lambda layer: number(_in_roles(layer, *VALVES)),
    "contents": lambda layer: number(_in_roles(layer, "gate.content")),
    "sums": lambda layer: number(layer.units * len(layer.innermost.gates)),
    "derivation": lambda layer: _fan(layer).derivation(),
}


def _fan(layer: Layer) -> FanIn:
    if not isinstance(layer.innermost, CellLayer):
        raise KeyError(layer.name)
    return fan_in(layer.innermost)


def _in_roles(layer: Layer, *roles: str) -> int:
    """How many numbers with these roles a step makes: one per unit for each such quantity."""
    return layer.units * sum(role in roles for role in layer.innermost.roles.values())


def fact(model: Model, path: str) -> str:
    """`params`, or `encoder.units`: one number or shape of a model or of a layer of it, as HTML."""
    *layer_name, what = path.split(".")
    allowed: Mapping[str, object] = _LAYER_FACTS if layer_name else _MODEL_FACTS
    if what not in allowed:
        raise LstmdiagError(Problem(f"there is no fact {what!r}", hint=nearest(what, allowed)))
    if not layer_name:
        return _MODEL_FACTS[what](model)
    try:
        layer = model.layer(".".join(layer_name))
    except KeyError:
        names = [layer.name for layer in model.layers]
        raise LstmdiagError(Problem(f"{model.name!r} has no {path!r}", hint=nearest(layer_name[0], names))) from None
    try:
        return _LAYER_FACTS[what](layer)
    except KeyError:
        raise LstmdiagError(Problem(f"{layer.name!r} is a {layer.kind} and has no {what!r}")) from None
