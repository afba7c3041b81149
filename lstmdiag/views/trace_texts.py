"""Words of the picture of a trace: its claim with the numbers in it, how to read it, what it says to listeners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lstmdiag.cells.cell import VALVES
from lstmdiag.diagrams import Key, Text
from lstmdiag.diagrams.text import bold, muted, small, sub, text
from lstmdiag.english import by, counted, listed, numbered
from lstmdiag.layer import Layer
from lstmdiag.running.moment import padded
from lstmdiag.running.steps import BEFORE
from lstmdiag.running.values import Values
from lstmdiag.views.numbers import decimals, short
from lstmdiag.views.trace_values import Blocks, Shown, begins, blocks, courses, furthest, saturated, unbounded
from lstmdiag.views.words import ROLE_WORDS, title_of

GROWN = 3.0  # beyond this a state is worth telling of
FEW = 0.005  # a smaller share of gate values is none


@dataclass(frozen=True)
class About:
    """What a picture shows."""

    values: Values
    layer: Layer
    signals: tuple[Shown, ...]
    unit: int
    step: int

    @property
    def steps(self) -> int:
        return len(self.signals[0].numbers)

    @cached_property
    def units(self) -> int:
        return max(signal.units for signal in self.signals)

    @cached_property
    def blocks(self) -> Blocks:
        return blocks(self.steps, self.units)

    @cached_property
    def maps(self) -> bool:
        return len(self.layer.shape(self.signals[0].name.removeprefix(BEFORE))) > 1

    @property
    def one(self) -> str:
        return "filter" if self.maps else "unit"


def title(about: About) -> str:
    return f"{title_of(about.layer)}: {counted(about.units, about.one)} over {counted(about.steps, 'step')}"


def head(about: About, signal: Shown) -> Text:
    """Its name and role, and the number of the unit in focus."""
    before = signal.name.startswith(BEFORE)
    word = "before its function" if before else ROLE_WORDS.get(signal.role, "")
    gate = " gate" if not before and signal.role in VALVES else ""
    name = [bold(BEFORE[0]), sub(signal.name.removeprefix(BEFORE))] if before else [bold(signal.name)]
    first = [*name, small(f"  {word}{gate}")]
    if about.unit > signal.units:
        return text(first)
    value = float(signal.numbers[about.step - 1, about.unit - 1])
    mean = "mean " if about.maps else ""
    return text(first, muted(f"{mean}{decimals(value)} (t={about.step:,}, {about.one} {about.unit:,})"))


def claim(about: About) -> str:
    """One claim: what grows without bounds, else what is saturated, else within which numbers it stays."""
    signals, share = about.signals, saturated(about.signals)
    free = [] if about.maps else unbounded(about.layer, signals)
    for state in sorted(free, key=lambda each: -abs(furthest(each)[2])):
        step, unit, value = furthest(state)
        start = begins(about.values, about.layer, state.name, unit)
        if abs(value) > max(GROWN, 2 * abs(start)):
            function = getattr(about.layer.options, "activation", "tanh")
            cause = "no function keeps it within bounds"
            cause = cause if function in ("tanh", "sigmoid") else f"{function} has no upper bound"
            thing = f"{state.name} of unit {unit:,} goes from {short(start)} to {tenths(value)} at step {step:,}"
            return f"{thing}: {cause}."
    if share is not None and share >= FEW:
        return saturation(share)
    first = signals[0]
    low, high = float(first.every.min()), float(first.every.max())
    gates = "" if share is None else f"; {'hardly a' if share else 'no'} gate value is within 0.01 of 0 or 1"
    return f"{first.name} stays between {decimals(low)} and {decimals(high)}{gates}."


def tenths(value: float) -> str:
    return f"{value:,.1f}".replace("-", "−")


def reading(about: About, written: bool) -> str:
    one, size = about.one, about.blocks
    lines = f"Above, a line for each {one}, {one} {about.unit:,} heavier"
    if size.every > 1:
        drawn = len({*range(1, about.units + 1, size.every), about.unit})
        lines = f"Above, lines of {drawn} of the {about.units:,} {one}s, {one} {about.unit:,} heavier"
    if any(len(courses(signal, size, about.unit)) < signal.units / size.every for signal in about.signals):
        lines += ", lines that coincide drawn once"
    if size.along > 1:
        lines += f", a point the mean of {size.along} steps"
    of = [counted(size.units, one)] * (size.units > 1) + [counted(size.steps, "step")] * (size.steps > 1)
    cells = f"each cell the mean of {' × '.join(of)}" if of else f"a row for each {one}, a column for each step"
    numbers = " with the number in it" if written and not of else ""
    scale = "The scales, printed, are the same at every step."
    maps = f" Of each filter's map, {rows_and_columns(about)}, the mean is shown." if about.maps else ""
    within = about.values.model.runs_anew(about.layer)
    first = f" Of all steps of {about.layer.within}, the first is shown." if within else ""
    share, said = saturated(about.signals), claim(about)
    full = f" {saturation(share)}" if share and share >= FEW and saturation(share) != said else ""
    return f"{lines}; below, {cells}{numbers}. {scale}{full}{maps}{first}{unused(about)}"


def unused(about: About) -> str:
    """At which steps the values of gates are of no use: the layer passes over them."""
    passed = [] if about.layer.within else padded(about.values, about.layer)
    if not passed:
        return ""
    are = "is" if len(passed) == 1 else "are"
    return f" {numbered('Step', passed)} {are} padding: the states stay, and what gates give there is not used."


def saturation(share: float) -> str:
    return f"{100 * share:.0f} % of the gate values are within 0.01 of 0 or 1."


def rows_and_columns(about: About) -> str:
    shape = about.layer.shape(about.signals[0].name.removeprefix(BEFORE))
    return by(shape[:-1])


def legend(about: About) -> tuple[Key, ...]:
    one = about.one
    role = about.signals[0].role
    focus = Key(role, f"{one} {about.unit:,}, in focus", shape="curve", mark="focus")
    others = (Key(role, f"another {one}", shape="curve", mark="faded"),) if about.units > 1 else ()
    return (focus, *others)


def whose(names: list[str], ramp: str, size: Blocks) -> str:
    """Which signals have a scale, and of what kind it is."""
    mean = "means of " if size.steps * size.units > 1 else ""
    return f"{mean}{listed(names)}{': from 0 to 1' if ramp == 'share' else ''}"


def tip(signal: Shown, value: float, about: About, column: int, row: int) -> str:
    """`c of unit 3 at step 2: −0.624`, of a block between which it is the mean."""
    size = about.blocks
    if size.steps * size.units == 1:
        mean = "mean of " if about.maps else ""
        return f"{mean}{signal.name} of {about.one} {row + 1:,} at step {column + 1:,}: {decimals(value)}"
    unit, step = row * size.units + 1, column * size.steps + 1
    units = between(about.one, unit, min(unit + size.units - 1, signal.units))
    steps = between("step", step, min(step + size.steps - 1, len(signal.numbers)))
    return f"mean of {signal.name}, {units}, {steps}: {decimals(value)}"


def between(what: str, first: int, last: int) -> str:
    return f"{what} {first:,}" if first == last else f"{what}s {first:,} to {last:,}"


def description(about: About) -> str:
    """Every signal's range, and how it ends for the unit in focus."""
    said = [
        f"{each.name} lies between {decimals(float(each.every.min()))} and {decimals(float(each.every.max()))}"
        for each in about.signals
    ]
    values = [
        f"{each.name} {decimals(float(each.numbers[about.step - 1, about.unit - 1]))}"
        for each in about.signals if about.unit <= each.units
    ]  # fmt: skip
    mean = " the means" if about.maps else ""
    focus = f" At step {about.step:,}, {about.one} {about.unit:,} has{mean} {listed(values)}." if values else ""
    return f"{title(about)}. {'; '.join(said)}.{focus}"
