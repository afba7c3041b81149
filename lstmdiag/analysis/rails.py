"""Which way a cell's values go through its circuit: along the rail of a state, before, under or after the rails.

A state is carried where its own equation uses its previous value outside a weighted sum: then it has a rail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.circuit import Part, circuit


@dataclass(frozen=True)
class Flow:
    """The parts of a circuit, sorted by where they stand along the way of one step."""

    cell: Cell

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """By id, each after the parts it needs."""
        return circuit(self.cell)

    @property
    def bottom(self) -> tuple[str, str]:
        """What runs under the gates: x and the output of the step before."""
        return "x", self.cell.output + PREVIOUS

    @cached_property
    def users(self) -> Mapping[str, frozenset[str]]:
        """Part → the parts that it is an input of."""
        users: dict[str, set[str]] = {id: set() for id in self.parts}
        for part in self.parts.values():
            for id in part.inputs:
                users[id].add(part.id)
        return {id: frozenset(ids) for id, ids in users.items()}

    @cached_property
    def rails(self) -> Mapping[str, tuple[str, ...]]:
        """Carried state → the operations along its rail, one after the other."""
        return {state: self._along(state) for state in self.cell.state if self._carried(state)}

    @cached_property
    def on_rail(self) -> frozenset[str]:
        """The parts on any rail."""
        return frozenset(id for ids in self.rails.values() for id in ids)

    @cached_property
    def after(self) -> tuple[str, ...]:
        """What needs a new state's value: operations, and weighted sums of nothing else."""
        later: dict[str, None] = {}
        for part in self.parts.values():
            starts = part.op == "source" or (part.op == "gate" and not set(part.inputs).isdisjoint(self.bottom))
            if not starts and part.id not in self.on_rail and any(i in self.on_rail or i in later for i in part.inputs):
                later[part.id] = None
        return tuple(later)

    @cached_property
    def under(self) -> tuple[str, ...]:
        """Operations between the gates and the rails, constants last."""
        free = [id for id in self._free if id not in self._for_gates]
        constants = [id for id in free if self.parts[id].op in ("number", "weight")]
        return (*(id for id in free if id not in constants), *constants)

    @cached_property
    def row(self) -> tuple[str, ...]:
        """Gates in the order of the equations, with what one of them needs first.

        What serves one other alone stands beside it: GRU's r beside n.
        """
        quantities: dict[str, list[str]] = {}
        for part in self.parts.values():
            if part.id in self._for_gates or (part.op == "gate" and part.id not in self.after):
                quantities.setdefault(part.quantity, []).append(part.id)
        order = list(quantities)
        for quantity in quantities:
            users = {self.parts[id].quantity for id in self.users[quantity]}
            if len(users) == 1 and users <= set(order):
                order.remove(quantity)
                order.insert(order.index(users.pop()), quantity)
        return tuple(
            id
            for quantity in order
            for id in sorted(quantities[quantity], key=self._distances.__getitem__, reverse=True)
        )

    @cached_property
    def depths(self) -> Mapping[str, int]:
        """How many parts after a new state's value lead to each that needs it."""
        depths: dict[str, int] = {}
        for id in self.after:
            depths[id] = max((depths[i] + 1 for i in self.parts[id].inputs if i in depths), default=0)
        return depths

    @cached_property
    def _free(self) -> tuple[str, ...]:
        """Operations that no rail bears and that need no new state."""
        later = {*self.after, *self.on_rail}
        return tuple(p.id for p in self.parts.values() if p.op not in ("gate", "source") and p.id not in later)

    @cached_property
    def _for_gates(self) -> frozenset[str]:
        """The operations that a gate needs, other than through a state's new value."""
        needed: set[str] = set()
        for id in reversed([*self.parts]):  # users come after what they use
            users = self.users[id] - self.on_rail
            if any(self.parts[user].op == "gate" or user in needed for user in users):
                needed.add(id)
        return frozenset(needed.intersection(self._free))

    @cached_property
    def _distances(self) -> Mapping[str, int]:
        """How many operations lead from a part to the quantity it is for, at most."""
        distances: dict[str, int] = {}
        for part in reversed([*self.parts.values()]):
            if part.id == part.quantity:
                distances[part.id] = 0
            elif part.op != "source":
                distances[part.id] = 1 + max(distances[user] for user in self.users[part.id])
        return distances

    def _carried(self, state: str) -> bool:
        """Whether its own value goes on, multiplied or added to, without a weight matrix in between."""
        users = [self.parts[id] for id in self.users[state + PREVIOUS]]
        return any(part.op != "gate" and part.quantity == state for part in users)

    def _along(self, state: str) -> tuple[str, ...]:
        """From STATE_prev to STATE."""
        chain, id = [], state
        while id in self.parts and self.parts[id].op not in ("gate", "source"):
            chain.append(id)
            id = next((i for i in self.parts[id].inputs if i in self._between(state)), "")
        return tuple(reversed(chain))

    def _between(self, state: str) -> frozenset[str]:
        """The state's value before, and the operations of its equation that it reaches."""
        reached = {state + PREVIOUS}
        for part in self.parts.values():
            if part.quantity == state and part.op != "gate" and not reached.isdisjoint(part.inputs):
                reached.add(part.id)
        return frozenset(reached)
