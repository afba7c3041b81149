"""The same thing by its other names: words, sizes, symbols and gate orders, here and in the frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lstmdiag.cells import formulas, terms
from lstmdiag.cells.ranges import ranges
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.frameworks import FRAMEWORKS, TITLES, packing
from lstmdiag.frameworks.packing import Packing
from lstmdiag.model import Layer, Model
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.fan_in import fan_in
from lstmdiag.views.tables.layers import of_model
from lstmdiag.views.words import ROLE_WORDS, listed, plural

Row = tuple[Cell, ...]
_NAMES = tuple(Column(key, title, "code") for key, title in TITLES.items())


def build(model: Model) -> Table:
    parts = [_words(model), _sizes(model), *_symbols(model), *_orders(model), _layers(model)]
    first, *rest = parts
    data = {part.name.removeprefix("dictionary."): _plain(part) for part in parts}
    return Table("dictionary", first.title, first.columns, first.rows, notes=first.notes, parts=tuple(rest), data=data)


def _plain(part: Table) -> list[dict[str, object]]:
    keys = [column.key for column in part.columns]
    return [{key: getattr(cell, "text", cell) for key, cell in zip(keys, row, strict=True)} for row in part.rows]


def _each(layers: Iterable[Layer], say: Callable[[Layer], object]) -> str | None:
    """`encoder 100, decoder 100`, or the one answer where there is one layer."""
    said = [(layer.name, say(layer)) for layer in layers]
    shown = ["any number" if what is None else f"{what:,}" if isinstance(what, int) else str(what) for _, what in said]
    if len(said) < 2:
        return shown[0] if shown else None
    return ", ".join(f"{name} {what}" for (name, _), what in zip(said, shown, strict=True))


def _kinds(model: Model) -> list[Layer]:
    """The first recurrent layer of each kind."""
    return list({layer.kind: layer for layer in reversed(model.recurrent) if layer.cell}.values())[::-1]


def _named(layers: list[Layer], names: Callable[[Layer], Iterable[str]]) -> str | None:
    """`i, f, o of LSTM`, over all kinds that have such quantities."""
    found = [(", ".join(names(layer)), layer.kind) for layer in layers]
    return "; ".join(f"{quantities} of {kind}" for quantities, kind in found if quantities) or None


def _both(layers: list[Layer], names: Callable[[Layer], Iterable[str]]) -> tuple[str | None, str | None]:
    """What the textbooks call these quantities, `i: input gate, f: forget gate`, and which they are here."""
    known = [
        f"{name}: {layer.cell.known_as[name]}"
        for layer in layers
        if layer.cell
        for name in names(layer)
        if name in layer.cell.known_as
    ]
    return ", ".join(dict.fromkeys(known)) or None, _named(layers, names)


_GATES = ("gate.keep", "gate.write", "gate.read")


def _with_role(*roles: str) -> Callable[[Layer], list[str]]:
    def names(layer: Layer) -> list[str]:
        return [q for q in layer.cell.equations if layer.cell.roles.get(q) in roles] if layer.cell else []

    return names


def _states(layer: Layer) -> list[str]:
    return list(layer.cell.state) if layer.cell else []


def _public(layer: Layer) -> list[str]:
    """States that a matrix mixes, so that every unit reads all of them."""
    return [source.name for source in fan_in(layer).sources if source.name != "x"]


def _private(layer: Layer) -> tuple[str, ...]:
    return fan_in(layer).private


def _valves(layers: list[Layer]) -> str:
    """What a gate is: between 0 and 1 unless a function was chosen that leaves these bounds."""
    bounds = [ranges(layer.cell)[q] for layer in layers if layer.cell for q in _with_role(*_GATES)(layer)]
    inside = all(bound.low >= 0 and bound.high <= 1 for bound in bounds)
    return f"a vector of valves{' between 0 and 1' if inside else ''}, one per unit"


def _words(model: Model) -> Table:
    kinds = _kinds(model)
    units = _sized(model, "units")
    rows: list[Row] = [
        ("unit", "one coordinate j of the vectors a layer computes: one number", "neuron", units),
        (
            "layer",
            "units that share one set of weights: one line of the spec",
            "layer",
            plural(len(model.layers), "layer"),
        ),
    ]
    if kinds:
        rows += [
            (
                "step",
                "one tick t of time, one column of the unrolled picture",
                "time step",
                _each(model.recurrent, _steps),
            ),
            (
                "cell",
                "a layer's function of one step; read with single numbers, what one unit does",
                "cell, block",
                _functions(kinds),
            ),
            ("gate", _valves(kinds), *_both(kinds, _with_role(*_GATES))),
            ("content", "what a gate lets in; no valve itself", *_both(kinds, _with_role("gate.content"))),
            ("state", "what crosses from step t to step t + 1", "state, memory", _named(kinds, _states)),
            ("public state", "at the next step every unit reads all of it", *_both(kinds, _public)),
            ("private state", "unit j's own value, which no other unit reads", *_both(kinds, _private)),
        ]
    return Table(
        "dictionary.words",
        of_model(model, "Dictionary"),
        (
            Column("word", "Word"),
            Column("meaning", "Means"),
            Column("textbooks", "In textbooks"),
            Column("here", "In this model"),
        ),
        tuple(row for row in rows if row[-1] is not None),
        notes=("Older papers say memory cell for what is called a unit here.",) if kinds else (),
    )


def _sized(model: Model, size: str) -> str | None:
    """A size of every layer that has weights of its own and such a size."""
    found = [layer for layer in model.layers if layer.weights and not layer.shared and size in layer.maths.sizes]
    return _each(found, lambda layer: layer.maths.sizes[size])


def _steps(layer: Layer) -> int | None:
    return layer.input[0]


def _functions(kinds: list[Layer]) -> str:
    """`LSTM: (x, h, c) → (h, c)`."""
    said = []
    for layer in kinds:
        names = ", ".join(_states(layer))
        said.append(f"{layer.kind}: (x, {names}) → {f'({names})' if ',' in names else names}")
    return "; ".join(said)


_SIZES: Mapping[str, Row] = {
    "units": ("H", "units", "hidden_size; Linear: out_features", "hidden_size", "num_units (TensorFlow 1)"),
    "features": ("F", "input_dim: the input's last axis", "input_size; Linear: in_features", "input_size", None),
    "projection": ("P", None, "proj_size", None, None),
    "input_dim": ("V", "input_dim", "num_embeddings", "rows of data", "vocabulary size"),
    "output_dim": ("E", "output_dim", "embedding_dim", "columns of data", "embedding size"),
    "filters": (None, "filters", "out_channels", "M", "channels"),
    "kernel_size": (None, "kernel_size", "kernel_size", "kernel_shape", "width of the window"),
    "steps": ("T", "timesteps", "seq_len, L", "seq_length", "lags, look-back"),
    "samples": ("N", "batch_size", "N, batch", "batch_size", None),
}
"""Size → its letter, its names in the frameworks, its names elsewhere."""


def _sizes(model: Model) -> Table:
    batches = [f"{source.batch:,}" for source in model.inputs if source.batch]
    here = {
        **{size: _sized(model, size) for size in _SIZES},
        "steps": _each(model.recurrent, _steps),
        "samples": listed(batches) if batches else "any number",
    }
    return Table(
        "dictionary.sizes",
        of_model(model, "Sizes"),
        (
            Column("size", "Size"),
            Column("letter", "Letter"),
            *_NAMES,
            Column("elsewhere", "Elsewhere"),
            Column("here", "In this model"),
        ),
        tuple((size, *names, here[size]) for size, names in _SIZES.items() if here[size]),
    )


_ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("LSTM", "g"): "c̃ or C̃ in papers, z in Graves, n in a GRU",
    ("LSTM", "h"): "output, y",
    ("LSTM", "c"): "memory, carry",
    ("LSTM", "f"): "though it is open when it keeps",
}
"""(kind, quantity) → what others call it, besides the textbooks' name."""


