"""Text on pictures: how to write it down, and how much room it takes in the shipped font."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil, fsum
from pathlib import Path

from lstmdiag.diagrams import Line, Number, Run, Text

SIZES: dict[str, float] = {
    "": 15, "bold": 15, "small": 12, "sub": 12, "smallsub": 12, "sup": 12, "title": 20, "muted": 12, "mono": 13,
}  # fmt: skip
"""Style → size in points; nothing is below `canvas.SMALLEST`, lowered and raised text included."""

BOLD = frozenset({"bold", "title"})
SUBS = frozenset({"sub", "smallsub"})
SUPS = frozenset({"sup"})
LEADING = 1.2  # line height over font size, as Graphviz sets labels
LOW = 4  # how much higher a line with a subscript is, or one with a superscript
_BREAK = re.compile("(?<![=×+−·→÷]) (?![=×+−·→÷])")
PARTING = frozenset("_=(/")  # signs behind which a word may go on in the next line
PIXEL = 0.75  # Graphviz's, in points


def text(*lines: str | Run | Iterable[str | Run]) -> Text:
    """Lines of strings and Runs: `text(["c", sub("t-1")], small("(100,)"))`."""
    return tuple(_line(line) for line in lines)


def _line(line: str | Run | Iterable[str | Run]) -> Line:
    parts = (line,) if isinstance(line, str | Run) else tuple(line)
    return tuple(Run(part) if isinstance(part, str) else part for part in parts)


def sub(content: object) -> Run:
    return Run(str(content), "sub")


def sup(content: object) -> Run:
    return Run(str(content), "sup")


def bold(content: object) -> Run:
    return Run(str(content), "bold")


def small(content: object) -> Run:
    return Run(str(content), "small")


def small_symbol(name: str) -> list[Run]:
    """H_1 → a small H with 1 lowered."""
    letter, _, below = name.partition("_")
    return [small(letter), *([Run(below, "smallsub")] if below else [])]


def figure(content: object, style: str = "small", of: Number | None = None) -> Run:
    """A number of a pass, which a build-up tells when it comes to it."""
    return Run(str(content), style, number=True, of=of)


def muted(content: object) -> Run:
    return Run(str(content), "muted")


def plain(label: Text) -> str:
    """The label without styles: c^[2]_t for what is raised and lowered; lines join with a newline."""
    return "\n".join("".join(_mark(run.style) + run.text for run in line) for line in label)


def _mark(style: str) -> str:
    return "_" if style in SUBS else "^" if style in SUPS else ""


_CONTROLS = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_BLANKS = dict.fromkeys(map(ord, "\t\n\r\x85\u2028\u2029"), " ")
_NEVER_XML = dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)
_READABLE = _CONTROLS | _NEVER_XML | _BLANKS | _TURNING


def readable(content: str) -> str:
    """The text without what steers a terminal, no XML may hold or turns text around: each becomes a sign that is seen.

    Every kind of line break becomes a space.
    """
    return content if content.isprintable() else content.translate(_READABLE)


@dataclass(frozen=True, slots=True)
class _Metrics:
    advances: dict[str, int]  # character → 1/1000 em
    apart: frozenset[str]  # pairs that kerning sets further apart

    def width(self, content: str, size: float) -> float:
        content = readable(content)  # as it is written
        exact = [self.advances[char] if char in self.advances else _box(char) for char in content]
        # Graphviz rounds an advance to a 64th of a pixel, then to a pixel
        pixels = sum(int(int(width * size * 0.064 / PIXEL + 0.5) / 64 + 0.5) for width in exact)
        pairs = sum(a + b in self.apart for a, b in pairwise(content))
        return max(fsum(exact) * size / 1000, pixels * PIXEL) + pairs * PIXEL


@cache
def _metrics() -> dict[str, _Metrics]:
    data = json.loads(Path(__file__).with_name("widths.json").read_text("ascii"))
    advances: dict[str, dict[str, int]] = {style: {} for style in data}
    for style, table in data.items():
        for width, chars in table["advances"].items():
            advances[style].update(dict.fromkeys(chars, int(width)))
    regular = advances["regular"]  # stands in where the bold font lacks a character
    return {style: _Metrics(regular | advances[style], frozenset(table["apart"])) for style, table in data.items()}


def _box(char: str) -> int:
    """The width of the box with its number in it that stands for a character the font lacks."""
    return 1200 if ord(char) < 0x10000 else 1650


def drawable(char: str) -> bool:
    """Whether the shipped font has a glyph for this character; controls and blanks need none."""
    return char in _metrics()["regular"].advances or char in "\n\t"


@cache
def run_width(run: Run) -> float:
    """Points, enough for a browser, which sets exact widths, and for Graphviz, which rounds them."""
    return _metrics()["bold" if run.style in BOLD else "regular"].width(run.text, SIZES[run.style])


def line_width(line: Line) -> float:
    return fsum(run_width(run) for run in line)


@cache
def line_height(line: Line) -> float:
    """Whole points, as rows of Graphviz's tables are high."""
    styles = {run.style for run in line} or {""}
    beyond = LOW * sum(not shifted.isdisjoint(styles) for shifted in (SUBS, SUPS))
    return ceil(LEADING * max(map(SIZES.__getitem__, styles))) + beyond


