"""The weights in an ONNX file: of each operator that has some, its initializers by the names of its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.frameworks.containers import Group, Held

_RECURRENT = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")

OPERATORS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "LSTM": (("LSTM", "PeepholeLSTM"), _RECURRENT),
    "GRU": (("GRU",), _RECURRENT),
    "RNN": (("SimpleRNN",), _RECURRENT),
    "Gemm": (("Dense",), ("A", "B", "C")),
    "MatMul": (("Dense",), ("A", "B")),
    "Gather": (("Embedding",), ("data", "indices")),
    "Conv": (("Conv1D",), ("X", "W", "B")),
    "BatchNormalization": (("BatchNormalization",), ("X", "scale", "B", "input_mean", "input_var")),
    "LayerNormalization": (("LayerNormalization",), ("X", "Scale", "B")),
}
"""Operator → the kinds of layer it computes, and the names of its inputs."""

_NOT_WEIGHTS = ("X", "A", "indices", "sequence_lens", "initial_h", "initial_c")


def groups(onnx: Any, path: Path) -> Iterator[Group]:
    """In the order of the graph. Weights that lie in other files are not looked for."""
    graph = onnx.load(str(path), load_external_data=False).graph
    known = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            known.update((node.output[0], each.t) for each in node.attribute if each.name == "value")
    for node in graph.node:
        if node.op_type not in OPERATORS:
            continue
        kinds, names = OPERATORS[node.op_type]
        held = {
            name: _held(onnx, known[given], _turned(node) and name == "B")
            for name, given in zip(names, node.input, strict=False)
            if given in known and name not in _NOT_WEIGHTS
        }
        if node.op_type == "MatMul" and held:
            held |= _added(onnx, graph, node.output[0], known)
        if any(array.shape for array in held.values()):
            yield Group(node.name or node.output[0], held, kinds)


def _turned(node: Any) -> bool:
    """Gemm with transB holds the matrix as (out, in)."""
    return node.op_type == "Gemm" and any(each.name == "transB" and each.i for each in node.attribute)


def _added(onnx: Any, graph: Any, product: str, known: Mapping[str, Any]) -> dict[str, Held]:
    """The bias that is added to a product."""
    for node in graph.node:
        if node.op_type == "Add" and product in node.input:
            given = [known[name] for name in node.input if name in known]
            return {"C": _held(onnx, given[0])} if given else {}
    return {}


def _held(onnx: Any, tensor: Any, turned: bool = False) -> Held:
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise ValueError(f"{tensor.name} lies in another file: save the model as one file")
    shape = tuple(tensor.dims)

    def read() -> Any:
        numbers = onnx.numpy_helper.to_array(tensor)
        return np.ascontiguousarray(numbers.T) if turned else numbers

    return Held(shape[::-1] if turned else shape, read)
