"""What the picture of a layer says; its words are in words/en/layer.yml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmdiag.analysis.cells import gate_role
from lstmdiag.analysis.fan_in import FanIn
from lstmdiag.diagrams import Key, Run, Text
from lstmdiag.diagrams.boxes import Box, column, note, strut
from lstmdiag.diagrams.text import bold, small, text, wrap
from lstmdiag.layer import CellLayer
from lstmdiag.views.unit_boxes import gate_shape
from lstmdiag.views.words import NOW, ROLE_WORDS, Facts, layer_facts
from lstmdiag.words import Words

WORDS = Words("layer")


def about(layer: CellLayer, fan: FanIn, focus: int, step: int | None = None) -> Facts:
    """The facts that the words need. `focus` is the unit with all its lines, `step` the one whose numbers are shown."""
    common, output = layer_facts(layer), layer.cell.output
    gates, shape = len(common["gates"]), layer.shape(output)
    groups = [
        {
            "x": source.name == "x", "state": source.name != "x", "bias": False, "size": source.size,
            "single": source.size == 1, "area": layer.shape(source.name)[:-1],
            "public": source.name == output, "name": source.name,
        }
        for source in fan.sources
    ]  # fmt: skip
    bias = {"x": False, "state": False, "bias": True, "size": 1, "single": True, "public": False}
    return {
        **common,
        "fan": fan,
        "focus": focus,
        "step": step,
        "groups": [*groups, *([bias] if fan.biases else [])],
        "inputs": [*(source.size for source in fan.sources), *([1] if fan.biases else [])],
        "derivation": fan.derivation(),
        "projection": next(iter(fan.projection), None),
        "one_gate": gates == 1,
        "two_biases": {2 * len(source.weights) for source in fan.sources} == {len(fan.biases)},
        "inside": list(dict.fromkeys([*common["gates"], *fan.private])),
        "kernel_for_each_gate": common["maps"] and fan.per_line == gates,
        "weight_for_each_gate": fan.per_input == gates,
        "many": shape[-1],  # numbers, or maps, that it gives out
        "area": shape[:-1],
        "all_units": layer.units * fan.weights,
        "own_weights": [weight.name for weight in fan.own],
        "weights_within": [weight.name for weight in fan.within],
        "source": layer.inputs[0],
        "as_many_features": layer.features == layer.units,
    }


def input_words(facts: Facts) -> list[Text]:
    """A word under each group of the bottom row."""
    return [text(*map(small, WORDS.each("under", facts, it=group))) for group in facts["groups"]]


def margin(facts: Facts, width: float) -> dict[str, Text]:
    """The texts on the left by id, from the top: outputs, units, cables, inputs."""
    found = {}
    for phrase in ("margin_output", "margin_units", "margin_fan", "margin_inputs"):
        first, *others = WORDS.each(phrase, facts)
        head: list[Any] = wrap(first, width, "bold")
        if phrase == "margin_output":
            head = [[bold(f"{first} "), bold(facts["output"]), Run(NOW, "sub")]]
        lines = (run for line in others for run in wrap(line, width, "small"))
        found[phrase.replace("_", "-")] = text(*head, *lines)
    return found


def stacked(texts: Mapping[str, Text], gap: float) -> tuple[Box, Box]:
    """The same texts for above and below the picture: a text between the rows would lie on wires."""
    notes = {id: note(id, label, align="left") for id, label in texts.items()}
    above, below = ([notes[f"margin-{id}"] for id in ids] for ids in (("units", "output"), ("inputs", "fan")))
    return column(*above, strut(), gap=gap, align=-1), column(strut(), *below, gap=gap, align=-1)


def legend(facts: Facts, *, elided: bool) -> list[Key]:
    layer: CellLayer = facts["layer"]
    cell = layer.cell
    keys = [
        Key("input", WORDS.say("legend_x", facts), "x"),
        Key("state.public", WORDS.say("legend_public"), cell.output, "circle"),
        *(Key("state.private", WORDS.say("legend_private"), state, "slab") for state in facts["fan"].private),
    ]
    for gate in cell.gates():
        role = gate_role(cell, gate)
        if gate not in cell.state:
            keys.append(Key(role, ROLE_WORDS[role], gate, gate_shape(cell, gate)))
        elif role == "gate.content":
            keys.append(Key(role, WORDS.say("legend_content", gate=gate), cell.equations[gate].op, "round"))
    if facts["projection"]:
        keys.append(Key("op", WORDS.say("legend_projection", facts), shape="line"))
    if elided:
        keys.append(Key("elision", WORDS.say("legend_elided"), "⋯", "plain"))
    return keys
