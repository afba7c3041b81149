"""Models made at random give Keras's numbers: every output, every final state, every gate, in float64.

The weights go into Keras as `array_of_weights` packs them. On NumPy, hundreds of models; on JAX, a few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from lstmdiag.cells.numbers import Array
from lstmdiag.layer import Layer
from lstmdiag.running import Trace
from tests.frameworks.deviations import kind_of, same
from tests.frameworks.keras_models import Built, build, float64
from tests.frameworks.numbers import Numbers, numbers, started, stored, to_keras
from tests.generator import Document, text
from tests.models import model
from tests.options import OWN

NOT_IN_KERAS = (*OWN, "PeepholeLSTM", "projection")
EAGER = keras.backend.backend() == "numpy"
"""Whether every step is a call of the cell, so that gates can be seen: other backends compile the loop, at length."""
PARTS, EACH = 4, 300 if EAGER else 6
NEAR = {"rtol": 1e-9, "atol": 1e-12}


@pytest.fixture(autouse=True)
def in_float64() -> Iterator[None]:
    with float64():
        yield


class Recorder:
    """A function of a Keras cell that keeps what it gives."""

    def __init__(self, function: Any, seen: list[Array]) -> None:
        self.function, self.seen = function, seen

    def __call__(self, z: Any) -> Any:
        found = self.function(z)
        self.seen.append(keras.ops.convert_to_numpy(found))
        return found


GATES = {"LSTM": ("i", "f", "g", "o", ""), "GRU": ("z", "r", "n"), "ConvLSTM2D": ("i", "f", "g", "o", "")}
"""The functions in the order in which Keras calls them at a step; the last of an LSTM is that of c."""


def recorded(drawn: Numbers, built: Built) -> dict[str, list[Array]]:
    """What the functions of each recurrent cell will give, by the name of the layer: of those that run once."""
    seen: dict[str, list[Array]] = {}
    again = {layer.shared for layer in drawn.model.layers}
    for layer in drawn.model.layers:
        theirs = built.layers[layer.name]
        if layer.shared or layer.name in again or not layer.recurrent:
            continue
        pairs = [(layer, theirs)]
        if layer.inner and layer.backward:
            pairs = [(layer.inner, theirs.forward_layer), (layer.backward, theirs.backward_layer)]
        for ours, each in pairs:
            if ours.kind in GATES and EAGER:
                seen[ours.name] = []
                each.cell.activation = Recorder(each.cell.activation, seen[ours.name])
                each.cell.recurrent_activation = Recorder(each.cell.recurrent_activation, seen[ours.name])
    return seen


def compare(drawn: Numbers, built: Built) -> None:
    for layer in drawn.model.layers:
        if layer.weights and not layer.shared:
            to_keras(built.layers[layer.name], stored(layer, "keras", drawn.weights))
    names = [name for name in built.tensors if name not in {source.name for source in drawn.model.inputs}]
    inputs = [built.tensors[source.name] for source in drawn.model.inputs]
    whole = keras.Model(inputs, [built.tensors[name] for name in names])
    gates = recorded(drawn, built)
    for call, trace in zip(drawn.calls, drawn.traces, strict=True):
        for seen in gates.values():
            seen.clear()
        found = keras.tree.flatten(whole([*call], training=False))
        theirs = dict(zip(names, map(keras.ops.convert_to_numpy, found), strict=True))
        for name, ours in _ours(drawn, trace).items():
            layer, part = drawn.model.owner(name)
            assert isinstance(layer, Layer)
            what = f"{kind_of(layer)}{', states' if part in layer.states else ''}"
            same("Keras", what, ours, theirs.pop(name), NEAR, name)
        assert not theirs
        for name, seen in gates.items():
            compare_gates(drawn.model.layer(name), trace, seen)


def _ours(drawn: Numbers, trace: Trace) -> Mapping[str, Array]:
    """Every output, half of an output and final state, by reference."""
    found = dict(trace.states)
    for layer in drawn.model.layers:
        parts = [f"{layer.name}.{part}" for part in layer.parts]
        found |= {part: trace[part] for part in parts} or {layer.name: trace[f"{layer.name}.output"]}
    known = [f"{layer.name}.{state}" for layer in drawn.model.layers for state in layer.states]
    return {
        name: value for name, value in found.items() if "." not in name or name in known or name not in trace.states
    }


def compare_gates(layer: Layer, trace: Trace, seen: list[Array]) -> None:
    names = GATES[layer.kind]
    signals = [name for name in names if name]
    length = trace[f"{layer.name}.{signals[0]}"].shape[1]
    assert len(seen) == length * len(names)
    for place, name in enumerate(names):
        if name:
            theirs = np.stack(seen[place :: len(names)], 1)
            theirs = theirs[:, ::-1] if layer.options.go_backwards else theirs
            same("Keras", f"{layer.kind}, gates", trace[f"{layer.name}.{name}"], theirs, NEAR, f"{layer.name}.{name}")


def undefined(layer: Layer) -> bool:
    """A second use of a stateful layer, which Keras may run before the first."""
    return bool(layer.shared and layer.states and layer.innermost.options.stateful)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_number_is_keras_s(part: int) -> None:
    seen: set[str] = set()

    @seed(part)
    @settings(max_examples=EACH, database=None)
    @given(started(without=NOT_IN_KERAS), st.integers(0, 1_000))
    def differ(document: Document, number: int) -> None:
        seen.add(text(document))
        drawn = numbers(model(text(document)), number)
        assume(not any(map(undefined, drawn.model.layers)))
        # Keras counts operations on masks among layers: concatenate_2 may be the next one after concatenate.
        compare(drawn, build(document, [layer.name for layer in drawn.model.layers]))

    differ()
    assert len(seen) > EACH / 2, "too many are alike"


@pytest.mark.parametrize("start", [False, True])
def test_keras_forgets_a_mask_where_there_is_an_initial_state(start: bool) -> None:
    """Keras 3.15 leaves a mask out that comes with x, if initial_state is given as well; here it counts all the same.

    With `mask=` it counts in Keras too, and so the models above are built. If this fails, Keras has changed.
    """
    x, h = keras.Input((None, 2)), keras.Input((4,))
    layer = keras.layers.SimpleRNN(4)
    found = layer(keras.layers.Masking()(x), **({"initial_state": [h]} if start else {}))
    padded = np.ones((1, 5, 2))
    padded[:, 3:] = 0
    whole = keras.Model([x, h], found)
    given = np.zeros((1, 4))
    short, long = (keras.ops.convert_to_numpy(whole([each, given])) for each in (padded[:, :3], padded))
    assert np.allclose(short, long) is not start
