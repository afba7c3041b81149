"""Roles are inferred from the structure of the equations; the LSTM's must come out as it declares them."""

import pytest

from lstmdiag.cells.cell import infer_roles
from lstmdiag.layers.lstm import CELL
from tests.models import of_cell


def test_inference_agrees_with_what_lstm_declares() -> None:
    assert infer_roles(CELL) == CELL.roles


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("minimal-gated", {"f": "gate.write", "n": "gate.content", "h": "state.public"}),
        ("min-gru", {"z": "gate.write", "n": "gate.content"}),
        ("coupled", {"f": "gate.keep", "g": "gate.content", "o": "gate.read", "c": "state.private"}),
        ("s-like", {"i": "gate.write", "f": "gate.keep", "z": "gate.content", "o": "gate.read", "n": "state.private"}),
        ("plain", {"h": "state.public", "x": "input", "W": "weight"}),
    ],
)
def test_cells_that_users_declare(name: str, expected: dict[str, str]) -> None:
    cell = of_cell(name).layers[0].cell
    assert cell is not None
    assert {quantity: cell.roles[quantity] for quantity in expected} == expected
