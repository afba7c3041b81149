"""The sections of a page that are about the whole model. Every number is read from the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from lstmdiag.drawing import views_of
from lstmdiag.english import counted, listed, number
from lstmdiag.frameworks import FRAMEWORKS, source_text
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.site import tags
from lstmdiag.site.breath import breath
from lstmdiag.site.outline import equal_layers, on_page, suffixes
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.through import through_time
from lstmdiag.site.words import code, code_block, symbol, text
from lstmdiag.views import VIEWS, View


def head(model: Model, *, tabs: bool) -> list[str]:
    """Title, summary, what it is made of, and the calls that make it."""
    chips = [
        f"<span>{code(call)}</span>" if times == 1 else f"<span>{number(times)} × {code(call)}</span>"
        for call, times in _runs(layer.call for layer in model.layers if not layer.shared)
    ]
    several = len(model.inputs) > 1
    for source in model.inputs:
        name = f"{code(source.name)} " if several else ""
        if model.has_time(source):
            chips.append(f"<span>{name}T&#8239;=&#8239;{number(source.shape[0])}</span>")
            name = ""
        if len(source.shape) == 1 + model.has_time(source):
            chips.append(f"<span>{name}F&#8239;=&#8239;{number(source.shape[-1])}</span>")
    chips.append(f"<span>{counted(model.params, 'parameter')}</span>")
    return [
        f"# {text(model.title)}",
        placeholder(spec=model.name, summary=""),
        _contents(model),
        f'<p class="ld-chips">{" ".join(chips)}</p>',
        tags.chips(tags.tags(model)),
        (_tabs if tabs else _blocks)(_sources(model)),
        '<details class="ld-words" markdown="1"><summary>Words used on this page</summary>',
        placeholder(spec=model.name, table="dictionary", part="first"),
        "</details>",
    ]


def _runs(calls: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Equal ones in a row, counted."""
    return ((call, len(list(run))) for call, run in groupby(calls))


def _contents(model: Model) -> str:
    """A strip of links that stays in sight; layers beyond the first kind have one link each."""
    about, inside = ([view.name for view in on_page(model, part)] for part in ("model", "layer"))
    others = [(f"layer{suffixes(model)[group[0].name]}", text(group[0].top)) for group in equal_layers(model)[1:]]
    links = [*_stations(model, (*OPENING, *about, *inside)), *others, *_stations(model, CLOSING)]
    written = " ".join(f'<a href="#{anchor}">{label}</a>' for anchor, label in links)
    return f'<nav class="ld-contents" aria-label="On this page" data-search-exclude="1">{written}</nav>'


