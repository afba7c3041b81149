"""Graphviz in this process, from pygraphviz's wheels: no program, no start-up time.

The library is not reentrant and writes its complaints to file descriptor 2, so one drawing happens at
a time, with that descriptor and the number format of the locale under our control.
"""

from __future__ import annotations

import locale
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lstmdiag.rendering.fonts import only_ours
from lstmdiag.rendering.messages import GraphvizError, check_messages

_one_at_a_time = threading.RLock()


def draw(dot_text: str, layout: str, format: str) -> bytes:
    """Lay `dot_text` out with the Graphviz engine `layout` and draw it; raises GraphvizError on any complaint."""
    with _one_at_a_time, only_ours():
        said = [""]
        try:
            with _number_format_of_c(), _standard_error(said):
                drawn = _drawn(dot_text, layout, format)
        except GraphvizError as error:
            raise GraphvizError(f"{error}: {said[0].strip()}") from error
    others = check_messages(said[0], dot_text)
    if others:
        print(others, file=sys.stderr)
    return drawn


def _drawn(dot_text: str, layout: str, format: str) -> bytes:
    from pygraphviz import graphviz as gv

    with tempfile.TemporaryFile() as file:
        file.write(dot_text.encode())
        file.seek(0)
        try:
            graph = gv.agread(file, None)
        except ValueError as error:
            raise GraphvizError("Graphviz cannot read the DOT text") from error
    context: Any = gv.gvContextWithBuiltins()
    try:
        if gv.gvLayout(context, graph, layout.encode()):
            raise GraphvizError(f"Graphviz has no layout {layout!r}")
        try:
            failed, drawn = gv.gvRenderData(context, graph, format.encode())
        finally:
            gv.gvFreeLayout(context, graph)
    finally:
        gv.agclose(graph)
        gv.gvFreeContext(context)
    if failed:
        raise GraphvizError(f"Graphviz has no format {format!r}")
    return bytes(drawn)


@contextmanager
def _number_format_of_c() -> Iterator[None]:
    """Graphviz reads numbers by the locale: under a decimal comma, `1.5` would be 1."""
    theirs = locale.setlocale(locale.LC_NUMERIC)
    if theirs == "C":
        yield
        return
    locale.setlocale(locale.LC_NUMERIC, "C")
    try:
        yield
    finally:
        locale.setlocale(locale.LC_NUMERIC, theirs)


@contextmanager
def _standard_error(said: list[str]) -> Iterator[None]:
    """Put what is written to file descriptor 2 while it lasts into said[0]."""
    try:
        theirs = os.dup(2)
    except OSError:  # a process without standard error, such as a Windows service
        yield
        return
    try:
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(theirs, 2)
                file.seek(0)
                said[0] = file.read().decode("utf-8", "replace")
    finally:
        os.close(theirs)
