"""The table of tables: each answers one question about a model with one Table (and its parts)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import cast

from lstmdiag.errors import Problem, UsageError, nearest
from lstmdiag.model import Model, ModelInput
from lstmdiag.readings.axes import began, time_axes
from lstmdiag.tables import Table

NAMES = ("shapes", "params", "cost", "returns", "dictionary")
"""Each is `lstmdiag.views.tables.NAME.build`, Model → Table."""


def table(model: Model, name: str, layer: str | None = None) -> Table:
    """The table of that name, of the whole model or of one layer. Raises UsageError with the names there are."""
    if name not in NAMES:
        raise UsageError(Problem(f"there is no table {name!r}", hint=nearest(name, NAMES)))
    build = cast(Callable[[Model], Table], import_module(f"lstmdiag.views.tables.{name}").build)
    return build(model if layer is None else _alone(model, layer))


def _alone(model: Model, name: str) -> Model:
    """A model of one layer, fed with what it reads."""
    names = [layer.name for layer in model.layers]
    if name not in names:
        raise UsageError(Problem(f"{model.name!r} has no layer {name!r}", hint=nearest(name, names)))
    layer = model.layer(name)
    fed = dict(zip(layer.inputs, layer.input_shapes, strict=True))
    axes = time_axes(model)
    sources = tuple(
        ModelInput(ref, shape, _dtype(model, ref), steps=bool(began(model, ref, axes))) for ref, shape in fed.items()
    )
    alone = replace(layer, shared="", initial_state=())
    return replace(
        model,
        spec=replace(model.spec, title=f"{name} in {model.title}"),
        inputs=sources,
        layers=(alone,),
        outputs=(name,),
    )


def _dtype(model: Model, reference: str) -> str:
    owner, _ = model.owner(reference)
    return owner.dtype if isinstance(owner, ModelInput) else "float"
