"""What would take too long is refused at once, with the arithmetic."""

from __future__ import annotations

import time

import pytest

from lstmdiag.api import draw, trace
from lstmdiag.errors import LstmdiagError
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
