"""One forward pass with the weights it was made with: the only source of numbers for pictures, tables and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.numbers import Array
from lstmdiag.model import Layer, Model
from lstmdiag.running import Trace


@dataclass(frozen=True)
class Values:
    """Steps and units count from 1, as in pictures; the sample is the first of the batch."""

    model: Model
    weights: Mapping[str, Array]  # `encoder.W_i`
    trace: Trace
    origin: str = ""  # where the weights come from, in words: "weights: Keras's initializers, seed 7"
    badge: str = ""  # of a toy twin: "toy twin: same wiring, 3 units instead of 128"

    def vector(self, layer: Layer, name: str, step: int) -> Array:
        """A signal of a recurrent layer at one step: `c`, `a_f`, or `c_prev`, what it was one step before."""
        if name == "x":
            return self.read(layer)[step - 1]
        if not name.endswith(PREVIOUS):
            return self.trace[f"{layer.name}.{name}"][0, step - 1]
        state = name.removesuffix(PREVIOUS)
        before = step + 1 if layer.options.go_backwards else step - 1
        signal = self.trace[f"{layer.name}.{state}"][0]
        return signal[before - 1] if 1 <= before <= len(signal) else self.trace.start[f"{layer.name}.{state}"][0]

    def number(self, layer: Layer, name: str, step: int, unit: int) -> float:
        return float(self.vector(layer, name, step)[unit - 1])

    def read(self, layer: Layer) -> Array:
        """What the layer reads, (steps, features)."""
        reference = layer.inputs[0]
        owner, part = self.model.owner(reference)
        name = reference if part or not isinstance(owner, Layer) else f"{owner.name}.output"
        return self.trace[name][0]

    def weight(self, layer: Layer, name: str) -> Array:
        """`W_f` of a layer, (out, in)."""
        return self.weights[f"{self.owner(layer)}.{name}"]

    def owner(self, layer: Layer) -> str:
        """Whose weights a layer uses: its own, or those of the layer it shares them with."""
        top = self.model.layer(layer.top)
        return layer.name.replace(top.name, top.shared, 1) if top.shared else layer.name
