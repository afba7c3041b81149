"""Sections 4 to 7 of a page: one recurrent layer from inside. Every number is read from the model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.words import code, counted, number, quantity, role_word, symbol, text
from lstmdiag.views.fan_in import FanIn, fan_in
from lstmdiag.views.words import listed


@dataclass(frozen=True)
class Inside:
    """A recurrent layer, and what stands for it in the page's anchors."""

    model: Model
    layer: Layer
    suffix: str  # of this layer's anchors: "" for the first, "-decoder"
    level: int = 2  # of its headings

    @cached_property
    def fan(self) -> FanIn:
        return fan_in(self.layer)

    @property
    def cell(self) -> Cell:
        assert self.layer.cell is not None
        return self.layer.cell

    def heading(self, title: str, anchor: str) -> str:
        return f"{'#' * self.level} {title} {{#{anchor}{self.suffix}}}"

    def mark(self, **facts: str) -> str:
        return placeholder(spec=self.model.name, **facts, layer=self.layer.name if self.suffix else None)


def sections(inside: Inside) -> list[str]:
    return [part for section in (one_step, one_unit, vectors, parameters) for part in section(inside)]


def one_step(inside: Inside) -> list[str]:
    layer, cell, fan = inside.layer, inside.cell, inside.fan
    many = layer.units > 1
    title = f"What do the {number(layer.units)} units do in one step?" if many else "What happens in one step?"
    units = f"all {number(layer.units)} units" if many else "the one unit"
    gets = [f"{'the same ' if many else ''}{quantity(cell, 'x')} ({counted(layer.features, 'number')})"]
    for source in fan.sources:
        if source.name != "x":
            own = f"{counted(source.size, 'number')}, what the layer itself put out one step before"
            whole = "all of " if source.size > 1 else ""
            gets.append(f"{whole}{quantity(cell, source.name + PREVIOUS)} ({own})")
    said = [_talk(inside)] if many else []
    said += [_private(inside, state) for state in fan.private]
    return [
        inside.heading(title, "layer"),
        f"At every step {units} of {code(layer.name)} {'get' if many else 'gets'} {listed(gets)}.",
        inside.mark(view="layer"),
        " ".join([*said, _public(inside)]),
    ]


def _talk(inside: Inside) -> str:
    exchanged = inside.fan.exchanged
    if exchanged:
        passed = listed([quantity(inside.cell, name) for name in exchanged])
        return f"Within a step units pass each other {passed}, through a matrix."
    origin = "every line into a unit comes from outside or from the step before"
    return f"Within a step the units do not talk to each other: {origin}."


def _private(inside: Inside, state: str) -> str:
    name, size = quantity(inside.cell, state), counted(inside.layer.units, "number")
    if inside.layer.units == 1:
        return f"{name} ({size}) is **private**: its value at the last step goes into its next one."
    own = f"unit {symbol('j', at='')}'s own value at the last step"
    return f"{name} ({size}) is **private**: {own} goes into its next one and into no other unit's."


def _public(inside: Inside) -> str:
    """Where the output goes, and when: out of the layer, and back to every unit or to its own alone."""
    layer, out = inside.layer, inside.cell.output
    size = counted(layer.units, "number") + (", one per unit" if layer.units > 1 else "")
    name, onward = f"{quantity(inside.cell, out)} ({size})", _onward(inside.model, layer)
    if layer.input[0] == 1:
        return f"{name} goes {onward}."
    if all(source.name != out for source in inside.fan.sources):
        return f"Of {name} each unit reads its own number at the next step, and no other; it goes {onward}."
    readers = "to every unit" if layer.units > 1 else "back into the unit"
    return f"{name} is **public**: at the next step it goes {readers}, and {onward}."


def _onward(model: Model, layer: Layer) -> str:
    """to decoder, at every step; out of the model, after step 4 only."""
    readers = [f"to {code(other.name)}" for other in model.readers(layer.top)]
    given_out = any(model.owner(reference)[0].name == layer.top for reference in model.outputs)
    where = listed([*readers, *(["out of the model"] if given_out else [])])
    steps = layer.input[0]
    if layer.returns_sequences:
        return f"{where} {'as soon as it is there' if steps == 1 else 'at every step'}"
    if steps is None or layer.options.go_backwards:
        return f"{where} after the last step only"
    return f"{where} after step {number(steps)}{' only' if steps > 1 else ''}"


