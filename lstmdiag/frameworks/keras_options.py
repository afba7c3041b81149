"""Options in the config of a Keras layer, as data: which change nothing, which are usual, and how values are spelled.

Options of layers are named after Keras, so that an option needs a row here only where the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from lstmdiag.analysis.layers import kernel
from lstmdiag.cells.expr import LEAK
from lstmdiag.layer import Layer
from lstmdiag.layers.kind import WIRING, ShapeMisfit, as_in_spec, shown_options
from lstmdiag.layers.reshape import reshape

OPERATION = " (an operation)"
"""Ends the class of what is no layer: a function such as keras.ops.add, called on tensors."""

IDLE = frozenset({
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise",
    "AlphaDropout", "ActivityRegularization", "Identity",
})  # fmt: skip
"""Classes that hand on what they read at prediction."""

NOTHING = frozenset({
    "name", "trainable", "seed", "weights", "batch_input_shape", "batch_shape", "input_length",  # what it is called
    "unroll", "implementation", "use_cudnn", "return_state",  # how it is computed, and what may be asked for
    "rate", "noise_shape", "dropout", "recurrent_dropout", "momentum", "synchronized", "renorm_clipping",
    "renorm_momentum", "unit_forget_bias",  # training, and numbers before it
    "layer", "backward_layer",  # compared as layers
    *(f"{weight}_{part}" for weight in ("kernel", "recurrent", "bias", "activity", "embeddings", "beta", "gamma",
                                        "moving_mean", "moving_variance")
      for part in ("initializer", "regularizer", "constraint")),
})  # fmt: skip
"""Options of Keras that change no number, shape or picture of a prediction."""

USUAL: Mapping[str, tuple[Any, ...]] = {
    "zero_output_for_mask": (False,), "time_major": (False,), "rms_scaling": (False,), "renorm": (False,),
    "fused": (False, True), "causal": (False,),
}  # fmt: skip
"""Options that no layer of a spec has → the values with which they change nothing; None is always one of them."""

MASKS = frozenset({
    "NotEqual", "Any", "ExpandDims", "ZerosLike", "OnesLike", "LogicalOr", "LogicalAnd", "Concatenate",
    "ConvertToTensor",
})  # fmt: skip
"""Operations by which Keras 3 makes masks, and joins them."""

ARGUMENTS: Mapping[str, tuple[Any, ...]] = {"training": (False,), "return_attention_scores": (False, True)}
"""Arguments of a call → the values with which they change nothing; None and False are two of them elsewhere."""


def harmless(argument: str, value: Any) -> bool:
    """Whether a layer that is called with it computes as without."""
    return value is None or value in ARGUMENTS.get(argument, (False, []))


LEFT_OUT: Mapping[str, Any] = {"reset_after": False, "recurrent_activation": "hard_sigmoid"}
"""What Keras 2 computes where its config lacks an option, if that is not Keras 3's default."""

FUNCTIONS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]]] = {
    "ReLU": (
        {"max_value": None, "negative_slope": 0, "threshold": 0},
        {"relu": {}, "relu6": {"max_value": 6}},
    ),
    "LeakyReLU": ({"negative_slope": 0.3}, {"leaky_relu": {"negative_slope": LEAK}}),
    "ELU": ({"alpha": 1}, {"elu": {}}),
    "Softmax": ({"axis": -1}, {"softmax": {}}),
}
"""Layer that applies a function → its options with what they are if left out; the functions that it can be, and the
options of these."""

_OTHER_NAMES = {"swish": "silu", None: "linear"}
_KERAS_2 = {"hard_sigmoid": "hard_sigmoid of Keras 2 (0.2 x + 0.5; today's is x / 6 + 0.5)"}


def as_function(kind: str, config: Mapping[str, Any]) -> str:
    """The function that a layer such as ReLU applies, by its name in a spec; "" where there is none such."""
    usual, functions = FUNCTIONS.get(kind, ({}, {}))
    given = {name: _number(config.get(name, value)) for name, value in usual.items()}
    if kind == "LeakyReLU" and "alpha" in config:  # Keras 2's name
        given["negative_slope"] = _number(config["alpha"])
    return next((name for name, options in functions.items() if given == {**usual, **options}), "")


