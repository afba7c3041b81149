"""What a recurrent layer hands back, and what of it lives on."""

from __future__ import annotations

from itertools import product
from typing import Any

from lstmdiag.english import listed
from lstmdiag.frameworks import packing, pytorch
from lstmdiag.layers.kind import Shape
from lstmdiag.layers.shapes import count
from lstmdiag.model import Layer, Model, show_shape, show_shapes
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import of_model, recurrent
from lstmdiag.views.tables.stacks import Stack, stacks, torch_call

_FLAGS = ("return_sequences", "return_state")
Returned = tuple[str, Shape]


def build(model: Model) -> Table:
    layers = recurrent(model)
    rows = [
        (
            layer.name, *(str(flag) for flag in flags), show_shapes(_returned(layer, *flags)),
            len(_returned(layer, *flags)), _pytorch(layer, *flags), "yes" if flags == _chosen(layer) else None,
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
        notes=tuple(_notes(model, layers)),
        parts=(_lifetimes(model, layers),) if layers else (),
        data={
            "layers": [_data(layer) for layer in layers],
            "lifetimes": [dict(zip(_LIFETIME_KEYS, row, strict=True)) for row in _rows(layers)],
        },
    )


def _chosen(layer: Layer) -> tuple[bool, ...]:
    return (layer.returns_sequences, layer.returns_state)


def _states(layer: Layer) -> list[Returned]:
    """In the order they come back: of a bidirectional layer all of the forward one first."""
    return list(layer.states.items())


def _returned(layer: Layer, sequences: bool, state: bool) -> list[Returned]:
    """(name, shape) of each tensor of the tuple, without the batch axis."""
    maths = layer.maths
    public = maths.states[maths.cell.output] if maths.cell else maths.output
    own = (layer.input[0], *public) if sequences else public
    outputs: list[Returned] = [("output", own)]
    if layer.backward:
        merge = layer.options.merge_mode
        outputs = [("output", (*own[:-1], 2 * (public[-1] or 0)) if merge == "concat" else own)]
        if merge is None:
            outputs = [("forward output", own), ("backward output", own)]
    return [*outputs, *(_states(layer) if state else [])]


def _pytorch(layer: Layer, sequences: bool, state: bool) -> str | None:
    """The same tensors out of `output, (h_n, c_n) = lstm(x)`, made with batch_first=True."""
    if not torch_call(layer):
        return None
    if layer.backward:
        every, last = pytorch.MERGES[layer.options.merge_mode]
        output = every if sequences else last
    elif sequences:
        output = "output"
    else:  # behind a packed sequence output[:, -1] is 0 for all samples that are shorter than the longest
        output = f"{layer.maths.cell.output}_n[0]" if layer.masked and layer.maths.cell else "output[:, -1]"
    ways = range(2 if layer.backward else 1)
    return ", ".join(
        [output, *(f"{name}_n[{way}]" for way in ways for name in layer.maths.states)][: None if state else 1]
    )


def _notes(model: Model, layers: list[Layer]) -> list[str]:
    if not layers:
        return ["No layer here has a state: each returns one tensor."]
    notes = ["Shapes are those of one sample; N samples at once put N in front."]
    first = next((layer for layer in layers if not layer.backward), None)
    if first is not None:
        notes.append(_one_way(first))
    both = next((layer for layer in layers if layer.backward), None)
    if both is not None:
        notes.append(_two_ways(both))
    for layer in {layer.maths.kind: layer for layer in reversed(layers) if torch_call(layer)}.values():
        notes.append(_pytorch_note(layer))
    notes += [_stack_note(stack) for stack in stacks(model)]
    notes += [
        f"{layer.name} starts from {listed(layer.initial_state)}, not from zeros."
        for layer in layers
        if layer.initial_state
    ]
    turned = [layer.name for layer in layers if layer.maths.options.go_backwards and not layer.backward]
    if turned:
        notes.append(
            f"Read from the end: {listed(turned)}. A sequence comes back in that order, last step first. "
            f"PyTorch has no such flag and is fed x.flip(1)."
        )
    return notes + _mask_notes(layers)


def _one_way(layer: Layer) -> str:
    public, shape = _states(layer)[0]
    steps, backwards = layer.input[0], bool(layer.options.go_backwards)
    last = "the last step read" if backwards else "the last step" if steps is None else f"step {steps:,}"
    return (
        f"In {layer.name}, output is {public} of {last}, {show_shape(shape)}; "
        f"with return_sequences, {public} of every step. "
        f"return_state adds what the states are after {last}: {show_shapes(_states(layer))}. "
        f"Without return_sequences, output and {public} are the same numbers."
    )


def _two_ways(layer: Layer) -> str:
    steps = "the last step" if layer.input[0] is None else f"step {layer.input[0]:,}"
    return (
        f"In {layer.name} the forward direction ends at {steps} and the backward one at step 1. Without "
        f"return_sequences, output is made of these two; that is not the last step of the sequence of outputs, where "
        f"the backward direction has read one step alone."
    )


def _mask_notes(layers: list[Layer]) -> list[str]:
    masked = [layer for layer in layers if layer.masked]
    if not masked:
        return []
    plain, both = ([each.name for each in masked if bool(each.backward) is two] for two in (False, True))
    notes = [
        f"A mask comes to {listed([each.name for each in masked])}: padded steps leave the states as they are, so what "
        f"is returned is that of the last real step. PyTorch has no masks: pack_padded_sequence does the same."
    ]
    if plain:
        notes.append(f"With return_sequences, {listed(plain)} gives its last output again at padded steps.")
    if both:
        notes.append(f"With return_sequences, {listed(both)} gives zeros at padded steps.")
    return notes


def _pytorch_note(layer: Layer) -> str:
    row = packing(layer, "pytorch")
    states = layer.maths.states
    names = [f"{name}_n" for name in states]
    final = f"({', '.join(names)})" if len(names) > 1 else names[0]
    shapes = dict.fromkeys(
        show_shape((2 if layer.backward else 1, None, *s)).replace("?", "N") for s in states.values()
    )
    axis = "layers and directions" if layer.backward else "layers"
    return (
        f"{row.call if row else ''} has no such flags: it always gives output, {final}. An axis of {axis} stands in "
        f"front of {listed(names)}, {listed(list(shapes))} in {layer.name}, also with batch_first=True."
    )


def _stack_note(stack: Stack) -> str:
    """How several layers are one in PyTorch."""
    first, ways = stack.layers[0], 2 if stack.layers[0].backward else 1
    name, shape = next(iter(first.maths.states.items()))
    rows = show_shape((ways * len(stack.layers), None, *shape)).replace("?", "N")
    order = ", forward before backward in each" if ways > 1 else ""
    return (
        f"{listed([layer.name for layer in stack.layers])} together are one {stack.call}: its {name}_n is {rows}, "
        f"from the lowest layer on{order}."
    )


_KEPT, _AGAIN, _YOURS = "kept", "begun anew", "yours"

_LIFETIMES = (
    ("{states}, from step to step of a sequence", _KEPT, _KEPT, _KEPT),
    ("{states}, from sample to sample of a batch", "never shared", "never shared", "never shared"),
    ("{states}, from batch to batch", _AGAIN, "kept: row i goes on from row i", "yours: zeros unless you pass them in"),
    ("{states}, from epoch to epoch", _AGAIN, "kept until reset_state()", _YOURS),
    ("{states}, when predict starts", _AGAIN, "kept from the call before", _YOURS),
    ("weights, from step to step of a sequence", _KEPT, _KEPT, _KEPT),
    ("weights, in training", "changed after each batch", "changed after each batch", "changed by your optimizer"),
)
"""What | stateless Keras | stateful Keras | PyTorch, where the caller carries the states."""


def _rows(layers: list[Layer]) -> list[tuple[str, ...]]:
    states = list(dict.fromkeys(name for layer in layers for name in layer.maths.states))
    return [(what.format(states=listed(states)), *rest) for what, *rest in _LIFETIMES] if states else []


_LIFETIME_KEYS = ("what", "stateless", "stateful", "pytorch")


def _lifetimes(model: Model, layers: list[Layer]) -> Table:
    stateful = [layer.name for layer in layers if layer.maths.options.stateful]
    stateless = [layer.name for layer in layers if not layer.maths.options.stateful]
    which = [f"{listed(names)}: {word}" for names, word in ((stateless, "stateless"), (stateful, "stateful")) if names]
    started = [layer.name for layer in layers if layer.initial_state]
    given = f", that of {listed(started)} as it is given" if started else " unless it is given"
    numbers = [f"{sum(count(shape) or 0 for _, shape in _states(layer)):,} numbers in {layer.name}" for layer in layers]
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
            f"The state of one sample is {listed(numbers)}; it starts as zeros{given}.",
            "Stateful is what Keras 3.15 does on PyTorch; on JAX, fit and predict hand no state from batch to batch.",
        ),
    )


def _data(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        **dict(zip(_FLAGS, _chosen(layer), strict=True)),
        "stateful": bool(layer.maths.options.stateful),
        "initial_state": list(layer.initial_state),
        "combinations": [
            {
                **dict(zip(_FLAGS, flags, strict=True)),
                "returns": [{"name": name, "shape": list(shape)} for name, shape in _returned(layer, *flags)],
            }
            for flags in product((False, True), repeat=2)
        ],
    }
