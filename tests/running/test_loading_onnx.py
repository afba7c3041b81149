"""Weights from ONNX files: what a node computes otherwise than the layer of the spec is told, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmdiag.errors import LstmdiagError
from lstmdiag.running.loading import load
from tests.models import model

onnx = pytest.importorskip("onnx")

SPEC = "version: 1\ninput: {{steps: 4, features: 3}}\nlayers:\n  - {}\n"
SIZES = {"LSTM": 8, "GRU": 6, "RNN": 2}  # rows of W, with 2 units
Written = Mapping[str, Any]


def save(path: Path, nodes: Sequence[Any], arrays: Written, shape: Sequence[int | str] = ("T", "N", 3)) -> None:
    make = onnx.helper
    float_, whole = onnx.TensorProto.FLOAT, onnx.TensorProto.INT32
    inputs = [make.make_tensor_value_info("x", float_, shape), make.make_tensor_value_info("lengths", whole, ["N"])]
    used = [each for each in inputs if any(each.name in node.input for node in nodes)]
    held = [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()]
    output = make.make_tensor_value_info(nodes[-1].output[0], float_, None)
    graph = make.make_graph(nodes, "g", used, [output], held)
    onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9), path)


def recurrent(operator: str, ways: int = 1) -> dict[str, Any]:
    random = np.random.default_rng(1)
    shapes = {"W": (ways, SIZES[operator], 3), "R": (ways, SIZES[operator], 2), "B": (ways, 2 * SIZES[operator])}
    return {name: random.normal(size=shape).astype("f4") for name, shape in shapes.items()}


def node(operator: str, *more: str, output: str = "y", **attributes: Any) -> Any:
    """A recurrent one with 2 units; `more` are its inputs after B."""
    return onnx.helper.make_node(operator, ["x", "W", "R", "B", *more], [output], hidden_size=2, **attributes)


def make(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> Any:
    return onnx.helper.make_node(operator, inputs, [output], **attributes)


def told(spec: str, path: Path) -> list[str]:
    """What is told of a file that cannot be loaded, nothing of one that can."""
    try:
        load(model(spec), path)
    except LstmdiagError as error:
        return [problem.message.removeprefix(f"{path.name}: ") for problem in error.problems]
    return []


ZEROS = [
    make("Shape", ["x"], "shape"), make("Gather", ["shape", "one"], "n"),
    make("Concat", ["one", "n", "two"], "sizes", axis=0),
    make("ConstantOfShape", ["sizes"], "zeros0"), make("Cast", ["zeros0"], "zeros", to=1),
]  # fmt: skip
"""Where the states start, as PyTorch writes it."""
EVERY = [
    make("Shape", ["x"], "shape"), make("Gather", ["shape", "first"], "t"), make("Gather", ["shape", "one"], "n"),
    make("Expand", ["t", "n"], "every0"), make("Cast", ["every0"], "every", to=6),
]  # fmt: skip
"""The number of steps, for each sequence."""
STORED = {"one": np.array([1]), "two": np.array([2]), "first": np.array([0]), "ones": np.ones((1, 1, 2), "f4"),
          "lengths0": np.array([2], "i4"), "from": np.array([-1]), "to": np.array([-99]),
          "back": np.array([-1])}  # fmt: skip

ALIKE: Mapping[str, tuple[str, list[Any]]] = {
    "defaults": ("LSTM: 2", [node("LSTM")]),
    "as PyTorch": ("LSTM: 2", [*ZEROS, node("LSTM", "", "zeros", "zeros", direction="forward", input_forget=0)]),
    "as tf2onnx": ("LSTM: 2", [*ZEROS, node("LSTM", "", "zeros", "zeros", activations=["Sigmoid", "Tanh", "Tanh"])]),
    "functions in small letters": ("LSTM: 2", [node("LSTM", activations=["sigmoid", "tanh", "tanh"])]),
    "all steps": ("LSTM: 2", [*EVERY, node("LSTM", "every")]),
    "after": ("GRU: 2", [node("GRU", linear_before_reset=1)]),
    "before": ("GRU: {units: 2, reset_after: false}", [node("GRU")]),
    "backwards": ("GRU: {units: 2, go_backwards: true}", [node("GRU", linear_before_reset=1, direction="reverse")]),
    "Keras's hard sigmoid": ("LSTM: {units: 2, recurrent_activation: hard_sigmoid}", [
        node("LSTM", activations=["HardSigmoid", "Tanh", "Tanh"], activation_alpha=[1 / 6], activation_beta=[0.5])]),
    "Keras's leaky relu": ("SimpleRNN: {units: 2, activation: leaky_relu}",
                           [node("RNN", activations=["LeakyRelu"], activation_alpha=[0.2])]),
    "both ways": ("Bidirectional: {layer: {LSTM: 2}}", [node("LSTM", direction="bidirectional")]),
}  # fmt: skip
OTHER: Mapping[str, tuple[str, list[Any], list[str]]] = {
    "before": ("GRU: 2", [node("GRU")], ["linear_before_reset is 0 in the file, 1 in the spec"]),
    "after": ("GRU: {units: 2, reset_after: false}", [node("GRU", linear_before_reset=1)],
              ["linear_before_reset is 1 in the file, 0 in the spec"]),
    "backwards": ("LSTM: 2", [node("LSTM", direction="reverse")],
                  ["direction is reverse in the file, forward in the spec"]),
    "forwards": ("LSTM: {units: 2, go_backwards: true}", [node("LSTM")],
                 ["direction is forward in the file, reverse in the spec"]),
    "functions": ("LSTM: 2", [node("LSTM", activations=["Sigmoid", "Relu", "Relu"])],
                  ["activations is Sigmoid, Relu, Relu in the file, Sigmoid, Tanh, Tanh in the spec"]),
    "ONNX's hard sigmoid": ("GRU: {units: 2, recurrent_activation: hard_sigmoid}",
                            [node("GRU", linear_before_reset=1, activations=["HardSigmoid", "Tanh"])],
                            ["activations is HardSigmoid(0.2, 0.5), Tanh in the file, "
                             "HardSigmoid(0.1666667, 0.5), Tanh in the spec"]),
    "Affine alone": ("SimpleRNN: {units: 2, activation: linear}", [node("RNN", activations=["Affine"])],
                     ["activations is Affine(0, 0) in the file, Affine(1, 0) in the spec"]),
    "states": ("LSTM: 2", [node("LSTM", "", "ones", "ones")],
               ["initial_h is given in the file, zeros in the spec",
                "initial_c is given in the file, zeros in the spec"]),
    "lengths of data": ("LSTM: 2", [node("LSTM", "lengths")],
                        ["sequence_lens is given in the file, no mask in the spec"]),
    "stored lengths": ("LSTM: 2", [node("LSTM", "lengths0")],
                        ["sequence_lens is given in the file, no mask in the spec"]),
    "all at once": ("LSTM: 2", [node("LSTM", clip=3.0, input_forget=1, direction="reverse")],
                    ["direction is reverse in the file, forward in the spec",
                     "input_forget is 1 in the file, 0 in the spec", "clip is 3 in the file, none in the spec"]),
    "not known": ("LSTM: 2", [node("LSTM", noise=1)], ["noise is 1 in the file, no such attribute in the spec"]),
    "computed": ("LSTM: 2", [make("Add", ["W", "ones2"], "V"),
                             onnx.helper.make_node("LSTM", ["x", "W", "R", "V"], ["y"], hidden_size=2)],
                 ["B is computed in the graph in the file, "
                  "a stored array: fold constants when the file is made in the spec"]),
}  # fmt: skip


def write(path: Path, nodes: Sequence[Any]) -> None:
    last = nodes[-1]
    ways = 2 if any(each.s == b"bidirectional" for each in last.attribute) else 1
    named = {name for each in nodes for name in each.input}
    arrays = recurrent(last.op_type, ways) | STORED
    save(path, nodes, {name: array for name, array in arrays.items() if name in named})


@pytest.mark.parametrize("case", ALIKE)
def test_a_node_that_computes_the_layer_is_loaded(case: str, tmp_path: Path) -> None:
    spec, nodes = ALIKE[case]
    write(tmp_path / "m.onnx", nodes)
    assert not told(SPEC.format(spec), tmp_path / "m.onnx")


@pytest.mark.parametrize("case", OTHER)
def test_a_node_that_computes_something_else_is_told(case: str, tmp_path: Path) -> None:
    spec, nodes, problems = OTHER[case]
    write(tmp_path / "m.onnx", nodes)
    who = spec.partition(":")[0].lower().replace("simplernn", "simple_rnn")
    assert told(SPEC.format(spec), tmp_path / "m.onnx") == [f"{who}: {problem}" for problem in problems]


def test_a_turned_sequence_read_forwards_is_read_backwards(tmp_path: Path) -> None:
    of = onnx.helper
    turned = of.make_node("Slice", ["x", "from", "to", "first", "back"], ["xt"])
    lstm = of.make_node("LSTM", ["xt", "W", "R", "B"], ["y"], hidden_size=2)
    arrays = {name: STORED[name] for name in ("from", "to", "first", "back")}
    save(tmp_path / "m.onnx", [turned, lstm], recurrent("LSTM") | arrays)
    assert not told(SPEC.format("LSTM: {units: 2, go_backwards: true}"), tmp_path / "m.onnx")
    assert told(SPEC.format("LSTM: 2"), tmp_path / "m.onnx") == [
        "lstm: direction is forward of a turned sequence in the file, forward in the spec"
    ]


W, C = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "f4"), np.array([1.0, -1.0], "f4")
DENSE: Mapping[str, tuple[list[Any], Written, Any, Any]] = {
    "plain": ([make("Gemm", ["x", "B", "C"], "y")], {"B": W, "C": C}, W, C),
    "turned": ([make("Gemm", ["x", "B", "C"], "y", transB=1)], {"B": W.T.copy(), "C": C}, W, C),
    "with factors": ([make("Gemm", ["x", "B", "C"], "y", alpha=2.0, beta=0.5)], {"B": W, "C": C}, 2 * W, C / 2),
    "a row": ([make("Gemm", ["x", "B", "C"], "y")], {"B": W, "C": C[None]}, W, C),
    "one number": ([make("Gemm", ["x", "B", "C"], "y")], {"B": W, "C": np.array(3, "f4")}, W, [3, 3]),
    "added": ([make("MatMul", ["x", "B"], "p"), make("Add", ["C", "p"], "y")], {"B": W, "C": C}, W, C),
    "added in another shape": (
        [make("MatMul", ["x", "B"], "p"), make("Reshape", ["p", "s"], "q"), make("Add", ["q", "C"], "y")],
        {"B": W, "C": C, "s": np.array([-1, 2])}, W, C,
    ),
    "without": ([make("MatMul", ["x", "B"], "y")], {"B": W}, W, [0, 0]),
}  # fmt: skip
FLAT = "version: 1\ninput: {shape: [3]}\nlayers:\n  - Dense: 2\n"


@pytest.mark.parametrize("case", DENSE)
def test_products_and_what_is_added_to_them(case: str, tmp_path: Path) -> None:
    nodes, arrays, weights, bias = DENSE[case]
    save(tmp_path / "m.onnx", nodes, arrays, ["N", 3])
    found = load(model(FLAT), tmp_path / "m.onnx")
    assert np.array_equal(found["dense.W"], weights.T) and np.array_equal(found["dense.b"], bias)


def test_a_turned_factor_is_told(tmp_path: Path) -> None:
    save(tmp_path / "m.onnx", [make("Gemm", ["x", "B", "C"], "y", transA=1)], {"B": W, "C": C}, [3, "N"])
    assert told(FLAT, tmp_path / "m.onnx") == ["dense: transA is 1 in the file, 0 in the spec"]


CONV = "Conv1D: {{filters: 2, kernel_size: 3{}}}"
CONVOLUTIONS: Mapping[str, tuple[str, dict[str, Any], bool, list[str]]] = {
    "valid": ("", {}, False, []),
    "same": (", padding: same", {"pads": [1, 1]}, False, []),
    "same in words": (", padding: same", {"auto_pad": "SAME_UPPER"}, False, []),
    "strides": (", strides: 2, padding: same", {"strides": [2], "pads": [0, 1]}, False, []),
    "strides in words": (", strides: 2, padding: same", {"strides": [2], "auto_pad": "SAME_UPPER"}, False, []),
    "the other end": (", strides: 2, padding: same", {"strides": [2], "auto_pad": "SAME_LOWER"}, False,
                      ["pads is (1, 0) in the file, (0, 1), padding same in the spec"]),
    "causal": (", padding: causal", {}, True, []),
    "other steps": (", strides: 2", {"dilations": [2]}, False,
                    ["strides is (1,) in the file, (2,) in the spec",
                     "dilations is (2,) in the file, (1,) in the spec"]),
    "other ends": (", padding: causal", {"pads": [1, 1]}, False,
                   ["pads is (1, 1) in the file, (2, 0), padding causal in the spec"]),
    "two ends": ("", {"pads": [1, 1]}, True, ["pads is (3, 1) in the file, (0, 0), padding valid in the spec"]),
}  # fmt: skip


def convolution(path: Path, attributes: Mapping[str, Any], padded: bool) -> None:
    """With two zeros before the first step, if it is padded."""
    random = np.random.default_rng(3)
    arrays = {"W": random.normal(size=(2, 3, 3)).astype("f4"), "B": random.normal(size=2).astype("f4")}
    pads = {"ends": np.array([0, 0, 2, 0, 0, 0])} if padded else {}
    nodes = [make("Pad", ["x", "ends"], "xp")] if padded else []
    save(
        path, [*nodes, make("Conv", ["xp" if padded else "x", "W", "B"], "y", **attributes)], arrays | pads, ["N", 3, 4]
    )


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolutions(case: str, tmp_path: Path) -> None:
    options, attributes, padded, problems = CONVOLUTIONS[case]
    convolution(tmp_path / "m.onnx", attributes, padded)
    spec = SPEC.format(CONV.format(options))
    assert told(spec, tmp_path / "m.onnx") == [f"conv1d: {problem}" for problem in problems]


def test_normalizations(tmp_path: Path) -> None:
    ones = {"s": np.ones(3, "f4"), "b": np.ones(3, "f4")}
    save(tmp_path / "l.onnx", [make("LayerNormalization", ["x", "s", "b"], "y", axis=-1)], ones, ["N", 4, 3])
    assert not told(SPEC.format("LayerNormalization: {epsilon: 0.00001}"), tmp_path / "l.onnx")
    found = told(SPEC.format("LayerNormalization: -1"), tmp_path / "l.onnx")
    assert found == ["layer_normalization: epsilon is 1e-05 in the file, 0.001 in the spec"]


def test_operators_of_other_domains_are_not_taken_for_onnx_s(tmp_path: Path) -> None:
    save(tmp_path / "m.onnx", [make("Gemm", ["x", "B", "C"], "y", domain="com.example")], {"B": W, "C": C})
    assert told(FLAT, tmp_path / "m.onnx")
