"""What the pictures of the cell and of one unit share: parts, rails, wires and the build-up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from typing import Any

from lstmdiag.analysis.cells import gate_role, role
from lstmdiag.cells.cell import VALVES, Cell
from lstmdiag.cells.circuit import Part
from lstmdiag.diagrams import Edge, Key, Node, Point, Run, Text
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, measure, small, sub, text
from lstmdiag.layer import CellLayer
from lstmdiag.views.figures import Figures
from lstmdiag.views.placing import Placed
from lstmdiag.views.routing import Router, heading, leaving
from lstmdiag.views.substeps import SUBSTEPS, captions, stages
from lstmdiag.views.words import ROLE_WORDS, WORDS, glyph, id_of, role_key, symbol, weight_symbol

STATES = ("inputs", "keep", "write", "read", "all")
ENDS = 150.0  # from the last part to where the states leave
GATE = (84.0, 46.0)  # of a gate or content that is no weighted sum
_OTHER = {"gate.keep": "gate.write", "gate.write": "gate.keep"}  # what 1 − z does where z keeps
_SINCE = {"gate.keep": "keep", "gate.write": "write", "gate.content": "write", "gate.read": "read"}


@dataclass
class Wiring:
    """A sheet under construction for one layer's circuit."""

    layer: CellLayer
    placed: Placed
    unit: int | None = None  # None: whole vectors
    figures: Figures | None = None  # the numbers of one step
    sheet: Sheet = field(default_factory=Sheet)
    router: Router = field(default_factory=Router)
    made: dict[str, Node] = field(default_factory=dict)  # part id → node
    numbered: list[tuple[Node, str]] = field(default_factory=list)  # ends of wires, and what travels there
    heads: dict[str, Node] = field(default_factory=dict)  # part id → where its inputs arrive, if not there

    @property
    def ends(self) -> float:
        """From the last part to where the states leave, whose numbers may need more room."""
        return max(ENDS, self.figures.widest + 40) if self.figures else ENDS

    @property
    def cell(self) -> Cell:
        return self.layer.cell

    def facts(self, quantity: str) -> dict[str, Any]:
        return {"layer": self.layer.name, "symbol": quantity, "unit": self.unit}

    def role(self, id: str) -> str:
        """Of a quantity, its own; 1 − z writes where z keeps."""
        part = self.placed.parts.get(id)
        if id not in self.cell.roles and part and part.op == "one_minus":
            return _OTHER.get(self.role(part.inputs[0]), "op")
        return role(self.cell, id)

    def since(self, id: str) -> int:
        """The build-up state in which a part appears: its own role's, or its latest input's."""
        if self.figures:
            return self._used.index(self._stages[id])
        return self._since[id]

    @cached_property
    def _since(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for part in self.placed.parts.values():  # each after the parts it needs
            drawn_first = part.op in ("source", "weight")
            own = 0 if drawn_first else STATES.index(self._own(part))
            found[part.id] = max([own, *(found[id] for id in part.inputs)])
        return found

    def _own(self, part: Part) -> str:
        """The build-up state of its role."""
        own = _SINCE.get(self.role(part.id), "inputs")
        if own == "inputs" and part.quantity == self.cell.output and part.id not in self.placed.rails:
            own = "read" if self.placed.rails and part.quantity not in self.placed.rails else own
        return own

    def summed(self, id: str) -> int:
        """In which state a gate's sum is there, which its function then squashes."""
        since = self.since(id)
        return since - 1 if self.figures and self._used[since] == "squash" else since

    @cached_property
    def _stages(self) -> dict[str, str]:
        return stages(self.placed.parts, {part.id: self._stage(part) for part in self.placed.parts.values()})

    def _stage(self, part: Part) -> str:
        """What makes a gate or content is squashed; what a gate opens goes with that gate."""
        if part.quantity not in self.cell.state:
            return "squash"
        valves = [self.role(id) for id in part.inputs if self.role(id) in VALVES] if part.op == "mul" else []
        return _SINCE[valves[0]] if valves else self._own(part)

    @cached_property
    def _used(self) -> list[str]:
        used = {*self._stages.values(), "gather", "multiply", "send"}
        return [name for name in SUBSTEPS if name in used]

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The build-up; with numbers it goes through one step as a calculator does."""
        if not self.figures:
            return STATES
        return captions(self._used, self._stages, self.placed.parts, self.figures.at_step, self.figures.unit)

    def operations(self) -> None:
        """Every part that is neither a source nor a gate, at its place."""
        for part in self.placed.parts.values():
            if part.op in ("source", "gate"):
                continue
            x, y = self.placed.at[part.id]
            label, what, shape, (width, height) = self._look(part)
            node = self.sheet.node(
                id_of(part.id), label, what, x, y, width=width, height=height, shape=shape, since=self.since(part.id),
                **self.facts(part.quantity),
            )  # fmt: skip
            self.keep(part.id, node)

    def _look(self, part: Part) -> tuple[Text, str, str, tuple[float, float]]:
        """Label, role, shape and size of an operation: a valve bears the letter of what opens it."""
        sign, what = part.value or glyph(part.op), self.role(part.id)
        if part.op == "weight":
            return text(weight_symbol(part.id)), "weight", "dotted", (40, 34)
        if what.startswith("gate.") and part.id in self.cell.equations:
            label = text([bold(part.id), Run(f" {ROLE_WORDS[what]}")], small(sign), *self.valued(part.id))
            return label, what, "box" if what == "gate.content" else "round", GATE
        valve = next((i for i in part.inputs if self.role(i) in VALVES), "") if part.op == "mul" else ""
        if valve:
            opens = self.placed.parts[valve]
            name = opens.inputs[0] if opens.op == "one_minus" else valve
            letter = [sub(f"1−{name}" if opens.op == "one_minus" else name)]
            label = text([sign, *(letter if len(name) < 3 else [])])  # a longer name would not fit the circle
            return label, self.role(valve), "circle", (40, 40)
        shape, size = ("circle", (40.0, 40.0)) if len(sign) < 3 else ("round", (64.0, 34.0))
        return text(sign), what if part.op == "one_minus" else "op", shape, size

    def valued(self, id: str) -> Text:
        """A line for the number of what has a box of its own."""
        return (self.figures.line(id),) if self.figures else ()

    def keep(self, id: str, node: Node) -> Node:
        self.made[id] = node
        self.router.avoid(node)
        return node

    def wire_role(self, id: str) -> str:
        """A wire looks like what travels on it; along a rail that is the state, half made or done."""
        part = self.placed.parts[id]
        if part.quantity in self.placed.rails and id in self._rail_parts:
            return role(self.cell, part.quantity)
        return self.role(id)

    @cached_property
    def _rail_parts(self) -> set[str]:
        at = self.placed.at
        heights = self.placed.rails
        return {id for id, part in self.placed.parts.items() if id in at and at[id][1] == heights.get(part.quantity)}

    def inner_wires(self) -> None:
        """Wires between parts; those from the line under the gates are drawn by the view."""
        fed = frozenset(self.placed.fed)
        wires = [
            (input, part)
            for part in self.placed.parts.values()
            if part.op not in ("source", "weight")
            for input in dict.fromkeys(part.inputs)  # a number times itself is one wire
            if (input, part.id) not in fed and _wire_id(input, part.id) not in self.sheet.edges
        ]
        # Along a row first (the rails), then straight up, so that the others keep clear of them.
        for input, part in sorted(wires, key=lambda wire: self._bent(*wire)):
            self._wire(input, part)

    def _bent(self, input: str, part: Part) -> tuple[bool, bool]:
        tail, head = self.made[input], self.head(part.id)
        return abs(tail.y - head.y) > 1, abs(tail.x - head.x) > 1

    def tracks(self) -> list[float]:
        """Heights at which a wire may run sideways."""
        gate_row, tops = self.placed.gate_row, sorted(self.placed.rails.values())
        highest = min(tops, default=gate_row + 180)
        above = tops[-1] + 34 if tops else highest
        return [self.placed.bus, highest - 46, gate_row + 52, *self.placed.levels, highest - 34, gate_row + 64, above]

    def _wire(self, input: str, part: Part) -> None:
        tail, head = self.made[input], self.head(part.id)
        bends = self.router.route(input, tail, head, self.tracks())
        self.sheet.edge(
            tail, head, self.wire_role(input), via=bends, since=max(self.since(part.id), self.since(input)),
            shape=self.shape(input), id=_wire_id(input, part.id), **self.facts(input),
        )  # fmt: skip

    def head(self, id: str) -> Node:
        return self.heads.get(id, self.made[id])

    def shape(self, id: str) -> tuple[int, ...]:
        if self.unit is not None:
            return ()
        return self.layer.shape(self.placed.parts[id].quantity)

    def end(self, name: str, x: float, y: float, pill: str, *, id: str = "", since: int = 0) -> Node:
        """The end of a wire: its symbol, and a pill beneath with its size or range."""
        label = text(symbol(name, self.unit, style="bold"))
        node = self.sheet.node(
            id or id_of(name), label, role(self.cell, name), x, y, width=measure(label)[0] + 12, shape="plain",
            since=since, **self.facts(name),
        )  # fmt: skip
        size = self.sheet.node(f"size-{node.id}", text(small(pill)), "note", x, y - 21, shape="pill", since=since)
        self.router.avoid(size)
        self.numbered.append((node, name))
        if not id:
            self.keep(name, node)
        return node

    def new_states(self, right: float, pill: Callable[[str], str], up: str, heirs: str = "") -> None:
        """New states leave to the right; the public one, drawn last, also goes up with the words `up`.

        `heirs` says under the public one who reads it at the next step.
        """
        last, rails, public = len(self.states) - 1, self.placed.rails, self.cell.output
        for state in self.cell.state:
            tail, y = self.made[state], rails.get(state, self.placed.bus)
            since = last if state == public else self.since(state)
            end = self.end(state, right, y, pill(state), id=f"{id_of(state)}-next", since=since)
            via = () if state in rails else self._down(tail, y)
            self._leave(state, tail, end, via, f"{id_of(state)}-right", since)
            if heirs and state == public:
                self.sheet.note("heirs", text(small(heirs)), right, y - 42, since=since)
        x, y = right - self.ends / 2, rails.get(public, self.placed.bus)
        top = max([*rails.values(), *(node.y for node in self.made.values()), *map(_top, self.heads.values())]) + 72
        words = text([*symbol(public, self.unit, style="bold"), up])
        wide, high = measure(words)
        beneath = (node for node in self.sheet.nodes.values() if abs(node.x - x) < (wide + node.width) / 2)
        top = max([top, *(_top(node) + high / 2 + 6 for node in beneath)])  # names of readers may be long
        out = self.sheet.note("up", words, x, top, role="state.public", since=last, **self.facts(public))
        tail = self.made[public]
        down = () if public in rails else self._down(tail, y)
        self._leave(public, tail, out, (*down, (x, y)), "up-wire", last)

    def _leave(self, state: str, tail: Node, end: Node, via: tuple[Point, ...], id: str, since: int) -> None:
        self.sheet.edge(
            tail, end, role(self.cell, state), via=via, id=id, since=since, shape=self.shape(state), **self.facts(state)
        )  # fmt: skip

    def _down(self, tail: Node, y: float) -> tuple[Point, ...]:
        """From a part to the line at height y: straight, or beside what stands below."""
        if not any(id_of(id) == tail.id for _, id in self.placed.fed) and not self.router.blocks(
            tail.x, tail.y, y, tail.id
        ):
            return ((tail.x, y),)
        x = tail.x + tail.width / 2 + 34
        while (right := self.router.blocks(x, tail.y, y, tail.id)) is not None:
            x = right + 16
        return ((x, tail.y), (x, y))

    def junctions(self) -> None:
        """A dot wherever wires of one value part: at a bend of one that another passes, or bends from elsewhere."""
        by_tail: dict[str, list[Edge]] = {}
        for edge in self.sheet.edges.values():
            by_tail.setdefault(edge.tail, []).append(edge)
        seen: set[Point] = set()
        for edges in by_tail.values():
            for edge, other in permutations(edges, 2):
                for at, next_point in zip(edge.points[1:-1], edge.points[2:], strict=True):
                    theirs = leaving(other.points, at)
                    if theirs is None or theirs == heading(at, next_point) or at in seen:
                        continue
                    seen.add(at)
                    self.sheet.node(
                        f"joint-{len(seen)}", (), edge.role, *at, shape="point", since=max(edge.since, other.since),
                        symbol=edge.symbol, layer=edge.layer, unit=self.unit,
                    )  # fmt: skip

    def numbers(self) -> None:
        """At the ends of wires and beside operations, once all wires have their ways."""
        if self.figures:
            for node, name in self.numbered:
                self.figures.end(self.sheet, node, name)
            since = {id: self.since(id) for id in self.placed.parts}
            self.figures.beside(self.sheet, self.made, self.placed.parts, since)

    def legend(self) -> list[Key]:
        """Gates and states, what 1 − z does, and the operations."""
        keys = dict.fromkeys(role_key(self.cell, q) for q in (*self.cell.gates(), *self.cell.state))
        for part in self.placed.parts.values():
            what, word = self.role(part.id), ROLE_WORDS.get(self.role(part.id), "")
            if part.op == "one_minus" and what in VALVES:
                keys[
                    Key(
                        what, WORDS.say("legend_left_over", word=word, gate=part.inputs[0]), symbol="1−", shape="circle"
                    )
                ] = None
            elif part.affine and part.id in self.cell.state:
                keys |= dict.fromkeys(_made_by_weights(self.cell, part))
        if any(self.role(part.id) == "op" for part in self.placed.parts.values() if not part.affine):
            keys[Key("op", WORDS.say("legend_operation"), symbol="⊙", shape="circle")] = None
        return [*keys]


def _wire_id(input: str, part: str) -> str:
    return f"{id_of(input)}-to-{id_of(part)}"


def _top(node: Node) -> float:
    return node.y + node.height / 2


def _made_by_weights(cell: Cell, part: Part) -> Iterator[Key]:
    """The entry of a state that is a weighted sum itself: content, or a projection of the unit's own values."""
    what = gate_role(cell, part.id)
    if what == "gate.content":
        yield Key(what, WORDS.say("legend_content"), symbol=part.id)
    elif part.affine:
        matrix = part.affine.terms[0][0]
        yield Key(what, WORDS.say("legend_projection", state=part.id, matrix=matrix), symbol=matrix, shape="round")
