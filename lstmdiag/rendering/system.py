"""The `dot` program of the machine: the second engine, and the only subprocess of the package."""

from __future__ import annotations

import io
import threading
from contextlib import redirect_stderr

import graphviz

from lstmdiag.errors import EnvironmentLacks, Problem
from lstmdiag.rendering.fonts import only_ours
from lstmdiag.rendering.messages import GraphvizError, check_messages

INSTALL = "install it with `apt install graphviz`, `brew install graphviz` or `choco install graphviz`"

_one_at_a_time = threading.Lock()  # the environment and sys.stderr are the whole process's


def draw(dot_text: str, layout: str, format: str) -> bytes:
    """Pipe the text through the program; raises EnvironmentLacks where there is none, GraphvizError on a complaint."""
    engine, pinned = ("neato", 2) if layout == "nop2" else (layout, None)
    said = io.StringIO()
    with _one_at_a_time, only_ours(), redirect_stderr(said):
        try:
            drawn: bytes = graphviz.pipe(engine, format, dot_text.encode(), neato_no_op=pinned)
        except graphviz.ExecutableNotFound as error:
            problem = Problem(f"the engine 'dot' needs Graphviz's {engine!r} program, which is not here", hint=INSTALL)
            raise EnvironmentLacks(problem) from error
        except graphviz.CalledProcessError as error:
            raise GraphvizError(f"{engine}: {error.stderr!r}") from error
    # another version sets text a little wider or narrower than the one our boxes are measured by
    check_messages(
        "\n".join(line for line in said.getvalue().splitlines() if "too small for label" not in line), dot_text
    )
    return drawn


def version() -> str:
    """The program's version, `2.43.0`; raises EnvironmentLacks where there is none."""
    try:
        return ".".join(map(str, graphviz.version()))
    except graphviz.ExecutableNotFound as error:
        raise EnvironmentLacks(Problem("there is no 'dot' program here", hint=INSTALL)) from error
