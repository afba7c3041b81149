"""An ONNX file and a spec are compared operator by operator: what only one of them computes is told, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmdiag.errors import LstmdiagError
from lstmdiag.running.loading import load
from tests.models import model
from tests.running.test_loading_onnx import STORED, make, node, recurrent, save, told
from tests.work import allocating, at_most

onnx = pytest.importorskip("onnx")

RANDOM = np.random.default_rng(11)
W, C = RANDOM.normal(size=(3, 4)).astype("f4"), RANDOM.normal(size=4).astype("f4")
FLAT = "version: 1\ninput: {{shape: [3]}}\nlayers:\n  - Dense: {{units: 4{}}}\n{}"
GEMM = make("Gemm", ["x", "B", "C"], "z")

FUNCTIONS: Mapping[str, tuple[list[Any], dict[str, Any]]] = {
    "linear": ([make("Identity", ["z"], "y")], {}),
    "relu": ([make("Relu", ["z"], "y")], {}),
    "relu6": ([make("Clip", ["z", "low", "high"], "y")], {"low": np.array(0, "f4"), "high": np.array(6, "f4")}),
    "leaky_relu": ([make("LeakyRelu", ["z"], "y", alpha=0.2)], {}),
    "elu": ([make("Elu", ["z"], "y")], {}),
    "selu": ([make("Selu", ["z"], "y")], {}),
    "sigmoid": ([make("Sigmoid", ["z"], "y")], {}),
    "hard_sigmoid": ([make("HardSigmoid", ["z"], "y", alpha=1 / 6, beta=0.5)], {}),
    "tanh": ([make("Tanh", ["z"], "y")], {}),
    "silu": ([make("Sigmoid", ["z"], "s"), make("Mul", ["z", "s"], "y")], {}),
    "gelu": (
        [make("Div", ["z", "root"], "a"), make("Erf", ["a"], "b"), make("Add", ["b", "one_"], "c"),
         make("Mul", ["z", "c"], "d"), make("Mul", ["d", "half"], "y")],
        {"root": np.array(2**0.5, "f4"), "one_": np.array(1, "f4"), "half": np.array(0.5, "f4")},
    ),
    "softplus": ([make("Softplus", ["z"], "y")], {}),
    "softsign": ([make("Softsign", ["z"], "y")], {}),
    "softmax": ([make("Softmax", ["z"], "y", axis=-1)], {}),
}  # fmt: skip
"""Function of a spec → how frameworks write it."""


def dense(path: Path, nodes: Sequence[Any], arrays: Mapping[str, Any] | None = None) -> Path:
    """A Gemm from x to z, and what comes after it."""
    save(path, [GEMM, *nodes], {"B": W, "C": C, **(arrays or {})}, ["N", 3])
    return path


@pytest.mark.parametrize("wanted", FUNCTIONS)
@pytest.mark.parametrize("written", FUNCTIONS)
def test_a_function_is_told_where_it_is_another(written: str, wanted: str, tmp_path: Path) -> None:
    """Whether it belongs to the layer or is one of its own in the spec."""
    path = dense(tmp_path / "m.onnx", *FUNCTIONS[written])
    for spec in (FLAT.format(f", activation: {wanted}", ""), FLAT.format("", f"  - Activation: {wanted}\n")):
        found = told(spec, path)
        assert bool(found) == (written != wanted), found
        assert len(found) < 2
        if found and written != "linear":
            assert any(each.op_type in found[0] for each in FUNCTIONS[written][0])
        if found and wanted != "linear":
            assert wanted in found[0] or "stands after it" in found[0]  # silu goes on from sigmoid


def test_what_is_told_says_where_it_belongs(tmp_path: Path) -> None:
    path = dense(tmp_path / "m.onnx", [make("LeakyRelu", ["z"], "y", alpha=0.3, name="act")])
    with pytest.raises(LstmdiagError) as caught:
        load(model(FLAT.format("", "")), path)
    (problem,) = caught.value.problems
    assert problem.message == (
        "m.onnx: dense: LeakyRelu(alpha=0.3) 'act' (node 2 of 2) stands after it in the file, nothing in the spec"
    )
    assert problem.at is not None and (problem.at.line, problem.at.column) == (4, 5)
    assert problem.hint == "add a layer to the spec that computes that; --ignore-config only warns"
    assert told(FLAT.format(", activation: relu", ""), path) == [
        "dense: activation is LeakyRelu(alpha=0.3) 'act' (node 2 of 2) in the file, relu in the spec"
    ]
    assert told(FLAT.format(", activation: relu", ""), dense(path, [make("Identity", ["z"], "y")])) == [
        "dense: activation is none in the file, relu in the spec"
    ]


TWO = FLAT.format(", activation: relu", "  - Dense: {units: 2, activation: tanh, name: last}\n")
LAST = {"V": RANDOM.normal(size=(4, 2)).astype("f4"), "D": RANDOM.normal(size=2).astype("f4")}


def test_two_differences_are_told_at_once(tmp_path: Path) -> None:
    nodes = [make("Elu", ["z"], "r"), make("Gemm", ["r", "V", "D"], "q"), make("Sigmoid", ["q"], "y")]
    assert told(TWO, dense(tmp_path / "m.onnx", nodes, LAST)) == [
        "dense: activation is Elu 'r' (node 2 of 4) in the file, relu in the spec",
        "last: activation is Sigmoid 'y' (node 4 of 4) in the file, tanh in the spec",
    ]


def test_an_operator_between_two_layers_is_told(tmp_path: Path) -> None:
    nodes = [make("Relu", ["z"], "r"), make("Softsign", ["r"], "s"), make("Gemm", ["s", "V", "D"], "q"),
             make("Tanh", ["q"], "y")]  # fmt: skip
    (found,) = told(TWO, dense(tmp_path / "m.onnx", nodes, LAST))
    assert found == (
        "dense: Softsign 's' (node 3 of 5) stands between 'dense' and 'last' in the file, nothing in the spec"
    )


FACTOR = {"k": np.array(2, "f4"), "wide": np.array(1e6, "f4"), "low": np.array(-1e6, "f4")}
AFTER: Mapping[str, tuple[list[Any], str]] = {
    "scaled": ([make("Mul", ["z", "k"], "y")], "Mul(2) 'y'"),
    "shifted": ([make("Add", ["z", "k"], "y")], "Add(2) 'y'"),
    "a wide clip, which no number shows": ([make("Clip", ["z", "low", "wide"], "y")], "Clip(-1000000, 1000000) 'y'"),
    "several": ([make("Exp", ["z"], "e"), make("Sqrt", ["e"], "y")], "Exp 'e' (node 2 of 3), Sqrt 'y' (node 3 of 3)"),
    "a mean": ([make("ReduceMean", ["z"], "y", axes=[1], keepdims=1)], "ReduceMean(axes=(1,), keepdims=1) 'y'"),
}  # fmt: skip


@pytest.mark.parametrize("case", AFTER)
def test_what_the_spec_lacks_is_named(case: str, tmp_path: Path) -> None:
    nodes, name = AFTER[case]
    named = {each for n in nodes for each in n.input}
    path = dense(tmp_path / "m.onnx", nodes, {k: v for k, v in FACTOR.items() if k in named})
    (found,) = told(FLAT.format("", ""), path)
    assert name in found and found.startswith("dense: ")


def test_operators_that_are_not_known_are_told(tmp_path: Path) -> None:
    path = dense(tmp_path / "m.onnx", [make("Hardmax", ["z"], "h"), make("Whirl", ["h"], "y", domain="com.example")])
    assert told(FLAT.format("", ""), path) == [
        "Hardmax 'h', node 2 of 3 of the file, is an operator that is not compared"
    ]
    path = dense(tmp_path / "m.onnx", [make("Whirl", ["z"], "y", domain="com.example")])
    assert told(FLAT.format("", ""), path) == [
        "Whirl 'y' of com.example, node 2 of 2 of the file, is an operator that is not compared"
    ]


def test_an_operator_whose_output_nobody_reads_changes_nothing(tmp_path: Path) -> None:
    assert not told(
        FLAT.format("", ""), dense(tmp_path / "m.onnx", [make("Tanh", ["z"], "t"), make("Identity", ["z"], "y")])
    )


TURN, POOL = make("Transpose", ["x"], "t", perm=[0, 2, 1]), {"kernel_shape": [2]}
BACK = make("Transpose", ["p"], "y", perm=[0, 2, 1])
SEQUENCE = "version: 1\ninput: {{steps: 4, features: 3}}\nlayers:\n  - {}\n"
MOVED: Mapping[str, tuple[str, list[Any], bool]] = {
    "permuted": ("Permute: [2, 1]", [make("Transpose", ["x"], "y", perm=[0, 2, 1])], True),
    "permuted in the spec only": ("Permute: [2, 1]", [make("Identity", ["x"], "y")], False),
    "permuted in the file only": ("Dropout: 0.5", [make("Transpose", ["x"], "y", perm=[0, 2, 1])], False),
    "reshaped": ("Reshape: [3, 4]", [make("Reshape", ["x", "34"], "y")], True),
    "reshaped for permuted": ("Permute: [2, 1]", [make("Reshape", ["x", "34"], "y")], False),
    "flattened": ("Flatten", [make("Flatten", ["x"], "y")], True),
    "flattened after turning": ("Flatten", [TURN, make("Flatten", ["t"], "y")], False),
    "steps turned round": ("Dropout: 0.5", [make("Slice", ["x", "from", "to", "axis", "back"], "y")], False),
    "the largest": ("GlobalMaxPooling1D", [make("ReduceMax", ["x"], "y", axes=[1], keepdims=0)], True),
    "the largest feature": ("GlobalMaxPooling1D", [make("ReduceMax", ["x"], "y", axes=[2], keepdims=0)], False),
    "the mean for the largest": ("GlobalMaxPooling1D", [make("ReduceMean", ["x"], "y", axes=[1], keepdims=0)], False),
    "softmax": ("Activation: softmax", [make("Softmax", ["x"], "y", axis=-1)], True),
    "softmax over steps": ("Activation: softmax", [make("Softmax", ["x"], "y", axis=1)], False),
    "joined": ("Concatenate: {from: [input, input]}", [make("Concat", ["x", "x"], "y", axis=2)], True),
    "joined along steps": ("Concatenate: {from: [input, input]}", [make("Concat", ["x", "x"], "y", axis=1)], False),
    "added": ("Add: {from: [input, input]}", [make("Add", ["x", "x"], "y")], True),
    "multiplied for added": ("Add: {from: [input, input]}", [make("Mul", ["x", "x"], "y")], False),
    "pooled": ("MaxPooling1D: 2", [TURN, make("MaxPool", ["t"], "p", **POOL, strides=[2]), BACK], True),
    "pooled with overlap": ("MaxPooling1D: 2", [TURN, make("MaxPool", ["t"], "p", **POOL, strides=[1]), BACK], False),
}  # fmt: skip


@pytest.mark.parametrize("case", MOVED)
def test_axes_and_orders_are_compared(case: str, tmp_path: Path) -> None:
    spec, nodes, right = MOVED[case]
    arrays = {
        "34": np.array([0, 3, 4]),
        "axis": np.array([1]),
        **{name: STORED[name] for name in ("from", "to", "back")},
    }
    named = {each for n in nodes for each in n.input}
    save(tmp_path / "m.onnx", nodes, {k: v for k, v in arrays.items() if k in named}, ["N", 4, 3])
    found = told(SEQUENCE.format(spec), tmp_path / "m.onnx")
    assert (not found) == right, found


def test_other_steps_are_told(tmp_path: Path) -> None:
    save(tmp_path / "m.onnx", [node("LSTM")], recurrent("LSTM"), [5, 1, 3])
    assert told(SEQUENCE.format("LSTM: 2"), tmp_path / "m.onnx") == [
        "the input 'x' is (5, 1, 3) in the file, (?, 4, 3) in the spec"
    ]


def test_what_a_recurrent_layer_begins_with_is_compared(tmp_path: Path) -> None:
    spec = ("version: 1\ninputs: {x: {steps: 4, features: 3}, h: {shape: [2]}}\nlayers:\n"
            "  - SimpleRNN: {units: 2, from: x, initial_state: [h]}\n")  # fmt: skip
    for factor, wanted in ((1, []), (2, ["simple_rnn: initial_h is other numbers in the file than in the spec"])):
        nodes = [make("Mul", ["h", "k"], "begun"), node("RNN", "", "begun")]
        arrays = recurrent("RNN") | {"k": np.array(factor, "f4")}
        save(tmp_path / "m.onnx", nodes, arrays)
        proto = onnx.load(tmp_path / "m.onnx")
        proto.graph.input.append(onnx.helper.make_tensor_value_info("h", 1, [1, "N", 2]))
        onnx.save(proto, tmp_path / "m.onnx")
        assert told(spec, tmp_path / "m.onnx") == wanted


def test_a_long_sequence_is_compared_on_a_short_one(tmp_path: Path) -> None:
    """Where the file leaves the steps open; one that fixes a huge number of them is refused."""
    spec, path = "version: 1\ninput: {{steps: {}, features: 3}}\nlayers:\n  - LSTM: 2\n", tmp_path / "m.onnx"
    save(path, [node("LSTM")], recurrent("LSTM"))
    with at_most(100_000), allocating(100):
        assert not told(spec.format(10**7), path)
    for shape in ([10**7, 1, 3], [4, 10**8, 3]):
        save(path, [node("LSTM")], recurrent("LSTM"), shape)
        (found,) = told(spec.format("null"), path)
        assert "it is too large to be compared with the spec" in found


LARGE: Mapping[str, list[Any]] = {
    "expanded": [make("Expand", ["z", "sizes"], "y")],
    "tiled": [make("Tile", ["z", "times"], "y")],
    "made": [make("ConstantOfShape", ["sizes"], "y")],
    "padded": [make("Pad", ["z", "pads"], "y")],
    "doubled": [make("Concat", ["z", "z"], "c0", axis=0),
                *(make("Concat", [f"c{n}", f"c{n}"], f"c{n + 1}", axis=0) for n in range(60))],
    "all with all": [make("Unsqueeze", ["z", "front"], "u"), make("Transpose", ["z"], "t"),
                     make("Tile", ["u", "many"], "m"), make("Expand", ["t", "t_sizes"], "y")],
}  # fmt: skip
SIZES = {"sizes": np.array([10**6, 10**6, 4]), "times": np.array([10**6, 10**6]), "pads": np.array([0, 0, 10**12, 0]),
         "front": np.array([0]), "many": np.array([10**9, 1, 1]), "t_sizes": np.array([10**9, 4, 1])}  # fmt: skip


@pytest.mark.parametrize("case", LARGE)
def test_a_graph_that_grows_is_not_run(case: str, tmp_path: Path) -> None:
    nodes = LARGE[case]
    named = {each for n in nodes for each in n.input}
    path = dense(tmp_path / "m.onnx", nodes, {k: v for k, v in SIZES.items() if k in named})
    with at_most(100_000), allocating(100):
        assert told(FLAT.format("", ""), path)
