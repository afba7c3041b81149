"""The table of views: each answers one question about a model with one Diagram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from lstmdiag.diagrams import Diagram
from lstmdiag.model import Model
from lstmdiag.views.selection import Selection

View = Callable[[Model, Selection], Diagram]

READS: Mapping[str, tuple[str, ...]] = {
    "model": (),
    "time": ("steps",),
    "layer": ("layer", "unit"),
    "unit": ("layer", "unit"),
    "cell": ("layer",),
    "weights": ("layer", "gate", "unit"),
    "gate": ("layer", "gate", "unit"),
}
"""From the outside in: view → what of a Selection changes it. Each is `lstmdiag.views.NAME.view`."""

NAMES = tuple(READS)


def view(name: str) -> View:
    """The view's function, imported when first asked for."""
    return import_module(f"lstmdiag.views.{name}").view
