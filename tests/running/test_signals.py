"""What a pass notes: shapes as announced, of every use, in every format."""

from __future__ import annotations

import io
import math
import tracemalloc
from collections.abc import Collection

import numpy as np
import pytest

from lstmdiag import trace
from lstmdiag.running import run
from lstmdiag.running.record import as_csv, as_npz
from lstmdiag.running.signals import places, signals
from lstmdiag.running.text import as_text
from lstmdiag.running.tracing import values
from tests.models import CELLS, ODD, model, of_cell
from tests.running.test_tracing import drawn

TWICE = """
version: 1
inputs: {a: {shape: [2, 3, 2]}, b: {shape: [2, 3, 2]}}
layers:
  - TimeDistributed: {name: t, layer: {LSTM: 2}, from: a}
  - {use: t, from: b, name: s}
  - Concatenate: {from: [t, s]}
"""


def test_every_use_of_a_layer_has_signals_of_its_own() -> None:
    of = model(TWICE)
    x, weights = np.random.default_rng(0).normal(size=(2, 2, 3, 2)), drawn(of)
    both, turned = trace(of, {"a": x[0], "b": x[1]}, weights), trace(of, {"a": x[1], "b": x[0]}, weights)
    assert np.array_equal(both["lstm.c"], turned["s.lstm.c"]) and np.array_equal(both["s.lstm.c"], turned["lstm.c"])
    assert not np.isclose(both["lstm.c"], turned["lstm.c"]).any()
    assert np.array_equal(both["t.output"], both["lstm.h"][:, -1])
    assert np.array_equal(both["s.output"], both["s.lstm.h"][:, -1])


@pytest.mark.parametrize("name", [*CELLS, *ODD])
@pytest.mark.parametrize("masked", [False, True])
def test_every_signal_of_a_cell_has_the_shape_announced(name: str, masked: bool) -> None:
    """Those too that depend on no input: the same for every sample and step."""
    of = of_cell(name)
    if masked:
        of = model(of.source.replace("layers:", "layers:\n  - Masking"))
    found = values(of, np.random.default_rng(0).normal(size=(2, 5, 2)), drawn(of)).trace
    for signal in signals(of).values():
        assert found[signal.name].shape == (2, *signal.shape), signal.name
    for state, shape in of.layers[-1].states.items():
        assert found.states[f"cell.{state}"].shape == (2, *(size or 0 for size in shape))


def test_what_depends_on_no_input_is_the_same_at_every_step() -> None:
    of = of_cell("numbers", units=3)
    weights, x = drawn(of), np.random.default_rng(0).normal(size=(2, 5, 2))
    found = values(of, x, weights).trace
    k = 1 / (1 + np.exp(-weights["cell.b_k"]))
    assert np.allclose(found["cell.k"], k) and (found["cell.r"] == 0.5).all()
    h = (0.5 - k) * np.tanh(x[:, 0] @ weights["cell.W"].T + weights["cell.b"])
    h += (x[:, 0] @ weights["cell.W_s"].T).mean(-1, keepdims=True)
    np.testing.assert_allclose(found["cell.h"][:, 0], h)
    assert (values(of_cell("fixed-state"), seed=1).trace["cell.m"].std(axis=1) == 0).all()


ODD_SHAPES = {
    "another axis": "input: {steps: 5, features: 2}\nlayers:\n  - LayerNormalization: {axis: 1, name: layer}\n",
    "axis before the last": "input: {shape: [5, 3, 2]}\nlayers:\n  - BatchNormalization: {axis: -2, name: layer}\n",
    "attention on rows": "input: {shape: [3, 4, 2]}\nlayers:\n  - Attention: {from: [input, input], name: layer}\n",
    "steps in steps": "input: {shape: [2, 3, 4, 1]}\nlayers:\n"
    "  - TimeDistributed: {layer: {TimeDistributed: {layer: {LSTM: 2}}}, name: layer}\n",
}


@pytest.mark.parametrize("case", ODD_SHAPES)
@pytest.mark.parametrize("at", [None, [1], [-1, 7]])
def test_signals_of_odd_shapes(case: str, at: list[int] | None) -> None:
    of = model(f"version: 1\n{ODD_SHAPES[case]}")
    whole, some = values(of, seed=1), values(of, seed=1, at=at)
    for signal in signals(of).values():
        chosen = at if at and signal.timed else range(9)  # of rows of an image, which are no steps, all stay
        steps = [step for step in chosen if step < signal.shape[0]]
        assert some.trace[signal.name].shape == (1, len(steps), *signal.shape[1:]), signal.name
        assert np.array_equal(some.trace[signal.name], whole.trace[signal.name][:, steps]), signal.name
    for written in (as_text, as_csv, as_npz):
        assert written(some)


def test_names_of_files_are_names_too() -> None:
    of = model("version: 1\ninputs: {file: {steps: 2, features: 1}, allow_pickle: {steps: 2, features: 1}}\nlayers:\n"
               "  - Add: {from: [file, allow_pickle]}\n")  # fmt: skip
    found = values(of)
    with np.load(io.BytesIO(as_npz(found))) as read:
        assert {name: read[name].tolist() for name in read} == {
            name: array[0].tolist() for name, array in found.trace.signals.items()
        }
    assert as_npz(found) == as_npz(found)


def test_tables_without_a_step_say_so() -> None:
    of = model("version: 1\ninput: {steps: 6, features: 2}\nlayers:\n  - MaxPooling1D: 2\n  - Reshape: [3, 2, 1]\n")
    text = as_text(values(of, at=[4])).decode()
    assert text.count("none of the steps chosen") == 2


def test_a_mean_of_nan_is_nan() -> None:
    of = model("version: 1\ninput: {steps: 5, features: 1}\nlayers:\n"
               "  - AveragePooling1D: {pool_size: 2, strides: 1, padding: same}\n")  # fmt: skip
    x = np.array([[[1.0], [3], [math.nan], [7], [9]]])
    assert str(run(of, [x], {}).outputs[0].ravel().tolist()) == "[2.0, nan, nan, 8.0, 9.0]"


def test_of_steps_that_are_not_chosen_nothing_is_held() -> None:
    of = model("version: 1\ninput: {shape: [200, 200, 1]}\nlayers:\n  - TimeDistributed: {layer: {LSTM: 16}}\n")
    x = np.ones((1, 200, 200, 1))
    values(of, x, at=[7], keep=["lstm.*"])
    most = []
    for at in ([7], None):
        tracemalloc.start()
        values(of, x, at=at, keep=["lstm.*"])
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[0] < most[1] / 3


@pytest.mark.parametrize("at", [range(10**6), [-1, 2, 2, 5, -5, -6], [], [9]])
def test_places_are_the_steps_that_there_are(at: Collection[int]) -> None:
    found = [step for step in range(5) if step in at or step - 5 in at]
    assert places(at, 5) == places(frozenset(at), 5) == found
