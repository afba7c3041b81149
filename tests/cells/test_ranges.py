"""Ranges: what is printed beside a wire must hold for every input."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lstmdiag.cells.cell import PREVIOUS, Cell, make_cell
from lstmdiag.cells.expr import Expr
from lstmdiag.cells.ranges import Interval, ranges, stays_in
from lstmdiag.errors import LstmdiagError
from lstmdiag.layers.lstm import CELL
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from tests import damage, generator
from tests.examples import max_examples
from tests.models import CELLS, model, of_cell


def lstm(activation: str) -> Cell:
    return CELL.bind({"activation": activation, "recurrent_activation": "sigmoid"})


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("tanh", {"f": "(0, 1)", "g": "(−1, 1)", "c": "unbounded", "h": "(−1, 1)"}),
        ("relu", {"f": "(0, 1)", "g": "[0, ∞)", "c": "[0, ∞)", "h": "[0, ∞)"}),
        ("linear", {"f": "(0, 1)", "g": "unbounded", "c": "unbounded", "h": "no bound found"}),
    ],
)
def test_lstm(activation: str, expected: dict[str, str]) -> None:
    found = stays_in(lstm(activation))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("base", ["2", "-3", "0.5", "1 / 3", "2 * sigmoid(x)", "tanh(x) - 2", "relu(x) + 1", "exp(x)"])
@pytest.mark.parametrize("step", [
    "{q} * {q}", "{q} * {p}", "{q} * {q} - {p}", "{q} / ({p} * {p})", "{p} - {q} * {q}", "exp({q})",
    "sqrt(abs({q})) * {q}", "max({q} * {q}, {p})",
])  # fmt: skip
def test_numbers_beyond_every_float_are_infinite(base: str, step: str) -> None:
    equations = {"q0": base, "q1": "q0 + 1"}
    equations |= {f"q{i}": step.format(q=f"q{i - 1}", p=f"q{i - 2}") for i in range(2, 30)}
    equations["h"] = "q29 - q28 + W @ x"
    found = ranges(make_cell("Large", equations, {"h": ("units",)}))
    assert all(interval.low <= interval.high for interval in found.values())
    assert not any(math.isinf(end) for i in found.values() for end in (-i.high, i.low) if end > 0)


def test_a_weighted_mean_stays_between_what_it_mixes() -> None:
    """(1 − f) h + f n with n = tanh: h can never leave (−1, 1), which intervals alone would not see."""
    cell = of_cell("minimal-gated").layers[0].cell
    assert cell is not None
    assert str(ranges(cell)["h"]) == "(−1, 1)"


def test_a_share_beyond_one_mixes_nothing() -> None:
    """With z = relu(…), (1 − z) h + z n can be as far out as it likes."""
    equations = {"z": "relu(W_z @ x)", "n": "tanh(W_n @ x)", "h": "(1 - z) * h_prev + z * n"}
    assert str(ranges(make_cell("Leaky", equations, {"h": ("units",)}))["h"]) == "no bound found"


def test_only_what_can_grow_is_called_unbounded() -> None:
    """c and n of an sLSTM grow without a bound; h = o ⊙ (c / n) is bounded, which intervals do not see."""
    equations = {
        "f": "sigmoid(W_f @ x)", "i": "sigmoid(W_i @ x)", "o": "sigmoid(W_o @ x)", "z": "tanh(W_z @ x)",
        "c": "f * c_prev + i * z", "m": "f * m_prev - f * z", "n": "f * n_prev + i", "h": "o * (c / n)",
    }  # fmt: skip
    states = dict.fromkeys(("c", "m", "n", "h"), ("units",))
    found = stays_in(make_cell("Own", equations, states))
    assert (found["c"], found["m"], found["h"]) == ("unbounded", "no bound found", "no bound found")


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("max(hard_sigmoid(W @ x), hard_sigmoid(U @ h_prev))", "[0, 1]"),
        ("max(hard_sigmoid(W @ x), sigmoid(U @ h_prev))", "(0, 1]"),
        ("min(hard_sigmoid(W @ x), sigmoid(U @ h_prev))", "[0, 1)"),
        ("abs(hard_sigmoid(W @ x))", "[0, 1]"),
        ("abs(tanh(W @ x))", "[0, 1)"),
        ("hard_sigmoid(W @ x) / hard_sigmoid(U @ h_prev)", "[0, ∞)"),
    ],
)
def test_an_end_is_closed_where_it_is_reached(equation: str, expected: str) -> None:
    assert str(ranges(make_cell("Ends", {"h": equation}, {"h": ("units",)}))["h"]) == expected


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "matmul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "neg": lambda a: -a, "sigmoid": sigmoid, "tanh": math.tanh, "exp": math.exp,
    "relu": lambda a: max(a, 0.0), "linear": lambda a: a, "mean": lambda a: a, "max": max,
}  # fmt: skip


def value(expr: Expr, names: dict[str, float]) -> float:
    """The expression for a layer of one unit and one feature, where every vector is one number."""
    if expr.op == "name":
        return names[expr.name]
    if expr.op == "number":
        return expr.value
    return FUNCTIONS[expr.op](*(value(arg, names) for arg in expr.args))


def holds(interval: Interval, number: float) -> bool:
    slack = 1e-12  # rounding may reach an end that is open
    return interval.low - slack <= number <= interval.high + slack


def cells() -> dict[str, Cell]:
    named = {f"lstm-{activation}": lstm(activation) for activation in ("tanh", "relu", "linear")}
    for name in CELLS:
        cell = of_cell(name).layers[0].cell
        assert cell is not None
        named[name] = cell
    return named


KNOWN = cells()


@given(st.sampled_from(sorted(KNOWN)), st.lists(st.floats(-4, 4), min_size=3, max_size=6), st.randoms())
@max_examples(150)
def test_no_value_leaves_its_range(name: str, inputs: list[float], random: object) -> None:
    cell = KNOWN[name]
    found = ranges(cell)
    weights = {weight: random.uniform(-3, 3) for weight in cell.weights}
    previous = {state + PREVIOUS: 0.0 for state in cell.state}
    for x in inputs:
        names = {"x": x, **weights, **previous}
        for quantity, expr in cell.equations.items():
            names[quantity] = value(expr, names)
            assert holds(found[quantity], names[quantity]), (quantity, names[quantity], str(found[quantity]))
        previous = {state + PREVIOUS: names[state] for state in cell.state}


def test_a_state_that_multiplies_itself_is_kept_by_no_gate() -> None:
    equations = {"k": "sigmoid(b_k)", "h": "h_prev * h_prev + (1 - k) * tanh(W @ x + b)"}
    assert stays_in(make_cell("Own", equations, {"h": ("units",)}))["h"] == "no bound found"


def random_cells(chance: random.Random) -> Model:
    """A model around a cell that was changed at random, or the end of the example where that is none."""
    try:
        return model(generator.text(damage.own_cell(chance)))
    except LstmdiagError:
        assume(False)
        raise


@given(st.integers(0, 100_000))
@max_examples(40)
def test_bounds_of_any_cell_hold_its_values_in_a_pass(seed: int) -> None:
    """What the picture of a unit states beside its wires; with weights of 1, 3 or 20 times the usual size."""
    chance = random.Random(seed)
    drawn = random_cells(chance)
    for layer in drawn.recurrent:
        assert [*stays_in(layer.cell)] == [*layer.cell.equations]
    try:
        usual, larger = values(drawn, seed=seed).weights, chance.choice([1, 3, 20])
        trace = values(drawn, weights={name: weight * larger for name, weight in usual.items()}).trace
    except LstmdiagError as refused:  # numbers beyond those of a float
        assert refused.problems
        return
    for layer in drawn.recurrent:
        for quantity, bounds in ranges(layer.cell).items() if not layer.initial_state else ():
            found = trace[f"{layer.name}.{quantity}"]
            slack = 1e-9 * max(abs(end) for end in (1.0, bounds.low, bounds.high) if not math.isinf(end))
            assert bounds.low - slack <= found.min() and found.max() <= bounds.high + slack, quantity
