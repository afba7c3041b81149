"""DOT → bytes, by Graphviz in the process or by a `dot` on the machine."""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path

from lstmdiag.diagrams import Diagram

_CONFIG = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"""


def render(dot_text: str, format: str, *, engine: str = "graphviz", scale: float = 1.0) -> bytes:
    """The drawing in `format` (svg, png, pdf)."""
    folder = Path(tempfile.gettempdir()) / "lstmdiag-fonts"
    folder.mkdir(exist_ok=True)
    config = folder / "fonts.conf"
    if not config.exists():
        config.write_text(_CONFIG.format(fonts=files("lstmdiag.rendering").joinpath("fonts"), cache=folder / "cache"))
    os.environ["FONTCONFIG_FILE"] = str(config)
    from pygraphviz import graphviz as gv

    with tempfile.TemporaryFile() as file:
        file.write(dot_text.encode())
        file.seek(0)
        graph = gv.agread(file, None)
    if format == "png":
        gv.agattr(graph, 0, b"dpi", str(96 * scale).encode())
    context = gv.gvContextWithBuiltins()
    gv.gvLayout(context, graph, b"nop2")
    _, data = gv.gvRenderData(context, graph, format.encode())
    gv.gvFreeLayout(context, graph)
    gv.gvFreeContext(context)
    gv.agclose(graph)
    return data if isinstance(data, bytes) else data.encode()


def arrange(diagram: Diagram, engine: str = "graphviz") -> Diagram:
    """Places for a diagram whose view gave none."""
    return diagram
