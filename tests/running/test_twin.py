"""The toy twin: sizes by rule, wiring kept, weights that can be followed, the same at every call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from lstmdiag.binding import resolve
from lstmdiag.cells.cell import VALVES
from lstmdiag.errors import LstmdiagError, UsageError
from lstmdiag.model import Model
from lstmdiag.running import readable
from lstmdiag.running.record import as_text, record
from lstmdiag.running.steps import operations
from lstmdiag.running.tracing import values
from lstmdiag.running.twin import twin
from lstmdiag.spec.reader import read
from tests.examples import max_examples
from tests.generator import models
from tests.models import GRAPHS, PACKAGED, graph, lstm, model, packaged
from tests.work import at_most

EVERY = [*PACKAGED, *(f"graph {name}" for name in GRAPHS)]


def named(name: str) -> Model:
    return graph(name.removeprefix("graph ")) if name.startswith("graph ") else packaged(name)


def test_one_recurrent_layer() -> None:
    made, badge = twin(lstm(units=128, features=10, steps=50))
    assert (made.inputs[0].shape, made.recurrent[0].units) == ((4, 2), 3)
    assert badge == "toy twin: same wiring, 3 units instead of 128, 4 steps instead of 50, 2 features instead of 10"


def test_two_recurrent_layers() -> None:
    made, badge = twin(packaged("stacked-classifier"))
    assert (made.inputs[0].shape, [layer.units for layer in made.recurrent]) == ((5, 2), [4, 3])
    sizes = "4 and 3 units instead of 128 and 64, 5 steps instead of 50, 2 features instead of 10"
    assert badge == f"toy twin: same wiring, {sizes}, other layers resized too"
    assert [layer.kind for layer in made.layers] == [layer.kind for layer in packaged("stacked-classifier").layers]


def test_every_size_that_differs_is_told() -> None:
    (projected, maps) = (twin(packaged(name))[1] for name in ("projected-speech", "convlstm-nowcasting"))
    assert "4 units instead of 1,024, 3 numbers after the projection instead of 256" in projected
    assert "6 × 7 × 1 numbers a step instead of 64 × 64 × 1" in maps
    image = twin(model("version: 1\ninput: {shape: [28, 28, 1]}\nlayers: [Flatten, {Dense: 300}, {Dense: 10}]\n"))[1]
    assert image.startswith("toy twin: same wiring, 4 × 5 × 1 numbers instead of 28 × 28 × 1,")


def test_what_is_small_is_its_own_twin() -> None:
    for name in ("three-units", "one-unit", "gru", "both-directions"):
        of = packaged(name)
        assert twin(of) == (of, "")


@pytest.mark.parametrize("name", EVERY)
def test_every_model_has_one_with_the_same_wiring(name: str) -> None:
    of = named(name)
    made, badge = twin(of)
    assert [(layer.name, layer.kind, layer.inputs, layer.initial_state, layer.shared) for layer in made.layers] == [
        (layer.name, layer.kind, layer.inputs, layer.initial_state, layer.shared) for layer in of.layers
    ]
    assert made.outputs == of.outputs
    if badge:
        assert made.params < 2_000
        assert max(source.shape[0] or 0 for source in made.inputs) <= 12


@pytest.mark.parametrize("name", EVERY)
def test_no_size_is_larger_than_that_of_the_model(name: str) -> None:
    assert not grown(named(name))


@max_examples(150)
@given(models())
def test_no_size_of_any_model_grows(drawn: Model) -> None:
    assert not grown(drawn)


@pytest.mark.parametrize("layers", [
    "[{Conv1D: {filters: 3, kernel_size: 5}}, {LSTM: 100}]",
    "[{MaxPooling1D: 5}, {LSTM: 100}]",
    "[{LSTM: {units: 9, return_sequences: true}}, {Conv1D: {filters: 3, kernel_size: 5}}]",
])  # fmt: skip
def test_no_window_shrinks_by_more_than_what_it_runs_over(layers: str) -> None:
    of = model(f"version: 1\ninput: {{steps: 5, features: 2}}\nlayers: {layers}\n")
    assert twin(of)[1] and not grown(of)


def grown(of: Model) -> list[object]:
    """Where its twin is larger: shapes of inputs and outputs, and sizes of layers."""
    try:
        made, _ = twin(of)
    except LstmdiagError as error:
        assert "has no toy twin" in str(error)
        return []
    before = [each.shape for each in of.inputs] + [each.output for each in of.layers]
    after = [each.shape for each in made.inputs] + [each.output for each in made.layers]
    shapes = [
        (one, other)
        for one, other in zip(before, after, strict=True)
        if any(n is not None and m is not None and m > n for n, m in zip(one, other, strict=True))
    ]
    sizes = [
        (one.call, other.call)
        for one, other in zip(of.layers, made.layers, strict=True)
        if any(other.innermost.sizes[name] > size for name, size in one.innermost.sizes.items())
    ]
    return [*shapes, *sizes]


def test_an_image_without_channels_has_no_steps() -> None:
    image = twin(model("version: 1\ninput: {shape: [28, 28]}\nlayers: [Flatten, {Dense: 300}, {Dense: 10}]\n"))[1]
    assert image.startswith("toy twin: same wiring, 4 × 2 numbers instead of 28 × 28,")


def test_states_that_are_handed_over_keep_one_size() -> None:
    made, _ = twin(packaged("sequence-to-sequence"))
    assert len({layer.units for layer in made.recurrent}) == 1
    wide = model(
        graph("bidirectional-transfer").source.replace("units: 3", "units: 30").replace("units: 6", "units: 60")
    )
    assert [layer.units for layer in twin(wide)[0].recurrent] == [4, 8]


def test_sizes_that_cannot_be_made_small_are_told() -> None:
    of = model(
        "version: 1\ninput: {steps: 100, features: 7}\nlayers:\n"
        "  - Reshape: [70, 10]\n  - LSTM: 50\n"
    )  # fmt: skip
    with pytest.raises(LstmdiagError, match="has no toy twin") as caught:
        twin(of)
    assert "its sizes depend on each other" in caught.value.problems[0].hint


@pytest.mark.parametrize("name", ["stacked-classifier", "encoder-decoder", "gru-forecast", "three-units", "sentiment"])
def test_weights_show_what_a_cell_does(name: str) -> None:
    found = values(packaged(name), toy=True)
    for weight in found.weights.values():
        assert np.allclose(weight * 10, np.round(weight * 10)) and not np.any(weight == 0)
    for layer in found.model.recurrent:
        assert layer.cell is not None
        gates = {gate: found.trace[f"{layer.name}.{gate}"] for gate, role in layer.cell.roles.items() if role in VALVES}
        assert np.mean([(gate <= 0.05) | (gate >= 0.95) for gate in gates.values()]) <= 0.2
        keeps = [gates[gate] for gate, role in layer.cell.roles.items() if role == "gate.keep"]
        assert all(keep.min() < 0.6 for keep in keeps)
        rounded = [np.round(gate, 3) for gate in gates.values()]
        assert not any(np.any(a == b) for i, a in enumerate(rounded) for b in rounded[:i])


VALVES_OF_SEVERAL_SIZES = """
version: 1
input: {steps: 3, features: 2}
cells:
  Own:
    state: {h: [units]}
    equations: {k: sigmoid(W_k @ x), s: sigmoid(mean(W_s @ x)), h: (k * h_prev + (1 - k) * tanh(W @ x)) * s}
