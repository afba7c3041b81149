"""Model + weights + input → every named signal at every step. Nothing here draws.

`run` is the forward pass; `steps` a cell over time. What layers without equations compute stands in their own files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array, evaluate
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.layer import CellLayer, Layer, RecurrentLayer
from lstmdiag.layers.kind import ValueMisfit
from lstmdiag.model import Model
from lstmdiag.running import steps
from lstmdiag.running.masks import handed_on, of_steps
from lstmdiag.running.signals import places, signals

Weights = Mapping[str, Array]
"""`encoder.W_i`, `b.forward.W_i` → array, (out, in)."""

Keep = Callable[[str], bool]


@dataclass(frozen=True)
class Trace:
    """Every signal that was kept, `encoder.c` → (N, steps, units), in the order of the input's steps.

    But `output` is what the layer gives out: of one that goes backwards, in the order it computes it, as in Keras.
    """

    signals: Mapping[str, Array]
    outputs: tuple[Array, ...]
    states: Mapping[str, Array] = field(default_factory=dict)  # `encoder.c` → (N, units) after the last step
    start: Mapping[str, Array] = field(default_factory=dict)  # the same before the first step
    carried: Mapping[str, Array] = field(default_factory=dict)  # of stateful layers, what the next call starts from
    steps: Mapping[str, Sequence[int]] = field(default_factory=dict)  # which steps a signal was kept of, from 0
    masks: Mapping[str, Array] = field(default_factory=dict)  # by reference, of all steps: true where one counts

    def __getitem__(self, name: str) -> Array:
        return self.signals[name]


def run(
    model: Model,
    inputs: Sequence[Array],
    weights: Weights,
    *,
    keep: Keep = lambda name: True,
    at: Collection[int] | None = None,
    start: Mapping[str, Array] | None = None,
) -> Trace:
    """One forward pass at prediction, (N, ...) in and out. `keep` chooses signals by name.

    `at` chooses steps (from 0; −1 is the last). `start` holds states to begin with, `encoder.c`, as `Trace.carried`
    of the call before does. Raises LstmdiagError where a layer cannot take what it is given.
    """
    return _Pass(model, weights, keep, at, start or {}).run(inputs)


class _Pass:
    def __init__(
        self, model: Model, weights: Weights, keep: Keep, at: Collection[int] | None, start: Mapping[str, Array]
    ) -> None:
        self.model, self.weights, self.keep, self.at = model, weights, keep, at
        self.known = signals(model)
        self.tensors: dict[str, Array] = {}
        self.masks: dict[str, Array] = {}  # by reference: (N, T) or with more axes, true where something counts
        self.signals: dict[str, Array] = {}
        self.states: dict[str, Array] = {}
        self.begun: dict[str, Array] = {}
        self.carried = dict(start)
        self.kept_steps: dict[str, Sequence[int]] = {}
        self.rows: tuple[int, ...] = ()  # inside TimeDistributed: what the rows of the batch are, (N, T)

    def run(self, inputs: Sequence[Array]) -> Trace:
        floating = [each.dtype for each in (*inputs, *self.weights.values()) if each.dtype.kind == "f"]
        self.dtype = np.result_type(*floating) if floating else np.dtype(float)
        for source, given in zip(self.model.inputs, inputs, strict=True):
            self.tensors[source.name] = given
            self.note(source.name, given)
        for layer in self.model.layers:
            self.layer(layer)
        outputs = tuple(self.tensors[ref] for ref in self.model.outputs)
        return Trace(self.signals, outputs, self.states, self.begun, self.carried, self.kept_steps, self.masks)

    def note(self, name: str, values: Array) -> None:
        if not self.keep(name):
            return
        values = values.reshape(*self.rows, *values.shape[1:]) if self.rows else values
        if self.known[name].timed:
            at = self.kept_steps[name] = places(self.at, values.shape[1])
            values = values if len(at) == values.shape[1] else values[:, at]
        self.signals[name] = values

    def layer(self, layer: Layer) -> None:
        inputs = [self.tensors[ref] for ref in layer.inputs]
        masks = [self.masks.get(ref) for ref in layer.inputs]
        try:
            output = self.computed(layer, inputs, masks)
        except ValueMisfit as misfit:
            raise LstmdiagError(Problem(f"{layer.name!r} {misfit}", layer.at)) from None
        self.tensors[layer.name] = output
        for part in layer.parts:
            self.note(f"{layer.name}.{part}", self.tensors[f"{layer.name}.{part}"])
        self.note(f"{layer.name}.output", output)
        made = handed_on(layer, inputs, masks)
        if made is not None:
            for ref in (layer.name, *(f"{layer.name}.{part}" for part in layer.parts)):
                self.masks[ref] = made
            self.note(f"{layer.name}.mask", made)

    def computed(self, layer: Layer, inputs: Sequence[Array], masks: Sequence[Array | None]) -> Array:
        if not (layer.copies or layer.maths.definition.tokens):  # tokens stay whole numbers on the way to their table
            inputs = [each if each.dtype.kind == "f" else each.astype(self.dtype) for each in inputs]
        if layer.halves:
            return self.both_ways(layer, inputs[0], masks[0])
        if layer.inner:
            return self.each_step(layer, inputs[0], masks[0])
        if isinstance(layer, RecurrentLayer):
            return self.over_time(layer, inputs[0], masks[0], layer.initial_state)
        if isinstance(layer, CellLayer):
            return self.equations(layer, inputs[0])
        weights = self.of(layer)
        numbers, shares = layer.definition.numbers, layer.definition.shares
        assert numbers is not None  # tests/test_complete.py
        if shares:
            self.note(f"{layer.name}.weights", shares(layer.options, weights, inputs, masks))
        return numbers(layer.options, weights, inputs, masks)

    def of(self, layer: Layer) -> dict[str, Array]:
        """The layer's weights by their names in its equations."""
        owner = self.model.owner_of_weights(layer)
        return {weight.name: self.weights[f"{owner}.{weight.name}"] for weight in layer.weights}

    def equations(self, layer: CellLayer, x: Array) -> Array:
        """A layer without states: every vector along its axis, with the same weights."""
        cell, axis = layer.cell, layer.axis + 1  # behind the batch
        names: dict[str, Any] = {"x": np.moveaxis(x, axis, -1), **self.of(layer)}
        made = steps.plan(cell)
        for name, expr in (*made.fixed, *made.equations):
            names[name] = evaluate(expr, names)
            if name != cell.output:
                self.note(f"{layer.name}.{name}", np.moveaxis(names[name], -1, axis))
        return np.moveaxis(names[cell.output], -1, axis)

    def each_step(self, layer: Layer, x: Array, mask: Array | None) -> Array:
        """TimeDistributed: steps become rows of the batch, each with its own mask, and rows become steps again."""
        assert layer.inner is not None
        around = self.rows
        self.rows = (*(around or x.shape[:1]), x.shape[1])
        of_rows = None if mask is None else mask.reshape(-1, *mask.shape[2:])
        flat = self.computed(layer.inner, [x.reshape(-1, *x.shape[2:])], [of_rows])
        self.rows = around
        return flat.reshape(*x.shape[:2], *flat.shape[1:])

    def over_time(
        self, layer: RecurrentLayer, x: Array, mask: Array | None, initial: Sequence[str], *, zero_masked: bool = False
    ) -> Array:
        cell = layer.cell
        start = self.beginning(layer, x, initial)
        wanted = [name for name in steps.plan(cell).signals if self.keep(f"{layer.name}.{name}")]
        around, rows = self.rows, None
        at = chosen = places(self.at, around[1] if around else x.shape[1])
        if around:  # steps of the outermost layer are chosen, and with them all of this one
            at = list(range(x.shape[1]))
        if around and len(chosen) < around[1]:
            rows = np.arange(len(x)).reshape(around)[:, chosen]
            around, rows = rows.shape, rows.ravel()
        sequences = layer.returns_sequences
        done = steps.run(
            cell, x, self.of(layer), start, mask=of_steps(mask), backwards=layer.go_backwards,
            keep=wanted, steps=at, rows=rows, sequences=sequences, zero_masked=zero_masked,
        )  # fmt: skip
        for name, values in done.signals.items():
            kept = values.reshape(*around, *values.shape[1:]) if around else values
            self.signals[f"{layer.name}.{name}"], self.kept_steps[f"{layer.name}.{name}"] = kept, chosen
        for state, values in done.states.items():
            self.states[f"{layer.name}.{state}"] = self.tensors[f"{layer.name}.{state}"] = values
            if layer.stateful:
                self.carried[f"{self.model.owner_of_weights(layer)}.{state}"] = values
        return done.outputs if done.outputs is not None else done.states[cell.output]

    def beginning(self, layer: Layer, x: Array, initial: Sequence[str]) -> dict[str, Array]:
        """Its states before the first step: given by the caller, by another layer, or zeros."""
        found = {}
        for number, (state, shape) in enumerate(layer.states.items()):
            name = f"{self.model.owner_of_weights(layer)}.{state}"
            if initial:
                found[state] = self.tensors[initial[number]]
            elif name in self.carried:
                found[state] = self.carried[name]
            else:
                found[state] = np.zeros((len(x), *(size or 0 for size in shape)), x.dtype)
        self.begun.update({f"{layer.name}.{state}": value for state, value in found.items()})
        return found

    def both_ways(self, layer: Layer, x: Array, mask: Array | None) -> Array:
        """Bidirectional; Keras puts zeros where a step is masked, if all steps are returned."""
        sequences = layer.returns_sequences
        both = []
        for each, initial in zip(layer.halves.values(), layer.starts, strict=True):
            out = self.over_time(each, x, mask, initial, zero_masked=sequences)
            both.append(out[:, ::-1] if sequences and each is layer.backward else out)
        assert layer.definition.numbers is not None  # tests/test_complete.py
        merged = layer.definition.numbers(layer.options, {}, both, [mask, mask])
        for part, values in zip(layer.parts, both, strict=False):
            self.tensors[f"{layer.name}.{part}"] = values
        return merged
