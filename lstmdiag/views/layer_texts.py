"""The words on the picture of a layer: what it claims, how to read it, what its parts are called."""

from __future__ import annotations

from collections.abc import Sequence

from lstmdiag.diagrams import Key, Run, Text
from lstmdiag.diagrams.text import bold, small, text, wrap
from lstmdiag.english import by, counted, listed
from lstmdiag.layer import Layer, Weight, cell_of
from lstmdiag.readings.cells import gate_role, projects
from lstmdiag.readings.fan_in import FanIn, Source
from lstmdiag.readings.layers import kernel, weights_in
from lstmdiag.views.unit_boxes import gate_shape
from lstmdiag.views.words import NOW, ROLE_WORDS, things, title_of


def title(layer: Layer, step: int | None) -> str:
    when = f"step {step:,}" if step else "one step"
    return f"{title_of(layer)}, {when}, " + ("its one unit" if layer.units == 1 else "unit by unit")


def claim(layer: Layer, fan: FanIn) -> str:
    """What a unit of this layer reads, and through how many weights."""
    who = f"The one unit of {layer.name}" if layer.units == 1 else f"Each of the {layer.units:,} units of {layer.name}"
    total = "" if layer.units == 1 else f", {weights_in(layer):,} in the layer"
    if fan.projection:
        total = f"; {_projection(fan)} more make {cell_of(layer).output} of all units, {weights_in(layer):,} in all"
    return f"{who} reads {_read(layer, fan)}: {fan.derivation()} = {counted(fan.weights, 'weight')}{total}."


def _projection(fan: FanIn) -> str:
    """R: 2 × 3 = 6"""
    names, shape = _names(fan.projection[:1]), fan.projection[0].shape
    return f"{names} with {by(shape)} = {fan.projection[0].count:,}"


def _read(layer: Layer, fan: FanIn) -> str:
    """all 2 features, all 3 of the last step's outputs and a bias"""
    parts = [_numbers(source, cell_of(layer).output, "map" if kernel(layer) else "feature") for source in fan.sources]
    return listed(parts + (["a bias"] if fan.biases else []))


def _numbers(source: Source, output: str, feature: str) -> str:
    if source.name == "x":
        return f"the one {feature}" if source.size == 1 else f"all {source.size:,} {feature}s"
    one, many = ("output", "outputs") if source.name == output else (source.name, source.name)
    return f"its own last {one}" if source.size == 1 else f"all {source.size:,} of the last step's {many}"


def reading(layer: Layer, fan: FanIn, focus: int) -> str:
    """How to read it, in one sentence that is true of these equations."""
    gates = [gate for gate in cell_of(layer).gates() if not projects(cell_of(layer), gate)]
    what = "has a strand for every weight"
    if kernel(layer) and fan.per_line == len(gates):
        what = f"is {len(gates)} kernels of {by(kernel(layer))}, one for each of {listed(gates)}"
    elif fan.per_input == len(gates):
        what = f"is {len(gates)} weights, one for each of {listed(gates)}" if len(gates) > 1 else "is one weight"
    parts = [f"Each line into unit {focus:,} {what}"]
    if layer.units > 1:
        parts.append("the other units (faint) are wired the same way")
        if fan.projection:
            parts.append(
                f"within a step units meet only in {cell_of(layer).output}, each number of which reads them all"
            )
        elif fan.exchanged:
            parts.append(f"within a step units meet only in {listed(fan.exchanged)}, which every unit reads whole")
        else:
            parts.append("no line runs from one unit to another within a step")
    return "; ".join([*parts, *(f"{state} never leaves its unit" for state in fan.private)]) + "."


def description(layer: Layer, fan: FanIn, focus: int) -> str:
    """The picture in words, for those who do not see it."""
    gates = listed([gate for gate in cell_of(layer).gates() if not projects(cell_of(layer), gate)])
    own = f" and its own {listed(fan.private)}" if fan.private else ""
    return (
        f"{layer.name}, {layer.call}, at one step. Bottom row: {_read(layer, fan)}. "
        f"Middle row: {counted(layer.units, 'unit')}, each with {gates}{own}. "
        f"Top row: {_outputs(layer, fan, 'output')}. "
        f"Unit {focus:,} is drawn with all {fan.inputs:,} lines that enter it."
    )


