"""The pipeline from a model to a picture, told once: view, arrange, frame, write, render, finish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.canvas import CANVASES, FREE, Canvas, Parts
from lstmdiag.diagrams.frame import framed
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.errors import Problem, UsageError, nearest
from lstmdiag.model import Model
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection, model_and_values
from lstmdiag.writers.themes import DARK, LIGHT, PAGE, THEMES, Theme

if TYPE_CHECKING:  # it needs numpy, which no picture without numbers does
    from lstmdiag.running.values import Values

LONGEST = 200
"""Bytes of UTF-8 that a file name has before its ending: file systems take 255."""

AUTO = "auto"
"""The theme that is light or dark as whoever shows the picture is; of SVG alone."""

FORMATS = ("svg", "png", "pdf", "dot", "json")


@dataclass(frozen=True, slots=True)
class Ink:
    """How a diagram becomes bytes."""

    theme: str = "light"
    transparent: bool = False
    engine: str = "graphviz"
    scale: float = 1.0  # of PNG: 1 is 96 dots an inch
    ident: str = ""  # begins every id of an SVG: pictures that stand in one page need different ones
    inline: bool = False  # SVG for the inside of an HTML page, in the colours of that page

    def look(self) -> Theme:
        if self.inline or self.theme == AUTO:
            return PAGE
        return replace(THEMES[known("theme", self.theme, (*THEMES, AUTO))], transparent=self.transparent)


def known(what: str, name: str, allowed: Mapping[str, object] | tuple[str, ...]) -> str:
    """The name itself; raises UsageError where it is none of the allowed ones."""
    if name not in allowed:
        raise UsageError(Problem(f"there is no {what} {name!r}", hint=nearest(name, allowed)))
    return name


def canvas_for(selection: Selection, name: str | None = None) -> Canvas:
    """The canvas of this name; without one a page, or as much room as all steps or all layers take if asked for."""
    if name is None:
        return FREE if "all" in (selection.steps, selection.layers) else CANVASES["page"]
    return CANVASES[known("canvas", name, CANVASES)]


def views_of(model: Model) -> tuple[str, ...]:
    """The views this model can be seen in: the inside ones need a recurrent layer to open."""
    return tuple(view.name for view in VIEWS.values() if model.recurrent or not view.recurrent)


def placed(subject: Model | Values, view_name: str, selection: Selection, *, engine: str = "graphviz") -> Diagram:
    """The bare picture, without title, caption and legend; every part has its place.

    The values of a pass are drawn on their own model, by a view that carries numbers, which says where they come from.
    """
    model, values = model_and_values(subject)
    view = VIEWS[known("view", view_name, VIEWS)]
    diagram = view.draw(subject if view.carries_numbers else model, selection)
    if values is not None:
        origin = diagram.origin or (f"{values.origin}." if view.carries_numbers else "")
        diagram = replace(diagram, badge=values.badge, origin=origin)
    if not diagram.layout:
        return diagram
    from lstmdiag.rendering import arrange

    detail = selection.detail
    return arrange(diagram, engine=engine, width=detail.width, upright=detail.upright)


def pictured(
    subject: Model | Values,
    view_name: str,
    selection: Selection,
    canvas: Canvas = FREE,
    parts: Parts | None = None,
    *,
    engine: str = "graphviz",
    frames: bool = False,
) -> tuple[Diagram, ...]:
    """The finished picture as data; with `frames`, one per state of its build-up, all of one size."""
    whole = composed(subject, view_name, selection, canvas, parts, engine=engine)
    if not frames:
        return (whole,)
    from lstmdiag.diagrams.frames import frames as build_up

    return build_up(whole)


def composed(
    subject: Model | Values,
    view_name: str,
    selection: Selection,
    canvas: Canvas = FREE,
    parts: Parts | None = None,
    *,
    engine: str = "graphviz",
) -> Diagram:
    """The picture of one model in the richest detail that fits on the canvas, with its usual parts or with `parts`."""

    def draw(detailed: Selection) -> Diagram:
        return placed(subject, view_name, detailed, engine=engine)

    return fitting(draw, view_name, selection, canvas, parts)


def fitting(
    draw: Callable[[Selection], Diagram], view_name: str, selection: Selection, canvas: Canvas, parts: Parts | None
) -> Diagram:
    """What `draw` makes in the richest detail of the view that fits on the canvas, else in the one that comes nearest.

    It is given the selection with the detail. Where the caption is shown elsewhere, so may the legend be, which is left
    out before any detail is.
    """
    parts = parts or canvas.parts
    framings = (parts,) if parts.caption or not parts.legend else (parts, replace(parts, legend=False))
    width, height = canvas.room
    smallest: tuple[tuple[float, float], Diagram] | None = None
    for detail in VIEWS[known("view", view_name, VIEWS)].details:
        bare = draw(replace(selection, detail=replace(detail, width=width, height=height)))
        for around in framings:
            diagram = framed(bare, around, width)
            left, bottom, right, top = bounds(bare if canvas.scrolls else diagram)
            excess = canvas.excess(right - left, top - bottom)
            if smallest is None or excess < smallest[0]:
                smallest = excess, replace(diagram, zoom=canvas.zoom, unit=canvas.unit, excess=excess[0])
            if excess == (1, 1):
                return smallest[1]
    assert smallest is not None  # every view has a detail
    return smallest[1]


def inked(diagram: Diagram, format: str, ink: Ink) -> bytes:
    """The picture in one format; text formats are UTF-8."""
    if known("format", format, FORMATS) == "json":
        from lstmdiag.writers import diagram_json

        return diagram_json.write(diagram).encode()
    if format != "svg" and ink.theme == AUTO:
        problem = Problem(f"only an SVG can be light and dark, not {format}", hint="--theme light, dark or print")
        raise UsageError(problem)
    if format == "png":
        from lstmdiag.rendering import check_size

        left, bottom, right, top = bounds(diagram)
        check_size(right - left, top - bottom, ink.scale * diagram.zoom)
    from lstmdiag.writers import dot

    look = ink.look()
    text = dot.write(diagram, look, labels=format != "svg")
    if format == "dot":
        return text.encode()
    from lstmdiag.rendering import render

    drawn = render(text, format, engine=ink.engine, scale=ink.scale)
    if format != "svg":
        return drawn
    from lstmdiag.writers import svg

    follows = ink.theme == AUTO and not ink.inline
    finished = svg.finish(drawn, diagram, theme=look, ident=ink.ident, inline=ink.inline or follows)
    return (svg.both(finished, LIGHT, DARK, transparent=ink.transparent) if follows else finished).encode()


def file_stem(model: str, view_name: str, selection: Selection, frame: int | None = None) -> str:
    """SPEC.VIEW[.LAYER][.gate-G][.SIGNAL][.uJ][.tT][-NN], with what the selection says that changes this view."""
    written = {"layer": "{}", "gate": "gate-{}", "signal": "{}", "unit": "u{}", "step": "t{}"}
    read = VIEWS[view_name].changed_by(numbers=bool(selection.step))
    given = {field: value for field, value in chosen_fields(selection).items() if field in read}
    parts = [form.format(given[field]) for field, form in written.items() if field in given]
    return safe_name(".".join([model, view_name, *parts]) + ("" if frame is None else f"-{frame:02d}"))


def chosen_fields(selection: Selection) -> dict[str, object]:
    """What a selection says beyond the defaults."""
    given = {field.name: getattr(selection, field.name) for field in fields(selection)}
    return {name: value for name, value in given.items() if value != getattr(Selection(), name)}


def ident(stem: str) -> str:
    """What the ids in an SVG of this name begin with."""
    return stem.replace(".", "-")


def safe_name(name: str) -> str:
    """A file name for any text: what a file system takes amiss is written as %XX, what is too long ends in a digest."""
    written = "".join(char if char.isalnum() or char in "-_. +,=@~()" else quote(char, safe="") for char in name)
    if len(written.encode()) <= LONGEST:
        return written
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{written.encode()[: LONGEST - 9].decode(errors='ignore')}~{digest}"
