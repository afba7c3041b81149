"""The sections on one recurrent layer: what its units read, what one of them computes, where its parameters are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lstmdiag.analysis.cells import projects
from lstmdiag.analysis.fan_in import FanIn, fan_in
from lstmdiag.analysis.layers import kernel
from lstmdiag.cells.cell import Cell
from lstmdiag.cells.circuit import circuit
from lstmdiag.layer import CellLayer, Layer, show_shape
from lstmdiag.model import Model
from lstmdiag.site.markup import code, quantity, role_word, symbol, text
from lstmdiag.site.time_section import Facts, names, size

_ACROSS = frozenset({"mean", "sum", "softmax"})  # operations that look across a vector


def layer_facts(model: Model, group: Sequence[CellLayer], *, suffix: str, place: int, several: bool) -> Facts:
    """Of equal layers, the first of which is shown; `place` is that of the group, from 0."""
    layer, *others = group
    cell, fan, top = layer.cell, fan_in(layer), model.layer(layer.top)
    operations = {part.op for expr in cell.equations.values() for part in expr.walk()}
    return {
        "level": 3 if several else 2,
        "suffix": suffix,
        "mark_layer": layer.name if suffix else None,
        "folded": place > 0,
        "one_of_several": several,
        "names": [code(each.top) for each in group],
        "call": code(layer.call),
        "others": [code(each.top) for each in others],
        "both_ways": top.backward is not None,
        "top": code(layer.top),
        "top_text": text(layer.top),
        "name": code(layer.name),
        "kind": code(layer.kind),
        "many": layer.units > 1,
        "units": layer.units,
        "two": layer.units == 2,
        "maps": bool(kernel(layer)),
        "kernel": kernel(layer),
        "params": layer.params,
        "remark": layer.remark({name: symbol(name, cell.roles[name]) for name in cell.equations}),
        "one_state": len(cell.state) == 1,
        "multiplies": "mul" in operations,
        "across": bool(operations & _ACROSS),
        **_reads(layer, cell, fan),
        **_leaves(model, layer, cell, fan),
        **_computes(layer, cell, fan),
        **_parameters(layer, fan),
    }


def _reads(layer: Layer, cell: Cell, fan: FanIn) -> Facts:
    """What the units read, from outside, from the step before and from each other."""
    own = [source for source in fan.sources if source.name != "x"]
    return {
        "sources": [
            {"outside": True, "vector": quantity(cell, "x"), "size": size(layer, "x")},
            *({"outside": False, "numbers": source.size, "vector": quantity(cell, source.vector),
               "size": size(layer, source.name), "output": source.name == cell.output} for source in own),
        ],
        "exchanged": [quantity(cell, name) for name in fan.exchanged],
    }  # fmt: skip


def _leaves(model: Model, layer: CellLayer, cell: Cell, fan: FanIn) -> Facts:
    """What leaves a unit, where it goes, and when."""
    out, top = cell.output, model.layer(layer.top)
    users = {top.name, *(other.name for other in model.layers if other.shared == top.name)}

    def given(reference: str) -> bool:
        owner, part = model.owner(reference)
        return owner.name in users and not (isinstance(owner, Layer) and part in owner.states)

    readers = [code(other.name) for other in model.layers if any(map(given, other.inputs))]
    outside = [""] if any(map(given, model.outputs)) else []
    lengths = {model.layer(user).input[0] for user in users}
    return {
        "out": quantity(cell, out),
        "out_size": size(layer, out),
        "per_unit": layer.units > 1 and not fan.projection,
        "own_only": all(source.name != out for source in fan.sources),
        "private": [*_private(model, layer, fan)],
        "goes": [{"reader": reader} for reader in [*readers, *outside]],
        "state_takers": names(_takers(model, layer, out)),
        "sequences": layer.returns_sequences,
        "steps": layer.input[0],
        "once": layer.input[0] == 1,
        "last_unknown": layer.input[0] is None or layer.go_backwards or len(lengths) > 1,
    }


def _private(model: Model, layer: CellLayer, fan: FanIn) -> Iterator[Facts]:
    """States that no other unit reads; those of the same size that go to the same layers are told together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for state in fan.private:
        groups.setdefault((size(layer, state), *names(_takers(model, layer, state))), []).append(state)
    for (each, *takers), states in groups.items():
        yield {"states": [quantity(layer.cell, state) for state in states], "size": each, "takers": takers}


def _takers(model: Model, layer: Layer, state: str) -> list[Layer]:
    """The layers that are given the last value of this state."""

    def gives(reference: str) -> bool:
        owner, part = model.owner(reference)
        own = isinstance(owner, Layer) and owner.name == layer.top and part in owner.states
        return own and part.rpartition(".")[2] == state

    return [other for other in model.layers if any(map(gives, (*other.initial_state, *other.inputs)))]


def _computes(layer: Layer, cell: Cell, fan: FanIn) -> Facts:
    """What one unit computes: its weighted sums, and the quantities made of them; a projection belongs to no unit."""
    gates = [gate for gate in cell.gates() if not projects(cell, gate)]
    own = [name for name in cell.equations if name in gates or name not in cell.gates()]
    parts = Counter(part.quantity for part in circuit(cell).values() if part.affine)
    sums = sum(parts[gate] for gate in gates)
    twice_biased = [symbol(gate, at="") for gate in gates] if len(fan.biases) > len(gates) else []
    projections = (
        {"symbol": symbol(weight.name, "weight", ""), "shape": weight.shape, "rows": weight.shape[0]}
        for weight in fan.projection
    )
    return {
        "j": symbol("j", at=""),
        "sums": sums,
        "one_sum": sums == 1,
        # two where a gate stands between them, as in a GRU
        "twice": [quantity(cell, gate) for gate in gates if parts[gate] > 1],
        "every": fan.per_line == sums,
        "inputs": fan.inputs,
        "inputs_read": [
            *({"numbers": source.size, "vector": quantity(cell, source.vector)} for source in fan.sources),
            *([{"vector": "", "gates": twice_biased}] if fan.biases else []),
        ],
        "results": [quantity(cell, name) for name in own],
        "last_size": size(layer, own[-1]),
        "derivation": fan.derivation(),
        "weights": fan.weights,
        "peepholes": [symbol(weight.name, "weight", "") for weight in fan.own],
        "projection": next(projections, None),
        "gates_by_role": [
            {"symbol": quantity(cell, gate), "word": role_word(cell.roles[gate]),
             "gate": cell.roles[gate] != "gate.content", "textbook": text(cell.known_as.get(gate, ""))}
            for gate in gates if cell.roles[gate].startswith("gate.")
        ],
        "blocks": len(gates),
        "one_block": len(gates) == 1 and sums == 1,
    }  # fmt: skip


def _parameters(layer: Layer, fan: FanIn) -> Facts:
    shapes = Counter((weight.stem, weight.shape) for weight in layer.weights)
    return {
        "array_count": len(layer.weights),
        "shapes": [
            {"times": times, "symbol": symbol(stem, "weight", ""), "shape": show_shape(shape)}
            for (stem, shape), times in shapes.items()
        ],
        "even": layer.units > 1 and fan.weights * layer.units == layer.params,
        "projection_params": sum(weight.count for weight in fan.projection),
    }
