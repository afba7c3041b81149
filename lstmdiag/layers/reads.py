"""Which places of an axis of its input one place of a layer's output reads: its own, some, or all.

A place is a step, where the axis is one of time. Places are counted from 0. Lengths can be unknown; whoever asks for
places then gives a length that stands for them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import prod

from lstmdiag.layers.kind import Shape


class Reads(ABC):
    """How places along an axis of what a layer gives depend on the places along an axis of one of its inputs."""

    __slots__ = ()

    @property
    def own(self) -> bool:
        """Whether each place reads the place of its own number alone."""
        return False

    @property
    def several(self) -> bool:
        """Whether a place reads more than one, or parts of more than one."""
        return False

    @abstractmethod
    def places(self, place: int, length: int) -> range:
        """What one place reads of an input of so many places."""

    def count(self, length: int) -> int:
        """How many places come out, of an input of so many."""
        return length


MANY = 10**30
"""Stands for a number of places that is not known, where they have to be counted: more than any kernel reaches."""


class Own(Reads):
    """Every place reads its own."""

    __slots__ = ()

    @property
    def own(self) -> bool:
        """It does."""
        return True

    def places(self, place: int, length: int) -> range:
        """Itself."""
        return range(place, place + 1)


class All(Reads):
    """Every place reads all of them; how many places come out it does not say."""

    __slots__ = ()

    @property
    def several(self) -> bool:
        """It does."""
        return True

    def places(self, place: int, length: int) -> range:
        """From the first to the last."""
        return range(length)


OWN, ALL = Own(), All()


@dataclass(frozen=True, slots=True)
class Behind(Reads):
    """One of several inputs that are put one behind the other."""

    before: tuple[int | None, ...]  # the lengths of those before it
    after: tuple[int | None, ...]

    def places(self, place: int, length: int) -> range:
        """One of its own; none where another input stands."""
        own = place - sum(before or length for before in self.before)
        return range(own, own + 1) if 0 <= own < length else range(0)

    def count(self, length: int) -> int:
        """Those of all inputs."""
        return length + sum(other or length for other in (*self.before, *self.after))


@dataclass(frozen=True, slots=True)
class Regrouped(Reads):
    """The same numbers in the same order, `given` of them at a place of the input and `made` at one of the output."""

    given: int
    made: int

    @property
    def own(self) -> bool:
        """Whether a place holds as many as before."""
        return self.given == self.made

    @property
    def several(self) -> bool:
        """Whether a place is no part of one place of the input."""
        return self.given % self.made != 0

    def places(self, place: int, length: int) -> range:
        """Those that hold its numbers."""
        first, last = place * self.made, (place + 1) * self.made - 1
        return range(first // self.given, min(last // self.given + 1, length))

    def count(self, length: int) -> int:
        """As many as the numbers fill."""
        return length * self.given // self.made


@dataclass(frozen=True, slots=True)
class Grouped(Reads):
    """Several places of the output read the same several of the input: the features of a group of filters."""

    given: int
    made: int

    @property
    def own(self) -> bool:
        """Whether a group has one place on both sides."""
        return self.given == self.made == 1

    @property
    def several(self) -> bool:
        """Whether a group has more than one place of the input."""
        return self.given > 1

    def places(self, place: int, length: int) -> range:
        """Those of its group."""
        first = place // self.made * self.given
        return range(first, min(first + self.given, length))

    def count(self, length: int) -> int:
        """As many groups as before."""
        return length // self.given * self.made


def elementwise(axis: int, output: Shape, *inputs: Shape) -> tuple[Reads, ...]:
    """Done number by number, along an axis of the output: an input's axis of size 1 fits every place."""
    at = [axis - len(output) + len(shape) for shape in inputs]
    return tuple(
        OWN
        if shape[n : n + 1] == output[axis : axis + 1] or (0 <= n < len(shape) and shape[n] not in (None, 1))
        else ALL
        for n, shape in zip(at, inputs, strict=True)
    )


def regrouped(axis: int, given: Shape, made: Shape) -> Reads:
    """The same numbers in another shape, along one axis of both, those before it being the same; all, if not known."""
    if axis >= min(len(given), len(made)):
        return ALL
    if given[axis] is not None and given[axis] == made[axis]:
        return OWN
    here, there = ([size for size in shape[axis + 1 :] if size is not None] for shape in (given, made))
    known = len(here) == len(given) - axis - 1 and len(there) == len(made) - axis - 1
    return Regrouped(prod(here), prod(there)) if known else ALL


def joined(axis: int, place: int, *inputs: Shape) -> tuple[Reads, ...]:
    """Along an axis, inputs that are put together along the axis of this place."""
    if axis != place:
        return (OWN,) * len(inputs)
    lengths = tuple(shape[place] for shape in inputs)
    return tuple(Behind(lengths[:number], lengths[number + 1 :]) for number in range(len(lengths)))
