"""PyTorch 2: matrices as in the textbooks, (out, in); recurrent layers have two biases, which are added."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.frameworks.packing import Array, Packing, rows, second

_LSTM = ("i", "f", "g", "o")
_GRU = ("r", "z", "n")
_FUSED = {"activation": frozenset({"tanh"}), "recurrent_activation": frozenset({"sigmoid"})}

PACKINGS: Mapping[str, Packing] = {
    "LSTM": Packing(
        call="torch.nn.LSTM",
        arrays=(
            Array("weight_ih_l0", rows("W", _LSTM)),
            Array("weight_hh_l0", rows("U", _LSTM)),
            Array("bias_ih_l0", rows("b", _LSTM)),
            Array("bias_hh_l0", second=rows("b", _LSTM)),
            Array("weight_hr_l0", ("R",)),
        ),
        gates=_LSTM,
        functions=_FUSED,
    ),
    "GRU": Packing(
        call="torch.nn.GRU",
        arrays=(
            Array("weight_ih_l0", rows("W", _GRU)),
            Array("weight_hh_l0", rows("U", _GRU)),
            Array("bias_ih_l0", rows("b", _GRU)),
            Array("bias_hh_l0", second=rows("b", _GRU), own=second(_GRU)),
        ),
        gates=_GRU,
        functions={**_FUSED, "reset_after": frozenset({True})},
    ),
    "SimpleRNN": Packing(
        call="torch.nn.RNN",
        arrays=(
            Array("weight_ih_l0", ("W",)),
            Array("weight_hh_l0", ("U",)),
            Array("bias_ih_l0", ("b",)),
            Array("bias_hh_l0", second=("b",)),
        ),
        functions={"activation": frozenset({"tanh", "relu"})},
    ),
    "PeepholeLSTM": Packing("none: written by hand"),
    "ConvLSTM2D": Packing("none: written by hand"),
    "Dense": Packing(
        call="torch.nn.Linear",
        arrays=(Array("weight", ("W",)), Array("bias", ("b",))),
    ),
    "RepeatVector": Packing("x[:, None].expand(-1, n, -1)"),
    "TimeDistributed": Packing("none needed: torch.nn.Linear works on the last axis"),
    "Dropout": Packing("torch.nn.Dropout"),
    "Activation": Packing("a function such as torch.relu"),
    "Bidirectional": Packing("bidirectional=True", ways=("{}", "{}_reverse")),
    "Embedding": Packing("torch.nn.Embedding", (Array("weight", ("E",)),)),
    "Masking": Packing("torch.nn.utils.rnn.pack_padded_sequence"),
    "SpatialDropout1D": Packing("torch.nn.Dropout1d, on (N, features, steps)"),
    "Flatten": Packing("torch.nn.Flatten"),
    "Reshape": Packing("x.reshape"),
    "Permute": Packing("x.permute"),
    "Concatenate": Packing("torch.cat"),
    "Add": Packing("a + b"),
    "Subtract": Packing("a - b"),
    "Multiply": Packing("a * b"),
    "Average": Packing("(a + b) / 2"),
    "Maximum": Packing("torch.maximum"),
    "Minimum": Packing("torch.minimum"),
    "LayerNormalization": Packing(
        call="torch.nn.LayerNorm",
        arrays=(Array("weight", ("gamma",)), Array("bias", ("beta",))),
    ),
    "BatchNormalization": Packing(
        call="torch.nn.BatchNorm1d, on (N, features, steps)",
        arrays=(
            Array("weight", ("gamma",)),
            Array("bias", ("beta",)),
            Array("running_mean", ("moving_mean",), buffer=True),
            Array("running_var", ("moving_variance",), buffer=True),
        ),
    ),
    "Conv1D": Packing(
        call="torch.nn.Conv1d, on (N, features, steps)",
        arrays=(Array("weight", ("W",)), Array("bias", ("b",))),
    ),
    "MaxPooling1D": Packing("torch.nn.MaxPool1d, on (N, features, steps)"),
    "AveragePooling1D": Packing("torch.nn.AvgPool1d, on (N, features, steps)"),
    "GlobalMaxPooling1D": Packing("x.amax(1)"),
    "GlobalAveragePooling1D": Packing("x.mean(1)"),
    "Attention": Packing(
        call="torch.nn.functional.scaled_dot_product_attention, with scale=1",
        arrays=(Array("scale", ("scale",)), Array("concat_score_weight", ("concat_score_weight",))),
    ),
    "AdditiveAttention": Packing("(scale * torch.tanh(q + k)).sum(-1)", (Array("scale", ("scale",)),)),
}

MERGES: Mapping[str | None, tuple[str, str]] = {
    "concat": ("output", "torch.cat([h_n[0], h_n[1]], -1)"),
    "sum": ("output.unflatten(-1, (2, -1)).sum(-2)", "h_n.sum(0)"),
    "mul": ("output.unflatten(-1, (2, -1)).prod(-2)", "h_n.prod(0)"),
    "ave": ("output.unflatten(-1, (2, -1)).mean(-2)", "h_n.mean(0)"),
    None: ("output.chunk(2, -1)", "h_n[0], h_n[1]"),
}
"""merge_mode → the same of every step, and of the last one that each direction has read."""
