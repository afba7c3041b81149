"""One recurrent layer, and where what it computes goes: its private states, and its output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.cells.cell import Cell
from lstmdiag.cells.circuit import circuit
from lstmdiag.english import listed, number
from lstmdiag.layer import Layer, cell_of
from lstmdiag.model import Model
from lstmdiag.readings.cells import projects
from lstmdiag.readings.fan_in import FanIn, fan_in
from lstmdiag.readings.layers import kernel
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.words import code, held, quantity, symbol


@dataclass(frozen=True)
class Inside:
    """A recurrent layer, and what stands for it in the page's anchors."""

    model: Model
    layer: Layer
    suffix: str  # of this layer's anchors: "" for the first, "-decoder"
    level: int = 2  # of its headings

    @cached_property
    def fan(self) -> FanIn:
        return fan_in(self.layer)

    @cached_property
    def gates(self) -> list[str]:
        """What a unit computes by a weighted sum; a projection belongs to no unit."""
        return [gate for gate in self.cell.gates() if not projects(self.cell, gate)]

    @cached_property
    def own(self) -> list[str]:
        """What a unit computes, in order."""
        return [name for name in self.cell.equations if name in self.gates or name not in self.cell.gates()]

    @cached_property
    def sums(self) -> Counter[str]:
        """How many weighted sums each of the gates takes: two where a gate stands between them, as in a GRU."""
        found = Counter(part.quantity for part in circuit(self.cell).values() if part.affine)
        return Counter({gate: found[gate] for gate in self.gates})

    @property
    def thing(self) -> str:
        return "map" if kernel(self.layer) else "number"

    @property
    def cell(self) -> Cell:
        return cell_of(self.layer)

    def heading(self, title: str, anchor: str) -> str:
        return f"{'#' * self.level} {title} {{#{anchor}{self.suffix}}}"

    def mark(self, **facts: str) -> str:
        return placeholder(spec=self.model.name, **facts, layer=self.layer.name if self.suffix else None)


def private(inside: Inside) -> Iterator[str]:
    """States that no other unit reads; those of the same size and way are told together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for state in inside.fan.private:
        takers = [code(other.name) for other in inside.model.layers if _takes(inside, other, state)]
        groups.setdefault((held(inside.layer, state), *takers), []).append(state)
    value = "map" if kernel(inside.layer) else "value"
    for (size, *takers), states in groups.items():
        several = len(states) > 1
        names, are, each = listed([quantity(inside.cell, state) for state in states]), *(
            ("are", " each") if several else ("is", "")
        )  # fmt: skip
        last = f" Only {'their last values leave' if several else 'its last value leaves'}, to {listed(takers)}."
        whose, other = (
            ("the unit's", "") if inside.layer.units == 1
            else (f"unit {symbol('j', at='')}'s", " and into no other unit's")
        )  # fmt: skip
        yield f"{names} ({size}{each}) {are} **private**: {whose} {value} goes into its own next one{other}." + (
            last if takers else ""
        )


def _takes(inside: Inside, other: Layer, state: str) -> bool:
    """Whether another layer is given the last value of this state."""
    owners = [inside.model.owner(reference) for reference in (*other.initial_state, *other.inputs)]
    return any(
        owner.name == inside.layer.top and part in owner.states and part.rpartition(".")[2] == state
        for owner, part in owners
        if isinstance(owner, Layer)
    )


def public(inside: Inside) -> str:
    """Where the output goes, and when: out of the layer, and back to every unit or to its own alone."""
    layer, out = inside.layer, inside.cell.output
    of_units = layer.units > 1 and not inside.fan.projection
    size = held(layer, out) + (", one per unit" if of_units else "")
    name, onward = f"{quantity(inside.cell, out)} ({size})", _onward(inside)
    if layer.input[0] == 1:
        return f"{name} goes {onward}."
    if all(source.name != out for source in inside.fan.sources):
        return f"Of {name} each unit reads its own number at the next step, and no other; it goes {onward}."
    readers = "to every unit" if layer.units > 1 else "back into the unit"
    return f"{name} is **public**: at the next step it goes {readers}, and {onward}."


def _onward(inside: Inside) -> str:
    """to decoder at every step; out of the model after step 4 only; its last value to decoder."""
    model, layer = inside.model, inside.layer
    top = model.layer(layer.top)
    users = {top.name, *(other.name for other in model.layers if other.shared == top.name)}

    def given(reference: str) -> bool:
        owner, part = model.owner(reference)
        return owner.name in users and not (isinstance(owner, Layer) and part in owner.states)

    readers = [f"to {code(other.name)}" for other in model.layers if any(map(given, other.inputs))]
    where = listed([*readers, *(["out of the model"] if any(map(given, model.outputs)) else [])])
    takers = listed([code(other.name) for other in model.layers if _takes(inside, other, inside.cell.output)])
    started = f"its last value to {takers}" if takers else ""
    steps = layer.input[0]
    if not where:
        return started or "nowhere else"
    if layer.returns_sequences:
        when = "as soon as it is there" if steps == 1 else "at every step"
    elif steps is None or layer.options.go_backwards or len({model.layer(user).input[0] for user in users}) > 1:
        when = "after the last step only"
    else:
        when = f"after step {number(steps)}{' only' if steps > 1 else ''}"
    return f"{where} {when}" + (f"; {started}" if started else "")
