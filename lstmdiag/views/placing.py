"""Where the parts of a cell's circuit go: states on rails, gates in a row, operations between.

Time runs right. A state that is carried (its own equation uses its previous value outside a weighted
sum) has a rail at the top; what feeds the gates runs along the bottom. Operations that need a rail's
new value come down again on the right. A cell may say other places for any part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.circuit import Part, circuit
from lstmdiag.diagrams import Point

HALF = 0.5  # of a column: two small parts have room so close to each other
NEAR = 0.45


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
    levels: tuple[float, ...]  # heights of the rows between the gates and the rails
    right: float
    fed: tuple[tuple[str, str], ...]  # (x or h_prev, part) that the lines under the gates join
    stacked: bool  # every gate reads exactly [x ; h_prev], so one line serves all


def place(cell: Cell, spacing: Spacing) -> Placed:
    """Places for every part; no two share a place."""
    return _Placer(cell, circuit(cell), spacing).place()


def carried(cell: Cell) -> list[str]:
    """States whose own value goes on, multiplied or added to, without a weight matrix in between."""
    found = []
    parts = circuit(cell)
    for state in cell.state:
        users = [p for p in parts.values() if state + PREVIOUS in p.inputs and p.op != "gate"]
        if any(p.quantity == state for p in users):
            found.append(state)
    return found


def _whole(part: Part) -> Iterable[str]:
    """What a part reads; of a weighted sum the vectors that a matrix reads, not those weighed number by number."""
    return dict.fromkeys(vector.name for _, vector in part.affine.terms) if part.affine else dict.fromkeys(part.inputs)


class _Placer:
    def __init__(self, cell: Cell, parts: Mapping[str, Part], spacing: Spacing) -> None:
        self.cell, self.parts, self.spacing = cell, parts, spacing
        self.gates = frozenset(cell.gates())
        self.users = _users(parts)
        self.distances: dict[str, int] = {}
        self.bottom = ("x", cell.output + PREVIOUS)  # what runs under the gates
        self.rails = {state: self._on_rail(state) for state in carried(cell)}
        self.on_rail = {id for ids in self.rails.values() for id in ids}
        self.after = self._after()
        later = frozenset(self.after)
        self.before = {p.id for p in self._free() if p.id not in later and p.id in self._feeding_gates}
        self.spots: dict[str, tuple[float, float]] = {}  # id → (column, level)

    def place(self) -> Placed:
        row = self._row()
        self.spots.update({id: (float(index), 0) for index, id in enumerate(row)})
        middle = [p.id for p in self._free() if p.id not in self.after and p.id not in self.before]
        constants = [id for id in middle if self.parts[id].op in ("number", "weight")]
        self._middle([id for id in middle if id not in constants])
        top = 1 + max([1 if row or middle else 0, *(int(level) for _, level in self.spots.values())])
        self._along_rails(top)
        for id in constants:  # above a rail that it is for, else beside what it is for
            user = next(p.id for p in self.parts.values() if id in p.inputs)
            column, level = self.spots.get(user, (0.0, 1))
            self._put(id, *((column, top + len(self.rails)) if user in self.on_rail else (column - 1, level)))
        last = int(max((column for column, _ in self.spots.values()), default=0) + HALF)
        depth = self._depths(self.after)
        deepest = max(depth.values(), default=-1)
        for id in self.after:  # from under the rail down to the row of gates
            self._put(id, last + 1, max(top - 1 - depth[id], 0) if depth[id] < deepest else 0)
        return self._placed(row, top)

    def _placed(self, row: list[str], top: int) -> Placed:
        column, rail = self.spacing.column, self.spacing.rail
        self.spots.update({id: spot for id, spot in self.cell.places.items() if id in self.spots})
        at = {id: (x * column, self._y(y)) for id, (x, y) in self.spots.items()}
        rails = {state: self._y(top) + index * rail for index, state in enumerate(self.rails)}
        for state, ids in self.rails.items():
            at.update({id: (at[id][0], rails[state]) for id in ids})
        if list(at) == row == [self.cell.output]:  # one weighted sum is all of it
            rails = {self.cell.output: 0.0}
            at = {self.cell.output: (0.0, 0.0)}
        gates = [self.parts[id].affine for id in row]
        read = [{expr.name for _, expr in affine.terms} for affine in gates if affine]
        vectors = len(self.cell.input) == 1  # maps of different sizes cannot be stacked
        stacked = vectors and bool(read) and all(names == set(self.bottom) for names in read)
        joined = [id for id in row if not stacked or self.parts[id].op == "gate"]
        fed = tuple((i, id) for id in joined for i in _whole(self.parts[id]) if i in self.bottom)
        levels = tuple(self._y(level) for level in range(1, top))
        right = max((x for x, _ in at.values()), default=0.0)
        return Placed(self.parts, at, rails, 0.0, self._y(0), levels, right, fed, stacked)

    def _y(self, level: float) -> float:
        return self.spacing.gates + level * self.spacing.level

    # -- the row of gates

    def _row(self) -> list[str]:
        """Gates in the order of the equations, with what one of them needs first.

        What serves one other alone stands beside it: GRU's r beside n.
        """
        groups: dict[str, list[str]] = {}
        for part in self.parts.values():
            if part.id in self.before or (part.op == "gate" and part.id not in self.after):
                groups.setdefault(part.quantity, []).append(part.id)
        order = list(groups)
        for quantity in groups:
            users = {self.parts[id].quantity for id in self.users[quantity]}
            if len(users) == 1 and users <= set(order):
                order.remove(quantity)
                order.insert(order.index(users.pop()), quantity)
        return [id for quantity in order for id in sorted(groups[quantity], key=self._distance, reverse=True)]

    def _distance(self, id: str) -> int:
        """How many operations lead from a part to the quantity it is for, at most."""
        if id not in self.distances:
            part = self.parts[id]
            own = id == part.quantity
            self.distances[id] = 0 if own else 1 + max(self._distance(user) for user in self.users[id])
        return self.distances[id]

    # -- between the row and the rails

    def _middle(self, ids: list[str]) -> None:
        """Each above the rightmost of its inputs; what turns one value into another stands beside a way straight up."""
        for id in ids:
            inputs = [i for i in dict.fromkeys(self.parts[id].inputs) if i in self.spots]
            column = max((self.spots[i][0] for i in inputs), default=0.0)
            if len(inputs) == 1 and self.users[inputs[0]] & self.on_rail:
                column += HALF
            levels = [level + (x >= column) for x, level in (self.spots[i] for i in inputs)]
            self._put(id, column, max([1, *levels]))
        for id in ids:
            column, level = self.spots[id]
            users = self.users[id]
            if (
                users and users <= set(ids) and all(self.spots[user][0] > column for user in users)
            ):  # on one line with its user
                self._put(id, column, max(level, min(self.spots[user][1] for user in users)))
            elif (
                users and users <= self.on_rail and self.parts[id].inputs
            ):  # over the lines that leave its input for others
                others = {user for i in self.parts[id].inputs for user in self.users[i]} & set(ids)
                beside = [self.spots[user][1] for user in others if self.spots[user][0] > column]
                self._put(id, column, max([level, *(other + 1 for other in beside)]))

    def _put(self, id: str, column: float, level: float) -> None:
        self.spots.pop(id, None)
        while any(y == level and abs(x - column) < self._apart(id, other) for other, (x, y) in self.spots.items()):
            column += HALF
        self.spots[id] = (column, level)

    def _apart(self, one: str, other: str) -> float:
        """Columns between two parts of one level: a box with a name is as wide as a gate's."""
        return 1 - NEAR / 4 if one in self.gates or other in self.gates else NEAR

    # -- rails

    def _along_rails(self, top: int) -> None:
        """One operation after the other, over what feeds it; on a higher rail half a column before that."""
        for index, ids in enumerate(self.rails.values()):
            start = 0.0
            below = [self.spots[id][0] for others in list(self.rails.values())[:index] for id in others]
            for id in ids:
                inputs = [self.spots[i][0] for i in self.parts[id].inputs if i in self.spots and i not in ids]
                column = max([start, *inputs])
                if _taken(column, below) and column - HALF >= start - HALF:
                    column -= HALF
                while _taken(column, below):
                    column += HALF
                self.spots[id] = (column, top + index)
                start = column + 1

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

    # -- who needs whom

    def _free(self) -> list[Part]:
        return [p for p in self.parts.values() if p.op not in ("gate", "source") and p.id not in self.on_rail]

    def _after(self) -> list[str]:
        """What needs a new state's value: operations, and weighted sums of nothing else."""
        found: dict[str, None] = {}
        for part in self.parts.values():
            sources = part.op == "source" or (part.op == "gate" and set(part.inputs) & set(self.bottom))
            if (
                not sources
                and part.id not in self.on_rail
                and any(i in self.on_rail or i in found for i in part.inputs)
            ):
                found[part.id] = None
        return list(found)

    @cached_property
    def _feeding_gates(self) -> frozenset[str]:
        """The parts that a gate needs, other than through a state's new value."""
        found: set[str] = set()
        for id in reversed([*self.parts]):  # users come after what they use
            users = [user for user in self.users[id] if user not in self.on_rail]
            if any(self.parts[user].op == "gate" or user in found for user in users):
                found.add(id)
        return frozenset(found)

    def _depths(self, ids: list[str]) -> dict[str, int]:
        depths: dict[str, int] = {}
        for id in ids:
            depths[id] = max((depths[i] + 1 for i in self.parts[id].inputs if i in depths), default=0)
        return depths


def _users(parts: Mapping[str, Part]) -> dict[str, set[str]]:
    """Part → the parts that it is an input of."""
    found: dict[str, set[str]] = {id: set() for id in parts}
    for part in parts.values():
        for id in part.inputs:
            found[id].add(part.id)
    return found


def _taken(column: float, others: Iterable[float]) -> bool:
    return any(abs(column - other) < NEAR for other in others)
