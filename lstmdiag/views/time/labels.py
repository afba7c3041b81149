"""What is written in the unrolled picture: beside the lanes, in the boxes, along the wires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from lstmdiag.diagrams import Line, Run, Text
from lstmdiag.diagrams.text import bold, clip, run_width, small, sup, text, wrap
from lstmdiag.layer import show_shape
from lstmdiag.layers.kind import Shape
from lstmdiag.views.time.axes import ALONE, Axis, Column
from lstmdiag.views.time.facts import WORDS, facts_of_lane
from lstmdiag.views.time.lanes import Lane, Source
from lstmdiag.views.time.signals import Numbers, Signal, final_column
from lstmdiag.views.time.spacing import ROOMY, Spacing

CALL_LINES = 4  # of a call with very many options
START = 90.0  # room for the name of what a state begins with
VALUES = 3  # of a step's features, before they are elided
BOX = 110.0  # room for a line in the box of a layer
MERGED = {"concat": (" ", " "), "sum": ("→ + ←",), "mul": ("→ × ←",), "ave": ("→ mean ←",)}
"""Mode of merging → lines in the box; room for the two halves."""


@dataclass(frozen=True)
class Labels:
    """Of a picture's lanes and wires, with the numbers of a pass where there are any."""

    lanes: Sequence[Lane]
    axes: Sequence[Axis]
    signals: dict[tuple[int, str], Signal]
    numbers: Numbers
    spacing: Spacing = ROOMY

    def axis(self, lane: Lane) -> Axis:
        return self.axes[lane.axis]

    @cached_property
    def _outputs(self) -> dict[int, int]:
        """Lane → which output of the model it is, from 0."""
        outputs = [lane.index for lane in self.lanes if lane.kind == "output"]
        return {index: number for number, index in enumerate(outputs)}

    @cached_property
    def facts(self) -> Sequence[Mapping[str, Any]]:
        """What the words need to know of each lane."""
        return [facts_of_lane(lane, marked=not self.spacing.bare) for lane in self.lanes]

    # Beside a lane

    def margin(self, lane: Lane, room: float) -> Text:
        """The words at the left, below the name: call, shapes, and the one set of weights."""
        layer = lane.layer
        if lane.folded:
            return text(
                *(
                    run
                    for line in WORDS.each("folded_words", self.facts[lane.index])
                    for run in wrap(line, room, "small")
                )
            )
        if layer is None:
            return text(small(show_shape(lane.gives)))
        given = " and ".join(map(show_shape, dict.fromkeys(layer.input_shapes)))
        shapes = wrap(f"{given} → {show_shape(layer.output)}", room, "small")
        call = wrap(layer.call, room, "small")[:CALL_LINES]
        facts = self.facts[lane.index]
        remarks = [*WORDS.each("set_of_weights", facts), *WORDS.each("remarks", facts)]
        if self.numbers and lane.states:
            of_unit = bool(self.numbers.course(lane, lane.public))
            remarks.append(WORDS.say("numbers", of_unit=of_unit, unit=self.numbers.unit, units=layer.units))
        return text(*call, *shapes, *(run for remark in remarks for run in wrap(remark, room, "muted")))

    # In the boxes

    def node(self, lane: Lane, column: Column) -> Text:
        """The symbol of an input or an output, with its number; the name of a layer."""
        if lane.kind == "input":
            return self._value(lane, column)
        if lane.kind == "output":
            return self._result(lane, column)
        if lane.reads_reversed:  # also what it reads: another step than the column's
            read = self.signals[lane.sources[0].lane, lane.sources[0].state]
            name = self.name(read, self.axis(lane).mirrored(column), "small")
            return (*self.boxes[lane.index], (small(WORDS.say("reads")), *name))
        return self.boxes[lane.index]

    @cached_property
    def boxes(self) -> Sequence[Text]:
        """On the nodes of each lane that is a layer: its name, in two lines where it is long."""
        return [self._box(lane) for lane in self.lanes]

    def _box(self, lane: Lane) -> Text:
        if lane.folded:
            return text("⋯", small(WORDS.say("folded_box", self.facts[lane.index])))
        if lane.layer is None:
            return ()
        name = lane.direction or lane.name
        named = text(*(bold(clip(line, BOX, "bold")) for line in _halves(name)))
        if self.spacing.bare:
            named = text(*wrap(name, self.spacing.name, "small"))
        if not lane.merges and self.spacing.bare:
            return named
        if not lane.merges:
            return named + lines(WORDS.say("box", self.facts[lane.index]), "small")
        return named + text(*map(small, MERGED[lane.layer.options.merge_mode]))

    def tip(self, lane: Lane, column: Column) -> str:
        """What a node is, in words."""
        return WORDS.say("tip", self.facts[lane.index], step=column.symbol)

    def largest(self, lane: Lane) -> Text:
        """The label for which a lane's boxes have room from the start; that of a value makes its own grow."""
        if lane.kind == "output":
            return _above(symbol("y"), self.numbers.widest_output(self._outputs[lane.index], lane))
        return self.boxes[lane.index]

    def _value(self, lane: Lane, column: Column) -> Text:
        """x_1 = 70, where a pass or the spec's example has a number; of several features a tuple, elided."""
        name = symbol("x", column.symbol)
        if column.pad and lane.pads:
            return ((*name, small(f" {WORDS.say('pad')}")),)
        read = self.numbers.read.get(lane.name, ())
        if column.step is None or column.step > len(read):
            return (name,)
        return ((*name, Run(f" = {_number(read[column.step - 1])}")),)

    def _result(self, lane: Lane, column: Column) -> Text:
        """y_2, or y_2 = h_2 where a state is what the model returns; a number under it."""
        signal = self.signals[lane.sources[0].lane, lane.sources[0].state]
        name = symbol("y", column.symbol)
        if signal.symbol != "y":
            name = (*name, Run(" = "), *self.name(signal, column))
        return _above(name, self.numbers.output(self._outputs[lane.index], column.step))

    # On the wires

    def name(self, signal: Signal, column: Column, style: Literal["", "small"] = "") -> Line:
        if signal.zero(column):
            return symbol("0", style=style)
        return symbol(signal.symbol, signal.step(column), style, self._mark(signal.mark))

    def half(self, signal: Signal, column: Column) -> Text:
        """On what joins two directions: which half it is, at whatever step."""
        if signal.zero(column):
            return (self.name(signal, column, "small"),)
        return (symbol(signal.symbol, "", "small", signal.mark),)

    def half_of(self, source: Source) -> Text:
        """The same of a source, as wide as it becomes."""
        signal = self.signals[source.lane, source.state]
        return (symbol(signal.symbol, "", "small", signal.mark),)

    def wire(self, signal: Signal, column: Column) -> Text:
        """What a wire says that goes up from this column."""
        if signal.zero(column):
            return carried("0", "", self._shape(signal.shape))
        number = self.numbers.state(signal.lane, signal.symbol, signal.on(column).step)
        return carried(signal.symbol, signal.step(column), self._shape(signal.shape), self._mark(signal.mark), number)

    def widest_wire(self, lane: Lane, state: str, shape: Shape) -> Text:
        return carried(state, "T−1", self._shape(shape), self._mark(lane.mark), self.numbers.widest(lane, state))

    def widest_rail(self, lane: Lane, state: str, shape: Shape) -> Text:
        return self.rail(lane, state, "T−1", shape, self.numbers.widest(lane, state))

    def rail(self, lane: Lane, state: str, step: str, shape: Shape, number: Line) -> Text:
        """On the piece of a state's rail after a step."""
        if self.spacing.bare:  # the columns tell the step, the lane the layer
            return carried(state, "", (), "", number)
        return carried(state, step, self._shape(shape), lane.mark, number)

    def _shape(self, shape: Shape) -> Shape:
        return shape if self.spacing.shapes else ()

    def _mark(self, mark: str) -> str:
        """Which layer's a state is, where there is room for it; else the lane says it."""
        return "" if self.spacing.bare else mark

    def begin(self, lane: Lane, state: str) -> Text:
        """The state before the first step: c_0 = 0; what a stateful layer kept; h_0 = h_5 of another layer."""
        own = symbol(state, before_first(lane, self.axis(lane)), "small", lane.mark)
        source = next((source for source in lane.starts if source.start == state), None)
        if self.spacing.bare:
            return () if source else text(small(WORDS.say("start_alone", self.facts[lane.index])))
        if source is None:
            return ((*own, small(f" {WORDS.say('start', self.facts[lane.index])}")),)
        return ((*own, small(" = "), *self._giver(source)),)

    def _giver(self, source: Source) -> Line:
        if not source.state:
            return (small(clip(self.lanes[source.lane].name, START, "small")),)
        return self.name(self.signals[source.lane, source.state], ALONE, "small")

    def final(self, lane: Lane, state: str) -> Text:
        """The state after the last step."""
        at = final_column(lane, self.axis(lane))
        return _final(lane, state, at, self.numbers.state(lane, state, at.step))

    def widest_final(self, lane: Lane, state: str) -> Text:
        return _final(lane, state, final_column(lane, self.axis(lane)), self.numbers.widest(lane, state))

    def final_note(self, lane: Lane) -> Text:
        """What becomes of the final states; nothing where wires show it."""
        return lines(WORDS.say("final_note", self.facts[lane.index]), "muted") if self.spacing.shapes else ()

    # Of a column

    def gap(self, lane: Lane, column: Column) -> Text:
        """In a lane: how many steps are left out."""
        return text("⋯", small(WORDS.say("more", self.axis(lane), column=column)))


