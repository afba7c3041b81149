"""Where the parts of a cell's circuit go: states on rails, gates in a row, operations between.

Time runs right. A carried state has a rail at the top; what feeds the gates runs along the bottom. Operations that need
a rail's new value come down again on the right. A cell may say other places for any part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.analysis.rails import Flow
from lstmdiag.cells.cell import Cell
from lstmdiag.cells.circuit import GLYPHS, Part
from lstmdiag.diagrams import Point

HALF = 0.5  # of a column: two small parts have room so close to each other
NEAR = 0.45
SHORT = 3  # characters of a sign that a circle has no room for
WIDE = 0.8875  # columns between two parts of one level where one is as wide as a gate


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances of one picture, in points."""

    column: float = 150.0
    gates: float = 120.0  # from the bus to the row of gates
    level: float = 92.0  # between rows above the gates
    rail: float = 66.0  # between two rails
    over_gates: tuple[float, float] = (52.0, 64.0)  # from the row of gates to where wires run along it
    under_rails: tuple[float, float] = (46.0, 34.0)
    over_rails: float = 34.0
    flat: bool = False  # all boxes in the row of gates, all circles in the one row over it
    first: float = 0.0  # from the row of gates to that above it, where the distance is another

    def height(self, level: float) -> float:
        """Of a level over the bus; level 0 is the row of gates."""
        return self.gates + level * self.level + (self.first - self.level) * (self.first > 0 and level > 0)


@dataclass(frozen=True)
class Placed:
    """Parts by id with their places; `rails` gives the height of each carried state's rail."""

    parts: Mapping[str, Part]
    at: Mapping[str, Point]
    rails: Mapping[str, float]  # state → y
    bus: float  # height of the line under the gates
    gate_row: float
    tracks: tuple[float, ...]  # heights at which a wire may run sideways
    right: float
    fed: tuple[tuple[str, str], ...]  # (x or h_prev, part) that the lines under the gates join
    stacked: bool  # every gate reads exactly [x ; h_prev], so one line serves all

    @cached_property
    def on_rail(self) -> frozenset[str]:
        """The parts that stand on the rail of the quantity they are for."""
        at, rails = self.at, self.rails
        return frozenset(id for id, part in self.parts.items() if id in at and at[id][1] == rails.get(part.quantity))


def place(cell: Cell, spacing: Spacing) -> Placed:
    """Places for every part; no two share a place."""
    flow = Flow(cell)
    grid = _Grid(flow)
    spots, top = grid.filled()
    if spacing.flat:
        spots, top = grid.flattened(top)
    at = {id: (x * spacing.column, spacing.height(y)) for id, (x, y) in spots.items()}
    rails = {state: spacing.height(top) + index * spacing.rail for index, state in enumerate(flow.rails)}
    for state, ids in flow.rails.items():
        at.update({id: (at[id][0], rails[state]) for id in ids})
    if list(at) == [*flow.row] == [cell.output]:  # one weighted sum is all of it
        rails, at = {cell.output: 0.0}, {cell.output: (0.0, 0.0)}
    stacked = _stacked(flow)
    joined = [id for id in flow.row if not stacked or flow.parts[id].op == "gate"]
    return Placed(
        parts=flow.parts,
        at=at,
        rails=rails,
        bus=0.0,
        gate_row=spacing.height(0),
        tracks=tuple(_tracks(spacing, top, sorted(rails.values()))),
        right=max((x for x, _ in at.values()), default=0.0),
        fed=tuple((name, id) for id in joined for name in _whole(flow.parts[id]) if name in flow.bottom),
        stacked=stacked,
    )


def worded(part: Part) -> bool:
    """Whether an operation is written as a word, for which a circle has no room."""
    return part.op not in ("source", "gate") and len(part.value or GLYPHS.get(part.op, part.op)) >= SHORT


def _tracks(spacing: Spacing, top: int, rails: Sequence[float]) -> list[float]:
    row, highest = spacing.height(0), min(rails, default=spacing.height(0) + 180)
    (over, farther), (under, nearer) = spacing.over_gates, spacing.under_rails
    above = rails[-1] + spacing.over_rails if rails else highest
    levels = [spacing.height(level) for level in range(1, top)]
    return [0.0, highest - under, row + over, *levels, highest - nearer, row + farther, above]


def _stacked(flow: Flow) -> bool:
    """Whether all weighted sums of the row read the two vectors at the bottom; maps of different sizes do not stack."""
    sums = [affine for id in flow.row if (affine := flow.parts[id].affine)]
    read = [{vector.name for _, vector in affine.terms} for affine in sums]
    return len(flow.cell.input) == 1 and bool(read) and all(names == {*flow.bottom} for names in read)


def _whole(part: Part) -> Iterable[str]:
    """What a part reads; of a weighted sum the vectors that a matrix reads, not those weighed number by number."""
    return dict.fromkeys(vector.name for _, vector in part.affine.terms) if part.affine else dict.fromkeys(part.inputs)


