"""The model as one would call it in Keras and in PyTorch, for the tabs at the head of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lstmdiag.frameworks import lacks, packing, pytorch
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site.keras_source import keras
from lstmdiag.site.torch_layers import MODULES, NO_MASK, ROWS, Lines, Row
from lstmdiag.site.variables import unique, variables
from lstmdiag.views.tables.layers import unwrapped
from lstmdiag.views.tables.stacks import torch_call

__all__ = ["keras", "torch", "torch_names"]

_LOCALS = ("torch", "nn", "forward", "x", "h", "c", "n", "scores")


def torch(model: Model) -> str:
    """Source text of the same layers in PyTorch and of one forward pass through them; of a chain, x goes through."""
    names, called = variables(model, _LOCALS), torch_names(model)
    notes: dict[str, None] = {}
    made: list[str] = []
    run: list[str] = []
    kept: dict[str, None] = {}
    for layer in model.layers:
        written = _written(layer, called[layer.name], names)
        notes.update(dict.fromkeys((*_unlike(layer.maths), *written.notes)))
        made += [] if layer.shared else _made(layer, written)
        kept |= dict.fromkeys(written.kept)
        lines = written.run if model.chain else _renamed(written.run, names[layer.inputs[0]], names[layer.name])
        if lines and not lines[-1].startswith("#"):
            lines[-1] += f"  # {show_shape((None, *layer.output)).replace('?', 'N', 1)}"
        run += [*lines, *([] if model.chain else _taken_apart(layer, names))]
    read, gives = ["x"], ["x"]
    if not model.chain:
        read = [names[source.name] for source in model.inputs]
        gives = [names[reference] for reference in model.outputs]
    run = [*([f"global {', '.join(kept)}"] if kept else []), *run]
    body = [f"    {line}" for line in (*run, f"return {', '.join(gives)}")]
    heads = ["import torch"] if any("torch." in line.partition("#")[0] for line in (*made, *run)) else []
    heads += ["from torch import nn", ""]
    return "\n".join([*heads, *(f"# {n}" for n in notes), *made, "", f"def forward({', '.join(read)}):", *body])


def _made(layer: Layer, lines: Lines) -> list[str]:
    """What is made once; what training does not change is told so."""
    learned = [weight for weight in layer.weights if not weight.name.startswith("moving_")]
    if not learned or any(weight.trainable for weight in learned):
        return lines.made
    return [f"{line}.requires_grad_(False)" if " = nn." in line else line for line in lines.made]


def torch_names(model: Model) -> Mapping[str, str]:
    """Layer → the variable that holds its module in the PyTorch text; a layer used again has that of the first."""
    if model.chain:  # where only layers have variables
        found = unique([layer.name for layer in model.layers], _LOCALS)
        return {layer.name: found[layer.shared or layer.name] for layer in model.layers}
    names = variables(model, _LOCALS)
    return {layer.name: names[f"{layer.shared or layer.name} layer"] for layer in model.layers}


def _written(layer: Layer, name: str, names: Mapping[str, str]) -> Lines:
    """The lines of the layer itself, or of what TimeDistributed applies to every step."""
    inner = unwrapped(layer)
    named = replace(
        inner,
        inputs=tuple(names[reference] for reference in layer.inputs),
        initial_state=tuple(names[reference] for reference in layer.initial_state),
    )
    lines = _TORCH.get(inner.maths.kind, _lacking)(named, name)
    if inner is layer or inner.kind in _ON_LAST_AXIS or not lines.run:
        return lines
    deep, wrapper = 0, layer
    while wrapper.inner and not wrapper.backward:
        deep, wrapper = deep + 1, wrapper.inner
    run = ["n = len(x)", "x = x.flatten(0, 1)", *lines.run, "x = x.unflatten(0, (n, -1))"]
    if deep > 1:
        run = [f"n = x.shape[: {deep + 1}]", f"x = x.flatten(0, {deep})", *lines.run, "x = x.unflatten(0, n)"]
    return replace(lines, run=run)


_ON_LAST_AXIS = ("Dense", "Activation", "Dropout", "LayerNormalization", "Embedding")
"""Kinds that PyTorch applies to every step by itself."""


def _renamed(lines: list[str], read: str, gives: str) -> list[str]:
    """Lines that turn x into x: `read` is what comes in and `gives` what goes out."""
    found, current = [], read
    for line in lines:
        target, sign, value = line.partition(" = ")
        if line.startswith("#"):
            found.append(line)
            continue
        value = re.sub(r"\bx\b", current, value)
        if re.search(r"\bx\b", target):
            current = gives
        found.append(re.sub(r"\bx\b", gives, target) + sign + value)
    return found if current == gives else [*found, f"{gives} = {current}"]


def _taken_apart(layer: Layer, names: Mapping[str, str]) -> list[str]:
    """Two outputs out of one, and the states that are asked for, each (N, units)."""
    lines = []
    if layer.parts:
        both = ", ".join(names[f"{layer.name}.{part}"] for part in layer.parts)
        lines.append(f"{both} = {names[layer.name]}")
    for state in layer.maths.states if layer.returns_state and torch_call(layer) else ():
        wanted = [names[f"{layer.name}.{name}"] for name in layer.states if name.rpartition(".")[2] == state]
        lines.append(f"{', '.join(wanted)} = {state}{'' if layer.backward else '[0]'}")
    return lines


def _unlike(layer: Layer) -> list[str]:
    """What PyTorch's own layer cannot be told."""
    functions = [function for _, function in lacks(layer, "pytorch")]
    row = packing(layer, "pytorch")
    return (
        [f"{row.call} has no {' and no '.join(functions)}: the sizes agree, the numbers do not"]
        if row and functions
        else []
    )


