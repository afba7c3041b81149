"""Graphviz's SVG made fit to be read: text, named parts, accessible words.

Graphviz draws the shapes. The text is set here, a line as one piece: Graphviz would place every run of it by
the fonts of the machine, and a reader's browser, having others, would show gaps and overlaps.

Without labels, what Graphviz writes of a part is regular, and holds no character of a user's, only `writers.names`:

    <g id="NAME" class="node CLASSES">
    <title>NAME</title>
    <polygon fill="#dcdfe0" stroke="#081723" points="394.35,-19 338.89,-19 338.89,19"/>
    </g>

What Graphviz spells in its own way is put in our words in the whole text. Then it is read part by part: the shapes
are kept, the part's label comes after them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from lstmdiag.diagrams import Diagram, Line, Node
from lstmdiag.diagrams.text import BOLD, SIZES, SUBS, SUPS, line_height, readable
from lstmdiag.writers.labels import ink, stand
from lstmdiag.writers.names import Names, Part, classes, floating, token
from lstmdiag.writers.themes import LIGHT, Theme, palette

FAMILY = "DejaVu Sans, Verdana, sans-serif"
BODY = SIZES[""]
CAPITALS = 0.72  # their height, of the font size
LOWERED, RAISED = 3.5, 5.0  # how far a subscript stands below the line, a superscript above it, points

SHIFTS = {style: LOWERED if style in SUBS else -RAISED if style in SUPS else 0.0 for style in SIZES}
STYLES = {
    style: (' font-weight="bold"' if style in BOLD else "") + (f' font-size="{size:g}"' if size != BODY else "")
    for style, size in SIZES.items()
}
"""Style of a run → its attributes."""

SPELLED = {"&#45;": "-", '"5,2"': '"6,4"', '"1,5"': '"2,4"'}
"""Graphviz's hyphen, dashes and dots, and ours."""

