"""What differs, in words: each rule looks at one model beside the first and says what it finds, from the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lstmdiag.cells import terms
from lstmdiag.cells.cell import Dims
from lstmdiag.cells.counts import evaluate, tally
from lstmdiag.comparing import Compared
from lstmdiag.comparing.alignment import aligned
from lstmdiag.comparing.effects import Effect, effect
from lstmdiag.comparing.facts import blocks, cost, differing_options, shapes, show_option, start, weight_terms
from lstmdiag.english import counted, listed
from lstmdiag.layer import Layer, show_shape
from lstmdiag.model import Model, ModelInput


@dataclass(frozen=True)
class Pair:
    """The first model (`a`) and another one (`b`), by the names they have in the comparison."""

    a: Model
    b: Model
    a_name: str
    b_name: str
    slots: tuple[tuple[Layer | None, Layer | None], ...]

    @property
    def both(self) -> Iterator[tuple[Layer, Layer]]:
        return ((a, b) for a, b in self.slots if a and b)

    def against(self, verb: str, a: str, b: str) -> str:
        """`gru has 3 blocks, lstm 4`."""
        return f"{self.b_name} {verb} {b}, {self.a_name} {a}"


def pairs(compared: Compared) -> list[Pair]:
    first, *others = compared.models
    name, *names = compared.labels
    slots = aligned(compared.models)
    return [
        Pair(first, other, name, other_name, tuple((slot[0], slot[place]) for slot in slots if slot[0] or slot[place]))
        for place, (other, other_name) in enumerate(zip(others, names, strict=True), 1)
    ]


def sentences(compared: Compared) -> list[str]:
    """The most telling first; each once."""
    told = [sentence for pair in pairs(compared) for rule in RULES for sentence in rule(pair)]
    return list(dict.fromkeys(told)) or ["They differ in nothing that is counted or drawn."]


def claim(compared: Compared) -> str:
    """One sentence: the first thing that tells each of the others from the first."""
    first = [next(iter(sentence for rule in RULES for sentence in rule(pair)), "") for pair in pairs(compared)]
    told = [sentence.rstrip(".") for sentence in dict.fromkeys(first) if sentence]
    return "; ".join(told) + "." if told else sentences(compared)[0]


def _kinds(pair: Pair) -> Iterator[str]:
    """Other equations: how many blocks of weights, which states."""
    for a, b in pair.both:
        one, other = a.maths, b.maths
        if one.kind == other.kind or not (one.recurrent and other.recurrent):
            continue
        mine, theirs = blocks(one), blocks(other)
        yield (
            f"{pair.b_name} has {counted(len(theirs), 'block')} of weights ({', '.join(theirs)}) "
            f"where {pair.a_name} has {len(mine):,} ({', '.join(mine)})."
        )
        if list(one.states) != list(other.states):
            yield (
                pair.against("carries", listed(list(one.states)), f"{listed(list(other.states))} from step to step")
                + "."
            )


def _wrappers(pair: Pair) -> Iterator[str]:
    """Read from both ends, or applied at every step, in one of the two."""
    for a, b in pair.both:
        if a.kind == b.kind:
            continue
        for name, layer, other, other_layer in ((pair.b_name, b, pair.a_name, a), (pair.a_name, a, pair.b_name, b)):
            if layer.backward and not other_layer.backward:
                copies, merged = f"two copies of {layer.maths.kind}", layer.options.merge_mode
                together = "side by side" if merged == "concat" else "apart" if merged is None else f"as their {merged}"
                begins = "end" if other_layer.maths.options.go_backwards else "beginning"
                yield (
                    f"{name} reads the sequence from both ends, {other} from its {begins}: {copies}, each with weights "
                    f"of its own, whose outputs are given {together}, {show_shape(layer.output)}."
                )
            elif layer.inner and not layer.recurrent and not other_layer.inner:
                yield f"{name} applies {layer.maths.call} at every step ({layer.kind}), {other} once."


def _options(pair: Pair) -> Iterator[str]:
    """Each option that differs, and what changing it alone does to the first model's layer."""
    for a, b in pair.both:
        wrappers = [(a, b)] if a.inner and a.kind == b.kind else []
        for one, other in [*wrappers, (a.maths, b.maths)]:
            if one.kind != other.kind:
                continue
            for option in differing_options([one, other]):
                found = effect(one, option, other)
                yield f"{_setting(pair, one, other, option)}{_done(one, option, found)}."
                for old, new in found.equations if found else ():
                    yield f"With that {old} becomes {new}."


