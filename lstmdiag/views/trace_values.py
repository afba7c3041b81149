"""What the picture of a trace shows: signals of one layer as (steps, units), their scales, and how far units go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from glob import escape
from itertools import count
from math import inf, prod

import numpy as np

from lstmdiag.analysis.cells import role
from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.numbers import Array
from lstmdiag.cells.ranges import ranges
from lstmdiag.diagrams import Point
from lstmdiag.errors import Problem, UsageError, nearest
from lstmdiag.layer import CellLayer, Layer
from lstmdiag.model import Model
from lstmdiag.running import initial
from lstmdiag.running.effort import PASS, PICTURE, check_effort, products
from lstmdiag.running.inputs import any_length
from lstmdiag.running.step_values import masked
from lstmdiag.running.steps import BEFORE, plan
from lstmdiag.running.tracing import values as passed
from lstmdiag.running.values import Values, runs_in
from lstmdiag.views.numbers import next_round
from lstmdiag.views.selection import Selection, chosen_layer

SMALL = 4.0  # so many times smaller than a scale, values need one of their own
NEAR = 0.01  # so near its bounds a value hardly answers any more
TOLD_APART = 50  # places on one half of a plot's scale


@dataclass(frozen=True)
class SignalValues:
    """One signal, one sample."""

    name: str
    role: str
    numbers: Array  # (steps, units); of maps the mean of each
    every: Array  # (steps, numbers): what that is the mean of, where steps count
    ramp: str  # of its colours: share where it lies between 0 and 1, else signed
    low: float  # the ends of its scale, which holds `every`; 0 where nothing lies below
    end: float

    @property
    def units(self) -> int:
        """How many numbers it has at a step."""
        return int(self.numbers.shape[1])


def make(model: Model, keep: Sequence[str], *, toy: bool = False) -> Values:
    """A pass over the spec's example, or over what is made where it has none, that keeps the signals named.

    Of the model; of its toy twin with `toy`, or where its weights or multiplications would take too long. Raises
    LstmdiagError, with the arithmetic, where the pass itself would.
    """
    given = model.example is not None and model.example.weights is not None
    bounds = replace(PICTURE, memory=PASS.memory) if given else PICTURE
    if not toy:
        sized = any_length(model)
        check_effort(sized, 1, replace(bounds, products=PASS.products))
        toy = not given and max(initial.effort(model), products(sized)) > bounds.products
    return passed(model, keep=[escape(name) for name in keep], toy=toy, bounds=bounds)


def names(layer: CellLayer, selection: Selection) -> list[str]:
    """The signals to show: those of --signal, else the states, what is kept for oneself first, and all with weights."""
    cell = layer.cell
    if selection.signal is not None:
        known = plan(cell).signals
        wanted = list(dict.fromkeys(name.strip() for name in selection.signal.split(",")))
        for name in wanted:
            if name not in known:
                message = f"{layer.name!r} has no signal {name!r}"
                raise UsageError(Problem(message, hint=nearest(name, known)))
        return wanted
    states = sorted(cell.state, key=lambda state: state == cell.output)
    return [*states, *(gate for gate in cell.gates() if gate not in cell.state)]


def shown(values: Values, layer: CellLayer, signals: Sequence[str], selection: Selection) -> list[SignalValues]:
    """Each signal with its scale. Signed ones have one scale, except gates that may be larger than 1."""
    cell = layer.cell
    known = ranges(cell)
    arrays = {name: _flat(values, layer, name) for name in signals}
    whole = {name: _first(values, layer, name) for name in signals}
    shares = {
        name for name, array in whole.items()
        if name in known and known[name].low >= 0 and known[name].high <= 1  # where states start at 0:
        and 0 <= array.min() <= array.max() <= 1
    }  # fmt: skip
    gates = {name for name in signals if role(cell, name) in VALVES} - shares
    together = _ends([whole[name] for name in signals if name not in shares | gates], selection)
    counts = [not masked(values, layer, step) for step in range(1, len(next(iter(arrays.values()))) + 1)]
    found = []
    for name, array in whole.items():
        ends = together(array)
        if name in shares:
            ends = 0.0, 1.0
        elif name in gates:
            ends = _ends([array], Selection())(array)
        every = array[counts] if any(counts) else array
        what = role(cell, name.removeprefix(BEFORE))
        ramp = "share" if name in shares else "signed"
        found.append(SignalValues(name, what, arrays[name], every.reshape(len(every), -1), ramp, *ends))
    return found


def _ends(arrays: Sequence[Array], selection: Selection) -> Callable[[Array], Point]:
    """One scale for all; another one for those that would be seen as nothing on it, unless it is given."""
    if selection.scale:
        given = selection.scale
        return lambda array: given
    largest = [_largest(array) for array in arrays]
    end = round_end(max(largest, default=1))
    small = round_end(max((each for each in largest if each < end / SMALL), default=0))
    lowest = -1.0 if any(array.min() < 0 for array in arrays) else 0.0

    def ends(array: Array) -> Point:
        own = small if _largest(array) < end / SMALL else end
        return lowest * own, own

    return ends


def _first(values: Values, layer: Layer, name: str) -> Array:
    """Of the first sample; of a layer that runs anew in every step of another one, of the first run."""
    return np.asarray(values.trace[f"{layer.name}.{name}"][(0,) * (1 + runs_in(values.model, layer))])


def _flat(values: Values, layer: Layer, name: str) -> Array:
    """(steps, units); of maps the mean of each."""
    array = _first(values, layer, name)
    return np.asarray(array.mean(axis=tuple(range(1, array.ndim - 1))))


def _largest(array: Array) -> float:
    return float(np.abs(array).max())


def round_end(largest: float) -> float:
    """The end of a scale of signals: 1 for values that come near it."""
    near = largest == 0 or 0.25 < largest <= 1
    return 1.0 if near else next_round(largest, (1, 1.5, 2, 3, 4, 5, 6, 8, 10))


def round_numbers() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 ..."""
    return (step * 10**power for power in count() for step in (1, 2, 5))


