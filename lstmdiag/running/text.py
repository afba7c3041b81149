"""Values as text: a table a layer, a step a row, and the units of one signal side by side, three decimals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lstmdiag.analysis.elision import shown_places
from lstmdiag.cells.numbers import Array
from lstmdiag.layer import Layer, RecurrentLayer, inside, show_shape
from lstmdiag.model import Model, ModelInput
from lstmdiag.running.signals import Signal, signals
from lstmdiag.running.steps import BEFORE
from lstmdiag.running.values import Values, read_name, runs_in

WIDTH = 110  # characters of a line; what is wider goes into a table below
MOST_UNITS, MOST_STEPS, MOST_SAMPLES = 6, 12, 3
GAP = "…"
PASSED = "–"  # what is computed at a masked step and goes nowhere

Group = list[list[str]]
"""The cells of one signal: its name over it, a row of unit numbers, then a row a step."""


def as_text(values: Values) -> bytes:
    """For people: long rows and columns are cut in the middle, and a last line says how to see all."""
    model, trace = values.model, values.trace
    lines = [f"{model.title}", *(f"  {line}" for line in (values.badge, *values.origin.split("; ")) if line)]
    samples = range(min(len(trace.outputs[0]), MOST_SAMPLES))
    cut = len(trace.outputs[0]) > MOST_SAMPLES
    owners: list[ModelInput | Layer] = [*model.inputs, *model.layers]
    for sample in samples:
        if values.batched:
            lines += ["", f"sample {sample + 1} of {len(trace.outputs[0])}"]
        for owner in owners:
            kept = [each for each in signals(model).values() if each.name in trace.signals and _of(each, owner)]
            if not kept:
                continue
            about = f"{owner.name}: {owner.call}" if isinstance(owner, Layer) else f"{owner.name}: input"
            lines += ["", about]
            for number, group in enumerate(_tables(kept)):
                lines += [""] if number else []
                table, shortened = _table(group, values, sample, owner.name)
                cut |= shortened
                lines += [f"  {line}".rstrip() for line in table]
    if cut:
        lines += ["", "Not all is shown; every number, with every digit: --format json, csv or npz"]
    return ("\n".join(lines) + "\n").encode()


def _of(signal: Signal, owner: ModelInput | Layer) -> bool:
    return signal.layer == owner.name or signal.name.startswith(f"{owner.name}.") or _inside(signal, owner)


def _inside(signal: Signal, owner: ModelInput | Layer) -> bool:
    return isinstance(owner, Layer) and owner.inner is not None and signal.layer == owner.innermost.name


def _tables(kept: Sequence[Signal]) -> Iterator[list[Signal]]:
    """Signals whose rows are the same steps stand in one table; pre-activations come last."""
    ordered = sorted(kept, key=lambda signal: signal.name.rpartition(".")[2].startswith(BEFORE))
    by_rows: dict[object, list[Signal]] = {}
    for signal in ordered:
        by_rows.setdefault((signal.timed, signal.shape[0] if signal.timed else 0), []).append(signal)
    yield from by_rows.values()


def _table(kept: Sequence[Signal], values: Values, sample: int, owner: str) -> tuple[list[str], bool]:
    """Lines, and whether something was left out."""
    trace, cut = values.trace, False
    groups: list[Group] = []
    maps = [signal for signal in kept if len(signal.shape) > 1 + signal.timed]
    kept = [signal for signal in kept if signal not in maps]
    lines = [_ranges(signal, owner, trace.signals[signal.name][sample]) for signal in maps]
    if not kept:
        return lines, True
    first = kept[0]
    if first.timed and not trace.steps[first.name]:
        return [*lines, "none of the steps chosen"], bool(maps)
    if first.timed:
        steps = [step + 1 for step in trace.steps[first.name]]
        rows = shown_places(len(steps), MOST_STEPS)
        cut |= None in rows
        labels = [GAP if row is None else str(steps[row]) for row in rows]
        groups.append([["t"], [""], *([label] for label in labels)])
    else:
        rows = [0]
    for signal in (*_read(first, values), *kept):
        array = np.atleast_1d(trace.signals[signal.name][sample])  # a mask of a whole sample is one number
        name = _short(signal.name, owner) if signal in kept else "x"
        group, short = _group(name, array.reshape(-1, array.shape[-1]) if not signal.timed
                              else array.reshape(len(array), -1), rows, _nowhere(signal, values, sample))  # fmt: skip
        cut |= short
        groups.append(group)
    lines += _printed(groups)
    marked = any(PASSED in row for group in groups for row in group)
    return [*lines, *([f"{PASSED} the step is masked: it changes no state"] if marked else [])], cut or bool(maps)


def _nowhere(signal: Signal, values: Values, sample: int) -> frozenset[int]:
    """Which of the kept steps are masked, if the signal is one that is made there all the same, and goes nowhere."""
    recurrent = (each for each in _layers(values.model) if isinstance(each, RecurrentLayer))
    layer = next((each for each in recurrent if each.name == signal.layer), None)
    if layer is None or signal.name.rpartition(".")[2] in (*layer.cell.state, "output", "mask"):
        return frozenset()
    real = values.counted(layer, sample)
    if real is None or not signal.timed or runs_in(values.model, layer):
        return frozenset()
    return frozenset(place for place, step in enumerate(values.trace.steps[signal.name]) if not real[step])


def _read(first: Signal, values: Values) -> list[Signal]:
    """What a recurrent layer reads, to stand beside its signals, where it was kept of the same steps."""
    model = values.model
    if first.layer in {source.name for source in model.inputs} or not first.timed:
        return []
    layer = model.layer(first.layer)
    found = signals(model).get(read_name(model, layer))
    beside = layer.recurrent and len(layer.input) == 2 and found is not None and found.name in values.trace.signals
    same = beside and found is not None and values.trace.steps.get(found.name) == values.trace.steps[first.name]
    return [found] if same and found is not None else []


def _layers(model: Model) -> Iterator[Layer]:
    for top in model.layers:
        yield from (top, *inside(top))


def _short(name: str, owner: str) -> str:
    """Within its layer's table a signal goes by the rest of its name: c, forward.c."""
    return name.removeprefix(f"{owner}.") if name != owner else "x"


