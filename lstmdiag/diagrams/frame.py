"""Title, legend and caption around a picture, drawn as parts of it, so that no format loses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from lstmdiag.diagrams import Diagram, Edge, Group, Key, Node, Text
from lstmdiag.diagrams.canvas import WHOLE, Parts
from lstmdiag.diagrams.sheet import bounds, fitted
from lstmdiag.diagrams.text import measure, small_symbol, text, wrap

NARROWEST, WIDEST = 520.0, 900.0  # of a caption, points
SEEN = 2000.0  # of a wider picture, such as a long sequence, only the left end is seen at once
GAP = 22.0  # between the picture and what stands around it
SAMPLE = 34.0  # width kept for a sample of the legend, and length of a sample line
LINES = ("line", "curve")
BAND = (64.0, 18.0)  # size of a sample band
BESIDE, APART, BETWEEN = 8.0, 24.0, 8.0  # sample to text, entry to entry, row to row


def framed(diagram: Diagram, parts: Parts = WHOLE, room: float = inf) -> Diagram:
    """The same picture with its title above, its legend and its caption below, no wider than the picture or `room`.

    The new parts have the role note and ids `frame-…` and `legend-…`, the samples of the legend the roles
    they show.
    """
    left, bottom, right, top = bounds(diagram)
    whole_width = max(right - left, min(NARROWEST, room))
    row = whole_width if whole_width <= SEEN else WIDEST
    keys = _Legend(diagram.legend if parts.legend else (), left, bottom - GAP, row)
    under = keys.bottom - GAP if keys.nodes else bottom - GAP
    above = _above(diagram, left, top + GAP, row) if parts.title else ()
    below = _below(diagram, left, under, min(whole_width, WIDEST)) if parts.caption else ()
    return replace(
        diagram,
        nodes=(*diagram.nodes, *above, *keys.nodes, *below),
        edges=(*diagram.edges, *keys.edges),
        groups=(*diagram.groups, *keys.groups),
    )


def _above(diagram: Diagram, left: float, bottom: float, width: float) -> Iterator[Node]:
    """The title, and above it the badge."""
    title = _note("frame-title", text(*wrap(diagram.title, width, "title")), left)
    yield replace(title, y=bottom + title.height / 2)
    if diagram.badge:
        label = text(*wrap(diagram.badge, width - 2 * BETWEEN, "small"))
        wide, high = fitted(label, "pill")
        y = bottom + title.height + BETWEEN + high / 2
        yield Node("frame-badge", label, "note", left + wide / 2, y, wide, high, "pill")


def _below(diagram: Diagram, left: float, top: float, width: float) -> Iterator[Node]:
    """The claim, how to read the picture, and where its numbers come from."""
    for part, said, style in (
        ("claim", diagram.claim, "bold"),
        ("reading", diagram.reading, ""),
        ("origin", diagram.origin, "small"),
    ):
        if said:
            note = _note(f"frame-{part}", text(*wrap(said, width, style, even=True)), left)
            yield replace(note, y=top - note.height / 2)
            top -= note.height + BETWEEN / 2


def sample(key: Key) -> Diagram:
    """A picture of what an entry of the legend shows, without what it means."""
    drawn = _Legend((replace(key, text=""),), 0, 0, WIDEST)
    return Diagram("legend", "", "", "", tuple(drawn.nodes), tuple(drawn.edges), tuple(drawn.groups))


def _note(id: str, label: Text, left: float) -> Node:
    width, height = measure(label)
    return Node(id, label, "note", left + width / 2, 0, width, height, "plain", align="left")


class _Legend:
    """Entries in rows from the upper left corner down, each a sample and its meaning."""

    def __init__(self, keys: Sequence[Key], left: float, top: float, width: float) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.groups: list[Group] = []
        self.bottom = top
        row: list[_Entry] = []
        x = left
        for number, key in enumerate(keys, 1):
            entry = _entry(f"legend-{number}", key, width)
            if row and x + entry.width > left + width:
                self.close(row, left)
                row, x = [], left
            row.append(entry)
            x += entry.width + APART
        self.close(row, left)

    def close(self, row: Sequence[_Entry], left: float) -> None:
        """Place the entries of a row, their middles on one line."""
        if not row:
            return
        height = max(entry.height for entry in row)
        y = self.bottom - height / 2 - (BETWEEN if self.nodes else 0)
        self.bottom = y - height / 2
        for entry in row:
            sample, meaning = entry.sample, entry.meaning
            line = entry.key.shape in LINES
            sample = replace(sample, x=left if line else left + entry.room / 2, y=y)
            meaning = replace(meaning, x=left + entry.room + BESIDE + meaning.width / 2, y=y)
            self.nodes += (sample, meaning)
            if line:
                points = ((left, y), (left + entry.room, y))
                key, id = entry.key, f"{sample.id}-line"
                curve = key.shape == "curve"
                edge = Edge(id, sample.id, meaning.id, key.role, points, symbol=key.symbol, mark=key.mark)
                self.edges.append(replace(edge, curve=curve, arrow=not curve))
            if entry.key.shape == "band":
                place = (sample.x, sample.y, sample.width, sample.height)
                self.groups.append(Group(f"{sample.id}-band", (), entry.key.role, *place, mark=entry.key.mark))
            left += entry.width + APART


@dataclass(frozen=True, slots=True)
class _Entry:
    key: Key
    sample: Node  # of a line its beginning, of a band its place, neither of which is seen
    meaning: Node

    @property
    def room(self) -> float:
        """For the sample."""
        return max(self.sample.width, SAMPLE)

    @property
    def width(self) -> float:
        return self.room + BESIDE + self.meaning.width

    @property
    def height(self) -> float:
        return max(self.sample.height, self.meaning.height)


def _entry(id: str, key: Key, width: float) -> _Entry:
    sample = _sample(id, key)
    meaning = text(*wrap(key.text, width - max(sample.width, SAMPLE) - BESIDE, "small"))
    return _Entry(key, sample, _note(f"{id}-text", meaning, 0))


def _sample(id: str, key: Key) -> Node:
    if key.shape in (*LINES, "band"):
        width, height = BAND if key.shape == "band" else (0.0, 0.0)
        return Node(id, (), "note", 0, 0, width, height, "plain")
    label = text(small_symbol(key.symbol)) if key.symbol and key.shape != "point" else ()
    width, height = fitted(label, key.shape)
    if key.shape in ("circle", "diamond"):
        width, height = max(width, 20), max(height, 20)
    elif key.shape not in ("plain", "point"):
        width, height = max(width, 24), max(height, 18)
    return Node(id, label, key.role, 0, 0, width, height, key.shape, symbol=key.symbol, mark=key.mark)