def input_words(layer: Layer, fan: FanIn) -> list[Text]:
    """A word under each group of the bottom row."""
    words = []
    for source in fan.sources:
        lines = ["this step's", counted(source.size, "map" if kernel(layer) else "feature")]
        if source.name != "x":
            what = "output" if source.name == cell_of(layer).output else source.name
            lines = [f"last step's {what},", "all of it" if source.size > 1 else f"one {things(layer, 1)[2:]}"]
        if kernel(layer):
            lines.append(by(layer.shape(source.name)[:-1]) + " each")
        words.append(text(*map(small, lines)))
    return words + ([text(small("bias"))] if fan.biases else [])


def margin(layer: Layer, fan: FanIn, width: float) -> dict[str, Text]:
    """The texts on the left by id, from the top: outputs, units, cables, inputs."""
    units, alone = layer.units, layer.units == 1
    sizes = " + ".join([f"{source.size:,}" for source in fan.sources] + (["1"] if fan.biases else []))
    of_output = _outputs(layer, fan, "number")
    of_units = [] if alone else [f"{units:,} × {fan.weights:,} = {units * fan.weights:,} weights"]
    of_units += [
        f"{weight.name}: {weight.count:,} more, from all units to all of {weight.quantity}" for weight in fan.projection
    ]
    of_units += [f"{state} is private: its loop stays in its unit" for state in fan.private]
    of_cables = [f"{fan.derivation()} = {counted(fan.weights, 'weight')}" + ("" if alone else " each")]
    of_cables += [f"{_names(fan.own)} weigh the unit's own values"] if fan.own else []
    of_cables += [f"{_names(fan.within)} weigh this step's values of all units"] if fan.within else []
    of_inputs = [f"x comes from {layer.inputs[0]}"]
    of_inputs += ["each a map; so is every value of a unit, which is one filter"] if kernel(layer) else []
    of_inputs += ["as many features as units here; they need not be equal"] if layer.features == units else []
    output = [bold("output "), bold(cell_of(layer).output), Run(NOW, "sub")]
    return {
        "margin-output": text(output, *wrap(of_output, width, "small")),
        "margin-units": _block(layer.call, of_units, width),
        "margin-fan": _block(f"{sizes} = {counted(fan.inputs, 'input')}", of_cables, width),
        "margin-inputs": _block(f"inputs at step {NOW}", of_inputs, width),
    }


def _outputs(layer: Layer, fan: FanIn, thing: str) -> str:
    """3 numbers, one per unit"""
    shape = layer.shape(cell_of(layer).output)
    numbers = counted(shape[-1], "map" if kernel(layer) else thing) + f" of {by(shape[:-1])}" * bool(shape[:-1])
    if fan.projection:
        return f"{numbers}, each made of all units"
    return numbers if layer.units == 1 and thing == "number" else f"{numbers}, one per unit"


def _block(head: str, lines: Sequence[str], width: float) -> Text:
    return text(*wrap(head, width, "bold"), *(run for line in lines for run in wrap(line, width, "small")))


def _names(weights: Sequence[Weight]) -> str:
    return listed([weight.name for weight in weights])


def legend(layer: Layer, fan: FanIn, *, elided: bool) -> list[Key]:
    cell = cell_of(layer)
    keys = [
        Key("input", "a map of this step" if kernel(layer) else "a feature of this step", "x"),
        Key("state.public", "what a unit tells all units", cell.output, "circle"),
        *(Key("state.private", "what a unit keeps to itself", state, "slab") for state in fan.private),
    ]
    for gate in cell.gates():
        role = gate_role(cell, gate)
        if gate not in cell.state:
            keys.append(Key(role, ROLE_WORDS[role], gate, gate_shape(cell, gate)))
        elif role == "gate.content":
            keys.append(Key(role, f"content, which is {gate}", cell.equations[gate].op, "round"))
    if fan.projection:
        keys.append(Key("op", f"one weight of {fan.projection[0].name}", shape="line"))
    if elided:
        keys.append(Key("elision", "left out, wired identically", "⋯", "plain"))
    return keys
