"""How many parameters, and why: every number derived, and reconciled between the frameworks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

from lstmdiag.cells import formulas, terms
from lstmdiag.cells.counts import Terms, evaluate, per_unit, tally
from lstmdiag.english import amount, listed
from lstmdiag.frameworks import FRAMEWORKS, arrays, count, lacks, packing, total, unknown
from lstmdiag.frameworks import terms as framework_terms
from lstmdiag.frameworks.packing import Array, added
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.tables.layers import (
    FRAMEWORK_COLUMNS,
    array_formula,
    of_model,
    recurrent,
    row,
    running,
    weight_terms,
)

_DERIVATION = (
    Column("formula", "Formula", "formula"),
    Column("substitution", "With numbers", "formula"),
    Column("count", "Count", "int"),
)
Row = tuple[Cell, ...]


def build(model: Model) -> Table:
    totals = {framework: total(model, framework) for framework in FRAMEWORKS}
    return Table(
        "params",
        of_model(model, "Parameters"),
        (Column("layer", "Layer", "code"), Column("part", "Part"), *_DERIVATION, *FRAMEWORK_COLUMNS),
        tuple(row for layer in model.layers for row in _layer_rows(layer)) + tuple(_steps_row(model)),
        total=("all layers", "", "", "", model.params, *totals.values()),
        notes=tuple(_notes(model)),
        parts=tuple(part for part in (_weights(model), _arrays(model)) if part.rows),
        data={
            "layers": [row(layer) for layer in model.layers],
            "total": model.params,
            "trainable": model.params - model.frozen_params,
            "non_trainable": model.frozen_params,
            "frameworks": totals,
        },
    )


def _layer_rows(layer: Layer) -> list[Row]:
    """The layer; under it, where that has a meaning, one direction, one of its units, what training leaves alone."""
    counts = tuple(count(layer, framework) for framework in FRAMEWORKS)
    if layer.shared:
        return [(layer.name, f"the weights of {layer.shared}", "none of its own", None, 0, *counts)]
    if not layer.weights:
        return [(layer.name, layer.call, "no weights", None, 0, *counts)]
    rows = [_row(layer, layer.call, layer)]
    ways = running(layer)
    if len(ways) > 1:
        rows.append(_row(layer, f"one of {len(ways)} directions", ways[0]))
    if layer.recurrent and per_unit(weight_terms(ways[0])) is not None:
        rows.append(_row(layer, f"one unit of {layer.maths.units:,}", ways[0], share=per_unit))
    if 0 < layer.frozen_params < layer.params:
        frozen = tally(weight.dims for weight in layer.weights if not weight.trainable)
        names = listed([weight.name for weight in layer.weights if not weight.trainable])
        derived = (terms.count(frozen), terms.substitution(frozen, layer.maths.sizes), layer.frozen_params)
        rows.append((layer.name, f"not trained: {names}", *derived, *(None for _ in FRAMEWORKS)))
    return rows


def _row(layer: Layer, what: Cell, of: Layer, share: Callable[[Terms], Terms | None] = lambda found: found) -> Row:
    """The count of a layer, or of a part of it, with each framework's."""
    sizes, own = layer.maths.sizes, share(weight_terms(of)) or {}
    held = [found and share(found) for framework in FRAMEWORKS for found in [framework_terms(of, framework)]]
    counts = [None if found is None else evaluate(found, sizes) for found in held]
    return (layer.name, what, terms.count(own), terms.substitution(own, sizes), evaluate(own, sizes), *counts)


def _steps_row(model: Model) -> list[Row]:
    steps = _steps(model)
    if not steps:
        return []
    return [("T", f"steps: {steps}", "not used", None, None, *(None for _ in FRAMEWORKS))]


def _steps(model: Model) -> str:
    """3 and 2: the numbers of steps that recurrent layers take."""
    found = dict.fromkeys(layer.input[0] for layer in recurrent(model))
    return listed([amount(steps) for steps in found])


