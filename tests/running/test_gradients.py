"""Gradients through time, against small differences of real passes and against what can be worked out by hand."""

from math import prod

import numpy as np
import pytest

from lstmdiag.errors import LstmdiagError
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.running import gradients, steps, tracing
from lstmdiag.running.gradients import Gradients, check_effort, keeps, through_time, too_costly
from lstmdiag.running.values import Values
from lstmdiag.views.gradient_texts import WORDS, about, product
from tests.models import CELLS, graph, model, of_cell, packaged

TINY = 1e-6


def passed(made: Model) -> tuple[Values, Layer]:
    values = tracing.values(made)
    return values, made.recurrent[0]


def by_differences(values: Values, layer: Layer, state: str) -> list[float]:
    """The norm of d state_t / d state_1 at each step after the first, from passes that go on a little aside."""
    assert layer.cell is not None
    weights = {weight.name: values.weight(layer, weight.name) for weight in layer.weights}
    shape, backwards = layer.shape(state), layer.options.go_backwards
    read = values.read(layer)[None]
    first, rest = (-1, read[:, :-1]) if backwards else (0, read[:, 1:])
    columns = []
    for index in np.ndindex(shape):
        ends = []
        for side in (1, -1):
            start = {name: values.trace[f"{layer.name}.{name}"][:, first].copy() for name in layer.cell.state}
            start[state][(0, *index)] += side * TINY
            done = steps.run(layer.cell, rest, weights, start, keep=[state], backwards=backwards)
            ends.append(done.signals[state][0])
        columns.append((ends[0] - ends[1]) / (2 * TINY))
    length = rest.shape[1]
    whole = np.stack(columns).reshape(prod(shape), length, prod(shape))
    norms = [float(np.linalg.norm(whole[:, step], 2)) for step in range(length)]
    return norms[::-1] if backwards else norms


def check(made: Model) -> Gradients:
    values, layer = passed(made)
    found = through_time(values, layer)
    assert set(found.jacobians) == set(layer.cell.state if layer.cell else ())
    for state, norms in found.jacobians.items():
        assert norms[0] == 1
        assert np.allclose(norms[1:], by_differences(values, layer, state), rtol=1e-4, atol=1e-7)
    return found


SPECS = ("one-unit", "three-units", "three-units-two-features", "s-lstm", "simple-rnn", "gru", "gru-reset-before")


@pytest.mark.parametrize("spec", SPECS)
def test_jacobians_are_what_small_differences_say(spec: str) -> None:
    check(packaged(spec))


@pytest.mark.parametrize("cell", CELLS)
def test_cells_of_a_spec(cell: str) -> None:
    check(of_cell(cell, 3, 2))


@pytest.mark.parametrize("layer", [
    "LSTM: {units: 3, go_backwards: true}", "PeepholeLSTM: 3", "LSTM: {units: 5, projection: 2}",
    "Bidirectional: {LSTM: 3}", "LSTM: {units: 3, activation: softsign}",
])  # fmt: skip
def test_other_layers(layer: str) -> None:
    check(model(f"version: 1\ninput: {{steps: 5, features: 2}}\nlayers:\n  - {layer}\n"))


ONE_AND_MANY = (
    "{} + tanh(W @ x)", "tanh(W @ x) - {}", "(1 + {}) * tanh(W @ x)", "tanh(W @ x) / (3 + {})", "max({}, tanh(W @ x))",
    "tanh(W @ x) + h_prev * {}",
)  # fmt: skip


@pytest.mark.parametrize("one", ["mean(h_prev)", "sum(h_prev)", "max(h_prev)", "min(h_prev)"])
@pytest.mark.parametrize("form", ONE_AND_MANY)
def test_one_number_of_all_units_moves_each_of_them(form: str, one: str) -> None:
    equation = form.format(f"0.5 * {one}")
    check(
        model(
            f"version: 1\ninput: {{steps: 4, features: 2}}\ncells:\n  Own:\n    state: {{h: [units]}}\n"
            f"    equations: {{h: '{equation}'}}\nlayers:\n  - Own: 3\n"
        )
    )


def test_maps() -> None:
    layer = "ConvLSTM2D: {filters: 2, kernel_size: 2, padding: same}"
    check(model(f"version: 1\ninput: {{shape: [3, 3, 4, 1]}}\nlayers:\n  - {layer}\n"))


def test_what_an_lstm_keeps_is_the_product_of_its_forget_gates() -> None:
    values, layer = passed(packaged("three-units"))
    found = through_time(values, layer)
    product = np.cumprod(values.trace["lstm.f"][0, 1:], axis=0)
    assert list(found.kept) == ["c"]
    assert np.allclose(found.kept["c"], [[1, 1, 1], *product])


