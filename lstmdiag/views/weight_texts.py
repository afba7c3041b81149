"""What the picture of the weights says; its words are in words/en/weights.yml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from lstmdiag.analysis.cells import gate_role, projects
from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.diagrams import Key, Line, Run, Text
from lstmdiag.diagrams.text import bold, small, text
from lstmdiag.english import by
from lstmdiag.layer import CellLayer
from lstmdiag.views.weight_blocks import Column, Scale, redundant
from lstmdiag.views.words import BEFORE, NOW, ROLE_WORDS, Facts, layer_facts, pattern_of
from lstmdiag.words import Words

WORDS = Words("weights")


def about(layer: CellLayer, columns: Sequence[Column], scale: Scale, gate: str, unit: int) -> Facts:
    """The facts that the words need. The outlined row is that of `unit` in `gate`."""
    cell, counts = layer.cell, Counter[str]()
    for column in columns:
        counts[column.name] += column.count
    owned = [column.size for column in columns if gate in column.blocks]
    return {
        **layer_facts(layer),
        "product": _product(layer),
        "counts": [{"part": part, "count": count} for part, count in counts.items()],
        "columns": columns,
        "gates_with_weights": [{"gate": gate, "rows": rows} for gate, rows in scale.rows.items()],
        "gate": gate,
        "unit": unit,
        "role": ROLE_WORDS[gate_role(cell, gate)],
        "projected": projects(cell, gate),
        "state": gate in cell.state,
        "content": gate_role(cell, gate) == "gate.content",
        "row_sizes": owned,
        "row_size": sum(owned),
        "several": len(owned) > 1,
        "scale": scale,
        "points": round(scale.unit),
        "per_point": round(1 / scale.unit),
        "wider": [columns[i].name for i in scale.larger],
        "as_many_features": layer.features == layer.units,
    }


def _product(layer: CellLayer) -> str:
    """4 × (4 × (1 + 4 + 1)): all units, and the projection's matrix beside them."""
    unit = fan_in(layer).derivation()
    if layer.units > 1:
        is_sum = " + " in re.sub(r"\([^)]*\)", "", unit)
        unit = f"{layer.units:,} × " + (f"({unit})" if is_sum else unit)
    return " + ".join([unit, *(by(weight.shape) for weight in fan_in(layer).projection)])


def row(facts: Facts) -> Text:
    """Beside the outlined row: whose it is, and how long."""
    first, *others = WORDS.each("row", facts)
    return text(bold(first), *map(small, others))


def gate_name(layer: CellLayer, gate: str) -> Text:
    return text([bold(gate), small("  " + WORDS.say("block", role=ROLE_WORDS[gate_role(layer.cell, gate)]))])


def reads(layer: CellLayer, column: Column) -> Line:
    """What the column's weights do: times x_t, times h_t−1, added ..."""
    fan = fan_in(layer)
    names = {weight.name for weight in column.blocks.values()}
    read = [source.name for source in fan.sources if names & {weight.name for weight in source.weights}]
    if read:
        runs = [small(WORDS.say("slides_over" if column.kernel else "times") + " ")]
        for name in read:
            runs += [small(name), Run(NOW if name == "x" else BEFORE, "smallsub")]
        return tuple(runs)
    if names & redundant(layer.cell):
        return (small(WORDS.say("added_again")),)
    if any(weight.name in names for weight in fan.biases):
        return (small(WORDS.say("added")),)
    return (small(WORDS.say("times_own" if column.dim == 1 else "times_within")),)


def rows(counts: Mapping[str, int]) -> str:
    """`4 × 100 = 400 rows`; `4 × 100 + 20 = 420 rows`."""
    times = Counter(counts.values())
    terms = [f"{many} × {each:,}" if many > 1 or len(times) == 1 else f"{each:,}" for each, many in times.items()]
    return WORDS.say("rows", terms=terms, total=sum(counts.values()))


def count_of(column: Column) -> list[str]:
    """`4 × 100 × 1`, `= 400`."""
    factors = [len(column.blocks)] if len(column.blocks) > 1 else []
    factors += next(iter(column.blocks.values())).shape
    product = by(factors)
    return [product, f"= {column.count:,}"] if len(factors) > 1 else [product]


def legend(layer: CellLayer, columns: Sequence[Column]) -> list[Key]:
    words = {"box": "legend_box", "hatched": "legend_hatched", "dotted": "legend_dotted"}
    cell, twice = layer.cell, redundant(layer.cell)
    keys = []
    for column in columns:
        pattern = pattern_of(column.part)
        if not twice & set(column.names):
            keys.append(Key("weight", WORDS.say(words[pattern]), column.name, pattern))
    second = [column for column in columns if twice & set(column.names)]
    if second:
        keys.append(Key("weight", WORDS.say("legend_redundant"), second[0].name, "hatched"))
        inside = [gate for column in second for gate, weight in column.blocks.items() if weight.name not in twice]
        if inside:
            keys.append(Key("weight", WORDS.say("legend_inside", gates=inside), second[0].name, "box"))
    for gate in cell.gates():
        role = gate_role(cell, gate)
        keys.append(Key(role, WORDS.say("block", role=ROLE_WORDS[role]), gate))
    return keys
