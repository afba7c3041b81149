"""Source text of a model in PyTorch: its modules, and one forward pass through them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lstmdiag.frameworks import lacks, row_of
from lstmdiag.frameworks.storage import SourceLines
from lstmdiag.frameworks.variables import unique, variables
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers import KINDS
from lstmdiag.model import Model

_LOCALS = ("torch", "nn", "forward", "x", "h", "c", "n", "scores")


def source(model: Model) -> str:
    """Source text of the same layers in PyTorch and of one forward pass through them; of a chain, x goes through."""
    names, called = variables(model, _LOCALS), names_of(model)
    notes: dict[str, None] = {}
    made: list[str] = []
    run: list[str] = []
    carried: dict[str, None] = {}
    for layer in model.layers:
        written = _written(layer, called[layer.name], names)
        notes.update(dict.fromkeys((*_unlike(layer.innermost), *written.notes)))
        made += [] if layer.shared else _made(layer, written)
        carried |= dict.fromkeys(written.carried)
        lines = written.run if model.chain else _renamed(written.run, names[layer.inputs[0]], names[layer.name])
        if lines and not lines[-1].startswith("#"):
            lines[-1] += f"  # {show_shape((None, *layer.output)).replace('?', 'N', 1)}"
        run += [*lines, *([] if model.chain else _taken_apart(layer, names))]
    read, gives = ["x"], ["x"]
    if not model.chain:
        read = [names[source.name] for source in model.inputs]
        gives = [names[reference] for reference in model.outputs]
    run = [*([f"global {', '.join(carried)}"] if carried else []), *run]
    body = [f"    {line}" for line in (*run, f"return {', '.join(gives)}")]
    heads = ["import torch"] if any("torch." in line.partition("#")[0] for line in (*made, *run)) else []
    heads += ["from torch import nn", ""]
    return "\n".join([*heads, *(f"# {n}" for n in notes), *made, "", f"def forward({', '.join(read)}):", *body])


def _made(layer: Layer, lines: SourceLines) -> list[str]:
    """What is made once; what training does not change is told so."""
    learned = [weight for weight in layer.weights if not weight.name.startswith("moving_")]
    if not learned or any(weight.trainable for weight in learned):
        return lines.init
    return [f"{line}.requires_grad_(False)" if " = nn." in line else line for line in lines.init]


def names_of(model: Model) -> Mapping[str, str]:
    """Layer → the variable that holds its module in the PyTorch text; a layer used again has that of the first."""
    if model.chain:  # where only layers have variables
        found = unique([layer.name for layer in model.layers], _LOCALS)
        return {layer.name: found[layer.shared or layer.name] for layer in model.layers}
    names = variables(model, _LOCALS)
    return {layer.name: names[f"{layer.shared or layer.name} layer"] for layer in model.layers}


def _written(layer: Layer, name: str, names: Mapping[str, str]) -> SourceLines:
    """The lines of the layer itself, or of what TimeDistributed applies to every step."""
    inner = layer.unwrapped
    row = row_of(inner, "pytorch")
    named = replace(
        inner,
        inputs=tuple(names[reference] for reference in layer.inputs),
        initial_state=tuple(names[reference] for reference in layer.initial_state),
    )
    lines = ((row and row.source) or _lacking)(named, name)
    if inner is layer or (row and row.steps_alone) or not lines.run:
        return lines
    deep, wrapper = 0, layer
    while wrapper.inner and not wrapper.backward:
        deep, wrapper = deep + 1, wrapper.inner
    run = ["n = len(x)", "x = x.flatten(0, 1)", *lines.run, "x = x.unflatten(0, (n, -1))"]
    if deep > 1:
        run = [f"n = x.shape[: {deep + 1}]", f"x = x.flatten(0, {deep})", *lines.run, "x = x.unflatten(0, n)"]
    return replace(lines, run=run)


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
    for state in layer.innermost.states if layer.returns_state and _has(layer) else ():
        wanted = [names[f"{layer.name}.{name}"] for name in layer.states if name.rpartition(".")[2] == state]
        lines.append(f"{', '.join(wanted)} = {state}{'' if layer.backward else '[0]'}")
    return lines


def _unlike(layer: Layer) -> list[str]:
    """What PyTorch's own layer cannot be told."""
    functions = [function for _, function in lacks(layer, "pytorch")]
    row = row_of(layer, "pytorch")
    return (
        [f"{row.call} has no {' and no '.join(functions)}: the sizes agree, the numbers do not"]
        if row and functions
        else []
    )


def _has(layer: Layer) -> bool:
    """Whether PyTorch has such a layer."""
    row = row_of(layer, "pytorch")
    return row is not None and row.source is not None


def _lacking(layer: Layer, name: str) -> SourceLines:
    """A comment where there is no source text, which says no more than is known."""
    row, kind = row_of(layer, "pytorch"), layer.innermost.kind
    if kind in KINDS and not (row and row.lacking):
        return SourceLines([], [f"# {name}: lstmdiag knows no source text for {kind} in PyTorch"])
    return SourceLines([], [f"# {name}: torch.nn has no layer like {layer.call}"])
