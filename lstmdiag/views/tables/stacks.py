"""Recurrent layers that follow each other and are alike: PyTorch says them as one, with num_layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lstmdiag.frameworks import lacks, packing
from lstmdiag.model import Layer, Model


@dataclass(frozen=True)
class Stack:
    layers: tuple[Layer, ...]  # from the lowest on, two at least
    dropout: float = 0.0  # between them, in training

    @property
    def call(self) -> str:
        """torch.nn.LSTM(4, 8, num_layers=2, bidirectional=True, batch_first=True)"""
        return torch_call(self.layers[0], len(self.layers), self.dropout)


def torch_call(layer: Layer, number: int = 1, dropout: float = 0.0) -> str:
    """What makes it in PyTorch, or `number` layers like it; '' where PyTorch has no such layer."""
    row, found = packing(layer, "pytorch"), layer.maths
    if row is None or not row.arrays:
        return ""
    options = found.options
    if not {"units", "features"} <= found.sizes.keys():
        return ""
    parts = [f"{found.features}", f"{found.units}"]
    parts += [f"num_layers={number}"] * (number > 1) + [f"dropout={dropout}"] * (dropout > 0)
    parts += ['nonlinearity="relu"'] * (found.kind == "SimpleRNN" and options.activation == "relu")
    parts += ["bias=False"] * (not options.use_bias) + ["bidirectional=True"] * (layer.backward is not None)
    parts += [f"proj_size={found.sizes['projection']}"] if "projection" in found.sizes else []
    return f"{row.call}({', '.join(parts)}, batch_first=True)"


def stacks(model: Model) -> Iterator[Stack]:
    """Each run of them, as long as it goes."""
    start = 0
    while start < len(model.layers):
        found, after = _from(model, start)
        if len(found.layers) > 1:
            yield found
        start = after


def _from(model: Model, start: int) -> tuple[Stack, int]:
    """The stack that begins at a layer, and the place behind it; a Dropout between two of its layers belongs to it."""
    layers, at = model.layers, start
    run, shares = [layers[start]], list[float]()
    while _said(run[0]) and at + 1 < len(layers):
        dropped = layers[at + 1].kind == "Dropout"
        way = layers[at : at + 2 + dropped]
        share = layers[at + 1].options.rate if dropped else 0.0
        joined = all(one.inputs == (below.name,) and _alone(model, below) for below, one in pairwise(way))
        if not joined or set(shares) - {share} or not _alike(run[-1], way[-1]):
            break
        run, shares, at = [*run, way[-1]], [*shares, share], at + len(way) - 1
    return Stack(tuple(run), shares[0] if shares else 0.0), at + 1


def _said(layer: Layer) -> bool:
    """Whether PyTorch has such a layer, reading from the start and starting with zeros."""
    if not (layer.recurrent and torch_call(layer)) or lacks(layer, "pytorch"):
        return False
    options = layer.maths.options
    plain = not (options.go_backwards or layer.initial_state or layer.shared or (layer.inner and not layer.backward))
    return plain and (layer.backward is None or layer.options.merge_mode == "concat")


def _alike(below: Layer, layer: Layer) -> bool:
    """Whether a layer reads every step of one that is like it, and is as wide."""
    if not _said(layer) or not below.returns_sequences or below.returns_state:
        return False
    one, other = (torch_call(each).partition(", ")[2] for each in (below, layer))
    return below.kind == layer.kind and below.maths.kind == layer.maths.kind and one == other


def _alone(model: Model, layer: Layer) -> bool:
    """Whether one layer alone reads what it gives, and the model does not give it out."""
    given_out = any(model.owner(reference)[0].name == layer.name for reference in model.outputs)
    return len(model.readers(layer.name)) == 1 and not given_out
