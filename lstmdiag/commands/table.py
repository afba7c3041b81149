"""`lstmdiag table`: everything there is to count."""

from __future__ import annotations

import click

from lstmdiag.commands.common import SPECS, Choice, Failures, destination, models, only_once, put

ENDINGS = {"text": "txt", "md": "md", "csv": "csv", "latex": "tex", "json": "json", "html": "html"}


def _names() -> tuple[str, ...]:
    from lstmdiag.views.tables import NAMES

    return NAMES


@click.command("table")
@SPECS
@click.argument("name", **Choice("table", _names).settings)
@click.option("--format", "-f", type=click.Choice(list(ENDINGS)), default="text", show_default=True)
@click.option("--output", "-o", metavar="PATH|-", help="A file for one table, a folder for more, - for stdout.")
def command(specs: tuple[str, ...], name: tuple[str, ...], format: str, output: str | None) -> None:
    """Print a table of specs.

    NAME is shapes, params, cost, returns or dictionary; takes commas, or all. Several tables go to a
    folder, named SPEC.NAME.EXT.
    """
    from lstmdiag.drawing import safe_name
    from lstmdiag.views.tables import table
    from lstmdiag.writers import tables

    where = destination(output, one=len(set(specs)) * len(name) == 1)
    failures = Failures()
    found = models(specs, failures)
    only_once([model.name for model in found])
    for model in found:
        for each in name:
            with failures.kept():
                written = tables.write(table(model, each), format)
                put(where(f"{safe_name(model.name)}.{each}.{ENDINGS[format]}"), written.encode())
    failures.end()
