"""`lstmdiag check`: valid or not."""

from __future__ import annotations

import sys

import click

from lstmdiag.commands.common import SPECS, Failures, models
from lstmdiag.errors import Problem


@click.command("check")
@SPECS
@click.option("--format", "-f", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
              help="For people, for programs, or as annotations of GitHub Actions.")  # fmt: skip
def command(specs: tuple[str, ...], format: str) -> None:
    """Say whether specs are valid, with every mistake at its place.

    Exit code 0: all are; 1: at least one is not.
    """
    failures = Failures()
    found = models(specs, failures)
    if format == "text":
        for model in found:
            layers = f"{len(model.layers)} layer" + "s" * (len(model.layers) != 1)
            click.echo(f"{model.path}: valid, {layers}, {model.params:,} parameters")
        failures.end()
        return
    from lstmdiag.writers import problems

    all_problems: list[Problem] = [problem for error in failures.errors for problem in error.problems]
    click.echo(problems.write(all_problems, format).rstrip("\n"))
    sys.exit(failures.exit_code)
