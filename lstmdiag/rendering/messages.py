"""What Graphviz says on standard error, and which of it is an error."""

from __future__ import annotations

HARMLESS = ("Fontconfig warning", "Fontconfig error: No writable cache directories")
OURS = ("Warning:", "Error:", "Fontconfig", "(process:", "Pango", "libpath/", "cairo")
"""How lines begin that Graphviz and its libraries write; other lines are other people's."""


class Refused(RuntimeError):
    """Graphviz took a DOT text amiss: a mistake in the writer, never in what a user wrote."""


class TooLarge(RuntimeError):
    """The picture has more dots than a bitmap can."""


def heed(said: str) -> str:
    """Raises for what must not happen; gives back the lines that are not Graphviz's."""
    others: list[str] = []
    complaints: list[str] = []
    for line in said.splitlines():
        if line.startswith(HARMLESS) or "layout may take a long time" in line:
            continue
        if "too large for cairo-renderer" in line:
            raise TooLarge(line)
        (complaints if line.startswith(OURS) else others).append(line)
    if complaints:
        raise Refused("Graphviz: " + "; ".join(dict.fromkeys(complaints)))
    return "\n".join(others)
