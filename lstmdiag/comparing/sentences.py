"""What differs, in words: each rule looks at one model beside the first and says what it finds, from the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lstmdiag.cells import terms
from lstmdiag.cells.cell import Dims
from lstmdiag.cells.counts import Terms, evaluate, tally
from lstmdiag.comparing import WORDS, Compared
from lstmdiag.comparing.alignment import aligned
from lstmdiag.comparing.effects import Effect, effect
from lstmdiag.comparing.facts import blocks, cost, differing_options, shapes, start, weight_terms
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import written
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

    def say(self, phrase: str, **facts: object) -> str:
        """A phrase of the words in words/en/compare.yml, of these two models."""
        return WORDS.say(phrase, {"a": self.a_name, "b": self.b_name}, **facts)


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
    return list(dict.fromkeys(told)) or [WORDS.say("nothing")]


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
        if blocks(one) != blocks(other):
            yield pair.say("blocks", a_blocks=blocks(one), b_blocks=blocks(other), a_count=len(blocks(one)))
        if list(one.states) != list(other.states):
            yield pair.say("states", a_states=list(one.states), b_states=list(other.states))


def _wrappers(pair: Pair) -> Iterator[str]:
    """Read from both ends, or applied at every step, in one of the two."""
    for a, b in pair.both:
        if a.kind == b.kind:
            continue
        for name, layer, other, other_layer in ((pair.b_name, b, pair.a_name, a), (pair.a_name, a, pair.b_name, b)):
            if layer.backward and not other_layer.backward:
                mode, backwards = layer.options.merge_mode, other_layer.maths.options.go_backwards
                yield pair.say("both_ends", one=name, other=other, backwards=backwards)
                yield pair.say(
                    "copies", one=name, kind=layer.maths.kind, shape=show_shape(layer.output),
                    **{each: each == mode for each in ("concat", "sum", "mul", "ave")},
                )  # fmt: skip
            elif layer.inner and not layer.recurrent and not other_layer.inner:
                yield pair.say("every_step", one=name, other=other, layer=layer)


def _options(pair: Pair) -> Iterator[str]:
    """Each option that differs, and what changing it alone does to the first model's layer."""
    for a, b in pair.both:
        wrappers = [(a, b)] if a.inner and a.kind == b.kind else []
        for one, other in [*wrappers, (a.maths, b.maths)]:
            if one.kind != other.kind:
                continue
            for option in differing_options([one, other]):
                found = effect(one, option, other)
                text = one.definition.options.model_fields[option].description or ""
                yield pair.say(
                    "option", option=option,
                    effects=[*_parameters(one, found), *_handed_on(one, found)] if found else [],
                    a_value=written(getattr(one.options, option)),
                    b_value=written(getattr(other.options, option)),
                    known=found, rewritten=found and found.equations,
                    description=f"{text[:1].lower()}{text[1:].rstrip('.')}",
                )  # fmt: skip
                for old, new in found.equations if found else ():
                    yield pair.say("equation", old=old, new=new)


def _parameters(layer: Layer, found: Effect) -> Iterator[str]:
    for phrase, names, sizes in (("adds", found.added, found.sizes), ("takes_away", found.removed, layer.sizes)):
        if names:
            total = tally(names.values())
            yield WORDS.say(
                phrase, names=list(names), second=found.second_bias, formula=terms.count(total).text,
                count=evaluate(total, sizes),
            )  # fmt: skip

    by_shape: dict[tuple[Dims, Dims], list[str]] = {}
    for name, change in found.reshaped.items():
        by_shape.setdefault(change, []).append(name)
    for (old, new), which in by_shape.items():
        yield WORDS.say("reshaped", names=which, old=terms.count({old: 1}).text, new=terms.count({new: 1}).text)


def _handed_on(layer: Layer, found: Effect) -> Iterator[str]:
    old, new = layer.output, found.output
    if len(new) == len(old) + 1 and new[1:] == old:
        yield WORDS.say("hands_on_all", steps=new[0])
    elif len(old) == len(new) + 1 and old[1:] == new:
        yield WORDS.say("hands_on_last", steps=old[0])
    elif old != new:
        yield WORDS.say("gives", old=show_shape(old), new=show_shape(new))


def _only_one(pair: Pair) -> Iterator[str]:
    for a, b in pair.slots:
        if a and b:
            continue
        layer, has, lacks = (a, pair.a_name, pair.b_name) if a else (b, pair.b_name, pair.a_name)
        assert layer is not None
        took = [show_shape(shape) for shape in layer.input_shapes]
        yield pair.say("only_one", has=has, lacks=lacks, layer=layer, shape=show_shape(layer.output), took=took)


def _starts(pair: Pair) -> Iterator[str]:
    for a, b in pair.both:
        if start(a) and start(b) and start(a) != start(b):
            yield pair.say("starts", b_layer=b.name, b_start=start(b), a_layer=_other(a, b), a_start=start(a))


