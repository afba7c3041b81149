"""The same thing by its other names: words, sizes, symbols and gate orders, here and in the frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.ranges import ranges
from lstmdiag.english import amount, counted, listed
from lstmdiag.frameworks import FRAMEWORKS
from lstmdiag.model import Layer, Model, inside
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.fan_in import fan_in
from lstmdiag.views.tables.layers import of_model, recurrent, unwrapped
from lstmdiag.views.tables.stacks import stacks
from lstmdiag.views.tables.symbols import NAMES, kinds_of, orders, symbols

Row = tuple[Cell, ...]


def build(model: Model) -> Table:
    parts = [_words(model), _sizes(model), *symbols(model), *orders(model), _layers(model), *_stacks(model)]
    first, *rest = parts
    data = {part.name.removeprefix("dictionary."): _plain(part) for part in parts}
    return Table("dictionary", first.title, first.columns, first.rows, notes=first.notes, parts=tuple(rest), data=data)


def _plain(part: Table) -> list[dict[str, object]]:
    keys = [column.key for column in part.columns]
    return [{key: getattr(cell, "text", cell) for key, cell in zip(keys, row, strict=True)} for row in part.rows]


def _each(layers: Iterable[Layer], say: Callable[[Layer], object]) -> str | None:
    """`encoder 100, decoder 100`, or the one answer where there is one layer."""
    said = [(layer.name, say(layer)) for layer in layers]
    shown = [amount(what) if what is None or isinstance(what, int) else str(what) for _, what in said]
    if len(said) < 2:
        return shown[0] if shown else None
    return ", ".join(f"{name} {what}" for (name, _), what in zip(said, shown, strict=True))


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
    bounds = [ranges(layer.cell)[q] for layer in layers if layer.cell for q in _with_role(*VALVES)(layer)]
    inside = all(bound.low >= 0 and bound.high <= 1 for bound in bounds)
    return f"a vector of valves{' between 0 and 1' if inside else ''}, one per unit"


def _words(model: Model) -> Table:
    kinds = kinds_of(model)
    units = _sized(model, "units")
    rows: list[Row] = [
        (
            "unit",
            "one coordinate j of the vectors a layer computes, one number in each, and what makes it",
            "neuron",
            units,
        ),
        (
            "layer",
            "units side by side that read the same, each with weights of its own: one line of the spec",
            "layer",
            counted(len(model.layers), "layer"),
        ),
    ]
    if kinds:
        rows += [
            (
                "step",
                "one tick t of time, one column of the unrolled picture",
                "time step",
                _each(recurrent(model), _steps),
            ),
            (
                "cell",
                "a layer's function of one step; read with single numbers, what one unit does",
                "cell, block",
                _functions(kinds),
            ),
            ("gate", _valves(kinds), *_both(kinds, _with_role(*VALVES))),
            ("content", "what a gate lets in; no valve itself", *_both(kinds, _with_role("gate.content"))),
            ("state", "what crosses from step t to step t + 1", "state, memory", _named(kinds, _states)),
            ("public state", "at the next step every unit reads all of it", *_both(kinds, _public)),
            ("private state", "unit j's own value, which no other unit reads", *_both(kinds, _private)),
        ]
    rows += _wiring_words(model)
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


def _wiring_words(model: Model) -> list[Row]:
    """Words for what is not in every model; None in the last column where this one has no such thing."""

    def named(which: Callable[[Layer], object]) -> str | None:
        return ", ".join(layer.name for layer in model.layers if which(layer)) or None

    return [
        ("direction", "one of two copies with weights of their own, reading from either end", "forward, backward",
         named(lambda layer: unwrapped(layer).backward)),
        ("initial state", "what a state is before step 1; zeros where nothing is said", "h_0, c_0",
         named(lambda layer: layer.initial_state)),
        ("mask", "which steps are padding; they change no state", "padding mask", named(lambda layer: layer.masked)),
        ("shared layer", "used again, with the same weights", "tied weights", named(lambda layer: layer.shared)),
    ]  # fmt: skip


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
    "features": ("F", "the input's last axis", "input_size; Linear: in_features", "input_size", None),
    "projection": ("P", None, "proj_size", None, None),
    "input_dim": ("V", "input_dim", "num_embeddings", "rows of data", "vocabulary size"),
    "output_dim": ("E", "output_dim", "embedding_dim", "columns of data", "embedding size"),
    "rows": ("D_1", "rows of x", None, None, "height"),
    "columns": ("D_2", "columns of x", None, None, "width"),
    "out_rows": ("M_1", "rows of h", None, None, "height"),
    "out_columns": ("M_2", "columns of h", None, None, "width"),
    "kernel_rows": ("K_1", "kernel_size[0]", None, None, "height of the window"),
    "kernel_columns": ("K_2", "kernel_size[1]", None, None, "width of the window"),
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
        "steps": _each(recurrent(model), _steps),
        "samples": listed(batches) if batches else "any number",
    }
    return Table(
        "dictionary.sizes",
        of_model(model, "Sizes"),
        (
            Column("size", "Size"),
            Column("letter", "Letter"),
            *NAMES,
            Column("elsewhere", "Elsewhere"),
            Column("here", "In this model"),
        ),
        tuple((size, *names, here[size]) for size, names in _SIZES.items() if here[size]),
    )


def _layers(model: Model) -> Table:
    kinds = dict.fromkeys(each.kind for layer in model.layers for each in (layer, *inside(layer)))
    rows = []
    for kind in kinds:
        calls = [row[kind].call if kind in row else None for row in FRAMEWORKS.values()]
        rows.append((kind, *calls))
    notes = tuple(f"{kind} is a cell of this spec; no framework has it." for kind, *calls in rows if not any(calls))
    columns = (Column("kind", "Layer", "code"), *NAMES)
    return Table("dictionary.layers", of_model(model, "Layers"), columns, tuple(rows), notes=notes)


def _stacks(model: Model) -> list[Table]:
    """Layers that PyTorch would make as one."""
    rows = tuple((", ".join(layer.name for layer in stack.layers), stack.call) for stack in stacks(model))
    columns = (Column("layers", "Layers", "code"), Column("pytorch", "As one layer of PyTorch", "code"))
    notes = ("PyTorch numbers their arrays from below: weight_ih_l0, weight_ih_l1 and so on.",)
    return [Table("dictionary.stacks", of_model(model, "Stacks"), columns, rows, notes=notes)] if rows else []
