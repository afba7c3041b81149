"""What the picture of a trace says; its words are in words/en/trace.yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lstmdiag.cells.cell import VALVES
from lstmdiag.diagrams import Key, Text
from lstmdiag.diagrams.text import bold, muted, small, sub, text
from lstmdiag.english import numbered
from lstmdiag.layer import CellLayer
from lstmdiag.running.step_values import padded
from lstmdiag.running.steps import BEFORE
from lstmdiag.running.values import Values
from lstmdiag.views.numbers import decimals, short
from lstmdiag.views.trace_values import Blocks, SignalValues, begins, courses, furthest, saturated, unbounded
from lstmdiag.views.words import ROLE_WORDS, Facts, layer_facts
from lstmdiag.words import Words

WORDS = Words("trace")
GROWN = 3.0  # beyond this a state is worth telling of
FEW = 0.005  # a smaller share of gate values is none


def about(
    values: Values, layer: CellLayer, signals: Sequence[SignalValues], size: Blocks, unit: int, step: int
) -> Facts:
    """The facts that the words need."""
    common, share = layer_facts(layer), saturated(signals)
    units, every = max(signal.units for signal in signals), size.every
    passed = padded(values, layer)
    ranges = [
        {"name": each.name, "low": decimals(float(each.every.min())), "high": decimals(float(each.every.max()))}
        for each in signals
    ]
    return {
        **common,
        "units": units,
        "unit": unit,
        "steps": len(signals[0].numbers),
        "step": step,
        "growth": None if common["maps"] else _growth(values, layer, signals),
        "gates_bounded": share is not None,
        "some_saturated": bool(share),
        "many_saturated": share is not None and share >= FEW,
        "saturated": round(100 * (share or 0)),
        "ranges": ranges,
        "first": ranges[0],
        "values": [
            {"name": each.name, "value": decimals(float(each.numbers[step - 1, unit - 1]))}
            for each in signals if unit <= each.units
        ],
        "blocks": size,
        "units_together": size.units > 1,
        "steps_together": size.steps > 1,
        "together": size.units * size.steps > 1,
        "points_together": size.along > 1,
        "lines_left_out": every > 1,
        "lines_drawn": len({*range(1, units + 1, every), unit}),
        "lines_coincide": any(len(courses(each, size, unit)) < each.units / every for each in signals),
        "area": layer.shape(signals[0].name.removeprefix(BEFORE))[:-1],
        "runs_anew": values.model.runs_anew(layer),
        "padding": passed and numbered("Step", passed),
        "padded": passed,
    }  # fmt: skip


def _growth(values: Values, layer: CellLayer, signals: Sequence[SignalValues]) -> Facts | None:
    """The state that goes furthest of those that nothing keeps within bounds, where it grows."""
    for state in sorted(unbounded(layer, signals), key=lambda each: -abs(furthest(each)[2])):
        step, unit, value = furthest(state)
        start = begins(values, layer, state.name, unit)
        if abs(value) > max(GROWN, 2 * abs(start)):
            function = getattr(layer.options, "activation", "tanh")
            return {
                "state": state.name, "unit": unit, "step": step, "start": short(start), "end": decimals(value, 1),
                "function": "" if function in ("tanh", "sigmoid") else function,
            }  # fmt: skip
    return None


def head(facts: Facts, signal: SignalValues) -> Text:
    """Its name and role, and the number of the unit in focus."""
    before = signal.name.startswith(BEFORE)
    word = WORDS.say("role", before_function=before, valve=signal.role in VALVES, word=ROLE_WORDS.get(signal.role, ""))
    name = [bold(BEFORE[0]), sub(signal.name.removeprefix(BEFORE))] if before else [bold(signal.name)]
    first = [*name, small(f"  {word}")]
    own = [each for each in facts["values"] if each["name"] == signal.name]
    return text(first, *map(muted, WORDS.each("own_values", facts, values=own)))


def legend(facts: Facts, role: str) -> tuple[Key, ...]:
    focus = Key(role, WORDS.say("legend_focus", facts), shape="curve", mark="focus")
    others = (Key(role, WORDS.say("legend_other", facts), shape="curve", mark="faded"),) if facts["units"] > 1 else ()
    return (focus, *others)


def whose(names: list[str], ramp: str, size: Blocks) -> str:
    """Which signals have a scale, and of what kind it is."""
    return WORDS.say("scale", names=names, together=size.steps * size.units > 1, share=ramp == "share")


def tips(facts: Facts, signal: SignalValues) -> Callable[[int, int, float], str]:
    """(column, row, value) of a cell → `c of unit 3 at step 2: −0.624`, of a block between which it is the mean.

    A map has thousands of cells: the words are chosen once for a signal, a row and a column, and then only filled.
    """
    size: Blocks = facts["blocks"]
    units = [WORDS.say("some_units", facts, **run) for run in _runs(signal.units, size.units)]
    steps = [WORDS.say("some_steps", **run) for run in _runs(facts["steps"], size.steps)]
    form = WORDS.say("tip", facts, signal=signal.name, which_units="{0}", which_steps="{1}", value="{2}")
    return lambda column, row, value: form.format(units[row], steps[column], decimals(value))


def _runs(count: int, size: int) -> list[Facts]:
    """The first and the last of each block of 1..count, and whether these are several."""
    ends = [(first, min(first + size - 1, count)) for first in range(1, count + 1, size)]
    return [{"first": first, "last": last, "several": last > first} for first, last in ends]