def _recurrent(layer: Layer, name: str) -> Lines:
    """One way or both; `h` and `c` have an axis in front, of layers and directions."""
    made, options = torch_call(layer).removeprefix("torch."), layer.maths.options
    states = list(layer.maths.states)
    final = f"({', '.join(states)})" if len(states) > 1 else states[0]
    run = ["x = x.flip(1)"] if options.go_backwards else []
    state = f"{name}_state" if options.stateful else ""
    run.append(f"x, {final} = {name}(x{_start(layer, len(states)) or (state and f', {state}')})")
    if state:  # not part of what the next pass is trained on
        run.append(f"{state} = {', '.join(f'{each}.detach()' for each in states)}")
    if layer.backward:
        every, last = pytorch.MERGES[layer.options.merge_mode]
        merged = (every if options.return_sequences else last).replace("output", "x").replace("h_n", "h")
        run += [f"x = {merged}"] if merged != "x" else []
    elif not options.return_sequences:
        run.append("x = x[:, -1]")
    notes = [f"{made.partition('(')[0]} has no dropout within a step"] * bool(
        options.dropout or options.recurrent_dropout
    )
    lines = [
        f"{name} = {made}",
        *([f"{state} = None  # begins with zeros, and again wherever it is None"] * bool(state)),
    ]
    return Lines(lines, run, notes + [NO_MASK] * layer.masked, (state,) if state else ())


def _start(layer: Layer, number: int) -> str:
    """The states it starts from, as a second argument: each of them first in the order of directions."""
    given = layer.initial_state
    if not given:
        return ""
    each = [given[state::number] for state in range(number)]
    if layer.backward:
        stacked = [f"torch.stack([{', '.join(ways)}])" for ways in each]
    else:
        stacked = [f"{ways[0]}[None]" for ways in each]
    return f", {stacked[0]}" if number == 1 else f", ({', '.join(stacked)})"


def _dense(layer: Layer, name: str) -> Lines:
    options = layer.options
    linear = f"nn.Linear({layer.features}, {layer.units}{'' if options.use_bias else ', bias=False'})"
    squash = MODULES.get(options.activation)
    return Lines(
        [f"{name} = nn.Sequential({linear}, {squash})" if squash else f"{name} = {linear}"], [f"x = {name}(x)"]
    )


def _activation(layer: Layer, name: str) -> Lines:
    return Lines([f"{name} = {MODULES.get(layer.options.activation, 'nn.Identity()')}"], [f"x = {name}(x)"])


def _dropout(layer: Layer, name: str) -> Lines:
    return Lines([f"{name} = nn.Dropout({layer.options.rate})"], [f"x = {name}(x)"])


def _repeat(layer: Layer, _name: str) -> Lines:
    return Lines([], [f"x = x[:, None].expand(-1, {layer.options.n}, -1)"])


def _lacking(layer: Layer, name: str) -> Lines:
    return Lines([], [f"# {name}: torch.nn has no layer like {layer.call}"])


_TORCH: Mapping[str, Row] = {
    **ROWS,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "PeepholeLSTM": _lacking,
    "ConvLSTM2D": _lacking,
    "Dense": _dense,
    "Activation": _activation,
    "Dropout": _dropout,
    "RepeatVector": _repeat,
}
"""Kind → how PyTorch says it."""
