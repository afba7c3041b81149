"""The weights of a layer as blocks, and the scale at which they can be drawn: numbers to points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum, prod

from lstmdiag.cells.cell import Cell, Dim
from lstmdiag.cells.circuit import circuit
from lstmdiag.diagrams import Point
from lstmdiag.diagrams.text import measure, text
from lstmdiag.layer import Layer, Weight
from lstmdiag.views.words import weight_symbol

WIDE, HIGH = 620.0, 512.0  # the blocks take up no more, in points
LEAST_WIDE, LEAST_HIGH = 32.0, 30.0  # a narrower column, a lower stripe could not be seen
LEAST_ROW = 4.0  # the outlined row is no thinner
LARGEST = 24  # points for one weight
CELL = (74.0, 28.0)  # of one weight that bears its name; wider for a longer name
LINE = 15.0  # more for a second line
CELL_ROWS, CELL_COLUMNS = 12, 6  # so few are drawn one by one: 4H and F + H

_STEPS = (1, 2, 3, 4, 5, 6, 8)


@dataclass(frozen=True, slots=True)
class Column:
    """The weights of one kind (all W, all U, all b), by gate."""

    part: str  # W, U, b ...
    size: int  # numbers in one row
    dim: Dim  # what that size is: features, units or 1
    kernel: tuple[int, ...]  # of a convolution: rows and columns of each kernel in it
    blocks: dict[str, Weight]  # gate → its weight

    @property
    def name(self) -> str:
        """What all have in common: b_h for the second biases of a GRU; their letter where it is that alone."""
        stems = {weight.stem for weight in self.blocks.values()}
        return stems.pop() if len(stems) == 1 else self.part

    @property
    def names(self) -> list[str]:
        return [weight.name for weight in self.blocks.values()]

    @property
    def count(self) -> int:
        return sum(weight.count for weight in self.blocks.values())


def columns(layer: Layer) -> list[Column]:
    """In order of first use; a gate with two weights of one letter gets two columns."""
    found: dict[tuple[str, int], Column] = {}
    for weight in layer.weights:
        nth = 0
        while (weight.part, nth) in found and weight.quantity in found[weight.part, nth].blocks:
            nth += 1
        dim = 1 if len(weight.shape) == 1 else weight.dims[1]
        column = Column(weight.part, prod(weight.shape[1:]), dim, weight.shape[2:], {})
        found.setdefault((weight.part, nth), column).blocks[weight.quantity] = weight
    return sorted(found.values(), key=lambda column: column.dim == 1)


def redundant(cell: Cell) -> frozenset[str]:
    """Biases that are added to another one, so that only the sum of both matters: GRU's second of r and z."""
    sums = [part.affine for part in circuit(cell).values() if part.affine]
    return frozenset(name for affine in sums for name in affine.biases[1:])


@dataclass(frozen=True, slots=True)
class Scale:
    """Points for one weight across and down; and what had to be drawn larger than that to be seen."""

    unit: float  # points for one weight where it is to scale
    widths: tuple[float, ...]  # of the columns
    rows: Mapping[str, int]  # of each gate
    stripes: Mapping[str, float]  # their height
    cells: bool  # every weight is drawn by itself
    larger: tuple[int, ...]  # columns wider than to scale
    taller: bool  # rows higher than to scale

    def row(self, gate: str) -> float:
        """Height of one row."""
        return self.stripes[gate] / self.rows[gate]

    def top(self, gate: str) -> float:
        return -fsum(self.stripes[other] for other in list(self.stripes)[: list(self.stripes).index(gate)])

    def outlined(self, gate: str, unit: int) -> tuple[float, float]:
        """Of one unit's row: its height, enough to be seen, and how far over the middle of its stripe it lies."""
        stripe = self.stripes[gate]
        high = min(max(self.row(gate), LEAST_ROW), stripe)
        within = (stripe - high) / 2
        return high, min(max(stripe / 2 - (unit - 0.5) * self.row(gate), -within), within)

    @property
    def bar(self) -> int:
        """A round number of weights, some 100 points long."""
        weights, power = 100 / self.unit, 1
        while weights >= 10 * power:
            power *= 10
        return max(step * power for step in (1, 2, 5) if step * power <= weights)


def scale(
    columns: list[Column], rows: Mapping[str, int], lines: int = 1, room: Point = (WIDE, HIGH), *, named: bool = True
) -> Scale:
    """The largest even scale at which these columns and a stripe of rows for each gate have this room.

    Where every weight bears its name, if they are `named` and few, in a cell of so many lines.
    """
    sizes, total = [column.size for column in columns], sum(rows.values())
    few = named and total <= CELL_ROWS and not any(column.kernel for column in columns)
    if few and sum(c.size for c in columns if c.dim != 1) <= CELL_COLUMNS:
        names = [weight_symbol(name, "[1,1]", "small") for column in columns for name in column.names]
        wide = max(CELL[0], *(measure(text(name))[0] + 8 for name in names))
        high = {gate: count * (CELL[1] + (lines - 1) * LINE) for gate, count in rows.items()}
        return Scale(wide, tuple(size * wide for size in sizes), rows, high, True, (), False)
    unit = _even(min(room[0] / sum(sizes), room[1] / total))
    widths = tuple(max(size * unit, LEAST_WIDE) for size in sizes)
    stripes = {gate: max(count * unit, LEAST_HIGH) for gate, count in rows.items()}
    larger = tuple(i for i, size in enumerate(sizes) if size * unit < LEAST_WIDE)
    return Scale(unit, widths, rows, stripes, False, larger, min(rows.values()) * unit < LEAST_HIGH)


def _even(points: float) -> float:
    """The next lower of 24 … 2, 1, 1/2, 1/3 … points for one weight."""
    if points >= 1:
        return min(int(points), LARGEST)
    weights, power = 1 / points, 1
    while weights > _STEPS[-1] * power:
        power *= 10
    return 1 / next(step * power for step in (*_STEPS, 10) if step * power >= weights)
