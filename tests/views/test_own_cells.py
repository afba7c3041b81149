"""Cells of users that once had no picture: what is shared, squared, constant, or called as a part of the picture is."""

from __future__ import annotations

import pytest

from lstmdiag.cells.expr import parse
from lstmdiag.drawing import placed, views_of
from lstmdiag.errors import LstmdiagError, UsageError
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from lstmdiag.views.gate_terms import summing
from lstmdiag.views.selection import Selection
from lstmdiag.views.unit import view as unit_view
from lstmdiag.views.words import vector_symbol
from tests.models import model
from tests.work import at_most

Equations = dict[str, str]

CASES: dict[str, tuple[str, Equations]] = {
    "a state kept for later": ("[h]", {"q0": "h_prev", "h": "tanh(q0 + W_1 @ x)"}),
    "a state of another's equation": ("[h, c]", {"c": "tanh(W @ x)", "h": "c_prev * c"}),
    "x itself": ("{h: [features]}", {"s": "mean(W @ x)", "h": "x * h_prev + s"}),
    "a square": ("[h]", {"q": "h_prev * h_prev", "h": "tanh(W @ x + U @ q)"}),
    "shared products": (
        "[h]", {"q0": "tanh(W @ x)", "q1": "h_prev", **{f"q{i}": f"q{i - 1} * q{i - 2}" for i in range(2, 79)},
                "h": "q78"}),
    "weighted sums in a chain": (
        "[h]", {"q0": "tanh(W @ x)", "h": "q78 * h_prev",
                **{f"q{i}": f"sigmoid(W_{i % 9} @ x + U_{i % 7} @ q{i - 1})" for i in range(1, 79)}}),
    "constants of constants": ("[h]", {"k": "sigmoid(b_k)", "l": "1 - k", "m": "1 - l", "h": "m * tanh(W @ x)"}),
    "functions of numbers": ("[h]", {"k": "max(2, 1) / softmax(3) + mean(2)", "h": "tanh(W @ x) * k"}),
    "a bias in a row": ("[h]", {"q": "concat(b_1, h_prev)", "h": "tanh(W @ x) * mean(q)"}),
    "a weight twice": ("[h]", {"z": "sigmoid(W_z @ x)", "n": "tanh(W_z @ x)", "h": "z * h_prev + n"}),
    "a state of constants": ("[h, m]", {"m": "tanh(b_m)", "h": "tanh(W @ x + U @ h_prev + m_prev)"}),
    "a plain number": ("[h]", {"s": "mean(W_s @ x)", "h": "tanh(W @ x) * s + h_prev"}),
    "a number of a sum": ("[h]", {"h": "tanh(U_1 @ (h_prev * (R @ h_prev)) + W @ x)"}),
    "a peephole on h": (
        "[h]", {"z": "sigmoid(W_z @ x + p_z * h_prev)", "n": "tanh(W_n @ x)", "h": "(1 - z) * h_prev + z * n"}),
    "a peephole on h beside a matrix": (
        "[h]", {"z": "sigmoid(U_z @ h_prev + p_z * h_prev + b_z)", "n": "tanh(W_n @ x + p_n * h_prev)",
                "h": "(1 - z) * h_prev + z * n"}),
    "a peephole on h of all": (
        "[h]", {"z": "sigmoid(W_z @ x + U_z @ h_prev + p_z * h_prev)", "h": "(1 - z) * h_prev + z"}),
    "one number times a sum": (
        "[h]", {"q": "'0.5'", "s": "mean(W_s @ x)", "k": "q * (W_i @ x + b_k)",
                "l": "tanh(s * (W_l @ x) + U_l @ h_prev)",
                "h": "k * h_prev + l"}),
    "a weight of each unit on one number": (
        "[h]", {"s": "mean(W_s @ x)", "h": "tanh(W @ x + p * s + U @ (s * h_prev))"}),
    "a weight of each unit on a constant": ("[h]", {"h": "tanh(W @ x + U @ h_prev + b * 0.5)"}),
    "a gate that is no sum": (
        "[h]", {"k": "sigmoid(b_k)", "h": "k * h_prev + (1 - k) * tanh(W @ x + b)"}),
    "no matrix": ("[h]", {"h": "p * h_prev + mean(x)"}),
    "names of parts": ("[h]", {"one": "sigmoid(W @ x + b)", "inputs": "one * h_prev", "stack": "1 - one",
                               "h": "inputs + stack"}),
}  # fmt: skip


READ = (
    "1", "1 - h_prev", "1 - (1 - h_prev)", "2 * h_prev", "h_prev * s", "s * 2", "-h_prev", "-2", "h_prev / 2",
    "softmax(h_prev)", "softmax(2)", "concat(h_prev, h_prev)", "mean(h_prev) * h_prev", "max(h_prev) - h_prev",
    "max(h_prev, 0)", "min(h_prev, 1)", "activation(h_prev)", "linear(h_prev)", "conv", "h_prev + 1", "h_prev @ 2",
)  # fmt: skip
"""What a matrix, or a weight of each unit, may multiply; some of it is no vector, and refused."""