def one_unit(inside: Inside) -> list[str]:
    cell, fan = inside.cell, inside.fan
    gates, results = cell.gates(), [quantity(cell, name) for name in cell.equations]
    inputs = [f"{number(source.size)} of {_vector(cell, source.name)}" for source in fan.sources]
    inputs += ["a constant 1 for the bias"] if fan.biases else []
    sums = f"{counted(len(gates), 'weighted sum')} of {counted(fan.inputs, 'input')} ({listed(inputs)})"
    roles = [f"{quantity(cell, gate)} is the {_gate_word(cell, gate)}" for gate in gates if _is_gate(cell, gate)]
    many = inside.layer.units > 1
    each = "Each unit" if many else "The unit"
    return [
        inside.heading("What does one unit compute?", "unit"),
        f"{each} makes {sums}, and from them {counted(len(results), 'number')}: {listed(results)}. "
        f"That takes {fan.derivation()} = {counted(fan.weights, 'weight')}{' per unit' if many else ''}.",
        inside.mark(view="unit"),
        (f"{listed(roles)}. " if roles else "")
        + (f"Written out for unit {symbol('j', at='')}:" if many else f"Written out, with {symbol('j', at='')} = 1:"),
        inside.mark(equations="unit"),
    ]


def _vector(cell: Cell, source: str) -> str:
    return quantity(cell, source if source == "x" else source + PREVIOUS)


def _is_gate(cell: Cell, name: str) -> bool:
    return cell.roles[name].startswith("gate.")


def _gate_word(cell: Cell, gate: str) -> str:
    """keep gate (forget gate), content (candidate): our word, and the textbooks' in brackets."""
    role = cell.roles[gate]
    word = role_word(role) + ("" if role == "gate.content" else " gate")
    return f"{word} ({text(cell.known_as[gate])})" if gate in cell.known_as else word


def vectors(inside: Inside) -> list[str]:
    layer, cell = inside.layer, inside.cell
    results = listed([quantity(cell, name) for name in cell.equations])
    sums = counted(len(cell.gates()), "weighted sum")
    if layer.units > 1:
        size = f"vectors of {counted(layer.units, 'number')} each" if len(cell.equations) > 1 else "a vector"
        verb, become = (
            ("are", "become matrix products") if len(cell.gates()) > 1 else ("is", "becomes a matrix product")
        )
        said = f"All {counted(layer.units, 'unit')} at once: {results} {verb} {size}, and the {sums} per unit {become}."
    else:
        said = f"With one unit every vector holds a single number; the equations are those of any {code(layer.kind)}."
    return [
        inside.heading("The same cell as vectors", "cell"),
        said,
        inside.mark(view="cell"),
        _signs(cell),
        inside.mark(equations="vector"),
    ]


_ACROSS = frozenset({"mean", "sum", "softmax"})  # operations that look across a vector


def _signs(cell: Cell) -> str:
    operations = {part.op for expr in cell.equations.values() for part in expr.walk()}
    said = []
    if "mul" in operations:
        said.append("⊙ multiplies number by number: entry j of one vector with entry j of the other.")
    if not operations & _ACROSS:
        said.append("Only a matrix mixes units.")
    return " ".join(said)


def parameters(inside: Inside) -> list[str]:
    layer, fan = inside.layer, inside.fan
    shapes = Counter((weight.part, weight.shape) for weight in layer.weights)
    arrays = [f"{number(n)} {symbol(part, 'weight', '')} of {show_shape(shape)}" for (part, shape), n in shapes.items()]
    said = f"In {counted(len(layer.weights), 'array')}: {listed(arrays)}."
    if layer.units > 1 and fan.weights * layer.units == layer.params:
        product = f"{counted(layer.units, 'unit')} × {number(fan.weights)} weights each = {number(layer.params)}"
        said += f" Counted the other way, {product}."
    blocks = counted(len(inside.cell.gates()), "block")
    rows = (
        "One row of a block belongs to one unit."
        if layer.units > 1
        else "A block has one row, since there is one unit."
    )
    return [
        inside.heading(f"Where do the {number(layer.params)} parameters live?", "weights"),
        said,
        inside.mark(view="weights"),
        f"{rows} Each of the {blocks} is a small Dense layer of its own:",
        inside.mark(view="gate"),
    ]
