"""What goes into a model: arrays or nested lists, checked; the spec's example; or numbers made by a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from lstmdiag.binding import resolve
from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError, Problem, nearest
from lstmdiag.frameworks.file_contents import FileArray
from lstmdiag.layer import Layer, show_shape
from lstmdiag.model import Model, ModelInput

PADDED = 3
"""So many steps a generated input has at least where the last one is padding."""

SMALL = (-2, -1, 1, 2, 3)
"""What a generated input holds: whole numbers that one multiplies by in the head, no zeros, which may mean padding."""


@dataclass(frozen=True)
class ModelInputs:
    """One array a model input, (N, ...), and where they come from, in words."""

    arrays: tuple[Array, ...]
    batched: bool  # the caller's arrays had a batch axis
    origin: str


def model_inputs(
    model: Model, data: Any, dtype: str, allow: Callable[[int], object] = lambda samples: None
) -> ModelInputs:
    """The caller's numbers, else those of the spec's example, else made ones.

    `data` is an array or nested lists for a model with one input, a mapping from the inputs' names for others; the
    batch axis may be left out. The shape of an array in a file is checked, and its number of samples allowed, before
    it is read. Raises LstmdiagError with every input that does not fit.
    """
    origin = "input: given"
    if data is None and model.example is not None and model.example.input is not None:
        data, origin = model.example.input, "input: the example of the spec"
    if data is None:
        return generated(model, dtype)
    problems: list[Problem] = []
    found = []
    for source, numbers in _by_input(model, data):
        try:
            if isinstance(numbers, FileArray):
                _shaped(source, numbers.shape)
                allow(numbers.shape[0] if len(numbers.shape) > len(source.shape) else 1)
                numbers = numbers.read()
            found.append((source, _array(source, numbers, dtype)))
        except LstmdiagError as error:
            problems += error.problems
    if problems:
        raise LstmdiagError(problems)
    samples = {source.name: len(array) if _batched(source, array) else 1 for source, array in found}
    several = {source.name for source, array in found if _batched(source, array)}
    if len(set(samples.values())) > 1 or (several and len(several) < len(found)):
        sizes = ", ".join(
            f"{name!r} has {n} sample{'s' * (n != 1)}{'' if name in several else ' and no batch axis'}"
            for name, n in samples.items()
        )
        raise LstmdiagError(
            Problem(f"the inputs are no one batch: {sizes}", hint="give each the same number of samples")
        )
    arrays = tuple(array if _batched(source, array) else array[None] for source, array in found)
    return ModelInputs(arrays, bool(several), origin)


def _batched(source: ModelInput, array: Array) -> bool:
    return array.ndim > len(source.shape)


def _by_input(model: Model, data: Any) -> Iterator[tuple[ModelInput, Any]]:
    """Each input with its numbers. Raises LstmdiagError where names do not fit."""
    names = [source.name for source in model.inputs]
    if not isinstance(data, Mapping):
        if len(names) > 1:
            hint = "{" + ", ".join(f'"{name}": …' for name in names) + "}"
            raise LstmdiagError(Problem(f"the model has {len(names)} inputs, one array was given", hint=hint))
        data = {names[0]: data}
    wrong = [
        Problem(f"there is no input {name!r}", hint=nearest(str(name), names)) for name in data if name not in names
    ]
    wrong += [Problem(f"the input {name!r} is missing", hint=", ".join(names)) for name in names if name not in data]
    if wrong:
        raise LstmdiagError(wrong)
    return ((source, data[source.name]) for source in model.inputs)


def _array(source: ModelInput, numbers: Any, dtype: str) -> Array:
    """Checked: numbers only, finite, of the right shape; whole ones for tokens. With the batch axis or without."""
    who, wanted = f"input {source.name!r}", _wanted(source)
    try:
        array = np.asarray(numbers)
    except (ValueError, TypeError, OverflowError, RuntimeError) as error:
        raise LstmdiagError(Problem(f"{who} is no array: {error}", hint=wanted)) from None
    if array.dtype.kind not in "iuf" and not array.size:
        array = array.astype(float)
    if array.dtype.kind not in "iuf":
        if array.dtype == object:
            raise LstmdiagError(Problem(f"{who} holds something else than numbers of a float's size", hint=wanted))
        raise LstmdiagError(Problem(f"{who} holds {array.dtype}, not numbers", hint=wanted))
    rank = len(source.shape)
    _shaped(source, array.shape, f"{array.flat[0]}" if array.size and array.ndim < rank else "")
    _finite(array, who, rank)
    if source.dtype == "int":
        wrong = np.argwhere((array != np.floor(array)) | (array < 0))
        if len(wrong):
            found = array[tuple(wrong[0])]
            message = f"{who} holds {found} {place_in_words(wrong[0], rank, 'step')}"
            raise LstmdiagError(Problem(message, hint="a token is a whole number from 0"))
        return array.astype(np.int64)
    with np.errstate(over="ignore"):
        made = array.astype(dtype)
    _finite(made, f"{who}, as {dtype},", rank)
    return made


def _shaped(source: ModelInput, shape: tuple[int, ...], first: str = "") -> None:
    """Raises LstmdiagError for another shape than the input's, with the batch axis or without."""
    who, rank = f"input {source.name!r}", len(source.shape)
    single = shape[1:] if len(shape) == rank + 1 else shape
    fits = len(single) == rank and all(n > 0 and w in (None, n) for n, w in zip(single, source.shape, strict=True))
    if not fits or not all(shape):
        hint = _wanted(source)
        if len(shape) == rank - 1 and source.shape[-1] == 1 and first:
            hint += f"; write [[{first}], …]"
        raise LstmdiagError(Problem(f"{who} has the shape {show_shape(shape)}", hint=hint))
    if len(shape) == rank + 1 and source.batch not in (None, shape[0]):
        hint = f"the spec says batch: {source.batch}"
        raise LstmdiagError(Problem(f"{who} has {shape[0]} samples", hint=hint))


