"""Models made at random are what Keras and PyTorch make of them: every shape, every default name, every count."""

from __future__ import annotations

from math import prod
from typing import Any

import keras
import pytest
from hypothesis import given, seed, settings

from lstmdiag.frameworks import count
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from tests.figures import FIGURES
from tests.figures import document as of_figure
from tests.frameworks.keras_models import Built, build
from tests.frameworks.torch_layers import made
from tests.generator import Document, documents, text
from tests.layers.cases import CASES
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
        drawn = model(text(document))
        # Keras counts operations on masks among layers: after concatenate may come concatenate_2.
        assert differences(drawn, build(document, [layer.name for layer in drawn.layers])) == []

    compare()
    assert PARTS * len(seen) > 1_000, "too many are alike"


@seed(0)
@settings(max_examples=200, database=None)
@given(documents(chain=True, without=NOT_IN_KERAS))
def test_default_names_are_keras_s(document: Document) -> None:
    assert [*build(document).layers] == [layer.name for layer in model(text(document)).layers]


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


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure["name"])
def test_known_figures_are_keras_s(figure: dict[str, Any]) -> None:
    assert build(of_figure(figure)).model.count_params() == figure["keras"]


@pytest.mark.parametrize("name", [name for name in KINDS if hasattr(keras.layers, name)])
def test_what_loses_a_mask_supports_none(name: str) -> None:
    """Which of the others hand one on is compared on whole models above."""
    kind = KINDS[name]
    rule = kind.mask(kind.options.model_construct(mask_zero=True)) if callable(kind.mask) else kind.mask
    made = getattr(keras.layers, name)(**NEEDED[name])
    assert made.supports_masking == (rule != "ends")


NEEDED: dict[str, dict[str, Any]] = {
    **{name: options for name, options, *_ in CASES},
    **{name: {"units": 1} for name in ("LSTM", "GRU", "SimpleRNN")},
    "ConvLSTM2D": {"filters": 1, "kernel_size": 1},
    "Embedding": {"input_dim": 2, "output_dim": 1, "mask_zero": True},
    "Bidirectional": {"layer": keras.layers.LSTM(1)},
    "TimeDistributed": {"layer": keras.layers.Dense(1)},
}
"""Kind → arguments without which Keras does not make it."""
