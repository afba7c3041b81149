"""Numbers for models made at random, the same ones for us and for a framework."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lstmdiag.cells.numbers import Array
from lstmdiag.frameworks import arrays
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.running import Trace, run
from lstmdiag.running.initial import shapes
from lstmdiag.running.inputs import any_length, vocabulary
from tests.frameworks.keras_models import written
from tests.frameworks.stored import array_of_weights
from tests.generator import Document, documents, text
from tests.models import model as made

LARGEST = 1e3
"""What no signal exceeds: else one deviation in the last digit grows to any size."""

Random = np.random.Generator


@dataclass(frozen=True)
class Numbers:
    """A model of known lengths, its weights, and inputs for one or more calls, one after the other."""

    model: Model
    weights: Mapping[str, Array]
    calls: tuple[tuple[Array, ...], ...]

    @property
    def traces(self) -> Iterator[Trace]:
        """Of each call; stateful layers go on where they were."""
        carried: Mapping[str, Array] = {}
        for given in self.calls:
            trace = run(self.model, given, self.weights, start=carried)
            carried = trace.carried
            yield trace


def numbers(open_model: Model, seed: int) -> Numbers:
    """Every weight, and so every gate, is different; the weights are small enough that all signals stay small."""
    model = any_length(open_model)
    scale = 1.5
    while True:
        random = np.random.default_rng(seed)
        calls = tuple(_inputs(model, random, min(scale, 1)) for _ in range(2 if _stateful(model) else 1))
        drawn = Numbers(model, _weights(model, random, scale), calls)
        with np.errstate(over="ignore", invalid="ignore"):
            largest = max(
                float(np.max(np.abs(each), initial=0)) for trace in drawn.traces for each in _all(trace, model)
            )
        if largest < LARGEST:  # false for NaN too
            return drawn
        scale /= 2
        assert scale > 1e-3, "values do not become small with the weights"


def _all(trace: Trace, model: Model) -> Iterator[Array]:
    tokens = {source.name for source in model.inputs if source.dtype == "int"}
    return (each for name, each in trace.signals.items() if each.dtype.kind == "f" and name not in tokens)


def _stateful(model: Model) -> bool:
    return any(layer.innermost.options.stateful for layer in model.layers if layer.recurrent)


def _weights(model: Model, random: Random, scale: float) -> dict[str, Array]:
    found = {}
    for name, shape in shapes(model).items():
        wide = np.prod(shape[1:]) if len(shape) > 1 else 1
        value = random.uniform(-scale, scale, shape) / np.sqrt(wide)
        found[name] = np.abs(value) + 0.1 if name.endswith("moving_variance") else value
    return found


def _inputs(model: Model, random: Random, scale: float) -> tuple[Array, ...]:
    """Some steps, and parts of steps, hold one number only, that of a Masking: padding at either end or between."""
    fillers = [layer.options.mask_value for layer in model.layers if layer.kind == "Masking"]
    samples = next((source.batch for source in model.inputs if source.batch), 3)
    found = []
    for source in model.inputs:
        shape = (samples, *(size or 1 for size in source.shape))
        tokens = source.dtype == "int"
        values = scale * random.normal(size=shape)
        values = random.integers(0, min(vocabulary(model, source), 7), shape) if tokens else values
        if tokens or fillers:
            values[_padded(model, random, shape if tokens else shape[:-1])] = 0 if tokens else random.choice(fillers)
        found.append(values)
    return tuple(found)


def _padded(model: Model, random: Random, shape: tuple[int, ...]) -> Array:
    """Places to be padding: no sample is padding alone, and nothing that a mean is taken of."""
    padded = random.random(shape) < 0.4
    if len(shape) > 1:
        means = any(layer.innermost.kind == "GlobalAveragePooling1D" for layer in model.layers)
        places = np.moveaxis(padded, -1 if means else 1, 0)
        places[random.integers(len(places))] = False
    return padded


def stored(layer: Layer, framework: str, weights: Mapping[str, Array]) -> dict[str, Array]:
    """The framework's arrays of a layer that has its own weights, by the framework's names."""
    owner = layer
    while owner.inner and not owner.backward:  # a TimeDistributed's weights bear the name of what it wraps
        owner = owner.inner
    sizes = {weight.name: weight.shape for weight in layer.weights}
    own = {name: weights[f"{owner.name}.{name}"] for name in sizes}
    held = arrays(layer, framework)
    assert held is not None, f"{framework} has no {layer.call}"
    return {each.name: array_of_weights(each, own, sizes) for each in held}


def to_keras(layer: Any, held: Mapping[str, Any]) -> None:
    """Into the layer's own variables, by name: `kernel`, of a bidirectional layer `forward.kernel`."""
    left = dict(held)
    for weight in layer.weights:
        way = [way for way in ("forward", "backward") if f"/{way}_" in f"/{weight.path}"]
        name = f"{way[0]}.{weight.name}" if way and f"{way[0]}.{weight.name}" in left else weight.name
        weight.assign(left.pop(name))
    assert not left, f"Keras has no {list(left)} in {[weight.path for weight in layer.weights]}"


@st.composite
def started(draw: st.DrawFn, without: Collection[str] = ()) -> Document:
    """A document whose recurrent layers mostly begin with numbers from inputs of their own, not with zeros."""
    document = draw(documents(without=without))
    drawn = made(text(document))
    inputs = dict(document.get("inputs") or {"input": document["input"]})
    first, batch = next(iter(inputs)), {"batch": drawn.inputs[0].batch} if drawn.inputs[0].batch else {}
    layers = []
    for number, (entry, layer) in enumerate(zip(document["layers"], drawn.layers, strict=True)):
        if not number and "from" not in _options(entry):  # there may be a second input now
            entry = with_option(entry, "from", first)
        if layer.states and not layer.initial_state and draw(st.integers(0, 3)):
            names = [f"start {number} {state}" for state in layer.states]
            shapes = zip(names, layer.states.values(), strict=True)
            inputs |= {name: {"shape": [*shape], **batch} for name, shape in shapes}
            entry = with_option(entry, "initial_state", names)
        layers.append(entry)
    kept = {key: value for key, value in document.items() if key not in ("input", "inputs")}
    return kept | {"inputs": inputs, "layers": layers}


def _options(entry: Any) -> dict[str, Any]:
    return entry if isinstance(entry, dict) and "use" in entry else written(entry)[1]


def with_option(entry: Any, name: str, value: Any) -> dict[str, Any]:
    more = {**_options(entry), name: value}
    return more if "use" in more else {written(entry)[0]: more}
