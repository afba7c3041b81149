"""An ONNX graph walked from a tensor to where its numbers come from, or to what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.errors import LstmdiagError
from lstmdiag.frameworks.onnx_external import external_numbers
from lstmdiag.frameworks.onnx_moving import NotKnown, TooLarge
from lstmdiag.frameworks.onnx_operators import run
from lstmdiag.frameworks.values import Values

MOVING = frozenset({"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Slice",
                    "Split", "Gather", "Concat"})  # fmt: skip
"""Operators that give out the numbers they are given, the first of their inputs; Concat those of all."""

RESHAPING = frozenset({"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze"})
"""Those of them that keep the order of the numbers."""


@dataclass(frozen=True)
class ConstantTensor:
    """A tensor whose numbers the file holds, or that follow from such ones alone; not read yet."""

    shape: tuple[int, ...]
    read: Callable[[], Values]


@dataclass(frozen=True)
class GraphInput:
    """What a graph is given; sizes left open are None, and so is a shape that is not told."""

    name: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class Graph:
    """`stored` are its tensors that are known, by name: initializers, constants and what is computed of them alone."""

    nodes: tuple[Any, ...]
    stored: Mapping[str, ConstantTensor]
    makers: Mapping[str, Any]  # name of a tensor → the node that gives it
    readers: Mapping[str, tuple[Any, ...]]
    attributes: Callable[[Any], dict[str, Any]]  # of a node; tensors as arrays
    inputs: tuple[GraphInput, ...] = ()
    outputs: tuple[str, ...] = ()
    opset: int = 1

    def ancestors(self, name: str, operators: frozenset[str] | None = MOVING) -> Iterator[tuple[str, Any]]:
        """Tensors that a tensor is made from, itself first, each with its node; only by operators in `operators`."""
        seen, left = set(), [name]
        while left:
            name = left.pop()
            if name in seen or not name:
                continue
            seen.add(name)
            maker = None if name in self.stored else self.makers.get(name)
            yield name, maker
            if maker is None or maker.op_type in ("Shape", "Size", "Constant"):
                continue
            if operators is None or maker.op_type in operators:
                left += maker.input if operators is None or maker.op_type == "Concat" else maker.input[:1]

    def zeros(self, name: str) -> bool:
        """Whether a tensor is known to hold zeros only: stored ones, or ones made to a shape."""
        for each, maker in self.ancestors(name):
            if maker is None:
                if each not in self.stored or np.any(self.stored[each].read()):
                    return False
            elif maker.op_type == "ConstantOfShape":
                value = self.attributes(maker).get("value")
                if value is not None and np.any(value):
                    return False
            elif maker.op_type not in MOVING:
                return False
        return True

    def of_shapes(self, name: str) -> bool:
        """Whether a tensor follows from the shapes of others alone, and from stored numbers."""
        found = list(self.ancestors(name, None))
        shapes = any(maker is not None and maker.op_type == "Shape" for _, maker in found)
        return shapes and not any(maker is None and each not in self.stored for each, maker in found)

    def readers_of(self, name: str) -> Iterator[Any]:
        """The nodes that read a tensor, and those that read it in another shape."""
        seen, left = set(), [name]
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            for node in self.readers.get(name, ()):
                yield node
                if node.op_type in RESHAPING and node.input[0] == name:
                    left += node.output


def graph_of(onnx: Any, proto: Any, folder: Path, most: int) -> Graph:
    """Of a ModelProto in a folder, in whose files some of its numbers may lie; `most` bytes may be made of these.

    Raises LstmdiagError, ValueError.
    """
    whole, stored = proto.graph, {}
    if whole.sparse_initializer:
        raise ValueError("it holds sparse arrays, which are not read")

    def read(tensor: Any) -> Values:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            return external_numbers(onnx, tensor, folder, most)
        return np.asarray(onnx.numpy_helper.to_array(tensor))

    def attributes(node: Any) -> dict[str, Any]:
        found = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        return {
            name: read(value) if isinstance(value, onnx.TensorProto) else _text(value) for name, value in found.items()
        }

    for tensor in whole.initializer:
        stored[tensor.name] = ConstantTensor(tuple(tensor.dims), partial(read, tensor))
    readers: dict[str, list[Any]] = {}
    for node in whole.node:
        for name in dict.fromkeys(node.input):
            readers.setdefault(name, []).append(node)
    outputs = [(name, node) for node in whole.node for name in node.output if name]
    makers = dict(outputs)
    if len(makers) < len(outputs):
        raise ValueError("a tensor is made by two nodes")
    given = tuple(GraphInput(each.name, _sizes(each)) for each in whole.input if each.name not in stored)
    opset = max((each.version for each in proto.opset_import if each.domain in STANDARD), default=1)
    _fold(whole.node, stored, attributes, opset, most)
    asked = tuple(each.name for each in whole.output) or tuple(name for name, _ in outputs if name not in readers)
    each = {name: tuple(nodes) for name, nodes in readers.items()}
    return Graph(tuple(whole.node), stored, makers, each, attributes, given, asked, opset)


STANDARD = ("", "ai.onnx")
"""The domains of ONNX's own operators."""


def _fold(
    nodes: Any, stored: dict[str, ConstantTensor], attributes: Callable[[Any], dict[str, Any]], opset: int, most: int
) -> None:
    """Adds what follows from stored numbers alone: PyTorch puts the gates of large layers in order in the graph."""
    left = most
    for node in nodes:
        if node.op_type == "Constant":
            value = next(iter(attributes(node).values()))
            array = np.asarray(value)
            stored[node.output[0]] = ConstantTensor(array.shape, partial(np.asarray, array))
        elif node.domain in STANDARD and node.input and all(name in stored for name in node.input if name):
            inputs = tuple(stored[name].read() if name else None for name in node.input)
            try:
                made = run(node.op_type, inputs, attributes(node), opset, len(node.output), left // 8)
            except (NotKnown, TooLarge):
                continue
            for name, array in zip(node.output, made, strict=False):
                left -= array.nbytes
                stored[name] = ConstantTensor(array.shape, partial(np.asarray, array))
            if left < 0:
                raise LstmdiagError(f"what it computes of its weights takes more than {most:,} bytes")


def _sizes(value: Any) -> tuple[int | None, ...] | None:
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return None
    return tuple(size.dim_value if size.WhichOneof("value") == "dim_value" else None for size in kind.shape.dim)


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return tuple(map(_text, value)) if isinstance(value, (list, tuple)) else value
