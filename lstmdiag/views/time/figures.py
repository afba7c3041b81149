"""The numbers of a pass on the unrolled picture: of one unit, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.errors import UsageError
from lstmdiag.model import Layer
from lstmdiag.views.numbers import decimals
from lstmdiag.views.selection import Selection
from lstmdiag.views.time.axes import Column
from lstmdiag.views.time.lanes import Lane
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WORDS = Words("time")
PLACES = 3  # decimals
FEW = 2  # so many numbers of an output are all printed


@dataclass(frozen=True)
class Figures:
    """`unit` counts from 1."""

    values: Values
    unit: int

    def state(self, lane: Lane, state: str, column: Column | None) -> str:
        """` = 0.079` after the step of a column; nothing where a lane has no such unit."""
        if column is None or column.step is None:
            return ""
        return self._at(lane, state, column.step)

    def _at(self, lane: Lane, state: str, step: int) -> str:
        layer = lane.layer
        if layer is None or not self.has(layer, state):
            return ""
        found = self.values.trace.signals[f"{layer.name}.{state}"]
        step = found.shape[1] + 1 - step if lane.turned else step  # signals lie in the order of the input
        return f" = {decimals(float(found[0, step - 1, self.unit - 1]))}"

    def has(self, layer: Layer, state: str) -> bool:
        """Whether there is one number of this unit, and not a map or nothing."""
        found = self.values.trace.signals.get(f"{layer.name}.{state}")
        return found is not None and found.ndim == 3 and self.unit <= found.shape[2]

    def widest(self, lane: Lane, state: str) -> str:
        """The number that needs the most room, whatever the last step is."""
        layer = lane.layer
        if layer is None or not self.has(layer, state):
            return ""
        steps = self.values.trace.signals[f"{layer.name}.{state}"].shape[1]
        return max((self._at(lane, state, step) for step in range(1, steps + 1)), key=_wide)

    def read(self, lane: Lane) -> list[Any]:
        """What an input is at every step; nothing where that is a map."""
        found = self.values.trace.signals[lane.name][0]
        return found.round(PLACES).tolist() if found.ndim < 3 else []

    def pads(self, lane: Lane) -> bool:
        """Whether a mask leaves the last step of the sample out."""
        from lstmdiag.running.moment import masked

        layer = lane.layer
        return layer is not None and bool(layer.input[0]) and masked(self.values, layer, layer.input[0] or 0)

    def output(self, number: int, column: Column | None) -> str:
        """What the model gives out as this output, from 0: all of a few numbers, of many that of the unit.

        None: after the last step.
        """
        found = self.values.trace.outputs[number][0]
        numbers = (found[column.step - 1] if column and column.step else found).reshape(-1)
        if len(numbers) <= FEW:
            return ", ".join(decimals(float(each)) for each in numbers)
        return f"[{self.unit:,}] {decimals(float(numbers[self.unit - 1]))}" if self.unit <= len(numbers) else ""

    def widest_output(self, number: int, lane: Lane) -> str:
        steps = self.values.trace.outputs[number].shape[1] if lane.along_time else 0
        columns: list[Column | None] = [Column("", "", "", step) for step in range(1, steps + 1)]
        return max((self.output(number, column) for column in columns or [None]), key=_wide)

    def remark(self, lane: Lane) -> str:
        """Beside a lane: whose numbers stand on its wires."""
        layer = lane.layer
        if layer is None or lane.kind != "recurrent":
            return ""
        phrase = "numbers" if self.has(layer, lane.public) else "no_numbers"
        return WORDS.say(phrase, unit=self.unit, units=layer.units)


def _wide(number: str) -> float:
    return measure(text(small(number)))[0]


def figures_of(values: Values, selection: Selection) -> Figures:
    """Raises UsageError where no layer has such a unit, or no input such a step."""
    found = Figures(values, selection.unit)
    if not any(found.has(layer, state) for layer in values.model.recurrent for state in layer.states):
        raise UsageError(f"no layer of {values.model.name!r} has a number --unit {selection.unit} that a wire can bear")
    return found
