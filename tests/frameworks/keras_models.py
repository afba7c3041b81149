"""Documents of the generator as Keras models: the language read anew, without asking lstmdiag anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import keras

STATES = {"LSTM": ("h", "c"), "GRU": ("h",), "SimpleRNN": ("h",), "ConvLSTM2D": ("h", "c")}
"""In the order in which Keras returns them."""

FIRST = {
    "LSTM": "units", "GRU": "units", "SimpleRNN": "units", "Dense": "units", "RepeatVector": "n", "Dropout": "rate",
    "SpatialDropout1D": "rate", "Activation": "activation", "TimeDistributed": "layer", "Bidirectional": "layer",
    "Embedding": "input_dim", "Masking": "mask_value", "Reshape": "target_shape", "Permute": "dims",
    "Concatenate": "axis", "LayerNormalization": "axis", "BatchNormalization": "axis", "Conv1D": "filters",
    "MaxPooling1D": "pool_size", "AveragePooling1D": "pool_size", "Attention": "use_scale",
    "AdditiveAttention": "use_scale", "ConvLSTM2D": "filters",
}  # fmt: skip
"""The option that a bare argument stands for."""

Written = tuple[str, dict[str, Any]]


@contextmanager
def float64() -> Iterator[None]:
    """Within it Keras computes in float64, whatever its backend."""
    narrowing: dict[str, str] = import_module("keras.src.backend.common.dtypes").BIT64_TO_BIT32_DTYPE
    before, narrow = keras.config.floatx(), narrowing["float64"]
    jax = import_module("jax").config if keras.backend.backend() in ("jax", "numpy") else None  # NumPy's convolutions
    wide = jax is not None and jax.jax_enable_x64
    if jax is not None:
        jax.update("jax_enable_x64", True)
    narrowing["float64"] = "float64"  # but on TensorFlow and JAX a product of float64 would be float32
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    narrowing["float64"] = narrow
    keras.config.set_floatx(before)
    keras.config.set_dtype_policy(before)
    if jax is not None:
        jax.update("jax_enable_x64", wide)


@dataclass
class Built:
    model: Any = None
    layers: dict[str, Any] = field(default_factory=dict)  # Keras layers; of `use`, the earlier one
    tensors: dict[str, Any] = field(default_factory=dict)  # by reference


def build(document: Mapping[str, Any], called: Sequence[str] = (), *, fresh: bool = True) -> Built:
    """`called` are the names of the layers, where they may be other ones than Keras's own.

    Without `fresh`, Keras counts default names on from the models before.
    """
    if fresh:
        keras.backend.clear_session(free_memory=False)
    built = Built()
    inputs = document.get("inputs") or {"input": document["input"]}
    for name, given in inputs.items():
        shape = (
            given["shape"]
            if "shape" in given
            else [given["steps"], *([given["features"]] if "features" in given else [])]
        )
        dtype = "int32" if given.get("dtype") == "int" else keras.config.floatx()
        built.tensors[name] = keras.Input(batch_shape=(given.get("batch"), *shape), dtype=dtype)
    last = [*inputs][:1]
    wholes = {name: [name] for name in inputs}
    kinds: dict[str, Written] = {}
    for number, entry in enumerate(document["layers"]):
        again = isinstance(entry, dict) and "use" in entry
        kind, options = kinds[entry["use"]] if again else written(entry)
        wiring = dict(entry) if again else options
        refs = [ref for given in _list(wiring.pop("from", last)) for ref in wholes.get(given, [given])]
        start = wiring.pop("initial_state", None)
        layer = built.layers[entry["use"]] if again else made(kind, options, top=True)
        name = wiring["name"] if again else called[number] if called else layer.name
        names = _states(kind, options)
        read = [built.tensors[ref] for ref in refs]
        more = {}
        if start is not None:
            whole = isinstance(start, str) and start in kinds and _states(*kinds[start])
            starts = [f"{start}.{state}" for state in whole] if whole else _list(start)
            more = {"initial_state": [built.tensors[ref] for ref in starts]}
            mask = getattr(read[0], "_keras_mask", None)  # which Keras 3.15 itself leaves out where there is a start
            more |= {} if mask is None else {"mask": mask}
        found = layer(read if len(read) > 1 else read[0], **more)
        unmerged = kind == "Bidirectional" and layer.merge_mode is None
        last = [f"{name}.forward", f"{name}.backward"] if unmerged else [name]
        every = [*last, *(f"{name}.{state}" for state in names)]
        built.tensors |= zip(every, found if len(every) > 1 else [found], strict=True)
        built.layers[name], wholes[name], kinds[name] = layer, last, (kind, options)
    ends = [ref for end in _list(document.get("outputs", last)) for ref in wholes.get(end, [end])]
    built.model = keras.Model([built.tensors[name] for name in inputs], [built.tensors[ref] for ref in ends])
    return built


def written(entry: Any) -> Written:
    """`Flatten`, `Dense: 3`, `Dense: {units: 3}` → kind and options."""
    if isinstance(entry, str):
        return entry, {}
    ((kind, argument),) = entry.items()
    short = not isinstance(argument, dict) or (FIRST.get(kind) == "layer" and next(iter(argument))[0].isupper())
    return kind, {FIRST[kind]: argument} if short else dict(argument)


def made(kind: str, options: Mapping[str, Any], top: bool) -> Any:
    """The layer; what is wrapped is made first. Every recurrent layer hands over its states."""
    given = dict(options)
    if "layer" in given:
        inner, its = written(given.pop("layer"))
        wrapped = made(inner, its, top=top and kind == "Bidirectional")
        return getattr(keras.layers, kind)(wrapped, **given)
    if kind in STATES:  # orthogonal matrices, the default, take nearly all of the time
        given |= {"return_state": top, "recurrent_initializer": "zeros"}
    return getattr(keras.layers, kind)(**given)


def _states(kind: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    if kind == "Bidirectional":
        inner, _ = written(options["layer"])
        return tuple(f"{way}.{state}" for way in ("forward", "backward") for state in STATES[inner])
    return STATES.get(kind, ())


def _list(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
