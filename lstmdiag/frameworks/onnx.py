"""ONNX: an axis for directions in front; B holds both biases one after the other, [Wb; Rb]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmdiag.cells.expr import HARD_REACH, LEAK
from lstmdiag.frameworks.framework import Framework
from lstmdiag.frameworks.storage import ArrayLayout, FrameworkRow, rows, second

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
    ArrayLayout("W", rows("W", _LSTM), leading=1),
    ArrayLayout("R", rows("U", _LSTM), leading=1),
    ArrayLayout("B", rows("b", _LSTM), second=rows("b", _LSTM), leading=1, optional=True),
)

_ROWS: Mapping[str, FrameworkRow] = {
    "LSTM": FrameworkRow(
        call="LSTM",
        arrays=(*_ARRAYS, ArrayLayout("projection", ("R",))),
        gates=_LSTM,
        letters={"g": "c"},
        functions={**_GATED, "projection": frozenset()},
        operators={"LSTM": RECURRENT_INPUTS},
    ),
    "GRU": FrameworkRow(
        call="GRU",  # linear_before_reset is reset_after
        arrays=(
            ArrayLayout("W", rows("W", _GRU), leading=1),
            ArrayLayout("R", rows("U", _GRU), leading=1),
            ArrayLayout("B", rows("b", _GRU), second=rows("b", _GRU), own=second(_GRU), leading=1, optional=True),
        ),
        gates=_GRU,
        letters={"n": "h"},
        functions=_GATED,
        operators={"GRU": RECURRENT_INPUTS},
    ),
    "SimpleRNN": FrameworkRow(
        call="RNN",
        arrays=(
            ArrayLayout("W", ("W",), leading=1),
            ArrayLayout("R", ("U",), leading=1),
            ArrayLayout("B", ("b",), second=("b",), leading=1, optional=True),
        ),
        functions={"activation": _FUNCTIONS},
        operators={"RNN": RECURRENT_INPUTS},
    ),
    "PeepholeLSTM": FrameworkRow(
        call="LSTM",  # with its input P
        arrays=(*_ARRAYS, ArrayLayout("P", rows("p", _LSTM[:3]), leading=1)),
        gates=_LSTM,
        letters={"g": "c"},
        functions=_GATED,
        operators={"LSTM": RECURRENT_INPUTS},
    ),
    "ConvLSTM2D": FrameworkRow("none: written by hand", lacking=True),
    "Dense": FrameworkRow(
        call="Gemm (on a sequence: MatMul, Add)",
        arrays=(ArrayLayout("B", ("W",), transposed=True), ArrayLayout("C", ("b",), optional=True)),
        operators={"Gemm": ("A", "B", "C"), "MatMul": ("A", "B")},
    ),
    "RepeatVector": FrameworkRow("Unsqueeze, Expand"),
    "TimeDistributed": FrameworkRow("none needed: MatMul works on the last axis"),
    "Dropout": FrameworkRow("Dropout"),
    "Activation": FrameworkRow("an operator such as Relu"),
    "Bidirectional": FrameworkRow('the attribute direction="bidirectional"'),
    "Embedding": FrameworkRow(
        call="Gather",
        arrays=(ArrayLayout("data", ("E",)),),
        operators={"Gather": ("data", "indices")},
    ),
    "Masking": FrameworkRow("none needed: the input sequence_lens of a recurrent operator"),
    "SpatialDropout1D": FrameworkRow("none needed: it changes nothing at prediction"),
    "Flatten": FrameworkRow("Flatten"),
    "Reshape": FrameworkRow("Reshape"),
    "Permute": FrameworkRow("Transpose"),
    "Concatenate": FrameworkRow("Concat"),
    "Add": FrameworkRow("Add"),
    "Subtract": FrameworkRow("Sub"),
    "Multiply": FrameworkRow("Mul"),
    "Average": FrameworkRow("Mean"),
    "Maximum": FrameworkRow("Max"),
    "Minimum": FrameworkRow("Min"),
    "LayerNormalization": FrameworkRow(
        call="LayerNormalization",
        arrays=(ArrayLayout("Scale", ("gamma",)), ArrayLayout("B", ("beta",), optional=True)),
        operators={"LayerNormalization": ("X", "Scale", "B")},
    ),
    "BatchNormalization": FrameworkRow(
        call="BatchNormalization, on (N, features, steps)",
        arrays=(
            ArrayLayout("scale", ("gamma",)),
            ArrayLayout("B", ("beta",)),
            ArrayLayout("input_mean", ("moving_mean",)),
            ArrayLayout("input_var", ("moving_variance",)),
        ),
        operators={"BatchNormalization": ("X", "scale", "B", "input_mean", "input_var")},
    ),
    "Conv1D": FrameworkRow(
        call="Conv, on (N, features, steps)",
        arrays=(ArrayLayout("W", ("W",)), ArrayLayout("B", ("b",), optional=True)),
        operators={"Conv": ("X", "W", "B")},
    ),
    "MaxPooling1D": FrameworkRow("MaxPool, on (N, features, steps)"),
    "AveragePooling1D": FrameworkRow("AveragePool, on (N, features, steps)"),
    "GlobalMaxPooling1D": FrameworkRow("ReduceMax"),
    "GlobalAveragePooling1D": FrameworkRow("ReduceMean"),
    "Attention": FrameworkRow(
        call="MatMul, Softmax, MatMul",
        arrays=(ArrayLayout("scale", ("scale",)), ArrayLayout("concat_score_weight", ("concat_score_weight",))),
    ),
    "AdditiveAttention": FrameworkRow(
        "Add, Tanh, Mul, ReduceSum, Softmax, MatMul", (ArrayLayout("scale", ("scale",)),)
    ),
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
