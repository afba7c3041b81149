"""Sections 4 to 7 of a page: one recurrent layer from inside. Every number is read from the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.words import code, counted, held, number, quantity, role_word, symbol, text
from lstmdiag.views.fan_in import FanIn, fan_in
from lstmdiag.views.words import kernel, listed, projects


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

    @cached_property
    def gates(self) -> list[str]:
        """What a unit computes by a weighted sum; a projection belongs to no unit."""
        return [gate for gate in self.cell.gates() if not projects(self.cell, gate)]

    @cached_property
    def own(self) -> list[str]:
        """What a unit computes, in order."""
        return [name for name in self.cell.equations if name in self.gates or name not in self.cell.gates()]

    @property
    def thing(self) -> str:
        return "map" if kernel(self.layer) else "number"

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
    gets = [f"{'the same ' if many else ''}{quantity(cell, 'x')} ({held(layer, 'x')})"]
    for source in fan.sources:
        if source.name != "x":
            own = f"{held(layer, source.name)}, what the layer itself put out one step before"
            whole = "all of " if source.size > 1 else ""
            gets.append(f"{whole}{quantity(cell, source.name + PREVIOUS)} ({own})")
    said = [_talk(inside)] if many else []
    said += [_private(inside, state) for state in fan.private]
    return [
        inside.heading(title, "layer"),
        f"At every step {units} of {code(layer.name)} {'get' if many else 'gets'} {listed(gets)}.",
        inside.mark(view="layer"),
        " ".join([*said, _public(inside), *_remarks(inside)]),
    ]


def _remarks(inside: Inside) -> Iterator[str]:
    """What is particular to this kind of layer."""
    layer, cell = inside.layer, inside.cell
    if len(cell.state) == 1:
        yield f"It is the only state: what {code(layer.name)} hands on is all it remembers; nothing is private."
    if kernel(layer):
        rows, columns = kernel(layer)
        yield (
            f"Every number here is a map, and a weight is a kernel of {rows} × {columns} that is moved over it: each "
            f"place of the new maps reads the places around it, with the same weights everywhere."
        )
    if layer.kind in _REMARKS:
        yield _REMARKS[layer.kind](layer)


def _reset(layer: Layer) -> str:
    r, n = (f"{symbol(name, layer.maths.cell.roles[name])}" for name in "rn") if layer.maths.cell else ("r", "n")
    if layer.options.reset_after:
        return (
            f"In {n} the reset gate {r} multiplies after the product of U with h (reset_after, the default in Keras "
            f"since TensorFlow 2, and what PyTorch and cuDNN compute); so that product has a bias of its own."
        )
    return (
        f"In {n} the reset gate {r} multiplies h before the product with U (reset_after=False), as in the paper of Cho "
        f"et al.; PyTorch and cuDNN multiply after it."
    )


_REMARKS: Mapping[str, Callable[[Layer], str]] = {"GRU": _reset}
"""Kind → a sentence about its options."""


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


def _private(inside: Inside, state: str) -> str:
    name, size = quantity(inside.cell, state), held(inside.layer, state)
    takers = [code(other.name) for other in inside.model.layers if _takes(inside, other, state)]
    last = f" Only its last value leaves, to {listed(takers)}." if takers else ""
    if inside.layer.units == 1:
        return f"{name} ({size}) is **private**: its value at the last step goes into its next one.{last}"
    own = f"unit {symbol('j', at='')}'s own {'map' if kernel(inside.layer) else 'value'} at the last step"
    return f"{name} ({size}) is **private**: {own} goes into its next one and into no other unit's.{last}"


def _takes(inside: Inside, other: Layer, state: str) -> bool:
    """Whether another layer is given the last value of this state."""
    owners = [inside.model.owner(reference) for reference in (*other.initial_state, *other.inputs)]
    return any(
        owner.name == inside.layer.top and part in owner.states and part.rpartition(".")[2] == state
        for owner, part in owners
        if isinstance(owner, Layer)
    )


def _public(inside: Inside) -> str:
    """Where the output goes, and when: out of the layer, and back to every unit or to its own alone."""
    layer, out = inside.layer, inside.cell.output
    of_units = layer.units > 1 and not inside.fan.projection
    size = held(layer, out) + (", one per unit" if of_units else "")
    name, onward = f"{quantity(inside.cell, out)} ({size})", _onward(inside)
    if layer.input[0] == 1:
        return f"{name} goes {onward}."
    if all(source.name != out for source in inside.fan.sources):
        return f"Of {name} each unit reads its own number at the next step, and no other; it goes {onward}."
    readers = "to every unit" if layer.units > 1 else "back into the unit"
    return f"{name} is **public**: at the next step it goes {readers}, and {onward}."


def _onward(inside: Inside) -> str:
    """to decoder at every step; out of the model after step 4 only; its last value to decoder."""
    model, layer = inside.model, inside.layer
    top = model.layer(layer.top)
    users = {top.name, *(other.name for other in model.layers if other.shared == top.name)}

    def given(reference: str) -> bool:
        owner, part = model.owner(reference)
        return owner.name in users and not (isinstance(owner, Layer) and part in owner.states)

    readers = [f"to {code(other.name)}" for other in model.layers if any(map(given, other.inputs))]
    where = listed([*readers, *(["out of the model"] if any(map(given, model.outputs)) else [])])
    takers = listed([code(other.name) for other in model.layers if _takes(inside, other, inside.cell.output)])
    started = f"its last value to {takers}" if takers else ""
    steps = layer.input[0]
    if not where:
        return started or "nowhere else"
    if layer.returns_sequences:
        when = "as soon as it is there" if steps == 1 else "at every step"
    elif steps is None or layer.options.go_backwards:
        when = "after the last step only"
    else:
        when = f"after step {number(steps)}{' only' if steps > 1 else ''}"
    return f"{where} {when}" + (f"; {started}" if started else "")


def one_unit(inside: Inside) -> list[str]:
    cell, fan = inside.cell, inside.fan
    gates, results = inside.gates, [quantity(cell, name) for name in inside.own]
    maps = f" {inside.thing}s" if kernel(inside.layer) else ""
    inputs = [f"{number(source.size)}{maps.rstrip('s' if source.size == 1 else '')} of {_vector(cell, source.name)}"
              for source in fan.sources]  # fmt: skip
    biases = "a constant 1 for the bias" if len(fan.biases) <= len(gates) else "a constant 1 for two biases each"
    inputs += [biases] if fan.biases else []
    sums = f"{counted(len(gates), 'weighted sum')} of {counted(fan.inputs, 'input')} ({listed(inputs)})"
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
    gates = len(inside.gates)
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
        said.append("⊙ multiplies number by number: entry j of one vector with entry j of the other.")
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
    blocks = counted(len(inside.gates), "block")
    rows = (
        "One row of a block belongs to one unit."
        if layer.units > 1
        else "A block has one row, since there is one unit."
    )
    return [
        inside.heading(f"Where do the {number(layer.params)} parameters live?", "weights"),
        said,
        inside.mark(view="weights"),
        f"{rows} Each of the {blocks} is a small {'convolution' if kernel(layer) else 'Dense layer'} of its own:",
        inside.mark(view="gate"),
    ]
