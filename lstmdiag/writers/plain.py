"""Plain text in columns, for terminals: as wide as it shows, whatever the script."""

from __future__ import annotations

import unicodedata
from itertools import zip_longest

WIDEST = 44
"""Cells of prose wrap at this many columns."""


def width(text: str) -> int:
    """Columns on a terminal: two for wide characters, none for those that join the one before."""
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def wrapped(text: str, widest: int) -> list[str]:
    """Lines no wider than `widest`; a word too long for a line is cut."""
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
    blocks = [[[wrapped(cell, WIDEST) for cell in row] for row in some] for some in ([heads], rows, total) if some]
    widths = [
        max(width(line) for block in blocks for row in block for line in row[column]) for column in range(len(heads))
    ]
    rule = "  ".join("─" * size for size in widths)
    written = ["\n".join(_row(row, widths, right) for row in block) for block in blocks]
    return f"\n{rule}\n".join(written).split("\n")


def _row(row: list[list[str]], widths: list[int], right: list[bool]) -> str:
    lines = zip_longest(*row, fillvalue="")
    return "\n".join(
        "  ".join(_set(text, size, number) for text, size, number in zip(line, widths, right, strict=True)).rstrip()
        for line in lines
    )


def _set(text: str, size: int, right: bool) -> str:
    room = " " * (size - width(text))
    return room + text if right else text + room
