"""`lstmdiag new`: a docs project that is ready for `mkdocs serve`."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from lstmdiag.errors import Problem, UsageError
from lstmdiag.files import write_whole


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also into a folder that is not empty; files of these names are replaced.")
def command(folder: Path, force: bool) -> None:
    """Begin a docs project that is ready for `mkdocs serve`.

    DIR gets mkdocs.yml, a first page, a first spec, and the JSON Schema with which an editor checks specs.
    """
    from lstmdiag.spec.schema import schema_text

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{str(folder)!r} is a file")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(Problem(f"{str(folder)!r} is not empty", hint="--force writes into it"))
    project = {**_texts(files("lstmdiag.commands") / "project"), "lstmdiag.schema.json": schema_text().encode()}
    for name, content in project.items():
        write_whole(folder / name, content)
        click.echo(folder / name)
    click.echo(f"\ncd {folder} && mkdocs serve")


def _texts(folder: Traversable, below: str = "") -> dict[str, bytes]:
    """Path → content of every file in the folder."""
    found: dict[str, bytes] = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        name = below + item.name
        found |= _texts(item, name + "/") if item.is_dir() else {name: item.read_bytes()}
    return found
