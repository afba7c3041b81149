"""Symbols, weights and gate orders by their other names, here and in the frameworks: parts of the dictionary."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lstmdiag.cells import formulas, terms
from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.frameworks import FRAMEWORKS, arrays, row_of
from lstmdiag.frameworks.storage import ArrayLayout, FrameworkRow
from lstmdiag.layer import CellLayer, Layer, RecurrentLayer
from lstmdiag.model import Model
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.rows import Row, table
from lstmdiag.views.words import ROLE_WORDS
from lstmdiag.words import Words

WORDS = Words("table_dictionary")
NAMES = tuple(Column(key, framework.title, "code") for key, framework in FRAMEWORKS.items())


def kinds_of(model: Model) -> list[RecurrentLayer]:
    """The first recurrent layer of each kind."""
    kinds: dict[str, RecurrentLayer] = {layer.kind: layer for layer in reversed(model.recurrent)}
    return list(kinds.values())[::-1]


def symbols(model: Model) -> Table:
    return table(
        WORDS,
        "dictionary.symbols",
        model,
        ("kind", "symbol:formula", "role", "size:formula", *NAMES, "elsewhere"),
        _symbols(model),
        {
            "transposing": [each.title for each in FRAMEWORKS.values() if each.transposed],
            "remarks": [layer.remark({name: name for name in layer.cell.equations}) for layer in model.recurrent],
        },
    )


def _symbols(model: Model) -> Iterator[Row]:
    """Quantities and weights of recurrent layers, then the weights of the others."""
    for layer in kinds_of(model):
        yield from _quantities(layer)
        yield from _weights(layer)
    others = {layer.innermost.kind: layer.innermost for layer in reversed(model.layers) if layer.weights}.values()
    for other in reversed(others):
        if not other.recurrent:
            yield from _weights(other)


def _quantities(layer: CellLayer) -> Iterator[Row]:
    cell, elsewhere = layer.cell, layer.definition.elsewhere
    dims, words = shapes_in(cell), WORDS.group("symbols")
    rows = {key: row for key in FRAMEWORKS if (row := row_of(layer, key)) and row.arrays}
    for name in ("x", *cell.equations):
        role = cell.roles.get(name, "")
        word = ROLE_WORDS.get(role, role)
        others = [known[name] for known in (cell.known_as, elsewhere) if name in known]
        yield {
            "kind": layer.kind,
            "symbol": formulas.symbol(cell, name),
            "role": words.say("gate", role=word) if role in VALVES else word,
            "size": terms.count({dims[name]: 1}),
            **{key: row.letters.get(name, name) for key, row in rows.items()},
            "elsewhere": ", ".join(others) or None,
        }


def _weights(layer: Layer) -> Iterator[Row]:
    """A row for each group of weights: `W_i, W_f, W_g, W_o`, and the arrays in which frameworks store them."""
    groups: dict[str, list[str]] = {}
    for weight in layer.weights:
        groups.setdefault(weight.stem, []).append(weight.name)
    dims = {weight.name: weight.dims for weight in layer.weights}
    rows = {key: row for key in FRAMEWORKS if (row := row_of(layer, key))}
    for names in groups.values():
        yield {
            "kind": layer.kind,
            "symbol": ", ".join(names),
            "role": WORDS.group("symbols").say("weight"),
            "size": terms.count({dims[names[0]]: 1}),
            **{key: _arrays_with(row, names, dims) for key, row in rows.items()},
        }


def _arrays_with(row: FrameworkRow, names: list[str], every: Collection[str]) -> str | None:
    """The arrays that hold some of these weights, which with others are `every` weight of the layer."""
    held = {
        array.name: {*array.blocks, *(array.own if {*array.own} & {*every} else array.second)} for array in row.arrays
    }
    matching = [name for name, weights in held.items() if weights & {*names}]
    return ", ".join(matching) or None


def orders(model: Model) -> Table:
    columns = ("kind", "framework", "order", "ours", "matrices", "biases:int")
    rows = (
        {
            "kind": layer.kind,
            "framework": framework.title,
            "order": ", ".join(row.letters.get(gate, gate) for gate in row.gates),
            "ours": ", ".join(row.gates),
            "matrices": "(in, out)" if any(map(_is_transposed, row.arrays)) else "(out, in)",
            "biases": _biases(layer, key),
        }
        for layer in kinds_of(model)
        for key, framework in FRAMEWORKS.items()
        if (row := row_of(layer, key)) and row.gates
    )
    return table(WORDS, "dictionary.orders", model, columns, rows)


def _is_transposed(array: ArrayLayout) -> bool:
    """Whether the axis of units, the first one here, is stored last."""
    return array.transposed or array.axes[-1:] == (0,)


def _biases(layer: CellLayer, framework: str) -> int:
    """How many biases each gate has."""
    stored = [array.layout for array in arrays(layer, framework) or ()]
    names = [name for array in stored for name in (*array.blocks, *array.second) if name.startswith("b")]
    return len(names) // len(layer.cell.gates())
