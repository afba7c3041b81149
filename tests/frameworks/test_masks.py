"""The models of tests/masked.py in Keras: the numbers held there are Keras's, and on the others Keras fails."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import yaml

from lstmdiag.cells.numbers import Array
from lstmdiag.running.inputs import any_length
from tests.frameworks.keras_models import build, float64
from tests.frameworks.numbers import stored, to_keras
from tests.masked import GIVEN, OUTPUTS, REFUSED, inputs, weights
from tests.models import model


def keras_gives(spec: str) -> Array:
    of = any_length(model(f"version: 1\n{spec}"))
    with float64():
        built = build(yaml.safe_load(spec), [layer.name for layer in of.layers])
        held = weights(of)
        for layer in of.layers:
            if layer.weights:
                to_keras(built.layers[layer.name], stored(layer, "keras", held))
        found = keras.tree.flatten(built.model(inputs(of), training=False))
        return np.asarray(keras.ops.convert_to_numpy(found[0]))


@pytest.mark.parametrize("name", GIVEN)
def test_numbers_are_keras_s(name: str) -> None:
    np.testing.assert_allclose(keras_gives(GIVEN[name]).ravel(), OUTPUTS[name], atol=5e-7)


@pytest.mark.parametrize("name", REFUSED)
def test_keras_fails_where_a_spec_is_refused(name: str) -> None:
    """Five samples, a number that no axis has: else Keras may take one axis for another."""
    spec, _ = REFUSED[name]
    document = yaml.safe_load(spec)
    with pytest.raises((ValueError, IndexError, TypeError)):
        built = build(document)
        built.model([np.ones((5, *each.shape[1:])) for each in built.model.inputs], training=False)
