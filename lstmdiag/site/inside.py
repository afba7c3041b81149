"""Sections 4 to 7 of a page: one recurrent layer from inside. Every number is read from the model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.cells import formulas
from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.cells.ranges import ranges
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.words import code, counted, css_role, number, quantity, role_word, symbol
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

    def figure(self, view: str) -> str:
        return placeholder(spec=self.model.name, view=view, layer=self.layer.name if self.suffix else None)


def sections(inside: Inside) -> list[str]:
    return [part for section in (one_step, one_unit, vectors, parameters) for part in section(inside)]


def one_step(inside: Inside) -> list[str]:
    layer, cell, fan = inside.layer, inside.cell, inside.fan
    shared = [source for source in fan.sources if source.name != "x"]
    gets = [f"the same {quantity(cell, 'x')} ({counted(layer.features, 'number')})"]
    gets += [f"all of {quantity(cell, s.name + PREVIOUS)} ({counted(s.size, 'number')}, what the layer itself put out one step before)" for s in shared]
    who = f"all {number(layer.units)} units of {code(layer.name)} get" if layer.units > 1 else f"the one unit of {code(layer.name)} gets"
    after = []
    if layer.units > 1:
        after.append(_talk(inside))
    for state in fan.private:
        after.append(
            f"{quantity(cell, state)} ({counted(layer.units, 'number')}) is **private**: unit {symbol('j', at='')}'s own value at the "
            f"last step goes into its next one and into no other unit's."
        )
    out = quantity(cell, cell.output)
    up = "up to the next layer" if layer.name not in inside.model.outputs else "out of the model"
    if any(source.name == cell.output for source in fan.sources):
        after.append(
            f"{out} ({counted(layer.units, 'number')}, one per unit) is **public**: it goes {up}, and at the next step to every unit."
        )
    return [
        inside.heading(f"What do the {number(layer.units)} units do in one step?" if layer.units > 1 else "What happens in one step?", "layer"),
        f"At every step {who} {listed(gets)}.",
        inside.figure("layer"),
        " ".join(after),
    ]


def _talk(inside: Inside) -> str:
    exchanged = inside.fan.exchanged
    if exchanged:
        passed = listed([quantity(inside.cell, name) for name in exchanged])
        return f"Within a step units pass each other {passed}, through a matrix."
    return "Within a step the units do not talk to each other: every line into a unit comes from outside or from the step before."


def one_unit(inside: Inside) -> list[str]:
    layer, cell, fan = inside.layer, inside.cell, inside.fan
    gates, results = cell.gates(), list(cell.equations)
    inputs = [f"{number(source.size)} of {quantity(cell, source.name if source.name == 'x' else source.name + PREVIOUS)}" for source in fan.sources]
    inputs += ["a constant 1 for the bias"] if fan.biases else []
    parts = [f"{quantity(cell, gate)} is the {_gate_word(cell.roles[gate])}" for gate in gates if cell.roles[gate].startswith("gate.")]
    return [
        inside.heading("What does one unit compute?", "unit"),
        f"Each unit makes {counted(len(gates), 'weighted sum')} of {counted(fan.inputs, 'input')} ({listed(inputs)}), "
        f"and from them {counted(len(results), 'number')}: {listed([quantity(cell, name) for name in results])}. "
        f"That takes {fan.derivation()} = {counted(fan.weights, 'weight')} per unit.",
        inside.figure("unit"),
        f"{listed(parts)}. Written out for unit {symbol('j', at='')}:" if parts else f"Written out for unit {symbol('j', at='')}:",
        _equations(inside, scalar=True),
    ]


def _gate_word(role: str) -> str:
    return role_word(role) if role == "gate.content" else f"{role_word(role)} gate"


def _equations(inside: Inside, *, scalar: bool) -> str:
    """One row per equation, in the order of computation, with the range its value cannot leave."""
    cell, bounds = inside.cell, ranges(inside.cell)
    rows = []
    for name in cell.equations:
        formula = formulas.unit_equation(cell, name) if scalar else formulas.equation(cell, name)
        role = cell.roles.get(name, "op")
        size = "" if scalar else f"<td>{counted(inside.layer.units, 'number')}</td>"
        rows.append(
            f'<tr class="{css_role(role)} sym-{name}"><th scope="row">{quantity(cell, name)} <small>{role_word(role)}</small></th>'
            f"<td>{formula.mathml}</td>{size}<td>{bounds[name]}</td></tr>"
        )
    size = "" if scalar else '<th scope="col">size</th>'
    head = f'<tr><th scope="col"></th><th scope="col">equation</th>{size}<th scope="col">stays in</th></tr>'
    return (
        '<div class="ld-table ld-equations" tabindex="0" role="group" aria-label="Equations" data-search-exclude="1">'
        f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def vectors(inside: Inside) -> list[str]:
    layer, cell = inside.layer, inside.cell
    results = [quantity(cell, name) for name in cell.equations]
    return [
        inside.heading("The same cell as vectors", "cell"),
        f"All {counted(layer.units, 'unit')} at once: {listed(results)} are vectors of {counted(layer.units, 'number')} each, and the "
        f"{counted(len(cell.gates()), 'weighted sum')} per unit become matrix products."
        if layer.units > 1
        else f"With one unit every vector holds a single number; the equations are those of any {code(layer.kind)} all the same.",
        inside.figure("cell"),
        _signs(cell),
        _equations(inside, scalar=False),
    ]


_ACROSS = frozenset({"mean", "sum", "softmax"})  # operations that look across a vector


def _signs(cell: Cell) -> str:
    operations = {part.op for expr in cell.equations.values() for part in expr.walk()}
    product = "⊙ multiplies number by number: entry j of one vector with entry j of the other." if "mul" in operations else ""
    return product + ("" if operations & _ACROSS else " Only a matrix mixes units.")


def parameters(inside: Inside) -> list[str]:
    layer = inside.layer
    shapes = Counter((weight.part, weight.shape) for weight in layer.weights)
    arrays = [f"{number(many)} {symbol(part, 'weight', '')} of {show_shape(shape)}" for (part, shape), many in shapes.items()]
    each = inside.fan.weights
    other_way = f" Counted the other way, {counted(layer.units, 'unit')} × {number(each)} weights each = {number(layer.params)}."
    return [
        inside.heading(f"Where do the {number(layer.params)} parameters live?", "weights"),
        f"In {counted(len(layer.weights), 'array')}: {listed(arrays)}.{other_way if each * layer.units == layer.params else ''}",
        inside.figure("weights"),
        f"One row of a block belongs to one unit. Each of the {counted(len(inside.cell.gates()), 'block')} is a small Dense layer "
        f"on the input stacked on the last output:",
        inside.figure("gate"),
    ]
