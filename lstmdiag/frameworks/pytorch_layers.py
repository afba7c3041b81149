"""Source text of PyTorch's layers that do not recur: what is made once, and what the forward pass does with it.

In the forward pass `x` is the input of a layer; a layer that joins several names each by its reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from lstmdiag.cells.expr import LEAK
from lstmdiag.frameworks.packing import Lines, Source
from lstmdiag.layer import Layer

MODULES = {
    "relu": "nn.ReLU()", "relu6": "nn.ReLU6()", "sigmoid": "nn.Sigmoid()", "tanh": "nn.Tanh()",
    "hard_sigmoid": "nn.Hardsigmoid()", "leaky_relu": f"nn.LeakyReLU({LEAK})", "elu": "nn.ELU()", "selu": "nn.SELU()",
    "gelu": "nn.GELU()", "silu": "nn.SiLU()", "softplus": "nn.Softplus()", "softsign": "nn.Softsign()",
    "softmax": "nn.Softmax(-1)",
}  # fmt: skip
"""Keras's name of an activation → PyTorch's module; `linear` needs none."""

NO_MASK = "PyTorch carries no mask: pack_padded_sequence leaves padded steps out of a recurrent layer"


def module(made: Callable[[Layer], str], *, features_first: bool = False) -> Source:
    """A module that is applied to x, for some of them as (N, features, steps)."""
    turned = ".transpose(1, 2)" if features_first else ""

    def row(layer: Layer, name: str) -> Lines:
        if features_first and len(layer.input) > 2:  # of which PyTorch's layer knows one axis in between at most
            return Lines([f"{name} = {made(layer)}"], [f"x = {name}(x.flatten(0, -2)).unflatten(0, x.shape[:-1])"])
        turn = turned if len(layer.input) > 1 else ""
        return Lines([f"{name} = {made(layer)}"], [f"x = {name}(x{turn}){turn}"])

    return row


def expression(written: Callable[[Layer, list[str]], str]) -> Source:
    """Nothing is made; the inputs' names → what becomes x."""
    return lambda layer, _name: Lines([], [f"x = {written(layer, _read(layer))}"])


def _read(layer: Layer) -> list[str]:
    """What it reads, by name; axes that are missing in front come behind the batch, as in Keras."""
    if len(layer.inputs) == 1:
        return ["x"]
    axes = max(map(len, layer.input_shapes))
    pairs = zip(layer.inputs, layer.input_shapes, strict=True)
    return [re.sub(r"\W", "_", name) + "[:, None]" * (axes - len(shape)) for name, shape in pairs]


def embedding(layer: Layer, name: str) -> Lines:
    options = layer.options
    made = f"{name} = nn.Embedding({options.input_dim}, {options.output_dim})"
    return Lines([made], [f"x = {name}(x)"], [NO_MASK] if options.mask_zero else [])


def convolution(layer: Layer, name: str) -> Lines:
    """Keras pads `same` with the larger half behind; PyTorch's own `same` knows no strides."""
    options = layer.options
    given = {"stride": options.strides, "dilation": options.dilation_rate, "groups": options.groups}
    parts = [f"{layer.sizes['features']}, {options.filters}, {options.kernel_size}"]
    parts += [f"{word}={number}" for word, number in given.items() if number > 1]
    parts += [] if options.use_bias else ["bias=False"]
    assert layer.window is not None
    pads, notes = layer.window.pads(layer.input[0]), []
    if pads is None:
        notes.append("how many zeros padding=same puts before and behind depends on the number of steps")
    before, behind = pads or (0, 0)
    made = f"nn.Conv1d({', '.join(parts)})"
    if before or behind:
        made = f"nn.Sequential(nn.ConstantPad1d(({before}, {behind}), 0.0), {made})"
    run = [f"x = {name}(x.transpose(1, 2)).transpose(1, 2)"]
    squash = MODULES.get(options.activation)
    return Lines([f"{name} = {made}"], [*run, f"x = {squash}(x)"] if squash else run, notes)


def pooling(module: str) -> Source:
    def row(layer: Layer, name: str) -> Lines:
        options, same = layer.options, layer.options.padding == "same"
        assert layer.window is not None
        strides = layer.window.stride
        more = (f", stride={strides}" if strides != options.pool_size else "") + (", ceil_mode=True" if same else "")
        note = f"{module} fills up behind the last step alone, so that other steps may meet"
        notes = [note] if same and options.pool_size > 2 else []
        return Lines(
            [f"{name} = nn.{module}({options.pool_size}{more})"],
            [f"x = {name}(x.transpose(1, 2)).transpose(1, 2)"],
            notes,
        )

    return row


