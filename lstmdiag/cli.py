"""The command line. Each command is a module of `lstmdiag.commands`, imported when it is called.

Exit codes: 0 done, 1 a spec or a check failed, 2 wrong usage, 3 the environment lacks something.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module

import click

from lstmdiag import __version__
from lstmdiag.errors import nearest

COMMANDS = {
    "check": "Say whether specs are valid, with every mistake at its place.",
    "draw": "Draw specs: nine views, as SVG, PNG, PDF, DOT or JSON.",
    "compare": "Say what differs between models; draw them side by side.",
    "table": "Print shapes, parameters, cost, return values or the dictionary.",
    "trace": "Compute what every unit does at every step, as numbers.",
    "pages": "Write Markdown pages and pictures for any site builder.",
    "new": "Begin a docs project that is ready for `mkdocs serve`.",
    "schema": "Print the JSON Schema of the spec language.",
    "doctor": "Look at the engine, the fonts and the versions.",
}

EPILOG = """\b
A SPEC is a path, - for standard input, or the name of a packaged example.
Completion:  eval "$(_LSTMDIAG_COMPLETE=bash_source lstmdiag)"  (or zsh_source, fish_source)
Exit codes:  0 done, 1 a spec or a check failed, 2 wrong usage, 3 the environment lacks something."""


class Commands(click.Group):
    """Knows every command's name and one line about it; imports the one that is called."""

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


def main() -> None:
    """Run the command line and exit."""
    warnings.showwarning = _warn
    if sys.stderr is None:  # `2>&-`: there is nobody to tell, and still work to do
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them takes longer than reading a spec
    try:
        cli(prog_name="lstmdiag")
    except Exception as error:
        from lstmdiag.commands.common import complain
        from lstmdiag.errors import understood

        known = understood(error)
        complain(known)
        sys.exit(known.exit_code)


def _warn(message: Warning | str, category: type[Warning], *where: object, **more: object) -> None:
    """A warning without the line of code it came from."""
    click.echo(f"warning: {message}", err=True)