def _group(name: str, array: Array, rows: Sequence[int | None], passed: frozenset[int]) -> tuple[Group, bool]:
    units = shown_places(array.shape[1], MOST_UNITS)
    heads = [GAP if unit is None else str(unit + 1) for unit in units]
    body = [
        [GAP if None in (row, unit) else PASSED if row in passed else _number(array[row, unit]) for unit in units]
        for row in rows
    ]
    return [[name], heads, *body], None in units


def _ranges(signal: Signal, owner: str, array: Array) -> str:
    """Of maps, which no table can hold."""
    if not array.size:
        return f"{_short(signal.name, owner)}: none of the steps chosen"
    low, high = _number(array.min()), _number(array.max())
    return f"{_short(signal.name, owner)}: {show_shape(array.shape)}, from {low} to {high}"


def _number(value: Any) -> str:
    """Of an array's entry: three decimals, or the whole number that it is."""
    plain = value.item()
    return f"{plain:z.3f}" if isinstance(plain, float) else str(int(plain))


def _printed(groups: Sequence[Group]) -> list[str]:
    """Groups side by side with a bar between, in several tables where they are too wide for one."""
    columns = [_aligned(group) for group in groups]
    lead = columns[:1] if groups[0][0] == ["t"] else []
    rest = columns[len(lead) :]
    lines: list[str] = []
    while rest:
        taken = [*lead, rest.pop(0)]
        while rest and sum(len(each[0]) + 3 for each in (*taken, rest[0])) <= WIDTH:
            taken.append(rest.pop(0))
        lines += [" │ ".join(row).rstrip() for row in zip(*taken, strict=True)]
        lines += [""] if rest else []
    return lines


def _aligned(group: Group) -> list[str]:
    """One signal's cells as lines of one width."""
    body = group[1:]
    widths = [max(len(row[i]) for row in body) for i in range(len(body[0]))]
    lines = [" ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in body]
    width = max(len(group[0][0]), len(lines[0]))
    return [group[0][0].ljust(width), *(line.rjust(width) for line in lines)]
