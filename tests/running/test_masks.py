"""Masks of padded steps: the numbers are Keras's (tests/frameworks/test_masks.py checks them there)."""

from __future__ import annotations

import numpy as np
import pytest

from lstmdiag.errors import LstmdiagError
from lstmdiag.running import run
from lstmdiag.running.signals import signals
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
