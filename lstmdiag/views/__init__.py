"""The table of views: each answers one question about a model with one Diagram."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from lstmdiag.diagrams import Diagram
from lstmdiag.model import Model
from lstmdiag.views.selection import Selection

View = Callable[[Model, Selection], Diagram]

NAMES = ("model", "time", "layer", "unit", "cell", "weights", "gate")
"""From the outside in. Each is `lstmdiag.views.NAME.view`."""


def view(name: str) -> View:
    """The view's function, imported when first asked for."""
    return import_module(f"lstmdiag.views.{name}").view
