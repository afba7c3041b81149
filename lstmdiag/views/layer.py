"""One layer at one step, unit by unit: every input reaches every unit, and each unit's memory is its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, hypot
from typing import TYPE_CHECKING, Any

from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.diagrams import Diagram, Node, Point, Text
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.layer import Layer, cell_of
from lstmdiag.model import Model
from lstmdiag.readings.cells import gate_role
from lstmdiag.readings.elision import Gap, shown
from lstmdiag.readings.fan_in import FanIn, Source, fan_in
from lstmdiag.readings.layers import weights_in
from lstmdiag.views import layer_texts
from lstmdiag.views.elision import gap_label
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.unit_boxes import UnitBoxes, UnitNumbers, indexed, longest
from lstmdiag.views.words import id_of

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

UNITS_DRAWN, FEATURES_DRAWN = 4, 6
STATES = ("inputs", "fan-in", "inside", "output", "all units")

MARGIN, MARGIN_GAP = 260.0, 44.0  # the texts on the left: no wider; to the drawing
FAN, FAN_EACH = 150.0, 6.0  # height of the cables: at least, and more for each
RISE, PROJECTED = 46.0, 110.0  # from a unit to its output; to outputs that read every unit
BOX_GAP, INPUT_GAP, GROUP_GAP = 36.0, 16.0, 52.0
SQUARE = 38.0  # an input, at least
PORT_GAP, PORT_MARGIN = 22.0, 14.0  # between cables where they enter a unit; to its corners
CABLE = 15.0  # across a cable, with air
STUB = 18.0  # the straight end of a cable
WORD = (14.0, 10.0)  # of the label: into the box, and above its bottom
AIR = 8.0  # around the words in a circle


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """The layer at one step; the selected unit with all its cables, the others as context."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    unit, numbers = chosen_unit(layer, selection), UnitNumbers()
    if values:
        from lstmdiag.running.moment import moment

        units = tuple(unit for unit in shown(layer.units, UNITS_DRAWN, unit) if not isinstance(unit, Gap))
        numbers = UnitNumbers(units, moment(values, layer, selection.step))
    return _Drawing(layer, unit, fan_in(layer), numbers).diagram()


@dataclass(frozen=True, slots=True)
class _Slot:
    """One place in the row of inputs: a number, or a mark for those left out."""

    id: str
    label: Text
    role: str
    shape: str
    width: float
    strands: tuple[str, ...]  # the roles of the gates it reaches, one scalar weight each
    facts: Mapping[str, Any]  # of the node