def _notes(model: Model) -> list[str]:
    notes = [*_differences(model), *_buffers(model), *_missing(model)]
    if model.frozen_params:
        trained = model.params - model.frozen_params
        notes.append(f"Trainable parameters: {trained:,}. Not trainable: {model.frozen_params:,}.")
    if steps := _steps(model):
        notes.append(f"T is in no formula: one set of weights serves all steps ({steps}).")
    return notes


def _differences(model: Model) -> list[str]:
    """Why a framework's total is not the mathematical one, with the numbers."""
    reasons: dict[tuple[tuple[str, int, str], ...], list[str]] = {}
    for framework in FRAMEWORKS:
        found = tuple((layer.name, *more) for layer in model.layers if (more := _second_bias(layer, framework)))
        if found:
            reasons.setdefault(found, []).append(FRAMEWORKS[framework].title)
    notes = []
    for found, names in reasons.items():
        each = listed(
            [f"{formula} = {n:,}".replace(" ", "\u00a0") + f" more in {layer}" for layer, n, formula in found]
        )
        whole = f", {sum(n for _, n, _ in found):,} in all" if len(found) > 1 else ""
        keeps = "keeps" if len(names) == 1 else "keep"
        notes.append(f"{listed(names)} {keeps} a second bias, which is added to the first: {each}{whole}.")
    return notes


def _second_bias(layer: Layer, framework: str) -> tuple[int, str] | None:
    weights = {weight.name: weight for weight in layer.weights}
    stored = arrays(layer, framework) or ()
    more = tally(weights[name].dims for array in stored for name in array.array.second)
    return (evaluate(more, layer.maths.sizes), terms.count(more).text) if more else None


def _missing(model: Model) -> list[str]:
    """Layers that a framework cannot build as they are here."""
    notes = []
    for framework in FRAMEWORKS:
        found: dict[tuple[str, str, str], list[str]] = {}
        for layer in model.layers:
            row = packing(layer, framework)
            for option, value in lacks(layer, framework):
                assert row is not None
                found.setdefault((row.call, option, value), []).append(layer.name)
        for (call, option, value), names in found.items():
            chosen = "as chosen for" if "=" in value else f"the {option} of"
            which = call if "." in call else f"{FRAMEWORKS[framework].title}: {call}"
            notes.append(
                f"{which} has no {value}, {chosen} {listed(names)}: "
                f"the count follows its convention, the layer would have to be written by hand."
            )
    own = [layer for layer in model.layers if layer.weights and not layer.shared]
    firsts = {(layer.kind, layer.maths.kind): layer for layer in reversed(own)}
    notes += dict.fromkeys(note for layer in reversed(firsts.values()) for note in _uncounted(layer))
    return notes


def _uncounted(layer: Layer) -> Iterator[str]:
    """Why a framework does not count it, or counts it by another layer's convention."""
    kind = layer.maths.kind
    if kind not in KINDS:
        yield f"No framework has a layer {kind}, so there is no convention to count it by."
        return
    without = [key for key in FRAMEWORKS if arrays(layer, key) is None]
    lacking = [FRAMEWORKS[key].title for key in without if (row := packing(layer, key)) and row.lacking]
    if lacking:
        yield f"{listed(lacking)} {_have(lacking)} no layer {kind}, and no convention to count it by."
    not_known: dict[str, list[str]] = {}
    for key in without:
        if FRAMEWORKS[key].title not in lacking:
            not_known.setdefault(unknown(layer, key) or kind, []).append(FRAMEWORKS[key].title)
    for which, titles in not_known.items():
        yield f"lstmdiag does not know how {listed(titles)} would store {which}, and does not count it."
    by_hand = [each.title for key, each in FRAMEWORKS.items() if _by_hand(layer, key)]
    if by_hand:
        yield f"{listed(by_hand)} {_have(by_hand)} no layer {kind}: counted as its other recurrent layers."


def _by_hand(layer: Layer, framework: str) -> bool:
    """Whether the framework has no such layer, but a convention for its weights."""
    row = packing(layer, framework)
    return row is not None and bool(row.arrays) and row.lacking


