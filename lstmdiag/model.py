"""Spec → Model: every shape and every count, bound to numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

from lstmdiag.cells.cell import Cell, Dims
from lstmdiag.cells.shapes import shapes_in, size
from lstmdiag.errors import LstmdiagError, Place, Problem, in_order
from lstmdiag.layers.kind import Shape, ShapeMisfit, shown_options
from lstmdiag.spec import Example, LayerSpec, Spec, SpecError
from lstmdiag.spec.reader import load, read


@dataclass(frozen=True)
class Weight:
    """One mathematical weight, (out, in): `W_f` of shape (units, features)."""

    name: str
    part: str  # its first letter: W, U, b ...
    quantity: str  # the equation that uses it: f
    dims: Dims
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class Layer:
    """One layer of the model. Shapes have no batch axis."""

    name: str
    kind: str
    call: str  # as Python: LSTM(100, activation="relu")
    options: Any
    inputs: tuple[str, ...]  # names of the layers or inputs it reads
    input: Shape
    output: Shape
    cell: Cell | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)  # units → 100
    weights: tuple[Weight, ...] = ()
    recurrent: bool = False
    uses: int | None = 1  # how often one set of weights is used in a pass; None where T is not known
    inner: Layer | None = None
    at: Place | None = None

    @property
    def params(self) -> int:
        return sum(weight.count for weight in self.weights)

    @property
    def units(self) -> int:
        return self.sizes["units"]

    @property
    def features(self) -> int:
        return self.sizes["features"]

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a name in its equations, `W_f`, `h_prev` or `x`. Raises KeyError."""
        if self.cell is None:
            raise KeyError(name)
        return size(shapes_in(self.cell)[name], self.sizes)

    @property
    def returns_sequences(self) -> bool:
        return bool(getattr(self.options, "return_sequences", False))

    @property
    def maths(self) -> Layer:
        """The layer whose equations run: a wrapper's inner layer, else itself."""
        return self.inner.maths if self.inner else self


@dataclass(frozen=True)
class ModelInput:
    name: str
    shape: Shape
    dtype: str = "float"
    batch: int | None = None


@dataclass(frozen=True)
class Model:
    name: str
    title: str
    summary: str
    inputs: tuple[ModelInput, ...]
    layers: tuple[Layer, ...]
    outputs: tuple[str, ...]  # names of the layers whose output is the model's
    example: Example | None = None
    source: str = ""
    path: str = ""

    @property
    def params(self) -> int:
        return sum(layer.params for layer in self.layers)

    @property
    def recurrent(self) -> tuple[Layer, ...]:
        return tuple(layer for layer in self.layers if layer.recurrent)

    def layer(self, name: str) -> Layer:
        """Raises KeyError."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)


def show_shape(shape: Shape) -> str:
    """(3, 100), (100,), (?, 8): as Python prints a tuple, `?` for a size not known."""
    inner = ", ".join("?" if n is None else str(n) for n in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def load_model(source: str | Path) -> Model:
    """`resolve(load(source))`, but problems of form and of shape are raised together."""
    return _with_all_problems(lambda: load(source))


def read_model(data: bytes, path: str, name: str) -> Model:
    """`resolve(read(...))`, likewise."""
    return _with_all_problems(lambda: read(data, path, name))


def _with_all_problems(spec: Callable[[], Spec]) -> Model:
    try:
        return resolve(spec())
    except SpecError as error:
        problems = list(error.problems)
        try:
            resolve(error.partial)
        except LstmdiagError as shapes:
            problems += shapes.problems
        raise LstmdiagError(in_order(problems)) from None


def resolve(spec: Spec) -> Model:
    """Bind every shape. Raises LstmdiagError with all problems that do not follow from an earlier one."""
    problems: list[Problem] = []
    inputs = tuple(ModelInput(i.name, i.shape, i.dtype, i.batch) for i in spec.inputs)
    layers: list[Layer] = []
    names = _Names(problems, taken={i.name for i in spec.inputs})
    before, shape = (inputs[0].name, inputs[0].shape) if inputs else ("", None)
    for layer_spec in spec.layers:
        name, *inside = names.of(layer_spec)
        if not layer_spec.readable:
            shape = None
        if shape is None:  # told once: what follows a misfit is not judged
            continue
        try:
            layer = _resolve_layer(layer_spec, (name, *inside), (before,), shape)
        except ShapeMisfit as misfit:
            problems.append(_misfit(layer_spec, name, misfit, layers, shape, before))
            shape = None
            continue
        layers.append(layer)
        before, shape = name, layer.output
    if problems:
        raise LstmdiagError(problems)
    outputs = (layers[-1].name,) if layers else ()
    return Model(
        spec.name, spec.title, spec.summary, inputs, tuple(layers), outputs, spec.example, spec.source, spec.path
    )


class _Names:
    """Keras's default names in a fresh session, and a word about names given twice."""

    def __init__(self, problems: list[Problem], taken: set[str]) -> None:
        self._problems, self._first = problems, dict.fromkeys(taken)
        self._counts: Counter[str] = Counter()

    def of(self, spec: LayerSpec) -> tuple[str, ...]:
        """The layer's name, then those of the layers it wraps. Adds a problem where the first is taken."""
        name, *inside = self._own(spec)
        if not name:
            return ("",)
        if name in self._first:
            first: Place | None = self._first[name]
            where = f" (line {first.line})" if first else ""
            at = spec.option_at.get("name", spec.at)
            message = f"the name {name!r} is taken already{where}"
            self._problems.append(Problem(message, at, "names are unique in a model"))
        self._first.setdefault(name, spec.at)
        return (name, *inside)

    def _own(self, spec: LayerSpec) -> tuple[str, ...]:
        """Names as given or by default; Keras makes, and so counts, what is wrapped before its wrapper."""
        inside = self._own(spec.inner) if spec.inner else ()
        name = spec.options.name
        if name is None and spec.readable:
            base = snake_case(spec.kind.name)
            name = base if not self._counts[base] else f"{base}_{self._counts[base]}"
            self._counts[base] += 1
        return (name or "", *inside)


