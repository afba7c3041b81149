"""Recurrent layers that follow each other and are alike: PyTorch says them as one, with num_layers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lstmdiag.frameworks import lacks, row_of
from lstmdiag.frameworks.framework import Stack
from lstmdiag.frameworks.pytorch_recurrent import recurrent_call
from lstmdiag.frameworks.pytorch_returns import final_shape
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.words import Words


def stacks(model: Model) -> Iterator[Stack]:
    """Each run of them, as long as it goes."""
    start = 0
    while start < len(model.layers):
        run, dropout, start = _from(model, start)
        if len(run) > 1:
            yield Stack(run, _call(run[0], len(run), dropout), _states(run))


def _states(layers: tuple[Layer, ...]) -> str:
    """`Its h_n is (2, N, 8), from the lowest layer on.`"""
    first = layers[0]
    name, shape = next(iter(first.innermost.states.items()))
    stacked = final_shape(first, shape, len(layers))
    return Words("pytorch").say("stack", name=name, shape=stacked, both_ways=first.backward is not None)


def _call(layer: Layer, number: int = 1, dropout: float = 0.0) -> str:
    """What makes so many of it, with that share dropped between them in training; '' where there is no such layer."""
    row = row_of(layer, "pytorch")
    return recurrent_call(row.call, layer, number, dropout) if row and row.arrays and layer.recurrent else ""


def _from(model: Model, start: int) -> tuple[tuple[Layer, ...], float, int]:
    """The layers that begin at a place as one, the share dropped between them, and the place behind them.

    A Dropout between two of them belongs to them.
    """
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
    return tuple(run), shares[0] if shares else 0.0, at + 1


def _said(layer: Layer) -> bool:
    """Whether PyTorch has such a layer, reading from the start and starting with zeros."""
    if not _call(layer) or lacks(layer, "pytorch"):
        return False
    options = layer.innermost.options
    plain = not (options.go_backwards or layer.initial_state or layer.shared or (layer.inner and not layer.backward))
    return plain and (layer.backward is None or layer.options.merge_mode == "concat")


def _alike(below: Layer, layer: Layer) -> bool:
    """Whether a layer reads every step of one that is like it, and is as wide."""
    if not _said(layer) or not below.returns_sequences or below.returns_state:
        return False
    one, other = (_call(each).partition(", ")[2] for each in (below, layer))
    return below.kind == layer.kind and below.innermost.kind == layer.innermost.kind and one == other


def _alone(model: Model, layer: Layer) -> bool:
    """Whether one layer alone reads what it gives, and the model does not give it out."""
    given_out = any(model.owner(reference)[0].name == layer.name for reference in model.outputs)
    return len(model.readers(layer.name)) == 1 and not given_out
