"""How many parameters, and why: every number derived, and reconciled between the frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lstmdiag.cells import terms
from lstmdiag.cells.counts import Terms, evaluate, per_unit, tally
from lstmdiag.english import amount
from lstmdiag.frameworks import FRAMEWORKS, arrays, count, lacks, row_of, total, unknown_kind
from lstmdiag.frameworks import terms as framework_terms
from lstmdiag.frameworks.storage import added
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.tables import Table
from lstmdiag.views.tables.layers import derived, recurrent, row, weight_terms
from lstmdiag.views.tables.rows import Row, table
from lstmdiag.views.tables.weights import COUNTS, DERIVATION, LAYER, WORDS, stored, weights


def build(model: Model) -> Table:
    totals = {key: total(model, key) for key in FRAMEWORKS}
    steps = [amount(each) for each in dict.fromkeys(layer.input[0] for layer in recurrent(model))]
    return table(
        WORDS,
        "params",
        model,
        (LAYER, "part", *DERIVATION, *COUNTS),
        _rows(model, steps),
        _facts(model, steps),
        total={"layer": WORDS.say("all_layers"), "count": model.params, **totals},
        parts=(weights(model), stored(model)),
        data={
            "layers": [row(layer) for layer in model.layers],
            "total": model.params,
            "trainable": model.params - model.frozen_params,
            "non_trainable": model.frozen_params,
            "frameworks": totals,
        },
    )


def _rows(model: Model, steps: list[str]) -> Iterator[Row]:
    for layer in model.layers:
        yield from ({"layer": layer.name, **cells} for cells in _rows_of(layer))
    if steps:
        yield {"layer": "T", "part": WORDS.say("all_steps", steps=steps), "formula": WORDS.say("not_used")}


def _rows_of(layer: Layer) -> Iterator[Row]:
    """The layer; under it, where that has a meaning, one direction, one of its units, what training leaves alone."""
    counts = {key: count(layer, key) for key in FRAMEWORKS}
    if layer.shared:
        part = WORDS.say("shared", layer)
        yield {"part": part, "formula": WORDS.say("none_of_its_own"), "count": 0, **counts}
        return
    if not layer.weights:
        yield {"part": layer.call, "formula": WORDS.say("no_weights"), "count": 0, **counts}
        return
    directions = layer.directions
    yield {"part": layer.call, **_counted(layer)}
    if len(directions) > 1:
        yield {"part": WORDS.say("direction", number=len(directions)), **_counted(directions[0])}
    if layer.recurrent and per_unit(weight_terms(directions[0])) is not None:
        yield {"part": WORDS.say("unit", number=layer.innermost.units), **_counted(directions[0], per_unit)}
    if 0 < layer.frozen_params < layer.params:
        frozen = [weight for weight in layer.weights if not weight.trainable]
        part = WORDS.say("not_trained", names=[weight.name for weight in frozen])
        yield {"part": part, **derived(tally(weight.dims for weight in frozen), layer.innermost.sizes)}


def _counted(layer: Layer, share: Callable[[Terms], Terms | None] = lambda products: products) -> Row:
    """The count of a layer, or of a share of it, with each framework's."""
    sizes = layer.innermost.sizes
    stored = {key: products and share(products) for key in FRAMEWORKS for products in [framework_terms(layer, key)]}
    counts = {key: None if products is None else evaluate(products, sizes) for key, products in stored.items()}
    return {**derived(share(weight_terms(layer)) or {}, sizes), **counts}


def _facts(model: Model, steps: list[str]) -> dict[str, object]:
    """What the notes need: why a framework counts otherwise, or not at all."""
    own = [layer for layer in model.layers if layer.own_weights]
    kinds = {(layer.kind, layer.innermost.kind): layer for layer in reversed(own)}.values()
    return {
        "second_biases": _second_biases(model),
        "buffers": [note for key in FRAMEWORKS for layer in model.layers for note in _buffers(layer, key)],
        "lacking": [note for key in FRAMEWORKS for note in _lacking(model, key)],
        **_uncounted(list(kinds)[::-1]),
        "trained": model.params - model.frozen_params,
        "steps": steps,
    }


def _second_biases(model: Model) -> list[dict[str, object]]:
    """Second biases that frameworks store, those of frameworks that store the same together."""
    groups: dict[tuple[tuple[str, int, str], ...], list[str]] = {}
    for key, framework in FRAMEWORKS.items():
        if more := tuple(each for layer in model.layers for each in _second_bias(layer, key)):
            groups.setdefault(more, []).append(framework.title)
    words = WORDS.group("params")
    return [
        {
            "frameworks": titles,
            "more": [words.say("more", layer=layer, count=number, formula=formula) for layer, number, formula in more],
            "in_several": len(more) > 1,
            "in_all": sum(number for _, number, _ in more),
        }
        for more, titles in groups.items()
    ]


def _second_bias(layer: Layer, framework: str) -> Iterator[tuple[str, int, str]]:
    """(layer's name, how many numbers, the same as a formula)."""
    weights = {weight.name: weight for weight in layer.weights}
    stored = arrays(layer, framework) or ()
    if more := tally(weights[name].dims for array in stored for name in array.layout.second):
        yield layer.name, evaluate(more, layer.innermost.sizes), terms.count(more).text.replace(" ", "\u00a0")


def _buffers(layer: Layer, framework: str) -> Iterator[dict[str, object]]:
    """What a framework keeps without counting it."""
    if kept := [array for array in arrays(layer, framework) or () if array.layout.buffer]:
        fewer = added(array.terms for array in kept)
        yield {
            "framework": FRAMEWORKS[framework].title,
            "names": [array.name for array in kept],
            "formula": terms.count(fewer).text,
            "count": evaluate(fewer, layer.innermost.sizes),
            "layer": layer.name,
        }


def _lacking(model: Model, framework: str) -> list[dict[str, object]]:
    """What layers have here and cannot have in a framework."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for layer in model.layers:
        for option, value in lacks(layer, framework):
            row = FRAMEWORKS[framework].rows[layer.innermost.kind]
            call = row.call if "." in row.call else f"{FRAMEWORKS[framework].title}: {row.call}"
            groups.setdefault((call, option, value), []).append(layer.name)
    return [
        {"call": call, "option": option, "value": value, "is_function": "=" not in value, "names": names}
        for (call, option, value), names in groups.items()
    ]


def _uncounted(layers: Iterable[Layer]) -> dict[str, object]:
    """Kinds that frameworks do not count, or count by another layer's convention, by the reason."""
    titles: dict[tuple[str, str], dict[str, None]] = {}
    for layer in (layer for layer in layers if layer.innermost.kind in KINDS):
        kind = layer.innermost.kind
        for key, framework in FRAMEWORKS.items():
            stored, row = arrays(layer, key), row_of(layer, key)
            if row and row.lacking:
                titles.setdefault(("by_hand" if stored else "without", kind), {})[framework.title] = None
            elif stored is None:
                titles.setdefault(("not_known", unknown_kind(layer, key) or kind), {})[framework.title] = None
    by_reason: dict[str, object] = {
        reason: [{"kind": kind, "frameworks": [*names]} for (each, kind), names in titles.items() if each == reason]
        for reason in ("without", "not_known", "by_hand")
    }
    custom = dict.fromkeys(layer.innermost.kind for layer in layers if layer.innermost.kind not in KINDS)
    return {"custom": [*custom], **by_reason}
