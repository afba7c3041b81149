"""What the picture of gradients through time says of a layer; its words are in words/en/gradient.yml."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.diagrams import Key
from lstmdiag.layer import CellLayer
from lstmdiag.readings.cells import gate_role, role
from lstmdiag.running.gradients import Gradients
from lstmdiag.views.words import Facts, layer_facts
from lstmdiag.words import Words

WORDS = Words("gradient")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def factor(value: float) -> str:
    """0.153, 12.4, 3 × 10⁻⁷."""
    if value == 0 or 0.001 <= value < 10_000:
        return f"{value:.3g}"
    power = floor(log10(value))
    return f"{value / 10.0**power:.1f} × 10{str(power).translate(_RAISED)}"


def about(layer: CellLayer, found: Gradients, most: int) -> Facts:
    """The facts that the words need. `most`: thin lines of a state that are drawn."""
    state = max(found.jacobians, key=lambda each: float(found.jacobians[each][-1]))  # which holds on longest
    norm, later = float(found.jacobians[state][-1]), len(found.steps) - 1
    return {
        **layer_facts(layer),
        "first": found.steps[0],
        "last": found.steps[-1],
        "one_step": len(found.steps) == 1,
        "independent": not found.depends,
        "forgets": not norm,
        "state": state,
        "norm": factor(norm),
        "keeps": bool(found.kept),
        "kept": [_kept(layer, state, factors, most) for state, factors in found.kept.items()],
        "norms": [
            {
                "state": state,
                "values": [
                    WORDS.say("norm_at", norm=factor(float(norms[place])), step=found.steps[place])
                    for place in sorted({min(1, later), later})
                ],
            }
            for state, norms in found.jacobians.items()
        ],
    }


def _kept(layer: CellLayer, state: str, factors: Array, most: int) -> Facts:
    """What the thin lines of a state are, and how they end."""
    numbers, ends = max(factors.shape[1], 1), np.abs(factors[-1])
    drawn = len(range(0, numbers, -(-numbers // most)))
    return {
        "product": product(layer, state), "gates": keepers(layer, state), "state": state,
        "some": drawn < numbers, "drawn": drawn, "numbers": numbers,
        "median": factor(float(np.median(ends))), "most": factor(float(ends.max())),
    }  # fmt: skip


def keepers(layer: CellLayer, state: str) -> list[str]:
    """The keep gates in a state's own equation, whose products its thin lines are."""
    cell = layer.cell
    within = cell.equations[state].names()
    return [g for g in cell.gates() if g in within and gate_role(cell, g) == "gate.keep"]


def product(layer: CellLayer, state: str) -> str:
    """What a thin line is, in words."""
    return WORDS.say("product", state=state, gates=keepers(layer, state))


def legend(layer: CellLayer, found: Gradients) -> tuple[Key, ...]:
    """A heavy curve for each state, a faint one for the gates that keep it."""
    heavy = [
        Key(
            role(layer.cell, state), WORDS.say("legend_norm", state=state, first=found.steps[0]),
            shape="curve", mark="focus",
        )
        for state in found.jacobians
    ]  # fmt: skip
    faint = [
        Key("gate.keep", WORDS.say("legend_kept", product=product(layer, state)), shape="curve", mark="faded")
        for state in found.kept
    ]
    return (*heavy, *(faint if len(found.steps) > 1 else ()))
