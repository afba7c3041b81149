"""What each lane hands up: its name in the equations, also through a Dropout, and its number in a pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lstmdiag.diagrams import Line, Number
from lstmdiag.diagrams.text import figure, line_width
from lstmdiag.errors import UsageError
from lstmdiag.layer import Layer
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.views.numbers import decimals
from lstmdiag.views.time.axes import Axis, Column
from lstmdiag.views.time.lanes import Lane

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

PLACES = 3  # decimals
FEW = 2  # so many numbers of an output are all printed


@dataclass(frozen=True, slots=True)
class Signal:
    """The output of a lane, or the final value of a state."""

    symbol: str
    role: str
    shape: Shape  # on one wire
    mark: str = ""  # what stands above the symbol
    along: bool = False  # whether each column has a value of its own
    at: Column | None = None  # else the step that the one value is of; None: of no step
    skipped: Column | None = None  # the step that a mask leaves out
    repeated: Column | None = None  # the step whose value it is there; None: zeros
    lane: Lane | None = None  # a recurrent one, whose public state it is

    def zero(self, column: Column | None) -> bool:
        """Whether zeros are handed up at this column."""
        return column is not None and column == self.skipped and self.repeated is None

    def step(self, column: Column | None) -> str:
        """What stands below the symbol, of a wire from this column; None: of what stands alone."""
        at = self.at
        if self.along and column:
            at = self.repeated if column == self.skipped else column
        return at.symbol if at else ""


def skipped(lane: Lane, axis: Axis) -> Column | None:
    """The column that a mask makes a recurrent lane leave out: the one in which it reads the padding."""
    if not (lane.masked and axis.last.pad):
        return None
    return axis.first if lane.reads_reversed else axis.last


def final_column(lane: Lane, axis: Axis) -> Column:
    """The column after which the states of a recurrent lane are final."""
    if lane.leftwards:
        return axis.first
    return axis.real if skipped(lane, axis) == axis.last else axis.last


def signals_of(lanes: Sequence[Lane], axes: Sequence[Axis]) -> dict[tuple[int, str], Signal]:
    """By lane and state, "" for its output."""
    signals: dict[tuple[int, str], Signal] = {}
    for lane in lanes:
        below = [signals[source.lane, source.state] for source in lane.sources]
        signals[lane.index, ""] = _output(lane, below, axes)
        for state in lane.finals:
            role = "state.public" if state == lane.public else "state.private"
            at = final_column(lane, axes[lane.axis])
            signals[lane.index, state] = Signal(state, role, lane.states[state], lane.mark, at=at)
    return signals


def _output(lane: Lane, below: Sequence[Signal], axes: Sequence[Axis]) -> Signal:
    layer = lane.layer
    if layer and layer.innermost.copies and len(below) == 1 and (layer.output == layer.input or lane.kind == "repeat"):
        return below[0]  # the numbers it is given: a RepeatVector, a Dropout
    along, mark, shape = lane.along_time, lane.mark, lane.wire_shape
    if lane.merges:
        return replace(below[0], shape=shape, mark=mark, along=along, at=None, lane=None)
    if not lane.states:
        return Signal(lane.public, "input" if lane.kind == "input" else "output", shape, along=along)
    axis = axes[lane.axis]
    pad, at = skipped(lane, axis), final_column(lane, axis)
    repeated = (
        None if lane.direction or lane.reads_reversed else axis.real
    )  # before any real step there is nothing to repeat
    return Signal(
        lane.public, "state.public", shape, mark, along=along, at=at, skipped=pad, repeated=repeated, lane=lane
    )


class Numbers:
    """Each as it is printed, and which one of the pass it is; () where there is none. `unit` counts from 1.

    Raises UsageError where no layer has such a unit.
    """

    def __init__(self, model: Model, values: Values | None, unit: int) -> None:
        self.unit, self._model, self._values = unit, model, values
        self._signals = values.trace.signals if values else {}  # (batch, steps, units)
        self._outputs = values.trace.outputs if values else ()
        if values and not any(self._has(layer, state) for layer in model.recurrent for state in layer.states):
            raise UsageError(f"no layer of {model.name!r} has a number --unit {unit} that a wire can bear")

    def state(self, lane: Lane, state: str, step: int | None) -> Line:
        """After a step, from 1; None where steps are not known."""
        return () if step is None or not self._has(lane.layer, state) else self._at(lane, state, step)

    def widest(self, lane: Lane, state: str) -> Line:
        """The one that needs the most room, whatever the last step is."""
        if state not in lane.states or not self._has(lane.layer, state):
            return ()
        steps = self._signals[f"{lane.layer_name}.{state}"].shape[1]
        return max((self._at(lane, state, step) for step in range(1, steps + 1)), key=line_width)

    def of_unit(self, lane: Lane) -> bool | None:
        """Whether numbers of the unit stand on the wires of a recurrent lane; None where there are none at all."""
        return self._has(lane.layer, lane.public) if self._signals and lane.states else None

    @cached_property
    def read(self) -> Mapping[str, Sequence[Any]]:
        """Name of an input → what it is at every step: in the pass, or in the spec's example; no maps."""
        if self._signals:
            passed = {source.name: self._signals[source.name][0] for source in self._model.inputs}
            return {name: read.round(PLACES).tolist() for name, read in passed.items() if read.ndim < 3}
        example = self._model.example and self._model.example.input
        return {source.name: example for source in self._model.inputs} if isinstance(example, list) else {}

    def padded(self, layer: Layer) -> bool:
        """Whether a mask leaves the last step out: of the sample that was read, else of an example."""
        if self._values is None:
            return True
        from lstmdiag.running.step_values import masked

        return bool(layer.input[0]) and masked(self._values, layer, layer.input[0] or 0)

    def output(self, number: int, step: int | None) -> Line:
        """What the model gives out as this output, from 0: all of a few numbers, of many that of the unit.

        None: after the last step.
        """
        if not self._outputs:
            return ()
        out = self._outputs[number][0]
        row = (out[step - 1] if step else out).reshape(-1)
        if len(row) <= FEW:
            said = ", ".join(decimals(float(each)) for each in row)
            return (figure(said, of=Number(self._model.outputs[number], step)),)
        if self.unit > len(row):
            return ()
        of = Number(self._model.outputs[number], step, (self.unit,))
        return (figure(f"[{self.unit:,}] {decimals(float(row[self.unit - 1]))}", of=of),)

    def widest_output(self, number: int, lane: Lane) -> Line:
        steps = self._outputs[number].shape[1] if self._outputs and lane.along_time else 0
        return max((self.output(number, step) for step in [*range(1, steps + 1)] or [None]), key=line_width)

    def _has(self, layer: Layer | None, state: str) -> bool:
        """Whether there is one number of this unit, and not a map or nothing."""
        signal = self._signals.get(f"{layer.name}.{state}") if layer else None
        return signal is not None and signal.ndim == 3 and self.unit <= signal.shape[2]

    def _at(self, lane: Lane, state: str, step: int) -> Line:
        name = f"{lane.layer_name}.{state}"
        signal = self._signals[name]
        step = signal.shape[1] + 1 - step if lane.reads_reversed else step  # signals lie in the order of the input
        written = f" = {decimals(float(signal[0, step - 1, self.unit - 1]))}"
        return (figure(written, of=Number(name, step, (self.unit,))),)
