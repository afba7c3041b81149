"""What a quantity of a cell is: its role, whether it is a projection, whether it is one number."""

from __future__ import annotations

from collections.abc import Collection

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.shapes import shapes_in


def singles(cell: Cell) -> Collection[str]:
    """The names that mean one number for the whole layer, which therefore has no index."""
    return frozenset(name for name, dims in shapes_in(cell).items() if not dims)


def role(cell: Cell, name: str) -> str:
    return cell.roles.get(name, "op")


def gate_role(cell: Cell, gate: str) -> str:
    """Its role; a state computed straight from the inputs is content, a projection of this step's values neither."""
    if gate not in cell.state:
        return role(cell, gate)
    return "op" if projects(cell, gate) else "gate.content"


def projects(cell: Cell, quantity: str) -> bool:
    """Whether it is a state made by a matrix from nothing but values of the same step: h = R m."""
    if quantity not in cell.state:
        return False
    parts = list(cell.equations[quantity].walk())
    before = any(part.name == "x" or part.name.endswith(PREVIOUS) for part in parts if part.op == "name")
    return not before and any(part.op == "matmul" for part in parts)
