"""A lane of the unrolled picture: what it reads and hands up, and what becomes of its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from lstmdiag.layer import Layer, Weight
from lstmdiag.layers.kind import Shape

Kind = Literal["input", "recurrent", "layer", "repeat", "folded", "output"]
Pattern = Literal["each", "reversed", "one", "all", "window"]
"""Which steps of a source one step of the reader reads: its own, that as far from the end, a value alone, all, some."""


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that a lane reads."""

    lane: int  # the index of the lane that gives it
    state: str = ""  # the final value of this state; "": its output
    reads: Pattern = "each"
    start: str = ""  # the state of the reader that begins with it; "": an input


@dataclass(frozen=True)
class Lane:
    """One row of the picture: a layer, one direction of a layer, an input or an output."""

    kind: Kind
    index: int
    name: str
    layer: Layer | None
    gives: Shape
    axis: int  # of its nodes, -1 before any
    before: int  # the axis at whose end a box stands alone: its own, or of kind `repeat` the one before
    along_time: bool  # whether it hands up one value per step
    public: str = "y"  # the symbol of what it hands up: h of a recurrent layer, x of the input, y of any other
    sources: tuple[Source, ...] = ()
    states: Mapping[str, Shape] = field(default_factory=dict)  # the first is public, the others are private
    starts: tuple[Source, ...] = ()  # of its states, one for each; none: zeros
    pills: tuple[tuple[str, int | None], ...] = ()  # letter and size of each axis that it makes
    mark: str = ""  # above its states' symbols: which of several recurrent layers, which direction
    weights: tuple[Weight, ...] = ()
    shared: str = ""  # the layer whose weights it uses again
    direction: str = ""  # forward or backward, of a bidirectional layer
    merges: bool = False  # whether it joins the two directions of a bidirectional layer
    read: frozenset[str] = frozenset()  # the states whose final values another lane reads
    pads: bool = False  # an input whose padded steps the layer above finds
    folded: tuple[Layer, ...] = ()  # the equal layers that it stands for
    padded: bool = True  # whether the sample that is drawn ends in padding, if there is a mask

    def role(self, state: str) -> str:
        """The role of one of its states."""
        return "state.public" if state == self.public else "state.private"

    @property
    def layer_name(self) -> str:
        return self.layer.name if self.layer else ""

    @property
    def alone(self) -> bool:
        """Whether it is one box, and not one at every step."""
        return self.kind == "repeat" or not (self.along_time or self.states)

    @property
    def weighs(self) -> int:
        """The weights of the layers that it stands for, if it is folded."""
        return sum(layer.params for layer in self.folded)

    @property
    def wire_shape(self) -> Shape:
        """The shape on one wire upwards."""
        return self.gives[1:] if self.along_time else self.gives

    @property
    def unreturned(self) -> bool:
        """Whether h is computed at every step and only the last one leaves."""
        return self.kind == "recurrent" and not self.along_time

    @property
    def leftwards(self) -> bool:
        return self.direction == "backward"

    @property
    def ahead(self) -> int:
        """1 where time runs right in it, -1 where it runs left: the step of a slice in the order in which it reads."""
        return -1 if self.leftwards else 1

    @property
    def reads_reversed(self) -> bool:
        """Whether its column t reads another step than t."""
        return any(source.reads == "reversed" for source in self.sources)

    @property
    def masked(self) -> bool:
        """Whether it carries its states over padded steps."""
        return self.kind == "recurrent" and self.layer is not None and self.layer.masked and self.padded

    @cached_property
    def finals(self) -> list[str]:
        """States whose final value is drawn."""
        return [state for state in self.states if state != self.public or self.returns(state)]

    @property
    def returns_all(self) -> bool:
        """Whether all final states go somewhere: to the caller, or into the next batch."""
        return self.option("stateful") or self.option("return_state")

    def returns(self, state: str) -> bool:
        return self.returns_all or state in self.read

    @property
    def note_beside(self) -> bool:
        """Whether what becomes of a final state stands beside it, as another one that goes on is below."""
        returned = [self.returns(state) for state in self.finals]
        return any(returned) and not all(returned)

    def stands_on(self, axis: int) -> bool:
        return axis in (self.axis, self.before)

    def option(self, name: str) -> bool:
        return bool(self.layer and getattr(self.layer.options, name, False))
