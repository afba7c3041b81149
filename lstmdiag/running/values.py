"""One forward pass with the weights it was made with: the only source of numbers for pictures, tables and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.numbers import Array
from lstmdiag.errors import Problem
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.running import Trace


@dataclass(frozen=True)
class Values:
    """Steps and units count from 1, as in pictures; the sample is the first of the batch."""

    model: Model
    weights: Mapping[str, Array]  # `encoder.W_i`
    trace: Trace
    origin: str = ""  # where the weights come from, in words: "weights: untrained, Keras's initializers, seed 7"
    badge: str = ""  # of a toy twin: "toy twin: same wiring, 3 units instead of 128"
    batched: bool = False  # the input was given with a batch axis
    notes: tuple[Problem, ...] = ()  # what is worth to know about the file of the weights

    def vector(self, layer: Layer, name: str, step: int) -> Array:
        """A signal of a recurrent layer at one step of the first sample, (units,); steps count from 1.

        `c`, `a_f`, or `c_prev`, what it was one step before; `x` is (features,). Raises KeyError where it was not kept.
        """
        if name == "x":
            return self.read(layer)[step - 1]
        if not name.endswith(PREVIOUS):
            return self._at(f"{layer.name}.{name}", step)
        state = f"{layer.name}.{name.removesuffix(PREVIOUS)}"
        before = step + 1 if layer.go_backwards else step - 1
        last = layer.input[0]
        assert last is not None  # a pass has bound it
        return self._at(state, before) if 1 <= before <= last else self.trace.start[state][0]

    def _at(self, name: str, step: int) -> Array:
        """Of the first sample. Raises KeyError where the signal, or this step of it, was not kept."""
        kept = self.trace.steps[name]
        if step - 1 not in kept:
            raise KeyError(f"{name} at step {step}")
        return self.trace[name][0, kept.index(step - 1)]

    def number(self, layer: Layer, name: str, step: int, unit: int) -> float:
        """One number of such a signal; step and unit count from 1. Raises KeyError where it was not kept."""
        return float(self.vector(layer, name, step)[unit - 1])

    def read(self, layer: Layer) -> Array:
        """What the layer reads, (steps, features)."""
        return self.trace[read_name(self.model, layer)][0]

    def counted(self, layer: Layer, sample: int = 0) -> Array | None:
        """Which steps of a sample count, (steps,), of a layer that runs anew in every step of another one those of the
        first run. None where no mask comes with its input, or one of whole samples.

        What a gate gives at a masked step is computed and noted, but goes nowhere.
        """
        if not layer.masked:
            return None
        real = self.trace.masks[layer.inputs[0]][(sample, *(0,) * runs_in(self.model, layer))]
        return np.asarray(real.reshape(len(real), -1).any(-1)) if real.ndim else None

    def weight(self, layer: Layer, name: str) -> Array:
        """`W_f` of a layer, (out, in)."""
        return self.weights[f"{self.model.owner_of_weights(layer)}.{name}"]


def runs_in(model: Model, layer: Layer) -> int:
    """How many TimeDistributed are around it: so many axes of steps come before its own."""
    around = [each.name for each in model.layer(layer.top).wrappers]
    return around.index(layer.name) if layer.name in around else len(around)


def read_name(model: Model, layer: Layer) -> str:
    """The signal that a layer reads first."""
    reference = layer.inputs[0]
    owner, part = model.owner(reference)
    return reference if part or not isinstance(owner, Layer) else f"{owner.name}.output"
