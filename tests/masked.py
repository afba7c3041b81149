"""Models with masks of padded steps: what Keras gives for them, and what it cannot compute."""

from __future__ import annotations

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.model import Model
from lstmdiag.running.initial import shapes

_TWO = """
inputs: {a: {steps: 4, features: 2}, b: {steps: 4, features: 2}}
layers:
  - Masking: {name: left, from: a}
  - Masking: {name: right, from: b}
"""
_WORDS = """
input: {shape: [3, 4], dtype: int}
layers:
  - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true}
"""
_ROWS = """
input: {shape: [3, 4, 2]}
layers:
  - Masking
"""
_SPREAD = """
input: {steps: 3, features: 2}
layers:
  - Masking
  - LSTM: {units: 4, return_sequences: true}
  - TimeDistributed: {layer: {Reshape: [2, 2]}}
"""
_BOTH = "inputs: {a: {shape: [3, 4], dtype: int}, b: {steps: 3, features: 2}}"
_HALVES = _WORDS + "  - TimeDistributed: {name: rows, layer: {LSTM: 2}}\n"

GIVEN: dict[str, str] = {
    "one that adds": (_TWO + "  - Add: {from: [left, right]}\n  - LSTM: 2\n"),
    "one that adds what has no mask": (_TWO + "  - Add: {from: [left, b]}\n  - Add: {from: [add, right]}\n"
                                       "  - LSTM: 2\n"),
    "one that takes the largest of few and many": (
        _TWO.replace("b: {steps: 4", "b: {steps: 1") + "  - Maximum: {from: [left, right]}\n  - LSTM: 2\n"),
    "side by side": (_TWO + "  - Concatenate: {from: [left, right]}\n  - LSTM: 2\n"),
    "side by side, one without": (
        _TWO + "  - Concatenate: {from: [left, b]}\n  - LSTM: 2\n  - Concatenate: {from: [right, b]}\n  - LSTM: 2\n"
        "  - Add: {from: [lstm, lstm_1]}\n"),
    "one that multiplies": (_TWO + "  - Multiply: {from: [left, right]}\n  - LSTM: 2\n"),
    "one that multiplies what has no mask": (
        _TWO + "  - Multiply: {from: [left, b]}\n  - Minimum: {from: [right, multiply]}\n  - LSTM: 2\n"),
    "the smallest of three": (_TWO + "  - Minimum: {from: [right, left, right]}\n  - LSTM: 2\n"),
    "the largest of three, one without": (_TWO + "  - Maximum: {from: [right, b, left]}\n  - LSTM: 2\n"),
    "the largest of vectors and steps": (
        "inputs: {a: {steps: 4, features: 2}, b: {shape: [2]}}\nlayers:\n  - Masking: {from: a}\n"
        "  - Maximum: {from: [masking, b]}\n  - LSTM: 2\n"),
    "one behind the other": (
        _TWO.replace("b: {steps: 4", "b: {steps: 3")
        + "  - Concatenate: {axis: 1, from: [left, right]}\n  - LSTM: 2\n"),
    "words": (_WORDS + "  - TimeDistributed: {layer: {LSTM: 2}}\n  - Flatten\n  - Dense: 2\n"),
    "rows of words": (_HALVES + "  - LSTM: 2\n"),
    "rows of words both ways": (
        _WORDS + "  - TimeDistributed: {layer: {Bidirectional: {layer: {GRU: 2}}}}\n"
        "  - Bidirectional: {layer: {SimpleRNN: {units: 2, return_sequences: true}}}\n  - Dense: 1\n"),
    "rows of words side by side": (_HALVES + "  - Concatenate: {from: [rows, rows]}\n  - LSTM: 2\n"),
    "rows of words one behind the other": (
        _HALVES + "  - Concatenate: {axis: 1, from: [rows, rows]}\n  - LSTM: 2\n"),
    "averages of words": (_ROWS + "  - TimeDistributed: {layer: GlobalAveragePooling1D}\n  - LSTM: 2\n"),
    "rows of rows": ("input: {shape: [2, 3, 4], dtype: int}\nlayers:\n"
                     "  - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true}\n"
                     "  - TimeDistributed: {layer: {TimeDistributed: {layer: {LSTM: 2}}}}\n"
                     "  - TimeDistributed: {layer: {LSTM: 2}}\n  - Flatten\n  - Dense: 2\n"),
    "steps of rows": (_SPREAD + "  - TimeDistributed: {layer: {Conv1D: {filters: 1, kernel_size: 2}}}\n"
                      "  - TimeDistributed: {layer: Flatten}\n  - LSTM: 2\n"),
    "a vector": ("input: {shape: [3]}\nlayers:\n  - Masking\n  - Dense: 2\n"),
    "a query of rows": ("inputs: {a: {shape: [2, 3], dtype: int}, b: {shape: [2, 5, 3]}}\nlayers:\n"
                        "  - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true, from: a}\n"
                        "  - Attention: {from: [embedding, b]}\n  - Flatten\n  - Dense: 2\n"),
}  # fmt: skip
"""Name → spec."""

