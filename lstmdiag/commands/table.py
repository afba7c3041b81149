"""`lstmdiag table`: everything there is to count."""

from __future__ import annotations

import click

from lstmdiag.commands.common import PATH, Choice, Failures, destination, models, only_once, put

ENDINGS = {"text": "txt", "md": "md", "csv": "csv", "latex": "tex", "json": "json", "html": "html"}


def _names() -> tuple[str, ...]:
    from lstmdiag.views.tables import NAMES

    return NAMES


@click.command("table")
@click.argument("specs", nargs=-1, metavar="SPEC...", type=PATH)
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

    if not specs:  # not by click: it would miss the spec where a spec stands alone and NAME is missing
        raise click.UsageError("Missing argument 'SPEC...'.")
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
