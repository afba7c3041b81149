"""What the pictures of the cell and of one unit share: parts, rails, wires and the build-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.circuit import Part
from lstmdiag.diagrams import Edge, Key, Node, Point
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import measure, small, sub, text
from lstmdiag.model import Layer
from lstmdiag.views.placing import Placed
from lstmdiag.views.routing import Router, heading, leaving
from lstmdiag.views.words import glyph, role, role_key, symbol, weight_symbol

STATES = ("inputs", "keep", "write", "read", "all")
VALVES = ("gate.keep", "gate.write", "gate.read")
ENDS = 150.0  # from the last part to where the states leave
_SINCE = {"gate.keep": "keep", "gate.write": "write", "gate.content": "write", "gate.read": "read"}


@dataclass
class Wiring:
    """A sheet under construction for one layer's circuit."""

    layer: Layer
    placed: Placed
    unit: int | None = None  # None: whole vectors
    sheet: Sheet = field(default_factory=Sheet)
    router: Router = field(default_factory=Router)
    made: dict[str, Node] = field(default_factory=dict)  # part id → node
    heads: dict[str, Node] = field(default_factory=dict)  # part id → where its inputs arrive, if not there

    @property
    def cell(self) -> Cell:
        assert self.layer.cell is not None
        return self.layer.cell

    def facts(self, quantity: str) -> dict[str, Any]:
        return {"layer": self.layer.name, "symbol": quantity, "unit": self.unit}

    def since(self, id: str) -> int:
        """The build-up state in which a part appears: its own role's, or its latest input's."""
        part = self.placed.parts[id]
        if part.op == "source" or part.op == "weight":
            return 0
        own = _SINCE.get(role(self.cell, id), "inputs")
        if own == "inputs" and part.quantity == self.cell.output and id not in self.placed.rails:
            own = "read" if self.placed.rails and part.quantity not in self.placed.rails else own
        return max([STATES.index(own), *(self.since(i) for i in part.inputs)])

    def operations(self) -> None:
        """Every part that is neither a source nor a gate, at its place."""
        for part in self.placed.parts.values():
            if part.op in ("source", "gate"):
                continue
            x, y = self.placed.at[part.id]
            sign = part.value or glyph(part.op)
            shape, width, height = ("circle", 40, 40) if len(sign) < 3 else ("round", 64, 34)
            valve = next((i for i in part.inputs if role(self.cell, i) in VALVES), "") if part.op == "mul" else ""
            letter = [sub(valve)] if len(valve) < 3 else []  # a longer name would not fit the circle
            label, what = (text([sign, *letter]), role(self.cell, valve)) if valve else (text(sign), "op")
            if part.op == "weight":
                label, what, shape, width = text(weight_symbol(part.id)), "weight", "dotted", 40
            node = self.sheet.node(
                part.id, label, what, x, y, width=width, height=height, shape=shape, since=self.since(part.id),
                **self.facts(part.quantity),
            )  # fmt: skip
            self.keep(part.id, node)

    def keep(self, id: str, node: Node) -> Node:
        self.made[id] = node
        self.router.avoid(node)
        return node

    def wire_role(self, id: str) -> str:
        """A wire looks like what travels on it; along a rail that is the state, half made or done."""
        part = self.placed.parts[id]
        if part.quantity in self.placed.rails and id in self._rail_parts():
            return role(self.cell, part.quantity)
        return role(self.cell, id) if id in self.cell.roles else "op"

    def _rail_parts(self) -> set[str]:
        at = self.placed.at
        heights = self.placed.rails
        return {id for id, part in self.placed.parts.items() if id in at and at[id][1] == heights.get(part.quantity)}

    def inner_wires(self) -> None:
        """Wires between parts; those from the line under the gates are drawn by the view."""
        gate_row, tops = self.placed.gate_row, sorted(self.placed.rails.values())
        highest = min(tops, default=gate_row + 180)
        above = tops[-1] + 34 if tops else highest
        tracks = [self.placed.bus, highest - 34, gate_row + 52, highest - 46, gate_row + 64, above]
        wires = [
            (input, part)
            for part in self.placed.parts.values()
            if part.op not in ("source", "weight")
            for input in part.inputs
            if not (part.op == "gate" and input in ("x", self.cell.output + PREVIOUS))
        ]
        # Along a row first (the rails), then straight up, so that the others keep clear of them.
        for input, part in sorted(wires, key=lambda wire: self._bent(*wire)):
            self._wire(input, part, tracks)

    def _bent(self, input: str, part: Part) -> tuple[bool, bool]:
        tail, head = self.made[input], self.head(part.id)
        return abs(tail.y - head.y) > 1, abs(tail.x - head.x) > 1

    def _wire(self, input: str, part: Part, tracks: list[float]) -> None:
        tail, head = self.made[input], self.head(part.id)
        bends = self.router.route(input, tail, head, tracks)
        self.sheet.edge(
            tail, head, self.wire_role(input), via=bends, since=max(self.since(part.id), self.since(input)),
            shape=self.shape(input), id=f"{input}-to-{part.id}", **self.facts(input),
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
            id or name, label, role(self.cell, name), x, y, width=measure(label)[0] + 12, shape="plain", since=since,
            **self.facts(name),
        )  # fmt: skip
        size = self.sheet.node(f"size-{node.id}", text(small(pill)), "note", x, y - 21, shape="pill", since=since)
        self.router.avoid(size)
        if not id:
            self.keep(name, node)
        return node

    def new_states(self, right: float, pill: Callable[[str], str], up: str, heirs: str = "") -> None:
        """New states leave to the right; the public one, drawn last, also goes up with the words `up`.

        `heirs` says under the public one who reads it at the next step.
        """
        last, rails, public = len(STATES) - 1, self.placed.rails, self.cell.output
        for state in self.cell.state:
            tail, y = self.made[state], rails.get(state, self.placed.bus)
            since = last if state == public else self.since(state)
            end = self.end(state, right, y, pill(state), id=f"{state}-next", since=since)
            via = () if state in rails else self._down(tail, y)
            self._leave(state, tail, end, via, f"{state}-right", since)
            if heirs and state == public:
                self.sheet.note("heirs", text(small(heirs)), right, y - 42, since=since)
        x, y = right - ENDS / 2, rails.get(public, self.placed.bus)
        top = max([*rails.values(), self.placed.gate_row + 100]) + 72
        words = text([*symbol(public, self.unit, style="bold"), up])
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
        if self.placed.parts[tail.id].op != "gate" and not self.router.blocks(tail.x, tail.y, y, tail.id):
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
                for at, onward in zip(edge.points[1:-1], edge.points[2:], strict=True):
                    theirs = leaving(other.points, at)
                    if theirs is None or theirs == heading(at, onward) or at in seen:
                        continue
                    seen.add(at)
                    self.sheet.node(
                        f"joint-{len(seen)}", (), edge.role, *at, shape="point", since=max(edge.since, other.since),
                        symbol=edge.symbol, layer=edge.layer, unit=self.unit,
                    )  # fmt: skip

    def legend(self) -> list[Key]:
        keys = dict.fromkeys(role_key(self.cell, q) for q in (*self.cell.gates(), *self.cell.state))
        return [*keys, Key("op", "elementwise, one result per unit", symbol="⊙", shape="circle")]