OUTPUTS: dict[str, list[float]] = {
    "one that adds": [-0.206611, 0.143110, -0.118045, 0.282979],
    "one that adds what has no mask": [-0.203350, 0.121875, -0.050320, 0.489845],
    "one that takes the largest of few and many": [-0.254168, 0.088329, -0.222743, 0.031570],
    "side by side": [0.027371, 0.241294, -0.192794, 0.319809],
    "side by side, one without": [-0.168998, 0.250659, -0.263237, 0.277080],
    "one that multiplies": [-0.206611, 0.143110, -0.121485, 0.282955],
    "one that multiplies what has no mask": [-0.215782, 0.107765, -0.124647, 0.283675],
    "the smallest of three": [-0.206611, 0.143110, -0.118576, 0.280152],
    "the largest of three, one without": [-0.227866, 0.117458, -0.135278, 0.303480],
    "the largest of vectors and steps": [-0.254168, 0.088329, -0.222743, 0.031570],
    "one behind the other": [-0.211101, 0.281430, -0.210157, 0.205192],
    "words": [-0.880456, 0.059301, -0.581659, 0.371727],
    "rows of words": [0.141485, 0.277424, 0.118009, 0.292562],
    "rows of words both ways": [-1.027494, -0.970467, -0.895065, -1.179445, -1.193772, -1.139909],
    "rows of words side by side": [-0.143960, -0.031301, -0.139747, 0.010192],
    "rows of words one behind the other": [0.162093, 0.296378, 0.142401, 0.314944],
    "averages of words": [-0.153593, 0.161682, -0.276684, 0.138873],
    "rows of rows": [-0.303129, 0.135359, -0.298916, 0.138912],
    "steps of rows": [-0.009154, -0.157558, -0.034114, -0.262086],
    "a vector": [0.589865, -0.163442, 0.589865, -0.163442],
    "a query of rows": [0.420876, 0.258441, -0.027947, -1.203629],
}
"""What Keras 3.15.1 gives in float64 for `weights` and `inputs` (tests/frameworks/test_masks.py)."""

_TURNED = """input: {shape: [3, 4, 3, 2]}
layers:
  - Masking
  - TimeDistributed: {Permute: [1, 3, 2]}
  - Dropout: 0.5
"""

