"""What a recurrent layer hands back, and what of it lives on."""

from __future__ import annotations

from itertools import product
from typing import Any

from lstmdiag.english import listed
from lstmdiag.frameworks import FRAMEWORKS, packing, stacks, unknown
from lstmdiag.frameworks.framework import Framework
from lstmdiag.layer import Layer, show_shape, show_shapes
from lstmdiag.layers.kind import Shape
from lstmdiag.layers.shapes import count
from lstmdiag.model import Model
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import of_model, recurrent

_FLAGS = ("return_sequences", "return_state")
Returned = tuple[str, Shape]


def build(model: Model) -> Table:
    layers = recurrent(model)
    rows = [
        (
            layer.name, *(str(flag) for flag in flags), show_shapes(_returned(layer, *flags)),
            len(_returned(layer, *flags)),
            *(returned.tensors(layer, *flags) if _called(layer, each) else None for each, returned in _OTHERS),
            "yes" if flags == _chosen(layer) else None,
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
            *(Column(each.key, f"The same in {each.title}", "code") for each, _ in _OTHERS),
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


_OTHERS = [(each, each.returned) for each in FRAMEWORKS.values() if each.returned]
"""The frameworks whose layers have no such flags."""


def _called(layer: Layer, framework: Framework) -> str:
    """What it calls such a layer; "" where it has none, or none is known."""
    row = packing(layer, framework.key)
    return "" if row is None or row.lacking or unknown(layer, framework.key) else row.call


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
    firsts = {layer.maths.kind: layer for layer in reversed(layers)}
    notes += [
        returned.note(call, layer)
        for each, returned in _OTHERS
        for layer in firsts.values()
        if (call := _called(layer, each))
    ]
    notes += [
        f"{listed([layer.name for layer in stack.layers])} together are one {stack.call}: {stack.states}."
        for framework in FRAMEWORKS
        for stack in stacks(model, framework)
    ]
    notes += [
        f"{layer.name} starts from {listed(layer.initial_state)}, not from zeros."
        for layer in layers
        if layer.initial_state
    ]
    turned = [layer.name for layer in layers if layer.maths.options.go_backwards and not layer.backward]
    if turned:
        said = [returned.backwards for _, returned in _OTHERS]
        order = f"Read from the end: {listed(turned)}. A sequence comes back in that order, last step first."
        notes.append(" ".join(filter(None, [order, *said])))
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
    first = (
        f"A mask comes to {listed([each.name for each in masked])}: padded steps leave the states as they are, so what "
        f"is returned is that of the last real step."
    )
    said = [returned.masks for _, returned in _OTHERS]
    notes = [" ".join(filter(None, [first, *said]))]
    if plain:
        notes.append(f"With return_sequences, {listed(plain)} gives its last output again at padded steps.")
    if both:
        notes.append(f"With return_sequences, {listed(both)} gives zeros at padded steps.")
    return notes


_COLUMNS = [column for each in FRAMEWORKS.values() for column in each.lifetimes]

_MOMENTS = (
    ("{states}, from step to step of a sequence", "steps"),
    ("{states}, from sample to sample of a batch", "samples"),
    ("{states}, from batch to batch", "batches"),
    ("{states}, from epoch to epoch", "epochs"),
    ("{states}, when predict starts", "predict"),
    ("weights, from step to step of a sequence", "weights"),
    ("weights, in training", "training"),
)
"""A row of the table, and the field of a Lifetime that fills it."""


def _rows(layers: list[Layer]) -> list[tuple[str, ...]]:
    states = listed(list(dict.fromkeys(name for layer in layers for name in layer.maths.states)))
    return [
        (what.format(states=states), *(getattr(column, moment) for column in _COLUMNS))
        for what, moment in _MOMENTS
        if states
    ]


_LIFETIME_KEYS = ("what", *(column.key for column in _COLUMNS))


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
        (Column("what", ""), *(Column(column.key, column.title) for column in _COLUMNS)),
        tuple(_rows(layers)),
        notes=(
            f"In this model, {'; '.join(which)}.",
            f"The state of one sample is {listed(numbers)}; it starts as zeros{given}.",
            *(each.lifetimes_note for each in FRAMEWORKS.values() if each.lifetimes_note),
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