def means(numbers: Array, size: int) -> Array:
    """The mean of each so many steps, the last of which may be fewer; nan are no numbers, and all nan is nan."""
    starts = np.arange(0, len(numbers), size)
    known = ~np.isnan(numbers)
    counts = np.add.reduceat(known, starts, 0, dtype=float)
    sums = np.add.reduceat(np.where(known, numbers, 0), starts, 0)
    return np.divide(sums, counts, out=np.full_like(sums, np.nan, dtype=float), where=counts > 0)


def moved(layer: CellLayer, values: Values, signals: Sequence[SignalValues], units: int) -> Array:
    """How far each of so many units goes, as a part of the scales: the sum for all signals; states start before."""
    found = np.zeros(units)
    for signal in signals:
        if signal.units >= units:
            numbers = signal.numbers[:, :units]
            if signal.name in layer.cell.state:
                numbers = np.vstack([starts(values, layer, signal.name)[:units], numbers])
            found += np.ptp(numbers, axis=0) / (signal.end - signal.low)
    return found


def courses(shown: SignalValues, numbers: Array, units: Sequence[int], focus: int) -> dict[int, Array]:
    """Unit → its line, the one in focus last; lines that coincide are one, since a bundle would look heavier."""
    seen: dict[bytes, int] = {}
    for unit in units:
        if unit != focus:
            seen.setdefault(np.round(numbers[:, unit - 1] / shown.end * TOLD_APART).tobytes(), unit)
    return {unit: numbers[:, unit - 1] for unit in (*seen.values(), focus) if unit <= shown.units}


def saturated(signals: Sequence[SignalValues]) -> float | None:
    """The share of gate values within 0.01 of 0 or 1; None where no gate is bounded by them."""
    gates = [shown.every.reshape(-1) for shown in signals if shown.ramp == "share" and shown.role in VALVES]
    if not gates:
        return None
    every = np.concatenate(gates)
    return float(np.mean((every < NEAR) | (every > 1 - NEAR)))


def most_saturated(signals: Sequence[SignalValues], default: int) -> int:
    """Of the units that move at all, the one most of whose gate values are within 0.01 of 0 or 1."""
    gates = [shown.numbers for shown in signals if shown.ramp == "share" and shown.role in VALVES]
    moving = np.ptp(signals[0].numbers, axis=0) > 0
    if not gates or not moving.any() or any(gate.shape[1] != len(moving) for gate in gates):
        return default
    near = sum(((gate < NEAR) | (gate > 1 - NEAR)).sum(axis=0) for gate in gates)
    return int(np.where(moving, near, -1).argmax()) + 1


def flattened(layer: CellLayer, signals: Sequence[SignalValues]) -> dict[str, float]:
    """Content, or a state that a function squashes between −1 and 1 → the share of it within 0.01 of these."""
    cell = layer.cell
    known, gates = ranges(cell), cell.gates()
    between = [
        shown for shown in signals if shown.name in gates and (known[shown.name].low, known[shown.name].high) == (-1, 1)
    ]
    return {shown.name: float(np.mean(np.abs(shown.every) > 1 - NEAR)) for shown in between}


def unbounded(layer: CellLayer, signals: Sequence[SignalValues]) -> list[SignalValues]:
    """The states that nothing keeps within bounds."""
    cell = layer.cell
    known = ranges(cell)
    states = [shown for shown in signals if shown.name in cell.state]
    return [shown for shown in states if known[shown.name].high == inf]


def furthest(shown: SignalValues) -> tuple[int, int, float]:
    """Step, unit and value of the number that is furthest from 0; steps and units from 1."""
    step, unit = np.unravel_index(int(np.abs(shown.numbers).argmax()), shown.numbers.shape)
    return int(step) + 1, int(unit) + 1, float(shown.numbers[step, unit])


def starts(values: Values, layer: Layer, name: str) -> Array:
    """What a state was before the first step, a number a unit; of a map its mean."""
    start = values.trace.start[f"{layer.name}.{name}"][0]
    return np.asarray(start.reshape(prod(start.shape[:-1]), -1).mean(axis=0))


def begins(values: Values, layer: Layer, name: str, unit: int) -> float:
    """The same of one unit."""
    return float(starts(values, layer, name)[unit - 1])


def extent(model: Model, selection: Selection, layer: CellLayer) -> Point:
    """The scale that its signed signals have, for pictures that stand beside each other."""
    signals = names(layer, selection)
    values = make(model, [f"{layer.name}.{name}" for name in signals])
    drawn = chosen_layer(values.model, replace(selection, layer=layer.name))
    signed = [each for each in shown(values, drawn, signals, selection) if each.ramp == "signed"]
    return min((each.low for each in signed), default=-1), max((each.end for each in signed), default=1)
