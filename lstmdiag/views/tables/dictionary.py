"""The same thing by its other names: words, sizes, symbols and gate orders, here and in the frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.ranges import ranges
from lstmdiag.english import amount, counted, listed
from lstmdiag.frameworks import FRAMEWORKS, stacks
from lstmdiag.layer import Layer, inside
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.readings.fan_in import fan_in
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.tables.layers import of_model, recurrent
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
         named(lambda layer: layer.unwrapped.backward)),
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


_SIZES: Mapping[str, tuple[str | None, str | None]] = {
    "units": ("H", "num_units (TensorFlow 1)"),
    "features": ("F", None),
    "projection": ("P", None),
    "input_dim": ("V", "vocabulary size"),
    "output_dim": ("E", "embedding size"),
    "rows": ("D_1", "height"),
    "columns": ("D_2", "width"),
    "out_rows": ("M_1", "height"),
    "out_columns": ("M_2", "width"),
    "kernel_rows": ("K_1", "height of the window"),
    "kernel_columns": ("K_2", "width of the window"),
    "filters": (None, "channels"),
    "kernel_size": (None, "width of the window"),
    "steps": ("T", "lags, look-back"),
    "samples": ("N", None),
}
"""Size → its letter, and its names where no framework's are meant."""


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
        tuple(
            (size, letter, *(each.sizes.get(size) for each in FRAMEWORKS.values()), elsewhere, here[size])
            for size, (letter, elsewhere) in _SIZES.items()
            if here[size]
        ),
    )


def _layers(model: Model) -> Table:
    kinds = dict.fromkeys(each.kind for layer in model.layers for each in (layer, *inside(layer)))
    rows: list[Row] = []
    notes = []
    for kind in kinds:
        rows.append((kind, *(row.call if (row := each.rows.get(kind)) else None for each in FRAMEWORKS.values())))
        unknown = [each.title for each in FRAMEWORKS.values() if kind not in each.rows]
        if kind not in KINDS:
            notes.append(f"{kind} is a cell of this spec; no framework has it.")
        elif unknown:
            notes.append(f"lstmdiag does not know what {kind} is called in {listed(unknown)}.")
    columns = (Column("kind", "Layer", "code"), *NAMES)
    return Table("dictionary.layers", of_model(model, "Layers"), columns, tuple(rows), notes=tuple(notes))


def _stacks(model: Model) -> list[Table]:
    """Layers that a framework would make as one."""
    calls = {
        key: {", ".join(layer.name for layer in stack.layers): stack.call for stack in stacks(model, key)}
        for key in FRAMEWORKS
    }
    made = [each for key, each in FRAMEWORKS.items() if calls[key]]
    rows = tuple(
        (names, *(calls[each.key].get(names) for each in made))
        for names in dict.fromkeys(names for each in made for names in calls[each.key])
    )
    columns = (
        Column("layers", "Layers", "code"),
        *(Column(each.key, f"As one layer of {each.title}", "code") for each in made),
    )
    notes = tuple(each.stacks_note for each in made if each.stacks_note)
    return [Table("dictionary.stacks", of_model(model, "Stacks"), columns, rows, notes=notes)] if rows else []
