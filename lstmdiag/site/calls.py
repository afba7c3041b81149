"""The model as one would call it in Keras and in PyTorch, for the tabs at the head of a page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from keyword import iskeyword

from lstmdiag.frameworks import FRAMEWORKS, lacks, packing
from lstmdiag.layers import KINDS
from lstmdiag.model import Layer, Model, ModelInput, show_shape
from lstmdiag.site.torch_layers import MODULES, ROWS, Lines, Row


def keras(model: Model) -> str:
    """Source text of the model in Keras; a kind that Keras lacks is named in a comment."""
    kinds = sorted({kind for layer in model.layers if not _beyond(layer) for kind in _kinds(layer)})
    lines = ["from keras import Input, Sequential"]
    lines += [f"from keras.layers import {', '.join(kinds)}"] if kinds else []
    lines += ["", "model = Sequential(["]
    lines += [f"    {_input(source)}," for source in model.inputs]
    for layer in model.layers:
        call, beyond = _named(layer), _beyond(layer)
        lines.append(f"    # {call}: {beyond}, which Keras does not have" if beyond else f"    {call},")
    return "\n".join([*lines, "])"])


def _beyond(layer: Layer) -> str:
    """What of the layer Keras does not have; '' where it has all."""
    if any(kind not in KINDS for kind in _kinds(layer)):
        return "a cell of this spec"
    if any(not FRAMEWORKS["keras"][kind].call.startswith("keras.") for kind in _kinds(layer)):
        return "a layer"
    return ", ".join(value for _, value in lacks(layer, "keras"))


def _input(source: ModelInput) -> str:
    sizes = show_shape(source.shape if source.batch is None else (source.batch, *source.shape)).replace("?", "None")
    dtype = ', dtype="int32"' if source.dtype == "int" else ""
    return f"Input({'' if source.batch is None else 'batch_shape='}{sizes}{dtype})"


def _kinds(layer: Layer) -> list[str]:
    return [layer.kind, *(_kinds(layer.inner) if layer.inner else ())]


def _named(layer: Layer) -> str:
    name = layer.options.name
    if name is None:
        return layer.call
    opening = layer.call[:-1]
    return f"{opening}{'' if opening.endswith('(') else ', '}name={json.dumps(name, ensure_ascii=False)})"


def torch(model: Model) -> str:
    """Source text of the same layers in PyTorch and of one forward pass through them."""
    notes: dict[str, None] = {}
    made: list[str] = []
    run: list[str] = []
    for layer in model.layers:
        written = _TORCH.get(layer.maths.kind, _lacking)(layer.maths, _identifier(layer.name))
        notes.update(dict.fromkeys((*_unlike(layer.maths), *written.notes)))
        made += written.made
        run += written.run
        if written.run:
            run[-1] += f"  # (N, {', '.join('?' if n is None else str(n) for n in layer.output)})"
    body = [f"    {line}" for line in (*run, "return x")]
    heads = ["import torch"] if any("torch." in line.partition("#")[0] for line in (*made, *run)) else []
    heads += ["from torch import nn", ""]
    return "\n".join([*heads, *(f"# {note}" for note in notes), *made, "", "def forward(x):", *body])


def _unlike(layer: Layer) -> list[str]:
    """What PyTorch's own layer cannot be told."""
    functions = [function for _, function in lacks(layer, "pytorch")]
    row = packing(layer, "pytorch")
    return (
        [f"{row.call} has no {' and no '.join(functions)}: the sizes agree, the numbers do not"]
        if row and functions
        else []
    )


def _identifier(name: str) -> str:
    found = re.sub(r"\W", "_", name)
    return f"{found}_" if iskeyword(found) or not found.isidentifier() else found


def _recurrent(layer: Layer, name: str) -> Lines:
    row, options = packing(layer, "pytorch"), layer.options
    assert row is not None
    call = row.call.removeprefix("torch.")
    arguments = [str(layer.features), str(layer.units), "batch_first=True"]
    arguments += [f"proj_size={projection}"] if (projection := getattr(options, "projection", None)) else []
    arguments += ['nonlinearity="relu"'] if call == "nn.RNN" and options.activation == "relu" else []
    arguments += [] if options.use_bias else ["bias=False"]
    run = ["x = x.flip(1)"] if options.go_backwards else []
    run.append(f"x, {'(h, c)' if call == 'nn.LSTM' else 'h'} = {name}(x)")
    if not options.return_sequences:
        run.append("x = x[:, -1]")
    dropped = options.dropout or options.recurrent_dropout
    notes = [f"{call} has no dropout within a step"] if dropped else []
    return Lines([f"{name} = {call}({', '.join(arguments)})"], run, notes)


def _dense(layer: Layer, name: str) -> Lines:
    options = layer.options
    linear = f"nn.Linear({layer.features}, {layer.units}{'' if options.use_bias else ', bias=False'})"
    squash = MODULES.get(options.activation)
    return Lines(
        [f"{name} = nn.Sequential({linear}, {squash})" if squash else f"{name} = {linear}"], [f"x = {name}(x)"]
    )


def _activation(layer: Layer, name: str) -> Lines:
    return Lines([f"{name} = {MODULES.get(layer.options.activation, 'nn.Identity()')}"], [f"x = {name}(x)"])


def _dropout(layer: Layer, name: str) -> Lines:
    return Lines([f"{name} = nn.Dropout({layer.options.rate})"], [f"x = {name}(x)"])


def _repeat(layer: Layer, _name: str) -> Lines:
    return Lines([], [f"x = x[:, None].expand(-1, {layer.options.n}, -1)"])


def _lacking(layer: Layer, name: str) -> Lines:
    return Lines([], [f"# {name}: torch.nn has no layer like {layer.call}"])


_TORCH: Mapping[str, Row] = {
    **ROWS,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "PeepholeLSTM": _lacking,
    "ConvLSTM2D": _lacking,
    "Dense": _dense,
    "Activation": _activation,
    "Dropout": _dropout,
    "RepeatVector": _repeat,
}
"""Kind → how PyTorch says it."""
