"""Every tensor of an ONNX graph, from numbers for its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lstmdiag.frameworks.onnx_graph import STANDARD, Graph
from lstmdiag.frameworks.onnx_moving import MOVING, NotKnown
from lstmdiag.frameworks.onnx_operators import run
from lstmdiag.frameworks.values import Values

Recurrent = Callable[[int, Mapping[str, Values]], "list[Values] | None"]
"""(place of a node, tensors so far) → its outputs; None where they are not known."""


@dataclass
class Pass:
    """What came out: tensors by name, and the nodes, by place, that have no row, or that could not be computed."""

    tensors: dict[str, Values] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Walk:
    """A graph by the places of its nodes, from 0."""

    graph: Graph

    @cached_property
    def makers(self) -> Mapping[str, int]:
        """Tensor → the place of the node that makes it."""
        return {name: place for place, node in enumerate(self.graph.nodes) for name in node.output if name}

    @cached_property
    def used_nodes(self) -> frozenset[int]:
        """The nodes that what the graph gives out is made by."""
        return self.ancestors(self.graph.outputs)

    def ancestors(self, names: tuple[str, ...] | list[str], before: frozenset[str] = frozenset()) -> frozenset[int]:
        """The nodes that make these tensors, not those that make what stands `before`."""
        found: set[int] = set()
        left = [name for name in names if name not in before]
        while left:
            place = self.makers.get(left.pop())
            if place is not None and place not in found:
                found.add(place)
                left += [name for name in self.graph.nodes[place].input if name not in before]
        return frozenset(found)

    def dependents(self, names: frozenset[str]) -> frozenset[int]:
        """The nodes whose numbers, not only their shapes, depend on these tensors."""
        known, found = set(names), set()
        for place, node in enumerate(self.graph.nodes):
            if node.op_type not in ("Shape", "Size") and any(name in known for name in node.input):
                found.add(place)
                known.update(node.output)
        return frozenset(found)

    def compute(self, given: Mapping[str, Values], recurrent: Recurrent, most: int) -> Pass:
        """All tensors in use, in float64. Raises TooLarge where these are more than `most` numbers."""
        done, left = Pass(dict(given)), most
        for place, node in enumerate(self.graph.nodes):
            if place not in self.used_nodes or all(name in given or name in self.graph.stored for name in node.output):
                continue
            if node.domain in STANDARD and node.op_type in ("LSTM", "GRU", "RNN"):
                made = recurrent(place, done.tensors)
            else:
                made = self._one(place, done, left)
            for name, array in zip(node.output, made or (), strict=False):
                if name and name not in given:
                    left -= array.size
                    done.tensors[name] = array
        return done

    def _one(self, place: int, done: Pass, left: int) -> list[Values] | None:
        node = self.graph.nodes[place]
        inputs = [self.value(name, done.tensors) if name else None for name in node.input]
        if any(name and each is None for name, each in zip(node.input, inputs, strict=True)):
            return None
        try:
            if node.domain not in STANDARD:
                raise NotKnown
            opset, attributes = self.graph.opset, self.graph.attributes(node)
            return run(node.op_type, tuple(inputs), attributes, opset, len(node.output), left)
        except NotKnown:
            done.unknown.append(place)
        except ValueError:
            done.failed.append(place)
        return None

    def value(self, name: str, tensors: Mapping[str, Values]) -> Values | None:
        """A tensor of a pass, or one that the file stores: float64, but whole numbers and truth values as they are.

        None where neither has it.
        """
        if name in tensors or name not in self.graph.stored:
            return tensors.get(name)
        array = self.graph.stored[name].read()
        return array if array.dtype.kind in "biu" else array.astype(float)

    def name(self, place: int) -> str:
        """A node in words: LeakyRelu(alpha=0.2) 'act', Clip(0, 6) 'act'."""
        node = self.graph.nodes[place]
        said = [f"{name}={_short(value)}" for name, value in self.graph.attributes(node).items()]
        small = [self.graph.stored[name] for name in node.input if name in self.graph.stored]
        said += [_short(each.read().reshape(-1)[0]) for each in small if each.shape in ((), (1,))]
        listed = f"({', '.join(said)})" if said else ""
        return f"{node.op_type}{listed} {node.name or node.output[0]!r}"

    def moves(self, place: int) -> bool:
        """Whether a node only gives out the numbers it is given."""
        return self.graph.nodes[place].op_type in MOVING


def _short(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, (float, np.floating)) else f"{value}"[:60]
