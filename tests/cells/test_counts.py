"""Counts: known numbers, symbols and numbers agree, every operation is counted."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.cells import counts, terms
from lstmdiag.cells.cell import make_cell
from lstmdiag.cells.expr import ALPHABET, LEAVES
from tests.models import CELLS, lstm, of_cell

LSTM = lstm().layers[0].cell
assert LSTM is not None
SIZES = st.integers(1, 10**12)


def written(found: counts.Terms) -> str:
    return terms.count(found).text


@pytest.mark.parametrize("table", ["MULTIPLY_ADDS", "ELEMENTWISE"])
def test_every_operation_is_counted(table: str) -> None:
    assert set(getattr(counts, table)) == set(ALPHABET) - set(LEAVES)


def test_the_counts_of_an_lstm() -> None:
    assert written(counts.multiply_add_terms(LSTM)) == "4 × (H × F + H × H)"
    assert written(counts.elementwise_terms(LSTM)) == "17 × H"
    assert written(counts.state_terms(LSTM)) == "2 × H"
    parameters = counts.tally(LSTM.weights.values())
    assert written(parameters) == "4 × (H × F + H × H + H)"
    unit = counts.per_unit(parameters)
    assert unit is not None and written(unit) == "4 × (F + H + 1)"


@given(SIZES, SIZES)
def test_numbers_are_exact(units: int, features: int) -> None:
    sizes = {"units": units, "features": features}
    assert counts.evaluate(counts.multiply_add_terms(LSTM), sizes) == 4 * units * (units + features)
    assert counts.evaluate(counts.elementwise_terms(LSTM), sizes) == 17 * units


@pytest.mark.parametrize("name", CELLS)
def test_multiply_adds_are_the_matrices(name: str) -> None:
    """With one use of each matrix, every entry of it is multiplied once."""
    layer = of_cell(name).layers[0]
    assert layer.cell is not None
    matrices = sum(weight.count for weight in layer.weights if len(weight.shape) == 2)
    assert counts.evaluate(counts.multiply_add_terms(layer.cell), layer.sizes) == matrices


def test_products_that_differ_in_number_stand_apart() -> None:
    assert written({("units", "features"): 3, ("units", "units"): 3, ("units",): 6}) == "3 × (H × F + H × H) + 6 × H"
    assert written({("units", "features"): 1, ("units",): 1}) == "H × F + H"
    assert written({("steps",): 1, (): 1}) == "T + 1"
    assert written({}) == "0"


def test_numbers_stand_in_the_place_of_letters() -> None:
    found = {("units", "features"): 4, ("units", "units"): 4, ("units",): 4}
    sizes = {"units": 1000, "features": 2}
    assert terms.substitution(found, sizes).text == "4 × (1,000 × 2 + 1,000 × 1,000 + 1,000)"
    assert terms.substitution(found, sizes).latex == r"4 \times (1{,}000 \times 2 + 1{,}000 \times 1{,}000 + 1{,}000)"


def test_stacked_vectors_are_counted() -> None:
    stacked = ("units", "features+units")
    cell = make_cell("Stacked", {"h": "tanh(W @ concat(x, h_prev))"}, {"h": ("units",)}, weights={"W": stacked})
    assert written(counts.multiply_add_terms(cell)) == "H × (F + H)"
    assert counts.evaluate(counts.multiply_add_terms(cell), {"units": 3, "features": 2}) == 15


def test_reductions_cost_what_they_sum_up() -> None:
    cell = make_cell("Sum", {"h": "h_prev / max(abs(sum(h_prev)), 1) + max(h_prev)"}, {"h": ("units",)})
    assert written(counts.elementwise_terms(cell)) == "4 × H + 2"


dims = st.lists(st.sampled_from(("units", "features", "steps")), max_size=3).map(tuple)


@given(st.dictionaries(dims, st.integers(1, 9), max_size=5), SIZES, SIZES, SIZES)
def test_what_is_written_is_what_is_counted(found: counts.Terms, units: int, features: int, steps: int) -> None:
    sizes = {"units": units, "features": features, "steps": steps}
    right = sum(times * prod(sizes[str(dim)] for dim in each) for each, times in found.items())
    assert counts.evaluate(found, sizes) == right
    text = terms.substitution(found, sizes).text
    assert eval(text.replace("×", "*").replace(",", "")) == right  # digits, +, * and parentheses only
