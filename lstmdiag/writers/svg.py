"""Graphviz's SVG made fit to be read: named parts, accessible words, text that keeps together in any font.

Graphviz places every run of a label by the font it has; here the runs of a line become one text again,
anchored as the line is, so that a browser with another font leaves no gaps and overlaps nothing.
"""

from __future__ import annotations

import re
from html import escape

from lstmdiag.diagrams import Diagram, Edge, Node
from lstmdiag.diagrams.lines import distinct, middle
from lstmdiag.diagrams.text import SIZES
from lstmdiag.writers.names import Names, Part, parts, readable, token
from lstmdiag.writers.themes import Theme, palette

FAMILY = "DejaVu Sans, Verdana, sans-serif"
LOWERED = 3.5  # how far a subscript stands below the line, points

_SIZE = re.compile(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"')
_ORIGIN = re.compile(r'translate\(([-\d.]+)[ ,]([-\d.]+)\)">')
_GROUND = re.compile(r'<polygon fill="([^"]*)" stroke="(?:none|transparent)" points="[^"]*"/>\n')
_PART = re.compile(r'<g id="([^"]*)" class="([^"]*)">\n<title>[^<]*</title>\n(.*?)</g>\n', re.DOTALL)
_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>\n")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_NO_LENGTH = re.compile(r'<path [^>]* d="M([^C"]*)C\1 \1 \1"/>\n')
_CURVES = re.compile(r' d="M([^C"]*)C([^"]*)"')
_COLOR = re.compile(r'"(#[0-9a-f]{6})"')

_USUAL = {"font-size": "15", "font-weight": "normal", "fill": "#000000", "fill-opacity": "1"}


def finish(
    svg: bytes | str, diagram: Diagram, *, theme: Theme | None = None, ident: str = "", inline: bool = False
) -> str:
    """The picture as one `<svg>` with title and description, 1 point as 1 pixel.

    `ident` begins every id in it; pictures that stand in one page need different ones. `inline` is for the
    inside of an HTML page, where an XML prolog must not stand. With `writers.themes.PAGE` as the `theme`,
    colours become the CSS variables that `css` declares.
    """
    source = svg.decode() if isinstance(svg, bytes) else svg
    source = source.replace("&#45;", "-").replace('="5,2"', '="6,4"').replace('="1,5"', '="2,4"')
    ident = token(ident) or "lstmdiag"
    size, origin, ground = _SIZE.search(source), _ORIGIN.search(source), _GROUND.search(source)
    if not size or not origin:
        raise ValueError("this is no SVG that Graphviz wrote")
    body = "".join(map(_Parts(diagram, ident).finished, _PART.findall(source, origin.end())))
    width, height = (f"{float(length):g}" for length in size.groups())
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{ident}" class="lstmdiag view-{token(diagram.view)}" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FAMILY}" font-size="15" xml:space="preserve">\n'
    )
    words = diagram.description or f"{diagram.claim} {diagram.reading}"
    told = f'<title id="{ident}-title">{_words(diagram.title)}</title>\n'
    told += f'<desc id="{ident}-desc">{_words(words)}</desc>\n'
    fill = ground[1] if ground else "none"
    back = f'<rect class="background" width="{width}" height="{height}" fill="{fill}"/>\n' if fill != "none" else ""
    whole = f'{head}{told}{back}<g transform="translate({origin[1]} {origin[2]})">\n{body}</g>\n</svg>\n'
    if theme and theme.variables:
        values = theme.variables
        whole = _COLOR.sub(lambda match: f'"{values.get(match[1], match[1])}"', whole)
    return whole if inline else f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}'


def css(light: Theme, dark: Theme) -> str:
    """The variables that pictures drawn in the theme PAGE use, by the palette of Material or of the reader."""
    light_values, dark_values = (
        "".join(f"  {name}: {color};\n" for name, color in palette(theme).items()) for theme in (light, dark)
    )
    return (
        f':root, [data-md-color-scheme="default"] {{\n{light_values}}}\n'
        f"@media (prefers-color-scheme: dark) {{\n:root {{\n{dark_values}}}\n}}\n"
        f'[data-md-color-scheme="slate"] {{\n{dark_values}}}\n'
    )


def _words(content: str) -> str:
    return escape(readable(content), quote=False)


class _Parts:
    """Finishes the parts of a picture one by one, with what the diagram knows of them."""

    def __init__(self, diagram: Diagram, ident: str) -> None:
        self.ident = ident
        names = Names(diagram)
        self.by_name = {names.of(part.id): part for part in parts(diagram)}

    def finished(self, part: tuple[str, str, str]) -> str:
        """One `<g>` of Graphviz's: (id, classes, content). Nothing where it draws nothing."""
        name, tags, content = part
        if not content:
            return ""
        known = self.by_name.get(name)
        content = _CURVES.sub(_simpler, _NO_LENGTH.sub("", content))
        if "<text" in content:
            start = content.index("<text")
            content = content[:start] + _lines(content[start:], _centre(known))
        tip = f"<title>{_words(known.tip)}</title>\n" if isinstance(known, Node) and known.tip else ""
        return f'<g id="{self.ident}-{name}" class="{tags}">\n{tip}{content}</g>\n'


def _centre(part: Part | None) -> str:
    """Where the lines of the part's label have their middle; nothing where they begin at one edge."""
    if isinstance(part, Edge):
        return f"{(part.label_at or middle(distinct(part.points)))[0]:g}"
    return f"{part.x:g}" if isinstance(part, Node) and part.align != "left" else ""


def _lines(content: str, centre: str) -> str:
    """One text per line; `centre` is the x of its middle, or nothing to begin where Graphviz began."""
    lines: dict[str, list[tuple[dict[str, str], str]]] = {}
    for raw, words in _TEXT.findall(content):
        run = dict(_ATTRIBUTE.findall(raw))
        size = SIZES["sub"] if "baseline-shift" in run else float(run["font-size"])
        run["font-size"] = f"{size:g}"
        lines.setdefault(run["y"], []).append((run, words))
    return "".join(_line(y, runs, centre) for y, runs in lines.items())


def _line(y: str, runs: list[tuple[dict[str, str], str]], centre: str) -> str:
    first = runs[0][0]
    place = f'x="{centre}" y="{y}" text-anchor="middle"' if centre else f'x="{first["x"]}" y="{y}"'
    lowered = False
    spans = []
    for run, words in runs:
        style = _style(run, first)
        if ("baseline-shift" in run) != lowered:
            lowered = not lowered
            style += f' dy="{LOWERED if lowered else -LOWERED:g}"'
        spans.append(f"<tspan{style}>{words}</tspan>" if style else words)
    return f"<text {place}{_style(first, _USUAL)}>{''.join(spans)}</text>\n"


def _style(run: dict[str, str], around: dict[str, str]) -> str:
    """What of the run's style differs from that around it."""
    styles = ((key, run.get(key, usual), around.get(key, usual)) for key, usual in _USUAL.items())
    return "".join(f' {key}="{own}"' for key, own, theirs in styles if own != theirs)


def _simpler(match: re.Match[str]) -> str:
    """A path with its straight curves written as lines."""
    at = match[1]
    path = [f"M{at}"]
    points = match[2].split()
    for leaving, arriving, end in zip(points[::3], points[1::3], points[2::3], strict=True):
        if leaving == at and arriving == end:
            path.append(f"L{end}" if end != at else "")
        else:
            path.append(f"C{leaving} {arriving} {end}")
        at = end
    return f' d="{"".join(path)}"'
