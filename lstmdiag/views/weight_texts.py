"""The words on the picture of the weights."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from lstmdiag.diagrams import Key, Line, Run, Text
from lstmdiag.diagrams.text import bold, small, text
from lstmdiag.english import by, counted, listed
from lstmdiag.layer import Layer, cell_of
from lstmdiag.readings.cells import gate_role, projects
from lstmdiag.readings.fan_in import fan_in
from lstmdiag.readings.layers import weights_in
from lstmdiag.views.weight_blocks import Column, Scale, redundant
from lstmdiag.views.words import BEFORE, NOW, ROLE_WORDS, title_of

PATTERN: Mapping[str, str] = {"W": "box", "b": "dotted", "p": "dotted"}
"""What tells the parts apart beside their place; all matrices on states are hatched."""


def title(layer: Layer) -> str:
    return f"{title_of(layer)}, where its {counted(weights_in(layer), 'weight')} live"


def claim(layer: Layer, columns: Sequence[Column]) -> str:
    """The layer's count, derived and split into its parts."""
    unit = fan_in(layer).derivation()
    if layer.units > 1:
        unit = f"{layer.units:,} × " + (f"({unit})" if _is_sum(unit) else unit)
    unit = " + ".join([unit, *(by(weight.shape) for weight in fan_in(layer).projection)])
    counts: Counter[str] = Counter()
    for column in columns:
        counts[column.part] += column.count
    parts = [f"{count:,} in {part}" for part, count in counts.items()]
    return f"{layer.name} owns {unit} = {counted(weights_in(layer), 'weight')}: {listed(parts)}."


def _is_sum(term: str) -> bool:
    """Whether it adds anything outside brackets."""
    return " + " in re.sub(r"\([^)]*\)", "", term)


def reading(layer: Layer, gate: str, unit: int, owned: Sequence[Column]) -> str:
    numbers = sum(column.size for column in owned)
    return (
        f"A stripe is one gate, a row one unit, a column one number that is read; the outlined row is all that "
        f"{owner(layer, gate, unit)} owns, {counted(numbers, 'weight')}, and every step uses the same ones."
    )


def description(layer: Layer, columns: Sequence[Column]) -> str:
    """The picture in words, for those who do not see it."""
    parts = [f"{c.part}, {counted(c.size, 'column')} wide, {counted(c.count, 'weight')}" for c in columns]
    return (
        f"The weights of {layer.name} side by side: {'; '.join(parts)}. From the top, one stripe of "
        f"{counted(layer.units, 'row')} for each of {listed(cell_of(layer).gates())}."
    )


def owner(layer: Layer, gate: str, unit: int) -> str:
    """unit 2's keep gate; unit 2's content g."""
    if gate in cell_of(layer).state:
        return f"number {unit:,} of {gate}" if projects(cell_of(layer), gate) else f"unit {unit:,}'s {gate}"
    role = gate_role(cell_of(layer), gate)
    return f"unit {unit:,}'s {ROLE_WORDS[role]} " + (gate if role == "gate.content" else "gate")


def row(layer: Layer, gate: str, unit: int, owned: Sequence[Column]) -> Text:
    """Beside the outlined row: whose it is, and how long."""
    sizes = [column.size for column in owned]
    total = " + ".join(f"{size:,}" for size in sizes) + " = " if len(sizes) > 1 else ""
    lines = ("everything", f"{owner(layer, gate, unit)} owns:", total + counted(sum(sizes), "weight"))
    return text(bold(f"row {unit:,} of {gate}"), *map(small, lines))


def gate_name(layer: Layer, gate: str) -> Text:
    return text([bold(gate), small(f"  {ROLE_WORDS[gate_role(cell_of(layer), gate)] or 'projection'}")])


def reads(layer: Layer, column: Column) -> Line:
    """What the column's weights do: times x_t, times h_t−1, added ..."""
    fan = fan_in(layer)
    names = {weight.name for weight in column.blocks.values()}
    found = [source.name for source in fan.sources if names & {weight.name for weight in source.weights}]
    if found:
        runs = [small("slides over " if column.kernel else "times ")]
        for name in found:
            runs += [small(name), Run(NOW if name == "x" else BEFORE, "smallsub")]
        return tuple(runs)
    if names & redundant(cell_of(layer)):
        return (small("added, the second one"),)
    if any(weight.name in names for weight in fan.biases):
        return (small("added"),)
    return (small("times the unit's own value" if column.dim == 1 else "on this step's values"),)


def rows(counts: Mapping[str, int]) -> str:
    """`4 × 100 = 400 rows`; `4 × 100 + 20 = 420 rows`."""
    times = Counter(counts.values())
    terms = [f"{many} × {each:,}" if many > 1 or len(times) == 1 else f"{each:,}" for each, many in times.items()]
    return f"{' + '.join(terms)} = {counted(sum(counts.values()), 'row')}"


def count_of(layer: Layer, column: Column) -> list[str]:
    """`4 × 100 × 1`, `= 400`."""
    factors = [len(column.blocks)] if len(column.blocks) > 1 else []
    factors += next(iter(column.blocks.values())).shape
    product = by(factors)
    return [product, f"= {column.count:,}"] if len(factors) > 1 else [product]


def scale_words(layer: Layer, columns: Sequence[Column], scale: Scale) -> list[str]:
    """How long the bar is and what is not to scale, said plainly; and that F = H is no rule."""
    lines = ["Every cell is one weight." if scale.cells else f"{counted(scale.bar, 'weight')} ({scale.words})"]
    found = [listed([columns[i].part for i in scale.larger]) + " drawn wider"] if scale.larger else []
    found += ["rows drawn taller"] if scale.taller else []
    lines += [f"Not to scale, so that they can be seen: {listed(found)}."] if found else []
    if layer.features == layer.units:
        lines.append("As many features as units here; they need not be equal.")
    return lines


def legend(layer: Layer, columns: Sequence[Column]) -> list[Key]:
    words = {"box": "on the input", "hatched": "on a state", "dotted": "one number per unit"}
    keys = []
    for column in columns:
        if redundant(cell_of(layer)) & set(column.names):
            continue
        pattern = PATTERN.get(column.part, "hatched")
        keys.append(Key("weight", words[pattern], column.part, pattern))
    twice = redundant(cell_of(layer))
    second = [column for column in columns if twice & set(column.names)]
    if second:
        keys.append(Key("weight", "second bias, redundant: only its sum with the first counts", "b", "hatched"))
        inside = [gate for column in second for gate, weight in column.blocks.items() if weight.name not in twice]
        if inside:
            keys.append(Key("weight", f"second bias of {listed(inside)}, multiplied first: not redundant", "b", "box"))
    for gate in cell_of(layer).gates():
        role = gate_role(cell_of(layer), gate)
        keys.append(Key(role, ROLE_WORDS[role] or "projection", gate))
    return keys
