"""What a Keras file says of its own layers: the JSON that Keras writes beside the weights, read as a graph of layers.

`.keras` files hold it as config.json, `.h5` files as the attribute model_config; Keras 2 and 3 spell it differently.
Nothing in it is run: a class or a function of the user's own is a name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.keras_options import IDLE, OPERATION, as_function


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a layer gives out: of which of its calls, and which of its outputs, from 0."""

    layer: str
    call: int = 0
    output: int = 0


@dataclass(frozen=True)
class Call:
    """A use of a layer: what it reads, and in which states it begins."""

    inputs: tuple[Tensor, ...]
    states: tuple[Tensor, ...] = ()
    mask: Tensor | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)  # the other ones


@dataclass(frozen=True)
class FileLayer:
    """A layer of a file, by its config."""

    name: str
    kind: str  # its class; a function of Keras that is called on tensors is an OPERATION
    options: Mapping[str, Any]
    inner: FileLayer | None = None  # of a wrapper
    backward: FileLayer | None = None  # of Bidirectional, where its config has it
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True)
class FileModel:
    """The model of a file; `version` is the first number of Keras's."""

    layers: Mapping[str, FileLayer]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    version: int


MODELS = ("Sequential", "Functional", "Model")
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D", "Bidirectional", "RNN", "CuDNNLSTM", "CuDNNGRU")
"""Classes that take their first states as inputs after the first one."""


def file_model(text: str, version: str) -> FileModel:
    """Raises LstmdiagError where the text is no description of a model that can be understood."""
    major = int(version[:1]) if version[:1].isdigit() else 2
    try:
        return _model(json.loads(text), major)
    except LstmdiagError:
        raise
    except RecursionError:
        message = "its config nests too deep"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        message = f"its config is none of a Keras model: {type(error).__name__} {str(error)[:80]}"
    raise LstmdiagError(Problem(message, hint="--ignore-config takes its weights without it"))


def _model(entry: Mapping[str, Any], version: int) -> FileModel:
    if entry["class_name"] not in MODELS:
        what = f"its model is of the class {entry['class_name']}, whose layers are not in its config"
        raise LstmdiagError(Problem(what, hint="--ignore-config takes its weights without them"))
    config = entry["config"]
    if isinstance(config, list):  # before Keras 2.2.3
        config = {"layers": config, "name": ""}
    return _inlined(_functional(config, version) if "input_layers" in config else _sequential(config, version))


Parts = tuple[dict[str, FileLayer], dict[str, FileModel], tuple[Tensor, ...], tuple[Tensor, ...], int]
"""The layers, the models among them, and the inputs, the outputs and the version of the whole."""


def _sequential(config: Mapping[str, Any], version: int) -> Parts:
    """One layer behind the other; Keras 2 has the input in the config of the first one."""
    layers: dict[str, FileLayer] = {}
    models: dict[str, FileModel] = {}
    entries = config["layers"]
    last = Tensor(f"input of {config['name']}")
    if entries[0]["class_name"] != "InputLayer":
        shape = entries[0]["config"].get("batch_input_shape") if isinstance(entries[0]["config"], dict) else None
        layers[last.layer] = FileLayer(last.layer, "InputLayer", {"batch_shape": shape})
    for entry in entries:
        calls = (Call((last,) if layers else ()),)
        last = Tensor(_add(entry, calls, layers, models, version))
    first = next(iter(layers))
    return layers, models, (Tensor(first),), (last,), version


def _functional(config: Mapping[str, Any], version: int) -> Parts:
    layers: dict[str, FileLayer] = {}
    models: dict[str, FileModel] = {}
    for entry in config["layers"]:
        kind = entry["class_name"]
        calls = tuple(_call(node, kind) for node in entry["inbound_nodes"])
        _add(entry, calls, layers, models, version)
    inputs, outputs = (tuple(_tensors(config[name])) for name in ("input_layers", "output_layers"))
    return layers, models, inputs, outputs, version


def _add(
    entry: Mapping[str, Any], calls: tuple[Call, ...], layers: dict[str, FileLayer], models: dict[str, FileModel],
    version: int,
) -> str:  # fmt: skip
    """One layer more; gives its name."""
    config = entry["config"]
    name = str(entry.get("name") or (config.get("name") if isinstance(config, dict) else "") or f"layer {len(layers)}")
    if name in layers:
        raise LstmdiagError(f"two layers of its config are called {name!r}")
    if entry["class_name"] in MODELS:
        models[name] = _model(entry, version)
        layers[name] = FileLayer(name, entry["class_name"], {}, calls=calls)
    else:
        layers[name] = replace(_layer(entry), name=name, calls=calls)
    return name


