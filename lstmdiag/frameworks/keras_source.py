"""The model as one would write it in Keras: Sequential where it is a chain, else the functional API."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lstmdiag.frameworks import lacks, unknown_kind
from lstmdiag.frameworks.keras import KERAS
from lstmdiag.frameworks.variables import variables
from lstmdiag.layer import Layer, inside, show_shape
from lstmdiag.layers import KINDS
from lstmdiag.model import Model, ModelInput


def source(model: Model) -> str:
    """Source text of the model in Keras; a kind that Keras lacks is named in a comment."""
    known = [layer for layer in model.layers if not _beyond(layer)]
    kinds = sorted({each.kind for layer in known for each in (layer, *inside(layer))})
    chain = model.chain and not any(layer.returns_state or layer.shared for layer in model.layers)
    lines = [f"from keras import Input, {'Sequential' if chain else 'Model'}"]
    lines += [f"from keras.layers import {', '.join(kinds)}"] if kinds else []
    return "\n".join([*lines, "", *(_sequential(model) if chain else _functional(model, kinds))])


def _sequential(model: Model) -> list[str]:
    lines = ["model = Sequential(["]
    lines += [f"    {_input(source)}," for source in model.inputs]
    for layer in model.layers:
        call, beyond = _call(layer), _beyond(layer)
        lines.append(f"    # {call}: {beyond}" if beyond else f"    {call},")
    return [*lines, "])"]


def _functional(model: Model, kinds: list[str]) -> list[str]:
    names = variables(model, ("Input", "Model", "model", *kinds))
    lines = [f"{names[source.name]} = {_input(source, name=True)}" for source in model.inputs]
    for layer in model.layers:
        lines += _applied(model, layer, names)
    inputs = [names[source.name] for source in model.inputs]
    outputs = [names[reference] for reference in model.outputs]
    return [*lines, f"model = Model({_one_or_list(inputs)}, {_one_or_list(outputs)})"]


def _applied(model: Model, layer: Layer, names: Mapping[str, str]) -> list[str]:
    """`encoder, encoder_h, encoder_c = LSTM(6, return_state=True)(b)`; a layer that is used again is made first."""
    first = layer.shared or layer.name
    group = [each for each in model.layers if (each.shared or each.name) == first]
    returns_state = any(each.returns_state for each in group)
    gives = [f"{layer.name}.{part}" for part in layer.parts] or [layer.name]
    gives += [f"{layer.name}.{state}" for state in layer.states] if returns_state else []
    target = ", ".join(names[reference] for reference in gives)
    call, beyond = _call(group[0], returns_state), _beyond(layer)
    if beyond:
        return [f"{target} = ...  # {call}: {beyond}"]
    lines, made = [], call
    if len(group) > 1:
        made = names[f"{first} layer"]
        lines = [] if layer.shared else [f"{made} = {call}"]
    read = _one_or_list([names[reference] for reference in layer.inputs])
    start = ", ".join(names[reference] for reference in layer.initial_state)
    more = f", initial_state=[{start}]" if start else ""
    note = ""
    if start and layer.masked:  # seen in Keras 3.15: tests/frameworks/test_numbers.py
        more += f", mask={names[layer.inputs[0]]}._keras_mask"
        note = "  # which Keras leaves out beside initial_state"
    return [*lines, f"{target} = {made}({read}{more}){note}"]


def _one_or_list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _beyond(layer: Layer) -> str:
    """Why it cannot be written in Keras, in words; '' where it can."""
    kinds = [each.kind for each in (layer, *inside(layer))]
    if any(kind not in KINDS for kind in kinds):
        return "a cell of this spec, which Keras does not have"
    if without := unknown_kind(layer, "keras"):
        return f"lstmdiag does not know {without}'s name in Keras"
    if any(KERAS.rows[kind].lacking for kind in kinds):
        return "a layer, which Keras does not have"
    lacking = ", ".join(value for _, value in lacks(layer, "keras"))
    return f"{lacking}, which Keras does not have" if lacking else ""


def _input(source: ModelInput, *, name: bool = False) -> str:
    sizes = show_shape(source.shape if source.batch is None else (source.batch, *source.shape)).replace("?", "None")
    more: dict[str, str | bool] = {"dtype": "int32"} if source.dtype == "int" else {}
    more |= {"name": source.name} if name else {}
    return f"Input({'' if source.batch is None else 'batch_shape='}{_with(f'{sizes})', more)}"


def _call(layer: Layer, returns_state: bool = False) -> str:
    call = layer.call
    if returns_state and not layer.innermost.options.return_state:
        within = layer.inner.call if layer.inner else call
        call = call.replace(within, f"{within[:-1]}, return_state=True)", 1)
    if (
        layer.backward and layer.innermost.options.go_backwards
    ):  # Keras turns the second copy only away from a plain one
        call = f"{call[:-1]}, backward_layer={_call(layer.backward, returns_state)})"
    for each in inside(layer):
        if each is not layer.backward and not each.options.trainable:
            call = call.replace(each.call[:-1], _with(each.call, {"trainable": False})[:-1], 1)
    named: dict[str, str | bool] = {} if layer.options.name is None else {"name": layer.options.name}
    return _with(call, named if layer.options.trainable else {**named, "trainable": False})


def _with(call: str, more: Mapping[str, str | bool]) -> str:
    """A call with further arguments that are text, or true or false."""
    opening = call[:-1]
    for key, value in more.items():
        written = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value
        opening += f"{'' if opening.endswith('(') else ', '}{key}={written}"
    return f"{opening})"
