"""Wires between the parts of a circuit that have their places: the pictures of the cell and of one unit share them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import permutations
from typing import Any

from lstmdiag.analysis.cells import role
from lstmdiag.cells.circuit import Part
from lstmdiag.diagrams import Edge, Node, Point, Text
from lstmdiag.diagrams.boxes import Box
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.views.build_up import build_up
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.circuit_boxes import end, operation
from lstmdiag.views.free_space import FreeSpace
from lstmdiag.views.placing import Placed
from lstmdiag.views.routing import Router, heading, leaving
from lstmdiag.views.words import id_of, symbol

ENDS = 150.0  # from the last part to where the states leave
UP = 72.0  # from the highest part to the words where the output goes
READERS = 42.0  # from the end of the public state to the words who reads it
ABOVE_PILL = 22.0  # from a number under the symbol at the end of a wire to it: the pill stands between


class Wiring:
    """A picture under construction: first the boxes, then the wires, which keep clear of all that stands there."""

    def __init__(self, circuit: Circuit, placed: Placed) -> None:
        self.circuit, self.placed = circuit, placed
        self.build_up = build_up(circuit, placed.rails)
        self.sheet, self.router = Sheet(), Router()
        self.nodes: dict[str, Node] = {}  # part id → where its value is
        self.heads: dict[str, Node] = {}  # part id → where its inputs arrive, if not there
        self.drawn: set[tuple[str, str]] = {*placed.fed}  # (input, part): wires of the line under the gates, and others
        self.tips: list[tuple[str, Node]] = []  # ends of wires, and what travels there
        self.ends = max(ENDS, circuit.widest + 40)  # from the last part to where the states leave

    # -- boxes

    def put(self, id: str, box: Box, x: float, y: float) -> list[Node]:
        """The box of a part at its place; its first node is where the value is. All nodes in it."""
        nodes = self.sheet.put(box, x, y)
        self.keep(id, nodes[0])
        return nodes

    def keep(self, id: str, node: Node) -> None:
        """This is where the value of a part is, and no wire runs through it."""
        self.nodes[id] = node
        self.router.avoid(node)

    def operations(self) -> None:
        """Every part that is neither a source nor a gate, at its place."""
        for part in self.placed.parts.values():
            if part.op not in ("source", "gate"):
                box = operation(self.circuit, part, self.build_up.since[part.id])
                self.put(part.id, box, *self.placed.at[part.id])

    def start(self, name: str, x: float, y: float, pill: str) -> None:
        """Where a wire begins, with a number under its symbol and a pill."""
        node = self._tip(name, end(self.circuit, name, pill), x, y)
        self.keep(name, node)

    def _tip(self, name: str, box: Box, x: float, y: float) -> Node:
        node, pill = self.sheet.put(box, x, y)
        self.router.avoid(pill)
        self.tips.append((name, node))
        return node

    # -- wires

    def inner_wires(self) -> None:
        """Wires between parts that are not drawn by the view."""
        wires = [
            (input, part)
            for part in self.placed.parts.values()
            if part.op not in ("source", "weight")
            for input in dict.fromkeys(part.inputs)  # a number times itself is one wire
            if (input, part.id) not in self.drawn
        ]
        # Along a row first (the rails), then straight up, so that the others keep clear of them.
        for input, part in sorted(wires, key=lambda wire: self._bent(*wire)):
            self._wire(input, part)

    def _bent(self, input: str, part: Part) -> tuple[bool, bool]:
        tail, head = self.nodes[input], self.head(part.id)
        return abs(tail.y - head.y) > 1, abs(tail.x - head.x) > 1

    def _wire(self, input: str, part: Part) -> None:
        since = max(self.build_up.since[part.id], self.build_up.since[input])
        self.routed(input, self.nodes[input], self.head(part.id), _wire_id(input, part.id), since)

    def routed(self, name: str, tail: Node, head: Node, id: str, since: int) -> None:
        """A wire on which the value of a part travels, on the best way."""
        via = self.router.route(name, tail, head, self._tracks)
        self.sheet.edge(tail, head, self.wire_role(name), via=via, id=id, **self.circuit.travels(name, since))

    def along(self, net: str, tail: Node, y: float, head: Node, role: str, **facts: Any) -> None:
        """A wire that leaves to the right at a height, and goes straight into a part from there.

        Those of one `net` may share a line.
        """
        bend = ((head.x, y),) if head.y != y else ()
        self.sheet.edge(tail, head, role, via=bend, start=(tail.x + tail.width / 2, y), **facts)
        self.router.keep(net, (tail.x, y), bend, (head.x, head.y))

    def head(self, id: str) -> Node:
        """Where the inputs of a part arrive."""
        return self.heads.get(id, self.nodes[id])

    def wire_role(self, id: str) -> str:
        """A wire looks like what travels on it; along a rail that is the state, half made or done."""
        quantity = self.placed.parts[id].quantity
        return role(self.circuit.cell, quantity) if id in self.placed.on_rail else self.circuit.role(id)

    @property
    def _tracks(self) -> list[float]:
        """Heights at which a wire may run sideways."""
        row, rails = self.placed.gate_row, sorted(self.placed.rails.values())
        highest = min(rails, default=row + 180)
        above = rails[-1] + 34 if rails else highest
        return [self.placed.bus, highest - 46, row + 52, *self.placed.levels, highest - 34, row + 64, above]

    # -- where the states leave

    def new_states(self, right: float, pill: Callable[[str], str], up: str, readers: str = "") -> None:
        """New states leave to the right; the public one, drawn last, also goes up with the words `up`.

        `readers` says under the public one who reads it at the next step.
        """
        public = self.circuit.cell.output
        for state in self.circuit.cell.state:
            since = self.build_up.last if state == public else self.build_up.since[state]
            box = end(self.circuit, state, pill(state), id=f"{id_of(state)}-next", since=since)
            tip = self._tip(state, box, right, self._way_out(state))
            self._leave(state, tip, self._down(state), f"{id_of(state)}-right", since)
            if readers and state == public:
                self.sheet.note("heirs", text(small(readers)), right, tip.y - READERS, since=since)
        self._up(right - self.ends / 2, text([*symbol(public, self.circuit.unit, style="bold"), up]))

    def _up(self, x: float, words: Text) -> None:
        """The public state also goes up, to words over all that stands there: names of readers may be long."""
        public, since = self.circuit.cell.output, self.build_up.last
        wide, high = measure(words)
        middles = [*self.placed.rails.values(), *(node.y for node in self.nodes.values())]
        highest = max([*middles, *(head.y + head.height / 2 for head in self.heads.values())])
        top = max(highest + UP, self.router.top(x - wide / 2, x + wide / 2) + high / 2)
        out = self.sheet.note("up", words, x, top, role="state.public", since=since, **self.circuit.facts(public))
        self._leave(public, out, (*self._down(public), (x, self._way_out(public))), "up-wire", since)

    def _leave(self, state: str, head: Node, via: tuple[Point, ...], id: str, since: int) -> None:
        what, facts = role(self.circuit.cell, state), self.circuit.travels(state, since)
        self.sheet.edge(self.nodes[state], head, what, via=via, id=id, **facts)

    def _way_out(self, state: str) -> float:
        """The height at which a state leaves."""
        return self.placed.rails.get(state, self.placed.bus)

    def _down(self, state: str) -> tuple[Point, ...]:
        """The way of a state to that height: none from its rail, else straight, or beside what stands below."""
        if state in self.placed.rails:
            return ()
        tail, y = self.nodes[state], self.placed.bus
        fed = any(id == state for _, id in self.placed.fed)
        if not fed and self.router.blocks(tail.x, tail.y, y, tail.id) is None:
            return ((tail.x, y),)
        x = tail.x + tail.width / 2 + 34
        while (right := self.router.blocks(x, tail.y, y, tail.id)) is not None:
            x = right + 16
        return ((x, tail.y), (x, y))

    # -- on wires

    def finish(self) -> None:
        """Dots where wires part, and numbers, once all wires have their ways."""
        for place, (at, edge, since) in enumerate(partings(self.sheet.edges.values()), 1):
            facts: dict[str, Any] = {"symbol": edge.symbol, "layer": edge.layer, "unit": self.circuit.unit}
            self.sheet.node(f"joint-{place}", (), edge.role, *at, shape="point", since=since, **facts)
        if self.circuit.at_step:
            space = FreeSpace(self.sheet.nodes.values(), self.sheet.edges.values())
            self._numbers_at_ends(space)
            self._numbers_of_operations(space)

    def _numbers_at_ends(self, space: FreeSpace) -> None:
        for name, node in self.tips:
            label = self.circuit.number(name)
            away = (node.height + measure(label)[1]) / 2
            first = ((node.x, node.y + away), (node.x, node.y - away - ABOVE_PILL))  # there where a wire goes up
            x, y = space.beside(node, measure(label), first)
            facts = {"since": node.since, **self.circuit.facts(name)}
            self.sheet.note(f"value-{node.id}", label, x, y, role=node.role, **facts)

    def _numbers_of_operations(self, space: FreeSpace) -> None:
        """Beside them; what a box holds or an end of a wire says is not said twice."""
        for part in self.placed.parts.values():
            if part.op in ("source", "gate", "weight", "number") or part.id in self.circuit.cell.equations:
                continue
            label = self.circuit.number(part.id, "small")
            x, y = space.beside(self.nodes[part.id], measure(label))
            facts = {"since": self.build_up.since[part.id], **self.circuit.facts(part.quantity)}
            self.sheet.note(f"value-{part.id}", label, x, y, **facts)


def partings(wires: Iterable[Edge]) -> Iterator[tuple[Point, Edge, int]]:
    """Where wires of one value part: at a bend of one that another passes, or bends from elsewhere.

    (place, wire, the state in which both are there)
    """
    by_tail: dict[str, list[Edge]] = {}
    for wire in wires:
        by_tail.setdefault(wire.tail, []).append(wire)
    seen: set[Point] = set()
    for together in by_tail.values():
        for wire, other in permutations(together, 2):
            for at, next_point in zip(wire.points[1:-1], wire.points[2:], strict=True):
                theirs = leaving(other.points, at)
                if at not in seen and theirs not in (None, heading(at, next_point)):
                    seen.add(at)
                    yield at, wire, max(wire.since, other.since)


def _wire_id(input: str, part: str) -> str:
    return f"{id_of(input)}-to-{id_of(part)}"
