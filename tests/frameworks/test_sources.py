"""The source text that pages show runs, in Keras and in PyTorch: the same counts and shapes, and the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import torch
from hypothesis import given, seed, settings

from lstmdiag import frameworks
from lstmdiag.frameworks import (
    FRAMEWORKS,
    keras_source,
    pytorch_source,
)
from lstmdiag.layer import Layer, inside
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from tests.generator import Document, documents, text
from tests.models import GRAPHS, PACKAGED, graph, packaged
from tests.models import model as made
from tests.options import OWN

pytestmark = pytest.mark.filterwarnings("ignore")

MODELS = {**{name: packaged(name) for name in PACKAGED}, **{name: graph(name) for name in GRAPHS}}
IN_KERAS = [name for name, model in MODELS.items() if "does not have" not in keras_source.source(model)]
LARGE = 20_000  # parameters; with more, sums in another order drift apart over the steps
IN_TORCH = [name for name, model in MODELS.items() if "torch.nn has no layer" not in pytorch_source.source(model)]


def built(model: Model) -> Any:
    scope: dict[str, Any] = {}
    exec(keras_source.source(model), scope)
    return scope["model"]


def ran(model: Model, given: list[Any], held: Any = None) -> tuple[list[Any], int]:
    """What the forward pass in PyTorch gives, and how many parameters its modules have."""
    scope: dict[str, Any] = {}
    exec(pytorch_source.source(model), scope)
    modules = [each for each in scope.values() if isinstance(each, torch.nn.Module)]
    parameters = [each for each in scope.values() if isinstance(each, torch.nn.Parameter)]
    parameters += [each for module in modules for each in module.parameters()]
    for module in modules:
        module.eval()
    if held is not None:
        load(model, held, scope)
    with torch.no_grad():
        found = scope["forward"](*given)
    count = sum(each.numel() for each in {id(each): each for each in parameters}.values())
    return list(found) if isinstance(found, tuple) else [found], count


def load(model: Model, held: Any, scope: dict[str, Any]) -> None:
    """Keras's numbers into PyTorch's arrays, by way of the packings: block by block."""
    made = [each for each in scope.values() if isinstance(each, torch.nn.Module)]
    weighted = [layer for layer in model.layers if layer.weights and not layer.shared]
    theirs = [layer for layer in held.layers if layer.weights]
    for layer, module, source in zip(weighted, made_with_weights(made), in_order(weighted, theirs), strict=True):
        blocks = unpacked(layer, source)
        row = frameworks.arrays(layer, "pytorch") or ()
        for stored in row:
            names = (*stored.layout.blocks, *stored.layout.second)
            parts = [
                blocks[name] if i < len(stored.layout.blocks) else 0 * blocks[name] for i, name in enumerate(names)
            ]
            numbers = np.concatenate(parts) if parts[0].ndim else parts[0]
            getattr(module, stored.name).data = torch.tensor(numbers)


def made_with_weights(modules: list[Any]) -> list[Any]:
    """Those that hold arrays themselves, in the order they were made."""
    return [part for module in modules for part in module.modules() if any(True for _ in part.parameters(False))]


def in_order(layers: list[Layer], theirs: list[Any]) -> list[Any]:
    """By name; names that Keras counts on from one model to the next, by order."""
    named = {each.name: each for each in theirs}
    rest = [each for each in theirs if each.name not in {layer.options.name for layer in layers}]
    return [named[layer.name] if layer.options.name in named else rest.pop(0) for layer in layers]


def unpacked(layer: Layer, source: Any) -> dict[str, Any]:
    """The mathematical weights, (out, in), out of Keras's arrays."""
    blocks: dict[str, Any] = {}
    sizes = {weight.name: weight.shape for weight in layer.weights}
    for stored, value in zip(frameworks.arrays(layer, "keras") or (), source.weights, strict=True):
        numbers = np.asarray(value)
        assert numbers.shape == stored.shape, (stored.name, numbers.shape)
        if stored.layout.transposed:
            numbers = numbers.T
        elif stored.layout.axes:
            numbers = numbers.transpose(np.argsort(stored.layout.axes))
        elif stored.layout.across and numbers.ndim == 2:
            numbers = numbers.reshape(-1)
        at = 0
        for name in stored.layout.blocks:
            rows = sizes[name][0] if sizes[name] else 1
            blocks[name] = numbers[at : at + rows] if sizes[name] else numbers
            at += rows
    return blocks


