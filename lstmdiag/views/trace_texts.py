"""What the picture of a trace says; its words are in words/en/trace.yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lstmdiag.cells.cell import VALVES
from lstmdiag.diagrams import Key, Text
from lstmdiag.diagrams.text import bold, muted, small, sub, text
from lstmdiag.english import number, numbered
from lstmdiag.layer import CellLayer
from lstmdiag.running.step_values import masked, padded
from lstmdiag.running.steps import BEFORE
from lstmdiag.running.values import Values
from lstmdiag.views.numbers import decimals, short
from lstmdiag.views.trace_values import SignalValues, begins, courses, furthest, most_saturated, saturated, unbounded
from lstmdiag.views.words import ROLE_WORDS, Facts, layer_facts
from lstmdiag.words import Words

WORDS = Words("trace")
GROWN = 3.0  # beyond this a state is worth telling of
FEW = 0.005  # a smaller share of gate values is none


def claim(values: Values, layer: CellLayer, signals: Sequence[SignalValues]) -> Facts:
    """What the picture claims, and the unit and the step that this is about."""
    share, growth = saturated(signals), None if layer_facts(layer)["maps"] else _growth(values, layer, signals)
    free = [step for step in range(1, len(signals[0].numbers) + 1) if not masked(values, layer, step)]
    unit, step = furthest(signals[0])[1], (free or [1])[0 if layer.go_backwards else -1]
    if growth:
        unit, step = growth["unit"], growth["step"]
    elif share is not None and share >= FEW:
        unit = most_saturated(signals, unit)
    return {
        "unit": min(unit, layer.units),
        "step": step,
        "growth": growth,
        "gates_bounded": share is not None,
        "some_saturated": bool(share),
        "many_saturated": share is not None and share >= FEW,
        "saturated": round(100 * (share or 0)),
    }


def about(
    values: Values, layer: CellLayer, every: Sequence[SignalValues], signals: Sequence[SignalValues], claim: Facts
) -> Facts:
    """The facts that the words need, before it is known which units are drawn: `signals` of `every` one."""
    passed, unit, step = padded(values, layer), claim["unit"], claim["step"]
    ends = [(each.name, float(each.every.min()), float(each.every.max())) for each in every]
    ranges = [
        {"name": name, "low": decimals(low), "high": decimals(high), "one": decimals(low) == decimals(high)}
        for name, low, high in ends
    ]
    return {
        **layer_facts(layer),
        **claim,
        "units": max(signal.units for signal in signals),
        "steps": len(signals[0].numbers),
        "ranges": ranges,
        "first": ranges[0],
        "values": [
            {"name": each.name, "value": decimals(float(each.numbers[step - 1, unit - 1]))}
            for each in every if unit <= each.units
        ],
        "area": layer.shape(signals[0].name.removeprefix(BEFORE))[:-1],
        "runs_anew": values.model.runs_anew(layer),
        "padding": passed and numbered("Step", passed),
        "padded": passed,
        "not_drawn": [each.name for each in every if each not in signals],
    }  # fmt: skip


def drawn(
    facts: Facts, signals: Sequence[SignalValues], units: Mapping[int, Sequence[int]], along: int, across: int
) -> Facts:
    """What else they need: which `units` have a line and a row, and how many steps a point and a column stand for."""
    rows, unit = units[facts["units"]], facts["unit"]
    return {
        "lines": facts["steps"] > 1,
        "along": along,
        "across": across,
        "points_together": along > 1,
        "together": across > 1,
        "rows": len(rows),
        "left_out": facts["units"] - len(rows),
        "lines_coincide": facts["steps"] > 1 and any(
            len(courses(each, each.numbers, units[each.units], unit)) < len(units[each.units]) for each in signals
        ),
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
    others = (Key(role, WORDS.say("legend_other", facts), shape="curve", mark="faded"),) if facts["rows"] > 1 else ()
    return (focus, *others)


def whose(names: list[str], ramp: str) -> str:
    """Which signals have a scale, and of what kind it is."""
    return WORDS.say("scale", names=names, share=ramp == "share")


def skipped(step: int) -> str:
    """Of a cell without a number."""
    return WORDS.say("skipped", step=step)


def tips(facts: Facts, signal: SignalValues, size: int) -> Callable[[int, int, float], str]:
    """(column, unit, value) of a cell → `c of unit 3 at step 2: −0.624`, of more steps over which it is the mean.

    A map has hundreds of cells: the words are chosen once for a signal and a column, and then only filled.
    """
    steps = [WORDS.say("some_steps", **run) for run in _runs(facts["steps"], size)]
    form = WORDS.say("tip", facts, signal=signal.name, which_unit="{0}", which_steps="{1}", value="{2}")
    return lambda column, unit, value: form.format(number(unit), steps[column], decimals(value))


def _runs(count: int, size: int) -> list[Facts]:
    """The first and the last of each block of 1..count, and whether these are several."""
    ends = [(first, min(first + size - 1, count)) for first in range(1, count + 1, size)]
    return [{"first": first, "last": last, "several": last > first} for first, last in ends]
