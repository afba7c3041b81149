"""One layer at one step, unit by unit: every input reaches every unit, and each unit's memory is its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import fsum, inf
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import gate_role
from lstmdiag.analysis.elision import Gap, shown
from lstmdiag.analysis.fan_in import FanIn, Source, fan_in
from lstmdiag.analysis.layers import weights_in
from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.diagrams import Diagram, Node, Point
from lstmdiag.diagrams.boxes import Box, column, labelled, node, note, room, row, stack, strut, wired
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import PADDING, Sheet, fitted, wire
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.layer import CellLayer
from lstmdiag.model import Model
from lstmdiag.views import layer_texts
from lstmdiag.views.elision import each, gap_note
from lstmdiag.views.labels import Labels, labels_of
from lstmdiag.views.layer_cables import LOW, height, ports_of, top, ways
from lstmdiag.views.layer_spacing import ROOMY, SQUARE, TIGHT
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.unit_boxes import UnitBoxes
from lstmdiag.views.words import id_of

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

STATES = ("inputs", "fan-in", "inside", "output", "all units")
ALL = STATES.index("all units")

MARGIN = 260.0  # the texts on the left: no wider
TEXT_GAP = 8.0  # from one text above the other
WORD = (14.0, 10.0)  # of the label: into the box, and above its bottom
BELOW = 10  # from here on an index goes under its symbol, where there is little room
MARK = 62.0  # a mark that counts units, where there is little room


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """The layer at one step; the selected unit with all its cables, the others as context."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    unit = chosen_unit(layer, selection)
    labels = labels_of(values, layer, selection.step)
    return _Drawing(layer, unit, fan_in(layer), labels, selection.detail).diagram()


