"""Whether an ONNX file computes what a spec does: both are run on the same numbers and compared layer by layer.

Recurrent operators are compared by their attributes (frameworks.onnx_nodes) and given the numbers of the spec, so that
all that stands around them is seen as well. An operator without a row is told, so is one that alone changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import Problem
from lstmdiag.frameworks.onnx_computing import PIECEWISE
from lstmdiag.frameworks.onnx_graph import Graph
from lstmdiag.frameworks.onnx_moving import TooLarge
from lstmdiag.frameworks.onnx_values import Pass, Walk
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.running import Trace, run
from lstmdiag.running.masks import of_steps
from lstmdiag.running.moving import MOVES
from lstmdiag.running.probe import Probe, count, paired, probes

ROOM = 2**24
"""Numbers that a graph may make beside 64 times those that the spec makes."""

_ADD = "add a layer to the spec that computes that"

Anchors = Mapping[str, int]
"""Layer with weights → the place of its node in the graph."""


def differences(
    model: Model, graph: Graph, nodes: Mapping[str, Any], weights: Mapping[str, Array], known: frozenset[str]
) -> list[Problem]:
    """What the file computes otherwise than the spec, each at the layer's line; none where they agree.

    `nodes` are those of the layers with weights, `known` the layers of which a difference is told already.
    """
    walk = Walk(graph)
    anchors = {name: walk.makers[node.output[0] or node.output[1]] for name, node in nodes.items()}
    found: list[list[Problem]] = []
    for samples in (0, *_batches(walk)):
        for probe in probes(model, graph.inputs, samples):
            found.append(_Beside(probe, walk, anchors, weights, known).problems())
            if not found[-1]:
                return []
    return min(found, key=len) if found else [*_other_sizes(model, graph)]


def _batches(walk: Walk) -> list[int]:
    """Sizes that may be that of the batch: files name the one they were made with, though they leave it open."""
    found: dict[int, None] = {}
    for place in sorted(walk.used):
        node = walk.graph.nodes[place]
        if node.op_type == "Reshape" and node.input[1] in walk.graph.stored:
            first = walk.graph.stored[node.input[1]].read().reshape(-1)[:1]
            found.update((int(n), None) for n in first if 0 < n < 100)
    return [*found][:4]


def _other_sizes(model: Model, graph: Graph) -> Iterator[Problem]:
    """What goes in is of other sizes; each input is told that is."""
    for source, given in paired(model, graph.inputs):
        shape = show_shape(given.shape or ())
        wanted = show_shape((source.batch, *source.shape))
        if shape != wanted:
            yield Problem(f"the input {given.name!r} is {shape} in the file, {wanted} in the spec",
                          hint="? is any size: the first is the batch")  # fmt: skip


@dataclass(frozen=True)
class _Beside:
    probe: Probe
    walk: Walk
    anchors: Anchors
    weights: Mapping[str, Array]
    known: frozenset[str]
    @cached_property
    def trace(self) -> Trace:
        kept = {f"{way.name}.{next(iter(way.states))}" for way in self._ways.values() if way.states}
        kept |= {source.name for source in self.probe.model.inputs}

        def keep(name: str) -> bool:
            return name in kept or name.rpartition(".")[2] in ("output", "forward", "backward")

        with np.errstate(all="ignore"):
            return run(self.probe.model, self.probe.arrays, self.weights, keep=keep)

    @cached_property
    def _ways(self) -> dict[str, Layer]:
        found = {}
        for layer in self.probe.model.layers:
            inner = layer
            while inner.inner and not inner.backward:
                inner = inner.inner
            found |= {way.name: way for way in _directions(inner) if way.recurrent}
        return found

    @cached_property
    def at(self) -> Mapping[int, Layer]:
        """Place of a node → the layer with its weights."""
        return {place: self.probe.model.layer(name) for name, place in self.anchors.items()}

    def problems(self) -> list[Problem]:
        found: list[Problem] = []
        given, passed = dict(self.probe.given), set[str]()
        while True:
            try:
                done = self.walk.computed(given, self.recurrent, self.most)
            except TooLarge:
                return [Problem("its graph makes far more numbers than the layers of the spec", hint="is it another model?")]
            if done.unknown:
                return [self._unknown(place) for place in done.unknown]
            if self._outputs(done):
                return found + [*self._starts(done)] or [*self._silent(done)]
            layer = next((each for each in self.probe.model.layers if each.name not in passed and not self.find(each, done)), None)
            if layer is None:
                failed = [self._misfit(None, place) for place in done.failed[:1]]
                return found if found or self.known else failed or [self._after(done)]
            problem, going_on = self._told(layer, done)
            if done.failed and problem.hint != _ADD:
                problem = self._misfit(layer, done.failed[0])
            found += [] if layer.name in self.known else [problem]
            if layer not in going_on:
                passed |= self._covered(layer, going_on)
            injected = {name: value for name, value in self._injected(going_on, done).items() if name not in given}
            if not injected:
                return found
            given |= injected

    @property
    def most(self) -> int:
        sizes = sum(int(np.prod(each.shape)) for each in self.weights.values())
        return 64 * (count(self.probe.model, len(self.probe.arrays[0])) + sizes) + ROOM

    # What the spec has.

    def read(self, reference: str) -> Array:
        owner, part = self.probe.model.owner(reference)
        if part and not (isinstance(owner, Layer) and part in owner.parts):
            return self.trace.states[reference]
        return self.trace[reference if part or not isinstance(owner, Layer) else f"{reference}.output"]

    def recurrent(self, place: int, tensors: Mapping[str, Array]) -> list[Array] | None:
        """The spec's numbers as the outputs of its operator: Y (T, directions, N, units), then the last states."""
        layer, node = self.at.get(place), self.walk.graph.nodes[place]
        x = tensors.get(node.input[0])
        if layer is None or x is None:
            return None
        batch_first = bool(self.walk.graph.attributes(node).get("layout", 0))
        x = x.swapaxes(0, 1) if batch_first and x.ndim == 3 else x
        wanted, counted = self.goes_in(layer)
        turned = x.shape == wanted.shape and not _near(x, wanted, counted) and _near(x[::-1], wanted, counted)
        if not turned and not (x.shape == wanted.shape and _near(x, wanted, counted)):
            return None
        y, last = self.gives(layer)
        y = y[::-1] if turned else y
        return [np.moveaxis(y, 2, 0), *(each.swapaxes(0, 1) for each in last)] if batch_first else [y, *last]

    def goes_in(self, layer: Layer) -> tuple[Array, Array | None]:
        """X of a recurrent operator, (T, N, features), and which of its steps count."""
        x = self.read(layer.inputs[0])
        wanted = x.reshape(-1, *x.shape[-2:]).swapaxes(0, 1).astype(float)
        mask = of_steps(self.trace.masks.get(layer.inputs[0]))
        counted = None if mask is None or mask.size != wanted[..., 0].size else mask.reshape(wanted.shape[1::-1]).T
        return wanted, counted

    def gives(self, layer: Layer) -> tuple[Array, list[Array]]:
        ways = _directions(_innermost(layer))
        names = [*ways[0].states]
        rows = [self.trace[f"{way.name}.{names[0]}"] for way in ways]
        steps = np.stack([each.reshape(-1, *each.shape[-2:]) for each in rows])  # (directions, N, T, units)
        last = [np.stack([self.trace.states[f"{way.name}.{name}"] for way in ways]) for name in names]
        return steps.transpose(2, 0, 1, 3), last

    def _starts(self, done: Pass) -> Iterator[Problem]:
        """Recurrent operators that begin with other numbers, as far as they are known."""
        for place, layer in self.at.items():
            ways, node = _directions(_innermost(layer)), self.walk.graph.nodes[place]
            names = zip(("initial_h", "initial_c"), node.input[5:7], ways[0].states, strict=False)
            for what, name, state in names if ways[0].recurrent and layer.name not in self.known else ():
                begun = done.tensors.get(name)
                start = np.stack([self.trace.start[f"{way.name}.{state}"] for way in ways])
                if begun is not None and not any(_near(begun, each) for each in (start, start.swapaxes(0, 1))):
                    yield Problem(f"{layer.name}: {what} is other numbers in the file than in the spec", layer.at,
                                  "in a spec that is initial_state")  # fmt: skip

    # Where the file has it.

    def find(self, layer: Layer, done: Pass) -> list[str]:
        """The tensors, in the order of the graph, with the numbers that a layer gives out, in any order."""
        outputs = [self.trace[f"{layer.name}.{part}"] for part in layer.parts] or [self.trace[f"{layer.name}.output"]]
        return [name for output in outputs for name in self.holding(output, done)]

    def holding(self, numbers: Array, done: Pass) -> list[str]:
        wanted = _Sorted(numbers)
        return [name for name, value in done.tensors.items() if wanted.same(value)]

    def _outputs(self, done: Pass) -> bool:
        """Whether the graph gives out what the spec does, and nothing that the spec does not know."""
        model = self.probe.model
        outputs = dict(zip(model.outputs, self.trace.outputs, strict=True))
        known = [self._orders(value) for value in outputs.values()]
        given = [self.walk.value(name, done.tensors) for name in self.walk.graph.outputs]
        operators = [*self._operators()]
        for value in given:
            if value is None:
                return False
            ours = any(_alike(value, order) for orders in known for order in orders)
            if not ours and not any(_alike(value, order) for _, orders in operators for order in orders):
                return False
        for reference, orders in zip(outputs, known, strict=True):
            owner = model.owner(reference)[0].name
            ways = [*orders, *(order for name, each in operators if name == owner for order in each)]
            if not any(value is not None and _alike(value, order) for value in given for order in ways):
                return False
        return True

    def _orders(self, value: Array) -> list[Array]:
        """With the batch or the steps in front; with the features second where they were in what goes in."""
        found = [value]
        if value.ndim > 2:
            found.append(value.swapaxes(0, 1))
            if self.probe.order == "features":
                found.append(np.moveaxis(value, -1, 1))
        return found

    def _operators(self) -> Iterator[tuple[str, list[Array]]]:
        """What recurrent operators give out: files may give out all steps, or the last states, or both."""
        for layer in self.at.values():
            if not _innermost(layer).recurrent:
                continue
            y, last = self.gives(layer)
            joined = y.transpose(0, 2, 1, 3).reshape(len(y), y.shape[2], -1)
            orders = [y, y[::-1]] if _innermost(layer).maths.options.go_backwards else [y]
            orders += [joined, joined.swapaxes(0, 1), *last, *(each.swapaxes(0, 1) for each in last)]
            orders += [each.transpose(1, 0, 2).reshape(each.shape[1], -1) for each in last]
            yield layer.name, orders + [np.concatenate([y[-1, :1], y[0, 1:]]).transpose(1, 0, 2).reshape(y.shape[2], -1)]

    # What is told.

    def _unknown(self, place: int) -> Problem:
        node = self.walk.graph.nodes[place]
        domain = f" of {node.domain}" if node.domain else ""
        message = f"{self.walk.name(place)}{domain}, node {self._number(place)} of the file, is an operator that is not compared"
        return Problem(message, hint="only ONNX's own operators, as frameworks write the layers of a spec, are")

    def _misfit(self, layer: Layer | None, place: int) -> Problem:
        name = f"{layer.name}: " if layer else ""
        message = f"{name}{self.walk.name(place)}, node {self._number(place)} of the file, cannot take the sizes of the spec"
        sizes = ", ".join(f"{given} {show_shape(array.shape)}" for given, array in self.probe.given.items())
        return Problem(message, layer.at if layer else None, f"with {sizes}")

    def _number(self, place: int) -> str:
        return f"{place + 1:,} of {len(self.walk.graph.nodes):,}"

    def _told(self, layer: Layer, done: Pass) -> tuple[Problem, list[Layer]]:
        """Of a layer whose output the file lacks; and the layers from whose inputs on the rest can be compared."""
        place, options = self.anchors.get(layer.name), _innermost(layer).options
        before = self._before(layer, done)
        if place is not None:
            data = self.walk.graph.nodes[place].input[0]
            value = done.tensors.get(data)
            reads = _Sorted(self.read(layer.inputs[0]))
            ran = any(name in done.tensors for name in self.walk.graph.nodes[place].output)
            if not ran if _innermost(layer).recurrent else value is None or not reads.same(value):
                return self._between(layer, before, data), [layer]
        following = self._following(layer)
        stops = [self.walk.graph.nodes[self.anchors[each.name]].input[0] for each in following]
        stops = stops or [*self.walk.graph.outputs]
        linear = self._linear(layer)
        z = self.holding(linear, done) if linear is not None else []
        if z:
            chosen = options.activation or "linear"
            written = self._written(frozenset(z[:1]), stops)
            return Problem(f"{layer.name}: activation is {written or 'none'} in the file, {chosen} in the spec", layer.at,
                           "in a spec that is activation, or an Activation layer"), following  # fmt: skip
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
            for reference, value in zip(model.outputs, self.trace.outputs, strict=True)
            if not any(each is not None and _alike(each, order) for each in given for order in self._orders(value))
        ]
        owner = model.owner((*missing, model.outputs[0])[0])[0]
        who = owner if isinstance(owner, Layer) else model.layers[-1]
        start = frozenset(self.find(who, done)[-1:])
        written = self._written(start, self.walk.graph.outputs)
        if written:
            return Problem(f"{who.name}: {written} stands after it in the file, nothing in the spec", who.at,
                           _ADD)  # fmt: skip
        moved = self._written(self._before(who, done), self.walk.graph.outputs, moving=True) or "nothing"
        return Problem(f"{who.name}: what comes out is in another order, or another part of it: {moved} in the file, "
                       f"{who.call} in the spec", who.at)  # fmt: skip

    def _silent(self, done: Pass) -> Iterator[Problem]:
        """Functions that changed none of the numbers: one that only the file has, or only the spec."""
        spec = [layer for layer in self.probe.model.layers if layer.name not in self.known and self._keeps(layer)]
        for place in sorted(self.walk.used):
            node = self.walk.graph.nodes[place]
            value = done.tensors.get(node.output[0])
            given = [done.tensors[name] for name in node.input if name in done.tensors]
            if node.op_type not in PIECEWISE or value is None or value.dtype.kind != "f" or len(given) != 1:
                continue  # one of two tensors is a join
            if all(each.shape != value.shape or not np.array_equal(each, value) for each in given):
                continue
            wanted = _Sorted(value)
            same = next((layer for layer in spec if wanted.same(self.trace[f"{layer.name}.output"])), None)
            if same:
                spec.remove(same)
                continue
            here = [layer for layer in self.probe.model.layers if wanted.same(self.trace[f"{layer.name}.output"])]
            if any(_choice(layer) not in ("linear", "") or layer.kind in ("Maximum", "Minimum") for layer in here):
                continue
            who = here[-1] if here else None
            after = f"{who.name}: " if who else ""
            yield Problem(f"{after}{self.walk.name(place)}, node {self._number(place)}, stands in the file, nothing in the spec",
                          who.at if who else None, _ADD)  # fmt: skip
        for layer in spec:
            yield Problem(f"{layer.name}: activation is none in the file, {_choice(layer)} in the spec", layer.at,
                          "in a spec that is activation, or an Activation layer")  # fmt: skip

    def _keeps(self, layer: Layer) -> bool:
        """Whether the function of a layer leaves these numbers as they are."""
        linear = self._linear(layer)
        return (
            linear is not None
            and _choice(layer) != "linear"
            and bool(np.array_equal(linear, self.trace[f"{layer.name}.output"]))
        )

    def _linear(self, layer: Layer) -> Array | None:
        """What it gives before its activation; None for layers without one."""
        inner = _innermost(layer)
        if inner.recurrent or not hasattr(inner.options, "activation") or layer.parts:
            return None
        x = self.read(layer.inputs[0])
        rows = x.reshape(-1, *x.shape[len(x.shape) - len(inner.input) :])
        owner = self.probe.model.owner_of_weights(inner)
        own = {weight.name: self.weights[f"{owner}.{weight.name}"] for weight in inner.weights}
        if inner.kind == "Activation":
            made = rows
        elif inner.kind == "Dense":
            made = rows @ own["W"].T + own.get("b", 0.0)
        elif inner.kind in MOVES:
            made = MOVES[inner.kind](inner.options.model_copy(update={"activation": "linear"}), own, [rows], [None])
        else:
            return None
        return made.reshape(self.trace[f"{layer.name}.output"].shape)

    def _before(self, layer: Layer, done: Pass) -> frozenset[str]:
        """The last tensors in which the file has what a layer reads."""
        found = []
        for reference in layer.inputs:
            found += self.holding(self.read(reference), done)[-1:]
        return frozenset(found) or frozenset(self.probe.given)

    def _written(self, before: frozenset[str], stops: Sequence[str], moving: bool = False) -> str:
        """The nodes between tensors that compute, or that move numbers, in words."""
        places = self.walk.behind([*stops], before) & self.walk.reached(before)
        chosen = [each for each in sorted(places) if self.walk.moves(each) == moving and (moving or each not in self.at)]
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
            name, value = node.input[0], self.read(layer.inputs[0])
            here = done.tensors.get(name)
            if _innermost(layer).recurrent:
                wanted = self.goes_in(layer)[0]
                layout = self.walk.graph.attributes(node).get("layout", 0)
                found[name] = wanted.swapaxes(0, 1) if layout else wanted
            elif here is None or here.shape == value.shape:
                found[name] = value
            elif value.ndim > 2 and here.shape == value.swapaxes(0, 1).shape:
                found[name] = value.swapaxes(0, 1)
            elif value.ndim > 2 and here.shape == np.moveaxis(value, -1, 1).shape:
                found[name] = np.moveaxis(value, -1, 1)
        return found


