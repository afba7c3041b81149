"""One layer of a model as data: its equations, its weights, what it reads and gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

from lstmdiag.cells.cell import Cell, Dims
from lstmdiag.cells.shapes import shapes_in, show_dims, size
from lstmdiag.errors import Place
from lstmdiag.layers.kind import Kind, Mask, Shape
from lstmdiag.layers.reads import ALL, OWN, Reads
from lstmdiag.layers.shapes import place_of
from lstmdiag.layers.window import Window


@dataclass(frozen=True, eq=False)  # by identity, as cells: alike layers have the same ones
class Weight:
    """One mathematical weight, (out, in): `W_f` of shape (units, features)."""

    name: str
    part: str  # its first letter: W, U, b ...
    quantity: str  # the equation that uses it: f
    dims: Dims
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def stem(self) -> str:
        """Its name without the equation that uses it: W for W_f, b_h for b_hr, the second bias of a GRU's r."""
        letter, _, below = self.name.partition("_")
        rest = below.removesuffix(self.quantity)
        return f"{letter}_{rest}" if rest else letter

    @cached_property
    def count(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True)
class Layer:
    """One layer of the model. Shapes have no batch axis.

    References (`inputs`, `initial_state`) are names of inputs or layers, `encoder`, or a state of a layer,
    `encoder.h`, `b.forward.h`.
    """

    name: str
    definition: Kind
    call: str  # as Python: LSTM(100, activation="relu")
    options: Any
    inputs: tuple[str, ...]  # references to what it reads
    input_shapes: tuple[Shape, ...]  # of each of them
    output: Shape  # where it gives several tensors, of the first
    cell: Cell | None = None  # that of a CellLayer
    sizes: Mapping[str, int] = field(default_factory=dict)  # units → 100
    weights: tuple[Weight, ...] = ()
    recurrent: bool = False
    uses: int | None = 1  # how often one set of weights is used in a pass; None where T is not known
    inner: Layer | None = None  # what a wrapper wraps: `b.forward` of a bidirectional b
    backward: RecurrentLayer | None = None  # of a bidirectional layer, the one that reads from the end
    wrapped_by: str = ""  # of a wrapped layer: the name of its outermost wrapper
    initial_state: tuple[str, ...] = ()  # references, one for each state; empty: zeros
    returns_state: bool = False  # return_state, or a state of it is named somewhere
    shared: str = ""  # the earlier layer whose weights these are
    masks: tuple[Shape | None, ...] = ()  # the mask of padded steps that comes with each input: its shape
    mask_shape: Shape | None = None  # of the mask that goes along with its output (lstmdiag.masks)
    mask: Mask = "passes"
    at: Place | None = None
    option_at: Mapping[str, Place] = field(default_factory=dict)  # of each option's value that the spec gives

    @property
    def kind(self) -> str:
        """The name of its kind: LSTM."""
        return self.definition.name

    @property
    def gates(self) -> Sequence[str]:
        """The quantities with weights of their own; of a layer without equations none."""
        return ()

    @property
    def roles(self) -> Mapping[str, str]:
        """Quantity → its role, of a layer with equations."""
        return {}

    @property
    def copies(self) -> bool:
        """Whether it gives out the numbers it is given, at prediction, and computes nothing."""
        return self.definition.copies

    @cached_property
    def windows(self) -> Mapping[int, Window]:
        """An axis of its input, counted from 0 → the window on it, where it reads a few neighbouring places."""
        return self.definition.windows(self.options)

    @property
    def window(self) -> Window | None:
        """Over the first axis of its input, where each place it gives reads a few neighbouring ones."""
        return self.windows.get(0)

    @cached_property
    def reads(self) -> tuple[Reads, ...]:
        """Which places of the first axis of each input one place of the first axis of what it gives reads.

        A recurrent layer reads its own step; what it knows of the others its states carry.
        """
        if self.recurrent or self.wrappers:
            return (OWN,)
        along = self.reads_along(0)
        return tuple(reads if self.axis_before(0, n) == 0 else ALL for n, reads in enumerate(along))

    def axis_before(self, axis: int, number: int = 0) -> int | None:
        """The axis of an input that an axis of the output was, counted from 0; None where it is new or mixed."""
        if self.wrappers and self.inner:
            inside = self.inner.axis_before(axis - 1) if axis else -1
            return None if inside is None else inside + 1
        order = self.definition.order
        before = order(self.options)[axis] - 1 if order else axis
        given = len(self.input_shapes[number])
        if self.definition.aligned == "last":
            before -= len(self.output) - given
        elif self.output[:axis] != self.input_shapes[number][:axis]:
            return None
        return before if 0 <= before < max(given, 1) else None

    def reads_along(self, axis: int) -> tuple[Reads, ...]:
        """Which places of `axis_before` in each input one place along this axis of the output reads.

        An axis that the layer adds reads all. A recurrent layer, along another axis than time, answers for one step.
        """
        if self.wrappers:
            return (OWN,) if axis == 0 or not self.inner else self.inner.reads_along(axis - 1)
        before = [self.axis_before(axis, number) for number in range(len(self.input_shapes))]
        if None in before and len(before) == 1:
            return (ALL,)
        if self.definition.reads:
            asked = self.definition.reads(self.options, axis, *self.input_shapes, self.output)
            return tuple(ALL if at is None else reads for at, reads in zip(before, asked, strict=True))
        return tuple(self._read_at(at) for at in before)

    def _read_at(self, axis: int | None) -> Reads:
        """Along this axis of its input, without a rule of the kind's own."""
        if axis is None:
            return ALL
        return self.innermost.windows.get(axis) or self._read_by_equations(axis)

    def _read_by_equations(self, axis: int) -> Reads:
        return self.inner._read_by_equations(axis) if self.inner else OWN

    @property
    def reads_steps(self) -> bool:
        """Whether it takes the first axis of what it reads for steps: a recurrent layer, a convolution over time."""
        return self.recurrent or bool(self.inner) or self.definition.sequence

    @property
    def moves(self) -> bool:
        """Whether the first axis of what it gives was another one of its input."""
        order = self.definition.order
        return order is not None and order(self.options)[0] != 1

    @property
    def input(self) -> Shape:
        """The shape of its first input, without the batch axis: (steps, features)."""
        return self.input_shapes[0]

    @property
    def own_weights(self) -> tuple[Weight, ...]:
        """The weights it adds to the model: none where they are another layer's."""
        return () if self.shared else self.weights

    @cached_property
    def params(self) -> int:
        """Numbers it adds to the model."""
        return sum(weight.count for weight in self.own_weights)

    @cached_property
    def frozen_params(self) -> int:
        """Those that training does not change."""
        return sum(weight.count for weight in self.own_weights if not weight.trainable)

    @property
    def units(self) -> int:
        """How many units it has, or filters. Raises KeyError for kinds without units."""
        return self.sizes["units"]

    @property
    def features(self) -> int:
        """Numbers in its input at a step. Raises KeyError for kinds that have no such size."""
        return self.sizes["features"]

    @cached_property
    def halves(self) -> Mapping[str, RecurrentLayer]:
        """`forward` and `backward` of a bidirectional layer; of any other none."""
        both = {"forward": self.inner, "backward": self.backward}
        return {way: half for way, half in both.items() if self.backward and isinstance(half, RecurrentLayer)}

    @cached_property
    def directions(self) -> tuple[Layer, ...]:
        """The layers that run: itself, or what it wraps; of a bidirectional layer forward before backward."""
        return tuple(self.halves.values()) or (self.inner.directions if self.inner else (self,))

    @cached_property
    def named_directions(self) -> Mapping[str, Layer]:
        """Its directions by what tables call them: one alone by the layer's own name."""
        first, *others = self.directions
        return {each.name: each for each in self.directions} if others else {self.name: first}

    @property
    def merge_mode(self) -> str | None:
        """How a bidirectional layer merges its directions; None where it gives out both, or has but one."""
        return self.options.merge_mode if self.backward else None

    @property
    def starts(self) -> tuple[tuple[str, ...], ...]:
        """`initial_state` of each of its directions."""
        each = len(self.initial_state) // len(self.directions)
        return tuple(self.initial_state[each * n : each * (n + 1)] for n in range(len(self.directions)))

    @cached_property
    def states(self) -> Mapping[str, Shape]:
        """What it can hand over beside its output, by the rest of the reference: h, c; forward.h, backward.h."""
        return {f"{way}.{name}": size for way, half in self.halves.items() for name, size in half.states.items()}

    @cached_property
    def parts(self) -> Mapping[str, Shape]:
        """Its outputs where it gives several: the two directions that are not merged."""
        merged = self.halves and self.options.merge_mode
        return {} if merged else {way: half.output for way, half in self.halves.items()}

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a name in the equations of a CellLayer; any other layer raises KeyError."""
        raise KeyError(name)

    @property
    def returns_sequences(self) -> bool:
        """Whether a recurrent layer gives out every step, not the last one alone."""
        return self.recurrent and self.innermost.options.return_sequences

    @property
    def go_backwards(self) -> bool:
        """Whether a recurrent layer reads its sequence from the end; of a bidirectional one, whether `forward` does."""
        return self.recurrent and self.innermost.options.go_backwards

    @property
    def stateful(self) -> bool:
        """Whether a recurrent layer starts from the states in which the batch before left it."""
        return self.recurrent and self.innermost.options.stateful

    @property
    def function(self) -> str:
        """The function on what it gives, by name; "" where it has none."""
        return self.definition.function(self.options) if self.definition.function else ""

    def remark(self, names: Mapping[str, str]) -> str:
        """Sentences on what its options change, with these names for the quantities of its cell; "" for none."""
        remark = self.definition.remark
        return remark(self.options).format_map(names) if remark else ""

    @property
    def drops(self) -> bool:
        """Whether it drops a share of some numbers in training."""
        return any(self.definition.dropped(self.options))

    @property
    def gives_mask(self) -> bool:
        """Whether a mask of padded steps goes along with its output."""
        return self.mask_shape is not None

    @property
    def masked(self) -> bool:
        """Whether a mask of padded steps comes with an input."""
        return any(mask is not None for mask in self.masks)

    @cached_property
    def innermost(self) -> Layer:
        """The layer whose equations run: a wrapper's inner layer, else itself."""
        return self.inner.innermost if self.inner else self

    @property
    def unwrapped(self) -> Layer:
        """The layer that TimeDistributed runs at every step, a plain or a bidirectional one; else the layer itself."""
        return self.inner.unwrapped if self.inner and not self.backward else self

    @cached_property
    def wrappers(self) -> tuple[Layer, ...]:
        """The TimeDistributed that it is, and those inside it, from the outermost; of any other layer none."""
        return (self, *self.inner.wrappers) if self.inner and not self.backward else ()

    @property
    def top(self) -> str:
        """The name of the layer of the model that it is, or that it is inside of."""
        return self.wrapped_by or self.name


