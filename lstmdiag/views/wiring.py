"""Wires between the parts of a circuit that have their places: the pictures of the cell and of one unit share them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstmdiag.analysis.cells import role
from lstmdiag.cells.circuit import Part
from lstmdiag.diagrams import Node, Point, Run, Text
from lstmdiag.diagrams.boxes import Box, note
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.text import measure, small, text, wrap
from lstmdiag.diagrams.turning import sheet
from lstmdiag.views.build_up import build_up
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.circuit_boxes import PILL, end, operation
from lstmdiag.views.free_space import FreeSpace
from lstmdiag.views.placing import Placed
from lstmdiag.views.routing import Router, partings
from lstmdiag.views.words import id_of, symbol

ENDS, ENDS_CLOSE = 150.0, 84.0  # from the last part to where the states leave
UP, UP_CLOSE = 72.0, 42.0  # from the highest part to the words where the output goes
BEYOND = 40.0  # words reach no farther to the right of the ends of the states, where there is little room
WORDS_WIDE = 140.0  # of those, where there is little room
BELOW, ASIDE = 46.0, 34.0  # of those under the ends: from there; from its line to their wire
TIPS = 44.0  # between the ends of two states, one below the other
READERS = 42.0  # from the end of the public state to the words who reads it
BEFORE = 7.0  # from a part to where a wire turns into it, where columns are close
CLEAR = 26.0  # from the middle of the last part to them
READERS_WIDE = 110.0  # of those words, where there is little room
PILL_HIGH = 18.0
ABOVE_PILL = 22.0  # from a number under the symbol at the end of a wire to it: the pill stands between


class Wiring:
    """A picture under construction: first the boxes, then the wires, which keep clear of all that stands there."""

    def __init__(self, circuit: Circuit, placed: Placed, detail: Detail, narrow: Point | None = None) -> None:
        """`narrow` is the size of gates whose words stand in lines of their own."""
        self.circuit, self.placed, self.detail, self.narrow = circuit, placed, detail, narrow
        self.build_up = build_up(circuit, placed.rails)
        self.sheet, self.router = sheet(upright=detail.upright), Router()
        if detail.tight and not detail.upright:
            self.router.before = BEFORE
        self.nodes: dict[str, Node] = {}  # part id → where its value is
        self.heads: dict[str, Node] = {}  # part id → where its inputs arrive, if not there
        self.drawn: set[tuple[str, str]] = {*placed.fed}  # (input, part): wires of the line under the gates, and others
        self.tips: list[tuple[str, Node]] = []  # ends of wires, and what travels there
        least, (numbers, _) = ENDS_CLOSE if detail.tight else ENDS, self.sheet.lying((circuit.widest, 18))
        self.ends = max(least, numbers + 40)  # from the last part to where the states leave

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
                box = self.sheet.leaf(operation(self.circuit, part, self.build_up.since[part.id], self.narrow))
                self.put(part.id, box, *self.placed.at[part.id])

    def start(self, name: str, x: float, y: float, pill: str) -> None:
        """Where a wire begins, with a number under its symbol and a pill."""
        box = end(self.circuit, name, pill, over=self.detail.upright, inward=self._inward(y))
        node = self._tip(name, box, x - self._apart(y), y)
        self.keep(name, node)

    def _inward(self, y: float) -> int:
        """To which side a pill reaches, where the picture runs down: to where the others stand."""
        return (1 if y == self.placed.bus else -1) * self.detail.upright

    def _apart(self, y: float) -> float:
        """How much farther out the end at this height stands, where the picture runs down and rails are close."""
        rails = sorted(self.placed.rails.values())
        return TIPS * rails.index(y) * self.detail.upright if y in rails else 0.0

    def _tip(self, name: str, box: Box, x: float, y: float) -> Node:
        node, pill = self.sheet.put(self.sheet.leaf(box), x, y)
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
        if self.detail.upright or self.detail.flat:
            return not self.router.straight(tail, head), False
        return abs(tail.y - head.y) > 1, abs(tail.x - head.x) > 1

    def _wire(self, input: str, part: Part) -> None:
        since = max(self.build_up.since[part.id], self.build_up.since[input])
        self.routed(input, self.nodes[input], self.head(part.id), _wire_id(input, part.id), since)

    def routed(self, name: str, tail: Node, head: Node, id: str, since: int) -> None:
        """A wire on which the value of a part travels, on the best way."""
        via = self.router.route(name, tail, head, self.placed.tracks)
        self.sheet.edge(tail, head, self.wire_role(name), via=via, id=id, **self.circuit.travels(name, since))

    def along(
        self,
        net: str,
        tail: Node,
        y: float,
        head: Node,
        role: str,
        *,
        lead: tuple[Point, ...] = (),
        side: float = 0.0,
        **facts: Any,
    ) -> None:
        """A wire that leaves to the right at a height, and goes straight into a part from there, `side` of its middle.

        Those of one `net` may share a line. `lead` is its way to that height.
        """
        bend, start = ((head.x + side, y),) if head.y != y else (), lead[0][1] if lead else y
        if side and bend:
            facts["end"] = (head.x + side, head.y - head.height / 2)
        via = (*lead, *bend)
        self.sheet.edge(tail, head, role, via=via, start=(tail.x + tail.width / 2, start), **facts)
        self.router.keep(net, (tail.x, start), via, (head.x + side, head.y))

    def head(self, id: str) -> Node:
        """Where the inputs of a part arrive."""
        return self.heads.get(id, self.nodes[id])

    def wire_role(self, id: str) -> str:
        """A wire looks like what travels on it; along a rail that is the state, half made or done."""
        quantity = self.placed.parts[id].quantity
        return role(self.circuit.cell, quantity) if id in self.placed.on_rail else self.circuit.role(id)

    # -- where the states leave

    def new_states(self, right: float, pill: Callable[[str], str], destination: str, readers: str = "") -> None:
        """New states leave to the right; the public one, drawn last, also goes up, with words to which `destination`.

        `readers` says under the public one who reads it at the next step.
        """
        public = self.circuit.cell.output
        leads, up = self._words(public, destination), right - self.ends / 2
        if self.detail.tight and not self.detail.upright:  # so far that the wire up passes by the pills
            pills = [measure(text(small(pill(state))))[0] + 12 for state in self.circuit.cell.state]
            right = max(right, up + max(pills) / 2 + 6)
        for state in self.circuit.cell.state:
            since = self.build_up.last if state == public else self.build_up.since[state]
            y = self._way_out(state)
            inward = self._inward(y)
            box = end(self.circuit, state, pill(state), id=f"{id_of(state)}-next", since=since, inward=inward)
            tip = self._tip(state, box, right + self._apart(y), y)
            self._leave(state, tip, self._down(state), f"{id_of(state)}-right", since)
            if readers and state == public and not self.detail.upright:
                lines = wrap(readers, READERS_WIDE, "small", even=True) if self.detail.tight else [small(readers)]
                words = text(*lines)
                y = tip.y - READERS - (measure(words)[1] - measure(words[:1])[1]) / 2
                wide = measure(words)[0] / 2
                least = right - self.ends + CLEAR + wide
                x = max(min(right, right + BEYOND - wide), least) if self.detail.tight else right
                self.sheet.note("heirs", words, x, y, since=since)
        if self.detail.upright:
            self._below(right, text(*leads, *[small(readers)] * bool(readers)))
        else:
            self._up(up, right, text(*leads))

    def _words(self, public: str, up: str) -> list[list[Run]]:
        """Where the output goes, in lines."""
        first, *others = wrap(up, WORDS_WIDE * (1 + self.detail.upright), even=True) if self.detail.tight else [Run(up)]
        lead = " " * (first.text == up.strip() != up or self.detail.tight)
        return [[*symbol(public, self.circuit.unit, style="bold"), Run(lead + first.text)], *([run] for run in others)]

    def _below(self, right: float, words: Text) -> None:
        """The public state also goes on to words below the ends of the others."""
        public, since = self.circuit.cell.output, self.build_up.last
        box = self.sheet.leaf(
            note("up", words, "state.public", align="left", since=since, **self.circuit.facts(public))
        )
        y, x = self._way_out(public), right + BELOW + TIPS * (max(len(self.placed.rails), 1) - 1)
        x += PILL_HIGH * bool(self.circuit.at_step)
        side = 1 if y == self.placed.bus else -1
        pill = self.sheet.nodes[f"size-{id_of(public)}-next"]
        number = measure(self.circuit.number(public))[0] + 6
        beside = y + side * max(ASIDE, abs(pill.y + side * pill.height / 2 - y) + 10, number)
        left = min(node.y - node.height / 2 for node in self.sheet.nodes.values())
        left = max(left, beside + 12 - box.height)  # the wire ends on them
        (out,) = self.sheet.put(box, x + box.width / 2, left + box.height / 2)
        via = (*self._down(public), (right - self.ends / 2, y), (right - self.ends / 2, beside))
        self._leave(public, out, via, "up-wire", since, end=(x, beside))

    def _up(self, up: float, right: float, words: Text) -> None:
        """The public state also goes up, to words over all that stands there: names of readers may be long."""
        public, since = self.circuit.cell.output, self.build_up.last
        wide, high = measure(words)
        x, way = up, self._down(public)
        if self.detail.tight and len(way) > 1:  # straight from where it turns down
            x, way = way[0][0], way[:1]
        else:
            way = (*way, (x, self._way_out(public)))
        at = min(x, right + BEYOND - wide / 2) if self.detail.tight else x
        middles = [*self.placed.rails.values(), *(node.y for node in self.nodes.values())]
        highest = max([*middles, *(head.y + head.height / 2 for head in self.heads.values())])
        least = highest + (UP_CLOSE if self.detail.tight else UP)
        top = max(least, self.router.top(at - wide / 2, at + wide / 2) + high / 2)
        out = self.sheet.note("up", words, at, top, role="state.public", since=since, **self.circuit.facts(public))
        end = (x, top - high / 2) if at != x else None
        self._leave(public, out, way, "up-wire", since, end)

    def _leave(
        self, state: str, head: Node, via: tuple[Point, ...], id: str, since: int, end: Point | None = None
    ) -> None:
        what, facts = role(self.circuit.cell, state), {"end": end, **self.circuit.travels(state, since)}
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
        if not (fed or self.detail.upright) and self.router.blocks(tail.x, tail.y, y, tail.id) is None:
            return ((tail.x, y),)
        x = tail.x + tail.width / 2 + (14 if self.detail.upright else 34)
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
            if not (self.detail.upright and self.circuit.whole):  # there is no room for vectors beside them
                self._numbers_of_operations(space)

    def _numbers_at_ends(self, space: FreeSpace) -> None:
        for name, node in self.tips:
            label = self.circuit.number(name)
            away = (node.height + self.sheet.lying(measure(label))[1]) / 2
            first = [(node.x, node.y + away), (node.x, node.y - away - ABOVE_PILL)]  # there where a wire goes up
            if self.detail.upright:
                first = [self._beyond(node, measure(label))]
            x, y = space.beside(node, self.sheet.lying(measure(label)), first)
            facts = {"since": node.since, **self.circuit.facts(name)}
            self.sheet.note(f"value-{node.id}", label, x, y, role=node.role, **facts)

    def _beyond(self, node: Node, size: Point) -> Point:
        """Behind the pill of an end, inward from its wire where the picture runs down."""
        wide, high = size
        out = -1 if node.x < 0 else 1
        inward = self._inward(node.y) * max(wide / 2 - node.height / 2, 0)
        return node.x + out * (PILL + PILL_HIGH + high / 2 - 8), node.y + inward

    def _numbers_of_operations(self, space: FreeSpace) -> None:
        """Beside them; what a box holds or an end of a wire says is not said twice."""
        for part in self.placed.parts.values():
            if part.op in ("source", "gate", "weight", "number") or part.id in self.circuit.cell.equations:
                continue
            label = self.circuit.number(part.id, "small")
            node, (wide, high) = self.nodes[part.id], self.sheet.lying(measure(label))
            below = (node.x + (node.width + wide) / 2 + 3, node.y - high / 2 - 4)
            x, y = space.beside(node, (wide, high), [below] * self.detail.upright)
            facts = {"since": self.build_up.since[part.id], **self.circuit.facts(part.quantity)}
            self.sheet.note(f"value-{part.id}", label, x, y, **facts)


def _wire_id(input: str, part: str) -> str:
    return f"{id_of(input)}-to-{id_of(part)}"