@cache
def measure(label: Text) -> tuple[float, float]:
    """(width, height) in points of a label at the shipped font's metrics."""
    return max(map(line_width, label), default=0.0), fsum(map(line_height, label))


def wrap(content: str, width: float, style: str = "", *, even: bool = False) -> list[Run]:
    """Break a sentence into lines no wider than `width` points; `even`: all about as long, yet no more of them.

    A sum stays whole if it fits a line; a word too long for one is cut, if it can be behind a sign.
    """
    return [Run(line, style) for line in _wrapped(content, width, style, even)]


@lru_cache(maxsize=1024)  # legends and remarks are the same in most pictures
def _wrapped(content: str, width: float, style: str, even: bool) -> tuple[str, ...]:
    pieces = list(_pieces(content, width, style))
    widths = [run_width(Run(piece, style)) for piece in pieces]
    blank = run_width(Run(" ", style))
    starts = _starts(widths, blank, width)
    narrow = width / 2
    while even and len(starts) > 1 and width - narrow > 4:
        between = (narrow + width) / 2
        tried = _starts(widths, blank, between)
        if len(tried) > len(starts):
            narrow = between
        else:
            starts, width = tried, between
    return tuple(" ".join(pieces[start:end]) for start, end in pairwise([*starts, len(pieces)]))


def _starts(widths: Sequence[float], blank: float, width: float) -> list[int]:
    """Which pieces begin a line, if lines are filled one after the other."""
    starts: list[int] = []
    room = -1.0
    for index, wide in enumerate(widths):
        room -= blank + wide
        if room < 0:
            starts.append(index)
            room = width - wide
    return starts


def _pieces(content: str, width: float, style: str) -> Iterator[str]:
    """What a line may begin with: words, and sums such as `4 × (2 + 3) = 20`."""
    for whole in filter(None, _BREAK.split(" ".join(content.split()))):
        if run_width(Run(whole, style)) <= width:
            yield whole
            continue
        for word in whole.split():
            yield from _cut(word, width, style)


def _cut(word: str, width: float, style: str) -> Iterator[str]:
    """Pieces of a word, cut behind a sign that parts it; a name or a number is cut only where it is too wide itself."""
    piece, wide, behind = "", 0.0, 0  # `behind` the last such sign in the piece
    for char in word:
        step = run_width(Run(char, style))
        if piece and wide + step > width:
            end = behind or len(piece)
            yield piece[:end]
            piece, behind = piece[end:], 0
            wide = run_width(Run(piece, style))
        piece, wide = piece + char, wide + step
        if char in PARTING:
            behind = len(piece)
    if piece:
        yield piece


def clip(content: str, width: float, style: str = "") -> str:
    """The text itself, or its beginning and an ellipsis where it is wider than `width` points."""
    if run_width(Run(content, style)) <= width:
        return content
    kept = ""
    for char in content:
        if run_width(Run(f"{kept}{char}…", style)) > width:
            break
        kept += char
    return kept.rstrip() + "…"
