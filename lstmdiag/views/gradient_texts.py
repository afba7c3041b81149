"""Words of the picture of gradients through time."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from lstmdiag.diagrams import Key
from lstmdiag.model import Layer
from lstmdiag.running.gradients import Gradients
from lstmdiag.views.words import gate_role, listed, role, title_of

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
    if norm == 0:
        return f"At {last} nothing depends on {first} any more."
    way = "at most" if norm < 1 else "up to"
    return f"A small change of {state} after {first} is, at {last}, {way} {factor(norm)} times as large."


def gates(layer: Layer, found: Gradients) -> list[str]:
    """The keep gates, whose products the thin lines are."""
    assert layer.cell is not None
    return [gate for gate in layer.cell.gates() if gate_role(layer.cell, gate) == "gate.keep"] if found.kept else []


def reading(layer: Layer, found: Gradients, most: int) -> str:
    lines = (
        "Each heavy line is the norm of a Jacobian, the largest factor by which a change "
        f"after step {found.steps[0]:,} is stretched"
    )
    if not found.kept:
        return f"{lines}, on a log scale. No gate keeps a state as it is, so every step multiplies by weights."
    numbers = max(factors.shape[1] for factors in found.kept.values())
    some = f" of {len(range(0, numbers, -(-numbers // most)))} of {numbers:,} units" if numbers > most else " of a unit"
    product = f"the product of {listed(gates(layer, found))}" if gates(layer, found) else "the product of its gates"
    middle = {state: factor(float(np.median(np.abs(factors[-1])))) for state, factors in found.kept.items()}
    told = listed([f"{value} of {state}" for state, value in middle.items()])
    thin = f"each thin line{some} is {product}, what it keeps by itself: in the end, by the median, {told}"
    return f"{lines}, on a log scale; {thin}."


def legend(layer: Layer, found: Gradients) -> tuple[Key, ...]:
    assert layer.cell is not None
    states = [
        Key(role(layer.cell, state), f"‖∂{state}(t) / ∂{state}({found.steps[0]})‖", shape="curve", mark="focus")
        for state in found.jacobians
    ]
    product = "·".join(gates(layer, found)) or "gates"
    kept = [Key("gate.keep", f"product of {product}, of a unit", shape="curve", mark="faded")] if found.kept else []
    return (*states, *kept)


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
