"""What Graphviz says on standard error, and which of it is an error."""

from __future__ import annotations

import warnings

from lstmdiag.diagrams.text import drawable

HARMLESS = (
    "Fontconfig warning",
    "Fontconfig error: No writable cache directories",
    "layout may take a long time",
    "no value for width of non-ASCII character",  # of a label that is nothing but zero-width characters
)
OURS = ("Warning:", "Error:", "Fontconfig", "(process:", "Pango", "libpath/", "cairo")
"""How lines begin that Graphviz and its libraries write; other lines are other people's."""


class GraphvizError(RuntimeError):
    """Graphviz took a DOT text amiss: a mistake in the writer, never in what a user wrote."""


class LabelOverflow(UserWarning):
    """A label is larger than the node made for it, which a script with joined letters can cause."""


class TooLarge(RuntimeError):
    """The picture has more dots than a bitmap can."""


def missing_glyphs(dot_text: str) -> list[str]:
    """The characters that the shipped font cannot draw."""
    return sorted(char for char in set(dot_text) if not drawable(char))


def check_messages(said: str, dot_text: str) -> str:
    """Raises or warns of what must not happen; gives back the lines that are not Graphviz's.

    The boxes that stand for missing glyphs are larger than letters, so with them a label may overflow.
    """
    others: list[str] = []
    complaints: list[str] = []
    for line in said.splitlines():
        if any(phrase in line for phrase in HARMLESS):
            continue
        if "too small for label" in line:
            if not missing_glyphs(dot_text):
                warnings.warn(line, LabelOverflow, stacklevel=2)
            continue
        if "too large for cairo-renderer" in line:
            raise TooLarge(line)
        (complaints if line.startswith(OURS) else others).append(line)
    if complaints:
        raise GraphvizError("Graphviz: " + "; ".join(dict.fromkeys(complaints)))
    return "\n".join(others)
