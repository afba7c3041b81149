"""ONNX files without a recurrent operator where the spec has a recurrent layer: what they have instead is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.running.test_loading_onnx import make, save, told

onnx = pytest.importorskip("onnx")

RANDOM = np.random.default_rng(4)
ARRAYS = {"W": RANDOM.normal(size=(3, 2)).astype("f4"), "U": RANDOM.normal(size=(2, 2)).astype("f4"),
          "b": RANDOM.normal(size=2).astype("f4"), "h0": np.zeros((1, 2), "f4")}  # fmt: skip
SPEC = "version: 1\ninput: {{steps: {}, features: 3}}\nlayers:\n  - {}: 2\n"


def unrolled(steps: int, turned: bool = False) -> Iterator[Any]:
    """h = tanh(x W + h U + b), step after step; U is turned at every step where a framework has it so."""
    for step in range(steps):
        yield make("Gather", ["x", f"at{step}"], f"x{step}", axis=1)
        yield make("MatMul", [f"x{step}", "W"], f"p{step}")
        if turned:
            yield make("Transpose", ["U"], f"U{step}")
        yield make("MatMul", [f"h{step}", f"U{step}" if turned else "U"], f"q{step}")
        yield make("Add", [f"p{step}", f"q{step}"], f"r{step}")
        yield make("Add", [f"r{step}", "b"], f"s{step}")
        yield make("Tanh", [f"s{step}"], f"h{step + 1}")


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
@pytest.mark.parametrize("steps", [2, 5, 40])
@pytest.mark.parametrize("turned", [False, True])
def test_a_recurrence_written_out_is_told_as_such(kind: str, steps: int, turned: bool, tmp_path: Path) -> None:
    places = {f"at{step}": np.array(step) for step in range(steps)}
    save(tmp_path / "m.onnx", [*unrolled(steps, turned)], ARRAYS | places, ["N", steps, 3])
    assert told(SPEC.format(steps, kind), tmp_path / "m.onnx") == [
        f"the recurrence stands unrolled in this file: at least {steps} steps of MatMul, Add, Tanh; "
        "lstmdiag reads LSTM, GRU and RNN nodes"
    ]


@pytest.mark.parametrize(("operator", "words"), [("Loop", "a loop"), ("Scan", "a loop over steps"), ("If", "a branch")])
def test_graphs_inside_a_graph_are_named(operator: str, words: str, tmp_path: Path) -> None:
    info = onnx.helper.make_tensor_value_info
    body = onnx.helper.make_graph([make("Identity", ["a"], "b")], "body", [info("a", 1, [2])], [info("b", 1, [2])])
    inside = {"then_branch": body, "else_branch": body} if operator == "If" else {"body": body}
    node = make(operator, ["x"], "y", name="steps", **inside)
    save(tmp_path / "m.onnx", [node], {}, ["N", 4, 3])
    assert told(SPEC.format(4, "LSTM"), tmp_path / "m.onnx") == [
        f"{operator} 'steps', {words} with a graph of its own, stands in this file; "
        "lstmdiag reads LSTM, GRU and RNN nodes"
    ]


def test_a_layer_used_twice_is_no_recurrence(tmp_path: Path) -> None:
    spec = "version: 1\ninput: {shape: [2]}\nlayers:\n  - Dense: {units: 2, use_bias: false, name: d}\n  - use: d\n"
    nodes = [make("MatMul", ["x", "U"], "h"), make("MatMul", ["h", "U"], "y")]
    save(tmp_path / "m.onnx", nodes, {"U": ARRAYS["U"]}, ["N", 2])
    assert not told(spec, tmp_path / "m.onnx")