def _symbols(model: Model) -> list[Table]:
    rows = [row for layer in _kinds(model) for row in _symbols_of(layer)]
    columns = (
        Column("kind", "Layer"),
        Column("symbol", "Symbol", "formula"),
        Column("role", "Role"),
        Column("size", "Size", "formula"),
        *_NAMES,
        Column("elsewhere", "Elsewhere"),
    )
    notes = ("Keras stores matrices transposed, (in, out).", "⊙ multiplies number by number, σ is the sigmoid.")
    title = of_model(model, "Symbols")
    return [Table("dictionary.symbols", title, columns, tuple(rows), notes=notes)] if rows else []


def _symbols_of(layer: Layer) -> list[Row]:
    cell = layer.cell
    assert cell is not None
    dims, rows = shapes_in(cell), []
    packings = {framework: packing(layer, framework) for framework in FRAMEWORKS}
    for name in ("x", *cell.equations):
        here = [row.letters.get(name, name) if row else None for row in packings.values()]
        role = cell.roles.get(name, "")
        word = ROLE_WORDS.get(role, role) + (" gate" if role in _GATES else "")
        size = terms.count({dims[name]: 1})
        others = [cell.known_as.get(name), _ELSEWHERE.get((layer.kind, name))]
        elsewhere = ", ".join(filter(None, others)) or None
        rows.append((layer.kind, formulas.symbol(cell, name), word, size, *here, elsewhere))
    return rows + [
        (layer.kind, letter, "weight", size, *(_array_names(row, names) for row in packings.values()), None)
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
    found = [array.name for array in row.arrays if set(names) & {*array.blocks, *array.second}]
    return ", ".join(found) or None


def _orders(model: Model) -> list[Table]:
    rows: list[Row] = []
    for layer in _kinds(model):
        for framework, title in TITLES.items():
            row = packing(layer, framework)
            if row is None or not row.gates:
                continue
            orders = [", ".join(row.letters.get(gate, gate) for gate in row.gates), ", ".join(row.gates)]
            way = "(in, out)" if any(array.transposed for array in row.arrays) else "(out, in)"
            rows.append((layer.kind, title, *orders, way, _biases(row)))
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


def _biases(row: Packing) -> int:
    """How many biases each gate has."""
    names = [name for array in row.arrays for name in (*array.blocks, *array.second) if name.startswith("b")]
    return max((names.count(name) for name in names), default=0)


def _layers(model: Model) -> Table:
    kinds = {kind: None for layer in model.layers for kind in (layer.kind, layer.maths.kind)}
    rows = []
    for kind in kinds:
        calls = [row[kind].call if kind in row else None for row in FRAMEWORKS.values()]
        rows.append((kind, *calls))
    notes = tuple(f"{kind} is a cell of this spec; no framework has it." for kind, *calls in rows if not any(calls))
    columns = (Column("kind", "Layer", "code"), *_NAMES)
    return Table("dictionary.layers", of_model(model, "Layers"), columns, tuple(rows), notes=notes)
