"""PyTorch's own layers for those of a model: what `parameters()` of them are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch.nn as nn

from lstmdiag.layer import Layer

RECURRENT = {"LSTM": nn.LSTM, "GRU": nn.GRU, "SimpleRNN": nn.RNN}


def recurrent(kind: str, options: Any, features: int, both: bool = False) -> nn.Module | None:
    projection = getattr(options, "projection", None) or 0
    if projection and projection >= options.units:  # PyTorch only makes h shorter
        return None
    more: dict[str, Any] = {"proj_size": projection} if projection else {}
    if kind == "SimpleRNN" and options.activation == "relu":
        more["nonlinearity"] = "relu"
    return RECURRENT[kind](features, options.units, bias=options.use_bias, bidirectional=both, batch_first=True, **more)


def batch_norm(options: Any, shape: tuple[int, ...]) -> nn.Module | None:
    return nn.BatchNorm1d(shape[options.axis]) if options.axis == -1 and options.center and options.scale else None


def layer_norm(options: Any, shape: tuple[int, ...]) -> nn.Module | None:
    return nn.LayerNorm(shape[-1], bias=options.center) if options.axis == -1 and options.scale else None


def convolution(options: Any, shape: tuple[int, ...]) -> nn.Module:
    return nn.Conv1d(shape[-1], options.filters, options.kernel_size, groups=options.groups, bias=options.use_bias)


PLAIN: Mapping[str, Callable[[Any, Any], nn.Module | None]] = {
    "Dense": lambda options, shape: nn.Linear(shape[-1], options.units, bias=options.use_bias),
    "Embedding": lambda options, shape: nn.Embedding(options.input_dim, options.output_dim),
    "Conv1D": convolution,
    "BatchNormalization": batch_norm,
    "LayerNormalization": layer_norm,
    "LSTM": lambda options, shape: recurrent("LSTM", options, shape[-1]),
    "GRU": lambda options, shape: recurrent("GRU", options, shape[-1]),
    "SimpleRNN": lambda options, shape: recurrent("SimpleRNN", options, shape[-1]),
}


def made(layer: Layer) -> nn.Module | None:
    """None where PyTorch has no such layer."""
    if layer.backward and layer.inner:
        inner = layer.inner
        return (
            recurrent(inner.kind, inner.options, layer.input[-1] or 0, both=True) if inner.kind in RECURRENT else None
        )
    if layer.inner:
        return made(layer.inner)
    make = PLAIN.get(layer.kind)
    return make(layer.options, layer.input) if make else None
