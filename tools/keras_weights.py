"""A trained Keras network's arrays as the weights of a spec."""

import keras
import numpy as np

from lstmdiag.frameworks import arrays
from lstmdiag.frameworks.values import weights_in_array
from lstmdiag.model import Model


def named(model: Model, network: keras.Model) -> dict[str, np.ndarray]:
    """By the names that a spec's `example.weights` has: `encoder.W_i`, (out, in). Layers are found by their names."""
    found = {}
    for layer in model.layers:
        within = layer.unwrapped
        shapes = {weight.name: weight.shape for weight in within.weights}
        held = network.get_layer(layer.name).get_weights()
        for stored, value in zip(arrays(layer, "keras") or (), held, strict=True):
            for name, part in weights_in_array(stored, value, shapes):
                found[f"{within.name}.{name}"] = np.ascontiguousarray(part, dtype="float32")
    return found