def snake_case(kind: str) -> str:
    """LSTM → lstm, RepeatVector → repeat_vector: Keras's rule (keras.src.utils.naming.to_snake_case)."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _resolve_layer(spec: LayerSpec, names: tuple[str, ...], inputs: tuple[str, ...], shape: Shape) -> Layer:
    """`names` are the layer's own, then those of the layers it wraps."""
    kind, options, name = spec.kind, spec.options, names[0]
    output = kind.output(options, shape)
    if spec.inner is not None:
        inner = _resolve_layer(spec.inner, names[1:], inputs, output)
        return Layer(
            name, kind.name, f"{kind.name}({inner.call})", options, inputs, shape, (shape[0], *inner.output),
            weights=inner.weights, sizes=inner.sizes, uses=_times(shape[0], inner.uses), inner=inner, at=spec.at,
        )  # fmt: skip
    cell = kind.cell(options) if kind.cell else None
    sizes = dict(kind.sizes(options, shape)) if kind.sizes else {}
    weights = _weights(cell, sizes) if cell else ()
    leading = shape[:-1]
    known = [size for size in leading if size is not None]
    uses = prod(known) if len(known) == len(leading) else None
    return Layer(
        name, kind.name, _call(spec), options, inputs, shape, output, cell=cell, sizes=sizes, weights=weights,
        recurrent=kind.recurrent, uses=uses if cell else 1, at=spec.at,
    )  # fmt: skip


def _times(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a * b


def _weights(cell: Cell, sizes: Mapping[str, int]) -> tuple[Weight, ...]:
    users = {name: quantity for quantity in cell.equations for name in cell.weights_of(quantity)}
    return tuple(Weight(name, name[0], users[name], dims, size(dims, sizes)) for name, dims in cell.weights.items())


def _call(spec: LayerSpec) -> str:
    """The layer as one would write it in Python, with the options that were set."""
    parts: list[str] = []
    for option in shown_options(spec.kind.options):
        if option in spec.kind.hidden or option not in spec.options.model_fields_set:
            continue
        value = getattr(spec.options, option)
        if value == spec.kind.options.model_fields[option].default:
            continue
        shown = f'"{value}"' if isinstance(value, str) else repr(value)
        parts.append(shown if option == spec.kind.first else f"{option}={shown}")
    parts.sort(key=lambda part: "=" in part)
    return f"{spec.kind.name}({', '.join(parts)})"


def _misfit(spec: LayerSpec, name: str, misfit: ShapeMisfit, before: list[Layer], shape: Shape, source: str) -> Problem:
    """Both sides and the mend, at the layer that cannot be fed."""
    previous = before[-1] if before else None
    line = f" (line {previous.at.line})" if previous and previous.at else ""
    gives = "returns" if previous else "has shape"
    mend = misfit.mend
    if not mend and previous and previous.recurrent and not previous.returns_sequences and len(shape) == 1:
        mend = f"set return_sequences: true on {previous.name!r}"
    return Problem(f"{name!r} {misfit.needs}, but {source!r}{line} {gives} {show_shape(shape)}", spec.at, mend)