def _innermost(layer: Layer) -> Layer:
    while layer.inner and not layer.backward:
        layer = layer.inner
    return layer


def _directions(layer: Layer) -> list[Layer]:
    return [each for each in (layer.inner, layer.backward) if each] or [layer]


def _choice(layer: Layer) -> str:
    return getattr(_innermost(layer).options, "activation", "") or "linear"


def _near(found: Array, wanted: Array, counted: Array | None = None) -> bool:
    """Attributes and constants of a file are stored in single precision."""
    if found.shape != wanted.shape:
        return False
    if counted is not None:
        found, wanted = found[counted], wanted[counted]
    finite = np.abs(wanted[np.isfinite(wanted)])
    near = 1e-6 * float(finite.max(initial=0))
    return bool(np.isclose(found, wanted, rtol=1e-5, atol=near, equal_nan=True).all())


def _alike(found: Array, wanted: Array) -> bool:
    """But for axes of one."""
    return found.dtype.kind in "fiu" and _near(np.squeeze(found), np.squeeze(wanted))


class _Sorted:
    """Numbers in any order."""

    def __init__(self, numbers: Array) -> None:
        self.flat = np.sort(numbers.reshape(-1).astype(float))

    def same(self, other: Array) -> bool:
        if other.size != self.flat.size or other.dtype.kind not in "fiu":
            return False
        ends = np.array([other.min(initial=np.inf), other.max(initial=-np.inf)], float)
        if not _near(ends, np.array([self.flat.min(initial=np.inf), self.flat.max(initial=-np.inf)])):
            return False
        return _near(np.sort(other.reshape(-1).astype(float)), self.flat)


