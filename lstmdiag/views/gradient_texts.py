"""What the picture of gradients through time says of a layer; its words are in words/en/gradient.yml."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10

from lstmdiag.analysis.cells import gate_role
from lstmdiag.diagrams import Key
from lstmdiag.layer import CellLayer
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
        **_kept(layer, found, most),
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


def _kept(layer: CellLayer, found: Gradients, most: int) -> Facts:
    """What the thin lines are, and of how many units they are."""
    numbers = max((factors.shape[1] for factors in found.kept.values()), default=0)
    drawn = len(range(0, numbers, -(-numbers // most))) if numbers else 0
    products = dict.fromkeys(product(layer, state) for state in found.kept)
    return {"products": [*products], "some": drawn < numbers, "drawn": drawn, "numbers": numbers}


def keepers(layer: CellLayer, state: str) -> list[str]:
    """The keep gates in a state's own equation, whose products its thin lines are."""
    cell = layer.cell
    within = cell.equations[state].names()
    return [g for g in cell.gates() if g in within and gate_role(cell, g) == "gate.keep"]


def product(layer: CellLayer, state: str) -> str:
    """What a thin line is, in words."""
    return WORDS.say("product", state=state, gates=keepers(layer, state))


def legend(layer: CellLayer, found: Gradients, roles: Mapping[str, str]) -> tuple[Key, ...]:
    """A heavy curve for each state, in the colour of its role in `roles`, a faint one for the gates that keep it."""
    heavy = [
        Key(
            roles[state], WORDS.say("legend_norm", state=state, first=found.steps[0]),
            shape="curve", mark="focus",
        )
        for state in found.jacobians
    ]  # fmt: skip
    faint = [
        Key("gate.keep", WORDS.say("legend_kept", product=product(layer, state)), shape="curve", mark="faded")
        for state in found.kept
    ]
    return (*heavy, *(faint if len(found.steps) > 1 else ()))
