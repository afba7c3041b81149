"""lstmdiag: draw, count and explain recurrent networks from a YAML spec.

    drawing = lstmdiag.draw("encoder-decoder", view="cell")   # shows itself in a notebook
    drawing.save("cell.pdf")

The public names are imported when first used, so that `import lstmdiag` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own takes as long to import as everything else that a command begins with
if TYPE_CHECKING:
    from typing import Any

    from lstmdiag.api import Canvas as Canvas
    from lstmdiag.api import draw as draw
    from lstmdiag.api import load as load
    from lstmdiag.api import render as render
    from lstmdiag.api import resolve as resolve
    from lstmdiag.api import table as table
    from lstmdiag.api import trace as trace
    from lstmdiag.api import write as write
    from lstmdiag.errors import LstmdiagError as LstmdiagError

__version__ = "0.1.0"

__all__ = ["Canvas", "LstmdiagError", "draw", "load", "render", "resolve", "table", "trace", "write"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'lstmdiag' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("lstmdiag.api"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