layers: [{Own: 2}]
"""


def test_a_valve_of_a_whole_layer_stands_beside_those_of_units() -> None:
    assert values(model(VALVES_OF_SEVERAL_SIZES), toy=True).trace.outputs[0].size


def test_many_axes_do_not_multiply() -> None:
    many = twin(model("version: 1\ninput: {shape: [9, 9, 9, 9, 9, 9, 9, 9]}\nlayers: [Flatten]\n"))[0]
    assert many.inputs[0].shape == (4, 5, 6, 2, 2, 2, 2, 2)


def test_a_spec_that_was_changed_in_python_is_the_one_that_runs() -> None:
    """And not the text that it once was read from."""
    spec = read(b"version: 1\ninput: {steps: null, features: 2}\nlayers: [{LSTM: 3}]\n", "spec.yml", "spec")
    (only,) = spec.layers
    wider = resolve(replace(spec, layers=(replace(only, options=only.options.model_copy(update={"units": 50})),)))
    assert values(wider).trace.outputs[0].shape == (1, 50)
    assert twin(wider)[1].startswith("toy twin: same wiring, 3 units instead of 50")


def test_tries_are_fewer_where_each_takes_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """No draw is ever good enough: all are tried."""
    tried: list[object] = []

    def faulty(*about: object) -> float:
        tried.append(about)
        return 1.0

    monkeypatch.setattr(readable, "_faults", faulty)
    for name, least in (("three-units", readable.TRIES), ("convlstm-nowcasting", 2)):
        tried.clear()
        layers = values(packaged(name), toy=True).model.recurrent
        assert least <= len(tried) <= readable.TRIES
        each = sum((layer.input[0] or 1) * operations(layer.cell) for layer in layers if layer.cell)
        assert (len(tried) - 1) * each <= readable.OPERATIONS


def test_it_is_quick_and_always_the_same() -> None:
    of = packaged("attention-translation")
    with at_most(35_000):
        one = values(of, toy=True)
    assert as_text(record(one)) == as_text(record(values(of, toy=True)))
    assert as_text(record(one)) != as_text(record(values(of, toy=True, seed=1)))


def test_weights_of_the_model_are_not_those_of_its_twin() -> None:
    of = packaged("encoder-decoder")
    with pytest.raises(UsageError, match="not for its toy twin"):
        values(of, weights=values(of).weights, toy=True)


def test_the_record_holds_all_there_is_to_print() -> None:
    found = values(packaged("three-units"), toy=True)
    made = record(found)
    assert made["signals"]["lstm.c"] == found.trace["lstm.c"][0].tolist()
    assert made["weights"]["lstm.W_f"] == found.weights["lstm.W_f"].tolist()
    assert made["outputs"] == {"lstm": made["signals"]["lstm.output"]}
    assert (made["start"]["lstm.h"], made["steps"]["lstm.c"]) == ([0, 0, 0], [1, 2, 3, 4])
    assert made["badge"] == "" and "drawn with seed 0" in made["origin"]
    assert made["versions"].keys() == {"lstmdiag", "numpy"} and len(made["hash"]) == 64
