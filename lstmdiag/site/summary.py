"""The model in a few sentences: what each layer does to what it is given. Every number is read from the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from lstmdiag.analysis.axes import across_time, time_axes
from lstmdiag.cells.circuit import is_weighted_sum
from lstmdiag.english import number
from lstmdiag.layer import Layer, cell_of, show_shape
from lstmdiag.model import Model, ModelInput
from lstmdiag.site.markup import code
from lstmdiag.site.time_section import Facts, outputs_read
from lstmdiag.words import Words

WORDS = Words("page-summary")
MOST = 60  # words that the model has to be told in
FEW = 3  # inputs that are told one by one


def summary(model: Model) -> list[str]:
    """At most MOST words: said shorter where there are many layers, and then with the middle left out."""
    opening = WORDS.say("opening", _inputs(model))
    closing = WORDS.say("closing", params=model.params)
    sentences = [opening, *_layers(model), closing]
    if _words(sentences) <= MOST:
        return sentences
    return [opening, *_shortened(model, MOST - _words([opening, closing])), closing]


def _shortened(model: Model, room: int) -> list[str]:
    """In `room` words; what has no state and looks at no other step is left out first, then the middle."""
    sentences = list(_layers(model, short=True))
    axes = time_axes(model)
    kept = (layer for layer in model.layers if layer.recurrent or across_time(model, layer, axes))
    telling = {_sentence(model, layer, short=True) for layer in kept}
    rest: list[str] = []
    while sentences and _words([*sentences, *rest]) > room:
        spare = [place for place, sentence in enumerate(sentences) if sentence not in telling]
        spare = spare or [*range(len(sentences))]
        sentences.pop(spare[len(spare) // 2])
        rest = [WORDS.say("rest")]
    return [*sentences, *rest]


def _words(sentences: Sequence[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _inputs(model: Model) -> Facts:
    """What a sample is; a shape alone where it is no sequence of vectors, tokens or maps."""
    first, several = model.inputs[0], len(model.inputs) > 1
    return {
        "inputs": [{"name": code(source.name), "several": several, **_input(model, source)} for source in model.inputs],
        "many_inputs": len(model.inputs) > FEW,
        "one_shape": not several and not _in_words(model, first),
        "shape": show_shape(first.shape),
    }


def _in_words(model: Model, source: ModelInput) -> bool:
    return model.has_time(source) and len(source.shape) in (1, 2, 4)


def _input(model: Model, source: ModelInput) -> Facts:
    steps, *axes = source.shape
    return {
        "sequence": _in_words(model, source),
        "steps": steps,
        "axes": axes,
        "size": axes[0] if len(axes) == 1 else 0,
        "tokens": source.dtype == "int",
        "shape": show_shape(source.shape),
    }


def _layers(model: Model, *, short: bool = False) -> Iterator[str]:
    """A sentence for each layer that changes something, and one for weighted sums in a row."""
    for _, group in groupby(model.layers, key=lambda layer: (layer.kind, bool(layer.shared))):
        run = list(group)
        in_row = len(run) > 1 and all(after.inputs == (before.name,) for before, after in pairwise(run))
        if in_row and not run[0].shared and run[0].cell and is_weighted_sum(run[0].cell):
            yield WORDS.say(
                "turn_in_a_row", names=[code(layer.name) for layer in run], per_step=len(run[0].input) > 1,
                features=run[0].features, sizes=[number(layer.units) for layer in run],
            )  # fmt: skip
        else:
            worth = (layer for layer in run if layer.params or layer.shared or _changes(layer))
            yield from (_sentence(model, layer, short=short) for layer in worth)


def _changes(layer: Layer) -> bool:
    return len(layer.inputs) > 1 or layer.input != layer.output or bool(layer.definition.sentence)


def _sentence(model: Model, layer: Layer, *, short: bool = False) -> str:
    """What one layer does."""
    inputs = [code(reference) for reference in layer.inputs]
    facts = {"name": code(layer.name), "inputs": inputs}
    if layer.shared:
        return WORDS.say("again", facts, shared=code(layer.shared))
    if layer.recurrent:
        return WORDS.say("recurrent", _recurrent(model, layer), short=short)
    if layer.definition.sentence:
        named = dict(zip(layer.definition.input_names, inputs, strict=False))
        own = WORDS.saying({**named, "first": layer.output[0], "last": layer.output[-1]}, facts)
        return WORDS.say("own", facts, sentence=own.said(layer.definition.sentence))
    facts |= {"given": show_shape(layer.input), "result": show_shape(layer.output)}
    if len(inputs) > 1:
        return WORDS.say("joins", facts, inputs=list(dict.fromkeys(inputs)))
    return WORDS.say("turns", facts, same=layer.input == layer.output)


def _recurrent(model: Model, layer: Layer) -> Facts:
    cell = cell_of(layer.innermost)
    *places, numbers = layer.output[1:] if layer.returns_sequences else layer.output
    owners = dict.fromkeys(model.owner(reference)[0].name for reference in layer.initial_state)
    return {
        "name": code(layer.name),
        "both_ways": layer.backward is not None,
        "once": layer.innermost.input[0] == 1,
        "units": layer.innermost.units,
        "givers": [code(owner) for owner in owners],
        "sequences": layer.returns_sequences,
        "states_only": len(cell.state) > 1 and not outputs_read(model, layer),
        "states": list(cell.state),
        "out": cell.output,
        "places": [*places, numbers] if places else [],
        "numbers": numbers,
    }
