"""The letters of sizes as pictures print them."""

from __future__ import annotations

from collections.abc import Sequence

from lstmdiag.analysis.axes import equally_many
from lstmdiag.diagrams import Text
from lstmdiag.diagrams.text import small, small_symbol, text
from lstmdiag.english import number
from lstmdiag.model import Model
from lstmdiag.words import Words

WORDS = Words("pictures")
NAMED = 6  # so many letters are all named


def coincidence(model: Model) -> str:
    """A sentence where steps, features or units happen to be equally many; nothing where all differ.

    Of very many letters the first and the last are named.
    """
    return " ".join(
        WORDS.say("coincidence", letters=_few(equal), both=len(equal) == 2, size=size)
        for size, equal in equally_many(model)
    )


def _few(letters: Sequence[str]) -> list[str]:
    """All of them, or the first ones and the last with an ellipsis between."""
    return [*letters] if len(letters) <= NAMED else [*letters[: NAMED - 2], "…", letters[-1]]


def pill(letter: str, size: int | None) -> Text:
    """`T = 3` for a badge, `100` where the size has no letter; `?` for a size not known."""
    shown = number(size)
    if not letter:
        return text(small(shown))
    return text([*small_symbol(letter), small(f" = {shown}")])