def _setting(pair: Pair, one: Layer, other: Layer, option: str) -> str:
    mine, theirs = (show_option(getattr(layer.options, option)) for layer in (one, other))
    return f"{option} is {theirs} in {pair.b_name}, {mine} in {pair.a_name}"


def _done(layer: Layer, option: str, found: Effect | None) -> str:
    """`: it adds b_hr, a second bias: 3 × H = 9 parameters more`."""
    if found is None:
        return ""
    told = [*_parameters(layer, found), *_handed_on(layer, found)]
    if told:
        return ": " + "; ".join(told)
    if found.equations:
        return ": other equations, and the same counts"
    what = layer.definition.options.model_fields[option].description or ""
    return f". It changes no shape, no count and no equation: {what[:1].lower()}{what[1:].rstrip('.')}"


def _parameters(layer: Layer, found: Effect) -> Iterator[str]:
    changes = (found.added, "adds", "more", found.sizes), (found.removed, "takes away", "fewer", layer.sizes)
    for names, verb, more, sizes in changes:
        if not names:
            continue
        total = tally(names.values())
        second = "a second bias for each, " if verb == "adds" and found.second_bias else ""
        yield (
            f"that {verb} {listed(list(names))}, {second}"
            f"{terms.count(total).text} = {counted(evaluate(total, sizes), 'parameter')} {more}"
        )

    by_shape: dict[tuple[Dims, Dims], list[str]] = {}
    for name, change in found.reshaped.items():
        by_shape.setdefault(change, []).append(name)
    for (old, new), which in by_shape.items():
        each = f"{terms.count({new: 1}).text} instead of {terms.count({old: 1}).text}"
        yield f"{listed(which)} {'become' if len(which) > 1 else 'becomes'} {each}"


def _handed_on(layer: Layer, found: Effect) -> Iterator[str]:
    old, new = layer.output, found.output
    if len(new) == len(old) + 1 and new[1:] == old:
        yield f"it hands on {_vectors(new[0])} instead of 1, what it gives at every step and not at the last alone"
    elif len(old) == len(new) + 1 and old[1:] == new:
        before = "one for each step" if old[0] is None else f"{old[0]:,}"
        yield f"it hands on 1 vector instead of {before}, the last alone"
    elif old != new:
        yield f"it gives {show_shape(new)} instead of {show_shape(old)}"


def _vectors(steps: int | None) -> str:
    return "a vector for each step" if steps is None else counted(steps, "vector")


def _only_one(pair: Pair) -> Iterator[str]:
    for a, b in pair.slots:
        if a and b:
            continue
        layer, has, lacks = (a, pair.a_name, pair.b_name) if a else (b, pair.b_name, pair.a_name)
        assert layer is not None
        took = " and ".join(map(show_shape, layer.input_shapes))
        with_params = f", with {counted(layer.params, 'parameter')}" if layer.params else ""
        made = f"which makes {show_shape(layer.output)} of {took}{with_params}"
        yield f"{has} has {layer.name}, {layer.call}, {made}; {lacks} has not."


def _starts(pair: Pair) -> Iterator[str]:
    for a, b in pair.both:
        if start(a) and start(b) and start(a) != start(b):
            mine = "from" if a.name == b.name else f"{a.name} from"
            yield f"{b.name} starts from {start(b)} in {pair.b_name}, {mine} {start(a)} in {pair.a_name}."


def _sources(pair: Pair) -> Iterator[str]:
    """Layers that read something else than what answers to it in the other model."""
    answers = {(a.name, b.name) for a, b in pair.both}
    answers |= {(a.name, b.name) for a, b in zip(pair.a.inputs, pair.b.inputs, strict=False)}
    for a, b in pair.both:
        for mine, theirs in zip(a.inputs, b.inputs, strict=False):
            owners: list[ModelInput | Layer] = [pair.a.owner(mine)[0], pair.b.owner(theirs)[0]]
            if (owners[0].name, owners[1].name) not in answers:
                other = "" if a.name == b.name else f"{a.name} reads "
                yield (
                    f"{b.name} reads {theirs}, {show_shape(pair.b.shape(theirs))}, in {pair.b_name}, "
                    f"{other}{mine}, {show_shape(pair.a.shape(mine))}, in {pair.a_name}."
                )


