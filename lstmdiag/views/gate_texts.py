"""What the picture of one gate says; its words are in words/en/gate.yml."""

from __future__ import annotations

from math import prod

from lstmdiag.cells.cell import PREVIOUS, VALVES
from lstmdiag.cells.ranges import EVERYTHING, RANGES, ranges
from lstmdiag.diagrams import Key
from lstmdiag.layer import CellLayer
from lstmdiag.readings.cells import role
from lstmdiag.readings.layers import kernel
from lstmdiag.views.gate_terms import Total, columns_of
from lstmdiag.views.words import ROLE_WORDS, Facts, glyph, layer_facts, pattern_of
from lstmdiag.words import Words

WORDS = Words("gate")


def about(layer: CellLayer, gate: str, found: Total, unit: int, step: int | None) -> Facts:
    """The facts that the words need. `step` is the one whose numbers are shown."""
    cell, columns = layer.cell, columns_of(found, layer)
    rows, reads = layer.shape(next(iter(columns)))[0], sum(columns.values())
    biases = rows * sum(len(each.affine.biases) + len(each.affine.own) for each in found.sums)
    bounds = ranges(cell)[gate] if found.whole else RANGES[found.function](EVERYTHING)
    what = role(cell, gate)
    return {
        **layer_facts(layer),
        "gate": gate,
        "unit": unit,
        "step": step,
        "role": what,
        "word": ROLE_WORDS.get(what, "value"),
        "valve": what in VALVES,
        "whole": found.whole,
        "new_state": found.whole and gate in cell.state,
        "sums": len(found.sums),
        "several": len(found.sums) > 1,
        "rows": rows,
        "reads": reads,
        "sizes": (reads, *kernel(layer)),
        "biases": biases,
        "weights": rows * reads * prod(kernel(layer)) + biases,
        "bounds": str(bounds),
        "bounded": bounds.bounded,
        "function": glyph(found.function),
        "squashed": found.function != "linear",
    }


def legend(found: Total, facts: Facts) -> list[Key]:
    """The matrices by what they multiply, the weights of which each unit has one, and the gate."""
    keys: dict[Key, None] = {}
    for weight, vector in (term for each in found.sums for term in each.affine.terms):
        letter, name = weight.partition("_")[0], vector.name
        before = name.removesuffix(PREVIOUS) if name.endswith(PREVIOUS) else ""
        said = WORDS.say("legend_matrix", letter=letter, current=name == "x", before=before)
        keys[Key("weight", said, symbol=letter, shape=pattern_of(letter))] = None
    if facts["biases"]:
        keys[Key("weight", WORDS.say("legend_bias"), symbol="b", shape="dotted")] = None
    return [*keys, Key(facts["role"], WORDS.say("called", facts), symbol=facts["gate"], shape="round")]
