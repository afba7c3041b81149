"""What the picture of gradients through time says of a layer; its words are in words/en/gradient.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np

from lstmdiag.diagrams import Key
from lstmdiag.layer import Layer, cell_of
from lstmdiag.readings.cells import gate_role, role
from lstmdiag.running.gradients import Gradients
from lstmdiag.views.words import title_of
from lstmdiag.words import Words

WORDS = Words("gradient")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def factor(value: float) -> str:
    """0.153, 12.4, 3 × 10⁻⁷."""
    if value == 0 or 0.001 <= value < 10_000:
        return f"{value:.3g}"
    power = floor(log10(value))
    return f"{value / 10.0**power:.1f} × 10{str(power).translate(_RAISED)}"


@dataclass(frozen=True)
class About:
    """The facts that the words need."""

    maths: Layer
    found: Gradients
    most: int  # thin lines of a state that are drawn

    @cached_property
    def layer(self) -> str:
        return title_of(self.maths)

    @cached_property
    def first(self) -> int:
        return self.found.steps[0]

    @cached_property
    def last(self) -> int:
        return self.found.steps[-1]

    @cached_property
    def alone(self) -> bool:
        """Whether there is one step and so nothing to depend on."""
        return len(self.found.steps) == 1

    @cached_property
    def independent(self) -> bool:
        return not self.found.depends

    @cached_property
    def state(self) -> str:
        """The state that holds on longest."""
        return max(self.found.jacobians, key=lambda each: float(self.found.jacobians[each][-1]))

    @cached_property
    def norm(self) -> str:
        return factor(float(self.found.jacobians[self.state][-1]))

    @cached_property
    def forgets(self) -> bool:
        return not self.found.jacobians[self.state][-1]

    @cached_property
    def maps(self) -> bool:
        return len(self.maths.shape(cell_of(self.maths).output)) > 1

    @cached_property
    def keeps(self) -> bool:
        return bool(self.found.kept)

    @cached_property
    def kept(self) -> str:
        """What the thin lines of each state are, and how they end."""
        if not self.found.kept:
            return ""
        numbers = max(factors.shape[1] for factors in self.found.kept.values())
        drawn = len(range(0, numbers, -(-numbers // self.most)))
        ends = {state: np.abs(factors[-1]) for state, factors in self.found.kept.items()}
        return " ".join(
            WORDS.say(
                "kept_one", self, state=state, gates=keepers(self.maths, state), some=drawn < numbers, drawn=drawn,
                numbers=numbers, median=factor(float(np.median(end))), most=factor(float(end.max())),
            )
            for state, end in ends.items()
        )  # fmt: skip

    @cached_property
    def norms(self) -> str:
        """How each state depends on the first one, one step later and at the last step."""
        steps, later = self.found.steps, len(self.found.steps) - 1
        return " ".join(
            WORDS.say("state_norms", self, state=state, values=[
                WORDS.say("norm_at", norm=factor(float(norms[place])), step=steps[place])
                for place in sorted({min(1, later), later})
            ])
            for state, norms in self.found.jacobians.items()
        )  # fmt: skip


def keepers(layer: Layer, state: str) -> list[str]:
    """The keep gates in a state's own equation, whose products its thin lines are."""
    cell = cell_of(layer)
    within = cell.equations[state].names()
    return [g for g in cell.gates() if g in within and gate_role(cell, g) == "gate.keep"]


def product(layer: Layer, state: str) -> str:
    """What a thin line is, in words."""
    return WORDS.say("product", state=state, gates=keepers(layer, state))


def legend(about: About) -> tuple[Key, ...]:
    """A heavy curve for each state, a faint one for the gates that keep it."""
    cell = cell_of(about.maths)
    heavy = [
        Key(role(cell, state), WORDS.say("legend_norm", about, state=state), shape="curve", mark="focus")
        for state in about.found.jacobians
    ]
    faint = [
        Key("gate.keep", WORDS.say("legend_kept", product=product(about.maths, state)), shape="curve", mark="faded")
        for state in about.found.kept
    ]
    return (*heavy, *(() if about.alone else faint))
