"""Symbols, weights and gate orders by their other names, here and in the frameworks: parts of the dictionary."""

from __future__ import annotations

from lstmdiag.cells import formulas, terms
from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.english import listed
from lstmdiag.frameworks import FRAMEWORKS, arrays, packing
from lstmdiag.frameworks.packing import Packing
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.tables.layers import of_model
from lstmdiag.views.words import ROLE_WORDS

Row = tuple[Cell, ...]
NAMES = tuple(Column(key, framework.title, "code") for key, framework in FRAMEWORKS.items())


def kinds_of(model: Model) -> list[Layer]:
    """The first recurrent layer of each kind."""
    found: dict[str, Layer] = {layer.kind: layer for layer in reversed(model.recurrent)}
    return list(found.values())[::-1]


def symbols(model: Model) -> list[Table]:
    kinds = kinds_of(model)
    others = {layer.maths.kind: layer.maths for layer in reversed(model.layers) if layer.weights}.values()
    rows = [row for layer in kinds for row in _symbols_of(layer)]
    rows += [row for layer in reversed(others) if not layer.cell for row in _weights_of(layer)]
    columns = (
        Column("kind", "Layer"),
        Column("symbol", "Symbol", "formula"),
        Column("role", "Role"),
        Column("size", "Size", "formula"),
        *NAMES,
        Column("elsewhere", "Elsewhere"),
    )
    turned = [each.title for each in FRAMEWORKS.values() if each.transposed]
    notes = [f"{listed(turned)} {'stores' if len(turned) == 1 else 'store'} matrices transposed, (in, out)."]
    notes += ["⊙ multiplies number by number, σ is the sigmoid."]
    variants = ((layer.kind, layer.definition.variant, layer.options) for layer in model.recurrent)
    notes += dict.fromkeys(f"{kind}: {words(options)}" for kind, words, options in variants if words)
    title = of_model(model, "Symbols")
    return [Table("dictionary.symbols", title, columns, tuple(rows), notes=tuple(notes))] if rows else []


def _symbols_of(layer: Layer) -> list[Row]:
    cell = layer.cell
    if cell is None:
        return []
    dims, rows = shapes_in(cell), []
    elsewhere = layer.definition.elsewhere
    packings = {framework: packing(layer, framework) for framework in FRAMEWORKS}
    for name in ("x", *cell.equations):
        here = [row.letters.get(name, name) if row and row.arrays else None for row in packings.values()]
        role = cell.roles.get(name, "")
        word = ROLE_WORDS.get(role, role) + (" gate" if role in VALVES else "")
        size = terms.count({dims[name]: 1})
        others = ", ".join(filter(None, [cell.known_as.get(name), elsewhere.get(name)])) or None
        rows.append((layer.kind, formulas.symbol(cell, name), word, size, *here, others))
    return rows + _weights_of(layer)


def _weights_of(layer: Layer) -> list[Row]:
    rows = [packing(layer, framework) for framework in FRAMEWORKS]
    return [
        (layer.kind, letter, "weight", size, *(_array_names(row, names) for row in rows), None)
        for letter, names, size in _weight_letters(layer)
    ]


def _weight_letters(layer: Layer) -> list[tuple[str, list[str], Cell]]:
    """(`W_i, W_f, W_g, W_o`, their names, the size of each)."""
    groups: dict[str, list[str]] = {}
    for weight in layer.weights:
        groups.setdefault(weight.part, []).append(weight.name)
    sizes = {weight.name: terms.count({weight.dims: 1}) for weight in layer.weights}
    return [(", ".join(names), names, sizes[names[0]]) for names in groups.values()]


def _array_names(row: Packing | None, names: list[str]) -> str | None:
    if row is None:
        return None
    found = [array.name for array in row.arrays if set(names) & {*array.blocks, *array.second, *array.own}]
    return ", ".join(found) or None


def orders(model: Model) -> list[Table]:
    rows: list[Row] = []
    for layer in kinds_of(model):
        for framework in FRAMEWORKS:
            row = packing(layer, framework)
            if row is None or not row.gates:
                continue
            orders = [", ".join(row.letters.get(gate, gate) for gate in row.gates), ", ".join(row.gates)]
            turned = any(array.transposed or array.axes[-1:] == (0,) for array in row.arrays)
            title = FRAMEWORKS[framework].title
            rows.append((layer.kind, title, *orders, "(in, out)" if turned else "(out, in)", _biases(layer, framework)))
    columns = (
        Column("kind", "Layer"),
        Column("framework", "Framework"),
        Column("order", "Gate order"),
        Column("ours", "in our letters"),
        Column("matrices", "Matrices"),
        Column("biases", "Biases per gate", "int"),
    )
    notes = ("A wrong order runs without an error and gives other numbers.",)
    title = of_model(model, "Gate orders")
    return [Table("dictionary.orders", title, columns, tuple(rows), notes=notes)] if rows else []


def _biases(layer: Layer, framework: str) -> int:
    """How many biases each gate has."""
    held = [array.array for array in arrays(layer, framework) or ()]
    names = [name for array in held for name in (*array.blocks, *array.second) if name.startswith("b")]
    return len(names) // len(layer.cell.gates()) if layer.cell else 0
