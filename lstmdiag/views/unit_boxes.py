"""The boxes of a layer's units: name, private states with their loops, gates. All alike, whatever the unit."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.expr import ACTIVATIONS
from lstmdiag.diagrams import Node, Text
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import bold, measure, small, text
from lstmdiag.layer import Layer, cell_of
from lstmdiag.readings.cells import gate_role, projects
from lstmdiag.views.numbers import short
from lstmdiag.views.words import id_of, symbol

if TYPE_CHECKING:
    from lstmdiag.running.moment import Moment

PAD, GATE_GAP = 14.0, 8.0
STRIP = 12.0  # under the gates, for the word at the cables
LOOP = 14.0  # how far the loop of a private state stands off
KEPT, CLEAR = 30.0, 3.0  # from the state's last value to the new one; around the last one
LEAST_WIDE = 178.0
NUMBER = 15.0  # under a gate
BELOW = 1_000  # from here on an index goes under its symbol
LONGEST = 3  # characters of a gate's name in a circle or a diamond


@dataclass(frozen=True, slots=True)
class UnitNumbers:
    """The numbers of one step, for the `units` that are drawn; without any, no lines."""

    units: tuple[int, ...] = ()
    moment: Moment | None = None

    @property
    def step(self) -> int | None:
        return self.moment.step if self.moment else None

    def line(self, name: str, index: int) -> Text:
        """The number of one unit, or of one feature of x, as a line."""
        return text(small(short(self.moment.number(name, index)))) if self.moment else ()

    def label(self, name: str, index: int) -> Text:
        """A quantity of one unit, or one feature of x, with its number below."""
        return indexed(name, index) + self.line(name, index)


class UnitBoxes:
    """`width` and `height` serve every unit; `draw` puts one of them in its place."""

    def __init__(self, sheet: Sheet, layer: Layer, private: tuple[str, ...], numbers: UnitNumbers) -> None:
        cell = cell_of(layer)
        self.sheet, self.layer, self.cell, self.private = sheet, layer, cell, private
        self.numbers = numbers
        own = [gate for gate in cell.gates() if not projects(cell, gate)]
        self.gates = {gate: self._gate_label(gate) for gate in own}
        sizes = [fitted(label, gate_shape(self.cell, gate)) for gate, label in self.gates.items()]
        most = numbers.units or longest(layer.units)
        self._slots = {
            gate: max(wide, *(measure(numbers.line(gate, unit))[0] for unit in most))
            for (gate, _), (wide, _) in zip(self.gates.items(), sizes, strict=True)
        }
        slabs = [fitted(self.numbers.label(state, unit), "slab") for state in private for unit in most]
        loops = [max(self._loop_width(state, unit) for unit in most) for state in private]
        name = measure(_name(layer.units))
        self._gate_row = fsum(self._slots.values()) + GATE_GAP * (len(sizes) - 1)
        self._gate_high = max(high for _, high in sizes)
        self._strip = STRIP + (NUMBER if numbers.units else 0)
        self._slab_high = max((high for _, high in slabs), default=0.0)
        self._name_high = name[1]
        slab_row = fsum(loops) + GATE_GAP * (len(loops) - 1)
        states = self._slab_high + LOOP + PAD if slabs else 0.0
        self.width = max(LEAST_WIDE, max(self._gate_row, slab_row, name[0]) + 2 * PAD)
        self.height = self._name_high + states + self._gate_high + self._strip + 3 * PAD

    def draw(self, unit: int, x: float, y: float, *, focus: bool, since: int, inside_since: int, tip: str) -> Node:
        """The box of one unit, its centre at (x, y); what lies in it may appear later than the box."""
        own: dict[str, Any] = {"unit": unit, "layer": self.layer.name}
        box = self.sheet.node(
            f"unit-{unit}", (), "unit", x, y, width=self.width, height=self.height, shape="round",
            mark="focus" if focus else "", since=since, tip=tip, **own,
        )  # fmt: skip
        left, top = x - self.width / 2 + PAD, y + self.height / 2 - PAD
        own["inside"] = box.id
        name = top - self._name_high / 2
        self.sheet.note(f"unit-{unit}-name", _name(unit), left, name, anchor="left", since=since, **own)
        own["since"] = inside_since
        self._states(unit, x, top - self._name_high - PAD - LOOP - self._slab_high / 2, own)
        left = x - self._gate_row / 2
        for gate, label in self.gates.items():
            shape = gate_shape(self.cell, gate)
            wide = self._slots[gate]
            at = (left + wide / 2, y - self.height / 2 + self._strip + PAD + self._gate_high / 2)
            self.sheet.node(
                f"unit-{unit}-{id_of(gate)}", label, gate_role(self.cell, gate), *at, shape=shape, symbol=gate, **own
            )
            if number := self.numbers.line(gate, unit):
                under = at[1] - (self._gate_high + NUMBER) / 2 - 1
                self.sheet.note(f"unit-{unit}-{id_of(gate)}-value", number, at[0], under, symbol=gate, **own)
            left += wide + GATE_GAP
        return box

    def _states(self, unit: int, x: float, y: float, own: dict[str, Any]) -> None:
        """Each private state, its last value before it, and the loop by which its unit keeps it until the next step."""
        widths = [self._loop_width(state, unit) for state in self.private]
        left = x - (fsum(widths) + GATE_GAP * (len(widths) - 1)) / 2
        for state, width in zip(self.private, widths, strict=True):
            kept = "-kept" if state in self.gates else ""  # where the state is one of the boxes below as well
            id = f"unit-{unit}-{id_of(state)}{kept}"
            facts = {**own, "symbol": state}
            label, before = self.numbers.label(state, unit), self.numbers.label(state + PREVIOUS, unit)
            last = self.sheet.note(f"{id}-prev", before, left, y, anchor="left", role="state.private", **facts)
            right = left + width - LOOP
            at = (right - fitted(label, "slab")[0] / 2, y)
            slab = self.sheet.node(id, label, "state.private", *at, shape="slab", **facts)
            left += width + GATE_GAP
            del facts["inside"]
            over = y + slab.height / 2 + LOOP * 0.75
            way = [(right + LOOP, y), (right + LOOP, over), (last.x, over)]
            self.sheet.edge(
                slab, last, "state.private", id=f"{id}-loop", start=(right, y), via=way,
                end=(last.x, y + last.height / 2), **facts,
            )  # fmt: skip
            start = (last.x + last.width / 2 + CLEAR, y)
            self.sheet.edge(last, slab, "state.private", id=f"{id}-new", start=start, **facts)

    def _loop_width(self, state: str, unit: int) -> float:
        last = measure(self.numbers.label(state + PREVIOUS, unit))[0]
        return last + KEPT + fitted(self.numbers.label(state, unit), "slab")[0] + LOOP

    def _gate_label(self, gate: str) -> Text:
        """Its letter; a state computed straight from the inputs shows its function."""
        function = self.cell.equations[gate].op
        return text(function) if gate in self.cell.state and function in ACTIVATIONS else text(bold(gate))


def gate_shape(cell: Cell, gate: str) -> str:
    """A circle for a gate, a diamond for content; neither has room for a long name or a function's."""
    if gate in cell.state or len(gate) > LONGEST:
        return "round"
    return "diamond" if cell.roles[gate] == "gate.content" else "circle"


def longest(units: int) -> tuple[int, int]:
    """The indices that need the most room, in a line with their symbol and under it."""
    return min(units, BELOW - 1), units


def indexed(name: str, index: int) -> Text:
    """h_t[3], of h_prev h_t−1[3]; a long index goes under its symbol."""
    return text(symbol(name, index)) if index < BELOW else text(symbol(name), small(f"[{index:,}]"))


def _name(unit: int) -> Text:
    return text(bold(f"unit {unit:,}"))
