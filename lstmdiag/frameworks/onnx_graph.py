"""An ONNX graph walked from a tensor to where its numbers come from, or to what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

MOVING = frozenset({"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Slice",
                    "Split", "Gather", "Concat"})  # fmt: skip
"""Operators that give out the numbers they are given, the first of their inputs; Concat those of all."""

RESHAPING = frozenset({"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze"})
"""Those of them that keep the order of the numbers."""


@dataclass(frozen=True)
class Graph:
    """`stored` are its tensors that are known, by name: initializers and constants."""

    nodes: tuple[Any, ...]
    stored: Mapping[str, Any]
    makers: Mapping[str, Any]  # name of a tensor → the node that gives it
    readers: Mapping[str, tuple[Any, ...]]
    numbers: Callable[[Any], Any]  # of a stored tensor
    attribute: Callable[[Any], Any]  # the value of one

    def attributes(self, node: Any) -> dict[str, Any]:
        found = {each.name: self.attribute(each) for each in node.attribute}
        return {name: _text(value) for name, value in found.items()}

    def before(self, name: str, through: frozenset[str] | None = MOVING) -> Iterator[tuple[str, Any]]:
        """Tensors that a tensor is made from, itself first, each with its node; only by operators in `through`."""
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
            if through is None or maker.op_type in through:
                left += maker.input if through is None or maker.op_type == "Concat" else maker.input[:1]

    def zeros(self, name: str) -> bool:
        """Whether a tensor is known to hold zeros only: stored ones, or ones made to a shape."""
        for each, maker in self.before(name):
            if maker is None:
                if each not in self.stored or np.any(self.numbers(self.stored[each])):
                    return False
            elif maker.op_type == "ConstantOfShape":
                value = self.attributes(maker).get("value")
                if value is not None and np.any(self.numbers(value)):
                    return False
            elif maker.op_type not in MOVING:
                return False
        return True

    def of_shapes(self, name: str) -> bool:
        """Whether a tensor follows from the shapes of others alone, and from stored numbers."""
        found = list(self.before(name, None))
        shapes = any(maker is not None and maker.op_type == "Shape" for _, maker in found)
        return shapes and not any(maker is None and each not in self.stored for each, maker in found)

    def after(self, name: str) -> Iterator[Any]:
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


def graph_of(onnx: Any, proto: Any) -> Graph:
    """Of a GraphProto; what lies in other files is not looked for."""
    stored = {tensor.name: tensor for tensor in proto.initializer}
    readers: dict[str, list[Any]] = {}
    for node in proto.node:
        if node.op_type == "Constant":
            stored.update((node.output[0], each.t) for each in node.attribute if each.name == "value")
        for name in dict.fromkeys(node.input):
            readers.setdefault(name, []).append(node)
    outputs = [(name, node) for node in proto.node for name in node.output if name]
    makers = dict(outputs)
    if len(makers) < len(outputs):
        raise ValueError("a tensor is made by two nodes")

    def numbers(tensor: Any) -> Any:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise ValueError(f"{tensor.name} lies in another file: save the model as one file")
        return onnx.numpy_helper.to_array(tensor)

    return Graph(
        nodes=tuple(proto.node),
        stored=stored,
        makers=makers,
        readers={name: tuple(nodes) for name, nodes in readers.items()},
        numbers=numbers,
        attribute=onnx.helper.get_attribute_value,
    )


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return tuple(map(_text, value)) if isinstance(value, (list, tuple)) else value