WORDS = (
    "bias", "bus", "equation", "heirs", "inputs", "joint", "margin", "name", "one", "outputs", "range", "scale", "size",
    "stack", "unit", "units", "up", "value", "others", "own", "next", "right", "head", "rule", "low", "high", "at",
    "kept", "prev", "loop", "new", "row", "rows", "factor", "function", "plot", "axis", "v0", "v1",
)  # fmt: skip
"""What ids in pictures are made of, and a quantity may be called."""


def of(state: str, equations: Equations, units: int = 2, example: str = "{}") -> Model:
    lines = "".join(f"      {name}: {text}\n" for name, text in equations.items())
    return model(
        f"version: 1\ninput: {{steps: 3, features: 2}}\ncells:\n  Own:\n    state: {state}\n    equations:\n{lines}"
        f"layers:\n  - Own: {units}\nexample: {example}\n"
    )


def _gates(made: Model) -> list[str]:
    cell = made.recurrent[0].cell
    assert cell is not None
    return list(summing(cell))


@pytest.mark.sweep(1)
@pytest.mark.parametrize("form", ["U @ ({}) + W @ x + b", "W @ x + p * ({})", "(U @ ({})) * tanh(W @ x)"])
def test_whatever_weights_multiply_is_drawn_or_refused(form: str) -> None:
    drawn = 0
    for read in READ:
        try:
            made = of("[h]", {"s": "mean(W_s @ x)", "z": form.format(read), "h": "tanh(mean(z) * s + h_prev)"})
        except LstmdiagError:
            continue
        drawn += 1
        found = values(made, seed=0)
        views = [(view, None) for view in views_of(made)] + [("gate", gate) for gate in _gates(made)]
        for view, gate in views:
            assert placed(made, view, Selection(gate=gate)).nodes
            assert placed(found, view, Selection(gate=gate, step=2)).nodes
    assert drawn > len(READ) / 2


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("1 - h_prev", "(1 − ht−1[2])"),
        ("softmax(h_prev) * x", "(softmax(ht−1)[2] ⊙ xt[2])"),
        ("concat(h_prev, x)", "[ht−1 ; xt][2]"),
        ("mean(h_prev) * x", "(mean(ht−1) ⊙ xt[2])"),
        ("max(h_prev, 0)", "max(ht−1[2], 0)"),
    ],
)
def test_one_number_of_what_a_matrix_multiplies(read: str, written: str) -> None:
    assert "".join(run.text for run in vector_symbol(parse(read), 2)) == written


@pytest.mark.parametrize("case", CASES)
@pytest.mark.sweep(4)
def test_every_view_draws_it_bare_and_with_numbers(case: str) -> None:
    made = of(*CASES[case])
    found = values(made, seed=0)
    for view in views_of(made):
        for given, selection in ((made, Selection()), (found, Selection(step=2))):
            if (case, view) == ("no matrix", "gate"):
                with pytest.raises(UsageError, match="no matrix multiplies in 'own'"):
                    placed(given, view, selection)
                continue
            with at_most(3_500_000):
                diagram = placed(given, view, selection)
            ids = [part.id for part in (*diagram.nodes, *diagram.edges, *diagram.groups)]
            assert len(ids) == len(set(ids))


@pytest.mark.parametrize("number", range(len(WORDS)))
@pytest.mark.sweep(4)
def test_no_name_of_a_quantity_is_an_id_of_something_else(number: int) -> None:
    """A sheet raises where two parts have one id."""
    a, b, c = (WORDS[(number + apart) % len(WORDS)] for apart in (0, 1, 7))
    made = of(
        f"[{a}, {b}]",
        {
            c: f"sigmoid(W @ x + U @ {a}_prev + p * {b}_prev + b)",
            b: f"(1 - {c}) * {b}_prev + {c} * tanh(W_1 @ x + U_1 @ ({c} * {a}_prev))",
            a: f"{b} * sigmoid(W_2 @ x + W_3 @ x + U_2 @ {b} + U_3 @ ({a}_prev * 2))",
        },
    )
    found = values(made, seed=0)
    for view in views_of(made):
        for given, step in ((made, None), (found, 2)):
            for gate in (a, c) if view == "gate" else (None,):
                assert placed(given, view, Selection(step=step, gate=gate)).nodes


def test_a_weight_may_stand_in_one_sum_twice() -> None:
    made = of("[h]", {"h": "tanh(W @ x + W @ x + U @ h_prev + U @ (h_prev * 2) + p * h_prev + p * h_prev + b + b)"})
    for given, step in ((made, None), (values(made, seed=0), 2)):
        for view in views_of(made):
            assert placed(given, view, Selection(step=step)).nodes


def test_softmax_inside_softmax_is_not_written_out() -> None:
    nested = of("[h]", {"h": "softmax(" * 40 + "W @ x" + ")" * 40})
    diagram = unit_view(nested, Selection())
    assert max(len(run.text) for node in diagram.nodes for line in node.label for run in line) < 2_000
