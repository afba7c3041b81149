"""The table of views: each answers one question about a model with one Diagram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from lstmdiag.diagrams import Diagram, Point

View = Callable[..., Diagram]
"""`view(model, selection)`; those in NUMBERS take a `running.values.Values` as well, and are the same without."""

READS: Mapping[str, tuple[str, ...]] = {
    "model": (),
    "time": ("steps",),
    "layer": ("layer", "unit"),
    "unit": ("layer", "unit"),
    "cell": ("layer",),
    "weights": ("layer", "gate", "unit"),
    "gate": ("layer", "gate", "unit"),
    "trace": ("layer", "unit", "step", "signal"),
    "gradient": ("layer",),
}
"""From the outside in: view → what of a Selection changes it. Each is `lstmdiag.views.NAME.view`."""

SCALED = ("trace", "gradient")
"""Views of numbers on a scale; `lstmdiag.views.NAME.extent` gives its ends, for a common one."""

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "time": ("step", "unit"),
    "layer": ("step",),
    "unit": ("step",),
    "cell": ("step", "unit"),
    "weights": (),
    "gate": ("step",),
    "trace": (),
    "gradient": (),
}
"""Views that can carry the numbers of a pass → what else of a Selection changes them then."""

NAMES = tuple(READS)


def view(name: str) -> View:
    """The view's function, imported when first asked for."""
    return import_module(f"lstmdiag.views.{name}").view


def extent(name: str) -> Callable[..., Point]:
    """`extent(model, selection)` of one of SCALED."""
    return import_module(f"lstmdiag.views.{name}").extent
