"""Every weight as the equations have it, and as frameworks store it: the tables under that of parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from lstmdiag.cells import formulas
from lstmdiag.frameworks import FRAMEWORKS, arrays, total
from lstmdiag.frameworks.storage import ArrayLayout
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import derived
from lstmdiag.views.tables.rows import Row, table
from lstmdiag.words import Words

WORDS = Words("table_params")
LAYER = "layer:code"
DERIVATION = ("formula:formula", "substitution:formula", "count:int")
COUNTS = tuple(Column(key, each.title, "int") for key, each in FRAMEWORKS.items())


def weights(model: Model) -> Table:
    """One row per mathematical weight, (out, in)."""
    return table(
        WORDS,
        "params.weights",
        model,
        (LAYER, "tensor:formula", "shape:shape", *DERIVATION, *COUNTS),
        (row for layer in model.layers if not layer.shared for row in _weights_of(layer)),
        total={
            "layer": WORDS.say("all_layers"),
            "count": model.params,
            **{key: total(model, key) for key in FRAMEWORKS},
        },
    )


def _weights_of(layer: Layer) -> Iterator[Row]:
    for name, each in layer.named_directions.items():
        stored = {key: _times_stored(each, key) for key in FRAMEWORKS}
        for weight in each.weights:
            yield {
                "layer": name,
                "tensor": formulas.symbol(each.cell, weight.name) if each.cell else weight.name,
                "shape": weight.shape,
                **derived({weight.dims: 1}, each.sizes),
                **{key: None if times is None else times[weight.name] * weight.count for key, times in stored.items()},
            }


def _times_stored(layer: Layer, framework: str) -> Counter[str] | None:
    """How often a framework stores each weight, by name: a bias can stand there twice."""
    stored = arrays(layer, framework)
    if stored is None:
        return None
    counted = [array.layout for array in stored if not array.layout.buffer]
    return Counter(name for array in counted for name in (*array.blocks, *array.second))


def stored(model: Model) -> Table:
    """The same weights as each framework packs them."""
    return table(
        WORDS,
        "params.arrays",
        model,
        (LAYER, "framework", "array:code", "shape:shape", "order", *DERIVATION),
        (
            {
                "layer": layer.name,
                "framework": framework.title,
                "array": array.name,
                "shape": array.shape,
                "order": _order(array.layout),
                **derived(array.terms, layer.innermost.sizes),
                "count": array.count,  # of a buffer none
            }
            for layer in model.layers
            for key, framework in FRAMEWORKS.items()
            for array in arrays(layer, key) or ()
        ),
    )


@lru_cache(maxsize=256)
def _order(array: ArrayLayout) -> str:
    """`b: i, o, f, g; second b: i, o, f, g`: the blocks, gate by gate."""
    words = WORDS.group("arrays")
    blocks = [
        said
        for first, second in array.by_direction
        for said in (*_gates(first), *(words.say("second", block=block) for block in _gates(second)))
    ]
    order = "; ".join(blocks)
    return words.say("transposed", blocks=order) if array.transposed else order


def _gates(blocks: tuple[str, ...]) -> list[str]:
    """`W: i, f, g, o`, of each direction by itself; names that are no letter for a gate as they are."""
    letters: dict[tuple[str, str], list[str]] = {}
    for block in blocks:
        way, _, name = block.rpartition(".")
        letter, _, gate = name.partition("_") if len(name.partition("_")[0]) == 1 else (name, "", "")
        letters.setdefault((way, letter), []).append(gate)
    return [
        f"{way} {letter}{': ' if all(gates) else ''}{', '.join(filter(None, gates))}".strip()
        for (way, letter), gates in letters.items()
    ]