def _stations(model: Model, anchors: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(anchor, what links to it are called) of those sections that this page has."""
    for anchor in dict.fromkeys(anchors):
        view = VIEWS.get(anchor)
        label = view.label if view else _LABELS[anchor]
        shown = anchor in views_of(model) if view else anchor != "run" or model.recurrent
        if label and shown:
            yield anchor, label


def _sources(model: Model) -> dict[str, str]:
    """Source text of the model, by the titles of the frameworks in which lstmdiag writes it."""
    sources = {framework.title: source_text(model, key) for key, framework in FRAMEWORKS.items()}
    return {title: written for title, written in sources.items() if written is not None}


def _blocks(sources: Mapping[str, str]) -> str:
    return "\n\n".join(f"In {label}:\n\n{code_block(source, 'python')}" for label, source in sources.items())


def _tabs(sources: Mapping[str, str]) -> str:
    """As pymdownx.tabbed reads them."""
    blocks = []
    for label, source in sources.items():
        lines = code_block(source, "python").splitlines()
        blocks.append(f'=== "{label}"\n\n' + "\n".join(f"    {line}".rstrip() for line in lines))
    return "\n\n".join(blocks)


def in_one_breath(model: Model) -> list[str]:
    return ["## In one breath {#model}", " ".join(breath(model)), placeholder(spec=model.name, view="model")]


def shapes(model: Model) -> list[str]:
    given = listed([show_shape(source.shape) for source in model.inputs])
    result = listed([show_shape(model.shape(reference)) for reference in model.outputs])
    go, come = "goes" if len(model.inputs) == 1 else "go", "comes" if len(model.outputs) == 1 else "come"
    return [
        "## What shapes go in and come out? {#shapes}",
        f"{given} {go} in and {result} {come} out, per sample.",
        placeholder(spec=model.name, table="shapes"),
        f"A batch holds {symbol('N', at='')} samples. {_SEPARATE}" if model.recurrent else "",
    ]


_SEPARATE = (
    "No equation of a recurrent layer has a term from another sample, so the rows of a batch never interact; "
    "they share the weights and nothing else."
)


def all_parameters(model: Model) -> list[str]:
    return [
        "## How is every parameter counted? {#params}",
        f"The model has {counted(model.params, 'parameter')}: {_sum(model)}.",
        placeholder(spec=model.name, table="params"),
        '<details class="ld-costs" markdown="1"><summary>What one pass costs</summary>',
        placeholder(spec=model.name, table="cost"),
        "</details>",
    ]


def _sum(model: Model) -> str:
    counts = [layer.params for layer in model.layers if layer.params]
    if len(counts) < 2:
        return "all of them in one layer" if counts else "no layer has any"
    return " + ".join(map(number, counts)) + f" = {number(model.params)}"


def numbers(model: Model) -> list[str]:
    """One pass through the model; what it computes stands in site/walk.py."""
    if not model.recurrent:
        return []
    about = (  # what a search finds: the numbers themselves are hidden from it
        "One forward pass: what goes in and what comes out, one unit worked out term by term, all units as heat maps, "
        "which gates are saturated."
    )
    return ["## What happens to the numbers? {#run}", about, placeholder(spec=model.name, walk="")]


def returns(model: Model) -> list[str]:
    if not model.layers:
        return []
    sample = " per sample" if len(model.outputs) == 1 else ""
    parts = [f"{show_shape(model.shape(each))}{sample}, {_named(model, each)}" for each in model.outputs]
    return [
        "## What comes back, and what persists? {#returns}",
        f"A call returns {listed(parts)}{'; all of it per sample' if len(parts) > 1 else ''}.",
        placeholder(spec=model.name, table="returns"),
    ]


def _named(model: Model, reference: str) -> str:
    """the output of dense; the final c of encoder; the forward output of b"""
    owner, part = model.owner(reference)
    if not part or not isinstance(owner, Layer):
        return f"the output of {code(owner.name)}"
    what = f"final {part.replace('.', ' ')}" if part in owner.states else f"{part} output"
    return f"the {what} of {code(owner.name)}"


def elsewhere(model: Model) -> list[str]:
    kinds = {layer.maths.kind for layer in model.layers}
    own = sorted(kinds - set(KINDS))
    note = (
        f"{listed([code(kind) for kind in own])} is declared in this spec and known to no framework by that name."
        if own
        else ""
    )
    first = model.recurrent[0] if model.recurrent else None
    units = f"What this page calls units ({number(first.units)} in {code(first.top)})" if first else "The same thing"
    return [
        "## The same thing elsewhere {#elsewhere}",
        f"{units} has other names elsewhere.",
        note,
        placeholder(spec=model.name, table="dictionary", part="rest"),
        "This page is made from this spec, and from nothing else:",
        placeholder(spec=model.name, source=""),
    ]


def opening(model: Model) -> list[list[str]]:
    """The sections before the insides of layers; a view that no text was written for has its question above it."""
    plain = [view for view in on_page(model, "model") if view.name not in OPENING]
    return [section(model) for section in OPENING.values()] + [_plain(model, view) for view in plain]


def _plain(model: Model, view: View) -> list[str]:
    return [f"## {view.asked} {{#{view.name}}}", placeholder(spec=model.name, view=view.name)]


OPENING: Mapping[str, Callable[[Model], list[str]]] = {"model": in_one_breath, "shapes": shapes, "time": through_time}
"""Anchor → the section before the insides of the recurrent layers; those of views are called as the views are."""

CLOSING: Mapping[str, Callable[[Model], list[str]]] = {
    "params": all_parameters, "run": numbers, "returns": returns, "elsewhere": elsewhere,
}  # fmt: skip
"""After them."""

_LABELS = {"shapes": "Shapes", "params": "Counts", "run": "Numbers", "returns": "Returns", "elsewhere": "Elsewhere"}
"""Anchor → what links to it are called, where it is no view's."""
