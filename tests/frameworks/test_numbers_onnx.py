"""Recurrent layers of models made at random give ONNX Runtime's numbers in float32, where ONNX has the layer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from lstmdiag import frameworks
from lstmdiag.layers import KINDS
from lstmdiag.model import Layer
from lstmdiag.running import Trace
from tests.frameworks.deviations import kind_of, same
from tests.frameworks.numbers import Numbers, numbers, started, stored
from tests.frameworks.onnx_layers import OPERATORS, run
from tests.generator import Document, text
from tests.models import model
from tests.options import OWN
from tests.reference import read

PARTS, EACH = 4, 150
NEAR = {"rtol": 1e-5, "atol": 1e-5}


def compared(drawn: Numbers, trace: Trace, layer: Layer) -> bool:
    """Whether ONNX has such a layer; if so, that it gives the same at every step and at the end."""
    known = layer.states and layer.maths.kind in OPERATORS and not frameworks.lacks(layer, "onnx")
    if not known or layer.shared or layer.masked:
        return False
    ways = [each for each in (layer.inner, layer.backward) if each] or [layer]
    begun = [np.stack([trace.start[f"{way.name}.{state}"] for way in ways]) for state in ways[0].states]
    x = read(drawn.model, trace, layer.inputs[0])
    y, *last = run(layer, stored(layer, "onnx", drawn.weights), x, begun)
    for number, way in enumerate(ways):
        same("ONNX Runtime", kind_of(layer), trace[f"{way.name}.h"], y[:, number].swapaxes(0, 1), NEAR, way.name)
        for state, values in zip(way.states, last, strict=True):
            what = f"{way.name}.{state}"
            same("ONNX Runtime", f"{kind_of(layer)}, states", trace.states[what], values[number], NEAR, what)
    return True


@pytest.mark.parametrize("part", range(PARTS))
def test_every_number_is_onnx_runtime_s(part: int) -> None:
    seen: set[str] = set()
    others = [name for name, kind in KINDS.items() if not kind.recurrent and name != "Dense"]

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(started(without=[*others, *OWN, "TimeDistributed", "ConvLSTM2D"]), st.integers(0, 1_000))
    def differ(document: Document, number: int) -> None:
        drawn = numbers(model(text(document)), number)
        for trace in drawn.traces:
            seen.update(kind_of(layer) for layer in drawn.model.layers if compared(drawn, trace, layer))

    differ()
    assert {*OPERATORS} <= seen
    assert any(kind.startswith("Bidirectional") for kind in seen)
