"""What a phrase is: it is read once from what a file holds, and said of many facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any, Protocol

from lstmdiag.english import counted, listed, number

MISSING = object()


class Facts(Protocol):
    """What a phrase is said of."""

    def fact(self, name: str) -> Any:
        """What has that name. Raises KeyError."""

    def of(self, thing: object) -> Facts:
        """The same with a thing's own facts before the others."""


class Phrase:
    """A phrase says one text, or several of several things."""

    __slots__ = ()

    def said(self, facts: Facts) -> str:
        """In words; nothing where it has nothing to say."""
        return " ".join(self.parts(facts))

    def parts(self, facts: Facts) -> list[str]:
        """Each of the several that says anything."""
        return [text] if (text := self.said(facts)) else []

    def within(self, facts: Facts) -> list[str]:
        """What it adds to a list of phrases: one text."""
        return [self.said(facts)]

    def value(self, facts: Facts) -> Any:
        """What stands for it where another phrase names it."""
        return self.said(facts)


@dataclass(frozen=True, slots=True)
class _Text(Phrase):
    """Words with fields in them: (words, the fact after them, how that is written)."""

    pieces: tuple[tuple[str, Fact | None, Callable[[Any], str]], ...]

    def said(self, facts: Facts) -> str:
        return "".join([words + write(fact.of(facts)) if fact else words for words, fact, write in self.pieces])


@dataclass(frozen=True, slots=True)
class _List(Phrase):
    """Those that say anything, with something between them."""

    phrases: tuple[Phrase, ...]
    between: str = " "

    def said(self, facts: Facts) -> str:
        return self.between.join(self.parts(facts))

    def parts(self, facts: Facts) -> list[str]:
        return [text for phrase in self.phrases for text in phrase.within(facts) if text]


@dataclass(frozen=True, slots=True)
class _Each(Phrase):
    """The same of each of several things; in a list of phrases each is one of its own."""

    things: Fact
    phrase: Phrase

    def parts(self, facts: Facts) -> list[str]:
        return [text for thing in self.things.of(facts) for text in self.phrase.parts(facts.of(thing))]

    within = value = parts


@dataclass(frozen=True, slots=True)
class _First(Phrase):
    """The first that says anything."""

    phrases: tuple[Phrase, ...]

    def said(self, facts: Facts) -> str:
        return next((text for phrase in self.phrases if (text := phrase.said(facts))), "")


@dataclass(frozen=True, slots=True)
class _If(Phrase):
    """One of two."""

    condition: Condition
    then: Phrase
    otherwise: Phrase

    def said(self, facts: Facts) -> str:
        return (self.then if self.condition.holds(facts) else self.otherwise).said(facts)


@dataclass(frozen=True, slots=True)
class Fact:
    """`layer.units`: a fact, and what it holds itself."""

    name: str
    rest: tuple[str, ...]

    def of(self, facts: Facts) -> Any:
        """Raises KeyError where it is not there."""
        found = facts.fact(self.name)
        for name in self.rest:
            found = entry(found, name)
        if found is MISSING:
            raise KeyError(".".join((self.name, *self.rest)))
        return found


@dataclass(frozen=True, slots=True)
class Condition:
    """All of these facts hold, or with `not` do not."""

    facts: tuple[tuple[Fact, bool], ...]

    def holds(self, facts: Facts) -> bool:
        """Whether they do."""
        return all(bool(fact.of(facts)) is wanted for fact, wanted in self.facts)


def entry(facts: object, name: str) -> object:
    """An attribute of an object, an entry of a mapping, or MISSING."""
    return facts.get(name, MISSING) if isinstance(facts, dict) else getattr(facts, name, MISSING)


def read(written: Any) -> Phrase:
    """The phrase that a file holds. Raises TypeError where it is none."""
    if isinstance(written, str):
        return _text(written)
    if isinstance(written, list):
        return _List(tuple(map(read, written)))
    match written:
        case {"if": wanted, "say": then, **others}:
            return _If(condition(wanted), read(then), read(others.get("else", "")))
        case {"each": things, "say": phrase}:
            return _Each(fact(things), read(phrase))
        case {"first": phrases}:
            return _First(tuple(map(read, phrases)))
        case {"join": between, "of": phrases}:
            return _List(tuple(map(read, phrases)), str(between))
    raise TypeError(f"{written!r} is no phrase")


def condition(written: str | Sequence[str]) -> Condition:
    """`not alone`, or several of which all hold."""
    each = [written] if isinstance(written, str) else written
    return Condition(tuple((fact(name.removeprefix("not ")), not name.startswith("not ")) for name in each))


@cache
def fact(written: str) -> Fact:
    """`layer.units`."""
    name, *rest = written.split(".")
    return Fact(name, tuple(rest))


@cache
def _text(written: str) -> Phrase:
    return _Text(
        tuple(
            (words, None if field is None else fact(field), _form(form or ""))
            for words, field, form, _ in Formatter().parse(written)
        )
    )


@cache
def _form(form: str) -> Callable[[Any], str]:
    """How a value is written, by what stands behind the colon."""
    one, either, several = form.partition("|")
    if either:
        return lambda value: one if _is_one(value) else several
    if not form:
        return _plain
    return lambda value: _counted(value, form)


def _is_one(value: Any) -> bool:
    if isinstance(value, int):
        return value == 1
    return len(value) == 1 if isinstance(value, (list, tuple)) else bool(value)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return listed([*map(_plain, value)])
    return number(value) if value is None or type(value) is int else format(value)


def _counted(value: Any, form: str) -> str:
    """`step` behind a number or several things; between several things, ` × `; else a format of Python's."""
    if isinstance(value, (list, tuple)):
        return counted(len(value), form) if form[0].isalpha() else form.join(map(_plain, value))
    return counted(value, form) if value is None or type(value) is int else format(value, form)
