"""What would take too long is refused at once, with the arithmetic."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lstmdiag.api import draw, trace
from lstmdiag.errors import LstmdiagError
from lstmdiag.running.record import as_csv, as_json
from lstmdiag.site.walk import html
from tests.models import lstm, model

HEAD = "version: 1\ninput: {steps: 1000000, features: 1}\n"
LAYERS = {
    "LSTM": "LSTM: 2",
    "SimpleRNN": "SimpleRNN: 1",
    "both ways": "Bidirectional: {LSTM: {units: 1, return_sequences: true}}",
}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_million_steps_are_refused_at_once(layer: str) -> None:
    long = model(f"{HEAD}layers: [{{{LAYERS[layer]}}}]\n")
    begin = time.process_time()
    for ask in (lambda: trace(long), lambda: draw(long, "trace"), lambda: draw(long, "unit", step=1)):
        with pytest.raises(LstmdiagError, match=r"1,000,000 steps × \d+ operations a step = [\d,]+") as refused:
            ask()
        assert "--toy" in refused.value.problems[0].hint
    assert draw(long, "gradient").diagram.badge.startswith("toy twin")
    assert trace(long, toy=True).output.size
    assert time.process_time() - begin < 6


def test_long_sequences_within_the_bound_run() -> None:
    assert trace(lstm(units=1, features=1, steps=2_000)).output.shape == (1,)


@pytest.mark.parametrize("layer", [
    "MaxPooling1D: {pool_size: 1000000000000000000, padding: same}",
    "Conv1D: {filters: 1, kernel_size: 2, dilation_rate: 1000000000000000000, padding: causal}",
])  # fmt: skip
def test_padding_counts(layer: str) -> None:
    with pytest.raises(LstmdiagError, match="padded numbers"):
        trace(model(f"version: 1\ninput: {{steps: 5, features: 2}}\nlayers: [{{{layer}}}]\n"))


def test_too_many_numbers_are_not_written_as_text() -> None:
    found = trace(model("version: 1\ninput: {steps: 1000000, features: 4}\nlayers: [{Dropout: 0.5}]\n")).values
    for write in (as_json, as_csv):
        with pytest.raises(LstmdiagError, match="8,000,000 numbers, 3,000,000 can be written as text"):
            write(found)


def test_layers_that_read_two_others_are_looked_at_once() -> None:
    adds = "".join(f"  - Add: {{from: [d{n - 1}, d{n - 2}], name: d{n}}}\n" for n in range(2, 60))
    made = model(f"version: 1\ninput: {{steps: 3, features: 2}}\nlayers:\n  - Dense: {{units: 2, name: d0}}\n"
                 f"  - Dense: {{units: 2, name: d1}}\n{adds}  - Dense: 2\n  - LSTM: 2\n")  # fmt: skip
    begin = time.process_time()
    assert "come" in html(made, Path())
    assert time.process_time() - begin < 6
