"""Plain text in columns, for terminals: as wide as it shows, whatever the script."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import lru_cache

WIDEST = 44
"""Cells of prose wrap at this many columns."""


def width(text: str) -> int:
    """Columns on a terminal: two for wide characters, none for those that join the one before."""
    return len(text) if text.isascii() else sum(map(_width, text))


@lru_cache(maxsize=4096)
def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def wrapped(text: str, widest: int) -> list[str]:
    """Lines no wider than `widest`; a word too long for a line is cut."""
    text = text.lstrip(" ")
    if width(text) <= widest:
        return [text]
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= widest:
            lines[-1] = joined
            continue
        if not lines[-1]:
            lines.pop()
        lines += _cut(word, widest)
    return lines


def _cut(word: str, widest: int) -> list[str]:
    pieces = [""]
    for char in word:
        if width(pieces[-1] + char) > widest:
            pieces.append("")
        pieces[-1] += char
    return pieces


def table(heads: list[str], rows: list[list[str]], total: list[list[str]], right: list[bool]) -> list[str]:
    """Lines: heads, a rule, the rows, and below another rule the total. `right` says which columns hold numbers."""
    blocks = [some for some in ([heads], rows, total) if some]
    columns = [_Column({row[place] for block in blocks for row in block}, number) for place, number in enumerate(right)]
    rule = "  ".join("─" * column.width for column in columns)
    written = ["\n".join(_row(row, columns) for row in block) for block in blocks]
    return f"\n{rule}\n".join(written).split("\n")


class _Column:
    """One column: how wide it is, and the lines of each cell in it, filled up to that width."""

    def __init__(self, cells: Collection[str], right: bool) -> None:
        lines = {cell: wrapped(cell, WIDEST) for cell in cells}  # in a long table most cells come again
        self.width = max(width(line) for each in lines.values() for line in each)
        self.lines = {cell: [self._filled(line, right) for line in each] for cell, each in lines.items()}
        self.empty = " " * self.width

    def _filled(self, line: str, right: bool) -> str:
        room = " " * (self.width - width(line))
        return room + line if right else line + room


def _row(row: list[str], columns: list[_Column]) -> str:
    cells = [column.lines[cell] for cell, column in zip(row, columns, strict=True)]
    high = max(map(len, cells))
    if high == 1:
        return "  ".join([first for first, *_ in cells]).rstrip()
    return "\n".join(
        "  ".join(
            [cell[line] if line < len(cell) else column.empty for cell, column in zip(cells, columns, strict=True)]
        ).rstrip()
        for line in range(high)
    )
