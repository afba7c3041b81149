"""One unit: the cell's circuit at the level of single numbers. What does one unit compute, from what?"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import gate_role, projects, role
from lstmdiag.analysis.elision import Gap, shown
from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.analysis.layers import kernel
from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.circuit import Affine, Part
from lstmdiag.cells.formulas import unit_equation
from lstmdiag.cells.ranges import ranges, stays_in
from lstmdiag.diagrams import Diagram, Key, Line, Node, Run, Text
from lstmdiag.diagrams.text import bold, figure, line_height, measure, muted, small, text
from lstmdiag.layer import CellLayer, Layer
from lstmdiag.model import Model
from lstmdiag.views.figures import figures_of, rail
from lstmdiag.views.labels import number_of
from lstmdiag.views.numbers import short, worked
from lstmdiag.views.placing import Spacing, place
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.wiring import Wiring
from lstmdiag.views.words import (
    ROLE_WORDS,
    Facts,
    destination,
    formula_runs,
    gate_words,
    id_of,
    layer_facts,
    summands,
    symbol,
)
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WORDS = Words("unit")
MOST_FEATURES, MOST_UNITS = 6, 4
ABOVE = 26.0  # a line of one number over that of all
STEP = 40.0  # between two inputs
BETWEEN = 32.0  # two sums


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One unit at one step, every wire a number. Raises UsageError where there is no such layer or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    assert layer.cell is not None
    unit = chosen_unit(layer, selection, layer.cell.output)
    figures = figures_of(values, layer, selection.step, unit) if values else None
    parts = [part for part in place(layer.cell, Spacing()).parts.values() if part.affine]
    sums = {p.id: _products(p.affine, layer, unit) for p in parts if p.affine}
    sizes = [measure(label) for label in sums.values()]
    if figures:
        sizes = [figures.sum_size(part, label) for part, label in zip(parts, sums.values(), strict=True)]
    widest = max((width for width, _ in sizes), default=0.0) + 22
    tallest = max((height for _, height in sizes), default=0.0) + 16
    spacing = Spacing(column=widest + BETWEEN, gates=tallest + 150, level=100.0)
    wiring = Wiring(layer, place(layer.cell, spacing), unit, figures)
    return _Unit(wiring, sums, (widest, tallest), destination(model, layer)).draw()


def _products(affine: Affine, layer: CellLayer, unit: int) -> Text:
    """What one weighted sum adds up, a line each: W_f[1,1] x_t[1] ..."""
    lines = [
        [muted(WORDS.say("more", count=s.count))] if isinstance(s, Gap) else s for s in summands(affine, layer, unit)
    ]
    return text([bold("Σ "), small(WORDS.say("terms", terms=len_of(affine, layer)))], *lines)


def len_of(affine: Affine, layer: Layer) -> int:
    """How many products and biases one unit's weighted sum adds."""
    return sum(layer.shape(weight)[1] for weight, _ in affine.terms) + len(affine.own) + len(affine.biases)


def _weights_of(affine: Affine, layer: Layer) -> int:
    """How many weights one unit's sum has: a kernel is several."""
    kernels = sum(prod(layer.shape(weight)[1:]) for weight, _ in affine.terms)
    return kernels + len(affine.own) + len(affine.biases)


