"""Layers of models made at random give PyTorch's numbers in float64, where PyTorch has the layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from torch.nn import functional

from lstmdiag import frameworks
from lstmdiag.layer import Layer
from lstmdiag.running import Trace
from tests.frameworks.deviations import kind_of, same
from tests.frameworks.numbers import Numbers, numbers, started, stored
from tests.frameworks.torch_layers import RECURRENT, made
from tests.generator import Document, text
from tests.models import model
from tests.options import OWN
from tests.reference import read

PARTS, EACH = 4, 250
NEAR = {"rtol": 1e-9, "atol": 1e-12}
Tensor = Any

FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": functional.hardsigmoid,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "relu6": functional.relu6,
    "leaky_relu": lambda z: functional.leaky_relu(z, 0.2),
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "linear": lambda z: z,
    "softmax": lambda z: functional.softmax(z, -1),
}


def features_second(module: Any, x: Tensor) -> Tensor:
    """A layer that wants (N, features, steps), on (N, ..., features)."""
    flat = x.reshape(len(x), -1, x.shape[-1]).transpose(1, 2)
    return module(flat).transpose(1, 2).reshape(x.shape)


def normalized(options: Any, module: Any, x: Tensor) -> Tensor:
    module.eps = options.epsilon
    return features_second(module, x) if isinstance(module, torch.nn.BatchNorm1d) else module(x)


def convolved(options: Any, module: Any, x: Tensor) -> Tensor | None:
    if options.padding == "same" and options.strides > 1:
        return None
    missing = 0 if options.padding == "valid" else options.dilation_rate * (options.kernel_size - 1)
    before = missing // 2 if options.padding == "same" else missing
    module.stride, module.dilation = (options.strides,), (options.dilation_rate,)
    return module(functional.pad(x.transpose(1, 2), (before, missing - before))).transpose(1, 2)


RUNS: Mapping[str, Callable[[Any, Any, Tensor], Tensor | None]] = {
    "Dense": lambda options, module, x: module(x),
    "Activation": lambda options, module, x: x,
    "Embedding": lambda options, module, x: module(x.long()),
    "LayerNormalization": normalized,
    "BatchNormalization": normalized,
    "Conv1D": convolved,
}
"""Kind without states → its output before the activation; None where PyTorch's layer is another one."""


def compared(drawn: Numbers, trace: Trace, layer: Layer) -> bool:
    """Whether PyTorch has such a layer; if so, that it gives the same."""
    module = made(layer)
    if (
        layer.shared
        or layer.masked
        or frameworks.lacks(layer, "pytorch")
        or (module is None and layer.innermost.kind != "Activation")
    ):
        return False
    if module is not None:
        module.double().eval()
        for name, value in stored(layer, "pytorch", drawn.weights).items():
            getattr(module, name).data = torch.tensor(value)
    x = torch.tensor(read(drawn.model, trace, layer.inputs[0]))
    x = x if layer.innermost.kind == "Embedding" else x.double()
    if layer.states:
        compared_over_time(layer, trace, module, x)
        return True
    ours, inner, rows = trace[f"{layer.name}.output"], layer, x.shape[:1]
    while inner.inner:
        rows, inner = (*rows, x.shape[len(rows)]), inner.inner
        if inner.backward:
            return False
    x = x.reshape(-1, *x.shape[len(rows) :])
    if inner.recurrent:
        found = module(x.flip(1) if inner.options.go_backwards else x)[0]
        found = found if inner.returns_sequences else found[:, -1]
    elif inner.kind in RUNS:
        found = RUNS[inner.kind](inner.options, module, x)
        if found is None:
            return False
        found = FUNCTIONS[getattr(inner.options, "activation", None) or "linear"](found)
    else:
        return False
    same("PyTorch", kind_of(layer), ours, found.detach().reshape(*rows, *found.shape[1:]), NEAR, layer.name)
    return True


def compared_over_time(layer: Layer, trace: Trace, module: Any, x: Tensor) -> None:
    """Every output and final state, from the states that it began with."""
    ways = [each for each in (layer.inner, layer.backward) if each] or [layer]
    begun = [torch.tensor(np.stack([trace.start[f"{way.name}.{state}"] for way in ways])) for state in ways[0].states]
    with torch.no_grad():
        found, last = module(
            x.flip(1) if layer.innermost.options.go_backwards else x, begun[0] if len(begun) < 2 else begun
        )
    states = [last] if len(begun) < 2 else [*last]
    for state, values in zip(ways[0].states, states, strict=True):
        for way, value in zip(ways, values, strict=True):
            same("PyTorch", f"{kind_of(layer)}, states", trace.states[f"{way.name}.{state}"], value, NEAR, way.name)
    halves = [*found.chunk(len(ways), -1)]
    if not ways[0].returns_sequences:
        halves = [half[:, 0] if way is layer.backward else half[:, -1] for way, half in zip(ways, halves, strict=True)]
    ours = [trace[f"{layer.name}.{part}"] for part in layer.parts] or [trace[f"{layer.name}.output"]]
    merged = {"sum": lambda a, b: a + b, "mul": lambda a, b: a * b, "ave": lambda a, b: (a + b) / 2}
    mode = getattr(layer.options, "merge_mode", "concat")
    if mode in merged:
        halves = [merged[mode](*halves)]
    elif mode == "concat":
        halves = [torch.cat(halves, -1)]
    for one, other in zip(ours, halves, strict=True):
        same("PyTorch", kind_of(layer), one, other, NEAR, layer.name)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_number_is_pytorch_s(part: int) -> None:
    seen: set[str] = set()

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(started(without=(*OWN, "PeepholeLSTM", "ConvLSTM2D")), st.integers(0, 1_000))
    def differ(document: Document, number: int) -> None:
        drawn = numbers(model(text(document)), number)
        for trace in drawn.traces:
            seen.update(kind_of(layer) for layer in drawn.model.layers if compared(drawn, trace, layer))

    differ()
    assert {*RECURRENT, "Dense"} <= seen
    assert any(kind.startswith("Bidirectional") for kind in seen)
