"""Keras 3: matrices transposed, (in, out); one bias; what we call g is its c."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.frameworks.framework import Framework, Lifetime
from lstmdiag.frameworks.packing import Array, Packing, rows, second
from lstmdiag.model import Model

_LSTM = ("i", "f", "g", "o")
_GRU = ("z", "r", "n")
_KERNELS = (
    Array("kernel", rows("W", _LSTM), transposed=True),
    Array("recurrent_kernel", rows("U", _LSTM), transposed=True),
)

_ROWS: Mapping[str, Packing] = {
    "LSTM": Packing(
        call="keras.layers.LSTM",
        arrays=(*_KERNELS, Array("bias", rows("b", _LSTM)), Array("projection", ("R",), transposed=True)),
        gates=_LSTM,
        letters={"g": "c"},
        functions={"projection": frozenset()},
    ),
    "GRU": Packing(
        call="keras.layers.GRU",
        arrays=(
            Array("kernel", rows("W", _GRU), transposed=True),
            Array("recurrent_kernel", rows("U", _GRU), transposed=True),
            Array("bias", rows("b", _GRU), own=second(_GRU), across=True),
        ),
        gates=_GRU,
        letters={"n": "h"},
    ),
    "SimpleRNN": Packing(
        call="keras.layers.SimpleRNN",
        arrays=(
            Array("kernel", ("W",), transposed=True),
            Array("recurrent_kernel", ("U",), transposed=True),
            Array("bias", ("b",)),
        ),
    ),
    "PeepholeLSTM": Packing(
        call="none since Keras 3 (tf.keras.experimental.PeepholeLSTMCell)",
        lacking=True,
        arrays=(
            *_KERNELS,
            Array("bias", rows("b", _LSTM)),
            Array("input_gate_peephole_weights", ("p_i",)),
            Array("forget_gate_peephole_weights", ("p_f",)),
            Array("output_gate_peephole_weights", ("p_o",)),
        ),
        gates=_LSTM,
        letters={"g": "c"},
    ),
    "ConvLSTM2D": Packing(
        call="keras.layers.ConvLSTM2D",
        arrays=(
            Array("kernel", rows("W", _LSTM), axes=(2, 3, 1, 0)),
            Array("recurrent_kernel", rows("U", _LSTM), axes=(2, 3, 1, 0)),
            Array("bias", rows("b", _LSTM)),
        ),
        gates=_LSTM,
        letters={"g": "c"},
    ),
    "Dense": Packing(
        call="keras.layers.Dense",
        arrays=(Array("kernel", ("W",), transposed=True), Array("bias", ("b",))),
    ),
    "RepeatVector": Packing("keras.layers.RepeatVector"),
    "TimeDistributed": Packing("keras.layers.TimeDistributed"),
    "Dropout": Packing("keras.layers.Dropout"),
    "Activation": Packing("keras.layers.Activation"),
    "Bidirectional": Packing("keras.layers.Bidirectional", ways=("forward.{}", "backward.{}")),
    "Embedding": Packing("keras.layers.Embedding", (Array("embeddings", ("E",)),)),
    "Masking": Packing("keras.layers.Masking"),
    "SpatialDropout1D": Packing("keras.layers.SpatialDropout1D"),
    "Flatten": Packing("keras.layers.Flatten"),
    "Reshape": Packing("keras.layers.Reshape"),
    "Permute": Packing("keras.layers.Permute"),
    "Concatenate": Packing("keras.layers.Concatenate"),
    "Add": Packing("keras.layers.Add"),
    "Subtract": Packing("keras.layers.Subtract"),
    "Multiply": Packing("keras.layers.Multiply"),
    "Average": Packing("keras.layers.Average"),
    "Maximum": Packing("keras.layers.Maximum"),
    "Minimum": Packing("keras.layers.Minimum"),
    "LayerNormalization": Packing(
        call="keras.layers.LayerNormalization",
        arrays=(Array("gamma", ("gamma",)), Array("beta", ("beta",))),
    ),
    "BatchNormalization": Packing(
        call="keras.layers.BatchNormalization",
        arrays=tuple(Array(name, (name,)) for name in ("gamma", "beta", "moving_mean", "moving_variance")),
    ),
    "Conv1D": Packing(
        call="keras.layers.Conv1D",
        arrays=(Array("kernel", ("W",), axes=(2, 1, 0)), Array("bias", ("b",))),
    ),
    "MaxPooling1D": Packing("keras.layers.MaxPooling1D"),
    "AveragePooling1D": Packing("keras.layers.AveragePooling1D"),
    "GlobalMaxPooling1D": Packing("keras.layers.GlobalMaxPooling1D"),
    "GlobalAveragePooling1D": Packing("keras.layers.GlobalAveragePooling1D"),
    "Attention": Packing(
        call="keras.layers.Attention",
        arrays=(Array("scale", ("scale",)), Array("concat_score_weight", ("concat_score_weight",))),
    ),
    "AdditiveAttention": Packing("keras.layers.AdditiveAttention", (Array("scale", ("scale",)),)),
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
