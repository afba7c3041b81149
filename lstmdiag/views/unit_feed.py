"""From what one unit reads to its weighted sums: bars, and the lines under the sums."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Any

from lstmdiag.analysis.cells import role
from lstmdiag.diagrams import Node
from lstmdiag.diagrams.boxes import Box, column, note
from lstmdiag.diagrams.text import small, text, wrap
from lstmdiag.views.unit_inputs import BESIDE, STEP, STEP_CLOSE, TO_BAR, Entry, bundles
from lstmdiag.views.wiring import Wiring

LEAD, LINES, LINES_CLOSE, SIDE = 10.0, 28.0, 13.0, 14.0  # several lines: from their bars, between two, at a sum
UNDER = 14.0  # from the lower end of what is read to the line
WORDS_WIDE = 300.0
ABOVE = 26.0  # a line of one number over that of all


class Feed:
    """One bar and line for what all sums read; where some read a part of it, one for each part."""

    def __init__(self, wiring: Wiring, read: Sequence[Entry], *, alone: bool) -> None:
        self.wiring, self.sheet, self.circuit, self.placed = wiring, wiring.sheet, wiring.circuit, wiring.placed
        self.layer, self.cell, self.sums = self.circuit.layer, self.circuit.cell, self.circuit.sums
        self.upright, self.tight, self.alone = wiring.detail.upright, wiring.detail.tight, alone
        self.build_up, self.bar = wiring.build_up, 0.0
        self.bundles = bundles(self.circuit, read, self.placed.fed)
        self.lines = len(self.bundles) + any(id not in self.sums for _, id in self.placed.fed)
        self.lowest = self.lines - 1 if len(self.bundles) > 1 else 0

    @property
    def leads(self) -> float:
        """Room behind the bars for the ways to several lines."""
        return LEAD * (self.lines - 1) * (self.upright or len(self.bundles) > 1)

    @property
    def several(self) -> bool:
        """Whether the lines lead to more than one sum."""
        return len({id for _, id in self.placed.fed if id in self.sums}) > 1

    def draw(self, words: str) -> dict[str, Node]:
        """x, h of the step before and the bias's 1: all reach a bar, and from it every sum; by their ids."""
        apart, step = max(bundle.apart for bundle in self.bundles), STEP_CLOSE if self.tight else STEP
        boxes = [bundle.box(self.circuit, self.sheet, apart, step) for bundle in self.bundles]
        listed = column(*(reversed(boxes) if self.upright else boxes), gap=BESIDE)
        drawn = self.sheet.put(listed, self.bar, self.placed.bus + self._over_bus(boxes))
        self.inputs = {node.id: node for node in drawn}
        for each in drawn:
            self.wiring.router.avoid(each)
        readers = list(dict.fromkeys(id for _, id in self.placed.fed))
        for at, bundle in enumerate(self.bundles):
            for id in (id for id in readers if id in bundle.sums):
                self._fed(self.inputs[bundle.bar], self._line(at), id, "op", at)
        for id in (id for id in readers if id not in self.sums):
            self._read_by_operation(id)
        self._say(words, drawn)
        return self.inputs

    def _say(self, words: str, drawn: Sequence[Node]) -> None:
        """How many numbers there are, at the lines; where the picture runs down over them."""
        if self.upright:
            over = self.sheet.leaf(note("bus-words", text(*wrap(words, WORDS_WIDE, "small")), align="left"))
            bottom = min(node.y - node.height / 2 for node in drawn)
            left = min(node.x - node.width / 2 for node in drawn)
            self.sheet.put(over, left - 8 - over.width / 2, bottom + over.height / 2)
            return
        bar, y = self.inputs["inputs"], self._line(self.lowest) - 16
        x = bar.x + 16 + LEAD * (self.lines - 1) * (len(self.bundles) > 1)
        if self.alone:
            x, y = bar.x - TO_BAR, bar.y - bar.height / 2 - 14
        self.sheet.note("bus-words", text(small(words)), x, y, anchor="left")

    def _over_bus(self, boxes: Sequence[Box]) -> float:
        """How far the middle of what is read stands over the line under the sums."""
        high = fsum(box.height for box in boxes) + BESIDE * (len(boxes) - 1)
        if self.upright:
            return high / 2 - UNDER + self._line(0)
        if len(boxes) > 1 and not self.tight:  # the line is that of the first bar
            return high / 2 - (high - boxes[0].height) - UNDER
        return high / 2 - UNDER + self._line(self.lowest) if self.tight and not self.alone else 0.0

    def _line(self, place: int) -> float:
        """The height of the line of one of the bars."""
        if self.upright:
            return self.placed.bus - LEAD * (self.lines - 1 - place)
        return self.placed.bus - (LINES_CLOSE if self.tight else LINES) * place

    def _read_by_operation(self, id: str) -> None:
        """An operation reads one number of what the bars hold: a line of its own."""
        (name,) = (input for input, reader in self.placed.fed if reader == id)
        holds = (each for each in self.bundles if any(entry.symbol == name for entry in each.entries))
        bundle = next(holds, self.bundles[0])  # what no sum reads comes with the first
        place = len(self.bundles)
        y = self._line(place) if self.upright or place > 1 else self.placed.bus + ABOVE
        self._fed(self.inputs[bundle.bar], y, id, role(self.cell, name), place, **self.circuit.facts(name))

    def _fed(self, bar: Node, y: float, id: str, what: str, place: int, **own: Any) -> None:
        """The wire from a bar to what reads it; `place` is that of its line."""
        head, net = self.wiring.head(id), bar.id if id in self.sums else what
        facts: dict[str, Any] = {"layer": self.layer.name, "since": self.build_up.summed[id], **own}
        room = bar.height / 2 - (6 if id in self.sums else 16)
        start = min(max(y, bar.y - room), bar.y + room)
        falls = start > y and not self.upright  # the highest one farthest to the right
        x = bar.x + bar.width / 2 + LEAD * (self.lines - place if falls else place + 1)
        lead = ((x, start), (x, y)) if start != y else ()
        side = (place - (len(self.bundles) - 1) / 2) * SIDE * (id in self.sums)
        self.wiring.along(net, bar, y, head, what, lead=lead, side=side, **facts)