def _other(a: Layer, b: Layer) -> str:
    """The name in the first model, where it is another one."""
    return "" if a.name == b.name else a.name


def _sources(pair: Pair) -> Iterator[str]:
    """Layers that read something else than what answers to it in the other model."""
    answers = {(a.name, b.name) for a, b in pair.both}
    answers |= {(a.name, b.name) for a, b in zip(pair.a.inputs, pair.b.inputs, strict=False)}
    for a, b in pair.both:
        for mine, theirs in zip(a.inputs, b.inputs, strict=False):
            owners: list[ModelInput | Layer] = [pair.a.owner(mine)[0], pair.b.owner(theirs)[0]]
            if (owners[0].name, owners[1].name) not in answers:
                yield pair.say(
                    "reads", b_layer=b.name, b_source=theirs, b_shape=show_shape(pair.b.shape(theirs)),
                    a_layer=_other(a, b), a_source=mine, a_shape=show_shape(pair.a.shape(mine)),
                )  # fmt: skip


def _inputs(pair: Pair) -> Iterator[str]:
    a, b = pair.a.inputs, pair.b.inputs
    if len(a) != len(b):
        a_inputs, b_inputs = ([f"{source.name} {show_shape(source.shape)}" for source in each] for each in (a, b))
        yield pair.say("inputs_number", a_inputs=a_inputs, b_inputs=b_inputs)
        return
    for mine, theirs in zip(a, b, strict=True):
        if mine.shape != theirs.shape:
            yield pair.say("inputs_shape", a_sample=_sample(mine), b_sample=_sample(theirs))


def _sample(source: ModelInput) -> str:
    if len(source.shape) != 2 or source.shape[1] is None:
        return show_shape(source.shape)
    return WORDS.say("sample", steps=source.shape[0], features=source.shape[1])


def _runs(pair: Pair) -> Iterator[str]:
    for a, b in pair.both:
        if a.recurrent and a.uses != b.uses:
            a_often, b_often = (WORDS.say("often", times=layer.uses, once=layer.uses == 1) for layer in (a, b))
            yield pair.say("runs", layer=b.name, a_often=a_often, b_often=b_often)


def _counts(pair: Pair) -> Iterator[str]:
    """The terms that make the difference, layer by layer."""
    for a, b in pair.both:
        if a.params == b.params or a.shared or b.shared:  # a shared layer has none, and its formula would say others
            continue
        mine, theirs = weight_terms(a), weight_terms(b)
        a_sizes, b_sizes = (dict(layer.maths.sizes) for layer in (a, b))
        if a_sizes == b_sizes:
            different = [dims for dims in {**theirs, **mine} if theirs.get(dims, 0) != mine.get(dims, 0)]
            told = [_term(_times(dims, theirs), _times(dims, mine)) for dims in different]
        else:
            told = [_term(terms.substitution(theirs, b_sizes).text, terms.substitution(mine, a_sizes).text)]
            if mine == theirs:
                told = [WORDS.say("same_formula", formula=terms.count(mine).text, term=told[0])]
        yield pair.say("parameters", b_layer=b.name, a_layer=_other(a, b), terms=told, **_totals_of(a.params, b.params))


def _term(theirs: str, mine: str) -> str:
    """`3 × H × F against 4 × H × F`."""
    return WORDS.say("term", b_term=theirs, a_term=mine)


def _times(dims: Dims, counts: Terms) -> str:
    return terms.count({dims: counts[dims]}).text if dims in counts else WORDS.say("none")


def _totals_of(a: int, b: int) -> dict[str, int]:
    return {"a_params": a, "b_params": b, "more_by": max(b - a, 0), "fewer_by": max(a - b, 0)}


def _totals(pair: Pair) -> Iterator[str]:
    a, b = pair.a.params, pair.b.params
    if a == b:
        yield pair.say("equal_totals", params=a)
    elif len(pair.slots) > 1:
        yield pair.say("totals", **_totals_of(a, b))
    mine, theirs = cost(pair.a), cost(pair.b)
    known = [what for what in mine if mine[what] != theirs[what] and None not in (mine[what], theirs[what])]
    if known:
        told = [WORDS.say("cost", what=what, a_cost=mine[what], b_cost=theirs[what]) for what in known]
        yield pair.say("costs", costs=told)


def _outputs(pair: Pair) -> Iterator[str]:
    if [pair.a.shape(name) for name in pair.a.outputs] != [pair.b.shape(name) for name in pair.b.outputs]:
        a_shapes, b_shapes = (shapes(model, model.outputs) for model in (pair.a, pair.b))
        yield pair.say("outputs", a_shapes=a_shapes, b_shapes=b_shapes)


RULES: tuple[Callable[[Pair], Iterator[str]], ...] = (
    _kinds, _wrappers, _options, _starts, _only_one, _inputs, _sources, _runs, _counts, _outputs, _totals,
)  # fmt: skip
"""The order in which a pair is told."""
