"""Whether an ONNX file computes what a spec does: both are run on the same numbers and compared layer by layer.

Recurrent operators are compared by their attributes (frameworks.onnx_nodes) and given the numbers of the spec, so that
all that stands around them is seen as well. An operator without a row is told, so is one that alone changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import Problem
from lstmdiag.frameworks.onnx_computing import PIECEWISE
from lstmdiag.frameworks.onnx_graph import Graph
from lstmdiag.frameworks.onnx_moving import TooLarge
from lstmdiag.frameworks.onnx_values import Pass, Walk
from lstmdiag.layer import Layer, show_shape
from lstmdiag.model import Model
from lstmdiag.running.equality import SortedNumbers, nearly_equal, same_numbers
from lstmdiag.running.expected import Expected, choice
from lstmdiag.running.probe import paired, probes
from lstmdiag.running.side_by_side import SideBySide

_ADD = "add a layer to the spec that computes that"
_FUNCTION = "in a spec that is activation, or an Activation layer"


def differences(
    model: Model, graph: Graph, nodes: Mapping[str, Any], weights: Mapping[str, Array], known: frozenset[str]
) -> list[Problem]:
    """What the file computes otherwise than the spec, each at the layer's line; none where they agree.

    `nodes` are those of the layers with weights, `known` the layers of which a difference is told already.
    """
    walk = Walk(graph)
    anchors = {name: walk.makers[node.output[0] or node.output[1]] for name, node in nodes.items()}
    found: list[tuple[int, int, list[Problem]]] = []
    for samples in (0, *_batches(walk)):
        for probe in probes(model, graph.inputs, samples):
            beside = _Agreement(probe, walk, anchors, Expected(probe, weights), known)
            problems = beside.problems()
            if not problems:
                return []
            found.append((len(problems), -beside.tensor_count, problems))
    return min(found, key=lambda each: each[:2])[2] if found else [*_other_sizes(model, graph)]


def _batches(walk: Walk) -> list[int]:
    """Sizes that the batch may have: files count on the one they were made with, though they leave it open."""
    if not any(walk.graph.nodes[place].op_type == "Reshape" for place in walk.used_nodes):
        return []
    found: dict[int, None] = {2: None, 1: None}
    for place in sorted(walk.used_nodes):
        node = walk.graph.nodes[place]
        if node.op_type == "Reshape" and node.input[1] in walk.graph.stored:
            first = walk.graph.stored[node.input[1]].read().reshape(-1)[:1]
            found.update((int(n), None) for n in first if 0 < n < 100)
    return [*found][:6]


def _other_sizes(model: Model, graph: Graph) -> Iterator[Problem]:
    """What goes in is of other sizes; each input is told that is."""
    for source, given in paired(model, graph.inputs):
        shape = show_shape(given.shape or ())
        wanted = show_shape((source.batch, *source.shape))
        if shape != wanted:
            yield Problem(f"the input {given.name!r} is {shape} in the file, {wanted} in the spec",
                          hint="? is any size: the first is the batch")  # fmt: skip


class _Agreement(SideBySide):
    """What of it is told."""

    def problems(self) -> list[Problem]:
        found: list[Problem] = []
        given, passed = dict(self.probe.tensors), set[str]()
        while True:
            try:
                done = self.walk.compute(given, self.recurrent, self.most)
            except TooLarge:
                return [
                    Problem("its graph makes far more numbers than the layers of the spec", hint="is it another model?")
                ]
            if done.unknown:
                return [self._unknown(place) for place in done.unknown]
            if self.has_same_outputs(done):
                return [*found, *self._starts(done)] or [*self._silent(done)]
            layer = next(
                (each for each in self.probe.model.layers if each.name not in passed and not self.find(each, done)),
                None,
            )
            if layer is None:
                failed = [self._misfit(None, place) for place in done.failed[:1]]
                return found if found or self.reported else failed or [self._after(done)]
            problem, going_on = self._told(layer, done)
            if done.failed and problem.hint != _ADD:
                problem = self._misfit(layer, done.failed[0])
            found += [] if layer.name in self.reported else [problem]
            if layer not in going_on:
                passed |= self._covered(layer, going_on)
            injected = {name: value for name, value in self._injected(going_on, done).items() if name not in given}
            if not injected:
                return found
            given |= injected

    def _starts(self, done: Pass) -> Iterator[Problem]:
        """Recurrent operators that begin with other numbers, as far as they are known."""
        for place, layer in self.layer_at.items():
            directions, node = layer.directions, self.walk.graph.nodes[place]
            names = zip(("initial_h", "initial_c"), node.input[5:7], directions[0].states, strict=False)
            for what, name, state in names if directions[0].recurrent and layer.name not in self.reported else ():
                begun = done.tensors.get(name)
                start = np.stack([self.spec.trace.start[f"{way.name}.{state}"] for way in directions])
                if begun is not None and not any(nearly_equal(begun, each) for each in (start, start.swapaxes(0, 1))):
                    yield Problem(f"{layer.name}: {what} is other numbers in the file than in the spec", layer.at,
                                  "in a spec that is initial_state")  # fmt: skip

    def _unknown(self, place: int) -> Problem:
        node = self.walk.graph.nodes[place]
        domain = f" of {node.domain}" if node.domain else ""
        name = f"{self.walk.name(place)}{domain}, node {self._number(place)} of the file"
        message = f"{name}, is an operator that is not compared"
        return Problem(message, hint="only ONNX's own operators, as frameworks write the layers of a spec, are")

    def _misfit(self, layer: Layer | None, place: int) -> Problem:
        name = f"{layer.name}: " if layer else ""
        message = (
            f"{name}{self.walk.name(place)}, node {self._number(place)} of the file, cannot take the sizes of the spec"
        )
        sizes = ", ".join(f"{given} {show_shape(array.shape)}" for given, array in self.probe.tensors.items())
        return Problem(message, layer.at if layer else None, f"with {sizes}")

    def _number(self, place: int) -> str:
        return f"{place + 1:,} of {len(self.walk.graph.nodes):,}"

    def _told(self, layer: Layer, done: Pass) -> tuple[Problem, list[Layer]]:
        """Of a layer whose output the file lacks; and the layers from whose inputs on the rest can be compared."""
        place = self.anchors.get(layer.name)
        before = self.last_inputs(layer, done)
        if place is not None:
            data = self.walk.graph.nodes[place].input[0]
            value = done.tensors.get(data)
            reads = SortedNumbers(self.spec.read(layer.inputs[0]))
            ran = any(name in done.tensors for name in self.walk.graph.nodes[place].output)
            if not ran if layer.unwrapped.recurrent else value is None or not reads.same(value):
                return self._between(layer, before, data), [layer]
        following = self._following(layer)
        stops = [self.walk.graph.nodes[self.anchors[each.name]].input[0] for each in following]
        stops = stops or [*self.walk.graph.outputs]
        linear = self.spec.linear(layer)
        z = self.tensors_with(linear, done) if linear is not None else []
        if z:
            written = self._written(frozenset(z[:1]), stops) or "none"
            return Problem(f"{layer.name}: activation is {written} in the file, {choice(layer)} in the spec", layer.at,
                           _FUNCTION), following  # fmt: skip
        written = self._written(before, stops) or self._written(before, stops, moving=True) or "nothing"
        return Problem(f"{layer.name}: {written} stands in the file, {layer.call} in the spec", layer.at), following

    def _between(self, layer: Layer, before: frozenset[str], data: str) -> Problem:
        """What a layer with weights reads is not what it reads in the spec."""
        owner = self.probe.model.owner(layer.inputs[0])[0]
        who = owner if isinstance(owner, Layer) else layer
        written = self._written(before, [data])
        if written:
            message = f"{written} stands between {owner.name!r} and {layer.name!r} in the file, nothing in the spec"
            return Problem(f"{who.name}: {message}", who.at, _ADD)
        node = self.walk.graph.nodes[self.anchors[layer.name]]
        moved = self._written(before, [data], moving=True) or "nothing"
        message = f"{layer.name}: {node.op_type} reads {moved} in the file, {layer.inputs[0]} in the spec"
        return Problem(message, layer.at, "what it reads has its axes in another order, or is another part")

    def _after(self, done: Pass) -> Problem:
        """All layers are there, but not what comes out."""
        model = self.probe.model
        given = [self.walk.value(name, done.tensors) for name in self.walk.graph.outputs]
        missing = [
            reference
            for reference, value in zip(model.outputs, self.spec.trace.outputs, strict=True)
            if not any(
                each is not None and same_numbers(each, order) for each in given for order in self.spec.orders(value)
            )
        ]
        owner = model.owner((*missing, model.outputs[0])[0])[0]
        who = owner if isinstance(owner, Layer) else model.layers[-1]
        start = frozenset(self.find(who, done)[-1:])
        written = self._written(start, self.walk.graph.outputs)
        if written:
            return Problem(f"{who.name}: {written} stands after it in the file, nothing in the spec", who.at,
                           _ADD)  # fmt: skip
        moved = self._written(self.last_inputs(who, done), self.walk.graph.outputs, moving=True) or "nothing"
        return Problem(f"{who.name}: what comes out is in another order, or another part of it: {moved} in the file, "
                       f"{who.call} in the spec", who.at)  # fmt: skip

    def _silent(self, done: Pass) -> Iterator[Problem]:
        """Functions that changed none of the numbers: one that only the file has, or only the spec."""
        spec = [
            layer for layer in self.probe.model.layers if layer.name not in self.reported and self.spec.keeps(layer)
        ]
        for place in sorted(self.walk.used_nodes):
            node = self.walk.graph.nodes[place]
            value = done.tensors.get(node.output[0])
            given = [done.tensors[name] for name in node.input if name in done.tensors]
            if node.op_type not in PIECEWISE or value is None or value.dtype.kind != "f" or len(given) != 1:
                continue  # one of two tensors is a join
            if all(each.shape != value.shape or not np.array_equal(each, value) for each in given):
                continue
            wanted = SortedNumbers(value)
            same = next((layer for layer in spec if wanted.same(self.spec.trace[f"{layer.name}.output"])), None)
            if same:
                spec.remove(same)
                continue
            here = [layer for layer in self.probe.model.layers if wanted.same(self.spec.trace[f"{layer.name}.output"])]
            if any(choice(layer) not in ("linear", "") or layer.definition.piecewise for layer in here):
                continue
            who = here[-1] if here else None
            written = f"{self.walk.name(place)} (node {self._number(place)})"
            message = f"{who.name}: {written} stands after it" if who else f"{written} stands"
            yield Problem(f"{message} in the file, nothing in the spec", who.at if who else None, _ADD)
        for layer in spec:
            yield Problem(f"{layer.name}: activation is none in the file, {choice(layer)} in the spec", layer.at,
                          _FUNCTION)  # fmt: skip

    def _written(self, before: frozenset[str], stops: Sequence[str], moving: bool = False) -> str:
        """The nodes between tensors that compute, or that move numbers, in words."""
        places = self.walk.ancestors([*stops], before) & self.walk.dependents(before)
        chosen = [
            each for each in sorted(places) if self.walk.moves(each) == moving and (moving or each not in self.layer_at)
        ]
        told = [f"{self.walk.name(each)} (node {self._number(each)})" for each in chosen[:4]]
        return ", ".join(told + [f"and {len(chosen) - 4} more"] * (len(chosen) > 4))

    # Going on after a difference.

    def _following(self, layer: Layer) -> list[Layer]:
        """The next layers with weights that read it, directly or through layers without."""
        reached, found = {layer.name}, []
        for each in self.probe.model.layers:
            if any(self.probe.model.owner(ref)[0].name in reached for ref in each.inputs):
                if each.name in self.anchors:
                    found.append(each)
                else:
                    reached.add(each.name)
        return found

    def _covered(self, layer: Layer, following: Sequence[Layer]) -> set[str]:
        """Layers that were not compared by themselves: those between."""
        names, reached = {each.name for each in following}, {layer.name}
        for each in self.probe.model.layers:
            reads = any(self.probe.model.owner(ref)[0].name in reached for ref in each.inputs)
            if reads and each.name not in names and each.name not in self.anchors:
                reached.add(each.name)
        return reached

    def _injected(self, following: Sequence[Layer], done: Pass) -> dict[str, Array]:
        """What these layers read in the spec, in the places where their nodes read it."""
        found = {}
        for layer in following:
            node = self.walk.graph.nodes[self.anchors[layer.name]]
            name, value = node.input[0], self.spec.read(layer.inputs[0])
            here = done.tensors.get(name)
            if layer.unwrapped.recurrent:
                wanted = self.spec.inputs_of(layer)[0]
                layout = self.walk.graph.attributes(node).get("layout", 0)
                found[name] = wanted.swapaxes(0, 1) if layout else wanted
            elif here is None or here.shape == value.shape:
                found[name] = value
            elif value.ndim > 2 and here.shape == value.swapaxes(0, 1).shape:
                found[name] = value.swapaxes(0, 1)
            elif value.ndim > 2 and here.shape == np.moveaxis(value, -1, 1).shape:
                found[name] = np.moveaxis(value, -1, 1)
        return found
