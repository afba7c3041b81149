"""Which places of an axis of its input one place of a layer's output reads: its own, some, or all.

A place is a step, where the axis is one of time. Places are counted from 0. Lengths can be unknown; whoever asks for
places then gives a length that stands for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Protocol

from lstmdiag.layers.kind import Shape
from lstmdiag.layers.window import Window


class Reads(Protocol):
    """How the first axis of what a layer gives depends on the first axis of one of its inputs."""

    @property
    def own(self) -> bool:
        """Whether each place reads the place of its own number alone."""

    @property
    def several(self) -> bool:
        """Whether a place reads more than one, or parts of more than one."""

    def places(self, place: int, length: int) -> range:
        """What one place reads of an input of so many places."""

    def count(self, length: int) -> int:
        """How many places come out, of an input of so many."""


OWN = Window(1)
MANY = 10**30
"""Stands for a number of places that is not known, where they have to be counted: more than any kernel reaches."""


@dataclass(frozen=True, slots=True)
class All:
    """Every place reads all of them."""

    @property
    def own(self) -> bool:
        return False

    @property
    def several(self) -> bool:
        return True

    def places(self, place: int, length: int) -> range:
        return range(length)

    def count(self, length: int) -> int:
        return length


ALL = All()


@dataclass(frozen=True, slots=True)
class Behind:
    """One of several inputs that are put one behind the other."""

    before: tuple[int | None, ...]  # the lengths of those before it
    after: tuple[int | None, ...]

    @property
    def own(self) -> bool:
        return False

    @property
    def several(self) -> bool:
        return False

    def places(self, place: int, length: int) -> range:
        found = place - sum(before or length for before in self.before)
        return range(found, found + 1) if 0 <= found < length else range(0)

    def count(self, length: int) -> int:
        return length + sum(other or length for other in (*self.before, *self.after))


@dataclass(frozen=True, slots=True)
class Regrouped:
    """The same numbers in the same order, `given` of them at a place of the input and `made` at one of the output."""

    given: int
    made: int

    @property
    def own(self) -> bool:
        return self.given == self.made

    @property
    def several(self) -> bool:
        return self.given % self.made != 0

    def places(self, place: int, length: int) -> range:
        first, last = place * self.made, (place + 1) * self.made - 1
        return range(first // self.given, min(last // self.given + 1, length))

    def count(self, length: int) -> int:
        return length * self.given // self.made


def elementwise(output: Shape, *inputs: Shape) -> tuple[Reads, ...]:
    """Of what is done number by number: an axis that is missing in front, or of size 1, fits every place."""
    return tuple(
        OWN if len(shape) == len(output) and (shape[:1] == output[:1] or shape[0] not in (None, 1)) else ALL
        for shape in inputs
    )


def regrouped(given: Shape, made: Shape) -> Reads:
    """Of the same numbers in another shape; all, where it is not known how many numbers a place has."""
    if not given or not made:
        return ALL
    if given[0] is not None and given[0] == made[0]:
        return OWN
    here, there = ([size for size in shape[1:] if size is not None] for shape in (given, made))
    known = len(here) == len(given) - 1 and len(there) == len(made) - 1
    return Regrouped(prod(here), prod(there)) if known else ALL


def joined(place: int, *inputs: Shape) -> tuple[Reads, ...]:
    """Of inputs that are put together along their axis of this place."""
    if place:
        return (OWN,) * len(inputs)
    lengths = tuple(shape[0] for shape in inputs)
    return tuple(Behind(lengths[:number], lengths[number + 1 :]) for number in range(len(lengths)))
