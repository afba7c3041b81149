"""Models made at random are what Keras and PyTorch make of them: every shape, every default name, every count."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest
from hypothesis import given, seed, settings

from lstmdiag.frameworks import count
from lstmdiag.model import Model
from tests.frameworks.keras_models import Built, build
from tests.frameworks.torch_layers import made
from tests.generator import Document, documents, text
from tests.models import model
from tests.options import OWN

NOT_IN_KERAS = (*OWN, "PeepholeLSTM", "projection")
PARTS, EACH = 4, 500


def numbers(weights: list[Any]) -> int:
    return sum(prod(weight.shape) for weight in weights)


def differences(drawn: Model, built: Built) -> list[str]:
    found: list[str] = []

    def same(what: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            found.append(f"{what}: {ours} here, {theirs} in Keras")

    for layer in drawn.layers:
        parts = {f"{layer.name}.{part}": shape for part, shape in layer.parts.items()} or {layer.name: layer.output}
        for ref, shape in {**parts, **{f"{layer.name}.{name}": of for name, of in layer.states.items()}}.items():
            same(ref, shape, built.tensors[ref].shape[1:])
        masks = [getattr(built.tensors[ref], "_keras_mask", None) is not None for ref in parts]
        same(f"{layer.name}, with a mask", [layer.gives_mask] * len(parts), masks)
        if not layer.shared:
            theirs = built.layers[layer.name]
            same(layer.name, layer.params, theirs.count_params())
            same(f"{layer.name}, frozen", layer.frozen_params, numbers(theirs.non_trainable_weights))
    same("all", drawn.params, built.model.count_params())
    same("all, frozen", drawn.frozen_params, numbers(built.model.non_trainable_weights))
    same("outputs", [drawn.shape(ref) for ref in drawn.outputs], [tensor.shape[1:] for tensor in built.model.outputs])
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_shapes_and_counts_are_keras_s(part: int) -> None:
    seen: set[str] = set()

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(documents(without=NOT_IN_KERAS))
    def compare(document: Document) -> None:
        seen.add(text(document))
        assert differences(model(text(document)), build(document)) == []

    compare()
    assert PARTS * len(seen) > 1_000, "too many are alike"


@pytest.mark.parametrize("part", range(PARTS))
def test_counts_are_pytorch_s(part: int) -> None:
    """Of the layers that PyTorch has."""
    seen: set[str] = set()

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(documents(without=OWN))
    def compare(document: Document) -> None:
        for layer in model(text(document)).layers:
            theirs = None if layer.shared else made(layer)
            if theirs is not None:
                seen.add(layer.kind)
                assert count(layer, "pytorch") == sum(each.numel() for each in theirs.parameters()), layer.call

    compare()
    assert {"LSTM", "GRU", "SimpleRNN", "Bidirectional", "Dense", "TimeDistributed"} <= seen
