"""The ids and classes of a picture's parts, safe in DOT, SVG and CSS alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lstmdiag.diagrams import Diagram, Edge, Group, Node

Part = Node | Edge | Group

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_CONTROLS = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_BLANKS = dict.fromkeys(map(ord, "\t\n\r\x85\u2028\u2029"), " ")
_NEVER_XML = dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)
_LINE_END = re.compile(r"\r\n?|\n")
_READABLE = _CONTROLS | _NEVER_XML | _BLANKS | _TURNING


def readable(content: str) -> str:
    """The text without what steers a terminal, no XML may hold or turns text around: each becomes a sign that is seen.

    Every kind of line break becomes a space.
    """
    return content if content.isprintable() else content.translate(_READABLE)


def readable_lines(content: str) -> str:
    """The same of a text that keeps its lines."""
    return "\n".join(map(readable, _LINE_END.split(content)))


def token(content: str) -> str:
    """The text as a name: letters, digits, `_` and `-`; anything else is written as its code, `_u2211_`."""
    return _UNSAFE.sub(lambda match: f"_u{ord(match[0]):x}_", content)


class Names:
    """One safe name for each part of a diagram, and for what a writer adds to it."""

    def __init__(self, diagram: Diagram) -> None:
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        for part in parts(diagram):
            self.of(part.id)

    def of(self, id: str) -> str:
        name = self._names.get(id)
        if name is None:
            name = token(id)
            while name in self._taken:
                name += "_"
            self._names[id] = name
            self._taken.add(name)
        return name


def parts(diagram: Diagram) -> Iterator[Part]:
    yield from diagram.groups
    yield from diagram.nodes
    yield from diagram.edges


def floating(diagram: Diagram) -> list[Node]:
    """Free text that no wire touches: there is nothing to draw but the words."""
    ends = {end for edge in diagram.edges for end in (edge.tail, edge.head)}
    return [node for node in diagram.nodes if node.shape == "plain" and node.id not in ends]


def classes(part: Part) -> str:
    """`ld-state-private sym-c layer-encoder step-2 unit-3 mark-again since-1`, absent facts left out."""
    names = [_about(part.role, getattr(part, "symbol", ""), part.layer)]
    if part.step is not None:
        names.append(f"step-{part.step}")
    if (unit := getattr(part, "unit", None)) is not None:
        names.append(f"unit-{unit}")
    if part.mark:
        names.append(f"mark-{part.mark}")
    if part.since:
        names.append(f"since-{part.since}")
    return " ".join(names)


@lru_cache(maxsize=1024)
def _about(role: str, symbol: str, layer: str) -> str:
    names = ["ld-" + role.replace(".", "-")]
    if symbol:
        names.append(f"sym-{token(symbol)}")
    if layer:
        names.append(f"layer-{token(layer)}")
    return " ".join(names)