def _inputs(pair: Pair) -> Iterator[str]:
    a, b = pair.a.inputs, pair.b.inputs
    if len(a) != len(b):
        told = [f"{counted(len(s), 'input')}, {listed([f'{x.name} {show_shape(x.shape)}' for x in s])}" for s in (a, b)]
        yield f"{pair.b_name} has {told[1]}; {pair.a_name} has {told[0]}."
        return
    for mine, theirs in zip(a, b, strict=True):
        if mine.shape != theirs.shape:
            yield pair.against("reads", _sample(mine), _sample(theirs)) + "."


def _sample(source: ModelInput) -> str:
    if len(source.shape) != 2 or source.shape[1] is None:
        return show_shape(source.shape)
    return f"{counted(source.shape[0], 'step')} of {counted(source.shape[1], 'feature')}"


def _runs(pair: Pair) -> Iterator[str]:
    for a, b in pair.both:
        if a.recurrent and a.uses != b.uses:
            often = [
                "once for each step" if n is None else "once" if n == 1 else f"{n:,} times" for n in (a.uses, b.uses)
            ]
            yield f"{b.name} runs {often[1]} in {pair.b_name}, {often[0]} in {pair.a_name}."


def _counts(pair: Pair) -> Iterator[str]:
    """The terms that make the difference, layer by layer."""
    for a, b in pair.both:
        if a.params == b.params:
            continue
        mine, theirs = weight_terms(a), weight_terms(b)
        sizes = [dict(layer.maths.sizes) for layer in (a, b)]
        name = " against ".join(dict.fromkeys((b.name, a.name)))
        if sizes[0] == sizes[1]:
            told = [_term(dims, theirs.get(dims, 0), mine.get(dims, 0)) for dims in {**theirs, **mine}
                    if theirs.get(dims, 0) != mine.get(dims, 0)]  # fmt: skip
        else:
            told = [f"{terms.substitution(theirs, sizes[1]).text} against {terms.substitution(mine, sizes[0]).text}"]
            if mine == theirs:
                told = [f"the same {terms.count(mine).text}, {told[0]}"]
        numbers = f"in all {b.params:,} against {a.params:,}, {_more(b.params, a.params)}"
        yield f"Parameters of {name}: {', '.join(told)}; {numbers}."


def _term(dims: tuple[int | str, ...], theirs: int, mine: int) -> str:
    """`3 × H × F against 4 × H × F`."""
    written = [terms.count({dims: times}).text if times else "none" for times in (theirs, mine)]
    return " against ".join(written)


def _more(b: int, a: int) -> str:
    return "the same" if a == b else f"{abs(b - a):,} {'more' if b > a else 'fewer'}"


def _totals(pair: Pair) -> Iterator[str]:
    a, b = pair.a.params, pair.b.params
    if a == b:
        yield f"{pair.b_name} and {pair.a_name} have {counted(a, 'parameter')} each."
    elif len(pair.slots) > 1:
        yield f"In all {pair.against('has', f'{a:,}', counted(b, 'parameter'))}: {_more(b, a)}."
    mine, theirs = cost(pair.a), cost(pair.b)
    known = [what for what in mine if mine[what] != theirs[what] and None not in (mine[what], theirs[what])]
    if known:
        first, *others = known
        told = [f"{theirs[first]:,} {first} in {pair.b_name} against {mine[first]:,} in {pair.a_name}"]
        told += [f"{theirs[what]:,} {what} against {mine[what]:,}" for what in others]
        yield f"One sample takes {listed(told)}."


def _outputs(pair: Pair) -> Iterator[str]:
    mine, theirs = (shapes(model, model.outputs) for model in (pair.a, pair.b))
    if [pair.a.shape(name) for name in pair.a.outputs] != [pair.b.shape(name) for name in pair.b.outputs]:
        yield f"Out of {pair.b_name} comes {theirs}, out of {pair.a_name} {mine}."


RULES: tuple[Callable[[Pair], Iterator[str]], ...] = (
    _kinds, _wrappers, _options, _starts, _only_one, _inputs, _sources, _runs, _counts, _outputs, _totals,
)  # fmt: skip
"""The order in which a pair is told."""
