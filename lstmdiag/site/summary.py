"""The model in a few sentences: what each layer does to what it is given. Every number is read from the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from lstmdiag.cells.circuit import is_weighted_sum
from lstmdiag.english import by, counted, listed, number
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Layer, Model, ModelInput, cell_of, show_shape
from lstmdiag.site.markup import code
from lstmdiag.site.time_section import outputs_read

MOST = 60  # words that the model has to be told in


def summary(model: Model) -> list[str]:
    """At most MOST words: said shorter where there are many layers, and then with the middle left out."""
    closing = f"In all {counted(model.params, 'parameter')}."
    sentences = [_opening(model), *_told(model)]
    if _words([*sentences, closing]) > MOST:
        sentences = [_opening(model), *_shortened(model, MOST - _words([_opening(model), closing]))]
    return [*sentences, closing]


def _shortened(model: Model, room: int) -> list[str]:
    """In `room` words; what has no state and looks at no other step is left out first, then the middle."""
    told = list(_told(model, short=True))
    telling = {one(model, layer, short=True) for layer in model.layers if layer.recurrent or layer.across_time}
    rest = "The picture shows every layer."
    left_out = False
    while told and _words([*told, rest] if left_out else told) > room:
        spare = [place for place, sentence in enumerate(told) if sentence not in telling] or [*range(len(told))]
        told.pop(spare[len(spare) // 2])
        left_out = True
    return [*told, rest] if left_out else told


def _words(sentences: Sequence[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _opening(model: Model) -> str:
    if len(model.inputs) > 3:
        return f"Each sample is {number(len(model.inputs))} inputs."
    several = len(model.inputs) > 1
    sizes = [sample(model, source) + (f" ({code(source.name)})" if several else "") for source in model.inputs]
    if not several and not _spoken(model, model.inputs[0]):
        return f"Each sample has the shape {show_shape(model.inputs[0].shape)}."
    return f"Each sample is {listed(sizes)}."


def _spoken(model: Model, source: ModelInput) -> bool:
    """Whether its shape is said in words: a sequence of vectors, tokens or maps."""
    return model.has_time(source) and len(source.shape) in (1, 2, 4)


def sample(model: Model, source: ModelInput) -> str:
    """5 steps of 2 numbers; 80 tokens; 10 steps of 16 × 16 × 1 numbers."""
    if not _spoken(model, source):
        return f"a tensor {show_shape(source.shape)}" if len(source.shape) > 1 else counted(source.shape[0], "number")
    steps, *each = source.shape
    if not each:
        return counted(steps, "token")
    thing = "token" if source.dtype == "int" else "number"
    numbers = counted(each[0], thing) if len(each) == 1 else f"{by(each)} {thing}s"
    return f"{counted(steps, 'step')} of {numbers}"


def _told(model: Model, *, short: bool = False) -> Iterator[str]:
    for _, group in groupby(model.layers, key=lambda layer: (layer.kind, bool(layer.shared))):
        run = list(group)
        in_row = all(after.inputs == (before.name,) for before, after in pairwise(run))
        if len(run) > 1 and in_row and not run[0].shared and run[0].cell and is_weighted_sum(run[0].cell):
            names, sizes = listed([code(layer.name) for layer in run]), listed([number(layer.units) for layer in run])
            each = "each step's " if len(run[0].input) > 1 else ""
            yield f"{names} turn {each}{counted(run[0].features, 'number')} into {sizes}."
        else:
            yield from (
                one(model, layer, short=short) for layer in run if layer.params or layer.shared or _changes(layer)
            )


def _changes(layer: Layer) -> bool:
    return len(layer.inputs) > 1 or layer.input != layer.output or bool(layer.definition.sentence)


def one(model: Model, layer: Layer, *, short: bool = False) -> str:
    """What one layer does, in a sentence."""
    name = code(layer.name)
    if layer.shared:
        given = listed([code(reference) for reference in layer.inputs])
        return f"{name} is {code(layer.shared)} again, on {given}."
    if layer.recurrent:
        return _recurrent(model, layer, short=short)
    if layer.definition.sentence:
        return f"{name} {layer.definition.sentence.format_map(_facts(layer))}."
    if len(layer.inputs) > 1:
        joined = listed([code(reference) for reference in dict.fromkeys(layer.inputs)])
        return f"{name} makes {show_shape(layer.output)} of {joined}."
    if layer.input == layer.output:
        return f"{name} works on {show_shape(layer.input)} and keeps the shape."
    return f"{name} turns {show_shape(layer.input)} into {show_shape(layer.output)}."


@dataclass(frozen=True)
class _Size:
    """A size that a phrase counts things by: {last:number} is 1 number, 6 numbers, any number of numbers."""

    size: int | None

    def __format__(self, thing: str) -> str:
        return counted(self.size, thing)


def _facts(layer: Layer) -> dict[str, object]:
    """What `Kind.sentence` may name."""
    inputs = [code(reference) for reference in layer.inputs]
    return {
        "inputs": listed(inputs),
        **dict(zip(layer.definition.input_names, inputs, strict=False)),
        "first": _Size(layer.output[0]),
        "last": _Size(layer.output[-1]),
    }


def _recurrent(model: Model, layer: Layer, *, short: bool) -> str:
    maths, steps = layer.maths, layer.maths.input[0]
    cell = cell_of(maths)
    out = cell.output
    often = "once per step" if steps is None or steps > 1 else "once"
    runs = "runs both ways" if layer.backward else f"runs {often}"
    units = counted(maths.units, "unit") + (" each" if layer.backward else "")
    owners = dict.fromkeys(model.owner(reference)[0].name for reference in layer.initial_state)
    given = listed([code(owner) for owner in owners])
    start = f", starts from the state of {given}" if owners else ""
    size = _vector(layer.output[1:]) if layer.returns_sequences else _vector(layer.output)
    hands = f"{out} of every step, {size} each" if layer.returns_sequences else f"its last {out}, {size}"
    if layer.backward and not layer.returns_sequences:
        hands = f"the last {out} of each direction, {size}"
    elif len(cell.state) > 1 and not outputs_read(model, layer):
        hands = f"its last {listed(list(cell.state))}, {size} each"
    if short:
        begins = f"starts from {given} and " if owners else ""
        ways = ", both ways" if layer.backward else ""
        return f"{code(layer.name)} ({units}{ways}) {begins}gives {hands}."
    return f"{code(layer.name)} {runs} with {units}{start} and hands on {hands}."


def _vector(shape: Shape) -> str:
    """6 numbers; of maps 14 × 14 × 2 numbers."""
    return counted(shape[0], "number") if len(shape) == 1 else f"{by(shape)} numbers"
