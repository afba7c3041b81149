"""One unit: the cell's circuit at the level of single numbers. What does one unit compute, from what?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import projects, role
from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.analysis.layers import kernel
from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.circuit import Affine
from lstmdiag.cells.formulas import unit_equation
from lstmdiag.cells.ranges import ranges, stays_in
from lstmdiag.diagrams import Diagram, Key, Line, Node, Point, Text
from lstmdiag.diagrams.boxes import Box, column, node, note, raised, row, strut
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.text import bold, line_height, measure, small, text
from lstmdiag.model import Model
from lstmdiag.views.circuit import Circuit, values_of_step
from lstmdiag.views.circuit_boxes import GATE, rail
from lstmdiag.views.numbers import worked
from lstmdiag.views.placing import Spacing, place
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.unit_feed import Feed
from lstmdiag.views.unit_inputs import STEP, TO_BAR, entries, entry, reads_one
from lstmdiag.views.unit_sums import APART, APART_CLOSE, Sum, gate_label, listed_sum, perceptron, sum_id, weights_of
from lstmdiag.views.wiring import TIPS, Wiring
from lstmdiag.views.words import ROLE_WORDS, Facts, destination, formula_runs, id_of, layer_facts
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WORDS = Words("unit")
BETWEEN = 32.0  # two sums
BORDER, NARROW = (22.0, 16.0), (10.0, 10.0)  # of a sum's box, across and down
WORDS_AT = 8.0  # a sum and the words beside it
GAP, ROW, FIRST = 12.0, 100.0, 6.0  # one below the other: between two parts; two rows; from the bus to a sum
NEXT, ROOM = 10.0, 32.0  # from a sum to its function; between two sums where wires run there
ABOVE_BUS = 20.0  # from there to a sum, where there is little room
CHIP = 30.0  # height of the name of an equation


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One unit at one step, every wire a number. Raises UsageError where there is no such layer or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    unit = chosen_unit(layer, selection, layer.cell.output)
    circuit = Circuit(layer, unit, at_step=values_of_step(values, layer, selection.step))
    detail = selection.detail
    sums = {id: listed_sum(circuit, id, affine, detail) for id, affine in circuit.sums.items()}
    border = NARROW if detail.upright or not detail.words else BORDER
    wide, tall = (max((each.size[axis] for each in sums.values()), default=0.0) + border[axis] for axis in (0, 1))
    labels = {id: gate_label(circuit, id, affine, narrow=detail.upright) for id, affine in circuit.sums.items()}
    gate = _gate_size(labels.values(), detail)
    placed = place(circuit.cell, _spacing(circuit, (wide, tall), gate, detail))
    drawn = _Unit(Wiring(circuit, placed, detail, gate if detail.upright else None), sums, labels, (wide, tall), gate)
    return drawn.draw(destination(model, layer), equations=detail.equations)


def _gate_size(labels: Iterable[Text], detail: Detail) -> Point:
    """Width and height of the boxes of gates, at least."""
    if not detail.tight:
        return GATE
    sizes = [measure(label) for label in labels]
    wide, high = max((width for width, _ in sizes), default=0) + 20, max((high for _, high in sizes), default=0) + 12
    return (wide, high) if detail.upright else (max(wide, GATE[0]), max(high, GATE[1]))


def _spacing(circuit: Circuit, size: Point, gate: Point, detail: Detail) -> Spacing:
    """For sums and gates of this width and height."""
    wide, tall = size
    if detail.upright:
        half, wired = gate[0] / 2, any(affine.own for affine in circuit.sums.values())
        return Spacing(
            column=max(tall + (ROOM if wired else GAP), gate[1] + 2 * GAP, ROW), gates=FIRST + wide + NEXT + half,
            first=half + GAP + 20, level=GAP + 40, rail=42, over_gates=(half + GAP / 2, half + GAP / 2),
            under_rails=(20 + GAP / 2, 20 + GAP / 2), flat=True,
        )  # fmt: skip
    if detail.tight:
        column = max(wide, gate[0]) + 14
        return Spacing(
            column=column, gates=tall + gate[1] / 2 + APART_CLOSE + ABOVE_BUS, level=54, rail=54, over_gates=(28, 30),
            under_rails=(27, 27), flat=detail.flat,
        )  # fmt: skip
    return Spacing(column=wide + BETWEEN, gates=tall + 150, level=100)


class _Unit:
    def __init__(
        self, wiring: Wiring, sums: Mapping[str, Sum], labels: Mapping[str, Text], size: Point, gate: Point
    ) -> None:
        self.labels, self.gate, self.upright, self.tight = labels, gate, wiring.detail.upright, wiring.detail.tight
        self.wiring, self.sheet, self.circuit, self.placed = wiring, wiring.sheet, wiring.circuit, wiring.placed
        self.layer, self.cell, self.public = self.circuit.layer, self.circuit.cell, self.circuit.cell.output
        self.sums, self.size, self.build_up = sums, size, wiring.build_up
        self.ranges, self.fan, self.read = stays_in(self.cell), fan_in(self.layer), entries(self.circuit, wiring.detail)
        self.alone = self.placed.rails.get(self.public) == self.placed.bus  # one weighted sum is all of it
        along = max(self.sheet.lying(size)[0], 116.0 * self.upright)  # the first row is an operation's at least
        self.feed = Feed(wiring, self.read, alone=self.alone)
        self.bar = (
            -along / 2 - (30 if self.upright else 44 if self.tight else 64) - self.feed.leads
        )  # where the bar stands for all inputs
        self.left, self.right = self.bar - (96 if self.tight else 160), self.placed.right + wiring.ends
        if self.upright:
            wired = any(affine.own for affine in self.circuit.sums.values())
            self.bar -= TIPS * (max(len(self.placed.rails), 1) - 1 + wired) + 10
            self.left = -along / 2 + 16 - TIPS * wired
            self.right += max(along / 2 - 40, 0)
            before = min(x for x, _ in self.placed.at.values())  # a number that weighs a sum may stand before it
            self.bar = min(self.bar, before - 44)
        self.feed.bar = self.bar
        if self.placed.parts[self.public].op == "gate":  # its way on leads past its sum
            self.right += along / 2 + 60

    def draw(self, destination: str, *, equations: bool) -> Diagram:
        """`destination` says where the output goes; with `equations`, each is written under the picture."""
        for id, affine in self.circuit.sums.items():
            self._perceptron(id, affine)
        self.wiring.operations()
        self.inputs = self.feed.draw(WORDS.say("all_sums", self._reads, several=self.feed.several))
        self._states()
        for id in self.circuit.sums:
            self._range(id)
        self.wiring.inner_wires()
        facts = self._about()
        self.wiring.new_states(self.right, self.ranges.__getitem__, destination, WORDS.say("read_next", facts))
        self.wiring.finish()
        if equations:
            self._equations()
        return self.sheet.diagram(
            view="unit",
            **WORDS.captions(facts),
            legend=[*self.circuit.legend(), Key("op", WORDS.say("legend_sum"), symbol="Σ", shape="box")],
            states=self.build_up.states,
            layer=self.layer.name,
            facts={"weights": facts["unit_weights"], "inputs": facts["inputs"]},
        )

    # -- the facts that the words need

    def _about(self) -> Facts:
        now, sums = self.circuit.at_step, self._own_sums
        return {
            **layer_facts(self.layer),
            **self._reads,
            "unit": self.circuit.focus,
            "two": self.layer.units == 2,
            "step": now and now.step,
            "sums": [*sums],
            "several": len(sums) > 1,
            "unit_weights": sum(weights_of(affine, self.layer) for affine in sums.values()),
            "private": list(self.fan.private),
            "projections": [id for id in self.sums if id not in sums],
            "named": [
                {"name": id, "role": ROLE_WORDS.get(role(self.cell, id), "value"), "range": self.ranges[id]}
                for id in self.sums if id in self.ranges
            ],
            "read_back": self.circuit.reads_back,
            "exchanged": self.layer.units > 1 and self.public in [source.name for source in self.fan.sources],
        }  # fmt: skip

    @cached_property
    def _reads(self) -> Facts:
        """What its weighted sums read, and whether all read the same."""
        return {
            "maps": bool(kernel(self.layer)),
            "inputs": sum(source.size for source in self.fan.sources),
            "constant": reads_one(self.circuit),
            "alike": len({frozenset(self.placed.parts[id].inputs) for id in self._own_sums}) == 1,
        }

    @cached_property
    def _own_sums(self) -> Mapping[str, Affine]:
        """The unit's own weighted sums; a projection is made of all units' values and belongs to none."""
        return {id: affine for id, affine in self.circuit.sums.items() if not projects(self.cell, id)}

    # -- weighted sums

    def _perceptron(self, id: str, affine: Affine) -> None:
        facts: Facts = {"since": self.build_up.summed[id], "layer": self.layer.name, "unit": self.circuit.unit}
        listed = self.sheet.leaf(self.sums[id].box(sum_id(id), id, *self.size, **facts))
        apart = NEXT if self.upright else APART_CLOSE if self.tight else APART
        since, label, sheet = self.build_up.since[id], self.labels[id], self.sheet
        box = perceptron(self.circuit, id, label, listed, self.gate, apart, sheet, since=since, level=self.alone)
        nodes = {node.id: node for node in self.wiring.put(id, box, *self.placed.at[id])}
        total = self.wiring.heads[id] = nodes[sum_id(id)]
        self.wiring.router.avoid(total)
        self._others(id, affine, total)

    def _others(self, id: str, affine: Affine, total: Node) -> None:
        """Beside a sum over this step's values of all units, whose own value alone has a wire: how many have none."""
        sources = [part.id for part in self.placed.parts.values() if part.op == "source"]
        missing = [self.layer.shape(w)[1] - 1 for w, vector in affine.terms if vector.name not in sources]
        if not any(missing):
            return
        words = text(*map(small, WORDS.each("others", count=max(missing))))
        (wide, high), left = self.sheet.lying(measure(words)), total.x - total.width / 2
        facts: dict[str, Any] = {"since": self.build_up.since[id], "role": "elision", "count": max(missing)}
        x, y, facts["anchor"] = left - WORDS_AT, total.y + high / 2 + 8, "right"
        rights = (self.placed.at[other][0] + self.size[0] / 2 for other in self.sums)
        if any(x - wide < right < total.x + total.width / 2 for right in rights):  # there is no room: under it
            x, y, facts["anchor"] = left - 4, total.y - (total.height + high) / 2 - 8, "left"
        if self.upright:
            x, y, facts["anchor"] = total.x + total.width / 2 + 4, total.y, "left"
        self.wiring.router.avoid(self.sheet.note(f"{id_of(id)}-others", words, x, y, **facts))

    def _range(self, id: str) -> None:
        """The bounds of a gate's value beside the wire that leaves it; with numbers a rail on which the value lies."""
        if id not in self.ranges or id in self.cell.state:
            return
        at, since, interval = self.wiring.nodes[id], self.build_up.since[id], ranges(self.cell)[id]
        left, box = 12.0, node(f"range-{id}", text(small(self.ranges[id])), "note", shape="pill", since=since)
        if self.circuit.at_step and isfinite(interval.high - interval.low):
            value = self.circuit.at_step.number(id, self.circuit.focus)
            left, box = 14.0, rail(f"range-{id}", interval, value, at.role, since=since, **self.circuit.facts(id))
        box = self.sheet.leaf(box)
        x, y = at.x + left + box.width / 2, at.y + at.height / 2 + 15
        if self.upright:  # under the gate
            x, y = at.x + (at.width + box.width) / 2 + 4, at.y
        elif self.tight and not self.alone:  # beside the wire that reaches it
            y = at.y - (at.height + APART_CLOSE) / 2
        drawn = self.sheet.put(box, x, y)
        self.wiring.router.avoid(next(node for node in drawn if node.id == f"range-{id}"))

    # -- what the sums read

    def _states(self) -> None:
        """Private states come from the left on their rails; a carried public one starts from its own input."""
        for state in self.cell.state:
            own = self.inputs.get(f"{state}{PREVIOUS}-{self.circuit.focus}")
            if state in self.placed.rails and not self.alone:
                self.wiring.start(state + PREVIOUS, self.left, self.placed.rails[state], self.ranges[state])
            elif own is not None:
                self.wiring.nodes[state + PREVIOUS] = own
        y = max(node.y + node.height / 2 for node in self.inputs.values())
        for name in self._read_alone():
            own = self.inputs.get(f"{name}-{self.circuit.focus}")
            if own is not None:
                self.wiring.keep(name, own)
                continue
            y += STEP
            shape = "box" if name == "x" else "pill"
            one = entry(self.circuit, name, self.circuit.focus, shape, self.wiring.detail)
            self.wiring.put(name, self.sheet.leaf(one.box(self.layer.name)), self.bar - TO_BAR, y)

    def _read_alone(self) -> list[str]:
        """What an operation reads that no rail carries: its place is among the inputs, or over them."""
        parts = self.placed.parts.values()
        read = {name for part in parts for name in part.inputs if (name, part.id) not in self.placed.fed}
        names = ("x", *(state + PREVIOUS for state in self.cell.state))
        return [name for name in names if name in read and name not in self.wiring.nodes]

    # -- the same as formulas

    def _equations(self) -> None:
        """One for each wire, in the order of computation."""
        wide = max(measure(text(bold(quantity)))[0] for quantity in self.cell.equations) + 20
        listed = column(*(self._equation(quantity, wide) for quantity in self.cell.equations), gap=8, align=-1)
        low = min(self.placed.bus - 40, *(n.y - n.height / 2 for n in self.inputs.values())) - 46 - 20 * self.alone
        self.sheet.add(listed, self.left - 20, low + CHIP / 2)

    def _equation(self, quantity: str, wide: float) -> Box:
        """Its name, and the formula level with it, below that the numbers put in."""
        now, since = self.circuit.at_step, self.build_up.since[quantity]
        facts: Facts = {"since": self.build_up.last if quantity == self.public else since, "symbol": quantity}
        line: Line = tuple(formula_runs(unit_equation(self.cell, quantity, unit=str(self.circuit.focus)).text))
        numbers = worked(quantity, now, self.circuit.focus) if now else []
        lines = (line, *(tuple(replace(run, number=True) for run in each) for each in numbers))
        name = node(f"name-{quantity}", text(bold(quantity)), role(self.cell, quantity), width=wide, shape="round",
                    layer=self.layer.name, unit=self.circuit.focus, **facts)  # fmt: skip
        formula = note(f"equation-{quantity}", lines, align="left", **facts)
        return row(name, strut(12), raised(formula, (line_height(line) - formula.height) / 2))