REFUSED: dict[str, tuple[str, str]] = {
    "maps": ("input: {shape: [3, 2, 2, 1]}\nlayers:\n  - Masking\n  - ConvLSTM2D: {filters: 2, kernel_size: 1}\n",
             "'conv_lstm2d' takes no mask, but one of the shape (3, 2, 2) comes with its input"),
    "averages of halves": (_HALVES + "  - GlobalAveragePooling1D\n",
                           "'global_average_pooling1d' takes a mask (steps,), but one of the shape (3, 4) comes"),
    "normalized halves": (_HALVES + "  - BatchNormalization\n", "a mask of all axes but the last, but one of"),
    "attention to halves": (_HALVES + "  - Attention: {from: [rows, rows]}\n", "of the shape (3, 4) comes"),
    "attention to rows": ("inputs: {a: {shape: [2, 3], dtype: int}, b: {shape: [2, 5, 3]}}\nlayers:\n"
                          "  - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true, from: a}\n"
                          "  - Attention: {from: [b, embedding]}\n",
                          "'attention' takes a mask (steps,), but one of the shape (2, 3) comes with its input"),
    "two of several sizes": (
        _HALVES.replace("input: {shape: [3, 4], dtype: int}", _BOTH).replace("true", "true, from: a")
        + "  - Masking: {from: b}\n  - Add: {from: [rows, masking]}\n  - LSTM: 2\n",
        "'add' cannot join masks of the shapes (3, 4) and (3,)"),
    "several sizes behind each other": (
        _HALVES.replace("input: {shape: [3, 4], dtype: int}", _BOTH).replace("true", "true, from: a")
        + "  - Concatenate: {axis: 1, from: [rows, b]}\n  - LSTM: 2\n",
        "'concatenate' cannot put masks together that have the shapes (3, 4) and none"),
    "the largest of turned maps": (_TURNED + "  - Maximum: {from: [dropout, dropout]}\n",
                                   "a mask of all axes but the last, but one of the shape (3, 4, 3) comes"),
    "turned maps behind each other": (_TURNED + "  - Concatenate: {from: [dropout, dropout]}\n",
                                      "a mask of all axes but the last, but one of the shape (3, 4, 3) comes"),
    "the largest of halves": (_HALVES + "  - Maximum: {from: [rows, rows]}\n",
                              "'maximum' takes a mask of all axes but the last, but one of the shape (3, 4) comes"),
    "wide steps side by side": (_SPREAD + "  - Concatenate: {from: [time_distributed, time_distributed]}\n",
                                "'concatenate' takes a mask of all axes but the last, but one of the shape (3,)"),
    "whole steps": (_SPREAD + "  - TimeDistributed: {layer: {LSTM: 2}}\n",
                    "'lstm_1' takes a mask (steps,), or one of several parts of a step, but one that leaves it out"),
    "steps within steps": (
        _SPREAD + "  - TimeDistributed: {layer: {TimeDistributed: {layer: {Dense: 1}}}}\n",
        "takes a mask that tells of steps, but one that leaves it out as a whole comes with its input"),
    "flat rows": ("input: {shape: [3, 2, 4], dtype: int}\nlayers:\n"
                  "  - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true}\n"
                  "  - TimeDistributed: {layer: Flatten}\n  - LSTM: 2\n", "but one of the shape (3, 2, 4) comes"),
}  # fmt: skip
"""Name → spec that Keras fails on, and what is said."""


def weights(of: Model) -> dict[str, Array]:
    random = np.random.default_rng(1)
    return {name: random.uniform(-0.9, 0.9, shape) for name, shape in shapes(of).items()}


def inputs(of: Model) -> list[Array]:
    """Two samples of small numbers, and of zeros in places, though not all that a mean is taken of."""
    random = np.random.default_rng(2)
    averaged = any(layer.innermost.kind == "GlobalAveragePooling1D" for layer in of.layers)
    found = []
    for source in of.inputs:
        shape = [2, *(size or 1 for size in source.shape)]
        words = source.dtype == "int"
        places = random.random(shape if words else shape[:-1]) < 0.5
        places[..., 0] &= not averaged
        array = random.integers(1, 9, shape) if words else random.integers(-3, 4, shape) / 2 + 0.25
        array[places] = 0
        found.append(array)
    return found
