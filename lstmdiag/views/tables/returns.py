"""What a recurrent layer hands back, and what of it lives on."""

from __future__ import annotations

from itertools import product
from typing import Any

from lstmdiag.cells.shapes import size
from lstmdiag.frameworks import packing
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import of_model
from lstmdiag.views.words import listed

_FLAGS = ("return_sequences", "return_state")
Returned = tuple[str, Shape]


def build(model: Model) -> Table:
    layers = [layer for layer in model.recurrent if layer.cell and layer.cell.state]
    rows = [
        (
            layer.name, *(str(flag) for flag in flags), _words(_returned(layer, *flags)), len(_returned(layer, *flags)),
            _pytorch(layer, *flags), "yes" if flags == _chosen(layer) else None,
        )
        for layer in layers
        for flags in product((False, True), repeat=2)
    ]  # fmt: skip
    return Table(
        "returns",
        of_model(model, "What comes back"),
        (
            Column("layer", "Layer", "code"),
            *(Column(flag, flag, "code") for flag in _FLAGS),
            Column("returns", "Comes back, in this order"),
            Column("tensors", "Tensors", "int"),
            Column("pytorch", "The same in PyTorch", "code"),
            Column("chosen", "In this model"),
        ),
        tuple(rows),
        notes=tuple(_notes(layers)),
        parts=(_lifetimes(model, layers),) if layers else (),
        data={
            "layers": [_data(layer) for layer in layers],
            "lifetimes": [dict(zip(_LIFETIME_KEYS, row, strict=True)) for row in _rows(layers)],
        },
    )


def _chosen(layer: Layer) -> tuple[bool, ...]:
    return tuple(bool(getattr(layer.options, flag, False)) for flag in _FLAGS)


def _states(layer: Layer) -> list[Returned]:
    assert layer.cell is not None
    return [(name, size(dims, layer.sizes)) for name, dims in layer.cell.state.items()]


def _returned(layer: Layer, sequences: bool, state: bool) -> list[Returned]:
    """(name, shape) of each tensor of the tuple, without the batch axis."""
    states = _states(layer)
    own = states[0][1]
    output = ("output", (layer.input[0], *own) if sequences else own)
    return [output, *states] if state else [output]


def _words(returned: list[Returned]) -> str:
    return ", ".join(f"{name} {show_shape(shape)}" for name, shape in returned)


def _pytorch(layer: Layer, sequences: bool, state: bool) -> str | None:
    """The same tensors out of `output, (h_n, c_n) = lstm(x)`, made with batch_first=True."""
    if packing(layer, "pytorch") is None:
        return None
    output = "output" if sequences else "output[:, -1]"
    return ", ".join([output, *(f"{name}_n[0]" for name, _ in _states(layer))]) if state else output


def _notes(layers: list[Layer]) -> list[str]:
    if not layers:
        return ["No layer here has a state: each returns one tensor."]
    notes = ["Shapes are those of one sample; N samples at once put N in front."]
    first = layers[0]
    public, shape = _states(first)[0]
    steps, backwards = first.input[0], bool(first.options.go_backwards)
    last = "the last step read" if backwards else "the last step" if steps is None else f"step {steps:,}"
    notes.append(
        f"In {first.name}, output is {public} of {last}, {show_shape(shape)}; "
        f"with return_sequences, {public} of every step. "
        f"return_state adds what the states are after {last}: {_words(_states(first))}. "
        f"Without return_sequences, output and {public} are the same numbers."
    )
    built_in = next((layer for layer in layers if packing(layer, "pytorch")), None)
    if built_in is not None:
        notes.append(_pytorch_note(built_in))
    turned = [layer.name for layer in layers if layer.options.go_backwards]
    if turned:
        notes.append(
            f"Read from the end: {listed(turned)}. A sequence comes back in that order, last step first. "
            f"PyTorch has no such flag and is fed x.flip(1)."
        )
    return notes


def _pytorch_note(layer: Layer) -> str:
    row = packing(layer, "pytorch")
    assert row is not None
    names = [f"{name}_n" for name, _ in _states(layer)]
    final = f"({', '.join(names)})" if len(names) > 1 else names[0]
    one = show_shape((1, None, *_states(layer)[0][1])).replace("?", "N")
    return (
        f"{row.call} has no such flags: it always gives output, {final}. An axis of layers stands in front of "
        f"{listed(names)}, {one} in {layer.name}, also with batch_first=True."
    )


_KEPT, _ZERO, _YOURS = "kept", "zeroed", "yours"

_LIFETIMES = (
    ("{states}, from step to step of a sequence", _KEPT, _KEPT, _KEPT),
    ("{states}, from sample to sample of a batch", "never shared", "never shared", "never shared"),
    ("{states}, from batch to batch", _ZERO, "kept: row i goes on from row i", "yours: zeroed unless you pass them in"),
    ("{states}, from epoch to epoch", _ZERO, "kept until reset_state()", _YOURS),
    ("{states}, when predict starts", _ZERO, "kept from the call before", _YOURS),
    ("weights, from step to step of a sequence", _KEPT, _KEPT, _KEPT),
    ("weights, in training", "changed after each batch", "changed after each batch", "changed by your optimizer"),
)
"""What | stateless Keras | stateful Keras | PyTorch, where the caller carries the states."""


def _rows(layers: list[Layer]) -> list[tuple[str, ...]]:
    states = list(dict.fromkeys(name for layer in layers for name, _ in _states(layer)))
    return [(what.format(states=listed(states)), *rest) for what, *rest in _LIFETIMES] if states else []


_LIFETIME_KEYS = ("what", "stateless", "stateful", "pytorch")


def _lifetimes(model: Model, layers: list[Layer]) -> Table:
    stateful = [layer.name for layer in layers if layer.options.stateful]
    stateless = [layer.name for layer in layers if not layer.options.stateful]
    which = [f"{listed(names)}: {word}" for names, word in ((stateless, "stateless"), (stateful, "stateful")) if names]
    numbers = [f"{sum(shape[0] or 0 for _, shape in _states(layer)):,} numbers in {layer.name}" for layer in layers]
    return Table(
        "returns.lifetimes",
        of_model(model, "How long it lives"),
        tuple(
            Column(key, title)
            for key, title in zip(_LIFETIME_KEYS, ("", "Stateless", "Stateful", "PyTorch, by hand"), strict=True)
        ),
        tuple(_rows(layers)),
        notes=(
            f"In this model, {'; '.join(which)}.",
            f"The state of one sample is {listed(numbers)}; it starts as zeros unless it is given.",
            "Stateful is what Keras 3.15 does on PyTorch; on JAX, fit and predict hand no state from batch to batch.",
        ),
    )


def _data(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        **dict(zip(_FLAGS, _chosen(layer), strict=True)),
        "stateful": bool(layer.options.stateful),
        "combinations": [
            {
                **dict(zip(_FLAGS, flags, strict=True)),
                "returns": [{"name": name, "shape": list(shape)} for name, shape in _returned(layer, *flags)],
            }
            for flags in product((False, True), repeat=2)
        ],
    }
