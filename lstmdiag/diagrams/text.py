"""Text on pictures: how to write it down, and how much room it takes in the shipped font."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from lstmdiag.diagrams import Line, Run, Text

SIZES: dict[str, float] = {
    "": 15, "bold": 15, "small": 12, "sub": 12, "smallsub": 12, "title": 20, "muted": 12, "mono": 13,
}  # fmt: skip
"""Style → size in points. Nothing is below 12, subscripts included."""

BOLD = frozenset({"bold", "title"})
SUBS = frozenset({"sub", "smallsub"})
LEADING = 1.2  # line height over font size, as Graphviz sets labels
LOW = 4.0  # how much higher a line with a subscript is
_BREAK = re.compile("(?<![=×+−·→÷]) (?![=×+−·→÷])")
PIXEL = 0.75  # Graphviz rounds the width of each character to this many points


def text(*lines: str | Run | Iterable[str | Run]) -> Text:
    """Lines of strings and Runs: `text(["c", sub("t-1")], small("(100,)"))`."""
    return tuple(_line(line) for line in lines)


def _line(line: str | Run | Iterable[str | Run]) -> Line:
    parts = (line,) if isinstance(line, str | Run) else tuple(line)
    return tuple(Run(part) if isinstance(part, str) else part for part in parts)


def sub(content: object) -> Run:
    return Run(str(content), "sub")


def bold(content: object) -> Run:
    return Run(str(content), "bold")


def small(content: object) -> Run:
    return Run(str(content), "small")


def muted(content: object) -> Run:
    return Run(str(content), "muted")


def plain(label: Text) -> str:
    """The label without styles; a subscript is written with an underscore, lines join with a newline."""
    return "\n".join(
        "".join(f"_{run.text}" if run.style in ("sub", "smallsub") else run.text for run in line) for line in label
    )


@cache
def _widths() -> dict[str, dict[str, int]]:
    data = json.loads(files("lstmdiag.diagrams").joinpath("widths.json").read_text("ascii"))
    return {
        style: {char: int(width) for width, chars in table.items() for char in chars} for style, table in data.items()
    }


def drawable(char: str) -> bool:
    """Whether the shipped font has a glyph for this character; controls and blanks need none."""
    return char in _widths()["regular"] or char in "\n\t"


@cache
def run_width(run: Run) -> float:
    """Points, enough for a browser (exact widths) and for Graphviz. A character the font lacks counts as one em."""
    table = _widths()["bold" if run.style in BOLD else "regular"]
    scale = SIZES[run.style] / 1000
    exact = [table.get(char, 1000) * scale for char in run.text]
    return max(sum(exact), sum(int(width / PIXEL + 0.5) for width in exact) * PIXEL)


def line_width(line: Line) -> float:
    return sum(run_width(run) for run in line)


def line_height(line: Line) -> float:
    low = LOW if any(run.style in SUBS for run in line) else 0
    return LEADING * max((SIZES[run.style] for run in line), default=SIZES[""]) + low


@cache
def measure(label: Text) -> tuple[float, float]:
    """(width, height) in points of a label at the shipped font's metrics."""
    return max(map(line_width, label), default=0.0), sum(map(line_height, label))


def wrap(content: str, width: float, style: str = "") -> list[Run]:
    """Break a sentence into lines no wider than `width` points.

    A sum stays whole if it fits a line; a word too long for one is cut.
    """
    lines: list[str] = []
    for piece in _pieces(content, width, style):
        joined = f"{lines[-1]} {piece}" if lines else piece
        if lines and run_width(Run(joined, style)) <= width:
            lines[-1] = joined
        else:
            lines.append(piece)
    return [Run(line, style) for line in lines]


def _pieces(content: str, width: float, style: str) -> Iterator[str]:
    """What a line may begin with: words, and sums such as `4 × (2 + 3) = 20`."""
    for whole in filter(None, _BREAK.split(" ".join(content.split()))):
        if run_width(Run(whole, style)) <= width:
            yield whole
            continue
        for word in whole.split():
            yield from _cut(word, width, style)


def _cut(word: str, width: float, style: str) -> Iterator[str]:
    piece, wide = "", 0.0
    for char in word:
        step = run_width(Run(char, style))
        if piece and wide + step > width:
            yield piece
            piece, wide = "", 0.0
        piece, wide = piece + char, wide + step
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
