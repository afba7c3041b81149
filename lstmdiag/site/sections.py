"""The sections of a page that are about the whole model. Every number is read from the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from lstmdiag.layers import KINDS
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site import calls
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.words import code, counted, number, quantity, symbol, text
from lstmdiag.views.words import listed

BREATH = 60  # words that the model has to be told in


def head(model: Model) -> list[str]:
    """Title, summary, what it is made of, and the calls that make it."""
    source = model.inputs[0].shape if model.inputs else ()
    chips = [f"<span>{code(layer.call)}</span>" for layer in model.layers]
    if len(source) == 2:
        chips += [f"<span>T&#8239;=&#8239;{number(source[0])}</span>", f"<span>F&#8239;=&#8239;{number(source[1])}</span>"]
    chips.append(f"<span>{counted(model.params, 'parameter')}</span>")
    return [
        f"# {text(model.title)}",
        placeholder(spec=model.name, summary=""),
        f'<p class="ld-chips">{" ".join(chips)}</p>',
        _tabs({"Keras": calls.keras(model), "PyTorch": calls.torch(model)}),
        _vocabulary(model),
    ]


def _tabs(sources: Mapping[str, str]) -> str:
    blocks = []
    for label, source in sources.items():
        lines = ["``` python", *source.splitlines(), "```"]
        blocks.append(f'=== "{label}"\n\n' + "\n".join(f"    {line}".rstrip() for line in lines))
    return "\n\n".join(blocks)


def _vocabulary(model: Model) -> str:
    """The fixed words, with this model's numbers."""
    if not model.recurrent:
        return ""
    layer = model.recurrent[0]
    cell = layer.cell
    assert cell is not None
    values = listed([quantity(cell, name, "") for name in cell.equations])
    states = listed([quantity(cell, name) for name in cell.state])
    gates = [g for g in cell.gates() if cell.roles[g] in ("gate.keep", "gate.write", "gate.read")]
    content = [g for g in cell.gates() if cell.roles[g] == "gate.content"]
    words = {
        "unit": f"one coordinate {symbol('j', at='')} of {values}: a neuron, one number of each. {code(layer.name)} has {number(layer.units)}.",
        "layer": f"units that share one set of weights; what {code(layer.call)} makes.",
        "step": f"one tick {symbol('t', at='')} of time. <em>Column</em> is a step in the unrolled picture.",
        "cell": "the layer's function of one step, from an input and the last state to the next state. Never one unit and never one "
        "column. (Older papers call a single number of c a memory cell.)",
        "state": f"what crosses from one step to the next: {states}.",
    }
    if gates:
        words["gate"] = (
            f"a vector of valves, one per unit: {listed([quantity(cell, g) for g in gates])}."
            + (f" {listed([quantity(cell, c) for c in content])} is what gets written, the content, not a gate." if content else "")
        )
    rows = "".join(f"<dt>{word}</dt><dd>{meaning}</dd>" for word, meaning in words.items())
    return f'<details class="ld-words" data-search-exclude="1"><summary>Words used on this page</summary><dl>{rows}</dl></details>'


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
            names = listed([code(layer.name) for layer in run])
            yield f"{names} turn {number(run[0].features)} numbers into {listed([number(layer.units) for layer in run])}."
        else:
            yield from (_one(layer) for layer in run if layer.params or layer.input != layer.output)


def _one(layer: Layer) -> str:
    name = code(layer.name)
    if layer.recurrent:
        steps = layer.input[0]
        runs = "runs once per step" if steps is None or steps > 1 else "runs once"
        hands = (
            f"h of every step, {number(steps)} × {number(layer.units)} numbers"
            if layer.returns_sequences
            else f"its last h, {counted(layer.units, 'number')}"
        )
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
        f"A batch of {symbol('N', at='')} samples puts {symbol('N', at='')} in front of every shape. "
        + (
            "No equation of a recurrent layer has a term from another sample, so the rows of a batch never interact; "
            "they share the weights and nothing else."
            if model.recurrent
            else ""
        ),
    ]


def through_time(model: Model) -> list[str]:
    if not model.recurrent:
        return []
    facts = [
        "The columns are one layer drawn once per step, not several layers: only the state is handed on.",
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
            return f"{code(first.name)} runs once: with a single step nothing recurs, and nothing reads the state it leaves."
        often = "once per step, however many come" if steps is None else f"{counted(steps, 'time')}, once per step"
        return f"{code(first.name)} runs {often}, with the same {weights} each time."
    told = [f"{code(layer.name)} {_times(layer.input[0])}" for layer in layers]
    counts = [number(layer.params) for layer in layers]
    return f"Once per step: {listed(told)}, each with one set of weights for all its steps ({listed(counts)} parameters)."


def _times(steps: int | None) -> str:
    return "as often as steps come" if steps is None else counted(steps, "time")


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
    each = " each" if len(layer.cell.state) > 1 or len(group) > 1 else ""
    return f"Before the first step {states} of {names} hold {counted(layer.units, 'zero')}{each}, since none are given."


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
        return f"{code(layer.name)} returns {quantity(cell, out)} of every step.{rest}"
    last = "T" if steps is None else number(steps)
    unused = f"{quantity(cell, out, '1')} is" if steps == 2 else "the earlier ones are"
    thrown = f"; {unused} computed, read by the next step, and not returned" if steps != 1 else ""
    return f"{code(layer.name)} returns {quantity(cell, out, last)} ({counted(layer.units, 'number')}){thrown}.{rest}"


def _order(model: Model) -> str:
    """Whether a layer must finish before the next one starts."""
    for lower, upper in zip(model.recurrent, model.recurrent[1:], strict=False):
        if lower.returns_sequences and upper.inputs == (lower.name,):
            names = code(lower.name), code(upper.name)
            return (
                f"A step of {names[1]} needs the same step of {names[0]} and its own step before, nothing else: whether {names[0]} "
                f"finishes first or both advance side by side, the numbers are the same."
            )
    return ""


def all_parameters(model: Model) -> list[str]:
    return [
        "## How is every parameter counted? {#params}",
        f"The model has {counted(model.params, 'parameter')}: {_sum(model)}.",
        placeholder(spec=model.name, table="params"),
        '<details class="ld-more"><summary>What one pass costs</summary>',
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
    note = f"{listed([code(kind) for kind in own])} is declared in this spec and known to no framework by that name." if own else ""
    return [
        "## The same thing elsewhere {#elsewhere}",
        f"What this page calls units, {counted(model.recurrent[0].units, 'unit')} in {code(model.recurrent[0].name)}, has other names elsewhere."
        if model.recurrent
        else "The same things have other names elsewhere.",
        note,
        placeholder(spec=model.name, table="dictionary"),
        "This page is made from this spec, and from nothing else:",
        placeholder(spec=model.name, source=""),
    ]


OPENING: tuple[Callable[[Model], list[str]], ...] = (in_one_breath, shapes, through_time)
"""Before the insides of the recurrent layers."""

CLOSING: tuple[Callable[[Model], list[str]], ...] = (all_parameters, returns, elsewhere)
"""After them."""
