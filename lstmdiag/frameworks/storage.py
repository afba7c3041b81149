"""How a framework stores the weights of a layer, as data, and what follows: its arrays, their shapes, its count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import prod

from lstmdiag.cells.cell import Dims
from lstmdiag.cells.counts import Terms, tally
from lstmdiag.layer import Layer, Weight


@dataclass(frozen=True, slots=True)
class ArrayLayout:
    """How one array is laid out: mathematical weights, (out, in), stacked along `out` in this order."""

    name: str  # as the framework calls it
    blocks: tuple[str, ...] = ()
    second: tuple[str, ...] = ()  # after them, a second bias for each of these, which is added to the first
    own: tuple[str, ...] = ()  # in place of `second`, where the layer has second biases of its own
    across: bool = False  # a second bias stands in a row of its own, (2, out)
    transposed: bool = False  # stored as (in, out)
    axes: tuple[int, ...] = ()  # the order its axes are stored in, where it is another
    leading: int = 0  # axes in front: ONNX's directions, 1 or 2
    buffer: bool = False  # kept with the parameters, but not counted as one
    optional: bool = False  # a file may leave it out, and its numbers are zeros then

    @property
    def by_direction(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """(blocks, second) of each direction in turn, where an axis in front counts directions."""
        number = max(self.leading, 1)
        blocks, second = (
            [names[way * len(names) // number : (way + 1) * len(names) // number] for way in range(number)]
            for names in (self.blocks, self.second)
        )
        return tuple(zip(blocks, second, strict=True))


@dataclass(frozen=True, slots=True)
class SourceLines:
    """Source text of one layer, line by line."""

    init: list[str]  # once, in __init__
    run: list[str]  # in the forward pass
    notes: list[str] = field(default_factory=list)
    carried: tuple[str, ...] = ()  # variables that the forward pass leaves for the next one


Source = Callable[[Layer, str], SourceLines]
"""(layer, its name as an identifier) → its lines."""

Shapes = Mapping[str, tuple[int, ...]]
"""StoredArray arrays by name."""


@dataclass(frozen=True, slots=True)
class FrameworkRow:
    """A row of a framework's table: how it calls and stores one kind of layer."""

    call: str  # the framework's own name of the layer
    arrays: tuple[ArrayLayout, ...] = ()
    lacking: bool = False  # the framework has no such layer; `call` says what there is instead
    gates: tuple[str, ...] = ()  # in stored order, by our letters
    letters: Mapping[str, str] = field(default_factory=dict)  # our letter → the framework's, where they differ
    functions: Mapping[str, frozenset[str | bool]] = field(default_factory=dict)
    """Option → the functions, or other values, that the layer can have; an option not named can have any."""
    stored_with: Mapping[str, frozenset[str | bool]] = field(default_factory=dict)
    """The same of options that one can have by other means, but not from its stored weights alone."""
    direction_names: tuple[str, str] = ("{}", "{}")
    """Of a wrapper that runs both ways: the name of an array of each; one name: one array with an axis in front."""
    source: Source | None = None  # where the framework's source text is written layer by layer
    steps_alone: bool = False  # it works on the last axis, so that it runs at every step without a wrapper
    fits: Callable[[Shapes], bool] | None = None  # whether parameters of these names and shapes can be its own
    operators: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """In graphs: each operator that computes it → the names of that operator's inputs, the arrays among them."""


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array that a framework stores for one layer: its layout, with the layer's own sizes."""

    name: str
    shape: tuple[int, ...]
    terms: Terms
    layout: ArrayLayout  # with the weights that the layer has

    @property
    def count(self) -> int:
        """The parameters in it."""
        return 0 if self.layout.buffer else prod(self.shape)


def rows(letter: str, gates: tuple[str, ...]) -> tuple[str, ...]:
    """`W` and i, f, g, o → W_i, W_f, W_g, W_o."""
    return tuple(f"{letter}_{gate}" for gate in gates)


def second(gates: tuple[str, ...]) -> tuple[str, ...]:
    """A layer's own second biases, those on U: z, r → b_hz, b_hr."""
    return tuple(f"b_h{gate}" for gate in gates)


def stored_arrays(layer: Layer, row: FrameworkRow) -> tuple[StoredArray, ...]:
    """The arrays that hold this layer's weights; a weight that the layer lacks is left out."""
    return _stored(layer.innermost.weights, row.arrays)


@lru_cache(maxsize=1024)  # alike layers are stored alike
def _stored(of: tuple[Weight, ...], arrays: tuple[ArrayLayout, ...]) -> tuple[StoredArray, ...]:
    weights = {weight.name: weight for weight in of}
    found = []
    for array in arrays:
        blocks, copies, own = (
            tuple(name for name in names if name in weights) for names in (array.blocks, array.second, array.own)
        )
        own_layout = replace(array, blocks=blocks + own, second=() if own else copies)
        parts = [weights[name] for name in (*own_layout.blocks, *own_layout.second)]
        if parts:
            shape = _shape(own_layout, parts, rows=2 if own and array.across else 1)
            found.append(StoredArray(array.name, shape, tally(part.dims for part in parts), own_layout))
    return tuple(found)


def bidirectional_arrays(
    forward: Layer, backward: Layer, row: FrameworkRow, wrapper: FrameworkRow
) -> tuple[StoredArray, ...]:
    """The arrays of two directions, whose weights are called `forward.W_i` and `backward.W_i`."""
    return _bidirectional_arrays(
        forward.innermost.weights, backward.innermost.weights, row.arrays, wrapper.direction_names
    )


@lru_cache(maxsize=1024)
def _bidirectional_arrays(
    forward: tuple[Weight, ...],
    backward: tuple[Weight, ...],
    arrays: tuple[ArrayLayout, ...],
    direction_names: tuple[str, str],
) -> tuple[StoredArray, ...]:
    forward_arrays, backward_arrays = (
        [replace(held, name=name.format(held.name), layout=_prefixed(held.layout, way)) for held in _stored(of, arrays)]
        for way, name, of in zip(("forward", "backward"), direction_names, (forward, backward), strict=True)
    )
    if forward_arrays and forward_arrays[0].name != backward_arrays[0].name:
        return (*forward_arrays, *backward_arrays)
    return tuple(map(_joined, forward_arrays, backward_arrays))


def _prefixed(array: ArrayLayout, way: str) -> ArrayLayout:
    blocks, second = (tuple(f"{way}.{name}" for name in names) for names in (array.blocks, array.second))
    return replace(array, blocks=blocks, second=second)


def _joined(forward: StoredArray, backward: StoredArray) -> StoredArray:
    one, other = forward.layout, backward.layout
    layout = replace(one, blocks=one.blocks + other.blocks, second=one.second + other.second, leading=2)
    return StoredArray(forward.name, (2, *forward.shape[1:]), added((forward.terms, backward.terms)), layout)


def added(found: Iterable[Terms]) -> Terms:
    """Sums of products of sizes, added up."""
    whole: dict[Dims, int] = {}
    for terms in found:
        for dims, times in terms.items():
            whole[dims] = whole.get(dims, 0) + times
    return whole


def _shape(array: ArrayLayout, parts: list[Weight], rows: int) -> tuple[int, ...]:
    if not parts[0].shape:  # a single number
        return ()
    out, rest = sum(part.shape[0] for part in parts) // rows, parts[0].shape[1:]
    if array.axes:
        return tuple((out, *rest)[axis] for axis in array.axes)
    shape = (*rest, out) if array.transposed else (out, *rest)
    return (*(1,) * array.leading, *((rows,) if rows > 1 else ()), *shape)
