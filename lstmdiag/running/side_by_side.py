"""An ONNX graph and a spec run side by side on the same numbers: which tensor of the one is which of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.frameworks.onnx_moving import TooLarge
from lstmdiag.frameworks.onnx_values import Pass, Walk
from lstmdiag.layer import Layer
from lstmdiag.running.equality import SortedNumbers, nearly_equal, same_numbers
from lstmdiag.running.expected import Expected
from lstmdiag.running.probe import Probe, count

ROOM = 2**24
"""Numbers that a graph may make beside 64 times those that the spec makes."""

Anchors = Mapping[str, int]
"""Layer with weights → the place of its node in the graph."""


@dataclass(frozen=True)
class SideBySide:
    """`reported` are the layers of which a difference is named already."""

    probe: Probe
    walk: Walk
    anchors: Anchors
    spec: Expected
    reported: frozenset[str]

    @cached_property
    def layer_at(self) -> Mapping[int, Layer]:
        """Place of a node → the layer with its weights."""
        return {place: self.probe.model.layer(name) for name, place in self.anchors.items()}

    @property
    def most(self) -> int:
        """How many numbers the graph may make."""
        sizes = sum(int(np.prod(each.shape)) for each in self.spec.weights.values())
        return 64 * (count(self.probe.model, len(self.probe.arrays[0])) + sizes) + ROOM

    @cached_property
    def tensor_count(self) -> int:
        """How many tensors could be computed."""
        try:
            return len(self.walk.compute(self.probe.tensors, self.recurrent, self.most).tensors)
        except TooLarge:
            return 0

    def recurrent(self, place: int, tensors: Mapping[str, Array]) -> list[Array] | None:
        """The spec's numbers as the outputs of its operator: Y (T, directions, N, units), then the last states."""
        layer, node = self.layer_at.get(place), self.walk.graph.nodes[place]
        x = tensors.get(node.input[0])
        if layer is None or x is None:
            return None
        batch_first = bool(self.walk.graph.attributes(node).get("layout", 0))
        x = x.swapaxes(0, 1) if batch_first and x.ndim == 3 else x
        wanted, counted = self.spec.inputs_of(layer)
        flipped = (
            x.shape == wanted.shape and not nearly_equal(x, wanted, counted) and nearly_equal(x[::-1], wanted, counted)
        )
        if not flipped and not (x.shape == wanted.shape and nearly_equal(x, wanted, counted)):
            return None
        y, last = self.spec.outputs_of(layer)
        y = y[::-1] if flipped else y
        return [np.moveaxis(y, 2, 0), *(each.swapaxes(0, 1) for each in last)] if batch_first else [y, *last]

    def find(self, layer: Layer, done: Pass) -> list[str]:
        """The tensors, in the order of the graph, with the numbers that a layer gives out, in any order."""
        names = [f"{layer.name}.{part}" for part in layer.parts or ("output",)]
        outputs = [self.spec.trace[name] for name in names]
        return [name for output in outputs for name in self.tensors_with(output, done)]

    def tensors_with(self, numbers: Array, done: Pass) -> list[str]:
        """The tensors of a pass that hold these numbers in any order and shape, in the order of the graph."""
        wanted = SortedNumbers(numbers)
        return [name for name, value in done.tensors.items() if wanted.same(value)]

    def has_same_outputs(self, done: Pass) -> bool:
        """Whether the graph gives out what the spec does, and nothing that the spec does not know."""
        model = self.probe.model
        outputs = dict(zip(model.outputs, self.spec.trace.outputs, strict=True))
        known = [self.spec.orders(value) for value in outputs.values()]
        given = [self.walk.value(name, done.tensors) for name in self.walk.graph.outputs]
        recurrent = [layer for layer in self.layer_at.values() if layer.unwrapped.recurrent]
        operators = [(layer.name, self.spec.operators(layer)) for layer in recurrent]
        for value in given:
            if value is None:
                return False
            ours = any(same_numbers(value, order) for orders in known for order in orders)
            if not ours and not any(same_numbers(value, order) for _, orders in operators for order in orders):
                return False
        for reference, orders in zip(outputs, known, strict=True):
            owner = model.owner(reference)[0].name
            ways = [*orders, *(order for name, each in operators if name == owner for order in each)]
            if not any(value is not None and same_numbers(value, order) for value in given for order in ways):
                return False
        return True

    def last_inputs(self, layer: Layer, done: Pass) -> frozenset[str]:
        """The last tensors in which the file has what a layer reads."""
        found = []
        for reference in layer.inputs:
            found += self.tensors_with(self.spec.read(reference), done)[-1:]
        return frozenset(found) or frozenset(self.probe.tensors)
