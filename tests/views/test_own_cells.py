"""Cells of users that once had no picture: what is shared, squared, constant, or called as a part of the picture is."""

from __future__ import annotations

import time

import pytest

from lstmdiag.drawing import placed, views_of
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from lstmdiag.views.selection import Selection
from lstmdiag.views.unit import view as unit_view
from tests.models import model

Equations = dict[str, str]

CASES: dict[str, tuple[str, Equations]] = {
    "a state kept for later": ("[h]", {"q0": "h_prev", "h": "tanh(q0 + W_1 @ x)"}),
    "a state of another's equation": ("[h, c]", {"c": "tanh(W @ x)", "h": "c_prev * c"}),
    "x itself": ("{h: [features]}", {"s": "mean(W @ x)", "h": "x * h_prev + s"}),
    "a square": ("[h]", {"q": "h_prev * h_prev", "h": "tanh(W @ x + U @ q)"}),
    "shared products": (
        "[h]", {"q0": "tanh(W @ x)", "q1": "h_prev", **{f"q{i}": f"q{i - 1} * q{i - 2}" for i in range(2, 97)},
                "h": "q96"}),
    "constants of constants": ("[h]", {"k": "sigmoid(b_k)", "l": "1 - k", "m": "1 - l", "h": "m * tanh(W @ x)"}),
    "functions of numbers": ("[h]", {"k": "max(2, 1) / softmax(3) + mean(2)", "h": "tanh(W @ x) * k"}),
    "a bias in a row": ("[h]", {"q": "concat(b_1, h_prev)", "h": "tanh(W @ x) * mean(q)"}),
    "a weight twice": ("[h]", {"z": "sigmoid(W_z @ x)", "n": "tanh(W_z @ x)", "h": "z * h_prev + n"}),
    "a state of constants": ("[h, m]", {"m": "tanh(b_m)", "h": "tanh(W @ x + U @ h_prev + m_prev)"}),
    "a plain number": ("[h]", {"s": "mean(W_s @ x)", "h": "tanh(W @ x) * s + h_prev"}),
    "a number of a sum": ("[h]", {"h": "tanh(U_1 @ (h_prev * (R @ h_prev)) + W @ x)"}),
    "no matrix": ("[h]", {"h": "p * h_prev + mean(x)"}),
    "names of parts": ("[h]", {"one": "sigmoid(W @ x + b)", "inputs": "one * h_prev", "stack": "1 - one",
                               "h": "inputs + stack"}),
}  # fmt: skip


def of(state: str, equations: Equations, units: int = 2) -> Model:
    lines = "".join(f"      {name}: {text}\n" for name, text in equations.items())
    return model(
        f"version: 1\ninput: {{steps: 3, features: 2}}\ncells:\n  Own:\n    state: {state}\n    equations:\n{lines}"
        f"layers:\n  - Own: {units}\n"
    )


@pytest.mark.parametrize("case", CASES)
def test_every_view_draws_it_bare_and_with_numbers(case: str) -> None:
    made = of(*CASES[case])
    found = values(made, seed=0)
    for view in views_of(made):
        for given, selection in ((None, Selection()), (found, Selection(step=2))):
            begin = time.process_time()
            if (case, view) == ("no matrix", "gate"):
                with pytest.raises(UsageError, match="no matrix multiplies in 'own'"):
                    placed(made, view, selection, given)
                continue
            diagram = placed(made, view, selection, given)
            assert time.process_time() - begin < 4, view
            ids = [part.id for part in (*diagram.nodes, *diagram.edges, *diagram.groups)]
            assert len(ids) == len(set(ids))


def test_softmax_inside_softmax_is_not_written_out() -> None:
    nested = of("[h]", {"h": "softmax(" * 40 + "W @ x" + ")" * 40})
    diagram = unit_view(nested, Selection())
    assert max(len(run.text) for node in diagram.nodes for line in node.label for run in line) < 2_000
