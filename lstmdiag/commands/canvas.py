"""The options of `draw` and `compare` that say what a picture is made for, and which parts stand around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lstmdiag.diagrams.canvas import CANVASES, Parts

if TYPE_CHECKING:
    from lstmdiag.diagrams import Diagram

F = TypeVar("F", bound=Callable[..., Any])

LENGTH = click.FloatRange(min=0, min_open=True)

OPTIONS = (
    click.option(
        "--for", "made_for", type=click.Choice(tuple(CANVASES)),
        help="What the picture is made for.  [default: page; free where all steps or layers are asked for]",
    ),
    click.option("--width", type=LENGTH, metavar="N", help="Another width of that canvas, in its pixels or points."),
    click.option("--height", type=LENGTH, metavar="N", help="Another height."),
    click.option("--text", type=LENGTH, metavar="N", help="Another size of the smallest text, as it is seen."),
    click.option("--free", is_flag=True, help="As large as the picture becomes: --for free."),
    click.option("--bare", is_flag=True, help="The picture alone: without title, legend and caption."),
    click.option("--no-title", is_flag=True, help="Without the title."),
    click.option("--no-legend", is_flag=True, help="Without the legend."),
    click.option("--no-caption", is_flag=True, help="Without the caption."),
)  # fmt: skip


def note_excess(diagram: Diagram, what: str) -> None:
    """Says on standard error of a picture that is larger than its canvas by how much it is."""
    if diagram.excess > 1:
        more = max(round(100 * (diagram.excess - 1)), 1)
        click.echo(f"note: {what}: the picture is {more} % larger than its canvas", err=True)


def canvas_options(command: F) -> F:
    """A command that takes these options and is called with a `canvas` and with `parts` in their place."""

    @wraps(command)
    def called(
        *args: Any, made_for: str | None, width: float | None, height: float | None, text: float | None, free: bool,
        bare: bool, no_title: bool, no_legend: bool, no_caption: bool, **others: Any,
    ) -> Any:  # fmt: skip
        from lstmdiag.drawing import canvas_for
        from lstmdiag.views.selection import Selection

        chosen = Selection(steps=others.get("steps"), layers=others.get("layers"))
        canvas = canvas_for(chosen, "free" if free else made_for)
        canvas = replace(canvas, width=width or canvas.width, height=height or canvas.height, text=text or canvas.text)
        usual = canvas.parts
        parts = Parts(
            title=usual.title and not (bare or no_title),
            legend=usual.legend and not (bare or no_legend),
            caption=usual.caption and not (bare or no_caption),
        )
        return command(*args, canvas=canvas, parts=parts, **others)

    for option in reversed(OPTIONS):
        called = option(called)
    return called  # type: ignore[return-value]
