"""The ids and classes of a picture's parts, safe in DOT, SVG and CSS alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lstmdiag.diagrams import Diagram, Edge, Group, Node
from lstmdiag.diagrams.text import readable

Part = Node | Edge | Group

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_LINE_END = re.compile(r"\r\n?|\n")


def readable_lines(content: str) -> str:
    """The same of a text that keeps its lines."""
    return "\n".join(map(readable, _LINE_END.split(content)))


@lru_cache(1 << 14)  # each is asked for by who writes the DOT, and again by who finishes the SVG
def token(content: str) -> str:
    """The text as a name: letters, digits, `_` and `-`; anything else is written as its code, `_u2211_`."""
    return _UNSAFE.sub(lambda match: f"_u{ord(match[0]):x}_", content)


class Names:
    """One safe name for each part of a diagram, and for what a writer adds to it. `parts`: name → part."""

    def __init__(self, diagram: Diagram) -> None:
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self.parts: dict[str, Part] = {self.of(part.id): part for part in parts(diagram)}

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
