"""Masks of padded steps: the numbers are Keras's (tests/frameworks/test_masks.py checks them there)."""

from __future__ import annotations

import numpy as np
import pytest

from lstmdiag.errors import LstmdiagError
from lstmdiag.running import run
from lstmdiag.running.signals import signals
from lstmdiag.running.step_values import masked
from lstmdiag.running.text import as_text
from lstmdiag.running.tracing import values
from tests.masked import GIVEN, OUTPUTS, REFUSED, inputs, weights
from tests.models import model


@pytest.mark.parametrize("name", GIVEN)
def test_masked_numbers_are_keras_s(name: str) -> None:
    of = model(f"version: 1\n{GIVEN[name]}")
    done = run(of, inputs(of), weights(of))
    np.testing.assert_allclose(done.outputs[0].ravel(), OUTPUTS[name], atol=5e-7)
    for signal in signals(of).values():
        assert done[signal.name].shape == (2, *signal.shape), signal.name


@pytest.mark.parametrize("name", REFUSED)
def test_masks_that_keras_cannot_use_are_refused(name: str) -> None:
    spec, message = REFUSED[name]
    with pytest.raises(LstmdiagError) as caught:
        model(f"version: 1\n{spec}")
    (problem,) = caught.value.problems
    assert message in problem.message and problem.at is not None and "it ends at Flatten" in problem.hint


PADDED = """
version: 1
input: {steps: 5, features: 2}
layers:
  - Masking
  - GRU: {units: 2, return_sequences: true, go_backwards: true}
  - Dense: 1
example: {input: [[1, 2], [0, 0], [2, 1], [0, 0], [0, 0]]}
"""

WORDS = [[1, 2, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]]


def test_text_leaves_out_what_goes_nowhere() -> None:
    of = model(PADDED)
    lines = as_text(values(of, keep=["z", "h"], at=[0, 1, 3])).decode().splitlines()
    rows = [line.split("│") for line in lines if line.strip()[:1].isdigit() and "│" in line]
    assert [(row[0].strip(), "–" in row[-2], "–" in row[-1]) for row in rows] == [
        ("1", False, False),
        ("2", True, False),
        ("4", True, False),
    ]
    assert "  – the step is masked: it changes no state" in lines


def test_steps_that_count_are_known_without_the_mask_being_kept() -> None:
    found = values(model(PADDED), keep=["h"])
    gru = found.model.layers[1]
    real = found.counted(gru)
    assert real is not None and real.tolist() == [True, False, True, False, False]
    assert masked(found, gru, 2) and not masked(found, gru, 3)
    rows = values(model(f"version: 1\n{GIVEN['rows of words']}"), WORDS)
    outer, inner = rows.model.layers[2], rows.model.layer("lstm")
    for layer, wanted in ((outer, [True, False, True]), (inner, [True, True, False, False])):
        real = rows.counted(layer)
        assert real is not None and real.tolist() == wanted
