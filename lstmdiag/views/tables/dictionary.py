"""The same thing by its other names: words, sizes, symbols and orders of blocks, here and in the frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lstmdiag.analysis.cells import projects
from lstmdiag.analysis.fan_in import fan_in
from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.ranges import ranges
from lstmdiag.cells.terms import SIZE_LETTERS
from lstmdiag.english import amount, number
from lstmdiag.frameworks import FRAMEWORKS, stacks
from lstmdiag.layer import CellLayer, Layer, RecurrentLayer, inside
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import recurrent
from lstmdiag.views.tables.rows import Row, table
from lstmdiag.views.tables.symbols import NAMES, WORDS, kinds_of, orders, symbols

Quantities = Callable[[CellLayer], Iterable[str]]
"""Layer with a cell → names of quantities in it."""


def build(model: Model) -> Table:
    parts = [_words(model), _sizes(model), symbols(model), orders(model), _layers(model), _stacks(model)]
    first, *rest = (part for part in parts if part.rows)
    data = {part.name.removeprefix("dictionary."): _plain(part) for part in (first, *rest)}
    return Table("dictionary", first.title, first.columns, first.rows, notes=first.notes, parts=tuple(rest), data=data)


def _plain(part: Table) -> list[dict[str, object]]:
    keys = [column.key for column in part.columns]
    return [{key: getattr(cell, "text", cell) for key, cell in zip(keys, row, strict=True)} for row in part.rows]


def _words(model: Model) -> Table:
    columns = ("word", "meaning", "textbooks", "here")
    return table(WORDS, "dictionary.words", model, columns, _entries(model), {"kinds": kinds_of(model)})


def _entries(model: Model) -> Iterator[Row]:
    """A row for each word of which this model has an example."""
    kinds, words = kinds_of(model), WORDS.group("entries")
    valves = [ranges(layer.cell)[q] for layer in kinds for q in _with_role(*VALVES)(layer)]
    block = next((layer.cell.gates()[0] for layer in kinds), "")
    bounded = all(bound.low >= 0 and bound.high <= 1 for bound in valves)  # unless a function leaves these bounds
    here = {
        "unit": _sized(model, "units"),
        "filter": _each(
            (layer, layer.innermost.output[-1])
            for layer in model.layers
            if layer.innermost.definition.first == "filters"
        ),
        "layer": WORDS.say("layers_here", layers=len(model.layers)),
        "step": _steps(model),
        "cell": "; ".join(map(_function, kinds)),
        "weight": WORDS.say("weights_here", model),
        **{name: _named(kinds, quantities) for name, quantities in _QUANTITIES.items()},
        "direction": _layers_with(model, lambda layer: layer.unwrapped.backward),
        "initial_state": _layers_with(model, lambda layer: layer.initial_state),
        "mask": _layers_with(model, lambda layer: layer.masked),
        "shared_layer": _layers_with(model, lambda layer: layer.shared),
    }
    for name, example in here.items():
        if example:
            entry = words.group(name)
            known = _known(kinds, _QUANTITIES.get(name, lambda layer: ()))
            yield {
                "word": entry.say("word"),
                "meaning": entry.say("meaning", bounded=bounded, block=block),
                "textbooks": entry.say("textbooks", known=known) or None,
                "here": example,
            }


def _with_role(*roles: str) -> Quantities:
    return lambda layer: [q for q in layer.cell.equations if layer.cell.roles.get(q) in roles]


_QUANTITIES: dict[str, Quantities] = {
    "block": lambda layer: [gate for gate in layer.cell.gates() if not projects(layer.cell, gate)],
    "gate": _with_role(*VALVES),
    "content": _with_role("gate.content"),
    "state": lambda layer: layer.cell.state,
    "public_state": lambda layer: [source.name for source in fan_in(layer).sources if source.name != "x"],
    "private_state": lambda layer: fan_in(layer).private,
}
"""Word → what it names in a layer."""


def _known(layers: list[RecurrentLayer], quantities: Quantities) -> str:
    """What the textbooks call them: `i: input gate, f: forget gate`."""
    names = ((name, layer.cell.known_as) for layer in layers for name in quantities(layer))
    return ", ".join(dict.fromkeys(f"{name}: {known[name]}" for name, known in names if name in known))


def _named(layers: list[RecurrentLayer], quantities: Quantities) -> str:
    """`i, f, o of LSTM`, over all kinds that have such quantities."""
    kinds = ({"quantities": ", ".join(quantities(layer)), "kind": layer.kind} for layer in layers)
    return WORDS.say("of_kinds", kinds=[each for each in kinds if each["quantities"]])


def _function(layer: CellLayer) -> str:
    """`LSTM: (x, h, c) → (h, c)`."""
    states = list(layer.cell.state)
    return WORDS.say("function", layer, states=states, several=len(states) > 1)


def _layers_with(model: Model, which: Callable[[Layer], object]) -> str:
    return ", ".join(layer.name for layer in model.layers if which(layer))


def _each(sizes: Iterable[tuple[Layer, int | None]]) -> str:
    """`encoder 100, decoder 100`, or the one size where there is one layer."""
    named = [(layer.name, amount(size)) for layer, size in sizes]
    return named[0][1] if len(named) == 1 else ", ".join(f"{name} {size}" for name, size in named)


def _sized(model: Model, size: str) -> str:
    """A size of every layer that has weights of its own and such a size."""
    own = ((layer, layer.innermost.sizes) for layer in model.layers if layer.own_weights)
    return _each((layer, sizes[size]) for layer, sizes in own if size in sizes)


def _steps(model: Model) -> str:
    return _each((layer, layer.input[0]) for layer in recurrent(model))


_SIZES = (
    "units", "features", "projection", "input_dim", "output_dim", "rows", "columns", "out_rows", "out_columns",
    "kernel_rows", "kernel_columns", "filters", "kernel_size", "steps", "samples",
)  # fmt: skip
_LETTERS = {**SIZE_LETTERS, "samples": SIZE_LETTERS["batch"], "input_dim": "V", "output_dim": "E"}


def _sizes(model: Model) -> Table:
    words = WORDS.group("sizes")
    others = words.phrases["others"]
    batches = [number(source.batch) for source in model.inputs if source.batch]
    here = {size: _sized(model, size) for size in _SIZES}
    here |= {"steps": _steps(model), "samples": words.say("batches", batches=batches)}
    return table(
        WORDS,
        "dictionary.sizes",
        model,
        ("size", "letter", *NAMES, "elsewhere", "here"),
        (
            {
                "size": size,
                "letter": _LETTERS.get(size),
                **{key: each.sizes.get(size) for key, each in FRAMEWORKS.items()},
                "elsewhere": others.get(size),
                "here": value,
            }
            for size, value in here.items()
            if value
        ),
    )


def _layers(model: Model) -> Table:
    kinds = dict.fromkeys(each.kind for layer in model.layers for each in (layer, *inside(layer)))
    unknown = {kind: [each.title for each in FRAMEWORKS.values() if kind not in each.rows] for kind in kinds}
    return table(
        WORDS,
        "dictionary.layers",
        model,
        ("kind:code", *NAMES),
        (
            {"kind": kind, **{key: each.rows[kind].call for key, each in FRAMEWORKS.items() if kind in each.rows}}
            for kind in kinds
        ),
        {
            "custom": [kind for kind in kinds if kind not in KINDS],
            "unknown": [
                {"kind": kind, "frameworks": titles} for kind, titles in unknown.items() if titles and kind in KINDS
            ],
        },
    )


def _stacks(model: Model) -> Table:
    """Layers that a framework would make as one."""
    words, calls = WORDS.group("stacks"), dict[str, dict[str, str]]()
    for key in FRAMEWORKS:
        for stack in stacks(model, key):
            calls.setdefault(", ".join(layer.name for layer in stack.layers), {})[key] = stack.call
    frameworks = [each for key, each in FRAMEWORKS.items() if any(key in of for of in calls.values())]
    return table(
        WORDS,
        "dictionary.stacks",
        model,
        ("layers:code", *(Column(each.key, words.say("in_framework", each), "code") for each in frameworks)),
        ({"layers": names, **of} for names, of in calls.items()),
        {"frameworks": frameworks},
    )
