"""What stands around the unrolled picture: captions, legend, the picture in words. All words: words/en/time.yml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lstmdiag.diagrams import Key
from lstmdiag.diagrams.text import clip
from lstmdiag.model import Layer, Model
from lstmdiag.views.letters import coincidence
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.layout import Plan
from lstmdiag.views.time.parts import SCISSORS
from lstmdiag.views.time.ways import ROWS
from lstmdiag.views.words import kernel
from lstmdiag.words import Words

WORDS = Words("time")
NAME = 240.0  # room for a layer's name in a sentence, points


@dataclass(frozen=True)
class Some:
    """Whether a fact of a lane holds of some lane."""

    lanes: tuple[Lane, ...]

    def __getattr__(self, fact: str) -> bool:
        return any(getattr(lane, fact) for lane in self.lanes)


@dataclass(frozen=True)
class Recurrent:
    """A recurrent layer, and the layer of the model that it is or is inside of."""

    layer: Layer
    top: Layer

    def __getattr__(self, fact: str) -> object:
        return getattr(self.layer, fact)

    @property
    def name(self) -> str:
        return clip(self.top.name, NAME)

    @property
    def uses(self) -> int | None:
        return self.top.uses

    @property
    def both_ways(self) -> bool:
        return self.top.backward is not None

    @property
    def maps(self) -> bool:
        return bool(kernel(self.layer))


@dataclass(frozen=True)
class About:
    """The facts that the words need."""

    plan: Plan
    rows = ROWS

    @property
    def model(self) -> Model:
        return self.plan.model

    @property
    def axes(self) -> int:
        return len(self.plan.axes)

    @cached_property
    def some(self) -> Some:
        return Some(self.plan.lanes)

    @property
    def again_drawn(self) -> bool:
        """Whether a layer is drawn more than once."""
        return any(len(axis.columns) > 1 for axis in self.plan.axes)

    @cached_property
    def recurrent(self) -> list[Recurrent]:
        return [Recurrent(layer, self.model.layer(layer.top)) for layer in self.model.recurrent]

    @property
    def layers(self) -> int:
        return len(self.recurrent)

    @property
    def several(self) -> bool:
        return self.layers > 2

    @property
    def first(self) -> str:
        return WORDS.say("one_layer", self.recurrent[0])

    @property
    def second(self) -> str:
        return WORDS.say("another_layer", self.recurrent[1]) if self.layers == 2 else ""

    @property
    def params(self) -> int:
        return self.recurrent[0].layer.params

    @property
    def states(self) -> list[str]:
        return list(self.recurrent[0].layer.states)

    @property
    def one_step(self) -> bool:
        return self.layers == 1 and self.recurrent[0].uses == 1

    @property
    def weights(self) -> int:
        return sum(each.top.params for each in self.recurrent)

    @property
    def often(self) -> str:
        """How often all recurrent layers are used."""
        uses = {each.uses for each in self.recurrent}
        return WORDS.say("times", uses=uses.pop()) if len(uses) == 1 else WORDS.say("different_times")

    @property
    def each_once(self) -> bool:
        return all(layer.uses == 1 for layer in self.model.layers if layer.weights)

    @property
    def again(self) -> str:
        """The layers that are used on something else as well."""
        shared = [layer for layer in self.model.layers if layer.shared]
        names = [(clip(layer.name, NAME), clip(layer.shared, NAME)) for layer in shared]
        return " ".join(WORDS.say("same_weights", name=name, first=first) for name, first in names)

    @cached_property
    def public(self) -> list[str]:
        """The symbols of the public states, each once."""
        return _each_once(lane.public for lane in self.plan.lanes if lane.states)

    @cached_property
    def private(self) -> list[str]:
        return _each_once(state for lane in self.plan.lanes for state in lane.private)

    @property
    def coincidence(self) -> str:
        return coincidence(self.model)

    @property
    def parts(self) -> str:
        """Axes and lanes, a sentence each."""
        axes = [WORDS.say("axis", axis) for axis in self.plan.axes]
        return " ".join([*axes, *(self._lane(lane) for lane in self.plan.lanes)])

    def _lane(self, lane: Lane) -> str:
        lanes = self.plan.lanes
        reads = [lanes[source.lane] for source in lane.sources]
        usual = [each.index for each in reads] == [lane.index - 1]
        begins = _each_once(lanes[source.lane].name for source in lane.starts)
        return WORDS.say("lane", lane, reads=[] if usual else [each.name for each in reads], begins=begins)


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def legend(about: About) -> Iterator[Key]:
    """One entry for each kind of thing that this picture draws."""
    some, again, axes = about.some, about.again_drawn, about.plan.axes
    for role, symbols, phrase in (
        ("state.public", about.public, "key_public"),
        ("state.private", about.private, "key_private"),
    ):
        yield from (Key(role, WORDS.say(phrase, symbol=symbol), symbol, "line") for symbol in symbols)
    stubs = again and some.unreturned
    rows = (
        (some.leftwards, "key_end", "state.public", "", "band", ""),
        (True, "key_layer", "layer", "", "round", ""),
        (again, "key_again", "layer", "", "round", "again"),
        (about.model.params, "key_weights", "weight", "", "band", ""),
        (stubs or some.loses_states, "key_unreturned", "state.public", "", "circle", "unreturned"),
        (some.dropping, "key_dropped", "note", SCISSORS, "plain", ""),
        (some.masked, "key_pad", "note", WORDS.say("pad"), "dotted", ""),
        (any(axis.elided for axis in axes), "key_left_out", "elision", "⋯", "plain", ""),
    )
    for drawn, phrase, role, symbol, shape, mark in rows:
        if drawn:
            yield Key(role, WORDS.say(phrase, about), symbol, shape, mark)
