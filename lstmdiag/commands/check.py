"""`lstmdiag check`: valid or not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lstmdiag.commands.common import SPECS, Failures, models_and_comparisons
from lstmdiag.english import counted
from lstmdiag.errors import Problem

if TYPE_CHECKING:
    from lstmdiag.comparing import Compared
    from lstmdiag.model import Model


@click.command("check")
@SPECS
@click.option("--format", "-f", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
              help="For people, for programs, or as annotations of GitHub Actions.")  # fmt: skip
def command(specs: tuple[str, ...], format: str) -> None:
    """Say whether specs are valid, with every mistake at its place.

    Exit code 0: all are; 1: at least one is not.
    """
    failures = Failures()
    found = models_and_comparisons(specs, failures)
    if format == "text":
        from lstmdiag.diagrams.text import readable

        for model in found:
            click.echo(f"{readable(model.path)}: valid, {_about(model)}")
        failures.end()
        return
    from lstmdiag.writers import problems

    all_problems: list[Problem] = [problem for error in failures.errors for problem in error.problems]
    click.echo(problems.write(all_problems, format).rstrip("\n"))
    sys.exit(failures.exit_code)


def _about(found: Model | Compared) -> str:
    from lstmdiag.model import Model

    if not isinstance(found, Model):
        return f"compares {len(found.models)} models"
    return f"{counted(len(found.layers), 'layer')}, {counted(found.params, 'parameter')}"
