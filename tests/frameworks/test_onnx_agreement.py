"""Files that PyTorch writes agree with the spec they were written from, and no longer where one operator is another.

ONNX Runtime is the judge: a file is told of if and only if its numbers are others than ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import onnx
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError
from lstmdiag.model import Model
from lstmdiag.running import graph_agreement, loading, run
from lstmdiag.running.inputs import any_length
from tests.frameworks.onnx_export import Whole, export, inputs, judged, lacks
from tests.generator import documents, text
from tests.models import model
from tests.options import OWN

PARTS, EACH = 4, 50
WITHOUT = (*OWN, "PeepholeLSTM", "ConvLSTM2D", "Masking", "mask_zero")
"""Kinds that PyTorch lacks; masks are not in its files."""


def told(of: Model, path: Path) -> list[str]:
    try:
        loading.load(of, path)
    except LstmdiagError as error:
        return [problem.message for problem in error.problems]
    return []


def weights(of: Model, path: Path) -> Mapping[str, Array] | None:
    """Those in a file, whatever else it computes; None where its layers are others."""
    try:
        with (
            patch.object(graph_agreement, "differences", lambda *_: []),
            patch.object(loading, "_differing", lambda *_: ()),
        ):
            return loading.load(of, path)
    except LstmdiagError:
        return None


def alike(ours: tuple[Array, ...], theirs: list[Array]) -> bool:
    def near(a: Array, b: Array) -> bool:
        most = float(np.abs(a).max(initial=1))
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-3, atol=1e-4 * most, equal_nan=True)

    return len(ours) == len(theirs) and all(map(near, ours, theirs))


def ours(of: Model, held: Mapping[str, Array], given_: list[Array]) -> tuple[Array, ...]:
    with np.errstate(all="ignore"):
        return run(of, [each.astype(float) if each.dtype.kind == "f" else each for each in given_], held).outputs


def written(of: Model, number: int, path: Path, any_batch: bool) -> list[Array] | None:
    """The inputs of a file made by the old exporter; None where PyTorch cannot make one."""
    if lacks(of):
        return None
    given_ = inputs(of, 2, number)
    try:
        export(Whole(of, number), given_, path, dynamo=False, any_batch=any_batch)
    except (RuntimeError, ValueError, onnx.checker.ValidationError):  # what other axes PyTorch's own layer wants
        return None
    return given_


@pytest.mark.parametrize("part", range(PARTS))
def test_a_file_is_told_of_if_its_numbers_are_others(part: int, tmp_path: Path) -> None:
    seen: set[str] = set()

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(documents(without=WITHOUT, most=5), st.integers(0, 99), st.booleans())
    def differ(document: Any, number: int, any_batch: bool) -> None:
        of, path = any_length(model(text(document))), tmp_path / "m.onnx"
        given_ = written(of, number, path, any_batch)
        held = None if given_ is None else weights(of, path)
        if given_ is None or held is None:
            return
        found = told(of, path)
        same = alike(ours(of, held, given_), judged(path, given_))
        assert bool(found) != same, found
        seen.update(layer.innermost.kind for layer in of.layers if same)

    differ()
    assert {"Dense", "Activation"} <= seen and seen & {"LSTM", "GRU", "SimpleRNN"}


STACK = """version: 1
input: {steps: 6, features: 3}
layers:
  - Conv1D: {filters: 5, kernel_size: 3, activation: relu}
  - BatchNormalization
  - Bidirectional: {layer: {LSTM: {units: 4, return_sequences: true}}, merge_mode: sum}
  - GRU: {units: 5, return_sequences: true}
  - LayerNormalization
  - Dense: {units: 4, activation: gelu}
  - Activation: leaky_relu
  - MaxPooling1D: 2
  - Permute: [2, 1]
  - Flatten
  - Dense: {units: 3, activation: softmax}
