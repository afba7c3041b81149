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
from lstmdiag.diagrams.boxes import Box, column, inside, node
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.english import number
from lstmdiag.model import Model
from lstmdiag.views.circuit import Circuit, values_of_step
from lstmdiag.views.circuit_boxes import gate
from lstmdiag.views.numbers import SOME
from lstmdiag.views.placing import Spacing, place
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.wiring import ENDS, Wiring
from lstmdiag.views.words import ROLE_WORDS, Facts, destination, gate_words, layer_facts, symbol, weight_symbol
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

WORDS = Words("cell")
GATE = (118.0, 58.0)  # the least size of a gate's box
BETWEEN = 32.0  # two gates
STACK_X = -136.0  # where x and h_prev are stacked
HALF = 46.0  # height of each half: h's stands level with the line under the gates, x's above it
HALF_WITH_NUMBERS = 68.0
DOWN = 44.0  # from the left end to where h leaves its rail for that line
X_LINE = 42.0  # where x has a line of its own, this far below h's
X_END = 130.0  # and begins so far below it
APART = 16.0  # from the middle of a gate to where each of two such lines reaches it
PEEPHOLE = (22.0, 26.0)  # from the upper left corner of a gate: into it, and up


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One step of the layer, every wire a vector. Raises UsageError where there is no such layer or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    at_step = values_of_step(values, layer, selection.step)
    shown = Circuit(layer, chosen_unit(layer, selection) if at_step else 1, whole=True, at_step=at_step)
    labels = {id: _gate_label(id, affine, shown) for id, affine in shown.sums.items()}
    width = max([GATE[0], *(measure(label)[0] + 20 for label in labels.values())])
    spacing = Spacing(column=max(width, shown.widest + 30) + BETWEEN)
    wiring = Wiring(shown, place(shown.cell, spacing))
    return _Cell(wiring, labels, width).draw(destination(model, layer))


def _gate_label(id: str, affine: Affine, shown: Circuit) -> Text:
    """`f keep` over `Dense(100), σ`, and the numbers."""
    layer = shown.layer
    name, word, squash = gate_words(shown.cell, id, affine)
    rows, *_ = layer.shape(affine.terms[0][0])
    made = WORDS.say("gate", maps=bool(kernel(layer)), kernel=kernel(layer), rows=rows, function=squash)
    return text([*name, f" {word}"] if word else name, small(made)) + shown.number(id)


class _Cell:
    def __init__(self, wiring: Wiring, labels: Mapping[str, Text], width: float) -> None:
        self.labels, self.width = labels, width
        self.wiring, self.circuit, self.placed = wiring, wiring.circuit, wiring.placed
        self.layer, self.cell, self.public = self.circuit.layer, self.circuit.cell, self.circuit.cell.output
        self.sheet, self.previous, self.sums = wiring.sheet, self.public + PREVIOUS, self.circuit.sums
        self.stack_x, self.half = STACK_X, HALF
        if self.circuit.at_step:  # over x and h_prev stand their numbers
            self.stack_x, self.half = min(STACK_X, -width / 2 - 86), HALF_WITH_NUMBERS
        self.left, self.right = self.stack_x - wiring.ends - 20, max(self.placed.right + wiring.ends, 2.2 * ENDS)
        if any(id == self.public for _, id in self.placed.fed) and self.public not in self.placed.rails:
            self.right += width / 2  # its way down leads past its box
        self.stacked = self._count("x") + self._count(self.public)  # numbers

    def draw(self, destination: str) -> Diagram:
        """`destination` says where the output goes."""
        for id, label in self.labels.items():
            what, since = gate_role(self.cell, id), self.wiring.build_up.since[id]
            box = gate(self.circuit, id, label, what, (self.width, GATE[1]), since=since)
            self.wiring.put(id, box, *self.placed.at[id])
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
                y = self.placed.rails.get(state, self.placed.bus)
                self.wiring.start(state + PREVIOUS, self.left, y, self._size(state))
        x, y = self.stack_x, self.placed.bus - X_END
        if self.placed.stacked:
            x, y = self.stack_x - 110 if self.public in self.placed.rails else self.left, self.placed.bus + self.half
        self.wiring.start("x", x, y, self._size("x"))

    def _stack(self) -> None:
        """x and h_prev stacked into one tall vector that every gate reads."""
        x, bus = self.stack_x, self.placed.bus
        box, upper, lower = self.sheet.put(self._stacked_box(), x, bus + self.half / 2)
        self.wiring.router.avoid(box)
        for name, head, via in ((self.previous, lower, self._off_rail(bus)), ("x", upper, ())):
            tail, what = self.wiring.nodes[name], role(self.cell, name)
            self.sheet.edge(tail, head, what, via=via, **self.circuit.travels(name))
        read = [id for id in self.placed.parts if (self.previous, id) in self.placed.fed]
        for id in read:
            head, since = self.wiring.nodes[id], self.wiring.build_up.summed[id]
            facts = {"since": since, "shape": (self.stacked,), "layer": self.layer.name, "id": f"stack-to-{head.id}"}
            self.wiring.along("stack", box, bus, head, "op", **facts)
        left, y = x + box.width / 2 + 14, bus - 22
        if all(self.wiring.nodes[id].y == bus for id in read):  # the one box stands on the line
            left, y = x - upper.width / 2, bus - self.half / 2 - 20
        self.sheet.note("stack-words", self._stack_words(len(read)), left, y, anchor="left")

    def _stacked_box(self) -> Box:
        """x over h_prev, each as high as the other."""
        counts = {name: small(f"  {number(self._count(name))}") for name in ("x", self.previous)}
        labels = {name: text([*symbol(name), count]) for name, count in counts.items()}
        size: Facts = {
            "width": max([84.0, *(measure(label)[0] + 20 for label in labels.values())]),
            "height": self.half,
        }
        halves = [
            node(id, labels[name], role(self.cell, name), **size, **self.circuit.facts(name))
            for name, id in (("x", "stack-x"), (self.previous, "stack-h"))
        ]
        return inside("stack", "op", column(*halves), 4)

    def _stack_words(self, gates: int) -> Text:
        before, between = WORDS.say("stack_before", stacked=self.stacked), WORDS.say("stack_between")
        after = WORDS.say("stack_after", gates=gates, pair=gates == 2, several=gates > 1)
        over = [*symbol("x", style="small"), small(f" {between} "), *symbol(self.previous, style="small")]
        return text([small(f"{before} "), *over, small(after)])

    def _lines(self) -> None:
        """Where gates read different things, h_prev and x each have a line of their own."""
        bus = self.placed.bus
        self._line(self.previous, bus, self._off_rail(bus), -APART)
        self._line("x", bus - X_LINE, ((self.stack_x, bus - X_LINE),), APART)

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
        start = self.placed.rails.get(self.public, self.placed.bus)
        return ((self.left + DOWN, start), (self.left + DOWN, y)) if start != y else ()

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
