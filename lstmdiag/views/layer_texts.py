"""The words on the picture of a layer: what it claims, how to read it, what its parts are called."""

from __future__ import annotations

from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.diagrams import Key, Run, Text
from lstmdiag.diagrams.text import muted, small, text, wrap
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.views.fan_in import FanIn
from lstmdiag.views.words import ROLE_WORDS, listed, plural

SUB = "₋"


def title(layer: Layer) -> str:
    return f"{layer.name}: {layer.call}, one step, " + ("its one unit" if layer.units == 1 else "all its units")


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
    cable = "every line into it is" if layer.units == 1 else f"every line into unit {focus:,} is"
    parts = [f"{cable} one weight for each of {listed(_gates(layer))}"]
    if layer.units > 1:
        parts[0] += " and the other units (faint) are wired the same way"
        if fan.exchanged:
            parts.append(f"within the step units meet only in {listed(list(fan.exchanged))}, which every unit reads whole")
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
    units = layer.units
    sizes = " + ".join(f"{s.size:,}" for s in fan.sources) + (" + 1" if fan.biases else "")
    total = f"{fan.weights:,} weights" if units == 1 else f"{units:,} × {fan.weights:,} = {layer.params:,} weights"
    private = [f"{state} is private: its loop stays in its unit" for state in fan.private]
    return [
        ("margin-output", _block(["output h_t"], [f"({units:,},): one number per unit"], width)),
        ("margin-units", _block([layer.call], [total, *private], width)),
        ("margin-fan", _block([f"{sizes} = {fan.inputs:,} inputs"], [f"{fan.derivation()} = {fan.weights:,} weights per unit"], width)),
        ("margin-inputs", _block(["inputs at step t"], [f"from {layer.inputs[0]}"], width)),
    ]


def _block(heads: list[str], lines: list[str], width: float) -> Text:
    return text(*[r for h in heads for r in wrap(h, width, "bold")], *[r for line in lines for r in wrap(line, width, "small")])


def legend(layer: Layer, fan: FanIn) -> list[Key]:
    assert layer.cell is not None
    cell = layer.cell
    keys = [Key("input", "a feature of x at step t", "x"), Key("state.public", f"{cell.output}: what a unit tells all units", cell.output, "circle")]
    keys += [Key("state.private", f"{s}: what a unit keeps for itself", s, "slab") for s in fan.private]
    for gate in cell.gates():
        role = cell.roles[gate]
        if role in ROLE_WORDS:
            keys.append(Key(role, f"{gate}: {ROLE_WORDS[role]}", gate, "diamond" if role == "gate.content" else "circle"))
    return keys