class _Unit:
    def __init__(self, wiring: Wiring, sums: dict[str, Text], size: tuple[float, float], destination: str) -> None:
        self.destination = destination
        self.wiring, self.sheet, self.sums, self.size = wiring, wiring.sheet, sums, size
        self.layer, self.cell, self.placed = wiring.layer, wiring.cell, wiring.placed
        self.unit, self.figures = wiring.unit or 1, wiring.figures
        self.public = self.cell.output
        self.bar = -size[0] / 2 - 64  # where the bar stands that all inputs reach
        self.left, self.right = self.bar - 160, wiring.placed.right + wiring.ends
        self.alone = wiring.placed.rails.get(self.public) == wiring.placed.bus  # one weighted sum is all of it
        if wiring.placed.parts[self.public].op == "gate":  # its way on leads past its sum
            self.right += size[0] / 2 + 60
        self.sources = fan_in(wiring.layer).sources
        self.entries: dict[str, Node] = {}  # inputs by their ids
        self.reads = sum(source.size for source in self.sources)
        self.intervals = ranges(self.cell)
        self.ranges = stays_in(self.cell)

    def draw(self) -> Diagram:
        for part in self.placed.parts.values():
            if part.op == "gate":
                self._perceptron(part)
        self.wiring.operations()
        self._inputs()
        self._states()
        self._ranges()
        self.wiring.inner_wires()
        facts = self._about()
        self.wiring.new_states(self.right, lambda q: self.ranges[q], self.destination, WORDS.say("read_next", facts))
        self.wiring.junctions()
        self.wiring.numbers()
        self._equations()
        return self.sheet.diagram(
            view="unit",
            **WORDS.captions(facts),
            legend=[*self.wiring.legend(), Key("op", WORDS.say("legend_sum"), symbol="Σ", shape="box")],
            states=self.wiring.states,
            layer=self.layer.name,
            facts={"weights": facts["unit_weights"], "inputs": self.reads},
        )

    def _about(self) -> Facts:
        """The facts that the words need."""
        parts = self.placed.parts.values()
        drawn, sums = [part for part in parts if part.affine], self._sums()
        return {
            **layer_facts(self.layer),
            **self._reads(),
            "unit": self.unit,
            "two": self.layer.units == 2,
            "step": self.figures and self.figures.at_step.step,
            "sums": sums,
            "several": len(sums) > 1,
            "unit_weights": sum(_weights_of(part.affine, self.layer) for part in sums if part.affine),
            "private": list(fan_in(self.layer).private),
            "projections": [part.id for part in drawn if part not in sums],
            "named": [
                {"name": p.id, "role": ROLE_WORDS.get(role(self.cell, p.id), "value"), "range": self.ranges[p.id]}
                for p in drawn if p.id in self.ranges
            ],
            "read_back": any(self.public + PREVIOUS in part.inputs for part in parts),
            "exchanged": self.layer.units > 1 and self.public in [source.name for source in self.sources],
        }  # fmt: skip

    def _reads(self) -> Facts:
        """What its weighted sums read, and whether all read the same."""
        return {
            "maps": bool(kernel(self.layer)), "inputs": self.reads, "constant": self.constant, "alike": self._alike(),
        }  # fmt: skip

    def _perceptron(self, part: Part) -> None:
        """A weighted sum, and above it the function that squashes it: the gate's value."""
        assert part.affine is not None
        x, y = self.placed.at[part.id]
        facts = self.wiring.facts(part.id)
        what, since = gate_role(self.cell, part.id), self.wiring.since(part.id)
        name, word, squash = gate_words(self.cell, part.id, part.affine)
        label = text([*name, f"  {squash}"], *([small(word)] if word else []), *self.wiring.valued(part.id))
        wide, tall = self.size
        sum_x, sum_y = x, y - 46 / 2 - 34 - tall / 2
        if self.alone:
            x, sum_y = x + wide / 2 + 34 + 42, y
        shape = "box" if what == "gate.content" else "round"
        gate = self.sheet.node(
            id_of(part.id), label, what, x, y, width=84, height=46, shape=shape, since=since, **facts
        )
        self.wiring.keep(part.id, gate)
        total = self.sheet.node(
            f"{gate.id}-sum", () if self.figures else self.sums[part.id], "op", sum_x, sum_y, width=wide, height=tall,
            since=self.wiring.summed(part.id), align="left", **facts,
        )  # fmt: skip
        if self.figures:
            self.figures.draw_sum(self.sheet, part, total, self.sums[part.id])
        self.wiring.router.avoid(total)
        self.wiring.heads[part.id] = total
        self.sheet.edge(total, gate, "op", since=since, **facts)

        self._others(part, total)

    def _others(self, part: Part, total: Node) -> None:
        """Beside a sum over this step's values of all units, whose own value alone has a wire: how many have none."""
        assert part.affine is not None
        sources = [source.id for source in self.placed.parts.values() if source.op == "source"]
        missing = [self.layer.shape(w)[1] - 1 for w, vector in part.affine.terms if vector.name not in sources]
        if any(missing):
            words = text(*map(small, WORDS.each("others", count=max(missing))))
            x, y, anchor = total.x - total.width / 2 - 8, total.y + measure(words)[1] / 2 + 8, "right"
            beside = [head for head in self.wiring.heads.values() if head.x < total.x]
            if any(node.x + node.width / 2 > x - measure(words)[0] for node in beside):  # then under it
                x, y, anchor = x + 4, total.y - total.height / 2 - 8 - measure(words)[1] / 2, "left"
            facts = {"since": self.wiring.since(part.id), "role": "elision", "count": max(missing)}
            self.wiring.router.avoid(self.sheet.note(f"{id_of(part.id)}-others", words, x, y, anchor=anchor, **facts))

    def _inputs(self) -> None:
        """x, h of the step before and the bias's 1: all reach the bar, and from it every sum."""
        rows: list[tuple[str, Text, str, dict[str, Any]]] = []
        for source in self.sources:
            name = source.name if source.name == "x" else source.name + PREVIOUS
            most, focus = (MOST_FEATURES, 1) if name == "x" else (MOST_UNITS, self.unit)
            for k in shown(source.size, most, focus):
                facts: dict[str, Any] = {**self.wiring.facts(name)}
                if isinstance(k, Gap):
                    missing = text(small(WORDS.say("more", count=k.count)))
                    facts |= {"unit": None, "count": k.count}
                    rows.append((f"{name}-gap-{k.after}", missing, "elision", facts))
                else:
                    own = {"mark": "focus"} if name != "x" and k == self.unit and self.layer.units > 1 else {}
                    facts |= {"unit": k, **own}
                    label = text([*symbol(name, k), *self._is(name, k)])
                    rows.append((f"{name}-{k}", label, role(self.cell, name), facts))
        if any(p.affine and p.affine.biases for p in self.placed.parts.values()):
            rows.append(("one", text("1"), "weight", {"layer": self.layer.name, "symbol": "1"}))
        bus = self.placed.bus
        heights = [bus + (len(rows) - 1) / 2 * STEP - index * STEP for index in range(len(rows))]
        tall = len(rows) * STEP
        self.constant = any(row[0] == "one" for row in rows)
        self.inputs = bar = self.sheet.node(
            "inputs", (), "op", self.bar, bus, width=7, height=tall, **self.wiring.facts("")
        )
        self.wiring.router.avoid(bar)
        sums = len(self.sums)
        inputs = (
            self.bar - 53 - max((measure(label)[0] for _, label, _, _ in rows), default=0.0) / 2
        )  # their common middle
        for (id, label, what, facts), y in zip(rows, heights, strict=True):
            shape = "plain" if what == "elision" else "pill" if what == "state.public" else "box"
            count = facts.get("count", 1)
            wide = 74 if what != "elision" else 0
            node = self.sheet.node(id, label, what, inputs, y, width=wide, height=30, shape=shape, **facts)
            self.wiring.router.avoid(node)
            self.entries[id] = node
            wire = what if what != "elision" else "op"
            self.sheet.edge(
                node, bar, wire, end=(self.bar - 3.5, y), count=count * sums, shape=(), layer=self.layer.name,
                symbol=facts["symbol"], mark="faded" if what == "elision" else "",
            )  # fmt: skip
        self._bus(bar)

    def _is(self, name: str, k: int) -> list[Run]:
        """` = 0.169`"""
        if not self.figures:
            return []
        at_step = self.figures.at_step
        of = number_of(at_step.layer, name, at_step.step, k)
        return [figure(f" = {short(float(at_step.parts[name][k - 1]))}", "", of)]

    def _bus(self, bar: Node) -> None:
        feeds = list(dict.fromkeys(id for _, id in self.placed.fed))
        for id in feeds:
            head, since, y = self.wiring.head(id), self.wiring.summed(id), bar.y
            what, facts = "op", dict[str, Any](layer=self.layer.name)
            if self.placed.parts[id].op != "gate":  # one number of them
                (name,) = (input for input, reader in self.placed.fed if reader == id)
                what, facts, y = role(self.cell, name), self.wiring.facts(name), bar.y + ABOVE
            bend = ((head.x, y),) if head.y != y else ()
            self.sheet.edge(bar, head, what, via=bend, start=(bar.x + 3.5, y), since=since, **facts)
            self.wiring.router.keep(what if what != "op" else "inputs", (bar.x, y), bend, (head.x, head.y))
        sums = [id for id in feeds if self.placed.parts[id].affine]
        words = small(WORDS.say("all_sums", self._reads(), several=len(sums) > 1))
        x, y = (self.bar - 53, bar.y - bar.height / 2 - 14) if self.alone else (bar.x + 16, bar.y - 16)
        self.sheet.note("bus-words", text(words), x, y, anchor="left")

    def _alike(self) -> bool:
        """Does every weighted sum read the same vectors?"""
        return len({frozenset(p.inputs) for p in self._sums()}) == 1

    def _sums(self) -> list[Part]:
        """The unit's own weighted sums; a projection is made of all units' values and belongs to none."""
        sums = [part for part in self.placed.parts.values() if part.affine]
        return [p for p in sums if p.id not in self.cell.equations or not projects(self.cell, p.id)]

    def _states(self) -> None:
        """Private states come from the left on their rails; a carried public one starts from its own input."""
        for state in self.cell.state:
            if state in self.placed.rails and not self.alone:
                self.wiring.end(state + PREVIOUS, self.left, self.placed.rails[state], self.ranges[state])
            else:
                own = self.entries.get(f"{state}{PREVIOUS}-{self.unit}")
                if own is not None:
                    self.wiring.made[state + PREVIOUS] = own
        self._read_alone()

    def _read_alone(self) -> None:
        """What an operation reads that no rail carries: its place among the inputs, or one over them."""
        fed = frozenset(self.placed.fed)
        read = {i for part in self.placed.parts.values() for i in part.inputs if (i, part.id) not in fed}
        y = self.inputs.y + self.inputs.height / 2
        for name in ("x", *(state + PREVIOUS for state in self.cell.state)):
            if name not in read or name in self.wiring.made:
                continue
            node = self.entries.get(f"{name}-{self.unit}")
            if node is None:
                y += STEP
                label = text([*symbol(name, self.unit), *self._is(name, self.unit)])
                node = self.sheet.node(
                    f"{name}-{self.unit}", label, role(self.cell, name), self.inputs.x - 53, y, width=74, height=30,
                    shape="box" if name == "x" else "pill", **self.wiring.facts(name),
                )  # fmt: skip
            self.wiring.keep(name, node)

    def _ranges(self) -> None:
        """The bounds of each gate's value, as a pill beside the wire that leaves it."""
        for part in self.placed.parts.values():
            if part.op == "gate" and part.id in self.ranges and part.id not in self.cell.state:
                gate, interval = self.wiring.made[part.id], self.intervals[part.id]
                if self.figures and isfinite(interval.high - interval.low):
                    at = (gate.x + 14, gate.y + gate.height / 2 + 15)
                    facts = {"since": self.wiring.since(part.id), **self.wiring.facts(part.id)}
                    value = self.figures.at_step.number(part.id, self.unit)
                    self.wiring.router.avoid(
                        rail(self.sheet, f"range-{part.id}", interval, value, at, gate.role, **facts)
                    )
                    continue
                pill, since = text(small(self.ranges[part.id])), self.wiring.since(part.id)
                x, y = gate.x + measure(pill)[0] / 2 + 18, gate.y + gate.height / 2 + 15
                beside = self.sheet.node(f"range-{part.id}", pill, "note", x, y, shape="pill", since=since)
                self.wiring.router.avoid(beside)

    def _equations(self) -> None:
        """The same, as formulas, one for each wire, in the order of computation."""
        left, y = (
            self.left - 20,
            self.placed.bus - max(self.inputs.height / 2, 40) - 46 - (20 if self.alone else 0),
        )
        wide = max(measure(text(bold(quantity)))[0] for quantity in self.cell.equations) + 20
        for quantity in self.cell.equations:
            line: Line = tuple(formula_runs(unit_equation(self.cell, quantity, unit=str(self.unit)).text))
            since = len(self.wiring.states) - 1 if quantity == self.public else self.wiring.since(quantity)
            chip = self.sheet.node(
                f"name-{quantity}", text(bold(quantity)), role(self.cell, quantity), left + wide / 2, y, width=wide,
                shape="round", since=since, **self.wiring.facts(quantity),
            )  # fmt: skip
            facts = {"since": since, "symbol": quantity}
            numbers = worked(quantity, self.figures.at_step, self.unit) if self.figures else []
            lines = [line, *(tuple(replace(run, number=True) for run in each) for each in numbers)]
            down = y + (line_height(line) - measure(tuple(lines))[1]) / 2
            note = self.sheet.note(f"equation-{quantity}", tuple(lines), left + wide + 12, down, anchor="left", **facts)
            y -= max(chip.height, chip.height / 2 + y - note.y + note.height / 2) + 8
