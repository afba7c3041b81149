"""`lstmdiag doctor`: is everything here that pictures and the site need?"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import click

from lstmdiag import __version__
from lstmdiag.errors import EnvironmentLacks

DOT = 'digraph { graph [pad="0.1"] a [pos="20,20" label="σ" fontname="DejaVu Sans" fixedsize=true width=0.5] }'

LIBRARIES = (
    "click", "graphviz", "mkdocs", "mkdocs-material", "pydantic", "pygraphviz", "pymdown-extensions", "PyYAML", "rich",
)  # fmt: skip


class Finding(NamedTuple):
    state: str  # ok, note, warning, missing
    what: str
    words: str


@click.command("doctor")
def command() -> None:
    """Look at the engine, the fonts and the versions.

    Exit code 3 where something is missing that pictures or the site need.
    """
    findings = [finding for look in LOOKS for finding in look()]
    for state, what, words in findings:
        click.echo(f"{state:<8} {what:<20} {words}")
    if any(finding.state == "missing" for finding in findings):
        sys.exit(EnvironmentLacks.exit_code)


def _program() -> Iterator[Finding]:
    yield Finding("ok", "lstmdiag", __version__)
    yield Finding("ok", "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _engine() -> Iterator[Finding]:
    """Draw a picture with the shipped font in every format."""
    try:
        from lstmdiag.rendering import FORMATS, render

        drawn = {format: render(DOT, format) for format in FORMATS}
    except Exception as error:  # whatever is wrong here is what we were asked to find
        yield Finding("missing", "engine", f"Graphviz in the process: {error}")
        return
    found = re.search(rb"graphviz version ([\d.]+)", drawn["svg"])
    number = found[1].decode() if found else "of unknown version"
    yield Finding("ok", "engine", f"Graphviz {number} in the process draws {', '.join(drawn)}")
    named = b"DejaVuSans" in drawn["pdf"]
    words = "DejaVu Sans, from the package" if named else "the shipped font was not taken: PNG and PDF look different"
    yield Finding("ok" if named else "warning", "font", words)


def _system_dot() -> Iterator[Finding]:
    from lstmdiag.rendering import system

    try:
        yield Finding("ok", "dot", f"{system.version()}, for --engine dot")
    except EnvironmentLacks as error:
        yield Finding("note", "dot", f"not here, and only --engine dot needs it: {error.problems[0].hint}")


def _libraries() -> Iterator[Finding]:
    for library in LIBRARIES:
        try:
            number = version(library)
        except PackageNotFoundError:
            yield Finding("missing", library, f"pip install {library}")
            continue
        if library == "click" and re.fullmatch(r"8\.2\.2|8\.3\.\d+", number):
            mend = "pip install 'click>=8.4', or mkdocs serve --livereload"
            words = f"{number} keeps `mkdocs serve` from reloading: {mend}"
            yield Finding("warning", library, words)
        elif library == "mkdocs" and not number.startswith("1."):
            yield Finding("warning", library, f"{number} has no plugins: pip install 'mkdocs<2'")
        else:
            yield Finding("ok", library, number)


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (_program, _engine, _system_dot, _libraries)
