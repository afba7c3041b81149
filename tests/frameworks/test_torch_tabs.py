"""The PyTorch text of a page gives our numbers, call after call, or says in a comment why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, seed, settings

from lstmdiag.cells.numbers import Array
from lstmdiag.frameworks import pytorch_source
from lstmdiag.model import Model
from tests.frameworks.numbers import Numbers, numbers, started, stored
from tests.generator import Document, text
from tests.models import GRAPHS, PACKAGED, graph, model, packaged
from tests.options import OWN

pytestmark = pytest.mark.frameworks

PARTS, EACH = 2, 250
OTHERWISE = (
    "has no layer like", "the numbers do not", "PyTorch carries no mask", "depends on the number of steps",
    "other steps may meet", "must be moved to its place first",
)  # fmt: skip
"""What the comments say where the numbers are others."""

MODELS = {**{name: packaged(name) for name in PACKAGED}, **{name: graph(name) for name in GRAPHS}}


def same(drawn: Numbers) -> bool:
    """Whether the text claims to give our numbers; if so, that it does, each call going on after the one before."""
    source = pytorch_source.source(drawn.model)
    compile(source, "tab", "exec")
    if any(said in line for said in OTHERWISE for line in source.splitlines() if "#" in line):
        return False
    scope: dict[str, Any] = {}
    exec(source, scope)
    load(drawn.model, drawn.weights, scope)
    for given_inputs, trace in zip(drawn.calls, drawn.traces, strict=True):
        tensors = [torch.tensor(each) for each in given_inputs]
        found = scope["forward"](*(each if each.dtype == torch.int64 else each.double() for each in tensors))
        found = found if isinstance(found, tuple) else (found,)
        for ours, theirs in zip(trace.outputs, found, strict=True):
            np.testing.assert_allclose(theirs.detach(), ours, rtol=1e-8, atol=1e-10, err_msg=source)
    return True


def load(made: Model, weights: Mapping[str, Array], scope: dict[str, Any]) -> None:
    """Our numbers into the modules and parameters of the text."""
    for each in scope.values():
        if isinstance(each, torch.nn.Module):
            each.double().eval()
    variables = pytorch_source.names_of(made)
    for layer in made.layers:
        if not layer.weights or layer.shared:
            continue
        variable = variables[layer.name]
        for name, value in stored(layer, "pytorch", weights).items():
            if f"{variable}_{name}" in scope:
                scope[f"{variable}_{name}"].data = torch.tensor(value)
                continue
            parts = scope[variable].modules()
            holder = next(
                part for part in parts if name in {**dict(part.named_parameters()), **dict(part.named_buffers())}
            )
            assert getattr(holder, name).shape == value.shape
            getattr(holder, name).data = torch.tensor(value)
        parts = dict(scope[variable].named_parameters()) if variable in scope else {}
        learned = [weight.trainable for weight in layer.weights if not weight.name.startswith("moving_")]
        assert {each.requires_grad for each in parts.values()} <= {*learned}, variable


@pytest.mark.parametrize("name", MODELS)
def test_every_tab_gives_our_numbers_or_says_why_not(name: str) -> None:
    if MODELS[name].params > 200_000:
        pytest.skip("its numbers alone take seconds; the same layers are in smaller models")
    same(numbers(MODELS[name], 3))


def test_what_is_kept_is_kept_until_it_is_none() -> None:
    """A second call goes on where the first one ended; None begins anew."""
    drawn = numbers(packaged("stateful-forecast"), 3)
    assert same(drawn)
    scope: dict[str, Any] = {}
    exec(pytorch_source.source(drawn.model), scope)
    load(drawn.model, drawn.weights, scope)
    x = torch.tensor(drawn.calls[0][0])
    first, second = scope["forward"](x), scope["forward"](x)
    assert not torch.allclose(first, second)
    scope["lstm_state"] = None
    assert torch.equal(scope["forward"](x), first)
    scope["forward"](x).sum().backward()  # what was kept is no part of it


STATEFUL = [
    f"{kind}: {{units: 3, stateful: true, return_sequences: true{more}}}"
    for kind in ("LSTM", "GRU", "SimpleRNN")
    for more in ("", ", go_backwards: true", ", trainable: false", ", name: lstm_state")
] + [
    f"Bidirectional: {{merge_mode: {mode}, layer: {{{kind}: {{units: 3, stateful: true, return_sequences: {every}}}}}}}"
    for kind in ("LSTM", "GRU", "SimpleRNN")
    for mode in ("concat", "sum", "mul", "ave")
    for every in ("true", "false")
]


@pytest.mark.parametrize("layer", STATEFUL)
def test_every_stateful_layer_goes_on(layer: str) -> None:
    source = f"version: 1\ninput: {{steps: 4, features: 2, batch: 2}}\nlayers: [{{{layer}}}, {{Dense: 2}}]\n"
    assert same(numbers(model(source), 5))


def test_a_stateful_layer_that_is_used_again_goes_on_from_its_first_use() -> None:
    source = """\
version: 1
inputs: {a: {steps: 4, features: 2, batch: 2}, b: {steps: 3, features: 2, batch: 2}}
layers:
  - GRU: {units: 3, stateful: true, name: g, from: a}
  - {use: g, from: b, name: again}
outputs: [g, again]
"""
    assert same(numbers(model(source), 5))


@pytest.mark.parametrize("part", range(PARTS))
def test_models_made_at_random(part: int) -> None:
    claimed, stateful = 0, 0

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(started(without=(*OWN, "PeepholeLSTM", "ConvLSTM2D", "projection", "Masking", "mask_zero")))
    def compare(document: Document) -> None:
        nonlocal claimed, stateful
        drawn = numbers(model(text(document)), part)
        if same(drawn):
            claimed += 1
            stateful += len(drawn.calls) > 1

    compare()
    assert claimed > EACH // 2 and stateful, (claimed, stateful)
