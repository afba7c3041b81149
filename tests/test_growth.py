"""Work grows with the number of layers, not with its square, and what is not drawn is not made.

Twice the layers take about twice the function calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lstmdiag.drawing import pictured
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import table
from tests.models import model
from tests.work import calls

FEW, LINEAR = 100, 2.3

HEAD = "version: 1\ninput: {steps: 5, features: 4}\nlayers:\n"


def _alternating(number: int) -> str:
    """Layers that are named, read by name, used again and started from each other."""
    lines = ["  - LSTM: {units: 4, return_sequences: true, name: l0}"]
    for n in range(1, number, 3):
        lines += [
            f"  - Dense: {{units: 4, name: l{n}, from: l{n - 1}}}",
            f"  - LSTM: {{units: 4, return_sequences: true, name: l{n + 1}, from: l{n}, "
            f"initial_state: l{max(n - 2, 0)}}}",
            f"  - {{use: l0, name: l{n + 2}, from: l{n + 1}}}",
        ]
    return HEAD + "\n".join(lines)


GROWING: dict[str, Callable[[int], str]] = {
    "chain": lambda number: HEAD + "  - LSTM: {units: 4, return_sequences: true}\n" * number,
    "both ways": lambda number: HEAD + "  - Bidirectional: {LSTM: {units: 2, return_sequences: true}}\n" * number,
    "shared": lambda number: (
        HEAD + "  - LSTM: {units: 4, return_sequences: true, name: a}\n" + "  - use: a\n" * (number - 1)
    ),
    "alternating": _alternating,
}


WORK: dict[str, Callable[[Model], Any]] = {
    "dictionary": lambda of: table(of, "dictionary"),  # finds stacks: who reads whom
    "returns": lambda of: table(of, "returns"),
    "names": lambda of: [of.owner_of_weights(of.layer(layer.name)) for layer in of.layers],
    "readers": lambda of: [of.readers(layer.name) for layer in of.layers],
}


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("kind", GROWING)
@pytest.mark.sweep(5)
def test_work_grows_with_the_layers(kind: str, work: str) -> None:
    few, many = (model(GROWING[kind](number)) for number in (FEW, 2 * FEW))
    for number in (FEW, 2 * FEW):  # what is remembered of words and sizes is there for both
        WORK[work](model(GROWING[kind](number)))
    assert calls(lambda: WORK[work](many)) < LINEAR * calls(lambda: WORK[work](few))


@pytest.mark.parametrize("kind", ["chain", "both ways"])
def test_layers_that_are_alike_are_read_once(kind: str) -> None:
    first, *others = (layer.innermost for layer in model(GROWING[kind](4)).layers)
    assert first.cell is not None
    assert all(layer.cell is first.cell and layer.weights is first.weights for layer in others)


def test_a_layer_that_reads_itself_again_costs_its_steps_each_time() -> None:
    (path,) = (part for part in table(model(GROWING["shared"](3)), "cost").parts if part.name == "cost.path")
    assert path.total == ("in all", 15, "", 7)


def test_weights_that_take_too_long_to_make_are_those_of_the_twin() -> None:
    large = model("version: 1\ninput: {steps: 5, features: 500}\nlayers:\n  - LSTM: 4096\n")
    (drawn,) = pictured(large, "trace", Selection())
    assert drawn.badge.startswith("toy twin: same wiring, 3 units instead of 4,096")
    with pytest.raises(UsageError, match="the toy twin stands in for 'test', and 'lstm' has units 1 to 3 there"):
        pictured(large, "trace", Selection(unit=4000))


GATES = 39  # twice and a product are the most parts that a cell may have


def _gates(number: int) -> Model:
    chain = ", ".join(f"q{n}: sigmoid(W_{n} @ x + U_{n} @ {f'q{n - 1}' if n else 'h_prev'})" for n in range(number))
    own = f"  Own:\n    state: {{h: [units]}}\n    equations: {{{chain}, h: q{number - 1} * h_prev}}\n"
    return model(f"version: 1\ninput: {{steps: 5, features: 4}}\ncells:\n{own}layers:\n  - Own: 8\n")


@pytest.mark.parametrize("view", ["model", "time", "layer", "gate", "trace", "gradient"])
@pytest.mark.sweep(2)
def test_work_grows_with_the_equations_of_a_cell(view: str) -> None:
    """Views that lead lines around parts look at every part for every line; a cell has 80 parts at most."""

    def drawn(of: Model) -> None:
        pictured(of, view, Selection())

    few, many = _gates(GATES), _gates(2 * GATES)
    for number in (GATES, 2 * GATES):  # what is remembered of words and sizes is there for both
        drawn(_gates(number))
    assert calls(lambda: drawn(many)) < 2.5 * calls(lambda: drawn(few))
