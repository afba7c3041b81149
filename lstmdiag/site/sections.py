"""The sections of a page that are about the whole model. Every number is read from the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from lstmdiag.layers import KINDS
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site import calls
from lstmdiag.site.outline import INSIDE_VIEWS, equal_layers, suffixes
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.words import code, counted, number, quantity, symbol, text
from lstmdiag.views.words import listed

BREATH = 60  # words that the model has to be told in


def head(model: Model, *, tabs: bool) -> list[str]:
    """Title, summary, what it is made of, and the calls that make it."""
    source = model.inputs[0].shape if model.inputs else ()
    chips = [f"<span>{code(layer.call)}</span>" for layer in model.layers]
    if len(source) == 2:
        chips += [
            f"<span>T&#8239;=&#8239;{number(source[0])}</span>",
            f"<span>F&#8239;=&#8239;{number(source[1])}</span>",
        ]
    chips.append(f"<span>{counted(model.params, 'parameter')}</span>")
    return [
        f"# {text(model.title)}",
        placeholder(spec=model.name, summary=""),
        _contents(model),
        f'<p class="ld-chips">{" ".join(chips)}</p>',
        (_tabs if tabs else _blocks)({"Keras": calls.keras(model), "PyTorch": calls.torch(model)}),
        '<details class="ld-words" markdown="1"><summary>Words used on this page</summary>',
        placeholder(spec=model.name, table="dictionary", part="first"),
        "</details>",
    ]


_STATIONS = {"model": "Model", "shapes": "Shapes", "time": "Time", "layer": "Layer", "unit": "Unit", "cell": "Vectors",
             "weights": "Weights", "params": "Counts", "returns": "Returns", "elsewhere": "Elsewhere"}  # fmt: skip
"""Anchor → what the strip of contents calls it."""

_RECURRENT = ("time", *INSIDE_VIEWS)


def _contents(model: Model) -> str:
    """A strip of links that stays in sight; layers beyond the first kind have one link each."""
    links = [(anchor, label) for anchor, label in _STATIONS.items() if model.recurrent or anchor not in _RECURRENT]
    others = [(f"layer{suffixes(model)[group[0].name]}", text(group[0].name)) for group in equal_layers(model)[1:]]
    at = next((place for place, (anchor, _) in enumerate(links) if anchor == "params"), len(links))
    links[at:at] = others
    written = " ".join(f'<a href="#{anchor}">{label}</a>' for anchor, label in links)
    return f'<nav class="ld-contents" aria-label="On this page" data-search-exclude="1">{written}</nav>'


def _blocks(sources: Mapping[str, str]) -> str:
    return "\n\n".join(f"In {label}:\n\n``` python\n{source}\n```" for label, source in sources.items())


def _tabs(sources: Mapping[str, str]) -> str:
    """As pymdownx.tabbed reads them."""
    blocks = []
    for label, source in sources.items():
        lines = ["``` python", *source.splitlines(), "```"]
        blocks.append(f'=== "{label}"\n\n' + "\n".join(f"    {line}".rstrip() for line in lines))
    return "\n\n".join(blocks)


def in_one_breath(model: Model) -> list[str]:
    return ["## In one breath {#model}", " ".join(breath(model)), placeholder(spec=model.name, view="model")]


def breath(model: Model) -> list[str]:
    """The model in a few sentences of together at most BREATH words: the middle of a long one is left out."""
    sentences = [_opening(model), *_told(model.layers)]
    closing = f"In all {counted(model.params, 'parameter')}."
    left_out = 0
    while sum(len(s.split()) for s in (*sentences, closing)) > BREATH - (4 if left_out else 0) and len(sentences) > 2:
        sentences.pop(len(sentences) // 2 + (len(sentences) > 2))
        left_out += 1
    if left_out:
        sentences.insert(len(sentences) // 2 + 1, "More layers follow.")
    return [*sentences, closing]


def _opening(model: Model) -> str:
    source = model.inputs[0].shape if model.inputs else ()
    if len(source) == 2:
        return f"Each sample is {counted(source[0], 'step')} of {counted(source[1], 'number')}."
    return f"Each sample has the shape {show_shape(source)}."


def _told(layers: tuple[Layer, ...]) -> Iterator[str]:
    for kind, group in groupby(layers, key=lambda layer: layer.kind):
        run = list(group)
        if kind == "Dense" and len(run) > 1:
            names, sizes = listed([code(layer.name) for layer in run]), listed([number(layer.units) for layer in run])
            each = "each step's " if len(run[0].input) > 1 else ""
            yield f"{names} turn {each}{counted(run[0].features, 'number')} into {sizes}."
        else:
            yield from (_one(layer) for layer in run if layer.params or layer.input != layer.output)


def _one(layer: Layer) -> str:
    name = code(layer.name)
    if layer.recurrent:
        steps = layer.input[0]
        runs = "runs once per step" if steps is None or steps > 1 else "runs once"
        out, size = layer.cell.output if layer.cell else "h", counted(layer.units, "number")
        hands = f"{out} of every step, {size} each" if layer.returns_sequences else f"its last {out}, {size}"
        return f"{name} {runs} with {counted(layer.units, 'unit')} and hands on {hands}."
    if layer.kind == "RepeatVector":
        return f"{name} copies those {counted(layer.options.n, 'time')}."
    return f"{name} turns {show_shape(layer.input)} into {show_shape(layer.output)}."


def shapes(model: Model) -> list[str]:
    source = model.inputs[0].shape if model.inputs else ()
    result = model.layers[-1].output if model.layers else source
    return [
        "## What shapes go in and come out? {#shapes}",
        f"{show_shape(source)} goes in and {show_shape(result)} comes out, per sample.",
        placeholder(spec=model.name, table="shapes"),
        f"A batch holds {symbol('N', at='')} samples. {_SEPARATE}" if model.recurrent else "",
    ]


_SEPARATE = (
    "No equation of a recurrent layer has a term from another sample, so the rows of a batch never interact; "
    "they share the weights and nothing else."
)


def through_time(model: Model) -> list[str]:
    if not model.recurrent:
        return []
    facts = [
        "In each row the columns are one layer drawn once per step, not several layers: only the state is handed on.",
        f"{symbol('T', at='')}, the number of steps, is in no formula for the parameters.",
        *_starts(model.recurrent),
        *(_leaves(layer) for layer in model.recurrent),
        _order(model),
    ]
    return [
        "## What happens through time? {#time}",
        _runs(model.recurrent),
        placeholder(spec=model.name, view="time"),
        "\n".join(f"- {fact}" for fact in facts if fact),
    ]


def _runs(layers: tuple[Layer, ...]) -> str:
    """Who runs how often, and that one set of weights serves every time."""
    first = layers[0]
    steps, weights = first.input[0], counted(first.params, "parameter")
    if len(layers) == 1:
        if steps == 1:
            return f"{code(first.name)} runs once: with a single step nothing recurs, and nothing reads the state."
        often = "once per step, however many come" if steps is None else f"{counted(steps, 'time')}, once per step"
        return f"{code(first.name)} runs {often}, with the same {weights} each time."
    counts = [number(layer.params) for layer in layers]
    if steps is None:
        names = listed([code(layer.name) for layer in layers])
        return (
            f"{names} run once per step, however many come, each with one set of weights ({listed(counts)} parameters)."
        )
    told = [f"{code(layer.name)} {counted(layer.input[0], 'time')}" for layer in layers]
    return (
        f"Once per step: {listed(told)}, each with one set of weights for all its steps ({listed(counts)} parameters)."
    )


def _starts(layers: tuple[Layer, ...]) -> list[str]:
    """What the state is before the first step; layers with the same said together."""
    groups: dict[tuple[object, ...], list[Layer]] = {}
    for layer in layers:
        assert layer.cell is not None
        groups.setdefault((layer.options.stateful, tuple(layer.cell.state), layer.units), []).append(layer)
    return [_start(group) for group in groups.values()]


def _start(group: list[Layer]) -> str:
    layer, names = group[0], listed([code(layer.name) for layer in group])
    assert layer.cell is not None
    states = listed([quantity(layer.cell, state, "0") for state in layer.cell.state])
    if layer.options.stateful:
        goes_on = "after it, row i goes on where row i of the batch before ended"
        return f"{states} of {names} are zeros in the first batch; {goes_on} (stateful)."
    hold, each = ("hold", " each") if len(layer.cell.state) > 1 or len(group) > 1 else ("holds", "")
    return (
        f"Before the first step {states} of {names} {hold} {counted(layer.units, 'zero')}{each}, since none are given."
    )


def _leaves(layer: Layer) -> str:
    """What the layer returns, and what is computed and thrown away."""
    cell, steps = layer.cell, layer.input[0]
    assert cell is not None
    out, private = cell.output, [state for state in cell.state if state != cell.output]
    if layer.options.return_state:
        rest = f" The final {listed([quantity(cell, state, 'T') for state in cell.state])} are returned as well."
    else:
        rest = f" {listed([quantity(cell, state) for state in private])} never leaves the layer." if private else ""
    if layer.returns_sequences:
        order = ", the last step of the sequence first" if layer.options.go_backwards else ""
        return f"{code(layer.name)} returns {quantity(cell, out)} of every step{order}.{rest}"
    last = quantity(cell, out, "T" if steps is None else number(steps))
    if layer.options.go_backwards:
        last = f"{quantity(cell, out)} of the last step it reads, which is the first of the sequence"
    unused = f"{quantity(cell, out, '1')} is" if steps == 2 else "the earlier ones are"
    thrown = f"; {unused} computed, read by the next step, and not returned" if steps != 1 else ""
    return f"{code(layer.name)} returns {last} ({counted(layer.units, 'number')}){thrown}.{rest}"


def _order(model: Model) -> str:
    """Whether a layer must finish before the next one starts."""
    for lower, upper in zip(model.recurrent, model.recurrent[1:], strict=False):
        if lower.returns_sequences and upper.inputs == (lower.name,):
            below, above = code(lower.name), code(upper.name)
            return (
                f"A step of {above} needs the same step of {below} and its own step before, nothing else: whether "
                f"{below} finishes first or both advance side by side, the numbers are the same."
            )
    return ""


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


def returns(model: Model) -> list[str]:
    if not model.layers:
        return []
    result = model.layers[-1]
    return [
        "## What comes back, and what persists? {#returns}",
        f"A call returns {show_shape(result.output)} per sample, the output of {code(result.name)}.",
        placeholder(spec=model.name, table="returns"),
    ]


def elsewhere(model: Model) -> list[str]:
    kinds = {layer.maths.kind for layer in model.layers}
    own = sorted(kinds - set(KINDS))
    note = (
        f"{listed([code(kind) for kind in own])} is declared in this spec and known to no framework by that name."
        if own
        else ""
    )
    first = model.recurrent[0] if model.recurrent else None
    units = f"What this page calls units, {number(first.units)} in {code(first.name)}," if first else "The same thing"
    return [
        "## The same thing elsewhere {#elsewhere}",
        f"{units} has other names elsewhere.",
        note,
        placeholder(spec=model.name, table="dictionary", part="rest"),
        "This page is made from this spec, and from nothing else:",
        placeholder(spec=model.name, source=""),
    ]


OPENING: tuple[Callable[[Model], list[str]], ...] = (in_one_breath, shapes, through_time)
"""Before the insides of the recurrent layers."""

CLOSING: tuple[Callable[[Model], list[str]], ...] = (all_parameters, returns, elsewhere)
"""After them."""
