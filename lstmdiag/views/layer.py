"""One layer at one step, unit by unit: every input reaches every unit, and each unit's memory is its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

from lstmdiag.cells.expr import ACTIVATIONS
from lstmdiag.diagrams import Diagram, Node, Point, Text
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import bold, measure, small, sub, text
from lstmdiag.model import Layer, Model
from lstmdiag.views import layer_texts
from lstmdiag.views.elision import Gap, gap_label, shown
from lstmdiag.views.fan_in import FanIn, Source, fan_in
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit

UNITS_DRAWN, FEATURES_DRAWN = 4, 6
STATES = ("inputs", "fan-in", "inside", "output", "all units")

MARGIN = 260.0  # the texts on the left are no wider
FAN, FAN_EACH = 150.0, 6.0  # height of the cables: at least, and more for each
RISE = 46.0  # from a unit to its output
BOX_GAP, INPUT_GAP, GROUP_GAP, GATE_GAP, PAD = 36.0, 16.0, 52.0, 8.0, 14.0
SQUARE = 38.0  # an input, at least
STRIP = 12.0  # under the gates, for the word at the cables
CABLE, CABLE_WIDE = 22.0, 15.0  # from one cable to the next where they enter a unit; across one of them
STUB = 18.0  # the straight ends of a cable
LOOP = 14.0  # how far the loop of a private state stands off


def view(model: Model, selection: Selection) -> Diagram:
    """The layer at one step; the selected unit with all its cables, the others as context."""
    layer = chosen_layer(model, selection)
    focus = chosen_unit(layer, selection)
    return _Drawing(layer, focus, fan_in(layer)).diagram()


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
    def __init__(self, layer: Layer, focus: int, fan: FanIn) -> None:
        assert layer.cell is not None
        self.layer, self.focus, self.fan, self.cell = layer, focus, fan, layer.cell
        self.gates = layer.cell.gates()
        self.columns = shown(layer.units, UNITS_DRAWN, focus)
        self.sheet = Sheet()

    def diagram(self) -> Diagram:
        groups = [self._slots(source) for source in self.fan.sources]
        if self.fan.biases:
            groups.append([self._bias()])
        widths = [sum(slot.width for slot in slots) + INPUT_GAP * (len(slots) - 1) for slots in groups]
        inputs_width = sum(widths) + GROUP_GAP * (len(groups) - 1)
        self.fan_high = FAN + FAN_EACH * sum(map(len, groups))
        self._measure_boxes()
        columns_width = sum(map(self._column_width, self.columns)) + BOX_GAP * (len(self.columns) - 1)
        texts = layer_texts.margin(self.layer, self.fan, MARGIN)
        middle = max(measure(label)[0] for _, label in texts) + 44 + max(inputs_width, columns_width) / 2

        inputs = self._inputs(groups, middle - inputs_width / 2)
        boxes = self._units(middle - columns_width / 2)
        self._wires(inputs, boxes)
        for (id, label), y in zip(texts, (self.out_y, boxes[self.focus].y, self.bottom - self.fan_high / 2, 0.0), strict=True):
            self.sheet.note(id, label, 0, y, anchor="left")
        facts = {
            "units": self.layer.units,
            "fan_in": self.fan.inputs,
            "drawn_inputs": sum(not n.count for _, n in inputs),
            "elided_inputs": sum(n.count for _, n in inputs),
            "weights_per_unit": self.fan.weights,
            "weights": self.layer.params,
        }
        return self.sheet.diagram(
            view="layer",
            title=layer_texts.title(self.layer),
            claim=layer_texts.claim(self.layer, self.fan),
            reading=layer_texts.reading(self.layer, self.fan, self.focus),
            legend=layer_texts.legend(self.layer, self.fan),
            description=layer_texts.description(self.layer, self.fan, self.focus),
            states=STATES,
            layer=self.layer.name,
            facts=facts,
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
        labels = {n: _indexed(source.name, "t−1" if state else "t", n) for n in numbers if not isinstance(n, Gap)}
        width = max(fitted(label, shape)[0] for label in labels.values())
        strands = tuple(self._gate_role(w.quantity) for w in source.weights)
        id = f"{source.name}-prev" if state else "x"
        slots = []
        for n in numbers:
            facts: dict[str, Any] = {"symbol": source.name, "layer": self.layer.name if state else ""}
            if isinstance(n, Gap):
                label = gap_label(n, source.size, len(labels), narrow=True)
                facts |= {"count": n.count}
                slot = _Slot(f"{id}-after-{n.after}", label, "elision", "plain", measure(label)[0], strands, facts)
            else:
                facts |= {"unit": n} if state else {}
                slot = _Slot(f"{id}-{n}", labels[n], role, shape, width, strands, facts)
            slots.append(slot)
        return slots

    def _bias(self) -> _Slot:
        strands = tuple(self._gate_role(w.quantity) for w in self.fan.biases)
        return _Slot("bias", text("1"), "weight", "dotted", SQUARE, strands, {"symbol": "b"})

    def _inputs(self, groups: list[list[_Slot]], left: float) -> list[tuple[_Slot, Node]]:
        """Place the row, left to right, with a word under each group."""
        placed: list[tuple[_Slot, Node]] = []
        high = max(fitted(slot.label, slot.shape)[1] for slots in groups for slot in slots)
        words = layer_texts.input_words(self.layer, self.fan)
        for slots, word in zip(groups, words, strict=True):
            start = left
            for slot in slots:
                x = left + slot.width / 2
                size = {} if slot.shape == "plain" else {"width": slot.width, "height": SQUARE}
                node = self.sheet.node(slot.id, slot.label, slot.role, x, 0, shape=slot.shape, **size, **slot.facts)
                placed.append((slot, node))
                left += slot.width + INPUT_GAP
            middle = (start + left - INPUT_GAP) / 2
            self.sheet.note(f"{slots[0].id}-word", word, middle, -high / 2 - 8 - measure(word)[1] / 2)
            left += GROUP_GAP - INPUT_GAP
        return placed

    # -- the units

    def _measure_boxes(self) -> None:
        last = self.layer.units
        gates = [fitted(self._gate_label(gate), self._gate_shape(gate)) for gate in self.gates]
        self.gate_high = max(high for _, high in gates)
        self.gate_row = sum(wide for wide, _ in gates) + GATE_GAP * (len(gates) - 1)
        slabs = [fitted(_indexed(state, "t", last), "slab") for state in self.fan.private]
        slab_row = sum(wide + 2 * LOOP + GATE_GAP for wide, _ in slabs)
        name, name_high = measure(text(bold(f"unit {last:,}")))
        self.box_width = max(150.0, self.gate_row, slab_row, name) + 2 * PAD
        self.slab_high = max((high for _, high in slabs), default=0.0)
        states = self.slab_high + LOOP + PAD if slabs else 0.0
        self.box_height = name_high + states + self.gate_high + STRIP + 3 * PAD
        self.bottom = 40 + self.fan_high

    def _column_width(self, column: int | Gap) -> float:
        if isinstance(column, Gap):
            return measure(self._gap_label(column))[0]
        return max(self.box_width, fitted(_indexed(self.cell.output, "t", self.layer.units), "circle")[0])

    def _gap_label(self, gap: Gap) -> Text:
        return gap_label(gap, self.layer.units, sum(not isinstance(c, Gap) for c in self.columns))

    def _units(self, left: float) -> dict[int, Node]:
        """Boxes and outputs, column by column."""
        boxes: dict[int, Node] = {}
        middle, top = self.bottom + self.box_height / 2, self.bottom + self.box_height
        across = fitted(_indexed(self.cell.output, "t", self.layer.units), "circle")[0]
        self.out_y = top + RISE + across / 2
        for column in self.columns:
            width = self._column_width(column)
            x = left + width / 2
            left += width + BOX_GAP
            if isinstance(column, Gap):
                facts: dict[str, Any] = {"count": column.count, "since": STATES.index("all units")}
                label = self._gap_label(column)
                self.sheet.note(f"units-after-{column.after}", label, x, middle, role="elision", symbol="", **facts)
                self.sheet.note(f"outputs-after-{column.after}", label, x, self.out_y, role="elision", **facts)
                continue
            boxes[column] = box = self._unit(column, x, middle)
            out = self.sheet.node(
                f"{self.cell.output}-{column}", _indexed(self.cell.output, "t", column), "state.public", x, self.out_y,
                width=across, shape="circle", symbol=self.cell.output, unit=column, layer=self.layer.name,
                since=self._since("output", column),
            )  # fmt: skip
            self.sheet.edge(
                box, out, "state.public", symbol=self.cell.output, unit=column, layer=self.layer.name,
                since=self._since("output", column),
            )  # fmt: skip
        return boxes

    def _unit(self, unit: int, x: float, y: float) -> Node:
        """The box of one unit: its name, its private states with their loops, its gates."""
        own: dict[str, Any] = {"unit": unit, "layer": self.layer.name}
        box = self.sheet.node(
            f"unit-{unit}", (), "unit", x, y, width=self.box_width, height=self.box_height, shape="round",
            mark="focus" if unit == self.focus else "", since=self._since("fan-in", unit), **own,
            tip=f"unit {unit:,}: {self.fan.derivation()} = {self.fan.weights:,} weights",
        )  # fmt: skip
        top = y + self.box_height / 2
        name = text(bold(f"unit {unit:,}"))
        high = measure(name)[1]
        self.sheet.note(
            f"unit-{unit}-name", name, x - self.box_width / 2 + PAD, top - PAD - high / 2, anchor="left",
            inside=box.id, since=self._since("fan-in", unit), **own,
        )  # fmt: skip
        own |= {"inside": box.id, "since": self._since("inside", unit)}
        left = x - self.gate_row / 2
        for gate in self.gates:
            label, shape = self._gate_label(gate), self._gate_shape(gate)
            width = fitted(label, shape)[0]
            at = (left + width / 2, y - self.box_height / 2 + STRIP + PAD + self.gate_high / 2)
            role = self._gate_role(gate)
            self.sheet.node(f"unit-{unit}-{gate}", label, role, *at, shape=shape, symbol=gate, **own)
            left += width + GATE_GAP
        slabs = [(state, _indexed(state, "t", unit)) for state in self.fan.private]
        widths = [fitted(label, "slab")[0] + 2 * LOOP + GATE_GAP for _, label in slabs]
        left = x - sum(widths) / 2
        for (state, label), width in zip(slabs, widths, strict=True):
            at = (left + width / 2, top - 2 * PAD - high - LOOP - self.slab_high / 2)
            slab = self.sheet.node(f"unit-{unit}-{state}", label, "state.private", *at, shape="slab", symbol=state, **own)
            self._loop(slab, state, unit)
            left += width
        return box

    def _loop(self, slab: Node, state: str, unit: int) -> None:
        """From the state round to itself: what the unit keeps until the next step."""
        right, left = slab.x + slab.width / 2, slab.x - slab.width / 2
        over = slab.y + slab.height / 2 + LOOP * 0.75
        self.sheet.edge(
            slab, slab, "state.private", id=f"unit-{unit}-{state}-loop", symbol=state, unit=unit,
            start=(right, slab.y), via=[(right + LOOP, slab.y), (right + LOOP, over), (left - LOOP, over), (left - LOOP, slab.y)],
            end=(left, slab.y), layer=self.layer.name, since=self._since("inside", unit),
        )  # fmt: skip

    def _gate_label(self, gate: str) -> Text:
        """Its letter; a state that is computed straight from the inputs shows its function."""
        if gate in self.cell.state and self.cell.equations[gate].op in ACTIVATIONS:
            return text(self.cell.equations[gate].op)
        return text(bold(gate))

    def _gate_role(self, gate: str) -> str:
        return "gate.content" if gate in self.cell.state else self.cell.roles[gate]

    def _gate_shape(self, gate: str) -> str:
        return "round" if gate in self.cell.state else "diamond" if self._gate_role(gate) == "gate.content" else "circle"

    # -- the wires

    def _wires(self, inputs: Sequence[tuple[_Slot, Node]], boxes: dict[int, Node]) -> None:
        """Every input to every unit: faint first, then the focus unit's cables over them."""
        tops = [(node.x, node.y + node.height / 2) for _, node in inputs]
        level = max(top for _, top in tops) + STUB / 2  # all cables set out sideways here, or they would cross
        room = self.box_width - 2 * PAD
        step = min(CABLE, room / max(len(inputs) - 1, 1))
        for unit in sorted(boxes, key=lambda unit: unit == self.focus):
            box, focus = boxes[unit], unit == self.focus
            first = box.x - step * (len(inputs) - 1) / 2
            ports = [(first + index * step, self.bottom) for index in range(len(inputs))]
            turns = _turns([(x, level) for x, _ in tops], ports) if focus else []
            for index, (slot, node) in enumerate(inputs):
                (x, top), port = tops[index], ports[index]
                labelled = focus and index == 0 and len(slot.strands) > 1
                self.sheet.edge(
                    node, box, slot.role, start=(x, top), end=port, symbol=node.symbol, unit=unit,
                    via=[(x, level), (port[0], turns[index])] if focus else (), layer=self.layer.name,
                    count=len(slot.strands) * max(node.count, 1), mark="" if focus else "faded", arrow=focus,
                    strands=slot.strands if focus else (), since=self._since("fan-in", unit),
                    label=text(small(f"× {len(slot.strands)}")) if labelled else (),
                    label_at=(max(first - 22, box.x - self.box_width / 2 + 20), self.bottom + 10) if labelled else None,
                )  # fmt: skip


def _turns(starts: Sequence[Point], ports: Sequence[Point]) -> list[float]:
    """For each cable the height at which it turns up into its port, so that flat ones keep their distance.

    Cables from the left turn lower one after the other, those from the right the other way round.
    """
    turns = [port[1] - STUB for port in ports]
    ways = list(zip(starts, ports, strict=True))
    from_left = [i for i, (start, port) in enumerate(ways) if start[0] < port[0]]
    from_right = [i for i, (start, port) in reversed(list(enumerate(ways))) if start[0] > port[0]]
    for side in (from_left, from_right):
        for before, i in zip(side, side[1:], strict=False):
            (x, y), (port, _) = ways[i]
            slope = (turns[before] - y) / abs(port - x)
            step = abs(port - ports[before][0])
            turns[i] = min(turns[i], turns[before] - CABLE_WIDE * hypot(1, slope) + slope * step)
    return turns


def _indexed(symbol: str, step: str, index: int) -> Text:
    """h_t[3]; a long index goes under its symbol."""
    if index < 1_000:
        return text([symbol, sub(step), f"[{index}]"])
    return text([symbol, sub(step)], small(f"[{index:,}]"))
