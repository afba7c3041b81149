"""PyTorch 2: matrices as in the textbooks, (out, in); recurrent layers have two biases, which are added."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lstmdiag.frameworks.packing import Array, Packing, rows, second

Shapes = Mapping[str, tuple[int, ...]]

_LSTM = ("i", "f", "g", "o")
_GRU = ("r", "z", "n")
_FUSED = {"activation": frozenset({"tanh"}), "recurrent_activation": frozenset({"sigmoid"})}
_AHEAD = {"go_backwards": frozenset({False})}

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
        stored_with=_AHEAD,
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
        stored_with=_AHEAD,
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
        stored_with=_AHEAD,
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


def _recurrent(gates: int) -> Callable[[Shapes], bool]:
    """Whether U has so many rows for each number of h."""

    def fits(shapes: Shapes) -> bool:
        hidden, projected = shapes.get("weight_hh_l0", ()), shapes.get("weight_hr_l0", ())
        return len(hidden) == 2 and hidden[0] == gates * (projected[1] if len(projected) == 2 else hidden[1])

    return fits


def _matrix(axes: int) -> Callable[[Shapes], bool]:
    return lambda shapes: len(shapes.get("weight", ())) == axes


LOOKS: Mapping[str, Callable[[Shapes], bool]] = {
    "LSTM": _recurrent(4),
    "GRU": _recurrent(3),
    "SimpleRNN": _recurrent(1),
    "Dense": _matrix(2),
    "Embedding": lambda shapes: _matrix(2)(shapes) and "bias" not in shapes,
    "Conv1D": _matrix(3),
    "LayerNormalization": lambda shapes: _matrix(1)(shapes) and "running_mean" not in shapes,
    "BatchNormalization": lambda shapes: "running_mean" in shapes,
}
"""Kind → whether parameters of such names and shapes can be those of its layer."""


def kinds(shapes: Shapes) -> tuple[str, ...]:
    """The kinds of layer that such parameters may belong to; none: it cannot be said."""
    return tuple(kind for kind, fits in LOOKS.items() if fits(shapes))
