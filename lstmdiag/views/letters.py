"""The letter of every size: T steps, F features, H units. The same letters in every picture."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.diagrams import Run, Text
from lstmdiag.diagrams.text import small, text
from lstmdiag.model import Layer, Model
from lstmdiag.words import Words

WORDS = Words("pictures")


def letters(model: Model) -> Mapping[str, tuple[str, ...]]:
    """Name of an input or layer → a letter for each axis of what it gives, '' where it has none.

    Several recurrent layers have H_1, H_2 ..., several inputs F_1, F_2 ...; time axes are named by `time_letters`.
    """
    axes = time_axes(model)
    times = time_letters(model, axes)
    recurrent = [layer.name for layer in model.recurrent]
    units = {name: f"H_{i}" if len(recurrent) > 1 else "H" for i, name in enumerate(recurrent, 1)}
    found: dict[str, tuple[str, ...]] = {}
    for number, source in enumerate(model.inputs, 1):
        feature = f"F_{number}" if len(model.inputs) > 1 else "F"
        time = [times[source.name]] if axes[source.name] else []
        found[source.name] = _padded(time, [feature] if len(source.shape) > len(time) else [], len(source.shape))
    for layer in model.layers:
        before = {found[model.owner(reference)[0].name][-1] for reference in layer.inputs}
        start = axes[layer.name]
        last = ""
        own = units.get(_first(model, layer), "")
        if own and layer.output[-1] == layer.maths.units:
            last = own
        elif layer.definition.last_axis:
            last = layer.definition.last_axis
        elif layer.output[-1:] == layer.input[-1:] and not layer.weights and len(before) == 1:
            (last,) = before
        time = [times[start]] if start else []
        found[layer.name] = _padded(time, [last] if len(layer.output) > len(time) else [], len(layer.output))
    return found


def letters_of(model: Model, reference: str, found: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A letter for each axis of what a reference means; `found` are those of `letters`."""
    owner, part = model.owner(reference)
    shape = model.shape(reference)
    if not part or not isinstance(owner, Layer):
        return found[owner.name]
    recurrent = [layer.name for layer in model.recurrent]
    number = recurrent.index(_first(model, owner)) + 1
    units = "" if shape[-1] != owner.maths.units else f"H_{number}" if len(recurrent) > 1 else "H"
    time = found[owner.name][:1] if part in owner.parts and len(shape) > 1 else ()
    return _padded(list(time), [units], len(shape))


def _first(model: Model, layer: Layer) -> str:
    """The name of the layer whose equations run, in its first use."""
    return model.layer(layer.shared).maths.name if layer.shared else layer.maths.name


def time_axes(model: Model) -> Mapping[str, str]:
    """Name of an input or layer → the name of what began the time axis of its output, '' where it has none.

    An input begins one; so does a layer that makes a sequence of a vector, or one of another length.
    """
    axes = {source.name: source.name if model.has_time(source) else "" for source in model.inputs}
    run_over = {model.owner(layer.inputs[0])[0].name for layer in model.layers if layer.recurrent or layer.inner}
    for layer in model.layers:
        owner, part = model.owner(layer.inputs[0])
        before, axis = layer.input, "" if part and part not in getattr(owner, "parts", ()) else axes[owner.name]
        each_step = layer.inner is not None and layer.backward is None  # what is wrapped runs within a step
        if len(layer.output) < 2 or (layer.recurrent and not layer.returns_sequences and not each_step):
            axes[layer.name] = ""
        elif axis and layer.output[0] == before[0] and not _shortens(layer):
            axes[layer.name] = axis
        elif not axis and len(layer.output) > 2 and layer.name not in model.read_as_steps:
            axes[layer.name] = ""  # rows of maps, which nothing reads as steps
        elif not (axis or layer.name in run_over or len(layer.output) > len(before) or layer.output[0] != before[0]):
            axes[layer.name] = ""  # the first axis is none of time: rows of a map, which no layer takes for steps
        else:
            axes[layer.name] = layer.name
    return axes


def _shortens(layer: Layer) -> bool:
    """Whether steps of a length that is not known become fewer, in a window that moves on or stops at the ends."""
    window = layer.window
    return window is not None and layer.input[0] is None and (window.padding == "valid" or window.stride != 1)


def layer_mark(model: Model, layer: Layer) -> str:
    """Which of several recurrent layers it is, from the input on: [1], [2]; '' of one alone, and of any other layer."""
    recurrent = [each.top for each in model.recurrent]
    top = layer.shared or layer.top
    return f"[{recurrent.index(top) + 1}]" if top in recurrent and len(recurrent) > 1 else ""


def hands_on(layer: Layer) -> bool:
    """Whether it computes nothing and gives out the numbers it is given: a RepeatVector, a Dropout."""
    return layer.maths.copies


def time_letters(model: Model, axes: Mapping[str, str]) -> dict[str, str]:
    """What began a time axis → its letter: T; T_in and T_out; T_1 and T_2 where inputs are equals, or more."""
    starts = list(dict.fromkeys(start for start in axes.values() if start))
    inputs = {source.name for source in model.inputs}
    given = {axes[model.owner(reference)[0].name] for reference in model.outputs}
    if len(starts) == 2 and (starts[1] not in inputs or starts[1] in given):
        return dict(zip(starts, ("T_in", "T_out"), strict=True))
    return {start: f"T_{number}" if len(starts) > 1 else "T" for number, start in enumerate(starts, 1)}


def coincidence(model: Model) -> str:
    """A sentence where steps, features or units happen to be equally many; nothing where all differ."""
    found: dict[int, dict[str, None]] = {}
    for name, row in letters(model).items():
        for letter, size in zip(row, model.shape(name), strict=True):
            if letter and size is not None:
                found.setdefault(size, {})[letter] = None
    said = [
        WORDS.say("coincidence", letters=list(equal), both=len(equal) == 2, size=size)
        for size, equal in found.items()
        if len({letter[0] for letter in equal}) > 1
    ]
    return " ".join(said)


def _padded(first: list[str], last: list[str], length: int) -> tuple[str, ...]:
    return (*first, *[""] * (length - len(first) - len(last)), *last)


def pill(letter: str, size: int | None) -> Text:
    """`T = 3` for a badge, `100` where the size has no letter; `?` for a size not known."""
    shown = "?" if size is None else f"{size:,}"
    if not letter:
        return text(small(shown))
    name, _, lower = letter.partition("_")
    return text([small(name), *([Run(lower, "smallsub")] if lower else []), small(f" = {shown}")])
