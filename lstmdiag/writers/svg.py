"""Graphviz's SVG made fit to be read: text, named parts, accessible words.

Graphviz draws the shapes. The text is set here, a line as one piece: Graphviz would place every run of it by
the fonts of the machine, and a reader's browser, having others, would show gaps and overlaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from lstmdiag.diagrams import Diagram, Node, Run
from lstmdiag.diagrams.text import BOLD, SIZES, SUBS, SUPS, line_height, measure, readable
from lstmdiag.writers.labels import Ink, ink, stand
from lstmdiag.writers.names import Names, Part, classes, floating, parts, token
from lstmdiag.writers.themes import LIGHT, Theme, palette

FAMILY = "DejaVu Sans, Verdana, sans-serif"
BODY = SIZES[""]
CAPITALS = 0.72  # their height, of the font size
LOWERED, RAISED = 3.5, 5.0  # how far a subscript stands below the line, a superscript above it, points

_SIZE = re.compile(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"')
_ORIGIN = re.compile(r'translate\(([-\d.]+)[ ,]([-\d.]+)\)">')
_GROUND = re.compile(r'<polygon fill="([^"]*)" stroke="(?:none|transparent)" points="[^"]*"/>\n')
_PART = re.compile(r'<g id="([^"]*)" class="([^"]*)">\n<title>[^<]*</title>\n(.*?)</g>\n', re.DOTALL)
_TEXT = re.compile(r"<text .*?</text>\n", re.DOTALL)
_NO_LENGTH = re.compile(r'<path [^>]* d="M([^C"]*)C\1 \1 \1"/>\n')
_CURVES = re.compile(r' d="M([^C"]*)C([^"]*)"')
_COLOR = re.compile(r'"(#[0-9a-f]{6})"')
_VARIABLE = re.compile(r"var\((--ld-[\w-]+), #[0-9a-f]{6}\)")


def finish(svg: bytes | str, diagram: Diagram, *, theme: Theme = LIGHT, ident: str = "", inline: bool = False) -> str:
    """The picture as one `<svg>` with title and description, 1 point as 1 pixel.

    `svg` is what Graphviz drew of the diagram in this theme, with labels or without. `ident` begins every id
    in it; pictures that stand in one page need different ones. `inline` is for the inside of an HTML page,
    where an XML prolog must not stand. With `writers.themes.PAGE` as the `theme`, colours become the CSS
    variables that `css` declares.
    """
    source = svg.decode() if isinstance(svg, bytes) else svg
    source = source.replace("&#45;", "-").replace('="5,2"', '="6,4"').replace('="1,5"', '="2,4"')
    ident = token(ident) or "lstmdiag"
    size, origin, ground = _SIZE.search(source), _ORIGIN.search(source), _GROUND.search(source)
    if not size or not origin:
        raise ValueError("this is no SVG that Graphviz wrote")
    body = _Parts(diagram, theme, ident).finished(_PART.findall(source, origin.end()))
    width, height = (f"{float(length):g}" for length in size.groups())
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{ident}" class="lstmdiag view-{token(diagram.view)}" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FAMILY}" font-size="{BODY:g}" xml:space="preserve">\n'
    )
    words = diagram.description or f"{diagram.claim} {diagram.reading}"
    told = f'<title id="{ident}-title">{_words(diagram.title)}</title>\n'
    told += f'<desc id="{ident}-desc">{_words(words)}</desc>\n'
    fill = ground[1] if ground else "none"
    back = f'<rect class="background" width="{width}" height="{height}" fill="{fill}"/>\n' if fill != "none" else ""
    whole = f'{head}{told}{back}<g transform="translate({origin[1]} {origin[2]})">\n{body}</g>\n</svg>\n'
    if theme.variables:
        values = theme.variables
        whole = _COLOR.sub(lambda match: f'"{values.get(match[1], match[1])}"', whole)
    return whole if inline else f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}'


def alone(svg: str, theme: Theme) -> str:
    """A picture finished for a page, in PAGE and inline, as a file of its own: what `finish` gives in that theme."""
    colors = palette(theme)
    return _grounded(_VARIABLE.sub(lambda found: colors[found[1]], svg), "", theme.background)


def both(svg: str, light: Theme, dark: Theme) -> str:
    """The same as a file that follows the palette of whoever shows it, as pages show images."""
    return _grounded(svg, f"<style>\n{css(light, dark)}</style>\n", f"var(--ld-background, {light.background})")


def _grounded(svg: str, style: str, background: str) -> str:
    head, end, body = svg.partition("</desc>\n")
    size = head[head.index("width=") : head.index(" viewBox")]
    back = f'<rect class="background" {size} fill="{background}"/>\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{end}{style}{back}{body}'


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

    def __init__(self, diagram: Diagram, theme: Theme, ident: str) -> None:
        self.theme = theme
        self.ident = ident
        names = Names(diagram)
        self.by_name = {names.of(part.id): part for part in parts(diagram)}
        self.floating = {names.of(node.id): node for node in floating(diagram)}

    def finished(self, drawn: Iterable[tuple[str, str, str]]) -> str:
        """The parts Graphviz drew, each (id, classes, content), and over them the free text."""
        drawn = (part for part in drawn if part[0] not in self.floating)
        words = ((name, f"node {classes(node)}", "") for name, node in self.floating.items())
        return "".join(self.part(*part) for part in (*drawn, *words))

    def part(self, name: str, tags: str, content: str) -> str:
        """One `<g>`, or nothing where there is nothing to see."""
        known = self.by_name.get(name)
        if "<text" in content:
            content = _TEXT.sub("", content)
        if "<path" in content:
            content = _CURVES.sub(_simpler, _NO_LENGTH.sub("", content))
        if known and known.label:
            content += _lettered(known, self.theme)
        if not content:
            return ""
        tip = f"<title>{_words(known.tip)}</title>\n" if isinstance(known, Node) and known.tip else ""
        return f'<g id="{self.ident}-{name}" class="{tags}">\n{tip}{content}</g>\n'


def _lettered(part: Part, theme: Theme) -> str:
    """The part's label, one text per line, its capitals centred on the middle of the line."""
    x, y, room = stand(part)
    pen = ink(part, theme)
    place = f'x="{x - room / 2:g}"' if room else f'x="{x:g}" text-anchor="middle"'
    faded = "" if pen.opacity == 255 else f' fill-opacity="{pen.opacity / 255:.2f}"'
    below = -y - measure(part.label)[1] / 2
    written = []
    for line in part.label:
        height = line_height(line)
        runs = [run for run in line if run.text]
        if runs:
            base = below + height / 2 + CAPITALS / 2 * max(SIZES[run.style] for run in runs)
            written.append(f'<text {place} y="{base:.2f}"{faded}{_line(runs, pen)}</text>\n')
        below += height
    return "".join(written)


def _line(runs: Sequence[Run], pen: Ink) -> str:
    """The rest of a text's attributes, and its runs."""
    first = runs[0]
    if len(runs) == 1 and first.style not in SUBS | SUPS:
        return f' fill="{_color(first, pen)}"{_style(first)}>{_words(first.text)}'
    spans = [f' fill="{pen.color}">']
    level = 0.0  # below the line
    for run in runs:
        color = _color(run, pen)
        style = _style(run) + (f' fill="{color}"' if color != pen.color else "")
        before, level = level, LOWERED if run.style in SUBS else -RAISED if run.style in SUPS else 0.0
        if level != before:
            style += f' dy="{level - before:g}"'
        spans.append(f"<tspan{style}>{_words(run.text)}</tspan>" if style else _words(run.text))
    return "".join(spans)


def _color(run: Run, pen: Ink) -> str:
    return pen.muted if run.style == "muted" else pen.color


def _style(run: Run) -> str:
    size = SIZES[run.style]
    return (' font-weight="bold"' if run.style in BOLD else "") + (f' font-size="{size:g}"' if size != BODY else "")


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