def _number(value: Any) -> Any:
    """Keras 2 writes some numbers as arrays."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _function(layer: Layer, value: Any, version: int) -> Any:
    """A function's name. A function or a layer of the user's own is one that no spec has."""
    if isinstance(value, dict):
        config = value.get("config")
        kind = str(value.get("class_name", "function"))
        named = as_function(kind, config) if isinstance(config, dict) else ""
        name = config if isinstance(config, str) else kind
        return named or f"{name}, a function of its own"
    if value is not None and not isinstance(value, str):
        return as_in_spec(value)
    if version < 3 and value in _KERAS_2:
        return _KERAS_2[value]
    return _OTHER_NAMES.get(value, value)


def _axis(layer: Layer, value: Any, version: int) -> Any:
    """Counted from the front; a list of one axis is that axis."""
    axes = value if isinstance(value, list | tuple) else [value]
    found = [axis + len(layer.input) + 1 if type(axis) is int and axis < 0 else axis for axis in axes]
    return found[0] if len(found) == 1 else found


def _window(layer: Layer, value: Any, version: int) -> Any:
    """A size along each axis that a window moves on: 3 → (3,) or (3, 3). Strides left out are the pool's size."""
    if value is None and layer.window:
        value = layer.window.size
    axes = len(kernel(layer)) or 1
    return (value,) * axes if type(value) is int else tuple(value) if isinstance(value, list | tuple) else value


def _target(layer: Layer, value: Any, version: int) -> Any:
    """The shape that comes out, in which -1 is resolved."""
    try:
        return reshape(layer.options.model_copy(update={"target_shape": tuple(value)}), layer.input)
    except (ShapeMisfit, TypeError):
        return value


def _format(layer: Layer, value: Any, version: int) -> Any:
    return value or "channels_last"


SPELLED: Mapping[str, Callable[[Layer, Any, int], Any]] = {
    "activation": _function, "recurrent_activation": _function, "axis": _axis, "kernel_size": _window,
    "strides": _window, "dilation_rate": _window, "pool_size": _window, "target_shape": _target,
    "data_format": _format,
}  # fmt: skip
"""Option → (layer, value, version of Keras) → the value as all spellings of it are compared."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option that differs, as a spec writes it: in the file, in the spec (None: no layer of a spec has it)."""

    name: str
    theirs: str
    ours: str | None
    possible: bool  # whether a spec can say what the file says


def differences(layer: Layer, config: Mapping[str, Any], version: int, *, both_ways: bool = False) -> Iterator[Option]:
    """Where a layer of the same kind computes something else by its config; `both_ways` inside Bidirectional.

    An option that no layer of a spec has is one of them where its value is not the usual one.
    """
    fields = type(layer.options).model_fields
    for option in shown_options(type(layer.options)):
        if option in NOTHING or option in ("from", *WIRING):
            continue
        left_out = LEFT_OUT.get(option) if version < 3 else None
        theirs = config.get(option, fields[option].get_default() if left_out is None else left_out)
        spelled = SPELLED.get(option, _plain)
        found, wanted = spelled(layer, theirs, version), spelled(layer, getattr(layer.options, option), 3)
        if found != wanted:
            theirs, ours = (as_in_spec(_single(option, value)) for value in (found, wanted))
            yield Option(option, theirs, ours, _possible(layer, option, found))
    for option, value in config.items():
        forced = both_ways and option == "zero_output_for_mask"  # by Keras, where sequences are returned
        if option in NOTHING or option in fields or value is None or forced:
            continue
        if value not in USUAL.get(option, ()):
            yield Option(option, as_in_spec(value), None, False)


def _possible(layer: Layer, option: str, value: Any) -> bool:
    """Whether such a layer of a spec can have that value."""
    options = type(layer.options)
    given = {
        field.alias or name: getattr(layer.options, name)
        for name, field in options.model_fields.items()
        if name in layer.options.model_fields_set
    }
    for each in (value, _single(option, value)):
        try:
            options.model_validate(given | {option: each})
        except ValidationError:
            continue
        return True
    return False


def _single(option: str, value: Any) -> Any:
    """A window over one axis as a spec writes it: 3 for (3,)."""
    along_one = SPELLED.get(option) is _window and isinstance(value, tuple) and len(value) == 1
    return value[0] if along_one else value


def _plain(layer: Layer, value: Any, version: int) -> Any:
    return tuple(value) if isinstance(value, list) else value
