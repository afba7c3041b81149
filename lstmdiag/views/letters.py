"""The letters of sizes as pictures print them."""

from __future__ import annotations

from lstmdiag.diagrams import Text
from lstmdiag.diagrams.text import small, small_symbol, text
from lstmdiag.model import Model
from lstmdiag.readings.axes import equally_many
from lstmdiag.words import Words

WORDS = Words("pictures")


def coincidence(model: Model) -> str:
    """A sentence where steps, features or units happen to be equally many; nothing where all differ."""
    return " ".join(
        WORDS.say("coincidence", letters=equal, both=len(equal) == 2, size=size) for size, equal in equally_many(model)
    )


def pill(letter: str, size: int | None) -> Text:
    """`T = 3` for a badge, `100` where the size has no letter; `?` for a size not known."""
    shown = "?" if size is None else f"{size:,}"
    if not letter:
        return text(small(shown))
    return text([*small_symbol(letter), small(f" = {shown}")])
