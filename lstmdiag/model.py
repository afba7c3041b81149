"""The model: layers joined to a graph, every shape and every count a number. `binding` makes it from a Spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from lstmdiag.errors import Place
from lstmdiag.layer import Layer, RecurrentLayer, inside
from lstmdiag.layers.kind import Shape
from lstmdiag.spec import Example, InputSpec, Spec


@dataclass(frozen=True)
class ModelInput:
    """One of the tensors that the model reads, its shape without the batch axis."""

    name: str
    shape: Shape
    dtype: str = "float"
    batch: int | None = None
    at: Place | None = None
    steps: bool = False  # whether the spec calls its first axis steps

    @classmethod
    def of(cls, source: InputSpec) -> ModelInput:
        """As the spec has it."""
        return cls(source.name, source.shape, source.dtype, source.batch, source.at, source.steps)


@dataclass(frozen=True)
class Model:
    """Layers joined to a graph, every shape and count a number but for steps that are left open."""

    spec: Spec  # what it was made from
    inputs: tuple[ModelInput, ...]
    layers: tuple[Layer, ...]  # each after those it reads
    outputs: tuple[str, ...]  # references to what the model gives out

    @property
    def name(self) -> str:
        """Of the spec: the name of its file without the ending."""
        return self.spec.name

    @property
    def title(self) -> str:
        """As the spec has it, else the name."""
        return self.spec.title

    @property
    def summary(self) -> str:
        """Markdown; "" where the spec has none."""
        return self.spec.summary

    @property
    def example(self) -> Example | None:
        """The numbers that the spec gives for a walk-through."""
        return self.spec.example

    @property
    def source(self) -> str:
        """The text of the spec."""
        return self.spec.source

    @property
    def ingredients(self) -> tuple[str, ...]:
        """Everything a picture of it is made from."""
        return (self.name, self.source)

    @property
    def path(self) -> str:
        """Of the spec, as messages show it."""
        return self.spec.path

    @property
    def group(self) -> str:
        """The section of the navigation that it stands in, "" for none."""
        return self.spec.group

    @property
    def tags(self) -> tuple[str, ...]:
        """Words by which a site finds it."""
        return self.spec.tags

    @cached_property
    def params(self) -> int:
        """Numbers of all weights, those of shared layers once."""
        return sum(layer.params for layer in self.layers)

    @cached_property
    def frozen_params(self) -> int:
        """Those that training does not change."""
        return sum(layer.frozen_params for layer in self.layers)

    @cached_property
    def recurrent(self) -> tuple[RecurrentLayer, ...]:
        """Layers with states, each once: of a bidirectional layer the forward one, of shared ones the first."""
        every = (layer.innermost for layer in self.layers if not layer.shared)
        return tuple(layer for layer in every if isinstance(layer, RecurrentLayer))

    @cached_property
    def recurrent_numbers(self) -> Mapping[str, int]:
        """Name of each recurrent layer → which of them it is, counted from 1."""
        return {layer.name: number for number, layer in enumerate(self.recurrent, 1)}

    def layer(self, name: str) -> Layer:
        """`encoder`, or inside a wrapper `b.backward`. Raises KeyError."""
        return self._layers[name]

    @cached_property
    def chain(self) -> bool:
        """Whether every layer reads the one before it and nothing else, from one input to one output."""
        names = [*(source.name for source in self.inputs), *(layer.name for layer in self.layers)]
        return (
            len(self.inputs) == 1
            and [layer.inputs for layer in self.layers] == [(name,) for name in names[:-1]]
            and self.outputs == (names[-1],)
            and not any(layer.initial_state for layer in self.layers)
        )

    def shape(self, reference: str) -> Shape:
        """Of what a reference names. Raises KeyError."""
        return shape_of(*self.owner(reference))

    def is_state(self, reference: str) -> bool:
        """Whether it names a state of a layer, which has no steps. Raises KeyError."""
        owner, part = self.owner(reference)
        return isinstance(owner, Layer) and part in owner.states

    def owner(self, reference: str) -> tuple[ModelInput | Layer, str]:
        """The input or layer that a reference begins with, and the rest: (encoder, "h"). Raises KeyError."""
        return split(reference, self._named)

    @cached_property
    def _named(self) -> Mapping[str, ModelInput | Layer]:
        inputs: dict[str, ModelInput | Layer] = {source.name: source for source in self.inputs}
        return {**inputs, **{layer.name: layer for layer in self.layers}}

    @cached_property
    def _layers(self) -> Mapping[str, Layer]:
        """Every layer by name, those inside wrappers too."""
        every = (found for layer in self.layers for found in (layer, *inside(layer)))
        return {found.name: found for found in reversed([*every])}  # of a name given twice, the first

    @cached_property
    def read_as_steps(self) -> frozenset[str]:
        """The inputs and layers of which some layer takes the first axis for steps, through others that keep it."""
        found: set[str] = set()
        for layer in reversed(self.layers):
            keeps = len(layer.output) > 1 and layer.output[:1] == layer.input[:1] and not layer.moves
            if layer.reads_steps or (keeps and layer.name in found):
                found.update(self.owner(reference)[0].name for reference in layer.inputs)
        return frozenset(found)

    def has_time(self, source: ModelInput) -> bool:
        """Whether the first axis of an input is time: of tokens; else where the spec or a layer says steps.

        An image of rows × columns has the shape of a sequence, so a shape alone does not say it.
        """
        return source.dtype == "int" or source.steps or source.name in self.read_as_steps

    def runs_anew(self, layer: Layer) -> bool:
        """Whether a wrapper runs it from its start in each of the wrapper's steps."""
        return bool(layer.wrapped_by) and self.layer(layer.wrapped_by).backward is None

    def owner_of_weights(self, layer: Layer) -> str:
        """The name that its weights bear: its own, or that of the layer in its place in the one used before."""
        top = self.layer(layer.top)
        if not top.shared:
            return layer.name
        first = self.layer(top.shared)
        pairs = zip((top, *inside(top)), (first, *inside(first)), strict=True)
        return next(theirs.name for mine, theirs in pairs if mine.name == layer.name)

    def readers(self, name: str) -> tuple[Layer, ...]:
        """The layers that read an input or a layer, or a state of it, in any way."""
        return self._readers.get(name, ())

    @cached_property
    def _readers(self) -> Mapping[str, tuple[Layer, ...]]:
        found: dict[str, list[Layer]] = {}
        for layer in self.layers:
            read = (self.owner(reference)[0].name for reference in (*layer.inputs, *layer.initial_state))
            for name in dict.fromkeys(read):
                found.setdefault(name, []).append(layer)
        return {name: tuple(layers) for name, layers in found.items()}


T = TypeVar("T")


def split(reference: str, named: Mapping[str, T]) -> tuple[T, str]:
    """What a reference begins with, by the longest name that fits, and the rest. Raises KeyError."""
    name, rest = reference, ""
    while name not in named:
        if "." not in name:
            raise KeyError(reference)
        name, _, part = name.rpartition(".")
        rest = f"{part}.{rest}" if rest else part
    return named[name], rest


def shape_of(owner: ModelInput | Layer, part: str) -> Shape:
    """Of an input, of a layer's output, or of `part` of a layer: h; forward.h. Raises KeyError."""
    if isinstance(owner, ModelInput):
        return owner.shape
    return {**owner.states, **owner.parts}[part] if part else owner.output
