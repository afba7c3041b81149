"""DOT → bytes, by the Graphviz that comes with the package, or by the `dot` program of the machine."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from math import inf
from types import MappingProxyType

from lstmdiag.diagrams import Diagram
from lstmdiag.errors import Problem, UsageError, nearest
from lstmdiag.rendering import inprocess
from lstmdiag.rendering.messages import TooLarge, missing_glyphs
from lstmdiag.rendering.pdf import without_date
from lstmdiag.rendering.png import with_resolution

FORMATS = ("svg", "png", "pdf")
BESIDE = 10.0  # between two boxes of a picture that runs down, points
SCALES = (0.01, 20.0)
DOTS = 32_767  # a side, of what the bitmap writer takes
AREA = 200_000_000  # dots in all: 0.8 GB while it is drawn

Engine = Callable[[str, str, str], bytes]  # (DOT text, layout, format) → the drawing


def _by_program(dot_text: str, layout: str, format: str) -> bytes:
    from lstmdiag.rendering import system  # with a library that is needed for nothing else here

    return system.draw(dot_text, layout, format)


ENGINES: Mapping[str, Engine] = MappingProxyType({"graphviz": inprocess.draw, "dot": _by_program})


class MissingGlyphs(UserWarning):
    """The shipped font cannot draw some characters: PNG and PDF have boxes there, SVG is faithful."""


def render(dot_text: str, format: str, *, engine: str = "graphviz", scale: float = 1.0) -> bytes:
    """The drawing in `format`: svg, png (96 dots an inch times `scale`) or pdf.

    `dot_text` is DOT with every part pinned, as `writers.dot` makes it. Raises UsageError for an engine
    or format there is not, a scale beyond SCALES and a PNG that is too large, EnvironmentLacks where the
    `dot` program is missing. Warns with MissingGlyphs, once, of characters that PNG and PDF cannot show.
    """
    if format not in FORMATS:
        raise UsageError(Problem(f"cannot draw as {format!r}", hint=nearest(format, FORMATS)))
    if not SCALES[0] <= scale <= SCALES[1]:  # not a number is no scale either
        raise UsageError(Problem(f"cannot draw at scale {scale}", hint=f"from {SCALES[0]:g} to {SCALES[1]:g}"))
    draw = chosen(engine)
    if format != "svg":
        _warn_of_missing(dot_text)
    for attribute in {"png": (f"dpi={96 * scale:g}",), "pdf": ("margin=0",)}.get(format, ()):
        dot_text = dot_text.replace("{", f"{{\n\tgraph [{attribute}]", 1)
    try:
        drawn = draw(dot_text, "nop2", format)
    except TooLarge as error:
        raise _too_large() from error
    if format == "png":
        return with_resolution(drawn, 96 * scale)
    return without_date(drawn) if format == "pdf" else drawn


def check_size(width: float, height: float, scale: float) -> None:
    """Raises UsageError where a PNG of so many points would be too large, before any memory is taken for it."""
    across, up = width / 72 * 96 * scale, height / 72 * 96 * scale
    if max(across, up) > DOTS or across * up > AREA:
        raise _too_large()


def arrange(diagram: Diagram, *, engine: str = "graphviz", width: float = inf, upright: bool = False) -> Diagram:
    """The diagram with places found by Graphviz's `dot`, for one whose view gave none (`layout`).

    It runs to the right, in rows of this width in points, or if `upright` down.
    """
    from lstmdiag.diagrams.turning import turned, turned_back
    from lstmdiag.rendering.layout import arranged
    from lstmdiag.rendering.rows import wrapped

    if upright:
        return turned_back(arranged(turned(diagram), chosen(engine), BESIDE))
    return wrapped(arranged(diagram, chosen(engine)), width)


def chosen(engine: str) -> Engine:
    """The engine of this name; raises UsageError with the names there are."""
    if engine not in ENGINES:
        raise UsageError(Problem(f"there is no engine {engine!r}", hint=nearest(engine, ENGINES)))
    return ENGINES[engine]


def _too_large() -> UsageError:
    message = f"the picture is too large for a PNG ({DOTS:,} dots a side, {AREA:,} in all)"
    return UsageError(Problem(message, hint="draw it as svg or pdf, or with a smaller --scale"))


def _warn_of_missing(dot_text: str) -> None:
    missing = missing_glyphs(dot_text)
    if missing:
        shown = " ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        codes = ", ".join(f"U+{ord(char):04X}" for char in missing[:10])
        message = f"the font has no glyph for {shown} ({codes}); PNG and PDF show a box there, SVG the text"
        warnings.warn(message, MissingGlyphs, stacklevel=3)
