"""PyTorch 2: matrices as in the textbooks, (out, in); recurrent layers have two biases, which are added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from lstmdiag.frameworks import pytorch_layers as lines
from lstmdiag.frameworks.framework import Framework, Lifetime, Stack
from lstmdiag.frameworks.pytorch_recurrent import recurrent
from lstmdiag.frameworks.pytorch_returns import RETURNED
from lstmdiag.frameworks.storage import ArrayLayout, FrameworkRow, Shapes, SourceLines, rows, second
from lstmdiag.model import Model

if TYPE_CHECKING:
    from lstmdiag.frameworks.file_contents import FileArray, Group

_LSTM = ("i", "f", "g", "o")
_GRU = ("r", "z", "n")
_FUSED = {"activation": frozenset({"tanh"}), "recurrent_activation": frozenset({"sigmoid"})}


def _stacked(gates: int, shapes: Shapes) -> bool:
    """Whether U has so many rows for each number of h."""
    hidden, projected = shapes.get("weight_hh_l0", ()), shapes.get("weight_hr_l0", ())
    return len(hidden) == 2 and hidden[0] == gates * (projected[1] if len(projected) == 2 else hidden[1])


def _recurrent(
    call: str,
    arrays: tuple[ArrayLayout, ...],
    functions: Mapping[str, frozenset[str | bool]],
    gates: tuple[str, ...] = (),
) -> FrameworkRow:
    return FrameworkRow(
        call=call,
        arrays=arrays,
        gates=gates,
        functions=functions,
        stored_with={"go_backwards": frozenset({False})},
        source=partial(recurrent, call),
        fits=partial(_stacked, len(gates) or 1),
    )


def _matrix(axes: int) -> Callable[[Shapes], bool]:
    return lambda shapes: len(shapes.get("weight", ())) == axes


_ROWS: Mapping[str, FrameworkRow] = {
    "LSTM": _recurrent(
        call="torch.nn.LSTM",
        arrays=(
            ArrayLayout("weight_ih_l0", rows("W", _LSTM)),
            ArrayLayout("weight_hh_l0", rows("U", _LSTM)),
            ArrayLayout("bias_ih_l0", rows("b", _LSTM)),
            ArrayLayout("bias_hh_l0", second=rows("b", _LSTM)),
            ArrayLayout("weight_hr_l0", ("R",)),
        ),
        gates=_LSTM,
        functions=_FUSED,
    ),
    "GRU": _recurrent(
        call="torch.nn.GRU",
        arrays=(
            ArrayLayout("weight_ih_l0", rows("W", _GRU)),
            ArrayLayout("weight_hh_l0", rows("U", _GRU)),
            ArrayLayout("bias_ih_l0", rows("b", _GRU)),
            ArrayLayout("bias_hh_l0", second=rows("b", _GRU), own=second(_GRU)),
        ),
        gates=_GRU,
        functions={**_FUSED, "reset_after": frozenset({True})},
    ),
    "SimpleRNN": _recurrent(
        call="torch.nn.RNN",
        arrays=(
            ArrayLayout("weight_ih_l0", ("W",)),
            ArrayLayout("weight_hh_l0", ("U",)),
            ArrayLayout("bias_ih_l0", ("b",)),
            ArrayLayout("bias_hh_l0", second=("b",)),
        ),
        functions={"activation": frozenset({"tanh", "relu"})},
    ),
    "PeepholeLSTM": FrameworkRow("none: written by hand", lacking=True),
    "ConvLSTM2D": FrameworkRow("none: written by hand", lacking=True),
    "Dense": FrameworkRow(
        call="torch.nn.Linear",
        arrays=(ArrayLayout("weight", ("W",)), ArrayLayout("bias", ("b",))),
        source=lines.dense,
        steps_alone=True,
        fits=_matrix(2),
    ),
    "RepeatVector": FrameworkRow(
        call="x[:, None].expand(-1, n, -1)",
        source=lines.expression(lambda layer, _: f"x[:, None].expand(-1, {layer.options.n}, -1)"),
    ),
    "TimeDistributed": FrameworkRow("none needed: torch.nn.Linear works on the last axis"),
    "Dropout": FrameworkRow(
        call="torch.nn.Dropout",
        source=lines.module(lambda layer: f"nn.Dropout({layer.options.rate})"),
        steps_alone=True,
    ),
    "Activation": FrameworkRow("a function such as torch.relu", source=lines.activation, steps_alone=True),
    "Bidirectional": FrameworkRow("bidirectional=True", direction_names=("{}", "{}_reverse")),
    "Embedding": FrameworkRow(
        call="torch.nn.Embedding",
        arrays=(ArrayLayout("weight", ("E",)),),
        source=lines.embedding,
        steps_alone=True,
        fits=lambda shapes: _matrix(2)(shapes) and "bias" not in shapes,
    ),
    "Masking": FrameworkRow(
        call="torch.nn.utils.rnn.pack_padded_sequence",
        source=lambda _layer, _name: SourceLines([], [], [lines.NO_MASK]),
    ),
    "SpatialDropout1D": FrameworkRow(
        call="torch.nn.Dropout1d, on (N, features, steps)",
        source=lines.module(lambda layer: f"nn.Dropout1d({layer.options.rate})", features_first=True),
    ),
    "Flatten": FrameworkRow("torch.nn.Flatten", source=lines.expression(lambda _layer, _names: "x.flatten(1)")),
    "Reshape": FrameworkRow(
        call="x.reshape",
        source=lines.expression(lambda layer, _: f"x.reshape(len(x), {_numbers(*layer.options.target_shape)})"),
    ),
    "Permute": FrameworkRow(
        call="x.permute",
        source=lines.expression(lambda layer, _: f"x.permute({_numbers(0, *layer.options.dims)})"),
    ),
    "Concatenate": FrameworkRow(
        call="torch.cat",
        source=lines.expression(lambda layer, names: f"torch.cat([{', '.join(names)}], {layer.options.axis})"),
    ),
    "Add": FrameworkRow("a + b", source=lines.joined("+")),
    "Subtract": FrameworkRow("a - b", source=lines.joined("-")),
    "Multiply": FrameworkRow("a * b", source=lines.joined("*")),
    "Average": FrameworkRow(
        call="(a + b) / 2",
        source=lines.expression(lambda _, names: f"({' + '.join(names)}) / {len(names)}"),
    ),
    "Maximum": FrameworkRow("torch.maximum", source=lines.nested("torch.maximum")),
    "Minimum": FrameworkRow("torch.minimum", source=lines.nested("torch.minimum")),
    "LayerNormalization": FrameworkRow(
        call="torch.nn.LayerNorm",
        arrays=(ArrayLayout("weight", ("gamma",)), ArrayLayout("bias", ("beta",))),
        source=lines.layer_norm,
        steps_alone=True,
        fits=lambda shapes: _matrix(1)(shapes) and "running_mean" not in shapes,
    ),
    "BatchNormalization": FrameworkRow(
        call="torch.nn.BatchNorm1d, on (N, features, steps)",
        arrays=(
            ArrayLayout("weight", ("gamma",)),
            ArrayLayout("bias", ("beta",)),
            ArrayLayout("running_mean", ("moving_mean",), buffer=True),
            ArrayLayout("running_var", ("moving_variance",), buffer=True),
        ),
        source=lines.batch_norm,
        fits=lambda shapes: "running_mean" in shapes,
    ),
    "Conv1D": FrameworkRow(
        call="torch.nn.Conv1d, on (N, features, steps)",
        arrays=(ArrayLayout("weight", ("W",)), ArrayLayout("bias", ("b",))),
        source=lines.convolution,
        fits=_matrix(3),
    ),
    "MaxPooling1D": FrameworkRow("torch.nn.MaxPool1d, on (N, features, steps)", source=lines.pooling("MaxPool1d")),
    "AveragePooling1D": FrameworkRow("torch.nn.AvgPool1d, on (N, features, steps)", source=lines.pooling("AvgPool1d")),
    "GlobalMaxPooling1D": FrameworkRow("x.amax(1)", source=lines.over_steps("amax")),
    "GlobalAveragePooling1D": FrameworkRow("x.mean(1)", source=lines.over_steps("mean")),
    "Attention": FrameworkRow(
        call="torch.nn.functional.scaled_dot_product_attention, with scale=1",
        arrays=(ArrayLayout("scale", ("scale",)), ArrayLayout("concat_score_weight", ("concat_score_weight",))),
        source=lines.dot_product,
    ),
    "AdditiveAttention": FrameworkRow(
        call="(scale * torch.tanh(q + k)).sum(-1)",
        arrays=(ArrayLayout("scale", ("scale",)),),
        source=lines.additive,
    ),
}


def _numbers(*of: int) -> str:
    return ", ".join(map(str, of))


def _source(model: Model) -> str:
    from lstmdiag.frameworks.pytorch_source import source  # pages alone need it

    return source(model)


def _stacks(model: Model) -> tuple[Stack, ...]:
    from lstmdiag.frameworks.pytorch_stacks import stacks

    return tuple(stacks(model))


def _groups(flat: Mapping[str, FileArray]) -> tuple[Group, ...]:
    from lstmdiag.frameworks.pytorch_names import groups  # with NumPy, which drawing does without

    return groups(flat, _ROWS)


_BY_HAND = Lifetime(
    key="pytorch",
    title="PyTorch, by hand",
    steps="kept",
    samples="never shared",
    batches="yours: zeros unless you pass them in",
    epochs="yours",
    predict="yours",
    weights="kept",
    training="changed by your optimizer",
)

PYTORCH = Framework(
    key="pytorch",
    title="PyTorch",
    rows=_ROWS,
    sizes={
        "units": "hidden_size; Linear: out_features",
        "features": "input_size; Linear: in_features",
        "projection": "proj_size",
        "input_dim": "num_embeddings",
        "output_dim": "embedding_dim",
        "filters": "out_channels",
        "kernel_size": "kernel_size",
        "steps": "seq_len, L",
        "samples": "N, batch",
    },
    layer_by_layer=True,
    source=_source,
    stacks=_stacks,
    stacks_note="PyTorch numbers their arrays from below: weight_ih_l0, weight_ih_l1 and so on.",
    returned=RETURNED,
    lifetimes=(_BY_HAND,),
    weights_alone=True,
    groups=_groups,
    naming_hint="names such as lstm.weight_ih_l0 say it: safetensors.torch.save_file(model.state_dict(), …)",
)
