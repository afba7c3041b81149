"""Write the reference numbers: `KERAS_BACKEND=numpy .venv-frameworks/bin/python -m tests.reference.make`.

Weights are drawn in the framework's own layout, from a seed made of the case's name, so the files come out the same.
Nothing of lstmdiag packs them; it only reads the spec.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras
import numpy as np
import torch
import yaml

from tests.frameworks.keras_models import build, float64
from tests.frameworks.onnx_layers import run
from tests.models import model
from tests.reference import HERE

X = "input: {steps: 5, features: 3}"
KEPT = "input: {steps: 5, features: 3, batch: 2}"
SQUARE = "input: {steps: 4, features: 4}"
MAPS = "input: {shape: [3, 6, 5, 2]}"
H = "inputs: {input: {steps: 5, features: 3}, h: {shape: [4]}}"
HC = "inputs: {input: {steps: 5, features: 3}, h: {shape: [4]}, c: {shape: [4]}}"
SHORT = "inputs: {input: {steps: 5, features: 3}, h: {shape: [2]}, c: {shape: [4]}}"
BOTH = """inputs:
  {input: {steps: 5, features: 3}, h: {shape: [4]}, c: {shape: [4]}, back h: {shape: [4]}, back c: {shape: [4]}}"""
BOTH_H = "inputs: {input: {steps: 5, features: 3}, h: {shape: [4]}, back h: {shape: [4]}}"

KERAS = {
    "lstm": (X, "LSTM: {units: 4, return_sequences: true}"),
    "lstm-square": (SQUARE, "LSTM: {units: 4, return_sequences: true}"),
    "lstm-relu": (X, "LSTM: {units: 4, activation: relu, return_sequences: true}"),
    "lstm-hard": (X, "LSTM: {units: 4, recurrent_activation: hard_sigmoid, activation: softsign, use_bias: false}"),
    "lstm-start": (HC, "LSTM: {units: 4, from: input, initial_state: [h, c], go_backwards: true}"),
    "lstm-stateful": (KEPT, "LSTM: {units: 4, stateful: true, return_sequences: true}"),
    "lstm-masked": (X, "Masking", "LSTM: {units: 4, return_sequences: true}", "LSTM: 3"),
    "lstm-masked-by-number": (X, "Masking: -1.0", "LSTM: {units: 4, return_sequences: true}"),
    "name-twice": (
        "input: {shape: [3, 4, 2]}",
        "TimeDistributed: {layer: {LSTM: 3}, name: first}",
        "LSTM: {units: 4, name: lstm}",
    ),
    "gru": (H, "GRU: {units: 4, from: input, initial_state: [h], return_sequences: true}"),
    "gru-square": (SQUARE, "GRU: {units: 4, return_sequences: true}"),
    "gru-before": (H, "GRU: {units: 4, reset_after: false, from: input, initial_state: [h], return_sequences: true}"),
    "gru-relu": (X, "GRU: {units: 4, activation: relu, use_bias: false}"),
    "gru-stateful": (KEPT, "GRU: {units: 4, stateful: true, reset_after: false, return_sequences: true}"),
    "gru-masked": (X, "Masking", "GRU: {units: 4, return_sequences: true, go_backwards: true}"),
    "rnn": (H, "SimpleRNN: {units: 4, from: input, initial_state: [h], return_sequences: true}"),
    "rnn-relu": (SQUARE, "SimpleRNN: {units: 4, activation: relu, return_sequences: true}"),
    "maps": (MAPS, "ConvLSTM2D: {filters: 3, kernel_size: 2, return_sequences: true}"),
    "maps-same": (MAPS, "ConvLSTM2D: {filters: 2, kernel_size: [3, 2], strides: [2, 1], padding: same}"),
    "both-concat": (X, "Masking", "Bidirectional: {LSTM: {units: 4, return_sequences: true}}"),
    "both-sum": (X, "Bidirectional: {layer: {GRU: {units: 4, return_sequences: true}}, merge_mode: sum}"),
    "both-mul": (X, "Bidirectional: {layer: {SimpleRNN: {units: 4}}, merge_mode: mul}"),
    "both-ave": (X, "Masking", "Bidirectional: {layer: {GRU: {units: 4, reset_after: false}}, merge_mode: ave}"),
    "both-unmerged": (
        BOTH,
        "Bidirectional: {layer: {LSTM: {units: 4, return_sequences: true}}, merge_mode: null, from: input,"
        " initial_state: [h, c, back h, back c]}",
    ),
    "handed-over": (
        "inputs: {source: {steps: 4, features: 2}, target: {steps: 3, features: 3}}",
        "LSTM: {units: 4, from: source, name: encoder}",
        "LSTM: {units: 4, from: target, initial_state: encoder, return_sequences: true, name: decoder}",
        "TimeDistributed: {Dense: 2}",
    ),
}
"""Case → the inputs and the layers of a spec."""

TORCH: dict[str, tuple[str, str, Callable[[], Any]]] = {
    "lstm": (HC, "LSTM: {units: 4, from: input, initial_state: [h, c], return_sequences: true, name: lstm}",
             lambda: torch.nn.LSTM(3, 4, batch_first=True)),
    "lstm-projection": (
        SHORT,
        "LSTM: {units: 4, projection: 2, from: input, initial_state: [h, c], return_sequences: true, name: lstm}",
        lambda: torch.nn.LSTM(3, 4, proj_size=2, batch_first=True)),
    "gru": (H, "GRU: {units: 4, from: input, initial_state: [h], return_sequences: true, name: gru}",
            lambda: torch.nn.GRU(3, 4, batch_first=True)),
    "rnn": (H, "SimpleRNN: {units: 4, activation: relu, from: input, initial_state: [h], return_sequences: true,"
               " name: rnn}",
            lambda: torch.nn.RNN(3, 4, nonlinearity="relu", batch_first=True)),
    "lstm-both": (
        BOTH,
        "Bidirectional: {layer: {LSTM: {units: 4, return_sequences: true}}, from: input,"
        " initial_state: [h, c, back h, back c], name: lstm}",
        lambda: torch.nn.LSTM(3, 4, bidirectional=True, batch_first=True)),
    "gru-both": (
        BOTH_H,
        "Bidirectional: {layer: {GRU: {units: 4, return_sequences: true}}, from: input,"
        " initial_state: [h, back h], name: gru}",
        lambda: torch.nn.GRU(3, 4, bidirectional=True, batch_first=True)),
}  # fmt: skip

_SEQUENCES = "from: input, return_sequences: true, name: layer"
ONNX = {
    "lstm": (HC, f"LSTM: {{units: 4, initial_state: [h, c], {_SEQUENCES}}}"),
    "lstm-backwards": (HC, f"LSTM: {{units: 4, go_backwards: true, initial_state: [h, c], {_SEQUENCES}}}"),
    "peephole": (HC, f"PeepholeLSTM: {{units: 4, initial_state: [h, c], {_SEQUENCES}}}"),
    "gru-after": (H, f"GRU: {{units: 4, initial_state: [h], {_SEQUENCES}}}"),
    "gru-before": (H, f"GRU: {{units: 4, reset_after: false, initial_state: [h], {_SEQUENCES}}}"),
    "rnn": (H, f"SimpleRNN: {{units: 4, initial_state: [h], {_SEQUENCES}}}"),
    "peephole-both": (
        BOTH,
        "Bidirectional: {layer: {PeepholeLSTM: {units: 4, return_sequences: true}}, from: input,"
        " initial_state: [h, c, back h, back c], name: layer}",
    ),
}
GATES = {"LSTM": 4, "PeepholeLSTM": 4, "GRU": 3, "SimpleRNN": 1}
Arrays = dict[str, Any]


def spec(inputs: str, *layers: str) -> str:
    return "\n".join(["version: 1", inputs, "layers:", *(f"  - {layer}" for layer in layers), ""])


def drawn(random: Any, shape: Any) -> Any:
    return random.uniform(-0.8, 0.8, tuple(shape))


def inputs(random: Any, text: str) -> Iterator[tuple[str, Any]]:
    """Two samples each; where there is a mask, some steps at the end and one between are padding."""
    of = model(text)
    fillers = [layer.options.mask_value for layer in of.layers if layer.kind == "Masking"]
    for source in of.inputs:
        values = random.normal(size=(2, *source.shape))
        if fillers:
            values[0, -2:] = values[1, 1] = fillers[0]
        yield source.name, values


def of_keras(random: Any, text: str) -> Arrays:
    """Every output and final state of every layer, of two calls if it is stateful."""
    built = build(yaml.safe_load(text))
    made: Arrays = {}
    for name, layer in built.layers.items():
        for weight in layer.weights:
            way = [f"{way}." for way in ("forward", "backward") if f"/{way}_" in weight.path]
            weight.assign(drawn(random, weight.shape))
            made[f"weights/{name}/{''.join(way)}{weight.name}"] = keras.ops.convert_to_numpy(weight)
    sources = [source.name for source in model(text).inputs]
    refs = [ref for ref in built.tensors if ref not in sources]
    whole = keras.Model([built.tensors[name] for name in sources], [built.tensors[ref] for ref in refs])
    for call in range(2 if "stateful" in text else 1):
        given = dict(inputs(random, text))
        made |= {f"input/{call}/{name}": value for name, value in given.items()}
        found = keras.tree.flatten(whole([*given.values()], training=False))
        made |= {f"found/{call}/{ref}": np.array(value) for ref, value in zip(refs, found, strict=True)}
    return made


def of_torch(random: Any, text: str, make: Callable[[], Any]) -> Arrays:
    layer, module = model(text).layers[0], make().double()
    for parameter in module.parameters():
        parameter.data = torch.tensor(drawn(random, parameter.shape))
    made = {f"weights/{layer.name}/{name}": value.detach().numpy() for name, value in module.named_parameters()}
    given = dict(inputs(random, text))
    ways = ("forward.", "backward.") if layer.backward else ("",)
    x, *starts = given.values()
    number = len(starts) // len(ways)
    begun = [torch.tensor(np.stack(starts[state::number])) for state in range(number)]
    with torch.no_grad():
        out, last = module(torch.tensor(x), tuple(begun) if number > 1 else begun[0])
    made |= {f"input/0/{name}": value for name, value in given.items()}
    made[f"found/0/{layer.name}"] = out.numpy()
    for state, values in zip("hc", last if number > 1 else [last], strict=False):
        made |= {f"found/0/{layer.name}.{way}{state}": value.numpy() for way, value in zip(ways, values, strict=True)}
    return made


def of_onnx(random: Any, text: str) -> Arrays:
    """Shapes of W, R, B and P as the operators' pages have them."""
    layer = model(text).layers[0]
    ways = ("forward.", "backward.") if layer.backward else ("",)
    rows = GATES[layer.innermost.kind] * 4
    shapes = {"W": (rows, 3), "R": (rows, 4), "B": (2 * rows,)}
    shapes |= {"P": (12,)} if layer.innermost.kind == "PeepholeLSTM" else {}
    held = {name: drawn(random, (len(ways), *shape)).astype("float32") for name, shape in shapes.items()}
    given = {name: value.astype("float32") for name, value in inputs(random, text)}
    x, *starts = given.values()
    number = len(starts) // len(ways)
    y, *last = run(layer, held, x, [np.stack(starts[state::number]) for state in range(number)])
    made = {f"weights/{layer.name}/{name}": value for name, value in held.items()}
    made |= {f"input/0/{name}": value for name, value in given.items()}
    steps = np.concatenate([*y.transpose(1, 2, 0, 3)], -1)  # (N, T, directions · units)
    made[f"found/0/{layer.name}"] = steps[:, ::-1] if layer.innermost.options.go_backwards else steps
    for state, values in zip("hc", last, strict=False):
        made |= {f"found/0/{layer.name}.{way}{state}": value for way, value in zip(ways, values, strict=True)}
    return made


def every() -> Iterator[tuple[str, Arrays]]:
    """Name and contents of each file."""
    for name, parts in KERAS.items():
        with float64():
            yield drawn_case("keras", name, spec(*parts), of_keras)
    for name, (given, layer, make) in TORCH.items():
        yield drawn_case("pytorch", name, spec(given, layer), of_torch, make)
    for name, parts in ONNX.items():
        yield drawn_case("onnx", name, spec(*parts), of_onnx)


def drawn_case(framework: str, name: str, text: str, make: Callable[..., Arrays], *more: Any) -> tuple[str, Arrays]:
    whole = f"{framework}-{name}"
    random = np.random.default_rng(crc32(whole.encode()))
    return whole, {"framework": np.array(framework), "spec": np.array(text), **make(random, text, *more)}


if __name__ == "__main__":
    for path in HERE.glob("*.npz"):
        path.unlink()
    for name, arrays in every():
        np.savez_compressed(HERE / f"{name}.npz", **arrays)
