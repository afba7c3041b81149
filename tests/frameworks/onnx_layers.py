"""A recurrent layer as one ONNX operator, run by ONNX Runtime in float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from lstmdiag.cells.numbers import Array
from lstmdiag.layer import Layer

FUNCTIONS: Mapping[str, tuple[str, float | None, float | None]] = {
    "tanh": ("Tanh", None, None),
    "sigmoid": ("Sigmoid", None, None),
    "relu": ("Relu", None, None),
    "softsign": ("Softsign", None, None),
    "softplus": ("Softplus", None, None),
    "linear": ("Affine", 1.0, 0.0),
    "hard_sigmoid": ("HardSigmoid", 1 / 6, 0.5),
    "elu": ("Elu", 1.0, None),
    "leaky_relu": ("LeakyRelu", 0.2, None),
}
"""Our name → ONNX's, its alpha and its beta."""

OPERATORS = {"LSTM": "LSTM", "PeepholeLSTM": "LSTM", "GRU": "GRU", "SimpleRNN": "RNN"}


def run(layer: Layer, held: Mapping[str, Array], x: Array, begun: Sequence[Array]) -> list[Array]:
    """The operator's outputs: Y (T, directions, N, units) in the order of the input's steps, then the last states.

    `held` are the arrays by ONNX's names, x is (N, T, features), `begun` holds each state, (directions, N, units).
    """
    innermost = layer.innermost
    both = layer.backward is not None
    given = {"X": x.swapaxes(0, 1), **held, **dict(zip(("initial_h", "initial_c"), begun, strict=False))}
    given = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in given.items()}
    order = ["X", "W", "R", "B", "", "initial_h", *(["initial_c", "P"] if len(begun) > 1 else [])]
    outputs = ["Y", "Y_h", "Y_c"][: 1 + len(begun)]
    more: dict[str, Any] = _functions(innermost, both)
    if innermost.kind == "GRU":
        more["linear_before_reset"] = int(innermost.options.reset_after)
    node = helper.make_node(
        OPERATORS[innermost.kind], [name if name in given else "" for name in order], outputs,
        hidden_size=innermost.units,
        direction="bidirectional" if both else "reverse" if innermost.options.go_backwards else "forward", **more,
    )  # fmt: skip
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape) for name, value in given.items()]
    results = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * (4 if name == "Y" else 3)) for name in outputs
    ]
    graph = helper.make_graph([node], layer.kind, values, results)
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(whole)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(outputs, given)


def _functions(innermost: Layer, both: bool) -> dict[str, Any]:
    """The attribute `activations` and its parameters: gates, content and, of an LSTM, the way out."""
    gates = [innermost.options.recurrent_activation] if innermost.kind != "SimpleRNN" else []
    chosen = [*gates, *[innermost.options.activation] * (2 if "LSTM" in innermost.kind else 1)] * (2 if both else 1)
    named = [FUNCTIONS[each] for each in chosen]
    alphas = [alpha for _, alpha, _ in named if alpha is not None]
    betas = [beta for _, _, beta in named if beta is not None]
    found: dict[str, Any] = {"activations": [name for name, _, _ in named]}
    return found | ({"activation_alpha": alphas} if alphas else {}) | ({"activation_beta": betas} if betas else {})
