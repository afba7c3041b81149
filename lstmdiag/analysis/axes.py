"""The axes of everything a model passes on: what each is called, and its letter, the same in every picture.

An axis is one of steps, rows, columns or features; one of time is known by what began it, an input or a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lstmdiag.layer import Layer, RecurrentLayer
from lstmdiag.layers.reads import MANY
from lstmdiag.model import Model

Axis = Literal["steps", "rows", "columns", "features", ""]
"""What an axis counts; "" where that is not known."""


def axes(model: Model) -> Mapping[str, tuple[Axis, ...]]:
    """Name of an input or layer → what each axis of its output counts, without the batch."""
    times = time_axes(model)
    named = {source.name: _axes(len(source.shape), times[source.name], source.dtype) for source in model.inputs}
    for layer in model.layers:
        order, before = layer.definition.order, named[model.owner(layer.inputs[0])[0].name]
        if order and not times[layer.name]:
            named[layer.name] = tuple(before[place - 1] for place in order(layer.options))
        else:
            named[layer.name] = _axes(len(layer.output), times[layer.name])
    return named


def _axes(count: int, began: str, dtype: str = "float") -> tuple[Axis, ...]:
    steps: tuple[Axis, ...] = ("steps",) if began else ()
    last: tuple[Axis, ...] = () if dtype == "int" else ("rows", "columns", "features")
    last = last if count == len(steps) + len(last) else last[-1:][: count - len(steps)]
    unknown: tuple[Axis, ...] = ("",)
    return (*steps, *unknown * (count - len(steps) - len(last)), *last)


def at_places(model: Model) -> frozenset[str]:
    """The layers without states that compute at each place of an image or of maps, and not once a step."""
    named = axes(model)
    computing = (layer for layer in model.layers if layer.innermost.cell and layer.weights and not layer.recurrent)
    return frozenset(layer.name for layer in computing if named[layer.name][:-1] not in ((), ("steps",)))


_LETTERS = {"units": "H", "projection": "P", "output_dim": "E"}
"""What a size of a layer's weights counts → its letter."""


def last_letter(layer: Layer) -> str:
    """The letter of its output's last axis among those of the layer itself; '' where it has none.

    H, P or E for its units, its projection or its table; 2H for two directions side by side; F for the features that
    it reads, where it keeps them.
    """
    run, innermost = layer.unwrapped, layer.innermost
    if isinstance(innermost, RecurrentLayer):
        letter = _of_state(innermost, innermost.cell.output)
        side_by_side = run.merge_mode == "concat"
        return f"2{letter}" if letter and side_by_side else letter
    last = layer.output[-1:]  # a single number has no axis
    for name, letter in _LETTERS.items():
        if name in innermost.sizes and last == (innermost.sizes[name],):
            return letter
    order = innermost.definition.order
    moved = order is not None and order(innermost.options)[-1] != len(innermost.output)
    return "F" if last and last == layer.input[-1:] and not moved else ""


def _of_state(layer: RecurrentLayer, state: str) -> str:
    return _LETTERS.get(str(layer.cell.state[state][-1]), "")


def letters(model: Model) -> Mapping[str, tuple[str, ...]]:
    """Name of an input or layer → a letter for each axis of what it gives, '' where it has none.

    Several recurrent layers have H_1, H_2 ..., several inputs with features F_1, F_2 ...; time axes are named by
    `time_letters`.
    """
    axes = time_axes(model)
    times = time_letters(model, axes)
    found: dict[str, tuple[str, ...]] = {}
    featured = [source.name for source in model.inputs if len(source.shape) > bool(axes[source.name])]
    for source in model.inputs:
        time = [times[source.name]] if axes[source.name] else []
        feature = []
        if source.name in featured:
            feature = [f"F_{featured.index(source.name) + 1}" if len(featured) > 1 else "F"]
        found[source.name] = _padded(time, feature, len(source.shape))
    for layer in model.layers:
        last = last_letter(layer)
        if last == "F":
            before = {letters_of(model, reference, found)[-1:] for reference in layer.inputs}
            last = before.pop()[0] if len(before) == 1 else ""
        elif layer.innermost.recurrent:
            last = _numbered(model, layer, last)
        elif last == "H":  # the letter of recurrent units
            last = ""
        start = axes[layer.name]
        time = [times[start]] if start else []
        found[layer.name] = _padded(time, [last] if len(layer.output) > len(time) else [], len(layer.output))
    return found