class _Drawing:
    def __init__(self, layer: CellLayer, focus: int, fan: FanIn, labels: Labels, detail: Detail) -> None:
        self.layer, self.focus, self.fan, self.cell = layer, focus, fan, layer.cell
        self.labels = labels = replace(labels, below=BELOW) if detail.tight else labels
        self.detail, self.spacing = detail, TIGHT if detail.tight else ROOMY
        self.padding = (self.spacing.pad, PADDING[1])
        self.about = layer_texts.about(layer, fan, focus, labels.step)
        self.columns = shown(layer.units, detail.units, focus)
        widest = [focus] if detail.tight else self._widest(layer.units, focus)
        self.boxes = UnitBoxes(layer, fan.private, labels, widest, tight=detail.tight, upright=detail.upright)
        self.public, self.length = self.cell.output, layer.shape(self.cell.output)[-1]
        longest = {unit for at in (focus, 1) for unit in self._widest(self.length, at)}
        circles = [labels.of(name, unit) for name in (self.public, self.public + PREVIOUS) for unit in longest]
        self.across = max(fitted(label, "circle")[0] for label in circles) + self.spacing.air  # of h, also the last
        self.sheet = Sheet()

    def diagram(self) -> Diagram:
        inputs, units = self._inputs(), self._units()
        texts = layer_texts.margin(self.about, min(MARGIN, self.detail.width)) if self.detail.words else {}
        beside = not self.detail.upright and texts
        left = max(measure(label)[0] for label in texts.values()) + self.spacing.margin if beside else 0.0
        middle = left + max(inputs.width, units.width) / 2
        above, below = (strut(), strut()) if beside or not texts else layer_texts.stacked(texts, TEXT_GAP)
        read = [node for node in self.sheet.put(inputs, middle, 0) if node.role != "note"]
        singly, elided = sum(not node.count for node in read), sum(node.count for node in read)
        high = self.detail.height - fsum(box.height for box in (above, units, below)) - inputs.down - 1
        bottom = height(read, units, middle, high)
        drawn = self.sheet.put(units, middle, bottom + units.height / 2)
        boxes = [node for node in drawn if node.role == "unit"]
        self._wires(read, boxes)
        if self.fan.projection:
            self._projected(boxes, [node for node in drawn if node.role == "state.public" and not node.inside])
        self.sheet.add(above, left, bottom + units.height + above.height)
        self.sheet.add(below, left, -inputs.down)
        heights = (bottom + units.height - self.across / 2, boxes[0].y, (LOW + bottom) / 2, 0.0)
        for (id, label), y in zip(texts.items(), heights, strict=bool(texts)) if beside else ():
            self.sheet.note(id, label, 0, y, anchor="left")
        others = any(box.unit != self.focus for box in boxes)
        return self.sheet.diagram(
            view="layer",
            **layer_texts.WORDS.captions({**self.about, "elided": elided > 0, "drawn": singly, "others": others}),
            legend=layer_texts.legend(self.about, elided=elided > 0),
            states=STATES,
            layer=self.layer.name,
            facts={
                "units": self.layer.units,
                "fan_in": self.fan.inputs,
                "drawn_inputs": singly,
                "elided_inputs": elided,
                "weights_per_unit": self.fan.weights,
                "weights": weights_in(self.layer),
            },
        )

    def _widest(self, total: int, focus: int) -> list[int]:
        """The units whose labels need the most room; where all stands close, of those that are drawn."""
        if not self.detail.tight:
            return self.labels.widest(total, self.detail.units, focus)
        return [unit for unit in shown(total, self.detail.units, focus) if not isinstance(unit, Gap)]

    def _since(self, state: str, unit: int) -> int:
        """The other units appear all at once, in the last state."""
        return STATES.index(state) if unit == self.focus else ALL

    # -- the row of inputs

    def _inputs(self) -> Box:
        """Every vector that is read, with a word under it; their numbers in one line."""
        groups = {f"{_id(source)}-1": self._source(source) for source in self.fan.sources}
        if self.fan.biases:
            look: dict[str, Any] = {"width": self.spacing.bias, "height": SQUARE, "padding": self.padding}
            groups["bias"] = node("bias", text("1"), "weight", shape="dotted", symbol="b", **look)
        high = max([self.across, *(group.height for group in groups.values())])
        words = zip(groups, layer_texts.input_words(self.about), strict=True)
        named = {id: column(strut(0, self.spacing.words), note(f"{id}-word", word)) for id, word in words}
        rooms = {id: word.width if self.detail.tight else 0 for id, word in named.items()}
        labels = (labelled(room(groups[id], rooms[id], high), under=word) for id, word in named.items())
        return row(*labels, gap=self.spacing.groups)

    def _source(self, source: Source) -> Box:
        """The numbers of x, or of a state of the last step, all equally wide, and marks for those left out."""
        id, name, role = _id(source), source.name, self.cell.roles[source.name]
        facts: dict[str, Any] = {"symbol": name}
        shape, most, focus = "box", self.detail.features, 1
        if name != "x":
            facts["layer"], most, focus = self.layer.name, self.detail.units, self.focus
            name, shape = name + PREVIOUS, "circle" if role == "state.public" else "slab"
        numbers = shown(source.size, most, focus)
        labels = {n: self.labels.of(name, n) for n in numbers if not isinstance(n, Gap)}
        width = (
            self.across
            if shape == "circle"
            else max(fitted(label, shape, self.padding)[0] for label in labels.values())
        )
        look: dict[str, Any] = {"width": width, "height": SQUARE, "shape": shape, "padding": self.padding, **facts}

        def number(n: int) -> Box:
            return node(f"{id}-{n}", labels[n], role, unit=n if name != "x" else None, **look)

        return row(*each(numbers, number, lambda gap: gap_note(id, gap, **facts)), gap=self.spacing.inputs)

    # -- the units and their outputs

    def _units(self) -> Box:
        """Boxes, each under its output; or under outputs that each read all of them."""
        if not self.fan.projection:
            return row(*each(self.columns, self._column, self._column_left_out), gap=self.spacing.boxes)
        outputs = each(shown(self.length, self.detail.units), self._output, self._output_left_out)
        return stack(
            row(*each(self.columns, self._unit, self._unit_left_out), gap=self.spacing.boxes),
            strut(0, self.spacing.projected),
            row(*(room(output, self.across) for output in outputs), gap=2 * self.spacing.boxes),
        )

    def _column(self, unit: int) -> Box:
        box, out = f"unit-{unit}", f"{id_of(self.public)}-{unit}"
        facts = self._facts(unit, self._since("output", unit))
        return wired(
            stack(self._unit(unit), strut(0, self.spacing.rise), self._output(unit)),
            lambda nodes: [wire(nodes[box], nodes[out], "state.public", **facts)],
        )

    def _column_left_out(self, gap: Gap) -> Box:
        return stack(self._unit_left_out(gap), strut(0, self.spacing.rise), self._output_left_out(gap))

    def _unit(self, unit: int) -> Box:
        tip = layer_texts.WORDS.say("unit", self.about, unit=unit)
        if unit != self.focus and self.detail.tight:
            return self.boxes.closed(unit, self._open.height, since=ALL, tip=tip)
        return self.boxes.draw(
            unit,
            mark="focus" if unit == self.focus else "",
            since=self._since("fan-in", unit),
            inside_since=self._since("inside", unit),
            tip=tip,
        )

    @cached_property
    def _open(self) -> Box:
        """The unit in focus, which is as high as all."""
        return self._unit(self.focus)

    def _unit_left_out(self, gap: Gap) -> Box:
        """The first mark says the most, the legend says it of all."""
        first = next(column for column in self.columns if isinstance(column, Gap))
        drawn = sum(not isinstance(column, Gap) for column in self.columns)
        of = (self.layer.units, drawn) if gap is first else None
        mark = gap_note("units", gap, of, inf if self.detail.words and not self.detail.upright else MARK, since=ALL)
        return room(mark, 0, self._open.height)

    def _output(self, number: int) -> Box:
        """Of numbers that read every unit, the first one stands out."""
        id, label = f"{id_of(self.public)}-{number}", self.labels.of(self.public, number)
        since = STATES.index("output") if number == (1 if self.fan.projection else self.focus) else ALL
        return node(id, label, "state.public", width=self.across, shape="circle", **self._facts(number, since))

    def _facts(self, unit: int, since: int) -> dict[str, Any]:
        return {"symbol": self.public, "unit": unit, "layer": self.layer.name, "since": since}

    def _output_left_out(self, gap: Gap) -> Box:
        return room(gap_note("outputs", gap, since=ALL), 0, self.across)

    # -- the wires

    def _projected(self, boxes: Sequence[Node], outputs: Sequence[Node]) -> None:
        """From every unit to every output, one weight a line."""
        facts = {"layer": self.layer.name, "symbol": self.fan.projection[0].name, "since": ALL}
        for out in outputs:
            end, first = (out.x, out.y - out.height / 2), out is outputs[0]
            for box in boxes:
                mark = "" if first else "faded"
                self.sheet.edge(box, out, "op", start=top(box), end=end, arrow=first, mark=mark, **facts)

    def _wires(self, inputs: Sequence[Node], boxes: Sequence[Node]) -> None:
        """Every input to every unit: faint first, then the focus unit's cables over them."""
        for box in sorted(boxes, key=lambda box: box.unit == self.focus):
            ports = ports_of(box, len(inputs))
            if box.unit == self.focus:
                self._cables(inputs, box, ports)
                continue
            for tail, port in zip(inputs, ports, strict=True):
                facts = self._wire(tail, box)
                self.sheet.edge(tail, box, tail.role, start=top(tail), end=port, mark="faded", arrow=False, **facts)

    def _wire(self, node: Node, box: Node) -> dict[str, Any]:
        count = len(self._strands(node)) * max(node.count, 1)
        return {"symbol": node.symbol, "layer": self.layer.name, "unit": box.unit, "count": count, "since": box.since}

    def _strands(self, node: Node) -> tuple[str, ...]:
        """The roles of the gates that an input reaches, one scalar weight each."""
        sources = {source.name: source.weights for source in self.fan.sources}
        weights = self.fan.biases if node.id == "bias" else sources[node.symbol]
        return tuple(gate_role(self.cell, weight.quantity) for weight in weights)

    def _cables(self, inputs: Sequence[Node], box: Node, ports: Sequence[Point]) -> None:
        """One cable for each input, a strand for each gate; the first says how many strands each has."""
        if not inputs:  # weights on the unit's own values alone
            return
        strands = self.fan.per_line or 1  # where cables differ, no word holds for all
        said = text(small(layer_texts.WORDS.say("per_line", self.about, strands=strands)))
        inset, above = WORD
        at = (box.x - box.width / 2 + inset + measure(said)[0] / 2, ports[0][1] + above)
        word: dict[str, Any] = {"label": said, "label_at": at} if strands > 1 else {}
        for tail, (start, *via, end) in zip(inputs, ways(inputs, ports), strict=True):
            facts = self._wire(tail, box) | word
            self.sheet.edge(tail, box, tail.role, strands=self._strands(tail), start=start, via=via, end=end, **facts)
            word = {}


def _id(source: Source) -> str:
    return "x" if source.name == "x" else f"{id_of(source.name)}-prev"