def test_what_a_gru_keeps_is_the_product_of_its_update_gates() -> None:
    values, layer = passed(packaged("gru"))
    assert np.allclose(through_time(values, layer).kept["h"][1:], np.cumprod(values.trace["gru.z"][0, 1:], axis=0))


def test_a_simple_rnn_keeps_nothing_as_it_is() -> None:
    values, layer = passed(packaged("simple-rnn"))
    assert through_time(values, layer).kept == {}
    assert layer.cell is not None and not keeps(layer.cell, "h")


def test_one_unit_of_a_simple_rnn_by_hand() -> None:
    """Pascanu et al. 2013: the product of U · tanh'(a_t)."""
    values, layer = passed(model("version: 1\ninput: {steps: 6, features: 1}\nlayers:\n  - SimpleRNN: 1\n"))
    h, u = values.trace["simple_rnn.h"][0, :, 0], values.weights["simple_rnn.U"][0, 0]
    assert np.allclose(through_time(values, layer).jacobians["h"][1:], np.abs(np.cumprod(u * (1 - h[1:] ** 2))))


def test_masked_steps_hand_everything_on() -> None:
    made = graph("masked")
    input = np.ones((5, 2))
    input[[1, 3]] = 0
    values = tracing.values(made, input)
    found = through_time(values, made.recurrent[0])
    for norms in found.jacobians.values():
        assert norms[1] == norms[0] and norms[3] == norms[2] and norms[2] != norms[1]
    assert (found.kept["c"][1] == found.kept["c"][0]).all()


def test_backward_layers_begin_at_the_end() -> None:
    source = "version: 1\ninput: {steps: 4, features: 1}\nlayers: [{LSTM: {units: 2, go_backwards: true}}]\n"
    values, layer = passed(model(source))
    found = through_time(values, layer)
    assert found.steps == (4, 3, 2, 1)
    assert np.allclose(found.kept["c"][1:], np.cumprod(values.trace["lstm.f"][0, -2::-1], axis=0))


def test_the_signals_it_needs_are_enough() -> None:
    made = graph("masked")
    layer = made.recurrent[0]
    few = tracing.values(made, keep=gradients.needed(made, layer))
    every = tracing.values(made)
    assert len(few.trace.signals) < len(every.trace.signals)
    for state, norms in through_time(few, layer).jacobians.items():
        assert np.array_equal(norms, through_time(every, layer).jacobians[state])


def test_too_much_work_is_refused_with_the_arithmetic() -> None:
    made = model("version: 1\ninput: {steps: 1000, features: 64}\nlayers:\n  - LSTM: 512\n")
    with pytest.raises(LstmdiagError, match=r"1,024 numbers of state × 1,048,576 products × 1,000 steps"):
        check_effort(made.recurrent[0], 1000)


def test_the_pass_before_them_counts() -> None:
    layer = "  - LSTM: {units: 16, return_sequences: true}\n"
    alone, third = (
        model("version: 1\ninput: {steps: 2000, features: 2}\nlayers:\n" + number * layer) for number in (1, 3)
    )
    check_effort(third.recurrent[0], 2000)
    assert not too_costly(alone, alone.recurrent[0])
    assert too_costly(third, third.recurrent[0])


def test_states_that_swap_depend_on_each_other() -> None:
    cell = """cells:
  Swap:
    state: [h, m]
    equations: {h: tanh(W_h @ x + m_prev), m: tanh(W_m @ x + h_prev)}
"""
    values, layer = passed(model(f"version: 1\ninput: {{steps: 4, features: 1}}\n{cell}layers: [{{Swap: 2}}]\n"))
    found = through_time(values, layer)
    assert found.jacobians["h"][-1] == found.jacobians["m"][-1] == 0
    assert found.depends
    assert (
        WORDS.say("claim", about(layer, found, most=40))
        == "No state at step 4 depends on its own value after step 1, only on those of other states."
    )


def test_a_state_without_a_gate_of_its_own_is_told_so() -> None:
    cell = """cells:
  Leaky:
    state: [h, c]
    equations:
      f: sigmoid(W_f @ x + U_f @ h_prev)
      c: f * c_prev + tanh(W_c @ x)
      h: 0.5 * h_prev + tanh(c)
"""
    values, layer = passed(model(f"version: 1\ninput: {{steps: 4, features: 1}}\n{cell}layers: [{{Leaky: 2}}]\n"))
    found = through_time(values, layer)
    assert np.allclose(found.kept["h"][:, 0], [1, 0.5, 0.25, 0.125])
    assert product(layer, "c") == "product of f"
    assert product(layer, "h") == "product of what h's equation keeps of it"
