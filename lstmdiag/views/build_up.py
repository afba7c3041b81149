"""In which order a circuit is built up: by what its gates do, or with numbers in the order of a calculator.

With numbers a step goes: gather, multiply, squash, keep, write, read, send; each is told with the numbers of one unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.circuit import Part
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.numbers import applied, decimals, equals, one_of, rounded, short, vector, whole
from lstmdiag.views.words import function_name, glyph
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.step_values import StepValues

STATES = ("inputs", "keep", "write", "read", "all")
SUBSTEPS = ("gather", "multiply", "squash", "keep", "write", "read", "send")
WORDS = Words("substeps")
WORDS_AT_MOST = 12  # of a caption
SUMS_AT_MOST = 4  # in a caption
_DRAWN_IN = {"gate.keep": "keep", "gate.write": "write", "gate.content": "write", "gate.read": "read"}
_SIGNS = {"mul": "×", "add": "+", "sub": "−", "div": "÷"}
"""What stands between two numbers."""


@dataclass(frozen=True, slots=True)
class BuildUp:
    """The states of a picture, and in which of them each part of its circuit appears."""

    states: tuple[str, ...]
    since: Mapping[str, int]  # part → the first state that shows it
    summed: Mapping[str, int]  # the same of a gate's sum, which its function then squashes

    @property
    def last(self) -> int:
        """The number of the state in which all is there."""
        return len(self.states) - 1


def build_up(circuit: Circuit, rails: Collection[str]) -> BuildUp:
    """Of the circuit of a picture; `rails` are the states that are carried."""
    if circuit.at_step:
        return _by_substeps(circuit, rails, circuit.at_step)
    since = _since(circuit, lambda part: STATES.index(_opened(circuit, part, rails) or "inputs"))
    return BuildUp(STATES, since, since)


def _by_substeps(circuit: Circuit, rails: Collection[str], at_step: StepValues) -> BuildUp:
    stages = _since(circuit, lambda part: SUBSTEPS.index(_substep(circuit, part, rails)))
    used = sorted({*stages.values(), *map(SUBSTEPS.index, ("gather", "multiply", "send"))})
    since = {id: used.index(stage) for id, stage in stages.items()}
    summed = {id: number - (SUBSTEPS[stages[id]] == "squash") for id, number in since.items()}
    names = {id: SUBSTEPS[stage] for id, stage in stages.items()}
    facts = {
        "output": at_step.cell.output, "unit": circuit.focus if at_step.layer.units > 1 else None,
        "value": decimals(at_step.number(at_step.cell.output, circuit.focus)),
    }  # fmt: skip
    captions = (
        WORDS.say(SUBSTEPS[stage], {**facts, **_computed(SUBSTEPS[stage], names, circuit, at_step)})
        for stage in used[1:]
    )
    return BuildUp((_gathered(circuit, at_step), *captions), since, summed)


def _since(circuit: Circuit, least: Callable[[Part], int]) -> dict[str, int]:
    """Part → a state of the build-up: its own or its latest input's. What nothing computes is there at once."""
    since: dict[str, int] = {}
    for part in circuit.parts.values():  # each after the parts it needs
        own = 0 if part.op in ("source", "weight") else least(part)
        since[part.id] = max([own, *(since[id] for id in part.inputs)])
    return since


def _opened(circuit: Circuit, part: Part, rails: Collection[str]) -> str:
    """keep, write or read by the role of a part; "" where it is as early as its inputs allow.

    An output that has no rail beside those of other states is read from them.
    """
    read_out = bool(rails) and part.quantity == circuit.cell.output not in rails
    return _DRAWN_IN.get(circuit.role(part.id), "read" if read_out else "")


def _substep(circuit: Circuit, part: Part, rails: Collection[str]) -> str:
    """What makes a gate or content is squashed; what a gate opens goes with that gate."""
    if part.op == "number":
        return "gather"
    if part.op == "gate" or part.quantity not in circuit.cell.state:
        return "squash"
    return _DRAWN_IN.get(circuit.role(circuit.valve(part))) or _opened(circuit, part, rails) or "gather"


# Captions


def _gathered(circuit: Circuit, at_step: StepValues) -> str:
    """x and h of the step before: all of few numbers, else how many."""
    read = [
        {
            "name": name.removesuffix(PREVIOUS), "size": len(at_step.parts[name]),
            "vector": vector([float(value) for value in at_step.parts[name]], write=short),
        }
        for name in ("x", at_step.cell.output + PREVIOUS) if name in circuit.parts
    ]  # fmt: skip
    all_of_them = WORDS.say("gather", inputs=read)
    return all_of_them if len(all_of_them.split()) <= WORDS_AT_MOST else WORDS.say("gather_many", inputs=read)


def _computed(name: str, stages: Mapping[str, str], circuit: Circuit, at_step: StepValues) -> dict[str, Any]:
    """What a sub-step gives: the sums, what their functions make of them, and of operations the last one."""
    operations = [part for part in circuit.parts.values() if stages[part.id] == name and part.op != "gate"]
    squashed = [part for id, part in circuit.parts.items() if stages[id] == "squash" and id in circuit.cell.equations]
    values: Mapping[str, float] = {}
    if name == "multiply":
        values = {f"a_{part.id}": one_of(at_step.sum(part.affine), circuit.focus) for part in squashed if part.affine}
    elif name == "squash":
        values = {part.id: at_step.number(part.id, circuit.focus) for part in squashed}
    results = [{"name": name, "value": decimals(value)} for name, value in values.items()]
    last = [_operation(part, at_step, circuit.focus) for part in operations[-1:]]
    return {"results": results[:SUMS_AT_MOST], "result": "".join(last)}


def _operation(part: Part, at_step: StepValues, unit: int) -> str:
    """`0.033 + 0.154 = 0.187`, `tanh(0.187) = 0.185`."""
    value = at_step.number(part.id, unit)
    if whole(part.op, len(part.inputs)):
        return WORDS.say("over_units", operation=glyph(part.op), value=decimals(value))
    inputs = [at_step.number(id, unit) for id in part.inputs]
    operation, written, numbers = part.op, [*map(decimals, inputs)], [*map(rounded, inputs)]
    if operation == "one_minus":
        operation, written, numbers = "sub", ["1", *written], [1.0, *numbers]
    left = f"{function_name(operation)}({', '.join(written)})"
    if sign := _SIGNS.get(operation):
        left = f" {sign} ".join([written[0], *(f"({each})" if each.startswith("−") else each for each in written[1:])])
    return f"{left}{equals(applied(operation, numbers), value)}{decimals(value)}"
