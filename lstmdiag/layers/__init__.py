"""The table of kinds. To add a layer: one file here, one row below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from lstmdiag.layers.kind import Kind

ROWS = {
    "LSTM": "lstm.KIND",
    "GRU": "gru.KIND",
    "SimpleRNN": "simple_rnn.KIND",
    "PeepholeLSTM": "peephole_lstm.KIND",
    "ConvLSTM2D": "conv_lstm2d.KIND",
    "Dense": "dense.KIND",
    "RepeatVector": "repeat_vector.KIND",
    "TimeDistributed": "time_distributed.KIND",
    "Dropout": "dropout.KIND",
    "Activation": "activation.KIND",
    "Bidirectional": "bidirectional.KIND",
    "Embedding": "embedding.KIND",
    "Masking": "masking.KIND",
    "SpatialDropout1D": "dropout.SPATIAL",
    "Flatten": "flatten.KIND",
    "Reshape": "reshape.KIND",
    "Permute": "permute.KIND",
    "Concatenate": "concatenate.KIND",
    "Add": "add.ADD",
    "Subtract": "add.SUBTRACT",
    "Multiply": "multiply.KIND",
    "Average": "add.AVERAGE",
    "Maximum": "maximum.MAXIMUM",
    "Minimum": "maximum.MINIMUM",
    "LayerNormalization": "normalization.LAYER",
    "BatchNormalization": "normalization.BATCH",
    "Conv1D": "conv1d.KIND",
    "MaxPooling1D": "pooling.MAX",
    "AveragePooling1D": "pooling.AVERAGE",
    "GlobalMaxPooling1D": "global_pooling.MAX",
    "GlobalAveragePooling1D": "global_pooling.AVERAGE",
    "Attention": "attention.KIND",
    "AdditiveAttention": "additive_attention.KIND",
}
"""Name of a kind → its file in this folder, and what it is called there."""


class Kinds(Mapping[str, Kind]):
    """Name → kind: those of the table, then cells of a spec's `own`.

    A file is imported when its kind is first asked for: most specs name few, and each takes milliseconds.
    """

    def __init__(self, own: Mapping[str, Kind]) -> None:
        self._own = own

    def __getitem__(self, name: str) -> Kind:
        if name in self._own:
            return self._own[name]
        file, constant = ROWS[name].split(".")
        kind: Kind = getattr(import_module(f"{__name__}.{file}"), constant)
        return kind

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in ROWS

    def __iter__(self) -> Iterator[str]:
        return iter({**ROWS, **self._own})

    def __len__(self) -> int:
        return len({**ROWS, **self._own})


KINDS = Kinds({})