def _have(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _buffers(model: Model) -> list[str]:
    """What a framework keeps without counting it."""
    notes = []
    for framework, described in FRAMEWORKS.items():
        for layer in model.layers:
            kept = [array for array in arrays(layer, framework) or () if array.array.buffer]
            fewer = added(array.terms for array in kept)
            if kept:
                n, title = f"{evaluate(fewer, layer.maths.sizes):,}", described.title
                names = listed([array.name for array in kept])
                notes.append(
                    f"{title} counts no buffers, {names}: {terms.count(fewer).text} = {n} fewer in {layer.name}."
                )
    return notes


def _weights(model: Model) -> Table:
    """One row per mathematical weight, (out, in)."""
    rows: list[Row] = []
    for layer in model.layers:
        ways = () if layer.shared else running(layer)
        for each in ways:
            held = [_times_held(each, framework) for framework in FRAMEWORKS]
            for weight in each.weights:
                own: Terms = {weight.dims: 1}
                counts = [None if times is None else times[weight.name] * weight.count for times in held]
                tensor = formulas.symbol(each.cell, weight.name) if each.cell else weight.name
                derived = (terms.count(own), terms.substitution(own, each.sizes), weight.count)
                name = each.name if len(ways) > 1 else layer.name
                rows.append((name, tensor, weight.shape, *derived, *counts))
    return Table(
        "params.weights",
        of_model(model, "Every weight, by gate"),
        (
            Column("layer", "Layer", "code"),
            Column("tensor", "Tensor", "formula"),
            Column("shape", "Shape (out, in)", "shape"),
            *_DERIVATION,
            *FRAMEWORK_COLUMNS,
        ),
        tuple(rows),
        total=("all layers", "", "", "", "", model.params, *(total(model, f) for f in FRAMEWORKS)),
    )


def _times_held(layer: Layer, framework: str) -> Counter[str] | None:
    """How often a framework stores each weight, by name: a bias can stand there twice."""
    stored = arrays(layer, framework)
    if stored is None:
        return None
    counted = [array.array for array in stored if not array.array.buffer]
    return Counter(name for array in counted for name in (*array.blocks, *array.second))


def _arrays(model: Model) -> Table:
    """The same weights as each framework packs them."""
    rows: list[Row] = []
    for layer in model.layers:
        for framework, described in FRAMEWORKS.items():
            for array in arrays(layer, framework) or ():
                derived = (array_formula(array), terms.substitution(array.terms, layer.maths.sizes), array.count)
                rows.append((layer.name, described.title, array.name, array.shape, _order(array.array), *derived))
    return Table(
        "params.arrays",
        of_model(model, "The arrays that frameworks store"),
        (
            Column("layer", "Layer", "code"),
            Column("framework", "Framework"),
            Column("array", "Array", "code"),
            Column("shape", "Shape", "shape"),
            Column("order", "Holds, in this order"),
            *_DERIVATION,
        ),
        tuple(rows),
    )


@lru_cache(maxsize=256)
def _order(array: Array) -> str:
    """`b: i, o, f, g; second b: i, o, f, g`: the blocks, gate by gate."""
    held = [part for blocks, second in array.by_way for part in (("", blocks), ("second ", second))]
    turned = " (transposed)" if array.transposed else ""
    return "; ".join(which + said for which, blocks in held for said in _gates(blocks)) + turned


def _gates(blocks: tuple[str, ...]) -> list[str]:
    """`W: i, f, g, o`, of each direction by itself; names that are no letter for a gate as they are."""
    found: dict[tuple[str, str], list[str]] = {}
    for block in blocks:
        way, _, name = block.rpartition(".")
        letter, _, gate = name.partition("_") if len(name.partition("_")[0]) == 1 else (name, "", "")
        found.setdefault((way, letter), []).append(gate)
    return [
        f"{way} {letter}{': ' if all(gates) else ''}{', '.join(filter(None, gates))}".strip()
        for (way, letter), gates in found.items()
    ]