class _Grid:
    """Parts on columns and levels, one after the other: `spots` is id → (column, level)."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.parts = flow, flow.parts
        self.named = frozenset(flow.cell.gates())
        self.spots: dict[str, tuple[float, float]] = {}

    def filled(self) -> tuple[dict[str, tuple[float, float]], int]:
        """The spots of all parts, and the level of the lowest rail."""
        flow = self.flow
        self.spots.update({id: (float(index), 0) for index, id in enumerate(flow.row)})
        constants = [id for id in flow.under if self.parts[id].op in ("number", "weight")]
        self._between([id for id in flow.under if id not in constants])
        top = 1 + max([int(bool(flow.row or flow.under)), *(int(level) for _, level in self.spots.values())])
        self._along_rails(top)
        for id in constants:
            self._constant(id, top)
        self._behind(top)
        self._after_what_is_behind()
        self.spots.update({id: spot for id, spot in flow.cell.places.items() if id in self.spots})
        return self.spots, top

    def flattened(self, top: int) -> tuple[dict[str, tuple[float, float]], int]:
        """The same in one row of boxes and one of circles, none to the left of its inputs; and the lowest rail's."""
        spots, boxes = self.spots, self.named | {id for id, part in self.parts.items() if worded(part)}
        self.spots = {id: spots[id] for id in self.flow.row}
        lowest = 2 if any(id not in boxes and 0 < level < top for id, (_, level) in spots.items()) else 1
        for id, part in self.parts.items():
            if id in spots and id not in self.spots:
                column, level = spots[id]
                level = level - top + lowest if level >= top else int(id not in boxes)
                self._put(id, max([column, *(self.spots[i][0] for i in part.inputs if i in self.spots)]), level)
        return self.spots, lowest

    def _put(self, id: str, column: float, level: float) -> None:
        """Here, or as little to the right of it as is free."""
        self.spots.pop(id, None)
        while any(y == level and abs(x - column) < self._apart(id, other) for other, (x, y) in self.spots.items()):
            column += HALF
        self.spots[id] = (column, level)

    def _apart(self, one: str, other: str) -> float:
        """Columns between two parts of one level: a box with a name is as wide as a gate's."""
        return NEAR if self.named.isdisjoint((one, other)) else WIDE

    def _between(self, ids: Sequence[str]) -> None:
        """Each above the rightmost of its inputs; what turns one value into another stands beside a way straight up."""
        for id in ids:
            inputs = [i for i in dict.fromkeys(self.parts[id].inputs) if i in self.spots]
            column = max((self.spots[i][0] for i in inputs), default=0.0)
            if len(inputs) == 1 and self.flow.users[inputs[0]] & self.flow.on_rail:
                column += HALF
            levels = [level + (x >= column) for x, level in (self.spots[i] for i in inputs)]
            self._put(id, column, max([1, *levels]))
        for id in ids:
            column, level = self.spots[id]
            users = self.flow.users[id]
            if users and users <= {*ids} and all(self.spots[user][0] > column for user in users):
                self._put(id, column, max(level, min(self.spots[user][1] for user in users)))  # in line with its user
            elif users and users <= self.flow.on_rail and self.parts[id].inputs:
                self._put(id, column, max([level, *self._leaving(id, ids)]))

    def _leaving(self, id: str, ids: Sequence[str]) -> list[float]:
        """The levels over the lines that leave the inputs of a part for others, to the right of it."""
        others = {user for i in self.parts[id].inputs for user in self.flow.users[i]}.intersection(ids)
        return [self.spots[user][1] + 1 for user in others if self.spots[user][0] > self.spots[id][0]]

    def _along_rails(self, top: int) -> None:
        """One operation after the other, over what feeds it; on a higher rail half a column before that."""
        below: list[float] = []
        for index, ids in enumerate(self.flow.rails.values()):
            start = 0.0
            for id in ids:
                inputs = [self.spots[i][0] for i in self.parts[id].inputs if i in self.spots and i not in ids]
                column = max([start, *inputs])
                if _taken(column, below) and column - HALF >= start - HALF:
                    column -= HALF
                while _taken(column, below):
                    column += HALF
                self.spots[id] = (column, top + index)
                start = column + 1
            below += [self.spots[id][0] for id in ids]

    def _constant(self, id: str, top: int) -> None:
        """Above a rail that it is for, else beside what it is for."""
        user = next(p.id for p in self.parts.values() if id in p.inputs)
        column, level = self.spots.get(user, (0.0, 1))
        self._put(id, *((column, top + len(self.flow.rails)) if user in self.flow.on_rail else (column - 1, level)))

    def _behind(self, top: int) -> None:
        """On the right what needs a new state: from under the rails down to the row of gates."""
        last = int(max((column for column, _ in self.spots.values()), default=0) + HALF)
        deepest = max(self.flow.depths.values(), default=-1)
        for id, depth in self.flow.depths.items():
            self._put(id, last + 1, max(top - 1 - depth, 0) if depth < deepest else 0)

    def _after_what_is_behind(self) -> None:
        """An operation on a rail that reads what stands behind others stands over that or farther: time runs right."""
        for ids in self.flow.rails.values():
            least = 0.0
            for id in ids:
                column, level = self.spots[id]
                behind = [self.spots[i][0] for i in self.parts[id].inputs if i in self.flow.depths]
                column = max([column, least, *(place + 1 for place in behind)])
                self.spots[id] = (column, level)
                least = column + 1 if behind else least
        for id in self.flow.depths:
            column, level = self.spots[id]
            farthest = max((self.spots[i][0] for i in self.parts[id].inputs if i in self.spots), default=column)
            if farthest > column and self.parts[id].inputs:
                self._put(id, farthest, level)


def _taken(column: float, others: Iterable[float]) -> bool:
    return any(abs(column - other) < NEAR for other in others)
