"""Whether a Keras file and a spec describe one model: every option, every layer that computes, every wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.keras_config import FileLayer, FileModel, Tensor, file_model
from lstmdiag.frameworks.keras_options import FUNCTIONS, MASKS, OPERATION, differences, harmless
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import written
from lstmdiag.model import Model, ModelInput
from lstmdiag.naming import snake_case
from lstmdiag.running.matching import Matched, Sides, matched

NO_LAYER = "no layer of a spec computes that"


@dataclass(frozen=True)
class Agreement:
    """What the config of a file says beside a model.

    `names` are of layers, in the spec → in the file; None where it is not clear which is which. `keys` are what
    Keras 3 calls the weights of each layer of the file.
    """

    names: Mapping[str, str] | None
    keys: Mapping[str, str]
    ours: tuple[tuple[str, str], ...] = ()  # layers that compute, in the spec: name and class
    layers: tuple[tuple[str, str], ...] = ()  # in the file
    problems: tuple[Problem, ...] = ()  # every difference, and what cannot be understood


def agreement(model: Model, config: str, version: str) -> Agreement:
    """The config of a Keras file, JSON text, held against a model; `version` is the Keras that wrote it. What cannot be
    understood is among its problems.
    """
    try:
        file = file_model(config, version)
    except LstmdiagError as error:
        return Agreement(None, {}, problems=error.problems)
    sides = Sides(model, file)
    found = matched(sides)
    ours, theirs = (tuple((each.name, each.kind) for each in side.values()) for side in (sides.ours, sides.theirs))
    if found is None:
        return Agreement(None, _keys(file), ours, theirs)
    return Agreement(dict(found.layers), _keys(file), ours, theirs, tuple(_problems(sides, found)))


def _keys(file: FileModel) -> dict[str, str]:
    """Its class, and which of that class it is: lstm_1 is the second LSTM."""
    counts: Counter[str] = Counter()
    keys = {}
    for layer in file.layers.values():
        base = snake_case(layer.kind)
        keys[layer.name] = f"{base}_{counts[base]}" if counts[base] else base
        counts[base] += 1
    return keys


def _problems(sides: Sides, found: Matched) -> Iterator[Problem]:
    for name, theirs in found.layers.items():
        who = name if name == theirs else f"{name} ({theirs} in the file)"
        yield from _compared(sides.ours[name], sides.theirs[theirs], who, sides.file.version)
    yield from _only_here(sides, found)
    yield from _only_there(sides, found)
    if not found.whole:
        yield from _wired(sides, found)
    yield from _called(sides, found)
    yield from _inputs(sides, found)


def _compared(layer: Layer, theirs: FileLayer, who: str, version: int, *, both_ways: bool = False) -> Iterator[Problem]:
    """Of two layers that belong together, and of those that they wrap."""
    if layer.kind != theirs.kind:
        yield Problem(
            f"{who}: the class is {theirs.kind} in the file, {layer.kind} in the spec", layer.at, _like(theirs)
        )
        return
    for option in differences(layer, theirs.options, version, both_ways=both_ways):
        at = layer.option_at.get(option.name, layer.at)
        if option.ours is None:
            yield Problem(f"{who}: {option.name} is {option.theirs} in the file", at, NO_LAYER)
            continue
        message = f"{who}: {option.name} is {option.theirs} in the file, {option.ours} in the spec"
        yield Problem(message, at, f"write {option.name}: {option.theirs}" if option.possible else NO_LAYER)
    if layer.inner is None or theirs.inner is None:
        return
    inside = [*_compared(layer.inner, theirs.inner, who, version, both_ways=layer.backward is not None)]
    yield from inside
    if layer.backward:
        turned = {**theirs.inner.options, "go_backwards": not theirs.inner.options.get("go_backwards")}
        back = theirs.backward or replace(theirs.inner, options=turned)
        again = _compared(layer.backward, back, who, version, both_ways=True)
        yield from (replace(each, message=f"{each.message}, backwards") for each in again if each not in inside)


def _like(layer: FileLayer) -> str:
    """The mend: such a layer in a spec."""
    if layer.kind not in KINDS:
        return NO_LAYER
    if KINDS[layer.kind].first != "activation":
        return f"- {layer.kind}: …"
    function = layer.options["activation"]
    return f"- {layer.kind}: {function}" if isinstance(function, str) else NO_LAYER


def _what(layer: FileLayer) -> str:
    """Its class, and what a layer that applies a function does: LeakyReLU, negative_slope 0.3."""
    options = [f"{name} {written(layer.options[name])}" for name in FUNCTIONS.get(layer.kind, ({},))[0]
               if name in layer.options]  # fmt: skip
    return ", ".join([layer.kind, *options])


def _only_here(sides: Sides, found: Matched) -> Iterator[Problem]:
    for name, layer in sides.ours.items():
        if layer.shared in found.layers and name not in found.uses:
            yield Problem(f"{name} uses {layer.shared} again, and the file does not", layer.at)
        elif not layer.shared and name not in found.layers:
            yield Problem(f"{name} ({layer.kind}) is not in the file", layer.at)


def _only_there(sides: Sides, found: Matched) -> Iterator[Problem]:
    kept = set(found.layers.values())
    for name, layer in sides.theirs.items():
        if name in found.layers.back:
            ours = found.layers.back[name]
            more = len(layer.calls) - len(sides.uses_of(ours))
            if more > 0:
                message = f"{ours} is used {len(layer.calls)} times in the file, {len(layer.calls) - more} in the spec"
                yield Problem(message, sides.ours[ours].at, f"- use: {ours}")
            continue
        before = sides.their_source(layer.calls[0].inputs[0], kept) if layer.calls and layer.calls[0].inputs else None
        ours = found.layers.back.get(before.layer, "") if before else ""
        after = f"after {ours} the file has" if ours else "the file has"
        at = sides.ours[ours].at if ours else sides.model.layers[0].at
        yield Problem(f"{after} {name} ({_what(layer)}), which the spec lacks", at, _like(layer))


def _wired(sides: Sides, found: Matched) -> Iterator[Problem]:
    """What each layer reads, where its states begin, and what the model gives out."""
    if {source.name for source in sides.model.inputs} == {tensor.layer for tensor in sides.file.inputs}:
        for source in sides.model.inputs:
            found.inputs.bind(source.name, source.name)
    read = _Read(sides, found)
    for use, (theirs, number) in found.uses.items():
        layer, call = sides.ours[use], sides.theirs[theirs].calls[number]
        yield from read.compared(layer, "reads", layer.inputs, call.inputs, "from")
        yield from read.compared(layer, "begins with", layer.initial_state, call.states, "initial_state")
    ours, given = read.ours(sides.model.outputs), read.theirs(sides.file.outputs)
    if ours != given:
        yield Problem(f"the model gives out {_listed(given)} in the file, {_listed(ours)} in the spec")


class _Read:
    """What is read, in the words of the spec, past the layers that only one side has."""

    def __init__(self, sides: Sides, found: Matched) -> None:
        self.sides, self.found = sides, found
        self.kept = set(found.uses), set(found.layers.values())
        self.uses = found.uses.back

    def compared(
        self, layer: Layer, verb: str, references: Sequence[str], tensors: Sequence[Tensor], option: str
    ) -> Iterator[Problem]:
        for reference, tensor in zip(references, tensors, strict=False):
            (ours, _), theirs = self.sides.our_source(reference, self.kept[0]), self._source(tensor)
            if isinstance(ours, ModelInput) and theirs and self.sides.file.layers[theirs.layer].kind == "InputLayer":
                self.found.inputs.bind(ours.name, theirs.layer)
        here, there = self.ours(references), self.theirs(tensors)
        if layer.definition.any_order:
            here, there = sorted(here), sorted(there)
        if here != there:
            at = layer.option_at.get(option, layer.at)
            yield Problem(f"{layer.name} {verb} {_listed(there)} in the file, {_listed(here)} in the spec", at)

    def ours(self, references: Sequence[str]) -> list[str]:
        sources = [self.sides.our_source(reference, self.kept[0]) for reference in references]
        return [_told(owner.name, number) for owner, number in sources]

    def theirs(self, tensors: Sequence[Tensor]) -> list[str]:
        return [self._named(self._source(tensor)) for tensor in tensors]

    def _source(self, tensor: Tensor) -> Tensor | None:
        return self.sides.their_source(tensor, self.kept[1])

    def _named(self, tensor: Tensor | None) -> str:
        if tensor is None:
            return "nothing"
        name = self.found.inputs.back.get(tensor.layer) or self.uses.get((tensor.layer, tensor.call))
        return _told(name or f"{tensor.layer} of the file", tensor.output)


def _told(name: str, number: int) -> str:
    return f"{name}, output {number}" if number else name


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "zeros"


def _called(sides: Sides, found: Matched) -> Iterator[Problem]:
    """Masks and other arguments that layers are called with."""
    for use, (theirs, number) in found.uses.items():
        layer, call = sides.ours[use], sides.theirs[theirs].calls[number]
        for name, value in call.arguments.items():
            if not harmless(name, value):
                yield Problem(f"{use} is called with {name} {written(value)} in the file", layer.at, NO_LAYER)
        if layer.mask != "reads":
            continue
        if call.mask and not _of_layers(sides.file, call.mask):
            yield Problem(f"{use} is given a mask of its own in the file", layer.at, NO_LAYER)
        elif call.mask and not layer.masked:
            yield Problem(f"{use} takes a mask in the file, none in the spec", layer.at)
        elif layer.masked and call.states and not call.mask and sides.file.version >= 3:
            hint = "Keras 3 leaves a mask out beside an initial_state, unless it is called with mask="
            yield Problem(f"{use} takes no mask in the file, one in the spec", layer.at, hint)


def _of_layers(file: FileModel, mask: Tensor) -> bool:
    """Whether a mask is what Keras makes of those of its layers: by operations, from numbers."""
    ahead, seen = [mask], set()
    while ahead:
        layer = file.layers[ahead.pop().layer]
        if layer.name not in seen and layer.kind.removesuffix(OPERATION) in MASKS and layer.kind.endswith(OPERATION):
            seen.add(layer.name)
            ahead += [tensor for call in layer.calls for tensor in call.inputs]
        elif layer.name not in seen and (layer.name == mask.layer or layer.kind.endswith(OPERATION)):
            return False
    return True


def _inputs(sides: Sides, found: Matched) -> Iterator[Problem]:
    """Sizes that both sides know."""
    sources = {source.name: source for source in sides.model.inputs}
    for ours, theirs in found.inputs.items():
        config = sides.file.layers[theirs].options
        given: Any = config.get("batch_shape") or config.get("batch_input_shape")
        if not isinstance(given, list):
            continue
        shape, wanted = tuple(given[1:]), sources[ours].shape
        fits = len(shape) == len(wanted) and all(
            None in both or both[0] == both[1] for both in zip(shape, wanted, strict=True)
        )
        if not fits:
            message = (
                f"the input {ours!r} has the shape {show_shape(shape)} in the file, {show_shape(wanted)} in the spec"
            )
            yield Problem(message, sources[ours].at)
