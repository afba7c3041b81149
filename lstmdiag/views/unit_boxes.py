"""The boxes of a layer's units: name, private states with their loops, gates. All alike, whatever the unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lstmdiag.analysis.cells import gate_role, projects
from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.expr import ACTIVATIONS
from lstmdiag.diagrams import Edge, Node, Text
from lstmdiag.diagrams.boxes import Box, column, inside, node, note, room, row, strut, wired
from lstmdiag.diagrams.sheet import fitted, wire
from lstmdiag.diagrams.text import bold, measure, text
from lstmdiag.layer import CellLayer
from lstmdiag.views.labels import Labels
from lstmdiag.views.words import id_of

PAD, PAD_TIGHT, GATE_GAP = 14.0, 8.0, 8.0
STRIP = 11.0  # under the gates, for the word at the cables
VALUE_GAP = 1.0  # from a gate to its number
LOOP = 14.0  # how far the loop of a private state stands off
KEPT, KEPT_TIGHT, CLEAR = 30.0, 21.0, 3.0  # from the state's last value to the new one; around the last one
LEAST_WIDE, LEAST_TIGHT = 178.0, 150.0
NARROW = 8.0  # from the name of a closed box to its border
GATES = 4  # in a row, where there are rows
LONGEST = 3  # characters of a gate's name in a circle or a diamond


class UnitBoxes:
    """`widest` are the units whose labels need the most room.

    `tight`: no wider than what lies in them. `upright`: states one above the other, gates in rows.
    """

    def __init__(
        self,
        layer: CellLayer,
        private: Sequence[str],
        labels: Labels,
        widest: Sequence[int],
        *,
        tight: bool = False,
        upright: bool = False,
    ) -> None:
        cell = layer.cell
        self.upright, self.kept, self.pad = upright, KEPT_TIGHT if tight else KEPT, PAD_TIGHT if tight else PAD
        self.layer, self.cell, self.private, self.labels = layer, cell, private, labels
        self.gates = [gate for gate in cell.gates() if not projects(cell, gate)]
        sizes = {gate: fitted(self._gate_label(gate), gate_shape(cell, gate)) for gate in self.gates}
        self.slots = {
            gate: max(wide, *(measure(labels.number(gate, unit))[0] for unit in widest))
            for gate, (wide, _) in sizes.items()
        }
        self.gate_high = max(high for _, high in sizes.values())
        kept = [self._states(unit) for unit in widest]
        self.kept_high = max(box.height for box in kept)
        least = [self._gates(layer.units).width, measure(_name(layer.units))[0], *(box.width for box in kept)]
        self.within = max((LEAST_TIGHT if tight else LEAST_WIDE) - 2 * self.pad, *least)

    def draw(self, unit: int, *, mark: str, since: int, inside_since: int, tip: str) -> Box:
        """The box of one unit; what lies in it may appear later than the box."""
        own: dict[str, Any] = {"unit": unit, "layer": self.layer.name, "since": since}
        name = note(f"unit-{unit}-name", _name(unit), align="left", **own)
        states = [strut(0, LOOP), room(self._states(unit, inside_since), 0, self.kept_high), strut(0, self.pad)]
        content = column(
            room(name, self.within, align=-1),
            strut(0, self.pad),
            *(states if self.private else []),
            self._gates(unit, inside_since),
            strut(0, STRIP),
        )
        return inside(f"unit-{unit}", "unit", content, self.pad, shape="round", mark=mark, tip=tip, **own)

    def closed(self, unit: int, height: float, **facts: Any) -> Box:
        """A box as high as the others, of which only the name is seen."""
        own: dict[str, Any] = {"unit": unit, "layer": self.layer.name, **facts}
        name = note(f"unit-{unit}-name", _name(unit), **own)
        return inside(f"unit-{unit}", "unit", name, NARROW, height=height, shape="round", **own)

    def _gates(self, unit: int, since: int = 0) -> Box:
        gates = [self._gate(gate, unit, since) for gate in self.gates]
        each = GATES if self.upright else len(gates)
        rows = [row(*gates[at : at + each], gap=GATE_GAP, valign=1) for at in range(0, len(gates), each)]
        return column(*rows, gap=GATE_GAP)

    def _gate(self, gate: str, unit: int, since: int) -> Box:
        """Its number, if there is one, below."""
        id, shape = f"unit-{unit}-{id_of(gate)}", gate_shape(self.cell, gate)
        facts: dict[str, Any] = {"symbol": gate, "unit": unit, "layer": self.layer.name, "since": since}
        box = node(id, self._gate_label(gate), gate_role(self.cell, gate), shape=shape, **facts)
        value = note(f"{id}-value", self.labels.number(gate, unit), **facts)
        return column(room(box, self.slots[gate], self.gate_high), strut(0, VALUE_GAP), value)

    def _states(self, unit: int, since: int = 0) -> Box:
        states = [self._state(state, unit, since) for state in self.private]
        if self.upright:
            return column(*states, gap=LOOP + GATE_GAP)
        return row(*states, gap=GATE_GAP)

    def _state(self, state: str, unit: int, since: int) -> Box:
        """A private state, its last value before it, and the loop by which its unit keeps it until the next step."""
        kept = "-kept" if state in self.gates else ""  # where the state is one of the boxes below as well
        id, role = f"unit-{unit}-{id_of(state)}{kept}", "state.private"
        facts: dict[str, Any] = {"symbol": state, "unit": unit, "layer": self.layer.name, "since": since}

        def wires(nodes: Mapping[str, Node]) -> Iterator[Edge]:
            last, new = nodes[f"{id}-prev"], nodes[id]
            right, over = new.x + new.width / 2, new.y + new.height / 2 + LOOP * 0.75
            way = [(right + LOOP, new.y), (right + LOOP, over), (last.x, over)]
            end = (last.x, last.y + last.height / 2)
            yield wire(new, last, role, id=f"{id}-loop", start=(right, new.y), via=way, end=end, **facts)
            start = (last.x + last.width / 2 + CLEAR, last.y)
            yield wire(last, new, role, id=f"{id}-new", start=start, **facts)

        last = note(f"{id}-prev", self.labels.of(state + PREVIOUS, unit), role, align="left", **facts)
        new = node(id, self.labels.of(state, unit), role, shape="slab", **facts)
        return wired(row(last, strut(self.kept), new, strut(LOOP)), wires)

    def _gate_label(self, gate: str) -> Text:
        """Its letter; a state computed straight from the inputs shows its function."""
        function = self.cell.equations[gate].op
        return text(function) if gate in self.cell.state and function in ACTIVATIONS else text(bold(gate))


def gate_shape(cell: Cell, gate: str) -> str:
    """A circle for a gate, a diamond for content; neither has room for a long name or a function's."""
    if gate in cell.state or len(gate) > LONGEST:
        return "round"
    return "diamond" if cell.roles[gate] == "gate.content" else "circle"


def _name(unit: int) -> Text:
    return text(bold(f"unit {unit:,}"))
