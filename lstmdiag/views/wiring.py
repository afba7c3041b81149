"""What the pictures of the cell and of one unit share: parts, rails, wires and the build-up."""

from __future__ import annotations

from dataclasses import dataclass, field

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.circuit import Part
from lstmdiag.diagrams import Key, Node, Point
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import text
from lstmdiag.model import Layer
from lstmdiag.views.placing import Placed
from lstmdiag.views.routing import Router
from lstmdiag.views.words import glyph, role, role_key

STATES = ("inputs", "keep", "write", "read", "all")
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

    @property
    def cell(self) -> Cell:
        assert self.layer.cell is not None
        return self.layer.cell

    def facts(self, quantity: str) -> dict[str, object]:
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
            if part.op in ("source", "gate", "weight"):
                continue
            x, y = self.placed.at[part.id]
            label = part.value or glyph(part.op)
            shape = "circle" if len(label) < 3 else "round"
            size = {"width": 38, "height": 38} if shape == "circle" else {"width": 64, "height": 34}
            self.keep(
                part.id,
                self.sheet.node(
                    part.id, text(label), "op", x, y, shape=shape, since=self.since(part.id), **size, **self.facts(part.quantity)
                ),
            )

    def keep(self, id: str, node: Node) -> Node:
        self.made[id] = node
        self.router.nodes.append(node)
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
        tracks = [self.placed.bus, highest - 34, gate_row + 52, highest - 46, gate_row + 64, tops[-1] + 34 if tops else 0]
        wires = [
            (input, part)
            for part in self.placed.parts.values()
            if part.op not in ("source", "weight")
            for input in part.inputs
            if not (part.op == "gate" and input in ("x", self._public_previous()))
        ]
        # Along a row first (the rails), then straight up, so that the others keep clear of them.
        for input, part in sorted(wires, key=lambda wire: self._bent(*wire)):
            self._wire(input, part, tracks)

    def _bent(self, input: str, part: Part) -> tuple[bool, bool]:
        tail, head = self.made[input], self.made[part.id]
        return abs(tail.y - head.y) > 1, abs(tail.x - head.x) > 1

    def _wire(self, input: str, part: Part, tracks: list[float]) -> None:
        tail, head = self.made[input], self.made[part.id]
        bends = self.router.route(input, tail, head, tracks)
        self.sheet.edge(
            tail, head, self.wire_role(input), via=bends, since=max(self.since(part.id), self.since(input)),
            shape=() if self.unit else self._shape(input), id=f"{input}-to-{part.id}", **self.facts(input),
        )  # fmt: skip
        if bends and any(e.tail == tail.id and e.head != head.id for e in self.sheet.edges.values()):
            self.dot(input, bends[0], self.since(part.id))

    def _shape(self, id: str) -> tuple[int, ...]:
        quantity = self.placed.parts[id].quantity
        return (self.layer.features,) if quantity == "x" else (self.layer.units,)

    def _public_previous(self) -> str:
        return next(iter(self.cell.state), "") + PREVIOUS

    def dot(self, net: str, at: Point, since: int) -> Node:
        """A junction: here one value goes two ways."""
        id = f"joint-{len([n for n in self.sheet.nodes if n.startswith('joint')]) + 1}"
        colour = role(self.cell, net) if net in self.cell.roles else "op"
        return self.sheet.node(id, (), colour, *at, shape="point", since=since, **self.facts(net))

    def legend(self) -> list[Key]:
        keys = [role_key(self.cell, q) for q in (*self.cell.gates(), *self.cell.state)]
        if self.cell.gates() and any(g in self.cell.state for g in self.cell.gates()):
            keys = list(dict.fromkeys(keys))
        return [*keys, Key("op", "elementwise, one result per unit", symbol="⊙", shape="circle")]
