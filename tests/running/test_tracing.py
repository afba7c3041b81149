"""A pass: hand arithmetic, what must hold of every pass, and every mistake a caller can make."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lstmdiag import LstmdiagError, trace
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.running import run
from lstmdiag.running.effort import Bounds
from lstmdiag.running.initial import shapes
from lstmdiag.running.initial import weights as begun
from lstmdiag.running.signals import signals
from lstmdiag.running.tracing import values
from tests.models import GRAPHS, PACKAGED, graph, lstm, model, packaged


def drawn(of: Model, seed: int = 1) -> dict[str, Any]:
    """Weights that are all different, no bias zero."""
    random = np.random.default_rng(seed)
    return {name: random.uniform(0.1, 0.9, shape) * random.choice([-1, 1], shape) for name, shape in shapes(of).items()}


def test_the_worked_example_of_the_pages() -> None:
    """One step of LSTM(3) on one feature, unit 2, with a pocket calculator."""
    of = lstm(units=3, features=1, steps=1)
    weights = {name: np.zeros(shape) for name, shape in shapes(of).items()}
    weights["lstm.W_f"][1], weights["lstm.U_f"][1], weights["lstm.b_f"][1] = 0.4, (0.2, -0.2, 0.1), 1
    weights["lstm.b_i"][1] = math.log(0.538 / 0.462)
    weights["lstm.b_g"][1] = math.atanh(-0.770)
    weights["lstm.b_o"][1] = math.log(0.798 / 0.202)
    start = {"lstm.h": np.array([[0.169, -0.159, 0.068]]), "lstm.c": np.array([[0.0, -0.243, 0.0]])}
    done = run(of, [np.array([[[2.0]]])], weights, start=start)
    found = {name: round(float(done[f"lstm.{name}"][0, 0, 1]), 3) for name in ("a_f", "f", "i", "g", "c", "o", "h")}
    assert found == {"a_f": 1.872, "f": 0.867, "i": 0.538, "g": -0.77, "c": -0.625, "o": 0.798, "h": -0.443}


@pytest.mark.parametrize("name", [*PACKAGED, *(f"graph {name}" for name in GRAPHS)])
@pytest.mark.sweep(40)
def test_every_signal_that_is_announced_is_made_in_its_shape(name: str) -> None:
    of = graph(name.removeprefix("graph ")) if name.startswith("graph ") else packaged(name)
    found = values(of, dtype="float32", toy=name == "convlstm-nowcasting")
    known = signals(found.model)
    assert list(known) == sorted(found.trace.signals, key=list(known).index)
    for signal in known.values():
        array = found.trace[signal.name]
        assert array.shape == (1, *(signal.shape)), signal.name
        assert array.dtype.kind in "bi" or array.dtype == np.float32, signal.name


@pytest.mark.parametrize("name", [name for name in GRAPHS if name not in ("maps",)])
def test_rows_of_a_batch_never_meet(name: str) -> None:
    of = values(graph(name)).model
    random = np.random.default_rng(3)
    batch = {
        source.name: random.integers(0, 9, (3, *source.shape)) if source.dtype == "int"
        else random.normal(size=(3, *source.shape))
        for source in of.inputs
    }  # fmt: skip
    weights = drawn(of)
    together = values(of, batch, weights).trace
    for row in range(3):
        alone = values(of, {source: array[row] for source, array in batch.items()}, weights).trace
        for signal, array in alone.signals.items():
            np.testing.assert_allclose(together[signal][row], array[0], rtol=1e-12, atol=1e-12, err_msg=signal)


def test_nothing_comes_before_its_cause() -> None:
    of = lstm(units=3, features=2, steps=6, options="return_sequences: true")
    x = np.random.default_rng(0).normal(size=(6, 2))
    changed = x.copy()
    changed[4] += 1
    one, other = trace(of, x, seed=1), trace(of, changed, seed=1)
    for name in ("lstm.f", "lstm.c", "lstm.h", "lstm.output"):
        assert np.array_equal(one[name][:4], other[name][:4])
        assert not np.any(np.isclose(one[name][4], other[name][4]))


def test_backward_layers_are_indexed_by_the_time_of_their_input() -> None:
    ahead, back = (lstm(steps=5, options=f"return_sequences: true, go_backwards: {way}") for way in ("false", "true"))
    x, weights = np.random.default_rng(0).normal(size=(5, 2)), drawn(ahead)
    read, turned = trace(ahead, x[::-1], weights), trace(back, x, weights)
    assert np.array_equal(turned["lstm.c"], read["lstm.c"][::-1])
    assert np.array_equal(turned["lstm.output"], read["lstm.output"])  # Keras gives them as they were computed


def test_masked_steps_keep_the_state() -> None:
    of = graph("masked")
    x = np.random.default_rng(0).normal(size=(5, 2))
    x[[1, 3]] = 0
    found, short = trace(of, x, drawn(of)), trace(of, [[*x[0]], [*x[2]], [*x[4]], [0, 0], [0, 0]], drawn(of))
    assert found["masking.mask"].tolist() == [True, False, True, False, True]
    for name in ("lstm.c", "lstm.h"):
        assert np.array_equal(found[name][1], found[name][0])
        assert np.array_equal(found[name][3], found[name][2])
    np.testing.assert_allclose(found.output, short.output)


def test_zeros_in_and_no_biases_give_zeros() -> None:
    of = lstm(options="use_bias: false, return_sequences: true")
    found = trace(of, np.zeros((4, 2)), drawn(of))
    assert not found.output.any() and (found["lstm.f"] == 0.5).all()


def test_stateful_layers_go_on() -> None:
    text = "version: 1\ninput: {{steps: {}, features: 2, batch: 2}}\nlayers:\n  - LSTM: {{units: 3, stateful: true}}\n"
    whole, half = model(text.format(6)), model(text.format(3))
    x, weights = np.random.default_rng(0).normal(size=(2, 6, 2)), drawn(whole)
    first = trace(half, x[:, :3], weights)
    second = trace(half, x[:, 3:], weights, after=first)
    np.testing.assert_allclose(second.output, trace(whole, x, weights).output)
    assert not np.allclose(second.output, trace(half, x[:, 3:], weights).output)
    with pytest.raises(LstmdiagError, match="was left for 2 samples, this batch has 1"):
        trace(half, x[0, 3:], weights, after=first)


def test_other_layers_begin_anew() -> None:
    of = lstm()
    x = np.ones((4, 2))
    assert np.array_equal(trace(of, x, seed=1, after=trace(of, x, seed=1)).output, trace(of, x, seed=1).output)


def test_what_is_not_kept_changes_nothing() -> None:
    of = graph("bidirectional-transfer")
    whole = values(of, seed=2).trace
    some = values(of, seed=2, keep=["c", "attention.*"], at=[1, -1]).trace
    assert set(some.signals) == {n for n in whole.signals if n.endswith(".c") or n.startswith("attention.")}
    for name, array in some.signals.items():
        steps = some.steps[name]
        assert list(steps) == sorted({1, whole[name].shape[1] - 1})
        assert np.array_equal(array, whole[name][:, list(steps)])
    assert all(np.array_equal(a, b) for a, b in zip(some.outputs, whole.outputs, strict=True))


def test_values_know_which_steps_were_kept() -> None:
    of = lstm(steps=5)
    whole, some = values(of, seed=2), values(of, seed=2, at=[2, 3])
    layer = of.layers[0]
    assert np.array_equal(some.vector(layer, "c", 4), whole.vector(layer, "c", 4))
    assert np.array_equal(some.vector(layer, "c_prev", 4), whole.vector(layer, "c", 3))
    with pytest.raises(KeyError, match=r"lstm\.c at step 2"):
        some.vector(layer, "c_prev", 3)


def test_float32_is_near_float64() -> None:
    of = graph("bidirectional-transfer")
    one, other = (trace(of, seed=3, dtype=dtype) for dtype in ("float64", "float32"))
    assert isinstance(other.output, np.ndarray) and other.output.dtype == np.float32
    np.testing.assert_allclose(one.output, other.output, atol=1e-6)


def test_shared_layers_use_the_same_weights() -> None:
    x = np.random.default_rng(0).normal(size=(5, 2))
    assert not trace(graph("shared"), {"left": x, "right": x}, seed=1)["difference.output"].any()


def test_an_input_without_a_batch_axis_gives_an_output_without_one() -> None:
    of, x = lstm(steps=4), np.ones((4, 2))
    assert trace(of, x).output.shape == (3,)
    assert trace(of, x.tolist())["lstm.c"].shape == (4, 3)
    assert trace(of, x[None])["lstm.c"].shape == (1, 4, 3)
    several = trace(graph("branches"))
    assert isinstance(several.output, tuple) and len(several.output) == 2


def test_open_lengths_take_what_comes() -> None:
    of = graph("convolution-any-length")
    assert trace(of, np.ones((9, 2)))["lstm.c"].shape == (7, 4)
    with pytest.raises(LstmdiagError, match="3 steps"):
        trace(of, np.ones((2, 2)))


def test_made_inputs_are_small_whole_numbers_and_tokens_of_the_vocabulary() -> None:
    found = values(packaged("stacked-classifier")).trace["input"]
    assert set(np.unique(found)) <= {-2, -1, 1, 2, 3}
    tokens = values(model("version: 1\ninput: {steps: 50, dtype: int}\nlayers:\n  - Embedding: [3, 2]\n".replace(
        "[3, 2]", "{input_dim: 3, output_dim: 2}"))).trace["input"]  # fmt: skip
    assert set(np.unique(tokens)) == {1, 2}


def test_seeds_and_where_weights_come_from() -> None:
    of = packaged("three-units")
    assert np.array_equal(trace(of, seed=4).output, trace(of, weights=begun(of, 4)).output)
    assert not np.array_equal(trace(of, seed=4).output, trace(of, seed=5).output)
    assert (
        values(of, seed=4).origin == "weights: untrained, Keras's initializers, seed 4; input: the example of the spec"
    )
    assert "dropout: none at prediction (lstm, dropout, lstm_1)" in values(graph("dropout")).origin


NESTED = [[1.0, 2.0]] * 4
WRONG_INPUTS = {
    "shape": (np.ones((3, 2)), r"input 'input' has the shape \(3, 2\)", r"it wants \(4, 2\) \(steps, features\)"),
    "rank": (np.ones(2), r"has the shape \(2,\)", "it wants"),
    "empty": ([], "has the shape", "it wants"),
    "empty batch": (np.ones((0, 4, 2)), "has the shape", "it wants"),
    "ragged": ([[1, 2], [3]], "is no array", "it wants"),
    "words": ([["a", "b"]] * 4, "not numbers", "it wants"),
    "flags": (np.ones((4, 2), bool), "holds bool", "it wants"),
    "nothing": ([[None, 1]] * 4, "something else than numbers", "it wants"),
    "too large": ([[10**400, 1]] * 4, "something else than numbers", "it wants"),
    "NaN": ([*NESTED[:3], [1.0, math.nan]], "holds nan at step 4, feature 2", "only finite numbers"),
    "infinity": ([[math.inf, 1.0], *NESTED[:3]], "holds inf at step 1, feature 1", "only finite numbers"),
    "in a batch": (np.full((2, 4, 2), math.nan), "holds nan in sample 1, at step 1, feature 1, and 15 more", "finite"),
    "another name": ({"inpt": NESTED}, "there is no input 'inpt'", "did you mean 'input'?"),
}


@pytest.mark.parametrize("case", WRONG_INPUTS)
def test_wrong_inputs_are_told(case: str) -> None:
    data, message, hint = WRONG_INPUTS[case]
    with pytest.raises(LstmdiagError, match=message) as caught:
        trace(lstm(), data)
    assert hint in caught.value.problems[0].hint.replace("\\", "") or case in ("shape",)


def test_a_number_too_large_for_float32_is_told() -> None:
    with pytest.raises(LstmdiagError, match="as float32, holds inf at step 1"):
        trace(lstm(), [[1e39, 1]] * 4, dtype="float32")


def test_one_feature_says_how_to_write_it() -> None:
    with pytest.raises(LstmdiagError) as caught:
        trace(packaged("encoder-decoder"), [70, 80, 90])
    assert "write [[70], …]" in caught.value.problems[0].hint


def test_several_inputs_are_told_all_at_once() -> None:
    of, a, b = graph("two-inputs"), np.ones((5, 2)), np.ones((4, 3))
    for data, messages in (
        (a, ["the model has 2 inputs, one array was given"]),
        ({"a": a}, ["the input 'b' is missing"]),
        ({"a": a[1:], "b": b[1:]}, ["input 'a' has the shape (4, 2)", "input 'b' has the shape (3, 3)"]),
        ({"a": a, "b": b[None]}, ["the inputs are no one batch: 'a' has 1 sample and no batch axis, 'b' has 1 sample"]),
    ):
        with pytest.raises(LstmdiagError) as caught:
            trace(of, data)
        assert [problem.message for problem in caught.value.problems] == messages


TOKENS = (
    "version: 1\ninput: {steps: 3, dtype: int}\nlayers:\n  - Embedding: {input_dim: 5, output_dim: 2, name: table}\n"
)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([0, 5, 1], "'table' knows the tokens 0 to 4, found 5 at step 2 of sample 1"),
        ([[0, 1, 1], [0, 1, 7]], "'table' knows the tokens 0 to 4, found 7 at step 3 of sample 2"),
        ([0, -1, 1], "input 'input' holds -1 at step 2"),
        ([0, 1.5, 1], "input 'input' holds 1.5 at step 2"),
    ],
)
def test_tokens_beyond_the_vocabulary_are_told(tokens: Any, message: str) -> None:
    with pytest.raises(LstmdiagError) as caught:
        trace(model(TOKENS), tokens)
    assert caught.value.problems[0].message == message


def test_numbers_that_grow_out_of_range_are_told() -> None:
    of = lstm(units=1, features=1, steps=400, options="activation: relu")
    weights = {name: np.full(shape, 9.0) for name, shape in shapes(of).items()}
    with pytest.raises(LstmdiagError, match="leaves the range of float32"):
        trace(of, np.full((400, 1), 1e5), weights, dtype="float32")


def test_weights_that_do_not_fit_are_told_one_by_one() -> None:
    of = lstm()
    good = drawn(of)
    bad = {**good, "lstm.W_f": good["lstm.W_f"].T, "lstm.b_i": [1, 2, math.nan], "lstm.Wi": good.pop("lstm.W_i")}
    del bad["lstm.W_i"]
    with pytest.raises(LstmdiagError) as caught:
        trace(of, weights=bad)
    told = [(problem.message, problem.hint) for problem in caught.value.problems]
    assert told == [
        ("weight 'lstm.W_i' is missing, (3, 2)", ""),
        ("there is no weight 'lstm.Wi'", "did you mean 'lstm.W_i'?"),
        ("weight 'lstm.b_i' holds numbers that are not finite", ""),
        ("weight 'lstm.W_f' has the shape (2, 3), not (3, 2)", ""),
    ]
    with pytest.raises(LstmdiagError, match="these are the weights of another model"):
        trace(of, weights=drawn(packaged("encoder-decoder")))
    with pytest.raises(UsageError, match="weights and a seed are given"):
        trace(of, weights=bad, seed=1)


def test_weights_inside_a_wrapper_may_bear_its_name() -> None:
    of = graph("bidirectional")
    good = drawn(of)
    renamed = {name.replace("dense.", "time_distributed."): array for name, array in good.items()}
    assert renamed.keys() != good.keys()
    assert np.array_equal(trace(of, weights=renamed).output, trace(of, weights=good).output)


def test_what_would_not_fit_into_memory_is_not_tried() -> None:
    of = lstm(units=512, features=64, steps=10**9)
    with pytest.raises(LstmdiagError) as caught:
        trace(of)
    message = caught.value.problems[0].message
    assert "would hold 42.0 TB, 4.3 GB are allowed" in message
    assert "lstm: 10 signals × 1,000,000,000 steps × 512 numbers × 1 sample × 8 bytes = 41.0 TB" in message
    with pytest.raises(LstmdiagError, match=r"weights: [\d,]+ numbers × 8 bytes"):
        trace(lstm(units=10**6))
    wide = model(
        "version: 1\ninput: {steps: 2000, features: 512}\nlayers:\n"
        "  - AdditiveAttention: {from: [input, input], name: attention}\n"
    )
    with pytest.raises(LstmdiagError, match=r"attention: 4 × 2,048,000,000 pairs × 1 × 8 bytes = 65\.5 GB"):
        trace(wide)
    few = {"keep": ["c"], "at": [-1]}
    x = np.ones((1000, 4))
    with pytest.raises(LstmdiagError, match="would hold"):
        values(lstm(units=64, features=4, steps=1000), x, bounds=Bounds(memory=5 * 10**6))
    values(lstm(units=64, features=4, steps=1000), x, bounds=Bounds(memory=5 * 10**6), **few)


def test_unknown_signals_and_layers_are_told() -> None:
    of = packaged("encoder-decoder")
    with pytest.raises(UsageError) as caught:
        values(of, keep=["encoder.d"])
    assert "did you mean 'encoder." in caught.value.problems[0].hint
    with pytest.raises(UsageError, match="has no layer 'encodr'") as caught:
        values(of, layers=["encodr"])
    assert caught.value.problems[0].hint == "did you mean 'encoder'?"
    with pytest.raises(LstmdiagError, match=r"there is no signal 'encoder\.d'"):
        trace(of)["encoder.d"]


def test_a_made_input_ends_in_padding_where_a_layer_looks_for_it() -> None:
    found = values(graph("masked")).trace
    assert found["masking.mask"].tolist() == [[True] * 4 + [False]]
    assert np.array_equal(found["lstm.h"][0, 4], found["lstm.h"][0, 3])  # states stay as they were
    assert values(graph("masked-tokens"), toy=True).trace["input"][0, -1] == 0
    assert values(graph("shared")).trace["left"].all()  # and no zeros where none looks
