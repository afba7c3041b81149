"""Words of the picture of gradients through time."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from lstmdiag.diagrams import Key
from lstmdiag.english import listed
from lstmdiag.model import Layer, cell_of
from lstmdiag.running.gradients import Gradients
from lstmdiag.views.words import gate_role, role, title_of

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def factor(value: float) -> str:
    """0.153, 12.4, 3 × 10⁻⁷."""
    if value == 0 or 0.001 <= value < 10_000:
        return f"{value:.3g}"
    power = floor(log10(value))
    return f"{value / 10.0**power:.1f} × 10{str(power).translate(_RAISED)}"


def title(layer: Layer, found: Gradients) -> str:
    return f"{title_of(layer)}: how step {found.steps[-1]:,} depends on step {found.steps[0]:,}"


def claim(layer: Layer, found: Gradients) -> str:
    """The state that holds on longest, as a factor."""
    state = max(found.jacobians, key=lambda each: float(found.jacobians[each][-1]))
    norm, first, last = float(found.jacobians[state][-1]), f"step {found.steps[0]:,}", f"step {found.steps[-1]:,}"
    if len(found.steps) == 1:
        return "There is one step, and none after it that could depend on it."
    if not found.depends:
        return f"At {last} nothing depends on {first} any more."
    if norm == 0:
        return f"At {last} no state depends on itself after {first}, only on others."
    return f"A small change of {state} after {first} is, at {last}, up to {factor(norm)} times as large."


def keepers(layer: Layer, state: str) -> list[str]:
    """The keep gates in a state's own equation, whose products its thin lines are."""
    cell = cell_of(layer)
    within = cell.equations[state].names()
    return [g for g in cell.gates() if g in within and gate_role(cell, g) == "gate.keep"]


def product(layer: Layer, state: str) -> str:
    gates = keepers(layer, state)
    return f"product of {listed(gates)}" if gates else f"product of what {state}'s equation keeps of it"


def reading(layer: Layer, found: Gradients, most: int) -> str:
    """In sentences, of which pictures side by side show those that they have in common."""
    if len(found.steps) == 1:
        return "With one step nothing recurs, so there is no line to draw."
    one = "number" if layer.cell and len(layer.shape(layer.cell.output)) > 1 else "unit"
    said = [
        f"Each heavy line is how much a change of one state after step {found.steps[0]:,}, the others left alone, is "
        "stretched at most in that state later: the norm of a Jacobian, on a log scale.",
        "Near 1, changes, and in training gradients, are handed on as they are; far below 1 they vanish, far above 1 "
        "they explode.",
    ]
    if not found.kept:
        return " ".join([*said, "No gate keeps a state as it is, so every step multiplies by weights."])
    numbers = max(factors.shape[1] for factors in found.kept.values())
    some = (
        f"of {len(range(0, numbers, -(-numbers // most)))} of {numbers:,} {one}s" if numbers > most else f"of a {one}"
    )
    for state, factors in found.kept.items():
        middle = factor(float(np.median(np.abs(factors[-1]))))
        most_kept = factor(float(np.abs(factors[-1]).max()))
        said.append(
            f"Each thin line {some} is the {product(layer, state)}, what it keeps of {state} by itself: in the end "
            f"{middle} by the median, {most_kept} at most."
        )
    return " ".join([*said, "What falls below the scale leaves at its lower edge."])


def legend(layer: Layer, found: Gradients) -> tuple[Key, ...]:
    cell = cell_of(layer)
    states = [
        Key(role(cell, state), f"‖∂{state}(t) / ∂{state}({found.steps[0]})‖", shape="curve", mark="focus")
        for state in found.jacobians
    ]
    kept = [
        Key("gate.keep", f"{product(layer, state)}, of a unit", shape="curve", mark="faded") for state in found.kept
    ]
    return (*states, *(kept if len(found.steps) > 1 else ()))


def description(layer: Layer, found: Gradients) -> str:
    """The norms one step later and at the last step."""
    first, *later = found.steps
    norms = [
        f"the norm of d {state}(t) / d {state}({first}) is "
        + " and ".join(
            f"{factor(float(norms[place]))} at step {found.steps[place]:,}"
            for place in sorted({min(1, len(later)), len(later)})
        )
        for state, norms in found.jacobians.items()
    ]
    return f"{title(layer, found)}. {'; '.join(norms)}.".replace("; the", "; The")