def head(column: Column, axis: Axis, spacing: Spacing = ROOMY) -> Text:
    """Below a column: its step; below a gap how many are left out, and that they are wired like those drawn."""
    if spacing.bare and column.gap:
        return text(small(WORDS.say("more", axis, column=column)))
    return lines(WORDS.say("more_steps", axis, column=column) if column.gap else column.head, "small")


def lines(words: str, style: str) -> Text:
    """Words of one or more lines; none of no words."""
    return text(*(Run(line, style) for line in words.splitlines()))


def title(lane: Lane, room: float) -> Text:
    return text(bold(clip(lane.name, room, "bold")))


def _halves(name: str) -> list[str]:
    """A long name broken at the underscore nearest its middle."""
    breaks = [i + 1 for i, char in enumerate(name) if char in "_- "]
    if not breaks or run_width(bold(name)) <= BOX * 0.75:
        return [name]
    middle = min(breaks, key=lambda i: abs(i - len(name) / 2))
    return [name[:middle], name[middle:]]


def symbol(name: str, step: str = "", style: Literal["", "small"] = "", mark: str = "") -> Line:
    """h with its step below and, where there are several, its layer above: h^[1]_3."""
    runs = (Run(name, style), sup(mark), Run(step, f"{style}sub"))
    return tuple(run for run in runs if run.text)


def carried(name: str, step: str, shape: Shape, mark: str = "", number: Line = ()) -> Text:
    """c_2 (100,); of a single number the name alone; with a number c_2 = 0.079."""
    behind = number or (small(f" {show_shape(shape)}" if shape else ""),)
    return ((*symbol(name, step, "small", mark), *behind),)


def before_first(lane: Lane, axis: Axis) -> str:
    """0; of a layer that reads from the right, T + 1."""
    if not lane.leftwards:
        return "0"
    return "T+1" if axis.steps is None or axis.last.symbol == "T" else f"{axis.steps + 1}"


def _final(lane: Lane, state: str, at: Column, number: Line) -> Text:
    return ((*symbol(state, at.symbol, "small", lane.mark), *number),)


def _above(name: Line, number: Line) -> Text:
    return tuple(line for line in (name, number) if line)


def _number(given: object) -> str:
    if not isinstance(given, list):
        return (f"{given:.6g}" if isinstance(given, float) else str(given)).replace("-", "−")
    parts = [_number(part) for part in (given if len(given) <= VALUES else [*given[:2], given[-1]])]
    if len(given) > VALUES:
        parts.insert(2, "…")
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
