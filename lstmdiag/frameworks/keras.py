"""Keras 3: matrices transposed, (in, out); one bias; what we call g is its c."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.frameworks.framework import Framework, Lifetime
from lstmdiag.frameworks.storage import ArrayLayout, FrameworkRow, rows, second
from lstmdiag.model import Model

_LSTM = ("i", "f", "g", "o")
_GRU = ("z", "r", "n")
_KERNELS = (
    ArrayLayout("kernel", rows("W", _LSTM), transposed=True),
    ArrayLayout("recurrent_kernel", rows("U", _LSTM), transposed=True),
)

_ROWS: Mapping[str, FrameworkRow] = {
    "LSTM": FrameworkRow(
        call="keras.layers.LSTM",
        arrays=(*_KERNELS, ArrayLayout("bias", rows("b", _LSTM)), ArrayLayout("projection", ("R",), transposed=True)),
        gates=_LSTM,
        letters={"g": "c"},
        functions={"projection": frozenset()},
    ),
    "GRU": FrameworkRow(
        call="keras.layers.GRU",
        arrays=(
            ArrayLayout("kernel", rows("W", _GRU), transposed=True),
            ArrayLayout("recurrent_kernel", rows("U", _GRU), transposed=True),
            ArrayLayout("bias", rows("b", _GRU), own=second(_GRU), across=True),
        ),
        gates=_GRU,
        letters={"n": "h"},
    ),
    "SimpleRNN": FrameworkRow(
        call="keras.layers.SimpleRNN",
        arrays=(
            ArrayLayout("kernel", ("W",), transposed=True),
            ArrayLayout("recurrent_kernel", ("U",), transposed=True),
            ArrayLayout("bias", ("b",)),
        ),
    ),
    "PeepholeLSTM": FrameworkRow(
        call="none since Keras 3 (tf.keras.experimental.PeepholeLSTMCell)",
        lacking=True,
        arrays=(
            *_KERNELS,
            ArrayLayout("bias", rows("b", _LSTM)),
            ArrayLayout("input_gate_peephole_weights", ("p_i",)),
            ArrayLayout("forget_gate_peephole_weights", ("p_f",)),
            ArrayLayout("output_gate_peephole_weights", ("p_o",)),
        ),
        gates=_LSTM,
        letters={"g": "c"},
    ),
    "ConvLSTM2D": FrameworkRow(
        call="keras.layers.ConvLSTM2D",
        arrays=(
            ArrayLayout("kernel", rows("W", _LSTM), axes=(2, 3, 1, 0)),
            ArrayLayout("recurrent_kernel", rows("U", _LSTM), axes=(2, 3, 1, 0)),
            ArrayLayout("bias", rows("b", _LSTM)),
        ),
        gates=_LSTM,
        letters={"g": "c"},
    ),
    "Dense": FrameworkRow(
        call="keras.layers.Dense",
        arrays=(ArrayLayout("kernel", ("W",), transposed=True), ArrayLayout("bias", ("b",))),
    ),
    "RepeatVector": FrameworkRow("keras.layers.RepeatVector"),
    "TimeDistributed": FrameworkRow("keras.layers.TimeDistributed"),
    "Dropout": FrameworkRow("keras.layers.Dropout"),
    "Activation": FrameworkRow("keras.layers.Activation"),
    "Bidirectional": FrameworkRow("keras.layers.Bidirectional", direction_names=("forward.{}", "backward.{}")),
    "Embedding": FrameworkRow("keras.layers.Embedding", (ArrayLayout("embeddings", ("E",)),)),
    "Masking": FrameworkRow("keras.layers.Masking"),
    "SpatialDropout1D": FrameworkRow("keras.layers.SpatialDropout1D"),
    "Flatten": FrameworkRow("keras.layers.Flatten"),
    "Reshape": FrameworkRow("keras.layers.Reshape"),
    "Permute": FrameworkRow("keras.layers.Permute"),
    "Concatenate": FrameworkRow("keras.layers.Concatenate"),
    "Add": FrameworkRow("keras.layers.Add"),
    "Subtract": FrameworkRow("keras.layers.Subtract"),
    "Multiply": FrameworkRow("keras.layers.Multiply"),
    "Average": FrameworkRow("keras.layers.Average"),
    "Maximum": FrameworkRow("keras.layers.Maximum"),
    "Minimum": FrameworkRow("keras.layers.Minimum"),
    "LayerNormalization": FrameworkRow(
        call="keras.layers.LayerNormalization",
        arrays=(ArrayLayout("gamma", ("gamma",)), ArrayLayout("beta", ("beta",))),
    ),
    "BatchNormalization": FrameworkRow(
        call="keras.layers.BatchNormalization",
        arrays=tuple(ArrayLayout(name, (name,)) for name in ("gamma", "beta", "moving_mean", "moving_variance")),
    ),
    "Conv1D": FrameworkRow(
        call="keras.layers.Conv1D",
        arrays=(ArrayLayout("kernel", ("W",), axes=(2, 1, 0)), ArrayLayout("bias", ("b",))),
    ),
    "MaxPooling1D": FrameworkRow("keras.layers.MaxPooling1D"),
    "AveragePooling1D": FrameworkRow("keras.layers.AveragePooling1D"),
    "GlobalMaxPooling1D": FrameworkRow("keras.layers.GlobalMaxPooling1D"),
    "GlobalAveragePooling1D": FrameworkRow("keras.layers.GlobalAveragePooling1D"),
    "Attention": FrameworkRow(
        call="keras.layers.Attention",
        arrays=(ArrayLayout("scale", ("scale",)), ArrayLayout("concat_score_weight", ("concat_score_weight",))),
    ),
    "AdditiveAttention": FrameworkRow("keras.layers.AdditiveAttention", (ArrayLayout("scale", ("scale",)),)),
}


def _source(model: Model) -> str:
    from lstmdiag.frameworks.keras_source import source  # pages alone need it

    return source(model)


_STATELESS = Lifetime(
    key="stateless",
    title="Stateless",
    steps="kept",
    samples="never shared",
    batches="zeros again",
    epochs="zeros again",
    predict="zeros again",
    weights="kept",
    training="changed after each batch",
)
_STATEFUL = Lifetime(
    key="stateful",
    title="Stateful",
    steps="kept",
    samples="never shared",
    batches="kept: row i goes on from row i",
    epochs="kept until reset_state()",
    predict="kept from the call before",
    weights="kept",
    training="changed after each batch",
)

KERAS = Framework(
    key="keras",
    title="Keras",
    rows=_ROWS,
    sizes={
        "units": "units",
        "features": "the input's last axis",
        "input_dim": "input_dim",
        "output_dim": "output_dim",
        "rows": "rows of x",
        "columns": "columns of x",
        "out_rows": "rows of h",
        "out_columns": "columns of h",
        "kernel_rows": "kernel_size[0]",
        "kernel_columns": "kernel_size[1]",
        "filters": "filters",
        "kernel_size": "kernel_size",
        "steps": "timesteps",
        "samples": "batch_size",
    },
    transposed=True,
    layer_by_layer=True,
    source=_source,
    lifetimes=(_STATELESS, _STATEFUL),
    numbered_arrays=True,
    naming_hint="Keras writes the names of layers since 3.6: load it there and save it again",
    lifetimes_note=(
        "Stateful layers behave like this in Keras 3.15 on PyTorch. On JAX, fit and predict pass no state from batch "
        "to batch."
    ),
)
