"""The words on the picture of a layer: what it claims, how to read it, what its parts are called."""

from __future__ import annotations

from lstmdiag.cells.cell import PREVIOUS
from collections.abc import Sequence

from lstmdiag.diagrams import Key, Run, Text
from lstmdiag.diagrams.text import bold, small, text, wrap
from lstmdiag.model import Layer, Weight
from lstmdiag.views.fan_in import FanIn
from lstmdiag.views.words import NOW, ROLE_WORDS, listed, plural, title_of

def title(layer: Layer) -> str:
    return f"{title_of(layer)}, one step, " + ("its one unit" if layer.units == 1 else "unit by unit")


def claim(layer: Layer, fan: FanIn) -> str:
    """What this layer does, in one sentence with its numbers."""
    parts = [_numbers(source.name, source.size, layer) for source in fan.sources] + (["a bias"] if fan.biases else [])
    who = f"The one unit of {layer.name}" if layer.units == 1 else f"Each of the {layer.units:,} units of {layer.name}"
    total = "" if layer.units == 1 else f", {layer.params:,} in the layer"
    return f"{who} reads {listed(parts)}: {fan.derivation()} = {fan.weights:,} weights{total}."


def _numbers(name: str, size: int, layer: Layer) -> str:
    if name == "x":
        return "the one feature" if size == 1 else f"all {size:,} features"
    what = "output" if layer.cell and name == layer.cell.output else name
    return f"its own last {what}" if size == 1 else f"all {size:,} of the last step's {what}s"


def reading(layer: Layer, fan: FanIn, focus: int) -> str:
    """How to read it, in one sentence that is true of these equations."""
    gates = _gates(layer)
    what = "has a strand for every weight"
    if fan.per_input == len(gates):
        what = f"is {len(gates)} weights, one for each of {listed(gates)}" if len(gates) > 1 else "is one weight"
    parts = [f"each line into unit {focus:,} {what}"]
    if layer.units > 1:
        parts.append("the other units (faint) are wired the same way")
        if fan.exchanged:
            parts.append(f"within a step units meet only in {listed(fan.exchanged)}, which every unit reads whole")
        else:
            parts.append("no line runs from one unit to another within a step")
    parts += [f"{state} never leaves its unit" for state in fan.private]
    sentence = "; ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def description(layer: Layer, fan: FanIn, focus: int) -> str:
    """The picture in words, for those who do not see it."""
    rows = [f"{layer.name}, {layer.call}, at one step."]
    rows.append(f"Bottom row: {listed([_numbers(s.name, s.size, layer) for s in fan.sources] + (['a bias'] if fan.biases else []))}.")
    rows.append(f"Middle row: {plural(layer.units, 'unit')}, each with {listed(_gates(layer))}" + (f" and its own {listed(list(fan.private))}." if fan.private else "."))
    rows.append(f"Top row: {plural(layer.units, 'output')}, one per unit.")
    rows.append(f"Unit {focus:,} is drawn with all {fan.inputs:,} lines that enter it.")
    return " ".join(rows)


def _gates(layer: Layer) -> list[str]:
    assert layer.cell is not None
    return layer.cell.gates()


def input_words(layer: Layer, fan: FanIn) -> list[Text]:
    """A word under each group of the bottom row."""
    assert layer.cell is not None
    words = []
    for source in fan.sources:
        if source.name == "x":
            words.append(text(small("this step's"), small(plural(source.size, "feature"))))
        elif source.name == layer.cell.output:
            words.append(text(small("last step's output,"), small("all of it" if source.size > 1 else "one number")))
        else:
            words.append(text(small(f"last step's {source.name},"), small("all of it" if source.size > 1 else "one number")))
    return words + ([text(small("bias"))] if fan.biases else [])


def margin(layer: Layer, fan: FanIn, width: float) -> list[tuple[str, Text]]:
    """The texts on the left, from the top."""
    assert layer.cell is not None
    units = layer.units
    sizes = " + ".join(f"{source.size:,}" for source in fan.sources) + (" + 1" if fan.biases else "")
    each = f"{fan.derivation()} = {plural(fan.weights, 'weight')}"
    total = [f"{units:,} × {fan.weights:,} = {layer.params:,} weights"] if units > 1 else []
    private = [f"{state} is private: its loop stays in its unit" for state in fan.private]
    beside = [f"{_names(fan.own)} weigh the unit's own values"] if fan.own else []
    beside += [f"{_names(fan.within)} weigh this step's values of all units"] if fan.within else []
    output = [bold("output "), bold(layer.cell.output), Run(NOW, "sub")]
    return [
        ("margin-output", text(output, *wrap(f"{plural(units, 'number')}, one per unit", width, "small"))),
        ("margin-units", _block(layer.call, [*total, *private], width)),
        ("margin-fan", _block(f"{sizes} = {fan.inputs:,} inputs", [f"each unit: {each}", *beside], width)),
        ("margin-inputs", _block(f"inputs at step {NOW}", [f"x comes from {layer.inputs[0]}"], width)),
    ]


def _names(weights: Sequence[Weight]) -> str:
    return listed([weight.name for weight in weights])


def _block(head: str, lines: list[str], width: float) -> Text:
    return text(*wrap(head, width, "bold"), *(run for line in lines for run in wrap(line, width, "small")))


def legend(layer: Layer, fan: FanIn) -> list[Key]:
    assert layer.cell is not None
    cell, output = layer.cell, layer.cell.output
    keys = [Key("input", "a feature of this step", "x"), Key("state.public", "what a unit tells all units", output, "circle")]
    keys += [Key("state.private", "what a unit keeps to itself", state, "slab") for state in fan.private]
    for gate in cell.gates():
        if gate not in cell.state:
            shape = "diamond" if cell.roles[gate] == "gate.content" else "circle"
            keys.append(Key(cell.roles[gate], ROLE_WORDS[cell.roles[gate]], gate, shape))
    return keys
