"""What the user wrote, checked for form and placed; `model.resolve` gives it meaning.

bytes ─source→ text ─yaml_nodes→ nodes ─reader→ Spec
                        scalars            document, cells, layers, example: one file per section
                                           comparison: the spec that names other specs
                           checking: pydantic's findings, placed and worded
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lstmdiag.cells.cell import Cell
from lstmdiag.errors import LstmdiagError, Place, Problem
from lstmdiag.layers.kind import Kind, Options
from lstmdiag.layers.recurrent import StartOptions


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference as written: `encoder`, `encoder.h`, `b.forward.h`."""

    text: str
    at: Place


@dataclass(frozen=True)
class LayerSpec:
    """One layer as written: its kind, its checked options, where it stands."""

    kind: Kind
    options: Options
    at: Place  # of the kind's name
    option_at: Mapping[str, Place] = field(default_factory=dict)  # of each option's value
    readable: bool = True  # false only in SpecError.partial: what it makes of its input is not known
    use: str = ""  # the layer whose weights it uses again; its kind is then that layer's

    @property
    def sources(self) -> tuple[Ref, ...] | None:
        """What `from:` names; None where it is left out."""
        return self._references("from", self.options.from_)

    @property
    def initial_state(self) -> tuple[Ref, ...] | None:
        """What `initial_state:` names; None where it is left out."""
        return self._references("initial_state", self._start)

    @property
    def starts_as_one(self) -> bool:
        """Whether `initial_state:` is a single name, which may be that of a layer and mean all of its states."""
        return isinstance(self._start, str)

    @property
    def _start(self) -> Any:
        return self.options.initial_state if isinstance(self.options, StartOptions) else None

    def _references(self, option: str, given: Any) -> tuple[Ref, ...] | None:
        if given is None:
            return None
        if isinstance(given, str):
            return (Ref(given, self.option_at.get(option, self.at)),)
        return tuple(Ref(name, self.option_at.get(f"{option}.{i}", self.at)) for i, name in enumerate(given))

    @property
    def inner(self) -> LayerSpec | None:
        """The layer a wrapper was given."""
        return getattr(self.options, "layer", None) if self.kind.wraps else None


@dataclass(frozen=True)
class InputSpec:
    """`input:`, or one of `inputs:`."""

    name: str
    shape: tuple[int | None, ...]  # without the batch axis
    at: Place
    dtype: str = "float"
    batch: int | None = None
    steps: bool = False  # written with `steps:`, which says what its first axis is


@dataclass(frozen=True)
class Example:
    """`example:`, the numbers for the walk-through."""

    input: Any = None  # nested lists: steps × features; a mapping of them where there are several inputs
    weights: str | None = None
    seed: int | None = None
    at: Place | None = None  # of the weights' name, else of the word example


@dataclass(frozen=True)
class Spec:
    """A spec as it is written, checked for form; no shape is bound yet."""

    name: str  # the file's name without its ending; names pages and pictures
    path: str  # as shown in messages
    title: str
    summary: str  # Markdown
    inputs: tuple[InputSpec, ...]
    layers: tuple[LayerSpec, ...]
    cells: Mapping[str, Cell] = field(default_factory=dict)
    example: Example | None = None
    source: str = ""  # the YAML text
    outputs: tuple[Ref, ...] | None = None  # None: the last layer's
    group: str = ""  # the section of the navigation
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """A spec with `compare:`: models to look at side by side."""

    name: str
    path: str  # as shown in messages
    title: str
    summary: str  # Markdown
    at: Place  # of the word compare
    members: tuple[Ref, ...]  # paths relative to the spec
    views: tuple[str, ...] = ()  # empty: those in which the difference shows
    layer: Ref | None = None  # the layer that views of the inside open
    source: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()


class SpecError(LstmdiagError):
    """The spec cannot be read; `partial` holds what could, for the problems that only meaning shows."""

    def __init__(self, problems: Iterable[Problem], partial: Spec) -> None:
        super().__init__(problems)
        self.partial = partial
