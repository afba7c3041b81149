"""ONNX: an axis for directions in front; B holds both biases one after the other, [Wb; Rb]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmdiag.cells.expr import HARD_REACH, LEAK
from lstmdiag.frameworks.framework import Framework
from lstmdiag.frameworks.packing import Array, Packing, rows, second

_LSTM = ("i", "o", "f", "g")
_GRU = ("z", "r", "n")

ACTIVATIONS: Mapping[str, tuple[Any, ...]] = {
    "tanh": ("Tanh",), "sigmoid": ("Sigmoid",), "relu": ("Relu",), "softsign": ("Softsign",), "softplus": ("Softplus",),
    "linear": ("Affine", 1.0, 0.0), "hard_sigmoid": ("HardSigmoid", 1 / (2 * HARD_REACH), 0.5), "elu": ("Elu", 1.0),
    "leaky_relu": ("LeakyRelu", LEAK),
}  # fmt: skip
"""Function → what the attribute `activations` of a recurrent operator calls it, with its alpha and beta."""

_FUNCTIONS = frozenset(ACTIVATIONS)
_GATED = {"activation": _FUNCTIONS, "recurrent_activation": _FUNCTIONS}

RECURRENT_INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
"""Of the operators LSTM, GRU and RNN, in this order."""

_ARRAYS = (
    Array("W", rows("W", _LSTM), leading=1),
    Array("R", rows("U", _LSTM), leading=1),
    Array("B", rows("b", _LSTM), second=rows("b", _LSTM), leading=1, optional=True),
)

_ROWS: Mapping[str, Packing] = {
    "LSTM": Packing(
        call="LSTM",
        arrays=(*_ARRAYS, Array("projection", ("R",))),
        gates=_LSTM,
        letters={"g": "c"},
        functions={**_GATED, "projection": frozenset()},
        operators={"LSTM": RECURRENT_INPUTS},
    ),
    "GRU": Packing(
        call="GRU",  # linear_before_reset is reset_after
        arrays=(
            Array("W", rows("W", _GRU), leading=1),
            Array("R", rows("U", _GRU), leading=1),
            Array("B", rows("b", _GRU), second=rows("b", _GRU), own=second(_GRU), leading=1, optional=True),
        ),
        gates=_GRU,
        letters={"n": "h"},
        functions=_GATED,
        operators={"GRU": RECURRENT_INPUTS},
    ),
    "SimpleRNN": Packing(
        call="RNN",
        arrays=(
            Array("W", ("W",), leading=1),
            Array("R", ("U",), leading=1),
            Array("B", ("b",), second=("b",), leading=1, optional=True),
        ),
        functions={"activation": _FUNCTIONS},
        operators={"RNN": RECURRENT_INPUTS},
    ),
    "PeepholeLSTM": Packing(
        call="LSTM",  # with its input P
        arrays=(*_ARRAYS, Array("P", rows("p", _LSTM[:3]), leading=1)),
        gates=_LSTM,
        letters={"g": "c"},
        functions=_GATED,
        operators={"LSTM": RECURRENT_INPUTS},
    ),
    "ConvLSTM2D": Packing("none: written by hand", lacking=True),
    "Dense": Packing(
        call="Gemm (on a sequence: MatMul, Add)",
        arrays=(Array("B", ("W",), transposed=True), Array("C", ("b",), optional=True)),
        operators={"Gemm": ("A", "B", "C"), "MatMul": ("A", "B")},
    ),
    "RepeatVector": Packing("Unsqueeze, Expand"),
    "TimeDistributed": Packing("none needed: MatMul works on the last axis"),
    "Dropout": Packing("Dropout"),
    "Activation": Packing("an operator such as Relu"),
    "Bidirectional": Packing('the attribute direction="bidirectional"'),
    "Embedding": Packing(
        call="Gather",
        arrays=(Array("data", ("E",)),),
        operators={"Gather": ("data", "indices")},
    ),
    "Masking": Packing("none needed: the input sequence_lens of a recurrent operator"),
    "SpatialDropout1D": Packing("none needed: it changes nothing at prediction"),
    "Flatten": Packing("Flatten"),
    "Reshape": Packing("Reshape"),
    "Permute": Packing("Transpose"),
    "Concatenate": Packing("Concat"),
    "Add": Packing("Add"),
    "Subtract": Packing("Sub"),
    "Multiply": Packing("Mul"),
    "Average": Packing("Mean"),
    "Maximum": Packing("Max"),
    "Minimum": Packing("Min"),
    "LayerNormalization": Packing(
        call="LayerNormalization",
        arrays=(Array("Scale", ("gamma",)), Array("B", ("beta",), optional=True)),
        operators={"LayerNormalization": ("X", "Scale", "B")},
    ),
    "BatchNormalization": Packing(
        call="BatchNormalization, on (N, features, steps)",
        arrays=(
            Array("scale", ("gamma",)),
            Array("B", ("beta",)),
            Array("input_mean", ("moving_mean",)),
            Array("input_var", ("moving_variance",)),
        ),
        operators={"BatchNormalization": ("X", "scale", "B", "input_mean", "input_var")},
    ),
    "Conv1D": Packing(
        call="Conv, on (N, features, steps)",
        arrays=(Array("W", ("W",)), Array("B", ("b",), optional=True)),
        operators={"Conv": ("X", "W", "B")},
    ),
    "MaxPooling1D": Packing("MaxPool, on (N, features, steps)"),
    "AveragePooling1D": Packing("AveragePool, on (N, features, steps)"),
    "GlobalMaxPooling1D": Packing("ReduceMax"),
    "GlobalAveragePooling1D": Packing("ReduceMean"),
    "Attention": Packing(
        call="MatMul, Softmax, MatMul",
        arrays=(Array("scale", ("scale",)), Array("concat_score_weight", ("concat_score_weight",))),
    ),
    "AdditiveAttention": Packing("Add, Tanh, Mul, ReduceSum, Softmax, MatMul", (Array("scale", ("scale",)),)),
}


ONNX = Framework(
    key="onnx",
    title="ONNX",
    rows=_ROWS,
    sizes={
        "units": "hidden_size",
        "features": "input_size",
        "input_dim": "rows of data",
        "output_dim": "columns of data",
        "filters": "M",
        "kernel_size": "kernel_shape",
        "steps": "seq_length",
        "samples": "batch_size",
    },
)
