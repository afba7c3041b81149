"""`lstmdiag compare`: what differs between models, in words, as a table and as one picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lstmdiag.commands.canvas import canvas_options, note_excess
from lstmdiag.commands.common import PATH, Choice, Failures, destination, put
from lstmdiag.errors import Problem, UsageError
from lstmdiag.views import VIEWS

if TYPE_CHECKING:
    from lstmdiag.comparing import Compared
    from lstmdiag.diagrams.canvas import Canvas, Parts

TEXTS = {"text": "txt", "md": "md", "json": "json"}
PICTURES = ("svg", "png", "pdf", "dot")


@click.command("compare")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...", type=PATH)
@click.option("--format", "-f", type=click.Choice([*TEXTS, *PICTURES]),
              help="What differs, or the picture.  [default: by -o; svg with --view, else text]")  # fmt: skip
@click.option("--view", "-v", multiple=True, metavar="VIEW", **Choice("view", lambda: tuple(VIEWS)).settings,
              help=f"The view to draw of each: {' '.join(VIEWS)}.  [default: where it shows]")  # fmt: skip
@click.option("--layer", metavar="NAME", help="The recurrent layer to open.  [default: the first of each]")
@canvas_options
@click.option("--theme", type=click.Choice(["light", "dark", "print"]), default="light", show_default=True)
@click.option("--scale", type=click.FloatRange(0.01, 20), default=1.0, show_default=True,
              help="Size of PNG; 1 is 96 dots an inch.")  # fmt: skip
@click.option("--output", "-o", metavar="PATH|-", help="A file, a folder for several pictures, - for stdout.")
def command(specs: tuple[str, ...], format: str | None, view: tuple[str, ...], layer: str | None, theme: str,
            scale: float, output: str | None, canvas: Canvas, parts: Parts) -> None:  # fmt: skip
    """Say what differs between two to four models, the others against the first.

    SPEC is a model each, or one spec that has `compare:`.
    """
    from lstmdiag.comparing.words import write
    from lstmdiag.drawing import canvas_for, safe_name
    from lstmdiag.views.selection import Selection

    chosen = format or _by_ending(output) or ("svg" if view else "text")
    if chosen in ("png", "pdf") and output in (None, "-") and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError(Problem(f"a terminal cannot show {chosen.upper()}", hint="-o FILE, or a pipe"))
    compared = _compared(specs)
    if chosen in TEXTS:
        for option, given in (("view", view), ("layer", layer), ("for", canvas != canvas_for(Selection()))):
            if given:
                click.echo(f"note: --{option} changes nothing in {chosen}", err=True)
        name = f"{safe_name(compared.name)}.compare.{TEXTS[chosen]}"
        put(destination(output, one=True)(name), write(compared, chosen).encode())
        return
    from lstmdiag.comparing.picture import pictured, views
    from lstmdiag.drawing import Ink, ident, inked

    wanted = view or views(compared)[:1]
    where = destination(output, one=len(wanted) == 1)
    selection = Selection(layer=layer or compared.layer)
    for each in wanted:
        stem = safe_name(f"{compared.name}.{each}")
        ink = Ink(theme, scale=scale, ident=ident(stem))
        drawn = pictured(compared, each, selection, canvas, parts)
        note_excess(drawn, f"{compared.name}, {each}")
        put(where(f"{stem}.{chosen}"), inked(drawn, chosen, ink))


def _by_ending(output: str | None) -> str | None:
    """The format that -o FILE.EXT asks for."""
    ending = Path(output or "").suffix[1:].lower()
    if not ending or Path(str(output)).is_dir():
        return None
    return {"txt": "text", **{name: name for name in (*TEXTS, *PICTURES)}}.get(ending)


def _compared(specs: tuple[str, ...]) -> Compared:
    """The models, or those that the one spec names; ends the program where one of them cannot be read."""
    from lstmdiag.comparing import Compared, load_either, of_models
    from lstmdiag.model import Model

    failures = Failures()
    found: list[Model] = []
    for source in dict.fromkeys(specs):
        with failures.kept():
            made = load_either(source)
            if isinstance(made, Compared) and len(set(specs)) == 1:
                return made
            if isinstance(made, Compared):
                raise UsageError(Problem(f"{source!r} is a comparison itself", hint="name models, or it alone"))
            found.append(made)
    failures.end()
    return of_models(found)
