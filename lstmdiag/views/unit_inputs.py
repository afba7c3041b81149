"""What one unit reads, as a column of boxes on a bar that all its weighted sums start from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lstmdiag.analysis.elision import Gap, shown
from lstmdiag.analysis.fan_in import Source, fan_in
from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.diagrams import Edge, Line, Node, Text
from lstmdiag.diagrams.boxes import Box, cell, column, loose, node, wired
from lstmdiag.diagrams.sheet import wire
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.words import symbol
from lstmdiag.words import Words

WORDS = Words("unit")
MOST_FEATURES, MOST_UNITS = 6, 4
STEP = 40.0  # between two inputs
SIZE = (74.0, 30.0)  # of an input, at least
BAR = 7.0  # its width
TO_BAR = 53.0  # from the middle of a narrow input
SHAPES = {"state.public": "pill"}
"""By role; the others are boxes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that is read, or some that are left out."""

    id: str
    label: Text
    role: str
    symbol: str
    shape: str = "box"
    unit: int | None = None
    count: int = 0  # of those left out
    mark: str = ""

    def box(self, layer: str) -> Box:
        """The node of one number, or the words how many have none."""
        width = 0 if self.count else SIZE[0]
        facts: dict[str, Any] = {"symbol": self.symbol, "unit": self.unit, "count": self.count, "mark": self.mark}
        look: dict[str, Any] = {"width": width, "height": SIZE[1], "shape": self.shape}
        return node(self.id, self.label, self.role, layer=layer, **look, **facts)

    def wire(self, nodes: Mapping[str, Node], sums: int) -> Edge:
        """To the bar, and from there to every sum."""
        own, bar = nodes[self.id], nodes["inputs"]
        what, mark = ("op", "faded") if self.count else (self.role, "")
        facts: dict[str, Any] = {"symbol": self.symbol, "layer": own.layer, "count": max(self.count, 1) * sums}
        return wire(own, bar, what, end=(bar.x - BAR / 2, own.y), shape=(), mark=mark, **facts)


def entries(circuit: Circuit) -> list[Entry]:
    """x, h of the step before and the 1 of the biases, from the top."""
    read = [entry for source in fan_in(circuit.layer).sources for entry in _of(circuit, source)]
    return [*read, *([Entry("one", text("1"), "weight", "1")] if reads_one(circuit) else [])]


def reads_one(circuit: Circuit) -> bool:
    """Whether any sum has a bias, which is a weight on the constant 1."""
    return any(affine.biases for affine in circuit.sums.values())


def _of(circuit: Circuit, source: Source) -> Iterator[Entry]:
    name, most, focus, several = "x", MOST_FEATURES, 1, False
    if source.name != "x":
        name, most, focus, several = source.name + PREVIOUS, MOST_UNITS, circuit.focus, circuit.layer.units > 1
    for k in shown(source.size, most, focus):
        if isinstance(k, Gap):
            words = text(small(WORDS.say("more", count=k.count)))
            yield Entry(f"{name}-gap-{k.after}", words, "elision", name, "plain", count=k.count)
        else:
            mark = "focus" if several and k == focus else ""
            yield replace(entry(circuit, name, k, SHAPES.get(circuit.role(name), "box")), mark=mark)


def entry(circuit: Circuit, name: str, number: int, shape: str) -> Entry:
    """One number of x, or of a state of the last step."""
    return Entry(f"{name}-{number}", label(circuit, name, number), circuit.role(name), name, shape, number)


def label(circuit: Circuit, name: str, number: int) -> Text:
    """`x_t[1]`, with numbers `x_t[1] = 0.169`."""
    value: Line = tuple(
        replace(run, text=f" = {run.text}", style="", number=True)
        for line in circuit.labels.number(name, number) for run in line
    )  # fmt: skip
    return text([*symbol(name, number), *value])


def inputs(circuit: Circuit, read: list[Entry]) -> Box:
    """The bar, and on the left the column of what is read, each joined to it."""
    boxes = [entry.box(circuit.layer.name) for entry in read]
    bar = node("inputs", (), "op", width=BAR, height=STEP * len(read), **circuit.facts(""))
    apart = TO_BAR + max((measure(entry.label)[0] for entry in read), default=0.0) / 2
    stacked = column(*(cell(box, box.width, STEP) for box in boxes))
    return wired(
        column(bar, loose(stacked, -apart, bar.height / 2)),
        lambda nodes: [entry.wire(nodes, len(circuit.sums)) for entry in read],
    )