@dataclass(frozen=True)
class CellLayer(Layer):
    """A layer with equations: Dense, a normalization, every recurrent layer."""

    cell: Cell

    @property
    def gates(self) -> Sequence[str]:
        """The quantities with weights of their own, in the order of the equations."""
        return self.cell.gates()

    @property
    def roles(self) -> Mapping[str, str]:
        """Quantity → its role."""
        return self.cell.roles

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a name in its equations, `W_f`, `h_prev` or `x`. Raises KeyError."""
        return size(shapes_in(self.cell)[name], self.sizes)

    def _read_by_equations(self, axis: int) -> Reads:
        """Where x lies along this axis, its equations may need all of it."""
        needed = any(part.across for expr in self.cell.equations.values() for part in expr.walk())
        return ALL if needed and self.axis == axis else OWN

    def rows(self, quantity: str) -> int:
        """Rows of the weights in the equation of a quantity: as many as it has numbers; a single number has those of
        its first weight.
        """
        shape = self.shape(quantity)
        first = next(iter(self.cell.weights_of(quantity)), "")
        return shape[-1] if shape else self.shape(first)[0]

    @property
    def axis(self) -> int:
        """The axis of its input that x lies along, counted from 0 without the batch; the equations run at each place
        of the others.
        """
        axis = self.definition.axis
        return place_of(axis(self.options) if axis else -1, self.input)


@dataclass(frozen=True)
class RecurrentLayer(CellLayer):
    """A layer with states, which its equations carry from step to step."""

    @cached_property
    def states(self) -> Mapping[str, Shape]:
        """State → its shape without the batch: h, c; the first is public."""
        return {name: size(dims, self.sizes) for name, dims in self.cell.state.items()}


def cell_of(layer: Layer) -> Cell:
    """The cell of a layer that is known to have one."""
    assert isinstance(layer, CellLayer)
    return layer.cell


def inside(layer: Layer) -> Iterator[Layer]:
    """The layers that a wrapper holds, at any depth."""
    for inner in (layer.inner, layer.backward):
        if inner:
            yield inner
            yield from inside(inner)


def show_shape(shape: Shape) -> str:
    """(3, 100), (100,), (?, 8): as Python prints a tuple, `?` for a size not known."""
    return show_dims(["?" if n is None else n for n in shape])


def show_shapes(named: Iterable[tuple[str, Shape]]) -> str:
    """h (2,), c (2,)"""
    return ", ".join(f"{name} {show_shape(shape)}" for name, shape in named)
