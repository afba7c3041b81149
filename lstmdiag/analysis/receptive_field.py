"""How many steps of the model's input a step of a layer's output depends on, and which layers can run step by step."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from lstmdiag.analysis.axes import began, time_axes
from lstmdiag.layer import Layer
from lstmdiag.layers.reads import ALL, MANY, Behind, Reads, Regrouped
from lstmdiag.layers.window import Window
from lstmdiag.model import Model

_MOST_PHASES = 1_000


def receptive_fields(model: Model) -> Mapping[str, int | None]:
    """Layer → the steps of the input from the first that one step of its output depends on to the last, both counted.

    The sequence is taken to be endless: where it is shorter, padding stands for the rest. None: there is no limit (a
    recurrent layer, attention over values, a vector made of a sequence). Left out are layers that read no sequence, and
    those of sequences put one behind the other.
    """
    axes = time_axes(model)
    bounded = {source.name: True for source in model.inputs if axes[source.name]}
    lengths = dict.fromkeys(bounded, MANY)
    unknown: set[str] = set()
    for layer in model.layers:
        read = [(reads, model.owner(name)[0].name) for reads, name in zip(layer.reads, layer.inputs, strict=True)]
        timed = [(reads, name) for reads, name in read if name in bounded]
        if not timed:
            continue
        bounded[layer.name] = (
            not (layer.recurrent or layer.initial_state)
            and len(layer.output) > 1
            and all(bounded[name] and reads is not ALL for reads, name in timed)
        )
        if any(isinstance(reads, Behind) or name in unknown for reads, name in timed):
            unknown.add(layer.name)
        reads, name = timed[0]
        lengths[layer.name] = reads.count(lengths[name]) if bounded[layer.name] else MANY
    layers = [
        each for each in model.layers if each.name in bounded and not (bounded[each.name] and each.name in unknown)
    ]
    return {layer.name: _steps(model, layer, lengths) if bounded[layer.name] else None for layer in layers}


def _steps(model: Model, layer: Layer, lengths: Mapping[str, int]) -> int:
    """Where one step becomes several, these need not all read equally many: the most."""
    regrouped = [reads.given for each in model.layers for reads in each.reads if isinstance(reads, Regrouped)]
    middle = lengths[layer.name] // 2
    return max(_read(model, layer, middle + n, lengths) for n in range(min(prod(regrouped), _MOST_PHASES)))


def _read(model: Model, layer: Layer, place: int, lengths: Mapping[str, int]) -> int:
    """Steps of the input that one place depends on, followed back through the layers."""
    spans = {layer.name: (place, place)}
    for each in reversed(model.layers[: model.layers.index(layer) + 1]):
        if each.name not in spans:
            continue
        first, last = spans[each.name]
        for reads, reference in zip(each.reads, each.inputs, strict=True):
            name = model.owner(reference)[0].name
            if name in lengths:
                start, stop = (reads.places(at, lengths[name]) for at in (first, last))
                before = spans.get(name, (start[0], stop[-1]))
                spans[name] = min(before[0], start[0]), max(before[1], stop[-1])
    return max(spans[source.name][1] - spans[source.name][0] + 1 for source in model.inputs if source.name in spans)


def reads_ahead(model: Model) -> tuple[Layer, ...]:
    """The layers that read later steps of a sequence than the one they give, so that they cannot run step by step."""
    axes = time_axes(model)
    return tuple(layer for layer in model.layers if _reads_ahead(model, layer, axes))


def _reads_ahead(model: Model, layer: Layer, axes: Mapping[str, str]) -> bool:
    if layer.recurrent and not layer.wrappers:
        return any(each.go_backwards for each in layer.directions)
    timed = [reads for reads, name in zip(layer.reads, layer.inputs, strict=True) if began(model, name, axes)]
    return bool(timed) and (len(layer.output) < 2 or not all(map(_own_or_before, timed)))


def _own_or_before(reads: Reads) -> bool:
    """A causal kernel that moves on by single steps reads its own step and some before it."""
    return reads.own or (isinstance(reads, Window) and reads.padding == "causal" and reads.stride == 1)
