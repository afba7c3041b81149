"""The weights that encoder-decoder ships give what Keras gave when tools/train_encoder_decoder.py had trained them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstmdiag.running.initial import shapes
from lstmdiag.running.tracing import values
from tests.models import packaged

KERAS = (100.22393798828125, 111.38188934326172)
"""What the script printed last; Keras computes in float32."""


def test_trained_weights_predict_what_keras_predicted() -> None:
    model = packaged("encoder-decoder")
    found = values(model)
    assert found.trace["input"].reshape(-1).tolist() == [70, 80, 90]
    assert found.origin.startswith("weights: encoder-decoder.npz")
    assert found.trace.outputs[0].reshape(-1) == pytest.approx(KERAS, rel=1e-5)


def test_trained_weights_have_learnt_the_sequence() -> None:
    """10, 20, ..., 90 in windows of three in and two out."""
    model = packaged("encoder-decoder")
    given = [[[start + 10.0 * step] for step in range(3)] for start in range(10, 60, 10)]
    wanted = [[[start + 10.0 * step] for step in range(3, 5)] for start in range(10, 60, 10)]
    assert values(model, given).trace.outputs[0] == pytest.approx(np.array(wanted), abs=0.1)


def test_trained_weights_are_single_precision_and_nothing_else() -> None:
    model = packaged("encoder-decoder")
    with np.load(Path(model.path).with_suffix(".npz"), allow_pickle=False) as file:
        assert {name: file[name].shape for name in file} == shapes(model)
        assert {str(file[name].dtype) for name in file} == {"float32"}
