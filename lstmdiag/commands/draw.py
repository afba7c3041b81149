"""`lstmdiag draw`: pictures of specs."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmdiag.commands.canvas import canvas_options, note_excess
from lstmdiag.commands.common import (
    IGNORE_CONFIG,
    PATH,
    SPECS,
    Choice,
    Failures,
    Progress,
    complain,
    destination,
    models,
    only_once,
    put,
)
from lstmdiag.commands.trace import read_numbers
from lstmdiag.errors import Problem, UsageError
from lstmdiag.views import VIEWS

if TYPE_CHECKING:
    from lstmdiag.diagrams.canvas import Canvas, Parts
    from lstmdiag.model import Model
    from lstmdiag.running.values import Values


def _formats() -> tuple[str, ...]:
    from lstmdiag.drawing import FORMATS

    return FORMATS


def _steps(ctx: click.Context, param: click.Parameter, value: str | None) -> int | str | None:
    if value is None or value == "all":
        return value
    if value.isascii() and value.isdigit() and len(value) < 10 and int(value) > 0:
        return int(value)
    raise click.BadParameter(f"{value!r} is neither 'all' nor a whole number from 1 on", ctx, param)


POSITIVE = click.IntRange(min=1)


QUESTIONS = "\n".join(["\b", "Views:", *(f"  {view.name:9} {view.question}" for view in VIEWS.values())])


@click.command("draw", epilog=QUESTIONS)
@SPECS
@click.option(
    "--view",
    "-v",
    multiple=True,
    default=["time"],
    metavar="VIEW",
    **Choice("view", lambda: tuple(VIEWS)).settings,
    help=f"{' '.join(VIEWS)}: one, several with commas, or all.  [default: time]",
)
@click.option("--format", "-f", multiple=True, metavar="FORMAT", **Choice("format", _formats).settings,
              help="svg png pdf dot json: as --view.  [default: the ending of -o, or svg]")  # fmt: skip
@click.option("--layer", metavar="NAME", help="The recurrent layer to open.  [default: the first]")
@click.option("--gate", metavar="NAME", help="The gate to open, or the content: i f g o.  [default: the keep gate]")
@click.option("--unit", type=POSITIVE, metavar="J",
              help="The unit in focus.  [default: 1; of a trace one that its claim is about]")  # fmt: skip
@click.option("--signal", metavar="NAME,...", help="The signals to trace, such as c,h.  [default: states and gates]")
@click.option("--step", type=POSITIVE, metavar="T", help="With the numbers of this step.")
@click.option("--steps", callback=_steps, metavar="N|all", help="How many steps to draw; long sequences are elided.")
@click.option("--layers", type=click.Choice(["all"]), help="Draw equal layers in a row one by one.")
@click.option("--input", "-i", "data", metavar="FILE|JSON", type=PATH,
              help="With numbers, of this input: .json .npy .npz .csv, JSON or -.  [default: the example]")  # fmt: skip
@click.option("--weights", "-w", metavar="FILE", type=PATH,
              help="With numbers, of these weights: .npz .safetensors .keras .h5 or .onnx.")  # fmt: skip
@IGNORE_CONFIG
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), metavar="N",
              help="With numbers, of weights made as Keras does.  [default: the spec's, or 0]")  # fmt: skip
@click.option("--toy", is_flag=True, help="With numbers, of a small twin with the same wiring.")
@canvas_options
@click.option("--theme", type=click.Choice(["light", "dark", "print", "auto"]), default="light", show_default=True)
@click.option("--transparent", is_flag=True, help="No background.")
@click.option("--scale", type=click.FloatRange(0.01, 20), default=1.0, show_default=True,
              help="Size of PNG; 1 is 96 dots an inch.")  # fmt: skip
@click.option("--frames", is_flag=True, help="One picture for each state of the build-up, for slides.")
@click.option("--engine", type=click.Choice(["graphviz", "dot"]), default="graphviz", show_default=True,
              help="Graphviz in the process, or the system's dot.")  # fmt: skip
@click.option("--output", "-o", metavar="PATH|-", help="A file for one picture, a folder for more, - for stdout.")
def command(specs: tuple[str, ...], view: tuple[str, ...], format: tuple[str, ...], output: str | None,
            frames: bool, theme: str, transparent: bool, scale: float, engine: str, data: str | None,
            weights: str | None, ignore_config: bool, seed: int | None, toy: bool, canvas: Canvas, parts: Parts,
            **about: Any) -> None:  # fmt: skip
    """Draw specs, bare or with the numbers of a forward pass.

    Several pictures go to a folder, named SPEC.VIEW[.LAYER][.gate-G][.SIGNAL][.uJ][.tT][-NN].EXT.
    """
    from lstmdiag.drawing import Ink, chosen_fields, file_stem, ident, inked, pictured, views_of
    from lstmdiag.views.selection import Selection

    if "-" in specs and data == "-":
        raise UsageError("the spec and the input cannot both be standard input")
    one = len(set(specs)) * len(view) * max(len(format), 1) == 1 and not frames
    where = destination(output, one=one)
    format = format or (_ending(output) if one else "svg",)
    if one:
        _check_fit(output, format[0])
    selection, ink = Selection(**about), Ink(theme, transparent, engine, scale)
    asked = toy or any(option is not None for option in (selection.step, data, weights, seed))
    for field in chosen_fields(selection):
        if not any(field in VIEWS[name].changed_by(numbers=asked) for name in view):
            click.echo(f"note: --{field} changes nothing in {', '.join(view)}", err=True)
    if asked and not selection.step and not any(VIEWS[name].carries_numbers for name in view):
        click.echo(f"note: there are no numbers in {', '.join(view)}", err=True)
    failures, passes = Failures(), _Passes(data, weights, seed, toy, ignore_config)
    jobs = [
        (model, name)
        for model in models(specs, failures)
        for name in (views_of(model) if view == tuple(VIEWS) else view)
    ]
    only_once([file_stem(model.name, name, selection) for model, name in jobs])
    with Progress("drawing", len(jobs)) as progress:
        for model, name in jobs:
            with failures.kept(spare=view == tuple(VIEWS)):
                subject = passes.of(model) if asked and VIEWS[name].carries_numbers else model
                pictures = pictured(subject, name, selection, canvas, parts, engine=engine, frames=frames)
                note_excess(pictures[0], f"{model.name}, {name}")
                progress.expect(len(pictures) - 1)
                for number, picture in enumerate(pictures, 1):
                    stem = file_stem(model.name, name, selection, number if frames else None)
                    named = replace(ink, ident=ident(stem))
                    for ending in format:
                        put(where(f"{stem}.{ending}"), inked(picture, ending, named))
                    progress.advance()
    failures.end()


class _Passes:
    """One forward pass a model, made when a picture first asks for it: numpy is slow to import."""

    def __init__(self, data: str | None, weights: str | None, seed: int | None, toy: bool, ignore_config: bool) -> None:
        self.data, self.weights, self.seed, self.toy, self.ignore_config = data, weights, seed, toy, ignore_config
        self.made: dict[int, Values] = {}
        self.numbers: Any = None

    def of(self, model: Model) -> Values:
        from lstmdiag.running.tracing import values

        if self.data is not None and self.numbers is None:
            self.numbers = read_numbers(self.data)
        if id(model) not in self.made:
            self.made[id(model)] = values(
                model, self.numbers, self.weights, self.seed, toy=self.toy, ignore_config=self.ignore_config
            )
            complain(self.made[id(model)].notes)
        return self.made[id(model)]


def _ending(output: str | None) -> str:
    """The format that -o FILE.EXT asks for by its ending."""
    from lstmdiag.drawing import known

    ending = Path(output or "").suffix[1:].lower()
    if ending and not Path(str(output)).is_dir():
        return known("format", ending, _formats())
    return "svg"


def _check_fit(output: str | None, format: str) -> None:
    if output in (None, "-"):
        if format in ("png", "pdf") and sys.stdout is not None and sys.stdout.isatty():
            raise UsageError(Problem(f"a terminal cannot show {format.upper()}", hint="-o FILE, or a pipe"))
    elif (ending := Path(str(output)).suffix[1:].lower()) != format and ending in _formats():
        raise UsageError(f"{output!r} reads like {ending}, but the format is {format}")