def layer_norm(layer: Layer, name: str) -> Lines:
    options = layer.options
    learned = "" if options.center else ", bias=False" if options.scale else ", elementwise_affine=False"
    made = f"nn.LayerNorm({layer.features}, eps={options.epsilon!r}{learned})"
    return replace(module(lambda _: made)(layer, name), notes=_norm_notes(layer))


def batch_norm(layer: Layer, name: str) -> Lines:
    options = layer.options
    affine = "" if options.scale or options.center else ", affine=False"
    made = f"nn.BatchNorm1d({layer.features}, eps={options.epsilon!r}{affine})"
    notes = _norm_notes(layer)
    if not notes and options.scale and not options.center:
        notes = ["PyTorch has gamma together with beta only: leave beta at 0"]
    return replace(module(lambda _: made, features_first=True)(layer, name), notes=notes)


def _norm_notes(layer: Layer) -> list[str]:
    """What differs in both normalizations, at most one sentence."""
    options = layer.options
    if options.axis not in (-1, len(layer.input)):
        return [f"axis={options.axis} must be moved to its place first"]
    if options.center and not options.scale:
        return ["PyTorch has beta together with gamma only: leave gamma at 1"]
    return []


def dot_product(layer: Layer, name: str) -> Lines:
    query, value, key = (*_read(layer), *_read(layer)[-1:])[:3]
    made = [f"{name}_{weight.name} = nn.Parameter(torch.ones(()))" for weight in layer.weights]
    if layer.options.score_mode == "concat":
        factor = f"{name}_scale * " if layer.options.use_scale else ""
        compared = f"torch.tanh({factor}({query}[..., :, None, :] + {key}[..., None, :, :]))"
        run = [f"scores = {name}_concat_score_weight * {compared}.sum(-1)"]
        return _weighted(layer, name, value, made, run)
    scale = f"{name}_scale * " if layer.options.use_scale else ""
    return _weighted(layer, name, value, made, [f"scores = {scale}{query} @ {key}.mT"])


def additive(layer: Layer, name: str) -> Lines:
    query, value, key = (*_read(layer), *_read(layer)[-1:])[:3]
    factor = f"{name}_scale * " if layer.weights else ""
    made = [f"{name}_scale = nn.Parameter(torch.ones({layer.features}))"] if layer.weights else []
    compared = f"torch.tanh({query}[..., :, None, :] + {key}[..., None, :, :])"
    return _weighted(layer, name, value, made, [f"scores = ({factor}{compared}).sum(-1)"])


def _weighted(layer: Layer, name: str, value: str, made: list[str], run: list[str]) -> Lines:
    """What the scores are for, some of them dropped in training."""
    shares = "scores.softmax(-1)"
    if layer.options.dropout:
        made, shares = [*made, f"{name}_dropout = nn.Dropout({layer.options.dropout})"], f"{name}_dropout({shares})"
    return Lines(made, [*run, f"x = {shares} @ {value}"])


def joined(sign: str) -> Source:
    return expression(lambda _layer, names: f" {sign} ".join(names))


def nested(function: str) -> Source:
    def written(_layer: Layer, names: list[str]) -> str:
        found = names[0]
        for name in names[1:]:
            found = f"{function}({found}, {name})"
        return found

    return expression(written)


def dense(layer: Layer, name: str) -> Lines:
    options = layer.options
    linear = f"nn.Linear({layer.features}, {layer.units}{'' if options.use_bias else ', bias=False'})"
    squash = MODULES.get(options.activation)
    return Lines(
        [f"{name} = nn.Sequential({linear}, {squash})" if squash else f"{name} = {linear}"], [f"x = {name}(x)"]
    )


def activation(layer: Layer, name: str) -> Lines:
    return Lines([f"{name} = {MODULES.get(layer.options.activation, 'nn.Identity()')}"], [f"x = {name}(x)"])


def over_steps(function: str) -> Source:
    """One number of all steps, for each feature."""
    return expression(lambda layer, _: f"x.{function}(1{', keepdim=True' if layer.options.keepdims else ''})")
