"""Framework conventions: the counts of Keras 3.15 and PyTorch 2.13, every stored array, gate orders."""

from __future__ import annotations

import re
from math import prod
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag import frameworks
from lstmdiag.frameworks import FRAMEWORKS, arrays, count, lacks, row_of, source_text, total
from lstmdiag.frameworks.storage import FrameworkRow
from lstmdiag.layers import KINDS
from lstmdiag.tables import Table
from lstmdiag.views.tables import NAMES, table
from tests.examples import max_examples
from tests.models import CELLS, PACKAGED, lstm, model, of_cell, packaged

TOTALS = {
    "one-unit": (12, 16, 16),
    "three-units": (60, 72, 72),
    "three-units-two-features": (72, 84, 84),
    "stacked-classifier": (137_217, 137_985, 137_985),
    "encoder-decoder": (121_301, 122_101, 122_101),
}


@pytest.mark.parametrize("name", TOTALS)
def test_totals(name: str) -> None:
    found = packaged(name)
    assert tuple(total(found, framework) for framework in FRAMEWORKS) == TOTALS[name]
    assert found.params == TOTALS[name][0]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_kind_has_a_row_everywhere(framework: str) -> None:
    rows = FRAMEWORKS[framework].rows
    assert [kind for kind in KINDS if kind not in rows or not rows[kind].call] == []


def shapes(units: int, features: int, options: str = "") -> dict[str, dict[str, tuple[int, ...]]]:
    layer = lstm(units, features, options=options).layers[0]
    return {f: {array.name: array.shape for array in arrays(layer, f) or ()} for f in FRAMEWORKS}


def test_the_arrays_of_an_lstm() -> None:
    assert shapes(100, 1) == {
        "keras": {"kernel": (1, 400), "recurrent_kernel": (100, 400), "bias": (400,)},
        "pytorch": {
            "weight_ih_l0": (400, 1),
            "weight_hh_l0": (400, 100),
            "bias_ih_l0": (400,),
            "bias_hh_l0": (400,),
        },
        "onnx": {"W": (1, 400, 1), "R": (1, 400, 100), "B": (1, 800)},
    }


def test_without_bias_there_is_no_array_for_it() -> None:
    assert {f: list(found) for f, found in shapes(3, 2, "use_bias: false").items()} == {
        "keras": ["kernel", "recurrent_kernel"],
        "pytorch": ["weight_ih_l0", "weight_hh_l0"],
        "onnx": ["W", "R"],
    }
    layer = lstm(3, 2, options="use_bias: false").layers[0]
    assert [count(layer, f) for f in FRAMEWORKS] == [60, 60, 60]


def test_the_arrays_of_a_dense_layer() -> None:
    layer = packaged("stacked-classifier").layer("dense")
    found = {f: [(array.name, array.shape) for array in arrays(layer, f) or ()] for f in FRAMEWORKS}
    assert found == {
        "keras": [("kernel", (64, 128)), ("bias", (128,))],
        "pytorch": [("weight", (128, 64)), ("bias", (128,))],
        "onnx": [("B", (64, 128)), ("C", (128,))],
    }


def test_gate_orders() -> None:
    layer = lstm().layers[0]
    rows = {f: row_of(layer, f) for f in FRAMEWORKS}
    assert {f: row and row.gates for f, row in rows.items()} == {
        "keras": ("i", "f", "g", "o"),
        "pytorch": ("i", "f", "g", "o"),
        "onnx": ("i", "o", "f", "g"),
    }
    for row in rows.values():
        assert row is not None
        for array in row.arrays:
            for blocks in filter(None, (array.blocks, array.second)):
                assert blocks == ("R",) or tuple(name[2:] for name in blocks) == row.gates


@pytest.mark.parametrize("name", PACKAGED)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_weight_is_stored(name: str, framework: str) -> None:
    """Each once; a second bias besides; and the array is as large as what it holds."""
    for layer in packaged(name).layers:
        found = arrays(layer, framework)
        row = row_of(layer, framework)
        assert (found is None) == bool(layer.weights and not (row and row.arrays))
        if found is None or layer.shared:
            assert not found
            continue
        first = [block for array in found for block in array.layout.blocks]
        assert sorted(first) == sorted(weight.name for weight in layer.weights)
        sizes = {weight.name: weight.count for weight in layer.weights}
        for array in found:
            held = sum(sizes[block] for block in (*array.layout.blocks, *array.layout.second))
            assert (array.count, prod(array.shape)) == (0 if array.layout.buffer else held, held)


