"""What Keras writes of models into its files, as data: Keras 3's config.json and Keras 2's model_config."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
RECURRENT = {
    "return_sequences": False, "return_state": False, "go_backwards": False, "stateful": False, "unroll": False,
    "zero_output_for_mask": False, "activation": "tanh", "use_bias": True, "kernel_regularizer": None, "dropout": 0.0,
    "kernel_initializer": {"module": "keras.initializers", "class_name": "Zeros", "config": {}},
}  # fmt: skip
GATED = {**RECURRENT, "recurrent_activation": "sigmoid"}
USUAL: Mapping[str, Mapping[str, Any]] = {
    "SimpleRNN": RECURRENT,
    "LSTM": {**GATED, "unit_forget_bias": True},
    "GRU": {**GATED, "reset_after": True},
    "Dense": {"activation": "linear", "use_bias": True, "quantization_config": None},
    "LayerNormalization": {"axis": [-1], "epsilon": 0.001, "center": True, "scale": True, "rms_scaling": False},
    "LeakyReLU": {"negative_slope": 0.3},
    "ReLU": {"max_value": None, "negative_slope": 0.0, "threshold": 0.0},
    "Masking": {"mask_value": 0.0},
    "Bidirectional": {"merge_mode": "concat"},
}
"""Class → the options that Keras 3 writes, with the values that they have where nothing is given."""

Config = dict[str, Any]


def layer(kind: str, name: str = "", **options: Any) -> Config:
    """One layer, whose name is that of its class."""
    name = name or kind.lower()
    config = {"name": name, "trainable": True, "dtype": POLICY, **USUAL.get(kind, {}), **options}
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def source(*shape: int | None, name: str = "input_layer") -> Config:
    config = {"batch_shape": [None, *shape], "dtype": "float32", "sparse": False, "name": name}
    return {"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": None}


def sequential(*layers: Config, name: str = "sequential") -> Config:
    config = {"name": name, "trainable": True, "dtype": POLICY, "layers": [*layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def tensor(name: str, call: int = 0, output: int = 0) -> Config:
    about = {"shape": [None, 3], "dtype": "float32", "keras_history": [name, call, output]}
    return {"class_name": "__keras_tensor__", "config": about}


def called(entry: Config, *args: Any, **kwargs: Any) -> Config:
    """A layer of a functional model, called once more."""
    before = entry.get("inbound_nodes", [])
    node = {"args": [*args], "kwargs": kwargs}
    return {**entry, "name": entry["config"]["name"], "inbound_nodes": [*before, *([node] if args else [])]}


def functional(layers: list[Config], inputs: list[Any], outputs: list[Any], name: str = "functional") -> Config:
    config = {"name": name, "trainable": True, "layers": layers, "input_layers": inputs, "output_layers": outputs}
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}


def keras_2(*layers: tuple[str, Config], shape: list[int | None]) -> str:
    """A sequential model as Keras 2 writes it into an `.h5` file; options are as given."""
    entries = [
        {"class_name": kind, "config": {"name": kind.lower(), "trainable": True, "dtype": "float32", **options}}
        for kind, options in layers
    ]
    entries[0]["config"]["batch_input_shape"] = [None, *shape]
    return json.dumps({"class_name": "Sequential", "config": {"name": "sequential_1", "layers": entries}})
