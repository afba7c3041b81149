"""Return values of recurrent layers, and how long their states and weights live."""

from __future__ import annotations

from itertools import product
from typing import Any

from lstmdiag.frameworks import FRAMEWORKS, row_of, stacks, unknown_kind
from lstmdiag.frameworks.framework import Framework
from lstmdiag.layer import Layer, cell_of, show_shape, show_shapes
from lstmdiag.layers.kind import Shape
from lstmdiag.layers.shapes import count
from lstmdiag.model import Model
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import recurrent
from lstmdiag.views.tables.rows import Row, table
from lstmdiag.words import Words

WORDS = Words("table_returns")

_FLAGS = ("return_sequences", "return_state")
_CHOICES = tuple(product((False, True), repeat=len(_FLAGS)))
_OTHERS = [(each, each.returned) for each in FRAMEWORKS.values() if each.returned]
"""The frameworks whose layers have no such flags."""

_LIFETIMES = [lifetime for each in FRAMEWORKS.values() for lifetime in each.lifetimes]
_MOMENTS = ("steps", "samples", "batches", "epochs", "predict", "weights", "training")
"""The fields of a Lifetime, a row for each."""

Tensor = tuple[str, Shape]
"""One return value: its name, and its shape without the batch axis."""


def build(model: Model) -> Table:
    layers, words = recurrent(model), WORDS.group("returns")
    moments = _moments(layers)
    return table(
        WORDS,
        "returns",
        model,
        (
            "layer:code",
            *(f"{flag}:code" for flag in _FLAGS),
            "returns",
            "tensors:int",
            *(Column(each.key, words.say("in_framework", each), "code") for each, _ in _OTHERS),
            "chosen",
        ),
        (_row(layer, flags) for layer in layers for flags in _CHOICES),
        _facts(model, layers),
        parts=[_lifetimes(model, layers, moments)],
        data={"layers": [_data(layer) for layer in layers], "lifetimes": moments},
    )


def _row(layer: Layer, flags: tuple[bool, ...]) -> Row:
    tensors = _tensors(layer, *flags)
    return {
        "layer": layer.name,
        **{flag: str(value) for flag, value in zip(_FLAGS, flags, strict=True)},
        "returns": show_shapes(tensors),
        "tensors": len(tensors),
        **{each.key: returned.tensors(layer, *flags) for each, returned in _OTHERS if _called(layer, each)},
        "chosen": WORDS.group("returns").say("chosen_here") if flags == _chosen(layer) else None,
    }


def _chosen(layer: Layer) -> tuple[bool, ...]:
    return (layer.returns_sequences, layer.returns_state)


def _tensors(layer: Layer, sequences: bool, state: bool) -> list[Tensor]:
    """The output, or one of each direction; with `state` the states, all of the forward direction first."""
    innermost = layer.innermost
    public = innermost.states[cell_of(innermost).output]
    own = (layer.input[0], *public) if sequences else public
    outputs: list[Tensor] = [("output", own)]
    if layer.backward:
        outputs = [("forward output", own), ("backward output", own)]
    if layer.merge_mode:
        times = {"concat": 2}.get(layer.merge_mode, 1)
        outputs = [("output", (*own[:-1], times * (public[-1] or 0)))]
    return [*outputs, *(layer.states.items() if state else ())]


def _called(layer: Layer, framework: Framework) -> str:
    """What it calls such a layer; "" where it has none, or none is known."""
    row = row_of(layer, framework.key)
    return "" if row is None or row.lacking or unknown_kind(layer, framework.key) else row.call


def _facts(model: Model, layers: list[Layer]) -> dict[str, object]:
    """What the notes need; a note on layers that run one way, or both, takes the first of them."""
    kinds = {layer.innermost.kind: layer for layer in reversed(layers)}.values()
    masked = [layer for layer in layers if layer.masked]
    return {
        "layers": layers,
        "one_way": [_last(layer) for layer in layers if not layer.backward][:1],
        "two_ways": [_last(layer) for layer in layers if layer.backward and layer.input[0] != 1][:1],
        "elsewhere": [
            Words(returned.words).say("note", returned.facts(layer), call=call, layer=layer)
            for each, returned in _OTHERS
            for layer in kinds
            if (call := _called(layer, each))
        ],
        "stacks": [
            {"names": [layer.name for layer in stack.layers], "call": stack.call, "states": stack.states}
            for framework in FRAMEWORKS
            for stack in stacks(model, framework)
        ],
        "started": [layer for layer in layers if layer.initial_state],
        "from_end": [layer.name for layer in layers if layer.go_backwards and not layer.backward],
        "others": [
            {phrase: Words(returned.words).say(phrase) for phrase in ("backwards", "masks")} for _, returned in _OTHERS
        ],
        "masked": [layer.name for layer in masked],
        "repeating": [layer.name for layer in masked if not (layer.backward or layer.go_backwards)],
        "padding_first": [layer.name for layer in masked if layer.go_backwards and not layer.backward],
        "zeroing": [layer.name for layer in masked if layer.backward],
    }


def _last(layer: Layer) -> dict[str, object]:
    """What the last step of a layer gives."""
    backwards = layer.go_backwards and not layer.backward
    public, shape = next(iter(layer.states.items()))
    return {
        "layer": layer,
        "last": WORDS.say("last", backwards=backwards, steps=layer.input[0]),
        "public": public,
        "shape": show_shape(shape),
        "states": show_shapes(layer.states.items()),
    }


def _moments(layers: list[Layer]) -> list[dict[str, str]]:
    """The rows of the table of lifetimes, as JSON has them too."""
    states = list(dict.fromkeys(name for layer in layers for name in layer.innermost.states))
    words = WORDS.group("moments")
    return [
        {"what": words.say(moment, states=states), **{each.key: getattr(each, moment) for each in _LIFETIMES}}
        for moment in _MOMENTS
        if states
    ]


def _lifetimes(model: Model, layers: list[Layer], moments: list[dict[str, str]]) -> Table:
    words = WORDS.group("lifetimes")
    numbers = {layer.name: sum(count(shape) or 0 for shape in layer.states.values()) for layer in layers}
    return table(
        WORDS,
        "returns.lifetimes",
        model,
        ("what", *(Column(each.key, each.title) for each in _LIFETIMES)),
        moments,
        {
            "stateless": [layer.name for layer in layers if not layer.stateful],
            "stateful": [layer.name for layer in layers if layer.stateful],
            "started": [layer.name for layer in layers if layer.initial_state],
            "sizes": [words.say("size", numbers=number, name=name) for name, number in numbers.items()],
            "frameworks": FRAMEWORKS.values(),
        },
    )


def _data(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        **dict(zip(_FLAGS, _chosen(layer), strict=True)),
        "stateful": layer.stateful,
        "initial_state": list(layer.initial_state),
        "combinations": [
            {
                **dict(zip(_FLAGS, flags, strict=True)),
                "returns": [{"name": name, "shape": list(shape)} for name, shape in _tensors(layer, *flags)],
            }
            for flags in _CHOICES
        ],
    }