"""
Change = Callable[[Any], None]
INSERTED = ("Relu", "Neg", "Tanh", "Sigmoid", "LeakyRelu", "Clip")


def altered(proto: Any) -> Iterator[tuple[str, Any]]:
    """The file with one operator more, one less, or one attribute or constant changed."""

    def copy() -> Any:
        made = onnx.ModelProto()
        made.CopyFrom(proto)
        return made

    for place, node in enumerate(proto.graph.node):
        for operator in (INSERTED[place % len(INSERTED)],):
            more = copy()
            made = onnx.helper.make_node(operator, ["before"], [node.output[0]], name="inserted")
            if operator == "Clip":
                more.graph.initializer.append(onnx.numpy_helper.from_array(np.array(-0.1, "f4"), "least"))
                made.input.append("least")
            more.graph.node[place].output[0] = "before"
            more.graph.node.insert(place + 1, made)
            yield f"{operator} after {node.op_type} {place}", more
        if len(node.input) and node.op_type not in ("Shape", "Constant"):
            less = copy()
            less.graph.node[place].CopyFrom(onnx.helper.make_node("Identity", [node.input[0]], [node.output[0]]))
            yield f"no {node.op_type} {place}", less
        for number, attribute in enumerate(node.attribute):
            for change in _CHANGES.get(attribute.type, ()):
                other = copy()
                change(other.graph.node[place].attribute[number])
                yield f"{attribute.name} of {node.op_type} {place}", other


def _last(numbers: Any) -> None:
    numbers[-1] = numbers[-1] + 1


_CHANGES: Mapping[int, tuple[Change, ...]] = {
    onnx.AttributeProto.FLOAT: (lambda each: setattr(each, "f", each.f * 1.5 + 0.01),),
    onnx.AttributeProto.INT: (lambda each: setattr(each, "i", each.i + 1), lambda each: setattr(each, "i", 0)),
    onnx.AttributeProto.INTS: (lambda each: _last(each.ints), lambda each: each.ints.reverse()),
}


def test_one_operator_or_attribute_that_is_another_is_told(tmp_path: Path) -> None:
    of, path, other = model(STACK), tmp_path / "m.onnx", tmp_path / "other.onnx"
    given_ = written(of, 3, path, any_batch=False)
    assert given_ is not None and not told(of, path)
    counted, missed = 0, []
    for what, proto in altered(onnx.load(path)):
        onnx.save(proto, other)
        try:
            theirs = judged(other, given_)
        except Exception:  # no model any more
            continue
        same = weights(of, other)  # factors of a Gemm are read into the weights
        if same is not None and alike(ours(of, same, given_), theirs):
            continue
        counted += 1
        if not told(of, other):
            missed.append(what)
    assert not missed and counted > 30, (counted, missed)


NEW = {
    "lstm": "input: {steps: 4, features: 3}\nlayers:\n  - LSTM: 4\n  - Dense: {units: 2, activation: relu}\n",
    "gru both": "input: {steps: 4, features: 3}\nlayers:\n  - Bidirectional: {GRU: 4}\n  - Dense: 2\n",
    "large, in order in the graph": "input: {steps: 3, dtype: int}\nlayers:\n"
    "  - Embedding: {input_dim: 50, output_dim: 8}\n  - LSTM: {units: 130, return_sequences: true}\n"
    "  - LayerNormalization\n  - Dense: {units: 3, activation: softmax}\n",
    "every kind": STACK.partition("\n")[2],
}


@pytest.mark.parametrize("case", NEW)
def test_pytorch_s_new_exporter(case: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="PyTorch's new exporter needs onnxscript")
    of, path = model("version: 1\n" + NEW[case]), tmp_path / "m.onnx"
    given_ = inputs(of, 2, 5)
    export(Whole(of, 5), given_, path, dynamo=True, any_batch=case != "every kind")
    assert (tmp_path / "m.onnx.data").exists()
    assert not told(of, path)
    assert alike(ours(of, loading.load(of, path), given_), judged(path, given_))


def test_pytorch_s_new_exporter_unrolls_its_rnn(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="PyTorch's new exporter needs onnxscript")
    of, path = model("version: 1\ninput: {steps: 5, features: 3}\nlayers:\n  - SimpleRNN: 4\n"), tmp_path / "m.onnx"
    export(Whole(of, 5), inputs(of, 2, 5), path, dynamo=True, any_batch=False)
    (found,) = told(of, path)
    assert "the recurrence stands unrolled in this file: " in found and "MatMul, Add, Tanh" in found


HEADS = ("linear", "relu", "tanh", "sigmoid")


@pytest.mark.parametrize("wanted", HEADS)
@pytest.mark.parametrize("made", HEADS)
def test_a_relu_rnn_and_its_head(made: str, wanted: str, tmp_path: Path) -> None:
    """The case that printed -0.0146 for ONNX Runtime's -0.0130: what is loaded gives ONNX Runtime's number."""
    spec = ("version: 1\ninput: {{steps: 4, features: 3}}\nlayers:\n  - SimpleRNN: {{units: 4, activation: {}}}\n"
            "  - Dense: {{units: 1, activation: {}}}\n")  # fmt: skip
    path, of = tmp_path / "m.onnx", model(spec.format("relu", made))
    given_ = written(of, 1, path, any_batch=True)
    assert given_ is not None
    assert bool(told(model(spec.format("relu", wanted)), path)) == (made != wanted)
    assert told(model(spec.format("tanh", made)), path) == [
        "m.onnx: simple_rnn: activations is Relu in the file, Tanh in the spec"
    ]
    np.testing.assert_allclose(
        ours(of, loading.load(of, path), given_)[0], judged(path, given_)[0], rtol=1e-4, atol=1e-5
    )