def inputs(model: Model, seed: int = 5) -> list[Any]:
    random = np.random.default_rng(seed)
    found = []
    for source in model.inputs:
        shape = (source.batch or 2, *(4 if size is None else size for size in source.shape))
        whole = source.dtype == "int"
        found.append(random.integers(1, 5, shape) if whole else random.normal(size=shape).astype("float32"))
    return found


@pytest.mark.parametrize("name", IN_KERAS)
def test_keras_source_runs(name: str) -> None:
    model = MODELS[name]
    held = built(model)
    assert held.count_params() == model.params == frameworks.total(model, "keras")
    trained = sum(int(np.prod(weight.shape)) for weight in held.trainable_weights)
    assert trained == model.params - model.frozen_params
    assert [shape.shape[1:] for shape in held.outputs] == [model.shape(reference) for reference in model.outputs]


@pytest.mark.parametrize("name", [name for name in IN_KERAS if MODELS[name].params <= LARGE])
def test_keras_source_gives_the_numbers_that_a_trace_gives(name: str, tmp_path: Path) -> None:
    """With the weights that Keras saves; sequences of tokens end in padding."""
    keras.utils.clear_session()  # it counts names on from one model to the next
    model = MODELS[name]
    held = built(model)
    held.save(tmp_path / "held.keras")
    given = inputs(model)
    for array in given:
        if array.dtype.kind == "i":
            array[:, -1:] = 0
    data = dict(zip((source.name for source in model.inputs), given, strict=True)) if len(given) > 1 else given[0]
    found = None
    for _ in range(2 if any(layer.innermost.options.stateful for layer in model.recurrent) else 1):
        wanted = held(given if len(given) > 1 else given[0])
        found = values(model, data, tmp_path / "held.keras", after=found)
        for want, got in zip(
            wanted if isinstance(wanted, list | tuple) else [wanted], found.trace.outputs, strict=True
        ):
            assert np.allclose(keras.ops.convert_to_numpy(want), got, rtol=1e-4, atol=1e-5)


@seed(0)
@settings(max_examples=60, database=None)
@given(documents(without=(*OWN, "PeepholeLSTM", "projection")))
def test_keras_source_of_models_made_at_random(document: Document) -> None:
    """What is trained and what is not; numbers are compared in test_numbers, of models that are built from the spec."""
    keras.utils.clear_session()
    model = made(text(document))
    if "does not have" in keras_source.source(model):
        return
    held = built(model)
    assert held.count_params() == model.params
    frozen = sum(int(np.prod(weight.shape)) for weight in held.non_trainable_weights if "seed" not in weight.path)
    assert frozen == model.frozen_params, keras_source.source(model)


@pytest.mark.parametrize("name", IN_TORCH)
def test_torch_source_runs(name: str) -> None:
    model = MODELS[name]
    given = inputs(model)
    found, count = ran(model, [torch.tensor(each) for each in given])
    assert count == frameworks.total(model, "pytorch")
    known = [model.shape(reference) for reference in model.outputs]
    assert len(found) == len(known)
    for each, shape in zip(found, known, strict=True):
        assert tuple(each.shape[1:]) == tuple(4 if size is None else size for size in shape)


def alike(layer: Layer) -> bool:
    return not any(frameworks.lacks(layer, framework) for framework in FRAMEWORKS) and not layer.masked


SAME = [
    name
    for name in IN_TORCH
    if name in IN_KERAS
    and MODELS[name].params < LARGE
    and all(alike(each) for layer in MODELS[name].layers for each in (layer, *inside(layer)))
    and not any(note in pytorch_source.source(MODELS[name]) for note in ("nn.Parameter", "# axis", "depends on"))
]


@pytest.mark.parametrize("name", SAME)
def test_both_sources_give_the_same_numbers(name: str) -> None:
    model = MODELS[name]
    held, given, random = built(model), inputs(model), np.random.default_rng(3)
    for weight in held.weights:
        if "seed" not in weight.path and "moving" not in weight.path:
            weight.assign(random.uniform(-0.7, 0.7, size=weight.shape))
    wanted = held(given if len(given) > 1 else given[0])
    found, _ = ran(model, [torch.tensor(each) for each in given], held)
    for one, other in zip(found, wanted if isinstance(wanted, list | tuple) else [wanted], strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), rtol=1e-4, atol=1e-5)
