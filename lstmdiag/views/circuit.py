"""The circuit that the pictures of the cell and of one unit show: whole or of one unit, bare or with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lstmdiag.analysis.cells import gate_role, role
from lstmdiag.cells.cell import PREVIOUS, VALVES, Cell
from lstmdiag.cells.circuit import Affine, Part, circuit
from lstmdiag.diagrams import Key, Text
from lstmdiag.diagrams.text import measure
from lstmdiag.layer import CellLayer
from lstmdiag.views.labels import Labels
from lstmdiag.views.words import ROLE_WORDS, WORDS, role_key

if TYPE_CHECKING:
    from lstmdiag.running.step_values import StepValues
    from lstmdiag.running.values import Values

OTHER = {"gate.keep": "gate.write", "gate.write": "gate.keep"}
"""What 1 − z does where z keeps, and where it writes."""


@dataclass(frozen=True)
class Circuit:
    """`focus` is the unit that is drawn; where all units are, the one whose numbers stand for those of many."""

    layer: CellLayer
    focus: int
    whole: bool = False  # every wire a vector, not one number
    at_step: StepValues | None = None  # the step whose numbers it bears

    @cached_property
    def labels(self) -> Labels:
        """What its quantities are called, with their numbers if there are any."""
        now = self.at_step
        return Labels(self.layer, now.step, now.parts) if now else Labels(self.layer)

    @property
    def cell(self) -> Cell:
        """The layer's cell."""
        return self.layer.cell

    @property
    def parts(self) -> Mapping[str, Part]:
        """By id, each after the parts it needs."""
        return circuit(self.cell)

    @cached_property
    def sums(self) -> Mapping[str, Affine]:
        """The weighted sums by the ids of their parts."""
        return {id: part.affine for id, part in self.parts.items() if part.affine}

    @property
    def unit(self) -> int | None:
        """The unit whose circuit it is, if it is that of one."""
        return None if self.whole else self.focus

    def facts(self, quantity: str) -> dict[str, Any]:
        """What the parts of a picture say of the quantity they show."""
        return {"layer": self.layer.name, "symbol": quantity, "unit": self.unit}

    def travels(self, id: str, since: int = 0) -> dict[str, Any]:
        """What a wire says of the part whose value travels on it."""
        shape = self.layer.shape(self.parts[id].quantity) if self.whole else ()
        return {"shape": shape, "since": since, **self.facts(id)}

    def number(self, name: str, style: str = "bold") -> Text:
        """The number of a part, or its vector, which is small; nothing where no pass was made."""
        return self.labels.figures(name, self.focus, "small" if self.whole else style, whole=self.whole)

    @cached_property
    def widest(self) -> float:
        """Of the numbers at ends of wires and beside operations; 0 without numbers."""
        names = (id for id, part in self.parts.items() if part.op != "weight" and (self.whole or id != "x"))
        return max(measure(self.number(name))[0] for name in names)

    def role(self, id: str) -> str:
        """Of a quantity, its own; 1 − z writes where z keeps."""
        part = self.parts.get(id)
        if id not in self.cell.roles and part and part.op == "one_minus":
            return OTHER.get(self.role(part.inputs[0]), "op")
        return role(self.cell, id)

    def valve(self, part: Part) -> str:
        """The gate that opens a product for the other factor; "" of any other part."""
        inputs = part.inputs if part.op == "mul" else ()
        return next((id for id in inputs if self.role(id) in VALVES), "")

    def read(self, name: str) -> bool:
        """Whether any part reads this one."""
        return any(name in part.inputs for part in self.parts.values())

    @property
    def reads_back(self) -> bool:
        """Whether the output is read again at the next step."""
        return self.read(self.cell.output + PREVIOUS)

    def legend(self) -> list[Key]:
        """Gates and states, what 1 − z does, and the operations."""
        keys = dict.fromkeys(role_key(self.cell, q) for q in (*self.cell.gates(), *self.cell.state))
        for part in self.parts.values():
            keys |= dict.fromkeys((*self._left_over(part), *self._state_of_weights(part)))
        if any(self.role(part.id) == "op" for part in self.parts.values() if not part.affine):
            keys[Key("op", WORDS.say("legend_operation"), symbol="⊙", shape="circle")] = None
        return [*keys]

    def _left_over(self, part: Part) -> Iterator[Key]:
        what = self.role(part.id)
        if part.op == "one_minus" and what in VALVES:
            words = WORDS.say("legend_left_over", word=ROLE_WORDS[what], gate=part.inputs[0])
            yield Key(what, words, symbol="1−", shape="circle")

    def _state_of_weights(self, part: Part) -> Iterator[Key]:
        """The entry of a state that is a weighted sum itself: content, or a projection of the unit's own values."""
        if not part.affine or part.id not in self.cell.state:
            return
        what, matrix = gate_role(self.cell, part.id), part.affine.terms[0][0]
        if what == "gate.content":
            yield Key(what, WORDS.say("legend_content"), symbol=part.id)
        else:
            words = WORDS.say("legend_projection", state=part.id, matrix=matrix)
            yield Key(what, words, symbol=matrix, shape="round")


def values_of_step(values: Values | None, layer: CellLayer, step: int | None) -> StepValues | None:
    """The numbers of a step, if a pass was made. Raises UsageError where that step has none to show."""
    if values is None:
        return None
    from lstmdiag.running.step_values import values_at

    return values_at(values, layer, step)
