"""Write what a version of Keras says of models: `python tests/reference/make_configs.py`, where that version is.

Each file in tests/reference/configs holds the version, the spec of a model, and the JSON that stands in a file of it:
of Keras 2 what `to_json()` gives and `.h5` files hold, of Keras 3 the one in a `.keras` file. Made with keras 2.15.0
(TensorFlow) and keras 3.0.5 (JAX).
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

HERE = Path(__file__).parent / "configs"
L = keras.layers
OLD = keras.__version__.startswith("2.")


def chain(shape: tuple[int, ...], *layers: Any) -> Any:
    return keras.Sequential([L.InputLayer(shape) if OLD else keras.Input(shape), *layers])


def models() -> Iterator[tuple[str, str, Any]]:
    """Name, spec, model."""
    yield "chain", """version: 1
input: {steps: 5, features: 2}
layers:
  - Masking
  - LSTM: {units: 3, return_sequences: true, activation: relu}
  - GRU: {units: 4, return_sequences: true, reset_after: false}
  - SimpleRNN: 2
""", chain(
        (5, 2), L.Masking(), L.LSTM(3, return_sequences=True, activation="relu"), L.Dropout(0.5),
        L.GRU(4, return_sequences=True, reset_after=False), L.SimpleRNN(2),
    )  # fmt: skip
    yield "wrappers", """version: 1
input: {steps: 5, features: 2}
layers:
  - Bidirectional: {LSTM: {units: 3, return_sequences: true}}
  - TimeDistributed: {Dense: 2}
  - LayerNormalization
  - BatchNormalization
  - Conv1D: {filters: 3, kernel_size: 2, padding: causal}
  - MaxPooling1D: 2
  - Flatten
  - Dense: 3
  - Activation: relu
  - Dense: {units: 1, activation: sigmoid}
""", chain(
        (5, 2), L.Bidirectional(L.LSTM(3, return_sequences=True)), L.TimeDistributed(L.Dense(2)),
        L.LayerNormalization(), L.BatchNormalization(), L.Conv1D(3, 2, padding="causal"), L.MaxPooling1D(2),
        L.Flatten(), L.Dense(3), L.ReLU(), L.Dense(1, activation="sigmoid"),
    )  # fmt: skip
    yield "maps", """version: 1
input: {shape: [4, 8, 8, 1]}
layers:
  - ConvLSTM2D: {filters: 2, kernel_size: 3, return_sequences: true}
  - Flatten
  - Reshape: [-1, 2]
  - Permute: [2, 1]
""", chain(
        (4, 8, 8, 1), L.ConvLSTM2D(2, 3, return_sequences=True, recurrent_activation="sigmoid"),
        L.Flatten(), L.Reshape((-1, 2)), L.Permute((2, 1)),
    )  # fmt: skip
    source, target, words = keras.Input((5, 2)), keras.Input((4, 3)), keras.Input((7,), dtype="int32")
    whole, h, c = L.LSTM(6, return_state=True)(source)
    decoded = L.LSTM(6, return_sequences=True)(target, initial_state=[h, c])
    both = L.Bidirectional(L.GRU(3, return_sequences=True))(source)
    found = L.Attention(use_scale=True)([decoded, L.Dense(6)(both)])
    joined = L.Concatenate()([found, decoded])
    ends = L.RepeatVector(3)(L.GlobalAveragePooling1D()(L.Add()([joined, joined])))
    yield (
        "graph",
        """version: 1
inputs: {x: {steps: 5, features: 2}, y: {steps: 4, features: 3}}
layers:
  - LSTM: {units: 6, name: encoder, from: x}
  - LSTM: {units: 6, return_sequences: true, from: y, initial_state: encoder, name: decoder}
  - Bidirectional: {layer: {GRU: {units: 3, return_sequences: true}}, from: x, name: both}
  - Dense: {units: 6, name: wide}
  - Attention: {from: [decoder, wide], use_scale: true, name: found}
  - Concatenate: {from: [found, decoder], name: joined}
  - Add: {from: [joined, joined]}
  - GlobalAveragePooling1D
  - RepeatVector: 3
outputs: [repeat_vector, encoder]
""",
        keras.Model([source, target], [ends, whole]),
    )
    table, reader = L.Embedding(9, 4, mask_zero=True), L.LSTM(3)
    twice = L.Subtract()([reader(table(words)), reader(table(words))])
    yield (
        "shared",
        """version: 1
input: {steps: 7, dtype: int}
layers:
  - Embedding: {input_dim: 9, output_dim: 4, mask_zero: true, name: table}
  - LSTM: {units: 3, name: reader}
  - {use: table, from: input, name: table again}
  - {use: reader, name: reader again}
  - Subtract: {from: [reader, reader again]}
""",
        keras.Model(words, twice),
    )


def config(model: Any) -> Any:
    if OLD:
        return json.loads(model.to_json())
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/m.keras")
        with zipfile.ZipFile(f"{folder}/m.keras") as archive:
            return json.loads(archive.read("config.json"))


if __name__ == "__main__":
    for name, spec, model in models():
        held = {"version": keras.__version__, "spec": spec, "config": config(model)}
        (HERE / f"keras-{keras.__version__}-{name}.json").write_text(json.dumps(held, indent=1) + "\n")
