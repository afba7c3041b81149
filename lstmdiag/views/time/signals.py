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
from lstmdiag.views.time.axes import ALONE, Axis, Column
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
    at: Column = ALONE  # else the step that the one value is of
    skipped: Column | None = None  # the step that a mask leaves out
    repeated: Column | None = None  # the step whose value it is there; None: zeros
    lane: Lane | None = None  # a recurrent one, whose public state it is

    def zero(self, column: Column) -> bool:
        """Whether zeros are handed up at this column."""
        return column == self.skipped and not self.repeated

    def on(self, column: Column) -> Column:
        """The step whose value goes up from this column."""
        return column if self.along and column is not ALONE else self.at

    def step(self, column: Column) -> str:
        """What stands below the symbol, on a wire from this column."""
        return self.repeated.symbol if self.repeated and column == self.skipped else self.on(column).symbol


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
            at = final_column(lane, axes[lane.axis])
            signals[lane.index, state] = Signal(state, lane.role(state), lane.states[state], lane.mark, at=at)
    return signals


def _output(lane: Lane, below: Sequence[Signal], axes: Sequence[Axis]) -> Signal:
    layer = lane.layer
    if layer and layer.innermost.copies and len(below) == 1 and (layer.output == layer.input or lane.kind == "repeat"):
        return below[0]  # the numbers it is given: a RepeatVector, a Dropout
    along, mark, shape = lane.along_time, lane.mark, lane.wire_shape
    if lane.folded:  # what a layer gives that is like the one below
        return replace(below[0], shape=shape, mark=mark if below[0].mark else "", along=along, lane=None)
    if lane.merges:
        return replace(below[0], shape=shape, mark=mark, along=along, at=ALONE, lane=None)
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
        self._courses = {  # what has one number of the unit at a step, and is no map: (steps,)
            name: signal[0, :, unit - 1]
            for name, signal in self._signals.items()
            if signal.ndim == 3 and unit <= signal.shape[2]
        }
        self._written: dict[tuple[int, str], list[Line]] = {}
        states = (f"{layer.name}.{state}" for layer in model.recurrent for state in layer.states)
        if values and not any(state in self._courses for state in states):
            raise UsageError(f"no layer of {model.name!r} has a number --unit {unit} that a wire can bear")

    def __bool__(self) -> bool:
        return bool(self._signals)

    def course(self, lane: Lane, state: str) -> list[Line]:
        """After every step, in the order in which the lane reads; empty where no single number of the unit is there."""
        if (lane.index, state) not in self._written:
            name = f"{lane.layer_name}.{state}"
            values = enumerate(self._courses.get(name, ()), 1)
            written: list[Line] = [
                (figure(f" = {decimals(float(value))}", of=Number(name, step, (self.unit,))),) for step, value in values
            ]
            self._written[lane.index, state] = written[::-1] if lane.reads_reversed else written
        return self._written[lane.index, state]

    def state(self, lane: Lane | None, state: str, step: int | None) -> Line:
        """After a step, from 1; None where steps are not known, or no lane has the state."""
        if lane is None or step is None or not self.course(lane, state):
            return ()
        return self.course(lane, state)[step - 1]

    def widest(self, lane: Lane, state: str) -> Line:
        """The one that needs the most room, whatever the last step is."""
        return max(self.course(lane, state), key=line_width, default=()) if state in lane.states else ()

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
        """The one that needs the most room."""
        if not (self._outputs and lane.along_time):
            return self.output(number, None)
        steps = range(1, self._outputs[number].shape[1] + 1)
        return max((self.output(number, step) for step in steps), key=line_width)