@max_examples(40)
@given(st.integers(1, 10**12), st.integers(1, 10**12), st.booleans())
def test_counts_are_exact(units: int, features: int, bias: bool) -> None:
    layer = lstm(units, features, options=f"use_bias: {str(bias).lower()}").layers[0]
    products = 4 * units * (units + features)
    assert count(layer, "keras") == layer.params == products + 4 * units * bias
    assert count(layer, "pytorch") == count(layer, "onnx") == products + 8 * units * bias
    for framework in FRAMEWORKS:
        assert all(array.count == prod(array.shape) for array in arrays(layer, framework) or ())


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_of_the_users_own_has_no_convention(name: str) -> None:
    found = of_cell(name)
    assert found.params > 0
    for framework in FRAMEWORKS:
        assert arrays(found.layers[0], framework) is None
        assert count(found.layers[0], framework) is total(found, framework) is None
        assert frameworks.terms(found.layers[0], framework) is None


def test_functions_that_a_framework_lacks() -> None:
    encoder, dense = packaged("encoder-decoder").layer("encoder"), packaged("stacked-classifier").layer("dense")
    assert {f: lacks(encoder, f) for f in FRAMEWORKS} == {"keras": (), "pytorch": (("activation", "relu"),), "onnx": ()}
    assert not any(lacks(dense, f) for f in FRAMEWORKS)
    gelu = lstm(options="activation: gelu, recurrent_activation: hard_sigmoid").layers[0]
    assert lacks(gelu, "pytorch") == (("activation", "gelu"), ("recurrent_activation", "hard_sigmoid"))
    assert lacks(gelu, "onnx") == (("activation", "gelu"),)


def test_a_wrapper_stores_what_it_wraps() -> None:
    layer = "TimeDistributed: {Dense: {units: 2, use_bias: false}}"
    found = model(f"version: 1\ninput: {{steps: 3, features: 5}}\nlayers:\n  - {layer}\n")
    assert [count(found.layers[0], f) for f in FRAMEWORKS] == [10, 10, 10]


@pytest.mark.parametrize(
    ("kind", "layer"),
    [
        ("LSTM", "LSTM: 3"),
        ("Dense", "Dense: 3"),
        ("Conv1D", "Conv1D: {filters: 3, kernel_size: 2}"),
        ("Bidirectional", "Bidirectional: {LSTM: 3}"),
        ("LSTM", "Bidirectional: {LSTM: 3}"),
    ],
)
def test_of_a_kind_without_a_row_nothing_false_is_said(kind: str, layer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for framework in FRAMEWORKS.values():
        monkeypatch.delitem(cast(dict[str, FrameworkRow], framework.rows), kind)
    found = model(f"version: 1\ninput: {{steps: 5, features: 2}}\nlayers:\n  - {layer}\n")
    said = [note for name in NAMES for part in all_parts(table(found, name)) for note in part.notes]
    sources = [written for each in FRAMEWORKS if (written := source_text(found, each)) is not None]
    assert f"lstmdiag does not know {kind}'s name in Keras" in sources[0]
    assert f"lstmdiag does not know how Keras, PyTorch and ONNX would store {kind}, and does not count it." in said
    assert f"lstmdiag does not know what {kind} is called in Keras, PyTorch and ONNX." in said
    false = re.compile(f"no framework|no layer (like|{kind})|does not have", re.IGNORECASE)
    assert not any(false.search(text) for text in (*said, *sources))


def test_a_kind_that_a_framework_lacks_is_told_once() -> None:
    layers = "  - PeepholeLSTM: {units: 3, return_sequences: true}\n  - Bidirectional: {PeepholeLSTM: 3}\n"
    notes = table(model(f"version: 1\ninput: {{steps: 5, features: 2}}\nlayers:\n{layers}"), "params").notes
    about = [note for note in notes if "PeepholeLSTM" in note]
    assert about == [
        "PyTorch has no layer PeepholeLSTM, and no convention to count it by.",
        "Keras has no PeepholeLSTM; it is counted like Keras's own recurrent layers.",
    ]


def all_parts(of: Table) -> list[Table]:
    return [of, *of.parts]
