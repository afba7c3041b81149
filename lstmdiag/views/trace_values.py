"""What the picture of a trace shows: signals of one layer as (steps, units), their scales, and blocks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from glob import escape
from itertools import count
from math import ceil, inf, prod

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
CELLS, COLUMNS, ROWS, FEWEST_ROWS = 800, 40, 128, 20  # of one map
LOWEST = {"signed": -1, "share": 0}
"""Ramp of a scale → where it begins, as a part of its end."""
NEAR = 0.01  # so near its bounds a value hardly answers any more
TOLD_APART = 50  # places on one half of a plot's scale
POINTS, ALONG = 1_000, 60  # of all lines of one plot, and of one of them


@dataclass(frozen=True)
class SignalValues:
    """One signal, one sample."""

    name: str
    role: str
    numbers: Array  # (steps, units); of maps the mean of each
    every: Array  # (steps, numbers): what that is the mean of, where steps count
    ramp: str  # of its colours: share where it lies between 0 and 1, else signed
    end: float  # of its scale
    map_end: float  # of the scale of its map, whose cells may be means

    @property
    def units(self) -> int:
        """How many numbers it has at a step."""
        return int(self.numbers.shape[1])


@dataclass(frozen=True, slots=True)
class Blocks:
    """How many units and steps one cell of a map stands for, and one point of a line; every which unit has a line."""

    units: int
    steps: int
    along: int
    every: int


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
    shares = {
        name for name, array in arrays.items()
        if name in known and known[name].low >= 0 and known[name].high <= 1  # where states start at 0:
        and 0 <= array.min() <= array.max() <= 1
    }  # fmt: skip
    gates = {name for name in signals if role(cell, name) in VALVES} - shares
    signed = [arrays[name] for name in signals if name not in shares | gates]
    size = blocks(*max(array.shape for array in arrays.values()))
    together = [_ends(signed, selection), _ends([means(array, size.steps, size.units) for array in signed], selection)]
    found = []
    for name, array in arrays.items():
        drawn = (array, means(array, size.steps, size.units))  # as lines, and as the cells of a map
        ramp = "signed"
        if name in shares:
            ramp, ends = "share", [1.0, 1.0]
        elif name in gates:
            ends = [round_end(_largest(each)) for each in drawn]
        else:
            ends = [end(each) for end, each in zip(together, drawn, strict=True)]
        what = role(cell, name.removeprefix(BEFORE))
        every = _first(values, layer, name)
        counts = [step for step in range(len(every)) if not masked(values, layer, step + 1)]
        every = every[counts] if counts else every
        found.append(SignalValues(name, what, array, every.reshape(len(every), -1), ramp, *ends))
    return found


def _ends(arrays: Sequence[Array], selection: Selection) -> Callable[[Array], float]:
    """One end for all; another one for those that would be seen as nothing at it, unless it is given."""
    if selection.scale:
        given = selection.scale[1]
        return lambda array: given
    largest = [_largest(array) for array in arrays]
    end = round_end(max(largest, default=1))
    small = round_end(max((each for each in largest if each < end / SMALL), default=0))
    return lambda array: small if _largest(array) < end / SMALL else end


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


def blocks(steps: int, units: int) -> Blocks:
    """All units and steps where a picture has room for them."""
    across = ceil(steps / COLUMNS)
    columns = ceil(steps / across)
    rows = min(max(FEWEST_ROWS, CELLS // columns), ROWS)
    along = ceil(steps / ALONG)
    return Blocks(ceil(units / rows), across, along, ceil(units * ceil(steps / along) / POINTS))


def means(numbers: Array, steps: int, units: int) -> Array:
    """The mean of each block of so many steps and units; at the ends blocks may be smaller."""
    found = numbers
    for axis, size in enumerate((steps, units)):
        if size > 1:
            starts = np.arange(0, found.shape[axis], size)
            counts = np.diff([*starts, found.shape[axis]])
            found = np.add.reduceat(found, starts, axis) / np.expand_dims(counts, 1 - axis)
    return found


def courses(shown: SignalValues, size: Blocks, focus: int) -> dict[int, Array]:
    """Unit → its line, the one in focus last; lines that coincide are one, since a bundle would look heavier."""
    numbers = means(shown.numbers, size.along, 1)
    units = [unit for unit in range(1, shown.units + 1, size.every) if unit != focus]
    seen: dict[bytes, int] = {}
    for unit in units:
        seen.setdefault(np.round(numbers[:, unit - 1] / shown.end * TOLD_APART).tobytes(), unit)
    return {unit: numbers[:, unit - 1] for unit in (*seen.values(), focus) if unit <= shown.units}


def saturated(signals: Sequence[SignalValues]) -> float | None:
    """The share of gate values within 0.01 of 0 or 1; None where no gate is bounded by them."""
    gates = [shown.every.reshape(-1) for shown in signals if shown.ramp == "share" and shown.role in VALVES]
    if not gates:
        return None
    every = np.concatenate(gates)
    return float(np.mean((every < NEAR) | (every > 1 - NEAR)))


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


def begins(values: Values, layer: Layer, name: str, unit: int) -> float:
    """What a state of a unit was before the first step; of a map its mean."""
    start = values.trace.start[f"{layer.name}.{name}"][0]
    return float(start.reshape(prod(start.shape[:-1]), -1)[:, unit - 1].mean())


def extent(model: Model, selection: Selection, layer: CellLayer) -> Point:
    """The scale that its signed signals have, for pictures that stand beside each other."""
    signals = names(layer, selection)
    values = make(model, [f"{layer.name}.{name}" for name in signals])
    drawn = chosen_layer(values.model, replace(selection, layer=layer.name))
    ends = [each.end for each in shown(values, drawn, signals, selection) if each.ramp == "signed"]
    return -max(ends, default=1), max(ends, default=1)
