"""The cell: one step of a layer as vectors. What happens to the states between two steps?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmdiag.analysis.cells import gate_role, role
from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.analysis.layers import kernel
from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.circuit import Part, circuit
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.cells.terms import SIZE_LETTERS
from lstmdiag.diagrams import Diagram, Key, Point, Text
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.english import number
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.views.figures import figures_of
from lstmdiag.views.numbers import SOME
from lstmdiag.views.placing import Spacing, place
from lstmdiag.views.selection import Selection, chosen_layer, chosen_unit, model_and_values
from lstmdiag.views.wiring import ENDS, Wiring
from lstmdiag.views.words import ROLE_WORDS, Facts, destination, gate_words, id_of, layer_facts, symbol, weight_symbol
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


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """One step of the layer, every wire a vector. Raises UsageError where there is no such layer or unit."""
    model, values = model_and_values(subject)
    layer = chosen_layer(model, selection)
    assert layer.cell is not None
    labels = {part.id: _gate_label(part, layer) for part in circuit(layer.cell).values() if part.affine}
    figures = None
    if values:
        figures = figures_of(values, layer, selection.step, chosen_unit(layer, selection), whole=True)
        labels = {id: (*label, figures.line(id)) for id, label in labels.items()}
    width = max([GATE[0], *(measure(label)[0] + 20 for label in labels.values())])
    spacing = Spacing(column=max(width, figures.widest + 30 if figures else 0) + BETWEEN)
    wiring = Wiring(layer, place(layer.cell, spacing), figures=figures)
    return _Cell(wiring, labels, width, destination(model, layer)).draw()


def _gate_label(part: Part, layer: Layer) -> Text:
    """`f keep` over `Dense(100), σ`."""
    assert layer.cell is not None and part.affine is not None
    name, word, squash = gate_words(layer.cell, part.id, part.affine)
    rows, *_ = layer.shape(part.affine.terms[0][0])
    made = WORDS.say("gate", maps=bool(kernel(layer)), kernel=kernel(layer), rows=rows, function=squash)
    return text([*name, f" {word}"] if word else name, small(made))


class _Cell:
    def __init__(self, wiring: Wiring, labels: dict[str, Text], width: float, destination: str) -> None:
        self.labels, self.width, self.destination = labels, width, destination
        self.wiring, self.sheet = wiring, wiring.sheet
        self.layer, self.cell, self.placed = wiring.layer, wiring.cell, wiring.placed
        self.figures, ends = wiring.figures, wiring.ends
        self.stack_x, self.half = STACK_X, HALF
        if self.figures:  # over x and h_prev stand their numbers
            self.stack_x, self.half = min(STACK_X, -width / 2 - 86), HALF_WITH_NUMBERS
        self.left, self.right = self.stack_x - ends - 20, max(wiring.placed.right + ends, 2.2 * ENDS)
        self.public = self.cell.output
        if any(id == self.public for _, id in wiring.placed.fed) and self.public not in wiring.placed.rails:
            self.right += width / 2  # its way down leads past its box
        self.stacked = self._count("x") + self._count(self.public)  # numbers

    def draw(self) -> Diagram:
        self._gates()
        self.wiring.operations()
        self._sources()
        if self.placed.stacked:
            self._stack()
        else:
            self._lines()
        self._peepholes()
        self.wiring.inner_wires()
        layer = self.layer
        self.wiring.new_states(self.right, self._size, self.destination)
        self.wiring.junctions()
        self.wiring.numbers()
        return self.sheet.diagram(
            view="cell",
            **WORDS.captions(self._about()),
            legend=[*self.wiring.legend(), *self._peephole_keys()],
            states=self.wiring.states,
            layer=layer.name,
            facts={"gates": len(self.cell.gates()), "stacked": self.stacked},
        )

    def _about(self) -> Facts:
        """The facts that the words need."""
        fan = fan_in(self.layer)
        read = {source.name: source.size for source in fan.sources}
        if self._is_read(self.public + PREVIOUS):  # by a matrix, or number by number
            read.setdefault(self.public, self._count(self.public))
        return {
            **layer_facts(self.layer),
            "step": self.figures and self.figures.at_step.step,
            "unit": self.figures and self.figures.unit,
            "one_of_many": self.layer.units > SOME,  # a long vector is shown by one of its numbers
            "private": list(fan.private),
            "sources": [{"name": name, "x": name == "x", "size": size} for name, size in read.items()],
            "read_back": self._is_read(self.public + PREVIOUS),
            "many": self._count(self.public),
            "sizes": [{"state": state, "size": self._count(state)} for state in self.cell.state],
            "sums": [
                {"name": gate, "role": ROLE_WORDS.get(role(self.cell, gate), "value")} for gate in self.cell.gates()
            ],
        }

    def _gates(self) -> None:
        for id, label in self.labels.items():
            what = gate_role(self.cell, id)
            gate = self.sheet.node(
                id_of(id), label, what, *self.placed.at[id], width=self.width, height=GATE[1],
                shape="box" if what == "gate.content" else "round", since=self.wiring.since(id),
                **self.wiring.facts(id),
            )  # fmt: skip
            self.wiring.keep(id, gate)

    def _peepholes(self) -> None:
        """A private line to each gate that sees a state of its own unit, through the weights on it."""
        for part in self.placed.parts.values():
            own = part.affine.own if part.affine else ()
            for weight, vector in own if len(own) == 1 and own[0][1].name in self.wiring.made else ():
                gate, source = self.wiring.made[part.id], self.wiring.made[vector.name]
                x, top = gate.x - gate.width / 2 + 22, gate.y + gate.height / 2
                label, since = text(["⊙ ", *weight_symbol(weight)]), self.wiring.since(part.id)
                on = self.sheet.node(
                    f"{gate.id}-own", label, "weight", x, top + 26, width=38, height=24, shape="dotted", since=since,
                    padding=(3, 2), **self.wiring.facts(weight),
                )  # fmt: skip
                self.wiring.router.avoid(on)
                what, facts = self.wiring.wire_role(vector.name), self.wiring.facts(vector.name)
                shape = self.wiring.shape(vector.name)
                facts |= {"since": max(since, self.wiring.since(vector.name)), "shape": shape}
                way = self.wiring.router.route(vector.name, source, on, self.wiring.tracks())
                self.sheet.edge(source, on, what, via=way, id=f"{source.id}-to-{on.id}", **facts)
                tail = on if (vector.name, part.id) in self.placed.fed else source  # a matrix reads it too
                self.sheet.edge(on, gate, what, end=(x, top), id=f"{tail.id}-to-{gate.id}", **facts)
                self.wiring.router.keep(vector.name, (x, on.y), (), (x, top))

    def _peephole_keys(self) -> list[Key]:
        own = any(part.affine and part.affine.own for part in self.placed.parts.values())
        return [Key("weight", WORDS.say("legend_own"), symbol="⊙ p", shape="dotted")] if own else []

    def _sources(self) -> None:
        """Each previous state at the left end of its rail or of the line under the gates, x above or below that."""
        for state in [state for state in self.cell.state if self._is_read(state + PREVIOUS)]:
            y = self.placed.rails.get(state, self.placed.bus)
            self.wiring.end(state + PREVIOUS, self.left, y, self._size(state))
        x, y = self.stack_x, self.placed.bus - 130
        if self.placed.stacked:
            x, y = self.stack_x - 110 if self.public in self.placed.rails else self.left, self.placed.bus + self.half
        self.wiring.end("x", x, y, self._size("x"))

    def _is_read(self, name: str) -> bool:
        return any(name in part.inputs for part in self.placed.parts.values())

    def _size(self, name: str) -> str:
        """F=2, H=100; a size of the cell's own by its name."""
        (*_, dim), count = shapes_in(self.cell)[name], number(self._count(name))
        last = f"{SIZE_LETTERS.get(dim, dim)}={count}" if isinstance(dim, str) else count
        return " × ".join([*map(number, self.layer.shape(name)[:-1]), last])

    def _count(self, name: str) -> int:
        """How many numbers a vector holds, or how many maps there are."""
        return self.layer.shape(name)[-1]

    def _stack(self) -> None:
        """x and h_prev stacked into one tall vector that every gate reads."""
        x, bus, previous = self.stack_x, self.placed.bus, self.public + PREVIOUS
        labels = {
            previous: text([*symbol(previous), small(f"  {number(self._count(previous))}")]),
            "x": text([*symbol("x"), small(f"  {number(self.layer.features)}")]),
        }
        width = max([84.0, *(measure(label)[0] + 20 for label in labels.values())])
        box = self.sheet.node("stack", (), "op", x, bus + self.half / 2, width=width + 8, height=2 * self.half + 8)
        halves = {
            name: self.sheet.node(
                id, labels[name], role(self.cell, name), x, y, width=width, height=self.half, inside="stack",
                **self.wiring.facts(name),
            )
            for name, id, y in (("x", "stack-x", bus + self.half), (previous, "stack-h", bus))
        }  # fmt: skip
        self.wiring.router.avoid(box)
        h, source = halves[previous], self.wiring.made[previous]
        down: tuple[Point, ...] = ()
        if source.y != h.y:
            down = ((self.left + DOWN, source.y), (self.left + DOWN, h.y))
        self.sheet.edge(
            source, h, "state.public", via=down, shape=self.wiring.shape(previous), **self.wiring.facts(previous)
        )
        x_end, x_half = self.wiring.made["x"], halves["x"]
        self.sheet.edge(x_end, x_half, "input", shape=self.wiring.shape("x"), **self.wiring.facts("x"))
        gates = [id for id in self.placed.parts if (previous, id) in self.placed.fed]
        for id in gates:
            gate = self.wiring.made[id]
            bend = ((gate.x, bus),) if gate.y != bus else ()
            self.sheet.edge(
                box, gate, "op", via=bend, start=(x + box.width / 2, bus), id=f"stack-to-{gate.id}",
                since=self.wiring.summed(id), shape=(self.stacked,), layer=self.layer.name,
            )  # fmt: skip
            self.wiring.router.keep("stack", (box.x, bus), bend, (gate.x, gate.y))
        before, between = WORDS.say("stack_before", stacked=self.stacked), WORDS.say("stack_between")
        after = WORDS.say("stack_after", gates=len(gates), pair=len(gates) == 2, several=len(gates) > 1)
        over = [*symbol("x", style="small"), small(f" {between} "), *symbol(previous, style="small")]
        words = text([small(f"{before} "), *over, small(after)])
        if self.placed.gate_row in {self.wiring.made[id].y for id in gates}:
            self.sheet.note("stack-words", words, x + box.width / 2 + 14, bus - 22, anchor="left")
        else:  # the one box stands on the line
            self.sheet.note("stack-words", words, x - width / 2, bus - self.half / 2 - 20, anchor="left")

    def _lines(self) -> None:
        """Where gates read different things, h_prev and x each have a line of their own."""
        previous = self.public + PREVIOUS
        for name, drop, side in ((previous, 0.0, -1), ("x", X_LINE, 1)):
            y = self.placed.bus - drop
            for id in [id for input, id in self.placed.fed if input == name]:
                source, head = self.wiring.made[name], self.wiring.made[id]
                both = {("x", id), (previous, id)} <= set(self.placed.fed)
                x = head.x + (side * 16 if both else 0)
                bends: tuple[Point, ...] = ((x, y),)
                if name == "x":
                    bends = ((source.x, y), (x, y))
                elif source.y != y:
                    bends = ((self.left + DOWN, source.y), (self.left + DOWN, y), (x, y))
                self.sheet.edge(
                    source, head, role(self.cell, name), via=bends, end=(x, head.y - head.height / 2),
                    id=f"{source.id}-to-{head.id}", since=self.wiring.summed(id), shape=self.wiring.shape(name),
                    **self.wiring.facts(name),
                )  # fmt: skip
                self.wiring.router.keep(name, (source.x, source.y), bends, (x, head.y))
