"""The toy twin: the same wiring with sizes so small that every number can be followed by hand, and none larger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, product
from math import prod
from typing import Any

from lstmdiag.binding import resolve
from lstmdiag.english import amount, listed
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.spec import LayerSpec, Spec

SMALL_UNITS, SMALL_STEPS = 4, 6
SMALL_NUMBERS = 100_000  # weights, and what layers give out
"""A model that has no more is its own twin."""

_STATES = ("units", "filters", "projection")
_SIZES = ("units", "filters", "projection", "output_dim", "input_dim", "n")
_WINDOWS = {"kernel_size": 3, "pool_size": 2}
"""Options that are sizes, and those that are the reach of a window with what is left of it."""
MAP_AXES = 3  # steps, rows and columns


@dataclass(frozen=True, order=True)
class Place:
    """Where a size stands in a spec: an axis of an input, or an option of a layer, `depth` wrappers inside."""

    layer: int  # −1 − i for input i
    depth: int
    name: str  # the option, or the number of the axis

    @property
    def of_input(self) -> bool:
        """Whether it is the size of an input, not of a layer."""
        return self.layer < 0


Sizes = Mapping[Place, int]


def _of_input(i: int, axis: int) -> Place:
    return Place(-1 - i, 0, str(axis))


def twin(model: Model) -> tuple[Model, str]:
    """The twin and its badge; the model itself and "" where that is small already.

    Raises LstmdiagError where no small sizes fit the wiring.
    """
    made = model if _small(model) else _fitted(model)
    return (model, "") if _shapes(made) == _shapes(model) else (made, _badge(model, made))


def _small(model: Model) -> bool:
    units = [layer.shape(state)[-1] for layer in model.recurrent for state in layer.cell.state]
    steps = [source.shape[0] for source in model.inputs if model.has_time(source)]
    widths = [n for source in model.inputs if len(source.shape) > 1 for n in source.shape[model.has_time(source) :]]
    small_steps = all(n is not None and n <= SMALL_STEPS for n in steps)
    small = max(units, default=0) <= SMALL_UNITS and small_steps and all(n is not None and n <= 10 for n in widths)
    numbers = sum(prod(n or 1 for n in layer.output) for layer in model.layers)
    return small and model.params + numbers <= SMALL_NUMBERS


def _shapes(model: Model) -> tuple[list[Shape], list[Mapping[str, int]]]:
    """Of inputs and outputs, and the sizes that equations name."""
    every = [source.shape for source in model.inputs], [layer.output for layer in model.layers]
    return [*every[0], *every[1]], [layer.maths.sizes for layer in model.layers]


def _larger(made: Model, model: Model) -> bool:
    """Whether some shape or size of one is larger than that of the other."""
    (shapes, sizes), (given, known) = _shapes(made), _shapes(model)
    return any(
        now is not None and most is not None and now > most
        for one, other in zip(shapes, given, strict=True)
        for now, most in zip(one, other, strict=True)
    ) or any(size > other[name] for one, other in zip(sizes, known, strict=True) for name, size in one.items())


def _fitted(model: Model) -> Model:
    """With the sizes that are liked best; where the wiring ties some, these stay tied, and the others are set free."""
    spec = replace(model.spec, example=None)
    given = dict(_given(spec))
    timed = {_of_input(i, 0) for i, source in enumerate(model.inputs) if model.has_time(source)}
    liked = _liked(spec, given, timed)
    problem = ""
    for longer, windows in product(range(9), (_WINDOWS, {})):
        for tied in (liked, _by_value(given, liked), _by_value(given, liked, doubled=True)):
            more = {place: size + longer if place in timed else size for place, size in tied.items()}
            sizes = {place: min(size, given[place] or size) for place, size in more.items()}
            try:
                made = resolve(_with(spec, sizes, windows))
            except LstmdiagError as error:
                problem = problem or error.problems[0].message
                continue
            if not _larger(made, model):
                return _freed(model, made, sizes, {place: liked[place] for place in liked if place not in timed})
    hint = f"its sizes depend on each other: {problem}" if problem else "a window is as wide as what it runs over"
    raise LstmdiagError(Problem(f"{spec.name!r} has no toy twin", hint=hint))


def _freed(model: Model, made: Model, sizes: dict[Place, int], liked: Mapping[Place, int]) -> Model:
    """Each size as it is liked, and different from all others, where the wiring allows that."""
    for place, size in liked.items():
        others = {now for each, now in sizes.items() if each != place and liked.get(each) != size}
        if sizes[place] == size:
            continue
        for wanted in dict.fromkeys((size, next(n for n in count(size) if n not in others))):
            tried = {**sizes, place: wanted}
            try:
                freed = resolve(_with(made.spec, tried, {}))
            except LstmdiagError:
                continue
            if not _larger(freed, model):
                made, sizes = freed, tried
                break
    return made


def _given(spec: Spec) -> Iterator[tuple[Place, int]]:
    """Every size that the spec says; one that is open counts as 0."""
    for i, source in enumerate(spec.inputs):
        yield from ((_of_input(i, axis), size or 0) for axis, size in enumerate(source.shape))
    for i, layer in enumerate(spec.layers):
        inner: LayerSpec | None = None if layer.use else layer
        depth = 0
        while inner is not None:
            chosen = dict(inner.options)
            yield from ((Place(i, depth, name), chosen[name]) for name in _SIZES if isinstance(chosen.get(name), int))
            inner, depth = inner.inner, depth + 1


def _with(spec: Spec, sizes: Sizes, windows: Mapping[str, int]) -> Spec:
    inputs = tuple(
        replace(source, batch=None, shape=tuple(sizes[_of_input(i, axis)] for axis in range(len(source.shape))))
        for i, source in enumerate(spec.inputs)
    )
    layers = tuple(_layer_with(layer, i, 0, sizes, windows) for i, layer in enumerate(spec.layers))
    return replace(spec, inputs=inputs, layers=layers)


def _layer_with(layer: LayerSpec, i: int, depth: int, sizes: Sizes, windows: Mapping[str, int]) -> LayerSpec:
    if layer.use:
        return layer
    update: dict[str, Any] = {name: sizes[Place(i, depth, name)] for name in _SIZES if Place(i, depth, name) in sizes}
    for name, size in layer.options:
        if most := windows.get(name):
            update[name] = min(size, most) if isinstance(size, int) else tuple(min(n, most) for n in size)
    if layer.inner is not None:
        update["layer"] = _layer_with(layer.inner, i, depth + 1, sizes, windows)
    return replace(layer, options=layer.options.model_copy(update=update)) if update else layer


def _liked(spec: Spec, given: Sizes, timed: Collection[Place]) -> Sizes:
    """The size each would like: 2 features; units down to 3 for the last recurrent layer; one more step than all units.

    One recurrent layer: F = 2, H = 3, T = 4. Two: F = 2, H = 4 and 3, T = 5. What is a vocabulary in two places, or
    a number of steps, stays one size. None is larger than it was.
    """
    recurrent = [place for place in given if place.name in _STATES and _recurrent(spec, place)]
    liked = {place: 3 + len(recurrent) - 1 - i for i, place in enumerate(recurrent)}
    steps, widths = count(3 + max(len(recurrent), 1)), count(2)
    first = {}
    for place in (place for place in given if place in timed):
        first[given[place]] = liked[place] = next(steps)
    rest = count(next(steps))
    for place, size in given.items():
        if place in liked:
            continue
        if place.of_input:
            last, axis = len(spec.inputs[-1 - place.layer].shape) - 1, int(place.name)
            if axis == last:
                liked[place] = 1 if size == 1 else next(widths)  # a single feature stays one
            else:
                liked[place] = next(rest) if axis < MAP_AXES else 2  # sizes of many axes multiply
        elif place.name == "n" and size in first:
            liked[place] = first[size]
        elif size <= 3:
            liked[place] = size
        else:
            vocabulary = [each for each in liked if given[each] == size and "input_dim" in (each.name, place.name)]
            liked[place] = liked[vocabulary[0]] if vocabulary else next(rest)
    return {place: min(size, given[place] or size) for place, size in liked.items()}


def _recurrent(spec: Spec, place: Place) -> bool:
    layer: LayerSpec | None = spec.layers[place.layer]
    for _ in range(place.depth):
        layer = layer.inner if layer else None
    return layer is not None and layer.kind.recurrent and not layer.kind.wraps


def _by_value(given: Sizes, liked: Sizes, *, doubled: bool = False) -> dict[Place, int]:
    """What was equal stays equal; with `doubled`, what was twice as much stays so (two directions, joined)."""
    small: dict[int, int] = {}
    for place, size in sorted(given.items(), key=lambda item: (item[1], item[0])):
        if not place.of_input and size not in small:
            half = small.get(size // 2) if doubled and size % 2 == 0 else None
            small[size] = 2 * half if half else liked[place]
    return {place: liked[place] if place.of_input and not _joins(place, size, small) else small[size]
            for place, size in given.items()}  # fmt: skip


def _joins(place: Place, size: int, small: Mapping[int, int]) -> bool:
    """A state that comes in as an input has as many numbers as some layer has units."""
    return place.name == "0" and size in small


def _badge(model: Model, made: Model) -> str:
    """`toy twin: same wiring, 4 and 3 units instead of 128 and 64, 5 steps instead of 50`."""
    told = []
    for name, sizes in _SIZES_TOLD.items():
        now, before = ([*sizes(each)] for each in (made, model))
        if now != before:
            told.append(f"{_joined(now)} {name} instead of {_joined(before)}")
    if any(one.call != other.call for one, other in zip(model.layers, made.layers, strict=True) if not one.recurrent):
        told.append("other layers resized too" if told else "layers resized")
    return "toy twin: same wiring, " + ", ".join(told)


_SIZES_TOLD: Mapping[str, Callable[[Model], Iterator[str]]] = {
    "units": lambda model: (f"{layer.sizes['units']:,}" for layer in model.recurrent if "units" in layer.sizes),
    "numbers after the projection": lambda model: (f"{layer.sizes['projection']:,}" for layer in model.recurrent
                                                   if "projection" in layer.sizes),
    "steps": lambda model: (amount(source.shape[0]) for source in model.inputs if model.has_time(source)),
    "features": lambda model: (amount(source.shape[-1]) for source in model.inputs
                               if source.dtype != "int" and len(source.shape) == 1 + model.has_time(source)),
    "numbers a step": lambda model: (" × ".join(map(amount, source.shape[1:])) for source in model.inputs
                                     if len(source.shape) > 2 and model.has_time(source)),
    "numbers": lambda model: (" × ".join(map(amount, source.shape)) for source in model.inputs
                              if len(source.shape) > 1 and not model.has_time(source)),
}  # fmt: skip


def _joined(words: list[str]) -> str:
    """In words; what is the same everywhere once."""
    return listed(words if len(set(words)) > 1 else words[:1])
