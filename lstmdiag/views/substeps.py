"""One step in the order of a calculator: gather, multiply, squash, keep, write, read, send; each told with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.cells.circuit import Part
from lstmdiag.views.numbers import applied, decimals, equals, one_of, rounded, short, vector, whole
from lstmdiag.views.words import glyph
from lstmdiag.words import Words

if TYPE_CHECKING:
    from lstmdiag.running.step_values import StepValues

SUBSTEPS = ("gather", "multiply", "squash", "keep", "write", "read", "send")
WORDS = Words("substeps")
WORDS_AT_MOST = 12  # of a caption
_INFIX = frozenset({"mul", "add", "sub", "div"})


def stages(parts: Mapping[str, Part], own: Mapping[str, str]) -> dict[str, str]:
    """Part → the sub-step that computes it: a gate's value is squashed, an operation waits for its inputs.

    `own` names the state of the build-up of each part's role: keep, write, read, or anything else.
    """
    found: dict[str, str] = {}
    for part in parts.values():
        if part.op in ("source", "weight", "number"):
            found[part.id] = "gather"
            continue
        least = "squash" if part.op == "gate" else own[part.id] if own[part.id] in SUBSTEPS else "gather"
        found[part.id] = max([least, *(found[id] for id in part.inputs)], key=SUBSTEPS.index)
    return found


def captions(
    used: Sequence[str], stage: Mapping[str, str], parts: Mapping[str, Part], at_step: StepValues, unit: int
) -> tuple[str, ...]:
    """What happens in each sub-step, in at most twelve words, with the numbers of one unit."""
    facts = {"output": at_step.cell.output, "unit": unit if at_step.layer.units > 1 else None}
    said = []
    for name in used:
        if name == "gather":
            said.append(_gathered(parts, at_step))
            continue
        last = [part for part in parts.values() if stage[part.id] == name and part.op != "gate"][-1:]
        said.append(
            WORDS.say(
                name, facts, value=decimals(at_step.number(at_step.cell.output, unit)),
                results=_sums(name, stage, parts, at_step, unit),
                result=_operation(last[0], at_step, unit) if last else "",
            )
        )  # fmt: skip
    return tuple(said)


def _gathered(parts: Mapping[str, Part], at_step: StepValues) -> str:
    """x and h of the step before: all of few numbers, else how many."""
    names = ["x", *(part.id for part in parts.values() if part.id == at_step.cell.output + PREVIOUS)]
    read = [
        {
            "name": name.removesuffix(PREVIOUS), "size": len(at_step.parts[name]),
            "vector": vector([float(v) for v in at_step.parts[name]], write=short),
        }
        for name in names
    ]  # fmt: skip
    all_of_them = WORDS.say("gather", inputs=read)
    return all_of_them if len(all_of_them.split()) <= WORDS_AT_MOST else WORDS.say("gather_many", inputs=read)


def _sums(
    name: str, stage: Mapping[str, str], parts: Mapping[str, Part], at_step: StepValues, unit: int
) -> list[dict[str, str]]:
    """The sums, or what their functions make of them."""
    told = []
    for part in parts.values():
        if part.id not in at_step.cell.equations or stage[part.id] != "squash":
            continue
        if name == "squash":
            told.append({"name": part.id, "value": decimals(at_step.number(part.id, unit))})
        elif part.affine:
            told.append({"name": f"a_{part.id}", "value": decimals(one_of(at_step.sum(part.affine), unit))})
    return told[:4]


def _operation(part: Part, at_step: StepValues, unit: int) -> str:
    """`0.033 + 0.154 = 0.187`, `tanh(0.187) = 0.185`."""
    if whole(part.op, len(part.inputs)):
        return WORDS.say("over_units", operation=glyph(part.op), value=decimals(at_step.number(part.id, unit)))
    inputs = [decimals(at_step.number(id, unit)) for id in part.inputs]
    enclosed = [f"({each})" if each.startswith("−") and index else each for index, each in enumerate(inputs)]
    if part.op == "one_minus":
        left = f"1 − {inputs[0]}" if not inputs[0].startswith("−") else f"1 − ({inputs[0]})"
    elif part.op in _INFIX:
        left = f" {'×' if part.op == 'mul' else glyph(part.op)} ".join(enclosed)
    else:
        left = f"{glyph(part.op)}({', '.join(inputs)})"
    value = at_step.number(part.id, unit)
    numbers = [rounded(at_step.number(id, unit)) for id in part.inputs]
    printed = 1 - numbers[0] if part.op == "one_minus" else applied(part.op, numbers)
    return f"{left}{equals(printed, value)}{decimals(value)}"
