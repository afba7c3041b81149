"""What would take too long is refused at once, with the arithmetic."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from lstmdiag.api import draw, trace
from lstmdiag.errors import LstmdiagError
from lstmdiag.running import tracing
from lstmdiag.running.effort import Bounds
from lstmdiag.running.record import as_csv, as_json
from lstmdiag.running.tracing import values
from lstmdiag.site.worked_pass import html
from tests.models import lstm, model
from tests.work import at_most

HEAD = "version: 1\ninput: {steps: 1000000, features: 1}\n"
LAYERS = {
    "LSTM": "LSTM: 2",
    "SimpleRNN": "SimpleRNN: 1",
    "both ways": "Bidirectional: {LSTM: {units: 1, return_sequences: true}}",
}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_million_steps_are_refused_at_once(layer: str) -> None:
    long = model(f"{HEAD}layers: [{{{LAYERS[layer]}}}]\n")
    with at_most(110_000):
        for ask in (lambda: trace(long), lambda: draw(long, "trace"), lambda: draw(long, "unit", step=1)):
            with pytest.raises(LstmdiagError, match=r"1,000,000 steps × \d+ operations a step = [\d,]+") as refused:
                ask()
            assert "--toy" in refused.value.problems[0].hint
        assert draw(long, "gradient").diagram.badge.startswith("toy twin")
        assert trace(long, toy=True).output.size


def test_long_sequences_within_the_bound_run() -> None:
    assert trace(lstm(units=1, features=1, steps=2_000)).output.shape == (1,)


@pytest.mark.parametrize("layer", [
    "MaxPooling1D: {pool_size: 1000000000000000000, padding: same}",
    "Conv1D: {filters: 1, kernel_size: 2, dilation_rate: 1000000000000000000, padding: causal}",
])  # fmt: skip
def test_padding_counts(layer: str) -> None:
    with pytest.raises(LstmdiagError, match="padded numbers"):
        trace(model(f"version: 1\ninput: {{steps: 5, features: 2}}\nlayers: [{{{layer}}}]\n"))


IN_EVERY_STEP = "TimeDistributed: {layer: {PeepholeLSTM: {units: 16, return_sequences: false}}}"
MAPS = "Bidirectional: {layer: {ConvLSTM2D: {filters: 1, kernel_size: 1, return_sequences: true}}, merge_mode: null}"
WORKING = {
    "rows": ("{shape: [20000, 3, 1]}", IN_EVERY_STEP),
    "maps": ("{shape: [1, 4, 20000, 2]}", MAPS),
    "vectors": ("{steps: 50000, features: 10}", "Dense: {units: 20, activation: selu}"),
    "layers without equations": (
        "{steps: 50000, features: 10}",
        "Conv1D: {filters: 20, kernel_size: 5, padding: same}",
    ),
    "weights": ("{steps: 3, features: 10}", "LSTM: 300"),
}


@pytest.mark.parametrize("keep", ["*", "*.output"])
@pytest.mark.parametrize("name", WORKING)
def test_what_is_held_is_counted(name: str, keep: str) -> None:
    """As much as is really allocated, and not many times as much."""
    source, layer = WORKING[name]
    made = model(f"version: 1\ninput: {source}\nlayers: [{{{layer}}}]\n")
    values(lstm())  # what is imported once
    tracemalloc.start()
    values(made, keep=[keep])
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with pytest.raises(LstmdiagError, match="would hold"):
        values(made, keep=[keep], bounds=Bounds(memory=held - 1))
    values(made, keep=[keep], bounds=Bounds(memory=3 * held))


def test_pictures_of_what_takes_long_are_of_the_twin() -> None:
    long = model(f"version: 1\ninput: {{shape: [1000000, 3, 1]}}\nlayers: [{{{IN_EVERY_STEP}}}]\n")
    with at_most(60_000):
        assert draw(long, "trace").diagram.badge.startswith("toy twin")
    wide = model(f"version: 1\ninput: {{shape: [1, 4, 1000000, 2]}}\nlayers: [{{{MAPS}}}]\n")
    with at_most(60_000), pytest.raises(LstmdiagError, match=r"400\.0 MB are allowed"):
        draw(wide, "trace")


def test_memory_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError("Unable to allocate 122. MiB")

    monkeypatch.setattr(tracing, "run", full)
    with pytest.raises(LstmdiagError, match="not enough memory for this pass: Unable to allocate"):
        values(lstm())


def test_states_out_of_range_at_some_step_are_told() -> None:
    """Though the last state, under the same name, is a number again."""
    own = (
        "version: 1\ninput: {steps: 2, features: 1}\ncells:\n  Own:\n    state: {h: [units], c: [units]}\n"
        "    equations: {c: x_in / c_prev, x_in: 0 * (W @ x) + 1, h: x_in}\nlayers: [{Own: 1}]\n"
    )
    with pytest.raises(LstmdiagError, match=r"own\.c leaves the range of float64"):
        values(model(own))


def test_too_many_numbers_are_not_written_as_text() -> None:
    found = trace(model("version: 1\ninput: {steps: 1000000, features: 4}\nlayers: [{Dropout: 0.5}]\n")).values
    for write in (as_json, as_csv):
        with pytest.raises(LstmdiagError, match="8,000,000 numbers, 3,000,000 can be written as text"):
            write(found)


def test_layers_that_read_two_others_are_looked_at_once() -> None:
    adds = "".join(f"  - Add: {{from: [d{n - 1}, d{n - 2}], name: d{n}}}\n" for n in range(2, 60))
    made = model(f"version: 1\ninput: {{steps: 3, features: 2}}\nlayers:\n  - Dense: {{units: 2, name: d0}}\n"
                 f"  - Dense: {{units: 2, name: d1}}\n{adds}  - Dense: 2\n  - SimpleRNN: 2\n")  # fmt: skip
    with at_most(100_000):
        assert "come" in html(made, Path())
