"""The cell: one step of a layer as vectors. What happens to the states between two steps?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import gate_role, role
from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.analysis.layers import kernel
from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.circuit import Affine
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.cells.terms import SIZE_LETTERS
from lstmdiag.diagrams import Diagram, Key, Point, Text
from lstmdiag.diagrams.boxes import Box, column, inside, node, note
from lstmdiag.diagrams.text import measure, small, text, wrap
from lstmdiag.english import number
from lstmdiag.model import Model
from lstmdiag.views.cell_spacing import GATE, UPRIGHT, ahead_for, largest, spacing_for
from lstmdiag.views.circuit import Circuit, values_of_step
from lstmdiag.views.circuit_boxes import gate
from lstmdiag.views.numbers import SOME
from lstmdiag.views.placing import place
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.wiring import ENDS, ENDS_CLOSE, Wiring
from lstmdiag.views.words import ROLE_WORDS, Facts, destination, gate_words, layer_facts, symbol, weight_symbol
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WORDS = Words("cell")
LINE = 84.0  # of the words in it
HALF = 46.0  # height of what is stacked: h's stands level with the line under the gates, x's above it
HALF_WITH_NUMBERS = 68.0
APART = 16.0  # from the middle of a gate to where each of two lines reaches it
PEEPHOLE = (22.0, 26.0)  # from the upper left corner of a gate: into it, and up


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One step of the layer, every wire a vector. Raises UsageError where there is no such layer or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    at_step = values_of_step(values, layer, selection.step)
    shown = Circuit(layer, chosen_unit(layer, selection) if at_step else 1, whole=True, at_step=at_step)
    detail = selection.detail
    narrow = detail.upright or detail.flat
    labels = {id: _gate_label(id, affine, shown, narrow) for id, affine in shown.sums.items()}
    size = largest(labels.values(), UPRIGHT if narrow else GATE)
    wiring = Wiring(shown, place(shown.cell, spacing_for(shown, size, detail)), detail)
    return _Cell(wiring, labels, size).draw(destination(model, layer))


def _gate_label(id: str, affine: Affine, shown: Circuit, narrow: bool) -> Text:
    """`f keep` over `Dense(100), σ`, and the numbers."""
    layer = shown.layer
    name, word, squash = gate_words(shown.cell, id, affine)
    rows, *_ = layer.shape(affine.terms[0][0])
    made = WORDS.say("gate", maps=bool(kernel(layer)), kernel=kernel(layer), rows=rows, function=squash)
    lines = wrap(made, LINE, "small") if narrow else [small(made)]
    return text([*name, f" {word}"] if word else name, *lines) + shown.number(id)


class _Cell:
    def __init__(self, wiring: Wiring, labels: Mapping[str, Text], size: Point) -> None:
        self.labels, self.size = labels, size
        self.wiring, self.circuit, self.placed = wiring, wiring.circuit, wiring.placed
        self.layer, self.cell, self.public = self.circuit.layer, self.circuit.cell, self.circuit.cell.output
        self.sheet, self.previous, self.sums = wiring.sheet, self.public + PREVIOUS, self.circuit.sums
        self.upright, self.tight, self.ahead = wiring.detail.upright, wiring.detail.tight, ahead_for(wiring.detail)
        wide, _ = self.sheet.lying(size)
        self.stack_x, high = -self.ahead.stack, HALF
        if self.tight and not self.upright:
            self.stack_x = min(self.stack_x, -wide / 2 - 66)
        if self.circuit.at_step and not self.upright:  # over x and h_prev stand their numbers
            self.stack_x, high = min(self.stack_x, -wide / 2 - 86), HALF_WITH_NUMBERS
        self.halves = [self.sheet.leaf(box) for box in self._halves(high)]
        self.half = self.halves[0].height
        self.left = self.stack_x - self.ahead.states - max(wiring.ends - (ENDS_CLOSE if self.tight else ENDS), 0)
        self.right = max(self.placed.right + wiring.ends, (1 - self.tight) * 2.2 * ENDS)
        if any(id == self.public for _, id in self.placed.fed) and self.public not in self.placed.rails:
            self.right += wide / 2  # its way down leads past its box
        self.stacked = self._count("x") + self._count(self.public)  # numbers

    def draw(self, destination: str) -> Diagram:
        """`destination` says where the output goes."""
        for id, label in self.labels.items():
            what, since = gate_role(self.cell, id), self.wiring.build_up.since[id]
            box = gate(self.circuit, id, label, what, self.size, since=since)
            self.wiring.put(id, self.sheet.leaf(box), *self.placed.at[id])
        self.wiring.operations()
        self._sources()
        if self.placed.stacked:
            self._stack()
        else:
            self._lines()
        self._peepholes()
        self.wiring.inner_wires()
        self.wiring.new_states(self.right, self._size, destination)
        self.wiring.finish()
        own = any(affine.own for affine in self.sums.values())
        keys = [Key("weight", WORDS.say("legend_own"), symbol="⊙ p", shape="dotted")] * own
        return self.sheet.diagram(
            view="cell",
            **WORDS.captions(self._about()),
            legend=[*self.circuit.legend(), *keys],
            states=self.wiring.build_up.states,
            layer=self.layer.name,
            facts={"gates": len(self.cell.gates()), "stacked": self.stacked},
        )

    def _about(self) -> Facts:
        """The facts that the words need."""
        fan, now = fan_in(self.layer), self.circuit.at_step
        read = {source.name: source.size for source in fan.sources}
        if self.circuit.reads_back:  # by a matrix, or number by number
            read.setdefault(self.public, self._count(self.public))
        return {
            **layer_facts(self.layer),
            "step": now and now.step,
            "upright": self.upright,
            "unit": now and self.circuit.focus,
            "one_of_many": self.layer.units > SOME,  # a long vector is shown by one of its numbers
            "private": list(fan.private),
            "sources": [{"name": name, "x": name == "x", "size": size} for name, size in read.items()],
            "read_back": self.circuit.reads_back,
            "many": self._count(self.public),
            "sizes": [{"state": state, "size": self._count(state)} for state in self.cell.state],
            "sums": [
                {"name": gate, "role": ROLE_WORDS.get(role(self.cell, gate), "value")} for gate in self.cell.gates()
            ],
        }

    def _size(self, name: str) -> str:
        """F=2, H=100; a size of the cell's own by its name."""
        *maps, count = map(number, self.layer.shape(name))
        dim = shapes_in(self.cell)[name][-1]
        letter = f"{SIZE_LETTERS.get(dim, dim)}=" if isinstance(dim, str) else ""
        return " × ".join([*maps, letter + count])

    def _count(self, name: str) -> int:
        """How many numbers a vector holds, or how many maps there are."""
        return self.layer.shape(name)[-1]

    # -- what the gates read

    def _sources(self) -> None:
        """Each previous state at the left end of its rail or of the line under the gates, x above or below that."""
        for state in self.cell.state:
            if self.circuit.read(state + PREVIOUS):
                y = self.placed.rails.get(state, self._h_start)
                self.wiring.start(state + PREVIOUS, self.left, y, self._size(state))
        x, y = self.stack_x, self.placed.bus - self.ahead.x_end
        if self.placed.stacked:
            x, y = (
                self.stack_x - self.ahead.x if self.public in self.placed.rails else self.left,
                self.placed.bus + self.half,
            )
        self.wiring.start("x", x, y, self._size("x"))

    @property
    def _h_start(self) -> float:
        """The height at which h_prev begins where it has no rail."""
        return self.placed.bus + self.ahead.h_end * (not self.placed.stacked)

    def _stack(self) -> None:
        """x and h_prev stacked into one tall vector that every gate reads."""
        x, bus = self.stack_x, self.placed.bus
        box, upper, lower = self.sheet.put(inside("stack", "op", column(*self.halves), 4), x, bus + self.half / 2)
        self.wiring.router.avoid(box)
        for name, head, via in ((self.previous, lower, self._off_rail(bus)), ("x", upper, ())):
            tail, what = self.wiring.nodes[name], role(self.cell, name)
            self.sheet.edge(tail, head, what, via=via, **self.circuit.travels(name))
        read = [id for id in self.placed.parts if (self.previous, id) in self.placed.fed]
        for id in read:
            head, since = self.wiring.nodes[id], self.wiring.build_up.summed[id]
            facts: Facts = {"since": since, "shape": (self.stacked,), "layer": self.layer.name}
            self.wiring.along("stack", box, bus, head, "op", id=f"stack-to-{head.id}", **facts)
        words = self._stack_words(len(read))
        if self.upright:
            beside = self.sheet.leaf(note("stack-words", words, align="left"))
            self.sheet.put(beside, x + (box.width + beside.width) / 2 + 6, bus + 8 + beside.height / 2)
            return
        left, y = x + box.width / 2 + 14, bus - 22
        if all(self.wiring.nodes[id].y == bus for id in read):  # the one box stands on the line
            left, y = x - upper.width / 2, bus - self.half / 2 - 20
        self.sheet.note("stack-words", words, left, y, anchor="left")

    def _halves(self, high: float) -> list[Box]:
        """x and h_prev, each as large as the other."""
        counts = {name: small(f"  {number(self._count(name))}") for name in ("x", self.previous)}
        labels = {name: text([*symbol(name), count]) for name, count in counts.items()}
        size: Facts = {
            "width": max([84.0, *(measure(label)[0] + 20 for label in labels.values())]),
            "height": high,
        }
        return [
            node(id, labels[name], role(self.cell, name), **size, **self.circuit.facts(name))
            for name, id in (("x", "stack-x"), (self.previous, "stack-h"))
        ]

    def _stack_words(self, gates: int) -> Text:
        before, between = (
            WORDS.say("stack_before", stacked=self.stacked),
            WORDS.say("stack_between", upright=self.upright),
        )
        after = WORDS.say("stack_after", gates=gates, pair=gates == 2, several=gates > 1)
        over = [*symbol("x", style="small"), small(f" {between} "), *symbol(self.previous, style="small")]
        lines = [[small(f"{before} "), *over, small(after)]]
        if self.upright:
            lines = [[*lines[0][:-1], small(",")], [small(after.removeprefix(", "))]]
        return text(*lines)

    def _lines(self) -> None:
        """Where gates read different things, h_prev and x each have a line of their own."""
        bus = self.placed.bus
        self._line(self.previous, bus, self._off_rail(bus), -APART)
        y = bus - self.ahead.x_line
        self._line("x", y, ((self.stack_x, y),), APART)

    def _line(self, name: str, y: float, lead: tuple[Point, ...], aside: float) -> None:
        """One of them, and from it a way up to each gate that reads it."""
        for id in [id for input, id in self.placed.fed if input == name]:
            source, head = self.wiring.nodes[name], self.wiring.head(id)
            x = head.x + aside * ({("x", id), (self.previous, id)} <= {*self.placed.fed})
            via = (*lead, (x, y))
            facts = self.circuit.travels(name, self.wiring.build_up.summed[id])
            self.sheet.edge(source, head, role(self.cell, name), via=via, end=(x, head.y - head.height / 2), **facts)
            self.wiring.router.keep(name, (source.x, source.y), via, (x, head.y))

    def _off_rail(self, y: float) -> tuple[Point, ...]:
        """From the height at which h_prev begins to another one."""
        start, x = self.placed.rails.get(self.public, self._h_start), self.left + self.ahead.down
        return ((x, start), (x, y)) if start != y else ()

    # -- weights on a unit's own state

    def _peepholes(self) -> None:
        """A private line to each gate that sees a state of its own unit, through the weights on it."""
        for id, affine in self.sums.items():
            if len(affine.own) == 1 and affine.own[0][1].name in self.wiring.nodes:
                ((weight, vector),) = affine.own
                self._peephole(id, weight, vector.name)

    def _peephole(self, id: str, weight: str, name: str) -> None:
        head, source, since = self.wiring.nodes[id], self.wiring.nodes[name], self.wiring.build_up.since[id]
        (inset, above), label = PEEPHOLE, text(["⊙ ", *weight_symbol(weight)])
        x, top = head.x - head.width / 2 + inset, head.y + head.height / 2
        above += 8 * self.upright
        look: dict[str, Any] = {"width": 38, "height": 24, "shape": "dotted", "padding": (3, 2), "since": since}
        on = self.sheet.node(f"{head.id}-own", label, "weight", x, top + above, **look, **self.circuit.facts(weight))
        self.wiring.router.avoid(on)
        since = max(since, self.wiring.build_up.since[name])
        self.wiring.routed(name, source, on, f"{source.id}-to-{on.id}", since)
        tail = on if (name, id) in self.placed.fed else source  # a matrix reads it too
        what, facts = self.wiring.wire_role(name), self.circuit.travels(name, since)
        self.sheet.edge(on, head, what, end=(x, top), id=f"{tail.id}-to-{head.id}", **facts)
        self.wiring.router.keep(name, (x, on.y), (), (x, top))
        self.wiring.drawn.add((name, id))
