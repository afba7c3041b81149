"""One unit: the cell's circuit at the level of single numbers. What does one unit compute, from what?"""

from __future__ import annotations

from collections.abc import Mapping
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
from lstmdiag.diagrams import Diagram, Key, Line, Node
from lstmdiag.diagrams.boxes import Box, column, node, note, raised, row, strut
from lstmdiag.diagrams.text import bold, line_height, measure, small, text
from lstmdiag.model import Model
from lstmdiag.views.circuit import Circuit, values_of_step
from lstmdiag.views.circuit_boxes import rail
from lstmdiag.views.numbers import worked
from lstmdiag.views.placing import Spacing, place
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.unit_inputs import STEP, TO_BAR, entries, entry, inputs, reads_one
from lstmdiag.views.unit_sums import Sum, listed_sum, perceptron, sum_id, weights_of
from lstmdiag.views.wiring import Wiring
from lstmdiag.views.words import ROLE_WORDS, Facts, destination, formula_runs, id_of, layer_facts
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WORDS = Words("unit")
ABOVE = 26.0  # a line of one number over that of all
BETWEEN = 32.0  # two sums
BORDER = (22.0, 16.0)  # of a sum's box, across and down
BESIDE = 8.0  # a sum and the words beside it
CHIP = 30.0  # height of the name of an equation


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One unit at one step, every wire a number. Raises UsageError where there is no such layer or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    unit = chosen_unit(layer, selection, layer.cell.output)
    circuit = Circuit(layer, unit, at_step=values_of_step(values, layer, selection.step))
    sums = {id: listed_sum(circuit, id, affine) for id, affine in circuit.sums.items()}
    wide, tall = (max((each.size[axis] for each in sums.values()), default=0.0) + BORDER[axis] for axis in (0, 1))
    placed = place(circuit.cell, Spacing(column=wide + BETWEEN, gates=tall + 150, level=100.0))
    drawn = _Unit(Wiring(circuit, placed), sums, (wide, tall))
    return drawn.draw(destination(model, layer), equations=selection.detail.equations)


class _Unit:
    def __init__(self, wiring: Wiring, sums: Mapping[str, Sum], size: tuple[float, float]) -> None:
        self.wiring, self.sheet, self.circuit, self.placed = wiring, wiring.sheet, wiring.circuit, wiring.placed
        self.layer, self.cell, self.public = self.circuit.layer, self.circuit.cell, self.circuit.cell.output
        self.sums, self.size, self.build_up = sums, size, wiring.build_up
        self.ranges, self.fan, self.read = stays_in(self.cell), fan_in(self.layer), entries(self.circuit)
        self.bar = -size[0] / 2 - 64  # where the bar stands that all inputs reach
        self.left, self.right = self.bar - 160, self.placed.right + wiring.ends
        self.alone = self.placed.rails.get(self.public) == self.placed.bus  # one weighted sum is all of it
        if self.placed.parts[self.public].op == "gate":  # its way on leads past its sum
            self.right += size[0] / 2 + 60

    def draw(self, destination: str, *, equations: bool) -> Diagram:
        """`destination` says where the output goes; with `equations`, each is written under the picture."""
        for id, affine in self.circuit.sums.items():
            self._perceptron(id, affine)
        self.wiring.operations()
        self._inputs()
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
        listed = self.sums[id].box(sum_id(id), id, *self.size, **facts)
        box = perceptron(self.circuit, id, affine, listed, since=self.build_up.since[id], level=self.alone)
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
        (wide, high), left = measure(words), total.x - total.width / 2
        facts: dict[str, Any] = {"since": self.build_up.since[id], "role": "elision", "count": max(missing)}
        x, y, facts["anchor"] = left - BESIDE, total.y + high / 2 + 8, "right"
        rights = (self.placed.at[other][0] + self.size[0] / 2 for other in self.sums)
        if any(x - wide < right < total.x + total.width / 2 for right in rights):  # there is no room: under it
            x, y, facts["anchor"] = left - 4, total.y - (total.height + high) / 2 - 8, "left"
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
        drawn = self.sheet.put(box, at.x + left + box.width / 2, at.y + at.height / 2 + 15)
        self.wiring.router.avoid(next(node for node in drawn if node.id == f"range-{id}"))

    # -- what the sums read

    def _inputs(self) -> None:
        """x, h of the step before and the bias's 1: all reach the bar, and from it every sum."""
        drawn = self.sheet.put(inputs(self.circuit, self.read), self.bar, self.placed.bus)
        self.inputs = {node.id: node for node in drawn}
        for each in drawn:
            self.wiring.router.avoid(each)
        readers = list(dict.fromkeys(id for _, id in self.placed.fed))
        for id in readers:
            self._fed(self.inputs["inputs"], id)
        bar, sums = self.inputs["inputs"], [id for id in readers if id in self.sums]
        x, y = (bar.x - TO_BAR, bar.y - bar.height / 2 - 14) if self.alone else (bar.x + 16, bar.y - 16)
        words = small(WORDS.say("all_sums", self._reads, several=len(sums) > 1))
        self.sheet.note("bus-words", text(words), x, y, anchor="left")

    def _fed(self, bar: Node, id: str) -> None:
        """The wire from the bar to a sum; to an operation, which reads one number of them, one above it."""
        head, net, what, y = self.wiring.head(id), "inputs", "op", bar.y
        facts: dict[str, Any] = {"layer": self.layer.name, "since": self.build_up.summed[id]}
        if id not in self.sums:
            (name,) = (input for input, reader in self.placed.fed if reader == id)
            net = what = role(self.cell, name)
            y, facts = bar.y + ABOVE, {**facts, **self.circuit.facts(name)}
        self.wiring.along(net, bar, y, head, what, **facts)

    def _states(self) -> None:
        """Private states come from the left on their rails; a carried public one starts from its own input."""
        for state in self.cell.state:
            own = self.inputs.get(f"{state}{PREVIOUS}-{self.circuit.focus}")
            if state in self.placed.rails and not self.alone:
                self.wiring.start(state + PREVIOUS, self.left, self.placed.rails[state], self.ranges[state])
            elif own is not None:
                self.wiring.nodes[state + PREVIOUS] = own
        y = self.placed.bus + self.inputs["inputs"].height / 2
        for name in self._read_alone():
            own = self.inputs.get(f"{name}-{self.circuit.focus}")
            if own is not None:
                self.wiring.keep(name, own)
                continue
            y += STEP
            one = entry(self.circuit, name, self.circuit.focus, "box" if name == "x" else "pill")
            self.wiring.put(name, one.box(self.layer.name), self.bar - TO_BAR, y)

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
        low = self.placed.bus - max(self.inputs["inputs"].height / 2, 40) - 46 - 20 * self.alone
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
