"""The letter of every size: T steps, F features, H units. The same letters in every picture."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.diagrams import Run, Text
from lstmdiag.diagrams.text import small, text
from lstmdiag.model import Layer, Model
from lstmdiag.views.words import listed


def letters(model: Model) -> Mapping[str, tuple[str, ...]]:
    """Name of an input or layer → a letter for each axis of what it gives, '' where it has none.

    Several recurrent layers have H_1, H_2 ...; two time axes are T_in and T_out.
    """
    begun = [layer.name for layer in model.layers if len(layer.input) == 1 < len(layer.output)]
    source = model.inputs[0]
    starts = [*([source.name] if len(source.shape) > 1 else []), *begun]
    times = dict(zip(starts, time_letters(len(starts)), strict=True))
    recurrent = [layer.name for layer in model.recurrent]
    units = {name: f"H_{i}" if len(recurrent) > 1 else "H" for i, name in enumerate(recurrent, 1)}

    before = _padded([times[source.name]] if source.name in times else [], ["F"], len(source.shape))
    found = {source.name: before}
    for layer in model.layers:
        time = [times.get(layer.name, before[0])] if len(layer.output) > 1 else []
        unchanged = layer.output[-1:] == layer.input[-1:] and not layer.weights
        last = units.get(layer.name, before[-1] if unchanged else "")
        before = found[layer.name] = _padded(time, [last], len(layer.output))
    return found


def layer_mark(model: Model, layer: Layer) -> str:
    """Which of several recurrent layers it is, from the input on: [1], [2]; '' of one alone, and of any other layer."""
    recurrent = [each.name for each in model.recurrent]
    return f"[{recurrent.index(layer.name) + 1}]" if layer.name in recurrent and len(recurrent) > 1 else ""


def hands_on(layer: Layer) -> bool:
    """Whether it computes nothing and gives out the numbers it is given: a RepeatVector, a Dropout."""
    return layer.maths.cell is None


def time_letters(number: int) -> list[str]:
    """T; T_in and T_out; T_1, T_2 and T_3."""
    if number == 2:
        return ["T_in", "T_out"]
    return ["T"] if number == 1 else [f"T_{i}" for i in range(1, number + 1)]


def coincidence(model: Model) -> str:
    """A sentence where steps, features or units happen to be equally many; nothing where all differ."""
    found: dict[int, dict[str, None]] = {}
    for name, row in letters(model).items():
        shape = model.inputs[0].shape if name == model.inputs[0].name else model.layer(name).output
        for letter, size in zip(row, shape, strict=True):
            if letter and size is not None:
                found.setdefault(size, {})[letter] = None
    said = [
        f"{listed(list(equal))} are {'both' if len(equal) == 2 else 'all'} {size:,} here, and need not be equal."
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
