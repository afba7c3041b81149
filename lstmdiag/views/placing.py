"""Where the parts of a cell's circuit go: states on rails, gates in a row, operations between.

Time runs right. A state that is carried (its own equation uses its previous value outside a weighted
sum) has a rail at the top; what feeds the gates runs along the bottom. Operations that need a rail's
new value come down again on the right. A cell may say other places for any part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.circuit import Part, circuit
from lstmdiag.diagrams import Point


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances of one picture, in points."""

    column: float = 150.0
    gates: float = 120.0  # from the bus to the row of gates
    level: float = 92.0  # between rows above the gates
    rail: float = 66.0  # between two rails


@dataclass(frozen=True)
class Placed:
    """Parts by id with their places; `rails` gives the height of each carried state's rail."""

    parts: Mapping[str, Part]
    at: Mapping[str, Point]
    rails: Mapping[str, float]  # state → y
    bus: float  # height of the line under the gates
    gate_row: float
    right: float
    stacked: bool  # every gate reads exactly [x ; h_prev], so one line serves all


def place(cell: Cell, spacing: Spacing) -> Placed:
    """Places for every part; no two share a place."""
    parts = circuit(cell)
    return _Placer(cell, parts, spacing).place()


def carried(cell: Cell) -> list[str]:
    """States whose own value goes on, multiplied or added to, without a weight matrix in between."""
    found = []
    parts = circuit(cell)
    for state in cell.state:
        users = [p for p in parts.values() if state + PREVIOUS in p.inputs and p.op != "gate"]
        if any(p.quantity == state for p in users):
            found.append(state)
    return found


class _Placer:
    def __init__(self, cell: Cell, parts: Mapping[str, Part], spacing: Spacing) -> None:
        self.cell, self.parts, self.spacing = cell, parts, spacing
        self.carried = carried(cell)
        self.at: dict[str, Point] = {}
        self.taken: set[tuple[int, int]] = set()

    def place(self) -> Placed:
        gates = [p for p in self.parts.values() if p.op == "gate"]
        rail_parts = {state: self._on_rail(state) for state in self.carried}
        on_rail = {id for ids in rail_parts.values() for id in ids}
        after = self._after(on_rail)
        before = [p.id for p in self._free(on_rail) if p.id not in after and self._feeds_a_gate(p.id, on_rail)]
        middle = [p.id for p in self._free(on_rail) if p.id not in after and p.id not in before]

        column = 0
        columns: dict[str, int] = {}
        for part in self.parts.values():  # the row of gates, with what one of them needs first
            if part.op == "gate" or part.id in before:
                columns[part.id] = column
                self._put(part.id, column, 0)
                column += 1
        levels = self._levels(middle)
        for id in middle:
            columns[id] = max((columns.get(i, 0) for i in self.parts[id].inputs), default=0)
            self._put(id, columns[id], 1 + levels[id])
        top = 2 + max(levels.values(), default=0) if gates or middle else 1
        for index, state in enumerate(self.carried):
            start = 0
            for id in rail_parts[state]:
                wanted = [columns[i] for i in self.parts[id].inputs if i in columns and i not in on_rail]
                start = columns[id] = max([start, *wanted])
                self._put(id, start, top + index, rail=True)
                start += 1
        last = max([column - 1, *columns.values()], default=0)
        depth = self._levels(after)
        deepest = max(depth.values(), default=-1)
        for id in after:  # from under the rail down to the row of gates
            self._put(id, last + 1, max(top - 1 - depth[id], 0) if depth[id] < deepest else 0)
        right = max((x for x, _ in self.at.values()), default=0.0)
        for id, (x, y) in self.cell.places.items():
            if id in self.at:
                self.at[id] = (x * self.spacing.column, self._y(y))
        rails = {state: self._y(top) + index * self.spacing.rail for index, state in enumerate(self.carried)}
        for state, ids in rail_parts.items():
            self.at.update({id: (self.at[id][0], rails[state]) for id in ids})
        read = [{expr.name for _, expr in p.affine.terms} for p in gates if p.affine]
        stacked = bool(read) and all(names == {"x", self.cell.output + PREVIOUS} for names in read)
        return Placed(self.parts, self.at, rails, 0.0, self._y(0), right, stacked)

    def _y(self, level: float) -> float:
        return self.spacing.gates + level * self.spacing.level

    def _put(self, id: str, column: int, level: int, rail: bool = False) -> None:
        while (column, level) in self.taken:
            column += 1
        self.taken.add((column, level))
        self.at[id] = (column * self.spacing.column, self._y(level))

    def _on_rail(self, state: str) -> list[str]:
        """From STATE_prev to STATE: the operations one after the other along the rail."""
        chain, id = [], state
        while id in self.parts and self.parts[id].op not in ("gate", "source"):
            chain.append(id)
            id = next((i for i in self.parts[id].inputs if self._reaches(i, state)), "")
        return chain[::-1]

    def _reaches(self, id: str, state: str) -> bool:
        if id == state + PREVIOUS:
            return True
        part = self.parts[id]
        return part.quantity == state and part.op != "gate" and any(self._reaches(i, state) for i in part.inputs)

    def _free(self, on_rail: set[str]) -> list[Part]:
        return [p for p in self.parts.values() if p.op not in ("gate", "source") and p.id not in on_rail]

    def _after(self, on_rail: set[str]) -> list[str]:
        """Operations that need a new state's value."""
        found: list[str] = []
        for part in self._free(on_rail):
            if any(i in on_rail or i in found for i in part.inputs):
                found.append(part.id)
        return found

    def _feeds_a_gate(self, id: str, on_rail: set[str]) -> bool:
        """Is it needed by a gate, other than through a state's new value?"""
        users = [p for p in self.parts.values() if id in p.inputs and p.id not in on_rail]
        return any(p.op == "gate" or self._feeds_a_gate(p.id, on_rail) for p in users)

    def _levels(self, ids: list[str]) -> dict[str, int]:
        levels: dict[str, int] = {}
        for id in ids:
            levels[id] = max((levels[i] + 1 for i in self.parts[id].inputs if i in levels), default=0)
        return levels
