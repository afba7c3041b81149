"""Spec → Model: names to layers, options to shapes and counts, in the order the data flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

from lstmdiag.cells.cell import Cell, Dims
from lstmdiag.cells.shapes import size
from lstmdiag.errors import LstmdiagError, Place, Problem, in_order
from lstmdiag.layer import CellLayer, Layer, RecurrentLayer, Weight, inside, show_shape
from lstmdiag.layers.kind import Kind, Mask, Shape, ShapeMisfit
from lstmdiag.masks import MaskShape, output_mask_shape, step_mask_shape
from lstmdiag.model import Model, ModelInput, split
from lstmdiag.naming import Names, ambiguous, call
from lstmdiag.references import Wiring
from lstmdiag.spec import Comparison, LayerSpec, Spec, SpecError, reader
from lstmdiag.spec.reader import load, read


def load_model(source: str | Path) -> Model:
    """`resolve(load(source))`, but problems of form and of shape are raised together."""
    return _with_all_problems(lambda: load(source))


def read_model(data: bytes, path: str, name: str) -> Model:
    """`resolve(read(...))`. Raises LstmdiagError with every problem of the file and of the shapes."""
    return _with_all_problems(lambda: read(data, path, name))


def read_either(data: bytes, path: str, name: str) -> Model | Comparison:
    """`read_model`, or the comparison that the bytes are instead, its members not opened. Raises LstmdiagError."""
    try:
        found = reader.read_either(data, path, name)
    except SpecError as error:
        raise _completed(error) from None
    return found if isinstance(found, Comparison) else resolve(found)


def _with_all_problems(spec: Callable[[], Spec]) -> Model:
    try:
        return resolve(spec())
    except SpecError as error:
        raise _completed(error) from None


def _completed(error: SpecError) -> LstmdiagError:
    """With the problems that only meaning shows."""
    problems = list(error.problems)
    try:
        resolve(error.partial)
    except LstmdiagError as shapes:
        problems += shapes.problems
    return LstmdiagError(in_order(problems))


def resolve(spec: Spec) -> Model:
    """Bind every shape. Raises LstmdiagError with all problems that do not follow from an earlier one."""
    names = Names(spec)
    problems = names.problems
    wiring = Wiring(spec, [own[0] for own in names.given], problems)
    layers: dict[str, Layer] = {}
    specs: dict[str, LayerSpec] = {}
    for layer_spec, own in zip(spec.layers, names.given, strict=True):
        layer = _placed(layer_spec, own, wiring, specs)
        wiring.add(own[0], layer)
        if layer:  # of a name given twice, the first, as in the wiring
            layers.setdefault(own[0], layer)
            specs.setdefault(own[0], layer_spec if not layer_spec.use else specs[layer.shared])
    complete = len(layers) == len(spec.layers) and bool(spec.inputs)
    outputs = wiring.outputs(spec.outputs)
    if not problems and complete:
        problems += ambiguous(_places(spec, layers), layers.values())
        problems += [_nowhere(name, spec, layers, outputs) for name in wiring.unread()]
    if problems:
        raise LstmdiagError(in_order(problems))
    asked = (replace(layer, returns_state=True) if name in wiring.asked else layer for name, layer in layers.items())
    return Model(spec, tuple(map(ModelInput.of, spec.inputs)), tuple(asked), outputs)


def _places(spec: Spec, layers: Mapping[str, Layer]) -> dict[str, Place]:
    """Where each name stands."""
    named = {source.name: source.at for source in spec.inputs}
    return named | {name: each.option_at.get("name", each.at) for name, each in zip(layers, spec.layers, strict=True)}


def _placed(spec: LayerSpec, names: tuple[str, ...], wiring: Wiring, specs: Mapping[str, LayerSpec]) -> Layer | None:
    """The layer with what it reads; None, and the problem told, where it cannot be bound."""
    if not (spec.readable or spec.use):  # told once: what follows is not judged
        return None
    name = names[0]
    inputs = wiring.sources(spec, name)
    target = wiring.used(spec, name) if spec.use else None
    if target:
        names = (name, *(f"{name}.{each.name.removeprefix(f'{target.name}.')}" for each in inside(target)))
    if inputs is None or (spec.use and target is None):
        return None
    shapes = tuple(wiring.shape(reference) for reference in inputs)
    masks = tuple(wiring.mask(reference) for reference in inputs)
    try:
        written = replace(specs[spec.use], at=spec.at) if target else spec
        _check_number(written, name, inputs)
        made = _bound(written, _Given(names, inputs, shapes, masks))
        made = _sharing(made, target) if target else made
    except ShapeMisfit as misfit:
        wiring.problems.append(_misfit(spec, name, misfit, inputs, shapes, wiring))
        return None
    except LstmdiagError as error:
        wiring.problems += error.problems
        return None
    return replace(made, initial_state=wiring.initial_state(spec, made))


def _sharing(made: Layer, first: Layer) -> Layer:
    """The earlier layer on another input. Raises ShapeMisfit where its weights do not fit."""
    mine, theirs = ([(weight.name, weight.shape) for weight in layer.weights] for layer in (made, first))
    if mine != theirs:
        raise ShapeMisfit(f"uses the weights of {first.name!r}, which are made for {show_shape(first.input)}")
    return replace(made, shared=first.shared or first.name)


def _check_number(spec: LayerSpec, name: str, inputs: tuple[str, ...]) -> None:
    fewest, most = spec.kind.inputs
    if fewest <= len(inputs) <= (most or len(inputs)):
        return
    reads = "one input" if most == 1 else f"{fewest} inputs" if most == fewest else f"{fewest} to {most} inputs"
    reads = reads if most else f"{fewest} inputs or more"
    message = f"{name!r} reads {reads}, found {len(inputs)}: {', '.join(map(repr, inputs))}"
    mend = "join them first, with Concatenate or Add" if most == 1 else ""
    mend = "name them: from: [A, B]" if len(inputs) < fewest else mend
    raise LstmdiagError(Problem(message, spec.at, mend))


def _nowhere(name: str, spec: Spec, layers: Mapping[str, Layer], outputs: tuple[str, ...]) -> Problem:
    if name in layers:
        mend = f"read it, or give it out: outputs: [{', '.join((*outputs, name))}]"
        return Problem(f"nothing reads {name!r}, and it is no output", layers[name].at, mend)
    at = next(source.at for source in spec.inputs if source.name == name)
    return Problem(f"no layer reads the input {name!r}", at, f"from: {name}")


@dataclass(frozen=True, slots=True)
class _Given:
    """What a layer is given: names, its own before those of the layers it wraps; what it reads, and of what shapes."""

    names: tuple[str, ...]
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    masks: tuple[MaskShape, ...]

    @property
    def name(self) -> str:
        return self.names[0]


def _bound(spec: LayerSpec, given: _Given, wrapped_by: str = "") -> Layer:
    """The layer, with its sizes."""
    kind, shapes = spec.kind, given.shapes
    options: Any = spec.options
    mask: Mask = kind.mask(options) if callable(kind.mask) else kind.mask
    if spec.inner is not None:
        wrap = _both_ways if kind.recurrent else _each_step
        return _masked(replace(wrap(spec, given, wrapped_by or given.name), mask=mask, masks=given.masks))
    output = kind.output(options, *shapes)
    sizes = dict(kind.sizes(options, *shapes)) if kind.sizes else {}
    cell = kind.cell(options) if kind.cell else None
    weights = _weights(kind, options, cell, sizes)
    uses = _uses(kind, options, shapes, output) if cell or weights else 1
    made: type[Layer] = RecurrentLayer if kind.recurrent else CellLayer if cell else Layer
    return _masked(made(
        given.name, kind, call(spec), options, given.inputs, shapes, output, cell=cell, sizes=sizes, weights=weights,
        recurrent=kind.recurrent, uses=uses, wrapped_by=wrapped_by, masks=given.masks, mask=mask,
        returns_state=kind.recurrent and options.return_state,
        at=spec.at, option_at=spec.option_at,
    ))  # fmt: skip


def _masked(layer: Layer) -> Layer:
    return replace(layer, mask_shape=output_mask_shape(layer))


def _each_step(spec: LayerSpec, given: _Given, top: str) -> Layer:
    """TimeDistributed: the wrapped layer on every step, with the same weights."""
    assert spec.inner is not None and spec.kind.inside is not None
    if spec.inner.kind.inputs[0] > 1:
        message = f"{spec.kind.name} applies a layer of one input, found {spec.inner.kind.name}"
        raise LstmdiagError(Problem(message, spec.inner.at, f"{spec.inner.kind.name} alone works on all steps"))
    (shape,), (mask,) = given.shapes, given.masks
    step = (spec.kind.inside(spec.options, shape),)
    inner = _bound(spec.inner, _Given(given.names[1:], given.inputs, step, (step_mask_shape(mask),)), top)
    if inner.parts or inner.returns_state:
        message = f"{spec.kind.name} applies a layer of one output, {inner.kind} gives several here"
        mend = "choose a merge_mode" if inner.parts else "leave return_state out"
        raise LstmdiagError(Problem(message, spec.inner.at, mend))
    if inner.stateful:  # in Keras it goes on, on JAX within a call only
        message = f"{spec.kind.name} begins anew at every step, and stateful layers go on"
        raise LstmdiagError(Problem(message, spec.inner.option_at.get("stateful", spec.inner.at), "leave stateful out"))
    steps = shape[0]
    return Layer(
        given.name, spec.kind, f"{spec.kind.name}({inner.call})", spec.options, given.inputs, given.shapes,
        spec.kind.output(spec.options, shape, inner.output), weights=inner.weights, sizes=inner.sizes,
        recurrent=inner.recurrent, uses=None if steps is None or inner.uses is None else steps * inner.uses,
        inner=inner, at=spec.at, option_at=spec.option_at,
    )  # fmt: skip


def _both_ways(spec: LayerSpec, given: _Given, top: str) -> Layer:
    """Bidirectional: the wrapped layer, and a second one with weights of its own that reads from the other end."""
    assert spec.inner is not None
    if not spec.inner.kind.recurrent or spec.inner.kind.wraps:
        message = f"{spec.kind.name} runs a recurrent layer both ways, found {spec.inner.kind.name}"
        raise LstmdiagError(Problem(message, spec.inner.at, "LSTM, GRU, SimpleRNN or a cell of your own"))
    ahead: Any = spec.inner.options
    if ahead.go_backwards:
        message = f"{spec.kind.name} reads from both ends, and go_backwards stands inside it"
        raise LstmdiagError(Problem(message, spec.inner.option_at.get("go_backwards", spec.inner.at), "leave it out"))
    backward_options = ahead.model_copy(update={"go_backwards": True})
    ways = [
        _bound(each, replace(given, names=(f"{given.name}.{way}",)), top)
        for way, each in (("forward", spec.inner), ("backward", replace(spec.inner, options=backward_options)))
    ]
    forward, backward = ways
    assert isinstance(backward, RecurrentLayer)
    return Layer(
        given.name, spec.kind, call(spec, forward.call), spec.options, given.inputs, given.shapes,
        spec.kind.output(spec.options, given.shapes[0], forward.output),
        weights=_of_both(forward.weights, backward.weights), sizes=forward.sizes, recurrent=True, uses=forward.uses,
        inner=forward, backward=backward, returns_state=forward.returns_state, at=spec.at, option_at=spec.option_at,
    )  # fmt: skip


def _uses(kind: Kind, options: Any, shapes: tuple[Shape, ...], output: Shape) -> int | None:
    if kind.uses:
        return kind.uses(options, *shapes, output)
    places = shapes[0][:1] if kind.recurrent else shapes[0][:-1]
    known = [size for size in places if size is not None]
    return prod(known) if len(known) == len(places) else None


def _weights(kind: Kind, options: Any, cell: Cell | None, sizes: Mapping[str, int]) -> tuple[Weight, ...]:
    """In the order of the equations that use them."""
    dims: Mapping[str, Dims] = cell.weights if cell else kind.weights(options) if kind.weights else {}
    frozen = kind.frozen if options.trainable else tuple(dims)
    return _sized(cell, tuple(dims.items()), tuple(sizes.items()), frozen)


@lru_cache(maxsize=1024)
def _sized(
    cell: Cell | None, dims: tuple[tuple[str, Dims], ...], sizes: tuple[tuple[str, int], ...], frozen: tuple[str, ...]
) -> tuple[Weight, ...]:
    """The same objects for alike layers, whose readings are then made once."""
    users = {name: quantity for quantity in cell.equations for name in cell.weights_of(quantity)} if cell else {}
    known = dict(sizes)
    return tuple(
        Weight(name, name[0], users.get(name, ""), of, size(of, known), name not in frozen) for name, of in dims
    )


@lru_cache(maxsize=1024)
def _of_both(forward: tuple[Weight, ...], backward: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """Of two directions, `forward.W_i` and `backward.W_i`."""
    ways = zip(("forward", "backward"), (forward, backward), strict=True)
    return tuple(replace(weight, name=f"{way}.{weight.name}") for way, weights in ways for weight in weights)


def _misfit(
    spec: LayerSpec, name: str, misfit: ShapeMisfit, inputs: tuple[str, ...], shapes: tuple[Shape, ...], wiring: Wiring
) -> Problem:
    """Both sides and the mend, at the layer that cannot be fed."""
    owners = [split(reference, wiring.known) for reference in inputs]
    mend = misfit.mend
    ended = (
        owner.name
        for owner, part in owners
        if isinstance(owner, Layer) and not part and owner.recurrent and not owner.returns_sequences
    )
    if not mend and "sequence" in misfit.needs:
        mend = next((f"set return_sequences: true on {owner!r}" for owner in ended), "")
    told = [
        f"{reference!r}{wiring.line(each.name) if each else ''} "
        f"{'returns' if isinstance(each, Layer) else 'has shape'} {show_shape(shape)}"
        for reference, (each, _), shape in zip(inputs, owners, shapes, strict=True)
    ]
    return Problem(f"{name!r} {misfit.needs}" + (f", but {' and '.join(told)}" if told else ""), spec.at, mend)
