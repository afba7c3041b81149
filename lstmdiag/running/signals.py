"""The signals of a model by name, `encoder.c`, with the shape each has for one sample; and some of them, chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import prod

from lstmdiag.analysis.axes import time_axes
from lstmdiag.cells.shapes import shapes_in, size
from lstmdiag.errors import Problem, UsageError, nearest
from lstmdiag.layer import CellLayer, Layer
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.running.steps import BEFORE, plan


@dataclass(frozen=True, slots=True)
class Signal:
    """One array of numbers, `layer` is the one that makes it (of a wrapper, the one inside)."""

    name: str
    layer: str
    shape: Shape
    timed: bool  # the first axis of the shape counts steps


def signals(model: Model) -> dict[str, Signal]:
    """Every signal that a pass makes, in the order it makes them."""
    timed = {name: bool(began) for name, began in time_axes(model).items()}
    found = [Signal(source.name, source.name, source.shape, timed[source.name]) for source in model.inputs]
    for layer in model.layers:
        steps = timed[layer.name]
        found += _of(layer, steps)
        found += [Signal(f"{layer.name}.{part}", layer.name, shape, steps) for part, shape in layer.parts.items()]
        found.append(Signal(f"{layer.name}.output", layer.name, layer.output, steps))
        if layer.mask_shape is not None:
            found.append(Signal(f"{layer.name}.mask", layer.name, layer.mask_shape, steps and bool(layer.mask_shape)))
    return {signal.name: signal for signal in found}


def _of(layer: Layer, timed: bool) -> Iterator[Signal]:
    """What happens inside a layer; `timed` is whether it does something else at every step."""
    if layer.halves:
        for half in layer.halves.values():
            yield from _of(half, timed)
    elif layer.inner:
        for signal in _of(layer.inner, timed):
            yield Signal(signal.name, signal.layer, (layer.input[0], *signal.shape), True)
    elif isinstance(layer, CellLayer):
        dims = shapes_in(layer.cell)
        for name in plan(layer.cell).signals:
            quantity = name if name in dims else name.removeprefix(BEFORE)
            shape = size(dims[quantity], layer.sizes) or (1,)  # a plain number is a vector of one
            if layer.recurrent:
                yield Signal(f"{layer.name}.{name}", layer.name, (layer.input[0], *shape), True)
            elif name != layer.cell.output:
                yield Signal(f"{layer.name}.{name}", layer.name, _along_axis(layer, shape), timed)
    elif layer.mask == "query":
        yield Signal(f"{layer.name}.weights", layer.name, (*layer.input[:-1], layer.input_shapes[1][-2]), timed)


def _along_axis(layer: CellLayer, shape: tuple[int, ...]) -> Shape:
    """Of every vector along the axis that the layer works on."""
    return (*layer.input[: layer.axis], *shape, *layer.input[layer.axis + 1 :])


def chosen(model: Model, patterns: Sequence[str], layers: Sequence[str]) -> frozenset[str]:
    """The names that fit a pattern, such as `encoder.c`, `*.a_*` or only `c`, of the layers named (none: of all).

    Raises UsageError where a pattern or a layer fits nothing.
    """
    every = signals(model)
    for name in layers:
        if not any(_within(signal, name) for signal in every.values()):
            names = {signal.name.rpartition(".")[0] or signal.name for signal in every.values()}
            raise UsageError(Problem(f"{model.name!r} has no layer {name!r}", hint=nearest(name, names)))
    of_layers = [name for name, signal in every.items() if not layers or any(_within(signal, on) for on in layers)]
    kept: set[str] = set()
    for pattern in patterns or ["*"]:
        fit = [name for name in of_layers if _fits(name, pattern)]
        if not fit:
            raise UsageError(Problem(f"there is no signal {pattern!r} here", hint=nearest(pattern, of_layers)))
        kept.update(fit)
    return frozenset(kept)


def _within(signal: Signal, layer: str) -> bool:
    """Whether it is the layer's own, or that of a layer inside."""
    return layer == signal.layer or signal.name == layer or signal.name.startswith(f"{layer}.")


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition(".")[2], pattern)


def places(at: Collection[int] | None, length: int) -> list[int]:
    """The steps among `at` (from 0; −1 is the last; None: all) that a sequence of this length has."""
    if at is None:
        return list(range(length))
    if len(at) > length:
        wanted = at if isinstance(at, frozenset) else frozenset(at)
        return [step for step in range(length) if step in wanted or step - length in wanted]
    counted = [step + length if step < 0 else step for step in at]
    return sorted({step for step in counted if 0 <= step < length})


def numbers_in(shape: Shape) -> int:
    """How many an array of this shape has; none, where a size is open."""
    return prod(n or 0 for n in shape)
