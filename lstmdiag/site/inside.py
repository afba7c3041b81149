"""Sections 4 to 7 of a page: one recurrent layer from inside. Every number is read from the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.english import counted, listed, number
from lstmdiag.layer import show_shape
from lstmdiag.readings.layers import kernel
from lstmdiag.site.outline import on_page
from lstmdiag.site.ways import Inside, private, public
from lstmdiag.site.words import code, held, quantity, role_word, symbol, text
from lstmdiag.views import View


def sections(inside: Inside) -> list[str]:
    views = on_page(inside.model, "layer")
    return [
        part for view in views for part in (TEXTS[view.name](inside) if view.name in TEXTS else _plain(inside, view))
    ]


def _plain(inside: Inside, view: View) -> list[str]:
    """Of a view that no text was written for: its question above it."""
    return [inside.heading(view.asked, view.name), inside.mark(view=view.name)]


def one_step(inside: Inside) -> list[str]:
    layer, cell, fan = inside.layer, inside.cell, inside.fan
    many = layer.units > 1
    title = f"What do the {number(layer.units)} units do in one step?" if many else "What happens in one step?"
    units = f"all {number(layer.units)} units" if many else "the one unit"
    gets = [f"{'the same ' if many else ''}{quantity(cell, 'x')} ({held(layer, 'x')})"]
    for source in fan.sources:
        if source.name != "x":
            own = f"{held(layer, source.name)}, what the layer itself put out one step before"
            whole = "all of " if source.size > 1 else ""
            gets.append(f"{whole}{quantity(cell, source.name + PREVIOUS)} ({own})")
    said = [_talk(inside)] if many else []
    said += private(inside)
    return [
        inside.heading(title, "layer"),
        f"At every step {units} of {code(layer.name)} {'get' if many else 'gets'} {listed(gets)}.",
        inside.mark(view="layer"),
        " ".join([*said, public(inside), *_remarks(inside)]),
    ]


def _remarks(inside: Inside) -> Iterator[str]:
    """What is particular to this kind of layer."""
    layer, cell = inside.layer, inside.cell
    if len(cell.state) == 1:
        yield f"It is the only state: what {code(layer.name)} hands on is all it remembers; nothing is private."
    if kernel(layer):
        rows, columns = kernel(layer)
        yield (
            f"Every number of a unit is a map here, and a weight is a kernel of {rows} × {columns} that is moved over "
            f"it: each place of the new maps reads the places around it, with the same weights everywhere."
        )
    if remark := layer.definition.remark:
        yield remark(layer.options).format_map({name: symbol(name, cell.roles[name]) for name in cell.equations})


def _talk(inside: Inside) -> str:
    exchanged, cell = inside.fan.exchanged, inside.cell
    if inside.fan.projection:
        out = quantity(cell, cell.output)
        return f"Within a step the units do not talk to each other until {out} is made, each number of it of all units."
    if exchanged:
        passed = listed([quantity(inside.cell, name) for name in exchanged])
        return f"Within a step units pass each other {passed}, through a matrix."
    origin = "every line into a unit comes from outside or from the step before"
    return f"Within a step the units do not talk to each other: {origin}."


def one_unit(inside: Inside) -> list[str]:
    cell, fan = inside.cell, inside.fan
    gates, results = inside.gates, [quantity(cell, name) for name in inside.own]
    maps = f" {inside.thing}s" if kernel(inside.layer) else ""
    inputs = [f"{number(source.size)}{maps.rstrip('s' if source.size == 1 else '')} of {_vector(cell, source.name)}"
              for source in fan.sources]  # fmt: skip
    biases = "a constant 1 for the bias"
    if len(fan.biases) > len(gates):
        biases = f"a constant 1 with two biases for each of {listed([symbol(gate, at='') for gate in gates])}"
    inputs += [biases] if fan.biases else []
    twice = _twice(inside)
    of_them = f", two of them for {listed(twice)}," if twice else ""
    every = fan.per_line == inside.sums.total()  # each sum reads all inputs
    read = f"of {counted(fan.inputs, 'input')}" if every else f"from {counted(fan.inputs, 'input')} in all"
    sums = f"{counted(inside.sums.total(), 'weighted sum')}{of_them} {read} ({listed(inputs)})"
    roles = [f"{quantity(cell, gate)} is the {_gate_word(cell, gate)}" for gate in gates if _is_gate(cell, gate)]
    many = inside.layer.units > 1
    each = "Each unit" if many else "The unit"
    peepholes = listed([symbol(weight.name, "weight", "") for weight in fan.own])
    looks = f" {peepholes} weigh the unit's own values alone." if fan.own else ""
    return [
        inside.heading("What does one unit compute?", "unit"),
        f"{each} makes {sums}, and from them {counted(len(results), inside.thing)}: {listed(results)}. "
        f"That takes {fan.derivation()} = {counted(fan.weights, 'weight')}{' per unit' if many else ''}."
        + looks
        + _projected(inside),
        inside.mark(view="unit"),
        (f"{listed(roles)}. " if roles else "")
        + (f"Written out for unit {symbol('j', at='')}:" if many else f"Written out, with {symbol('j', at='')} = 1:"),
        inside.mark(equations="unit"),
    ]


def _twice(inside: Inside) -> list[str]:
    """Quantities made of two weighted sums that meet only later, as the candidate of a GRU."""
    return [quantity(inside.cell, gate) for gate, count in inside.sums.items() if count > 1]


def _projected(inside: Inside) -> str:
    """How a shorter h is made of all units."""
    if not inside.fan.projection:
        return ""
    (weight, *_) = inside.fan.projection
    out = quantity(inside.cell, inside.cell.output)
    rows, columns = weight.shape
    return (
        f" {out} belongs to no unit: {symbol(weight.name, 'weight', '')} ({number(rows)} × {number(columns)}) makes "
        f"its {counted(rows, 'number')} of all {counted(columns, 'unit')}."
    )


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
    own = inside.own
    results = listed([quantity(cell, name) for name in own])
    gates = inside.sums.total()
    sums = counted(gates, "weighted sum")
    if layer.units > 1:
        each = held(layer, own[-1]) if kernel(layer) else f"vectors of {counted(layer.units, 'number')}"
        size = f"{each} each" if len(own) > 1 else each.replace("vectors", "a vector")
        product = "convolution" if kernel(layer) else "matrix product"
        verb, become = ("are", f"become {product}s") if gates > 1 else ("is", f"becomes a {product}")
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
        said.append(
            "⊙ multiplies place by place: each number of a map with the one at the same place of the other map."
            if "conv" in operations
            else "⊙ multiplies number by number: entry j of one vector with entry j of the other."
        )
    if not operations & _ACROSS:
        said.append(f"Only a {'kernel' if 'conv' in operations else 'matrix'} mixes units.")
    return " ".join(said)


def parameters(inside: Inside) -> list[str]:
    layer, fan = inside.layer, inside.fan
    shapes = Counter((weight.part, weight.shape) for weight in layer.weights)
    arrays = [f"{number(n)} {symbol(part, 'weight', '')} of {show_shape(shape)}" for (part, shape), n in shapes.items()]
    said = f"In {counted(len(layer.weights), 'array')}: {listed(arrays)}."
    if layer.units > 1 and fan.weights * layer.units == layer.params:
        product = f"{counted(layer.units, 'unit')} × {number(fan.weights)} weights each = {number(layer.params)}"
        said += f" Counted the other way, {product}."
    elif fan.projection:
        units = f"{counted(layer.units, 'unit')} × {number(fan.weights)} weights each"
        made = sum(weight.count for weight in fan.projection)
        said += f" Counted the other way, {units} and {number(made)} of the projection = {number(layer.params)}."
    return [
        inside.heading(f"Where do the {number(layer.params)} parameters live?", "weights"),
        said,
        inside.mark(view="weights"),
    ]


def one_gate(inside: Inside) -> list[str]:
    """No section of its own: it goes on with the blocks of the weights above it."""
    layer = inside.layer
    blocks = counted(len(inside.gates), "block")
    twice = _twice(inside)
    two = f", that of {listed(twice)} two, one for each of its sums" if twice else ""
    rows = (
        "One row of a block belongs to one unit."
        if layer.units > 1
        else "A block has one row, since there is one unit."
    )
    return [
        f"{rows} Each of the {blocks} is a small {'convolution' if kernel(layer) else 'Dense layer'} of its own{two}:",
        inside.mark(view="gate"),
    ]


TEXTS: Mapping[str, Callable[[Inside], list[str]]] = {
    "layer": one_step, "unit": one_unit, "cell": vectors, "weights": parameters, "gate": one_gate,
}  # fmt: skip
"""View → its section: what is said around the picture."""
