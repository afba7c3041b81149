"""What the picture of one gate says; its words are in words/en/gate.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

from lstmdiag.cells.cell import PREVIOUS, VALVES
from lstmdiag.cells.ranges import EVERYTHING, RANGES, ranges
from lstmdiag.diagrams import Key
from lstmdiag.english import by
from lstmdiag.model import Layer, cell_of
from lstmdiag.views.gate_terms import Total
from lstmdiag.views.words import ROLE_WORDS, glyph, kernel, role, title_of
from lstmdiag.words import Words

WORDS = Words("gate")


@dataclass(frozen=True)
class About:
    """The facts that the words need."""

    maths: Layer
    gate: str
    total: Total
    unit: int
    step: int | None  # of the numbers, if there are any
    widened: bool = False  # whether the thinnest blocks are drawn wider than to scale

    @cached_property
    def layer(self) -> str:
        return title_of(self.maths)

    @cached_property
    def call(self) -> str:
        return self.maths.call

    @cached_property
    def role(self) -> str:
        return role(cell_of(self.maths), self.gate)

    @cached_property
    def word(self) -> str:
        return ROLE_WORDS.get(self.role, "value")

    @cached_property
    def valve(self) -> bool:
        return self.role in VALVES

    @cached_property
    def whole(self) -> bool:
        """Whether what is drawn is all of the gate's equation."""
        return self.total.whole

    @cached_property
    def sums(self) -> int:
        return len(self.total.sums)

    @cached_property
    def several(self) -> bool:
        return self.sums > 1

    @cached_property
    def maps(self) -> bool:
        return bool(kernel(self.maths))

    @cached_property
    def columns(self) -> dict[str, int]:
        """Matrix → how many numbers it reads."""
        matrices = (name for each in self.total.sums for name, _ in each.affine.terms)
        return {name: self.maths.shape(name)[1] for name in matrices}

    @cached_property
    def units(self) -> int:
        """Rows: numbers that the gate has."""
        return self.maths.shape(next(iter(self.columns)))[0]

    @cached_property
    def reads(self) -> int:
        return sum(self.columns.values())

    @cached_property
    def sizes(self) -> str:
        """How many weights a unit has in the matrices, as a product."""
        return by((self.reads, *kernel(self.maths)))

    @cached_property
    def biases(self) -> int:
        """How many weights stand beside the matrices."""
        return self.units * sum(len(each.affine.biases) + len(each.affine.own) for each in self.total.sums)

    @cached_property
    def weights(self) -> int:
        return self.units * self.reads * prod(kernel(self.maths)) + self.biases

    @cached_property
    def bounds(self) -> str:
        """Where its numbers lie."""
        found = ranges(cell_of(self.maths))[self.gate] if self.whole else RANGES[self.total.function](EVERYTHING)
        return str(found)

    @cached_property
    def bounded(self) -> bool:
        return self.bounds != "unbounded"

    @cached_property
    def function(self) -> str:
        return glyph(self.total.function)


def legend(about: About) -> list[Key]:
    """The matrices by what they multiply, the weights of which each unit has one, and the gate."""
    keys: dict[Key, None] = {}
    for weight, vector in (term for each in about.total.sums for term in each.affine.terms):
        letter, name = weight.partition("_")[0], vector.name
        before = name.removesuffix(PREVIOUS) if name.endswith(PREVIOUS) else ""
        said = WORDS.say("legend_matrix", letter=letter, current=name == "x", before=before)
        keys[Key("weight", said, symbol=letter, shape="box" if letter == "W" else "hatched")] = None
    if about.biases:
        keys[Key("weight", WORDS.say("legend_bias"), symbol="b", shape="dotted")] = None
    return [*keys, Key(about.role, WORDS.say("called", about), symbol=about.gate, shape="round")]