def _finite(array: Array, who: str, rank: int) -> None:
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        found = array[tuple(wrong[0])]
        more = f", and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        raise LstmdiagError(
            Problem(f"{who} holds {found} {place_in_words(wrong[0], rank)}{more}", hint="only finite numbers")
        )


def place_in_words(index: Any, rank: int, single: str = "place") -> str:
    """Where in an array, in words, counted from 1: `in sample 2, at step 1, feature 3`."""
    numbers = [int(n) + 1 for n in index]
    words = [f"in sample {numbers.pop(0)}"] if len(numbers) > rank else []
    if len(numbers) > 2:
        return ", ".join([*words, f"at {show_shape(tuple(numbers))}"])
    names = ("step", "feature") if rank > 1 or len(numbers) > 1 else (single,)
    axes = ", ".join(f"{name} {number}" for name, number in zip(names, numbers, strict=False))
    return ", ".join([*words, f"at {axes}"])


def _wanted(source: ModelInput) -> str:
    names = ("steps", "features") if len(source.shape) == 2 else ("steps",) if source.dtype == "int" else ()
    about = f" ({', '.join(names)})" if names and len(names) == len(source.shape) else ""
    return f"it wants {show_shape(source.shape)}{about}, or samples of these in a batch"


def generated(model: Model, dtype: str) -> ModelInputs:
    """One sample by rule: small whole numbers, or tokens of the vocabulary; its last step is padding where a layer
    looks for that. The same at every call.
    """
    random = np.random.default_rng(0)
    arrays: list[Array] = []
    origin = "input: made, small whole numbers"
    for source in model.inputs:
        shape = [n or 1 for n in source.shape]
        tokens = vocabulary(model, source)
        if source.dtype == "int":
            arrays.append(random.integers(min(1, tokens - 1), tokens, (1, *shape)))
        else:
            arrays.append(random.choice(SMALL, (1, *shape)).astype(dtype))
        padded = padding(model, source)
        if padded is not None and shape[0] >= PADDED:
            arrays[-1][:, -1] = padded
            origin = "input: made, small whole numbers and padding"
    return ModelInputs(tuple(arrays), False, origin)


def vocabulary(model: Model, source: ModelInput) -> int:
    """How many tokens every layer knows that looks up what comes from this input; 10 where none does."""
    readers = (layer.innermost for layer in readers_of(model, source))
    return min((layer.definition.tokens(layer.options) for layer in readers if layer.definition.tokens), default=10)


def padding(model: Model, source: ModelInput) -> float | None:
    """What stands for a step that does not count, in this input; None where no layer looks for that."""
    makers = (layer for layer in readers_of(model, source) if layer.mask == "makes")
    return next(
        (layer.definition.padding_value(layer.options) for layer in makers if layer.definition.padding_value), None
    )


def readers_of(model: Model, source: ModelInput) -> Iterator[Layer]:
    """The layers that read this input, as it is or as other layers copied it."""
    reached = {source.name}
    for layer in model.layers:
        if any(ref in reached for ref in layer.inputs):
            yield layer
            if layer.copies and not layer.innermost.definition.tokens:
                reached.add(layer.name)


def with_input_shapes(model: Model, shapes: Sequence[tuple[int | None, ...]]) -> Model:
    """The model for inputs of just these sizes, every shape in it known.

    Raises LstmdiagError where layers do not fit each other then.
    """
    if [source.shape for source in model.inputs] == [*shapes]:
        return model
    inputs = tuple(replace(each, shape=tuple(shape)) for each, shape in zip(model.spec.inputs, shapes, strict=True))
    return resolve(replace(model.spec, inputs=inputs))


LENGTHS = (4, *range(5, 33), 64, 128, 1, 2, 3)


def any_length(model: Model) -> Model:
    """The model with a number of steps in place of each that is left open, the first of LENGTHS with which it runs.

    Raises LstmdiagError where it runs with none of them.
    """
    if None not in chain.from_iterable(source.shape for source in model.inputs):
        return model
    for length in LENGTHS:
        try:
            return with_input_shapes(model, [tuple(n or length for n in source.shape) for source in model.inputs])
        except LstmdiagError as error:
            last = error
    raise last
