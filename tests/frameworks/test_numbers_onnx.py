"""Recurrent layers of models made at random give ONNX Runtime's numbers in float32, where ONNX has the layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from lstmdiag import frameworks
from lstmdiag.cells.numbers import Array
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.running import Trace
from lstmdiag.running import run as passed
from lstmdiag.running.loading import load
from tests.frameworks.deviations import kind_of, same
from tests.frameworks.numbers import Numbers, numbers, started, stored
from tests.frameworks.onnx_layers import OPERATORS, run
from tests.generator import Document, text
from tests.models import model
from tests.options import OWN
from tests.reference import read
from tests.running.test_loading_onnx import ALIKE, CONV, CONVOLUTIONS, DENSE, FLAT, SPEC, convolution, save, write

PARTS, EACH = 4, 150
NEAR = {"rtol": 1e-5, "atol": 1e-5}


def compared(drawn: Numbers, trace: Trace, layer: Layer) -> bool:
    """Whether ONNX has such a layer; if so, that it gives the same at every step and at the end."""
    known = layer.states and layer.innermost.kind in OPERATORS and not frameworks.lacks(layer, "onnx")
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


def both(of: Model, path: Path, x: Array, given: Array) -> tuple[Trace, Array]:
    """A pass with the weights of a file, and ONNX Runtime's first output for the same file."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return passed(of, [x], load(of, path)), session.run(None, {"x": given.astype("f4")})[0]


@pytest.mark.parametrize("case", ALIKE)
def test_what_is_loaded_from_a_file_gives_onnx_runtime_s_numbers(case: str, tmp_path: Path) -> None:
    spec, nodes = ALIKE[case]
    write(tmp_path / "m.onnx", nodes)
    of = model(SPEC.format(spec))
    x = np.random.default_rng(2).normal(size=(3, 4, 3))
    trace, y = both(of, tmp_path / "m.onnx", x, x.swapaxes(0, 1))
    (layer,) = of.layers
    for number, way in enumerate([each for each in (layer.inner, layer.backward) if each] or [layer]):
        np.testing.assert_allclose(trace[f"{way.name}.h"], y[:, number].swapaxes(0, 1), **NEAR)


@pytest.mark.parametrize("case", DENSE)
def test_so_do_products(case: str, tmp_path: Path) -> None:
    nodes, arrays, *_ = DENSE[case]
    save(tmp_path / "m.onnx", nodes, arrays, ["N", 3])
    x = np.random.default_rng(2).normal(size=(5, 3))
    trace, y = both(model(FLAT), tmp_path / "m.onnx", x, x)
    np.testing.assert_allclose(trace.outputs[0], y, **NEAR)


@pytest.mark.parametrize("case", [case for case, (*_, problems) in CONVOLUTIONS.items() if not problems])
def test_so_do_convolutions(case: str, tmp_path: Path) -> None:
    options, attributes, padded, _ = CONVOLUTIONS[case]
    convolution(tmp_path / "m.onnx", attributes, padded)
    x = np.random.default_rng(2).normal(size=(5, 4, 3))
    trace, y = both(model(SPEC.format(CONV.format(options))), tmp_path / "m.onnx", x, x.swapaxes(1, 2))
    np.testing.assert_allclose(trace.outputs[0], y.swapaxes(1, 2), **NEAR)