_HEAD = re.compile(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"[^>]*>\n<g [^>]*translate\(([-\d.]+)[ ,]([-\d.]+)\)">')
_PART = re.compile(r'<g id="([^"]*)" class="([^"]*)">\n<title>.*\n((?:<(?:polygon|path|ellipse) .*\n)*)')
_PATH = re.compile(r'(<path [^M]*M([^C]*))C(?:\2 ([^ "]*) \3|([^"]*))"/>\n')
_COLOR = re.compile("(#[0-9a-f]{6})")


def finish(svg: bytes | str, diagram: Diagram, *, theme: Theme = LIGHT, ident: str = "", inline: bool = False) -> str:
    """The picture as one `<svg>` with title and description, 1 point as 1 pixel.

    `svg` is what Graphviz drew of the diagram in this theme, with labels or without. `ident` begins every id
    in it; pictures that stand in one page need different ones. `inline` is for the inside of an HTML page,
    where an XML prolog must not stand. With `writers.themes.PAGE` as the `theme`, colours become the CSS
    variables that `css` declares.
    """
    source = svg.decode() if isinstance(svg, bytes) else svg
    ident = token(ident) or "lstmdiag"
    head = _HEAD.search(source)
    if not head:
        raise ValueError("this is no SVG that Graphviz wrote")
    width, height = (f"{float(length):g}" for length in head.groups()[:2])
    words = diagram.description or f"{diagram.claim} {diagram.reading}"
    size = f'width="{width}" height="{height}"'
    seen = size if diagram.zoom == 1 and diagram.unit == "px" else _seen(head, diagram)
    written = [
        "" if inline else '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{ident}" class="lstmdiag view-{token(diagram.view)}" role="img" ',
        f'aria-labelledby="{ident}-title {ident}-desc" {seen} viewBox="0 0 {width} {height}" ',
        f'font-family="{FAMILY}" font-size="{BODY:g}" xml:space="preserve">\n',
        f'<title id="{ident}-title">{_words(diagram.title)}</title>\n',
        f'<desc id="{ident}-desc">{_words(words)}</desc>\n',
        "" if theme.transparent else f'<rect class="background" {size} fill="{theme.background}"/>\n',
        f'<g transform="translate({head[3]} {head[4]})">\n',
    ]
    names = Names(diagram)
    known = names.parts
    free = {names.of(node.id): known.pop(names.of(node.id)) for node in floating(diagram)}
    for drawn in _PART.finditer(_in_our_words(source[head.end() :], theme)):
        name, tags, shapes = drawn.groups()
        written.append(_group(f'id="{ident}-{name}" class="{tags}"', shapes, known.get(name), theme))
    for name, part in free.items():
        written.append(_group(f'id="{ident}-{name}" class="node {classes(part)}"', "", part, theme))
    written.append("</g>\n</svg>\n")
    return "".join(written)


def _seen(head: re.Match[str], diagram: Diagram) -> str:
    """The size on the canvas that the picture is made for."""
    width, height = (f"{float(length) * diagram.zoom:g}{diagram.unit}" for length in head.groups()[:2])
    return f'width="{width}" height="{height}"'


def _in_our_words(drawn: str, theme: Theme) -> str:
    """What Graphviz drew, with our hyphens, dashes, straight wires and, of a page, colours."""
    for theirs, ours in SPELLED.items():
        drawn = drawn.replace(theirs, ours)
    drawn = _PATH.sub(_straight, drawn)
    if theme.variables:
        pieces = _COLOR.split(drawn)
        pieces[1::2] = map(theme.css, pieces[1::2])
        drawn = "".join(pieces)
    return drawn


def both(svg: str, light: Theme, dark: Theme, *, transparent: bool = False) -> str:
    """A picture finished inline in the theme PAGE, as a file that follows the palette of whoever shows it."""
    head, end, body = svg.partition("</desc>\n")
    width, height = head[head.index('viewBox="0 0 ') + 13 :].partition('"')[0].split()
    fill = f"var(--ld-background, {light.background})"
    ground = "" if transparent else f'<rect class="background" width="{width}" height="{height}" fill="{fill}"/>\n'
    style = f"<style>\n{css(light, dark)}</style>\n"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{end}{style}{ground}{body}'


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


def _group(names: str, shapes: str, part: Part | None, theme: Theme) -> str:
    """One part, if anything of it is to be seen; what the writer of DOT added is no part of the diagram."""
    label = _label(part, theme) if part and part.label else ""
    if not (shapes or label):
        return ""
    tip = f"<title>{_words(part.tip)}</title>\n" if isinstance(part, Node) and part.tip else ""
    return f"<g {names}>\n{tip}{shapes}{label}</g>\n"


def _straight(path: re.Match[str]) -> str:
    """`<path d="M0,0C0,0 9,0 9,0"/>` with its straight curves as lines, `M0,0L9,0`; nothing if it has no length."""
    way, at, end, curves = path.groups()
    if end:  # one straight piece, as most are
        return f'{way}L{end}"/>\n' if end != at else ""
    points = iter(curves.split())
    for leaving, arriving, end in zip(points, points, points, strict=True):
        if leaving != at or arriving != end:
            way += f"C{leaving} {arriving} {end}"
        elif end != at:
            way += f"L{end}"
        at = end
    return f'{way}"/>\n'


def _label(part: Part, theme: Theme) -> str:
    """The part's label, one text per line, its capitals centred on the middle of the line."""
    x, y, room = stand(part)
    pen = ink(part, theme)
    place = f'x="{x - room / 2:g}"' if room else f'x="{x:g}" text-anchor="middle"'
    faded = "" if pen.opacity == 255 else f' fill-opacity="{pen.opacity / 255:.2f}"'
    color, muted = theme.css(pen.color), theme.css(pen.muted)
    lines = [_line(line, color, muted) for line in part.label]
    top = -y - sum([height for height, _, _ in lines]) / 2
    texts = ""
    for height, rise, content in lines:
        if content:
            texts += f'<text {place} y="{top + height / 2 + rise:.2f}"{faded}{content}</text>\n'
        top += height
    return texts


@lru_cache(1 << 14)  # most lines are written again and again, in one picture and in the next
def _line(line: Line, color: str, muted: str) -> tuple[float, float, str]:
    """A line's height; how far below its middle its letters stand; the rest of its attributes, and its runs, if any."""
    height, runs = line_height(line), [run for run in line if run.text]
    if not runs:
        return height, 0.0, ""
    rise = CAPITALS / 2 * max(SIZES[run.style] for run in runs)
    first = runs[0]
    if len(runs) == 1 and not SHIFTS[first.style]:
        fill = muted if first.style == "muted" else color
        return height, rise, f' fill="{fill}"{STYLES[first.style]}>{_words(first.text)}'
    content = f' fill="{color}">'
    level = 0.0  # below the line
    for run in runs:
        style = STYLES[run.style]
        if run.style == "muted" and muted != color:
            style += f' fill="{muted}"'
        before, level = level, SHIFTS[run.style]
        if level != before:
            style += f' dy="{level - before:g}"'
        content += f"<tspan{style}>{_words(run.text)}</tspan>" if style else _words(run.text)
    return height, rise, content


def _words(content: str) -> str:
    return escape(readable(content), quote=False)
