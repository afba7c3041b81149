"""`lstmdiag` with its commands, each a module beside this one, imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from lstmdiag import __version__
from lstmdiag.errors import nearest
from lstmdiag.views import VIEWS

COMMANDS = {
    "check": "Say whether specs are valid, with every mistake at its place.",
    "draw": f"Draw specs: {len(VIEWS)} views, as SVG, PNG, PDF, DOT or JSON.",
    "compare": "Say what differs between models; draw them side by side.",
    "table": "Print shapes, parameters, cost, return values or the dictionary.",
    "trace": "Compute what every unit does at every step, as numbers.",
    "pages": "Write Markdown pages and pictures for any site builder.",
    "new": "Begin a docs project that is ready for `mkdocs serve`.",
    "schema": "Print the JSON Schema of the spec language.",
    "doctor": "Look at the engine, the fonts and the versions.",
}

INTERRUPTED = 130

EPILOG = """\b
A SPEC is a path, - for standard input, or the name of a packaged example.
Completion:  eval "$(_LSTMDIAG_COMPLETE=bash_source lstmdiag)"  (or zsh_source, fish_source)
Exit codes:  0 done, 1 a spec or a check failed, 2 wrong usage, 3 the environment lacks something, 130 interrupted."""


class Commands(click.Group):
    """Knows every command's name and one line about it; imports the one that is called."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return import_module(f"lstmdiag.commands.{name}").command if name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}, {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="lstmdiag %(version)s")
def cli() -> None:
    """Draw, count and explain recurrent networks from a YAML spec."""