def _layer(entry: Mapping[str, Any]) -> FileLayer:
    """A layer, and in a wrapper those that it wraps."""
    kind, config = str(entry["class_name"]), entry["config"]
    if not isinstance(config, dict):
        raise ValueError(f"{kind} has no config")
    module, registered = str(entry.get("module") or "keras"), str(entry.get("registered_name") or "")
    named = kind == "InputLayer" or kind in IDLE  # SpatialDropout1D's config lacks `trainable` too
    if ".ops." in module or ("trainable" not in config and not named):
        return FileLayer(str(config.get("name", "")), f"{kind}{OPERATION}", config)
    if module.split(".")[0] not in ("keras", "tf_keras", "tensorflow") or ">" in registered:
        return FileLayer(str(config.get("name", "")), registered or f"{module}.{kind}", config)
    inner, backward = (
        _layer(config[name]) if isinstance(config.get(name), dict) and "class_name" in config[name] else None
        for name in ("layer", "backward_layer")
    )
    function = as_function(kind, config)
    if function:
        kind, config = "Activation", {"activation": function}
    return FileLayer(str(config.get("name", "")), kind, config, inner, backward)


def _call(node: Any, kind: str) -> Call:
    """Keras 3 writes {"args", "kwargs"}, Keras 2 a list of [layer, call, output, kwargs]."""
    if isinstance(node, dict):
        args, given = node["args"], node["kwargs"]
    else:
        rows = [node] if node and isinstance(node[0], str) else node
        args, given = [row[:3] for row in rows], {}
        for row in rows:
            given |= row[3] if len(row) > 3 else {}
    tensors = tuple(_tensors(args))
    arguments = {name: value for name, value in given.items() if name not in ("mask", "initial_state")}
    masks = [mask for mask in _tensors(given.get("mask")) if mask]
    states = tuple(_tensors(given.get("initial_state")))
    if kind in RECURRENT:
        tensors, states = tensors[:1], tensors[1:] + states
    constants = [value for value in args if isinstance(value, int | float | str)]
    if constants:
        arguments["args"] = constants
    return Call(tensors, states, masks[0] if masks else None, arguments)


def _tensors(given: Any) -> Iterator[Tensor]:
    """Every tensor that is named in it, at any depth, in order."""
    if isinstance(given, dict):
        if given.get("class_name") == "__keras_tensor__":
            yield Tensor(*given["config"]["keras_history"])
        elif "class_name" not in given:
            for each in given.values():
                yield from _tensors(each)
    elif isinstance(given, list):
        if len(given) == 3 and isinstance(given[0], str) and all(type(number) is int for number in given[1:]):
            yield Tensor(*given)
        else:
            for each in given:
                yield from _tensors(each)


def _inlined(parts: Parts) -> FileModel:
    """Models among the layers give way to their layers. Raises LstmdiagError where such a model is used twice."""
    layers, models, inputs, outputs, version = parts
    instead: dict[Tensor, Tensor] = {}
    for name, model in models.items():
        calls = layers.pop(name).calls
        taken = layers.keys() & model.layers.keys()
        if len(calls) != 1 or taken or not calls[0].inputs:
            what = "is used more than once" if len(calls) > 1 else "has layers of the same names as the model around it"
            message = f"the model {name!r} stands as a layer in its model, and {what}"
            raise LstmdiagError(Problem(message, hint="--ignore-config takes its weights without its config"))
        instead |= dict(zip(model.inputs, calls[0].inputs, strict=True))
        instead |= {Tensor(name, 0, number): tensor for number, tensor in enumerate(model.outputs)}
        ends = {tensor.layer for tensor in model.inputs}
        layers |= {key: layer for key, layer in model.layers.items() if key not in ends}

    def real(tensor: Tensor) -> Tensor:
        for _ in range(len(instead) + 1):
            if tensor not in instead:
                return tensor
            tensor = instead[tensor]
        raise ValueError(f"{tensor.layer} reads itself")

    def moved(call: Call) -> Call:
        mask = real(call.mask) if call.mask else None
        return replace(call, inputs=tuple(map(real, call.inputs)), states=tuple(map(real, call.states)), mask=mask)

    found = {name: replace(layer, calls=tuple(map(moved, layer.calls))) for name, layer in layers.items()}
    model = FileModel(found, tuple(map(real, inputs)), tuple(map(real, outputs)), version)
    every = [call for layer in found.values() for call in layer.calls]
    read = (tensor for call in every for tensor in (*call.inputs, *call.states, call.mask) if tensor)
    for tensor in (*read, *model.inputs, *model.outputs):
        maker = found.get(tensor.layer)
        uses = 0 if maker is None else len(maker.calls) or maker.kind == "InputLayer"
        if not 0 <= tensor.call < uses:
            raise ValueError(f"there is no {tensor.layer}, call {tensor.call}")
    return model