def letters_of(model: Model, reference: str, found: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A letter for each axis of what a reference means; `found` are those of `letters`."""
    owner, part = model.owner(reference)
    if not part or not isinstance(owner, Layer):
        return found[owner.name]
    innermost = owner.innermost
    assert isinstance(innermost, RecurrentLayer)
    state = part not in owner.parts
    letter = _of_state(innermost, part.rpartition(".")[2] if state else innermost.cell.output)
    shape = model.shape(reference)
    time = [] if state or len(shape) == 1 else [*found[owner.name][:1]]
    return _padded(time, [_numbered(model, owner, letter)], len(shape))


def _numbered(model: Model, layer: Layer, letter: str) -> str:
    """H_2 for the second of several recurrent layers."""
    numbers = model.recurrent_numbers
    return f"{letter}_{numbers[_first(model, layer)]}" if letter and len(numbers) > 1 else letter


def _first(model: Model, layer: Layer) -> str:
    """The name of the layer whose equations run, in its first use."""
    return model.layer(layer.shared).innermost.name if layer.shared else layer.innermost.name


def time_axes(model: Model) -> Mapping[str, str]:
    """Name of an input or layer → the name of what began the time axis of its output, '' where it has none.

    An input begins one; so does a layer that makes a sequence of a vector, or one of another length.
    """
    axes = {source.name: source.name if model.has_time(source) else "" for source in model.inputs}
    run_over = {model.owner(layer.inputs[0])[0].name for layer in model.layers if layer.reads_steps}
    for layer in model.layers:
        axis = began(model, layer.inputs[0], axes)
        if not _has_steps(layer):
            axes[layer.name] = ""
        elif axis and _keeps_steps(layer):
            axes[layer.name] = axis
        else:
            new = axis or layer.name in run_over or len(layer.output) > len(layer.input) or not _as_long(layer)
            known = layer.name in model.read_as_steps or layer.definition.repeats or (axis and not _rearranges(layer))
            axes[layer.name] = layer.name if new and known else ""
    return axes


def began(model: Model, reference: str, axes: Mapping[str, str]) -> str:
    """What began the time axis of what a reference means, '' where it has none, as a state; `axes` of `time_axes`."""
    return "" if model.is_state(reference) else axes[model.owner(reference)[0].name]


def _has_steps(layer: Layer) -> bool:
    """Whether it may give a value for every step: no vector, and not the last step alone."""
    every = layer.returns_sequences or layer.wrappers or not layer.recurrent  # what is wrapped runs within a step
    return len(layer.output) > 1 and bool(every)


def across_time(model: Model, layer: Layer, axes: Mapping[str, str]) -> bool:
    """Whether a step of what it gives is made of several steps of a sequence it reads, but by its states.

    So is a vector that is made of a sequence. `axes` of `time_axes`.
    """
    if layer.recurrent:
        return False
    read = zip(layer.inputs, layer.input_shapes, layer.reads, strict=True)
    sequences = [reads for reference, shape, reads in read if began(model, reference, axes) and shape[0] != 1]
    return any(reads.several for reads in sequences) or (len(layer.output) < 2 and bool(sequences))


def _keeps_steps(layer: Layer) -> bool:
    return _as_long(layer) and not layer.moves


def _as_long(layer: Layer) -> bool:
    """Where neither length is known, for any number of steps."""
    if layer.input[0] is None and layer.output[0] is None:
        return layer.reads[0].count(MANY) == MANY
    return layer.output[0] == layer.input[0]


def _rearranges(layer: Layer) -> bool:
    """Whether it puts the same numbers into another shape: then only a reader says what its first axis counts."""
    alone = layer.copies and len(layer.inputs) == 1 and not layer.definition.repeats
    return alone and (layer.moves or layer.output != layer.input)


def time_letters(model: Model, axes: Mapping[str, str]) -> dict[str, str]:
    """What began a time axis → its letter: T; T_in and T_out; T_1 and T_2 where inputs are equals, or more."""
    starts = list(dict.fromkeys(start for start in axes.values() if start))
    inputs = {source.name for source in model.inputs}
    given = {axes[model.owner(reference)[0].name] for reference in model.outputs}
    if len(starts) == 2 and (starts[1] not in inputs or starts[1] in given):
        return dict(zip(starts, ("T_in", "T_out"), strict=True))
    return {start: f"T_{number}" if len(starts) > 1 else "T" for number, start in enumerate(starts, 1)}


def counted(letter: str) -> str:
    """What a letter counts: H of H_2 and of 2H_1."""
    return letter.lstrip("2").partition("_")[0]


def equally_many(model: Model) -> list[tuple[int, list[str]]]:
    """Sizes that several letters of other kinds share by chance, such as T and H, each with these letters."""
    found: dict[int, dict[str, None]] = {}
    for name, row in letters(model).items():
        for letter, size in zip(row, model.shape(name), strict=True):
            if letter and size is not None:
                found.setdefault(size, {})[letter] = None
    return [(size, list(equal)) for size, equal in found.items() if len({counted(letter) for letter in equal}) > 1]


def _padded(first: list[str], last: list[str], length: int) -> tuple[str, ...]:
    return (*first, *[""] * (length - len(first) - len(last)), *last)
