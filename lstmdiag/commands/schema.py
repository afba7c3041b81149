"""`lstmdiag schema`: the spec language, for editors."""

from __future__ import annotations

import click

from lstmdiag.commands.common import destination, put


@click.command("schema")
@click.option("--output", "-o", metavar="FILE|-", help="A file; - is stdout.")
def command(output: str | None) -> None:
    """Print the JSON Schema of the spec language.

    An editor with a YAML language server checks a spec as you type when the spec's first line is
    `# yaml-language-server: $schema=PATH`.
    """
    from lstmdiag.spec.schema import schema_text

    put(destination(output, one=True)("lstmdiag.schema.json"), schema_text().encode())
