"""`lstmdiag pages`: what the MkDocs plugin shows, as files for any other site builder."""

from __future__ import annotations

from pathlib import Path

import click

from lstmdiag.commands.common import SPECS, Failures, Progress, models_and_comparisons, only_once
from lstmdiag.errors import UsageError
from lstmdiag.files import write_changed


@click.command("pages")
@SPECS
@click.option("--output", "-o", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Their folder.")
def command(specs: tuple[str, ...], output: Path) -> None:
    """Write Markdown pages, with the drawings in them and beside them, for any site builder.

    Files that say already what they should are not touched.
    """
    from lstmdiag.site.export import check_name, common_files, entries, model_files
    from lstmdiag.site.pages import entry_text

    if output.exists() and not output.is_dir():
        raise UsageError(f"{str(output)!r} is a file")
    failures = Failures()
    found = []
    for model in models_and_comparisons(specs, failures):
        with failures.kept():
            check_name(model.name)
            found.append(model)
    only_once([model.name for model in found])
    known, texts = entries(found), []
    with Progress("writing", len(found)) as progress:
        for entry in known.values():
            with failures.kept():
                text = entry_text(entry, list(known.values()), tabs=False)
                for name, content in model_files(text, known):
                    write_changed(output / name, content)
                texts.append(text)
            progress.advance()
    for name, content in common_files(texts):
        write_changed(output / name, content)
    failures.end()
