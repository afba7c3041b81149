"""What one unit reads, as a column of boxes on a bar that all its weighted sums start from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lstmdiag.analysis.elision import Gap, shown
from lstmdiag.analysis.fan_in import Source, fan_in
from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.diagrams import Edge, Line, Node, Text
from lstmdiag.diagrams.boxes import Box, cell, column, loose, node, wired
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import Sheet, wire
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.words import symbol
from lstmdiag.words import Words

WORDS = Words("unit")
STEP, STEP_CLOSE = 40.0, 37.0  # between two inputs
SIZE = (74.0, 30.0)  # of an input, at least
BESIDE = 8.0  # between two, side by side
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
    width: float = 0

    def box(self, layer: str) -> Box:
        """The node of one number, or the words how many have none."""
        facts: dict[str, Any] = {"symbol": self.symbol, "unit": self.unit, "count": self.count, "mark": self.mark}
        look: dict[str, Any] = {"width": self.width, "height": SIZE[1], "shape": self.shape}
        return node(self.id, self.label, self.role, layer=layer, **look, **facts)

    def wire(self, nodes: Mapping[str, Node], bar_id: str, sums: int) -> Edge:
        """To the bar, and from there to every sum that reads it."""
        own, bar = nodes[self.id], nodes[bar_id]
        what, mark = ("op", "faded") if self.count else (self.role, "")
        facts: dict[str, Any] = {"symbol": self.symbol, "layer": own.layer, "count": max(self.count, 1) * sums}
        return wire(own, bar, what, end=(bar.x - BAR / 2, own.y), shape=(), mark=mark, **facts)


def entries(circuit: Circuit, detail: Detail) -> list[Entry]:
    """x, h of the step before and the 1 of the biases, from the top."""
    read = [entry for source in fan_in(circuit.layer).sources for entry in _of(circuit, source, detail)]
    return [
        *read,
        *(
            [Entry("one", text("1"), "weight", "1", width=0 if detail.upright else SIZE[0])]
            if reads_one(circuit)
            else []
        ),
    ]


def reads_one(circuit: Circuit) -> bool:
    """Whether any sum has a bias, which is a weight on the constant 1."""
    return any(affine.biases for affine in circuit.sums.values())


def _of(circuit: Circuit, source: Source, detail: Detail) -> Iterator[Entry]:
    name, most, focus, several = "x", detail.features, 1, False
    if source.name != "x":
        name, most, focus, several = source.name + PREVIOUS, detail.units, circuit.focus, circuit.layer.units > 1
    for k in shown(source.size, most, focus):
        if isinstance(k, Gap):
            words = text(*map(small, WORDS.each("gap", count=k.count, upright=detail.upright)))
            yield Entry(f"{name}-gap-{k.after}", words, "elision", name, "plain", count=k.count)
        else:
            mark = "focus" if several and k == focus else ""
            yield replace(entry(circuit, name, k, SHAPES.get(circuit.role(name), "box"), detail), mark=mark)


def entry(circuit: Circuit, name: str, number: int, shape: str, detail: Detail) -> Entry:
    """One number of x, or of a state of the last step."""
    words = label(circuit, name, number)
    if detail.upright:
        words = text(symbol(name, number)) + circuit.labels.number(name, number)
    return Entry(
        f"{name}-{number}", words, circuit.role(name), name, shape, number, width=0 if detail.upright else SIZE[0]
    )


def label(circuit: Circuit, name: str, number: int) -> Text:
    """`x_t[1]`, with numbers `x_t[1] = 0.169`."""
    value: Line = tuple(
        replace(run, text=f" = {run.text}", style="", number=True)
        for line in circuit.labels.number(name, number) for run in line
    )  # fmt: skip
    return text([*symbol(name, number), *value])


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the same weighted sums read: a bar that it reaches, and a line from there."""

    bar: str
    entries: tuple[Entry, ...]
    sums: frozenset[str]

    def box(self, circuit: Circuit, sheet: Sheet, apart: float, step: float) -> Box:
        """The bar, and on the left the column of what is read, each joined to it."""
        boxes = [sheet.leaf(entry.box(circuit.layer.name)) for entry in self.entries]
        upright = sheet.lying((0, 1)) != (0, 1)
        steps = [cell(box, box.width, box.height + BESIDE if upright else step) for box in boxes]
        stacked = column(*(reversed(steps) if upright else steps))
        bar = node(self.bar, (), "op", width=BAR, height=stacked.height, **circuit.facts(""))
        return wired(
            column(bar, loose(stacked, -(SIZE[1] + BAR if upright else apart), bar.height / 2)),
            lambda nodes: [entry.wire(nodes, self.bar, len(self.sums)) for entry in self.entries],
        )

    @property
    def apart(self) -> float:
        """From the middle of what is read to the bar, across."""
        return TO_BAR + max((measure(entry.label)[0] for entry in self.entries), default=0.0) / 2


def bundles(circuit: Circuit, read: Sequence[Entry], fed: Collection[tuple[str, str]]) -> list[Bundle]:
    """One where all sums that read x or the last output read both, else one for each of these and one for the 1."""
    readers: dict[str, frozenset[str]] = {
        name: frozenset(id for input, id in fed if input == name and id in circuit.sums)
        for name in dict.fromkeys(entry.symbol for entry in read if entry.id != "one")
    }
    if len({*readers.values()}) <= 1:
        return [Bundle("inputs", tuple(read), frozenset(circuit.sums))]
    readers["1"] = frozenset(id for id, affine in circuit.sums.items() if affine.biases)
    found: dict[frozenset[str], list[Entry]] = {}
    for entry in read:
        found.setdefault(readers[entry.symbol], []).append(entry)
    return [
        Bundle(f"inputs-{place}" if place else "inputs", tuple(entries), sums)
        for place, (sums, entries) in enumerate(found.items())
    ]
