"""What a spec has in the places of an ONNX file: numbers that go into its layers, and that come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array, evaluate
from lstmdiag.layer import Layer
from lstmdiag.running import Trace, run
from lstmdiag.running.masks import of_steps
from lstmdiag.running.probe import Probe


@dataclass(frozen=True)
class Expected:
    """A forward pass of the spec with the weights of the file."""

    probe: Probe
    weights: Mapping[str, Array]

    @cached_property
    def trace(self) -> Trace:
        """The pass; it keeps inputs, outputs of layers, and the first state of each recurrent layer at every step."""
        kept = {f"{way.name}.{next(iter(way.states))}" for way in self._directions.values() if way.states}
        kept |= {source.name for source in self.probe.model.inputs}

        def keep(name: str) -> bool:
            return name in kept or name.rpartition(".")[2] in ("output", "forward", "backward")

        with np.errstate(all="ignore"):
            return run(self.probe.model, self.probe.arrays, self.weights, keep=keep)

    @cached_property
    def _directions(self) -> dict[str, Layer]:
        directions = [way for layer in self.probe.model.layers for way in layer.directions]
        return {way.name: way for way in directions if way.recurrent}

    def read(self, reference: str) -> Array:
        """What a reference names: an output or an input, (samples, ...), or a last state, (samples, units)."""
        owner, part = self.probe.model.owner(reference)
        if part and not (isinstance(owner, Layer) and part in owner.parts):
            return self.trace.states[reference]
        return self.trace[reference if part or not isinstance(owner, Layer) else f"{reference}.output"]

    def inputs_of(self, layer: Layer) -> tuple[Array, Array | None]:
        """X of a recurrent operator, (T, N, features), and which of its steps count."""
        x = self.read(layer.inputs[0])
        wanted = x.reshape(-1, *x.shape[-2:]).swapaxes(0, 1).astype(float)
        mask = of_steps(self.trace.masks.get(layer.inputs[0]))
        counted = None if mask is None or mask.size != wanted[..., 0].size else mask.reshape(wanted.shape[1::-1]).T
        return wanted, counted

    def outputs_of(self, layer: Layer) -> tuple[Array, list[Array]]:
        """Y of a recurrent operator, (T, directions, N, units), and its last states, (directions, N, units)."""
        directions = layer.directions
        names = [*directions[0].states]
        rows = [self.trace[f"{way.name}.{names[0]}"] for way in directions]
        steps = np.stack([each.reshape(-1, *each.shape[-2:]) for each in rows])  # (directions, N, T, units)
        last = [np.stack([self.trace.states[f"{way.name}.{name}"] for way in directions]) for name in names]
        return steps.transpose(2, 0, 1, 3), last

    def orders(self, value: Array) -> list[Array]:
        """The axis orders of a value (samples, steps, features) that a file may give it in.

        As it is, with the steps in front, and with the features second where they were so in the input.
        """
        found = [value]
        if value.ndim > 2:
            found.append(value.swapaxes(0, 1))
            if self.probe.order == "features":
                found.append(np.moveaxis(value, -1, 1))
        return found

    def operators(self, layer: Layer) -> list[Array]:
        """What recurrent operators give out in the axis orders of files: all steps, and the last states.

        As in ONNX, Y (steps, directions, samples, units) and Y_h, Y_c (directions, samples, units); as in PyTorch,
        directions side by side, (samples, steps, directions * units).
        """
        y, last = self.outputs_of(layer)
        samples = y.shape[2]
        joined = y.transpose(0, 2, 1, 3).reshape(len(y), samples, -1)
        ends = np.concatenate([y[-1, :1], y[0, 1:]])  # of both directions, where each of them ends
        orders = [y, joined, joined.swapaxes(0, 1), *last, *(each.swapaxes(0, 1) for each in last)]
        orders += [each.transpose(1, 0, 2).reshape(samples, -1) for each in (*last, ends)]
        return [*orders, y[::-1]] if layer.go_backwards else orders

    def keeps(self, layer: Layer) -> bool:
        """Whether the function of a layer leaves these numbers as they are."""
        linear = self.linear(layer)
        return (
            linear is not None
            and choice(layer) != "linear"
            and bool(np.array_equal(linear, self.trace[f"{layer.name}.output"]))
        )

    def linear(self, layer: Layer) -> Array | None:
        """What it gives before its activation, in the shape of its output; None for layers without one."""
        inner, kind = layer.unwrapped, layer.unwrapped.definition
        if inner.recurrent or not inner.function:
            return None
        x = self.read(layer.inputs[0])
        rows = x.reshape(-1, *x.shape[len(x.shape) - len(inner.input) :])
        owner = self.probe.model.owner_of_weights(inner)
        own = {weight.name: self.weights[f"{owner}.{weight.name}"] for weight in inner.weights}
        linear = inner.options.model_copy(update={"activation": "linear"})
        if kind.cell:
            cell = kind.cell(linear)
            names: dict[str, Any] = {"x": rows, **own}
            for name, expr in cell.equations.items():
                names[name] = evaluate(expr, names)
            made = names[cell.output]
        else:
            assert kind.numbers is not None  # tests/test_complete.py
            made = kind.numbers(linear, own, [rows], [None])
        return np.asarray(made).reshape(self.trace[f"{layer.name}.output"].shape)


def choice(layer: Layer) -> str:
    """The function of a layer, `linear` where it has none."""
    return layer.unwrapped.function or "linear"