class _Drawing:
    def __init__(self, layer: Layer, focus: int, fan: FanIn, numbers: UnitNumbers) -> None:
        cell = cell_of(layer)
        self.numbers = numbers
        self.layer, self.focus, self.fan, self.cell = layer, focus, fan, cell
        self.about = layer_texts.about(layer, fan, focus, numbers.step)
        self.columns = shown(layer.units, UNITS_DRAWN, focus)
        self.sheet = Sheet()
        self.boxes = UnitBoxes(self.sheet, layer, fan.private, numbers)
        self.length = layer.shape(cell.output)[-1]  # of the output
        public = self.cell.output
        widest = [indexed(public + PREVIOUS, unit) for unit in longest(layer.units)]
        if numbers.units:
            drawn = {*shown(self.length, UNITS_DRAWN, focus), *shown(self.length, UNITS_DRAWN)}
            widest = [
                self.numbers.label(n, i) for n in (public, public + PREVIOUS) for i in drawn if not isinstance(i, Gap)
            ]
        self.across = max(fitted(label, "circle")[0] for label in widest) + AIR  # an output, and one of the last step
        self.groups = [self._slots(source) for source in fan.sources] + ([[self._bias()]] if fan.biases else [])
        self.fan_high = FAN + FAN_EACH * sum(map(len, self.groups))
        self.bottom = 40 + self.fan_high  # of the units
        self.middle = self.bottom + self.boxes.height / 2
        rise = PROJECTED if fan.projection else RISE
        self.output = self.bottom + self.boxes.height + rise + self.across / 2

    def diagram(self) -> Diagram:
        texts = layer_texts.margin(self.about, MARGIN)
        inputs_wide = fsum(map(_row_width, self.groups)) + GROUP_GAP * (len(self.groups) - 1)
        columns_wide = fsum(map(self._column_width, self.columns)) + BOX_GAP * (len(self.columns) - 1)
        left = max(measure(label)[0] for label in texts.values()) + MARGIN_GAP
        middle = left + max(inputs_wide, columns_wide) / 2
        inputs = self._inputs(middle - inputs_wide / 2)
        boxes = self._units(middle - columns_wide / 2)
        self._wires(inputs, boxes)
        if self.fan.projection:
            self._projected(boxes, middle)
        heights = (self.output, self.middle, self.bottom - self.fan_high / 2, 0.0)
        for (id, label), y in zip(texts.items(), heights, strict=True):
            self.sheet.note(id, label, 0, y, anchor="left")
        return self.sheet.diagram(
            view="layer",
            **layer_texts.WORDS.captions(self.about),
            legend=layer_texts.legend(self.about, elided=any(node.count for _, node in inputs)),
            states=STATES,
            layer=self.layer.name,
            facts={
                "units": self.layer.units,
                "fan_in": self.fan.inputs,
                "drawn_inputs": sum(not node.count for _, node in inputs),
                "elided_inputs": sum(node.count for _, node in inputs),
                "weights_per_unit": self.fan.weights,
                "weights": weights_in(self.layer),
            },
        )

    def _since(self, state: str, unit: int) -> int:
        """The other units appear all at once, in the last state."""
        return STATES.index(state if unit == self.focus else "all units")

    # -- the row of inputs

    def _slots(self, source: Source) -> list[_Slot]:
        """The numbers of x, or of a state of the last step, all equally wide, and marks for those left out."""
        state = source.name != "x"
        role = self.cell.roles[source.name]
        shape = "box" if not state else "circle" if role == "state.public" else "slab"
        numbers = shown(source.size, UNITS_DRAWN if state else FEATURES_DRAWN, self.focus if state else 1)
        name = source.name + PREVIOUS * state
        labels = {n: self.numbers.label(name, n) for n in numbers if not isinstance(n, Gap)}
        width = self.across if shape == "circle" else max(fitted(label, shape)[0] for label in labels.values())
        strands = tuple(gate_role(self.cell, weight.quantity) for weight in source.weights)
        id = f"{id_of(source.name)}-prev" if state else "x"
        slots = []
        for n in numbers:
            facts: dict[str, Any] = {"symbol": source.name, "layer": self.layer.name if state else ""}
            if isinstance(n, Gap):
                label = gap_label(n)
                wide, facts["count"] = measure(label)[0], n.count
                slots.append(_Slot(f"{id}-after-{n.after}", label, "elision", "plain", wide, strands, facts))
            else:
                facts["unit"] = n if state else None
                slots.append(_Slot(f"{id}-{n}", labels[n], role, shape, width, strands, facts))
        return slots

    def _bias(self) -> _Slot:
        strands = tuple(gate_role(self.cell, weight.quantity) for weight in self.fan.biases)
        return _Slot("bias", text("1"), "weight", "dotted", SQUARE, strands, {"symbol": "b"})

    def _inputs(self, left: float) -> list[tuple[_Slot, Node]]:
        """Place the row, left to right, with a word under each group."""
        placed: list[tuple[_Slot, Node]] = []
        slots_high = [fitted(slot.label, slot.shape)[1] for slots in self.groups for slot in slots]
        high = max([self.across, *slots_high])
        for slots, word in zip(self.groups, layer_texts.input_words(self.about), strict=True):
            middle = left + _row_width(slots) / 2
            self.sheet.note(f"{slots[0].id}-word", word, middle, -high / 2 - 8 - measure(word)[1] / 2)
            for slot in slots:
                height = 0.0 if slot.shape == "plain" else SQUARE
                node = self.sheet.node(
                    slot.id, slot.label, slot.role, left + slot.width / 2, 0, width=slot.width, height=height,
                    shape=slot.shape, **slot.facts,
                )  # fmt: skip
                placed.append((slot, node))
                left += slot.width + INPUT_GAP
            left += GROUP_GAP - INPUT_GAP
        return placed

    # -- the units and their outputs

    def _column_width(self, column: int | Gap) -> float:
        if isinstance(column, Gap):
            return measure(self._gap_label(column))[0]
        return max(self.boxes.width, self.across)

    def _gap_label(self, gap: Gap) -> Text:
        """Between units; the first says the most, the legend says it of all."""
        drawn = [column for column in self.columns if not isinstance(column, Gap)]
        first = next(column for column in self.columns if isinstance(column, Gap))
        return gap_label(gap, (self.layer.units, len(drawn)) if gap is first else None)

    def _units(self, left: float) -> dict[int, Node]:
        """Boxes and outputs, column by column."""
        boxes: dict[int, Node] = {}
        for column in self.columns:
            width = self._column_width(column)
            x = left + width / 2
            left += width + BOX_GAP
            if isinstance(column, Gap):
                facts: dict[str, Any] = {"role": "elision", "count": column.count, "since": STATES.index("all units")}
                self.sheet.note(f"units-after-{column.after}", self._gap_label(column), x, self.middle, **facts)
                if not self.fan.projection:
                    self.sheet.note(f"outputs-after-{column.after}", gap_label(column), x, self.output, **facts)
            else:
                boxes[column] = self._unit(column, x)
        return boxes

    def _unit(self, unit: int, x: float) -> Node:
        box = self.boxes.draw(
            unit, x, self.middle, focus=unit == self.focus, since=self._since("fan-in", unit),
            inside_since=self._since("inside", unit),
            tip=layer_texts.WORDS.say("unit", self.about, unit=unit),
        )  # fmt: skip
        if not self.fan.projection:
            since = self._since("output", unit)
            facts: dict[str, Any] = {"symbol": self.cell.output, "unit": unit, "layer": self.layer.name, "since": since}
            self.sheet.edge(box, self._out(unit, x, since), "state.public", **facts)
        return box

    def _out(self, unit: int, x: float, since: int) -> Node:
        name = self.cell.output
        return self.sheet.node(
            f"{id_of(name)}-{unit}", self.numbers.label(name, unit), "state.public", x, self.output, width=self.across,
            shape="circle", symbol=name, unit=unit, layer=self.layer.name, since=since,
        )  # fmt: skip

    def _projected(self, boxes: Mapping[int, Node], middle: float) -> None:
        """Numbers of the output that each read every unit, one weight a line; the first one's lines stand out."""
        columns, since = shown(self.length, UNITS_DRAWN), STATES.index("output")
        step = self.across + 2 * BOX_GAP
        for index, column in enumerate(columns):
            x = middle + (index - (len(columns) - 1) / 2) * step
            if isinstance(column, Gap):
                facts: dict[str, Any] = {"role": "elision", "count": column.count, "since": STATES.index("all units")}
                self.sheet.note(f"outputs-after-{column.after}", gap_label(column), x, self.output, **facts)
                continue
            first = index == 0
            out = self._out(column, x, since if first else STATES.index("all units"))
            for box in boxes.values():
                look: dict[str, Any] = {
                    "arrow": first,
                    "mark": "" if first else "faded",
                    "since": STATES.index("all units"),
                }
                self.sheet.edge(
                    box, out, "op", start=_top(box), end=(x, out.y - out.height / 2), layer=self.layer.name,
                    symbol=self.fan.projection[0].name, **look,
                )  # fmt: skip

    # -- the wires

    def _wires(self, inputs: Sequence[tuple[_Slot, Node]], boxes: Mapping[int, Node]) -> None:
        """Every input to every unit: faint first, then the focus unit's cables over them."""
        step = min(PORT_GAP, (self.boxes.width - 2 * PORT_MARGIN) / max(len(inputs) - 1, 1))
        for unit in sorted(boxes, key=lambda unit: unit == self.focus):
            box = boxes[unit]
            first = box.x - step * (len(inputs) - 1) / 2
            ports = [(first + index * step, self.bottom) for index in range(len(inputs))]
            if unit == self.focus:
                self._cables(inputs, box, ports)
                continue
            for (slot, node), port in zip(inputs, ports, strict=True):
                self.sheet.edge(
                    node, box, slot.role, start=_top(node), end=port, mark="faded", arrow=False,
                    **self._wire(slot, node, unit),
                )  # fmt: skip

    def _wire(self, slot: _Slot, node: Node, unit: int) -> dict[str, Any]:
        return {
            "symbol": node.symbol,
            "layer": self.layer.name,
            "unit": unit,
            "count": len(slot.strands) * max(node.count, 1),
            "since": self._since("fan-in", unit),
        }

    def _cables(self, inputs: Sequence[tuple[_Slot, Node]], box: Node, ports: Sequence[Point]) -> None:
        """One cable for each input, a strand for each gate; the first says how many strands each has."""
        if not inputs:  # weights on the unit's own values alone
            return
        level = max(_top(node)[1] for _, node in inputs) + STUB / 2  # all turn here, or they would cross
        turns = _turns([(node.x, level) for _, node in inputs], ports)
        strands = self.fan.per_line or 1  # where cables differ, no word holds for all
        said = text(small(layer_texts.WORDS.say("per_line", self.about, strands=strands)))
        inset, above = WORD
        at = (box.x - box.width / 2 + inset + measure(said)[0] / 2, self.bottom + above)
        for index, (slot, node) in enumerate(inputs):
            port = ports[index]
            word = said if index == 0 and strands > 1 else ()
            self.sheet.edge(
                node, box, slot.role, start=_top(node), via=[(node.x, level), (port[0], turns[index])], end=port,
                strands=slot.strands, label=word, label_at=at if word else None, **self._wire(slot, node, self.focus),
            )  # fmt: skip


def _top(node: Node) -> Point:
    return node.x, node.y + node.height / 2


def _row_width(slots: Sequence[_Slot]) -> float:
    return fsum(slot.width for slot in slots) + INPUT_GAP * (len(slots) - 1)


def _turns(starts: Sequence[Point], ports: Sequence[Point]) -> list[float]:
    """For each cable the height at which it turns up into its port, so that flat ones keep their distance.

    Cables from the left turn lower one after the other, those from the right the other way round.
    """
    turns = [port[1] - STUB for port in ports]
    ways = list(enumerate(zip(starts, ports, strict=True)))
    from_left = [index for index, (start, port) in ways if start[0] < port[0]]
    from_right = [index for index, (start, port) in reversed(ways) if start[0] > port[0]]
    for side in (from_left, from_right):
        for before, index in pairwise(side):
            (x, y), (port, _) = starts[index], ports[index]
            slope = (turns[before] - y) / abs(port - x)
            step = abs(port - ports[before][0])
            turns[index] = min(turns[index], turns[before] - CABLE * hypot(1, slope) + slope * step)
    return turns
