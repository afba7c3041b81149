"""What pictures, tables and pages say: phrases in files of words, chosen and filled by facts.

A file in `words/en/` gives phrases names. A phrase is one of

- a text with fields: `{state}` is a fact, or another phrase of the file. `{steps:step}` counts: 1 step, 3 steps.
  `{states:goes|go}` is the first where the fact is true, 1 or one thing, else the second. Of several things,
  `{names}` is a, b and c; `{names:gate}` is 3 gates; `{sizes: × }` is 3 × 5.
- `{if: alone, say: PHRASE, else: PHRASE}`: one of two phrases, or nothing; `not alone`; `[alone, not maps]`: all hold.
- `{each: layers, say: PHRASE}`: the phrase for each of several things, whose own facts come before the others; the
  thing itself is `{it}`. Named in another phrase they are several things again: a, b and c. Where PHRASE is a list,
  each of its phrases is a thing of its own.
- `{first: [PHRASE, ...]}`: the first of some phrases that says anything.
- a list of phrases: those that say anything, with a space between them; `{join: "; ", of: [PHRASE, ...]}`, with that.

A mapping of other names is a group of phrases: the title, the columns and the notes of one table.

Facts are the attributes of an object, or the entries of a mapping; each may hold facts of its own: `{layer.units}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

from lstmdiag.english import counted, listed, number

LANGUAGE = "en"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MISSING = object()
_THINGS = (list, tuple)

Phrase = Any
"""A text, a list of phrases, or a mapping with `if`, `each`, `first` or `of`: what a file holds under a name."""


class Words:
    """The phrases of one file, read when the first of them is said."""

    def __init__(self, name: str, phrases: Mapping[str, Phrase] | None = None) -> None:
        self.name, self._given = name, phrases

    @cached_property
    def phrases(self) -> Mapping[str, Phrase]:
        """By their names."""
        return _phrases(self.name) if self._given is None else self._given

    def group(self, name: str) -> Words:
        """The phrases in a group of the file, before those around it."""
        return Words(self.name, {**self.phrases, **self.phrases[name]})

    def say(self, phrase: str, facts: object = None, **more: object) -> str:
        """The phrase of that name, of these facts. Raises KeyError where it needs a fact that is not among them."""
        return self.saying(more, facts).said(self.phrases[phrase])

    def each(self, phrase: str, facts: object = None, **more: object) -> list[str]:
        """The parts of a list of phrases that say anything, one by one."""
        found = self.phrases[phrase]
        return self.saying(more, facts).parts(found["of"] if isinstance(found, dict) and "of" in found else found)

    def saying(self, *facts: object) -> Saying:
        """What says phrases of these facts, of which the first that has a name counts."""
        return Saying(self, *facts)

    def captions(self, facts: object) -> dict[str, str]:
        """What stands around a picture, and what a screen reader says of it: four phrases of every view's file."""
        return {phrase: self.say(phrase, facts) for phrase in ("title", "claim", "reading", "description")}


@cache
def _phrases(file: str) -> Mapping[str, Phrase]:
    written = files(__package__).joinpath(LANGUAGE, f"{file}.yml").read_text(encoding="utf-8")
    phrases: dict[str, Phrase] = yaml.load(written, _Loader)
    return phrases


class Saying:
    """Phrases being said, of facts of which the first that has a name counts."""

    def __init__(self, words: Words, *facts: object) -> None:
        self._words, self._facts = words, facts

    def of(self, thing: object) -> Saying:
        """The same of a thing, whose own facts come before the others."""
        own = () if isinstance(thing, (str, int, float, *_THINGS)) else (thing,)
        return Saying(self._words, {"it": thing}, *own, *self._facts)

    def said(self, phrase: Phrase) -> str:
        """The phrase in words."""
        if isinstance(phrase, str):
            return "".join(
                literal if field is None else literal + _written(self.fact(field), form)
                for literal, field, form in _pieces(phrase)
            )
        if isinstance(phrase, list) or "each" in phrase:
            return " ".join(self.parts(phrase))
        if "if" in phrase:
            return self.said(phrase["say"] if self.holds(phrase["if"]) else phrase.get("else", ""))
        if "first" in phrase:
            return next(filter(None, map(self.said, phrase["first"])), "")
        return str(phrase["join"]).join(self.parts(phrase["of"]))

    def parts(self, phrase: Phrase) -> list[str]:
        """What is said by each phrase of a list that says anything, or of each of several things."""
        phrases = phrase if isinstance(phrase, list) else [phrase]
        return [text for each in phrases for text in self._texts(each) if text]

    def _texts(self, phrase: Phrase) -> list[str]:
        if not _is_each(phrase):
            return [self.said(phrase)]
        return [text for thing in self.fact(phrase["each"]) for text in self.of(thing).parts(phrase["say"])]

    def holds(self, condition: str | Sequence[str]) -> bool:
        """Whether a fact is true, or all of several are; `not alone` where it is not."""
        conditions = [condition] if isinstance(condition, str) else condition
        return all(bool(self.fact(each.removeprefix("not "))) != each.startswith("not ") for each in conditions)

    def fact(self, name: str) -> Any:
        """`layer.units`: of the first facts that have that name, or a phrase of the file. Raises KeyError."""
        first, *rest = name.split(".")
        found = next((entry for facts in self._facts if (entry := _entry(facts, first)) is not _MISSING), _MISSING)
        if found is _MISSING and first in self._words.phrases:
            phrase = self._words.phrases[first]
            found = self.parts(phrase) if _is_each(phrase) else self.said(phrase)
        for each in rest:
            found = _entry(found, each)
        if found is _MISSING:
            raise KeyError(f"words/{LANGUAGE}/{self._words.name}.yml needs a fact {name!r}")
        return found


def _is_each(phrase: Phrase) -> bool:
    return isinstance(phrase, dict) and "each" in phrase


@cache
def _pieces(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """(words, the name of the fact after them, what stands behind its colon)."""
    return tuple((words, field, form or "") for words, field, form, _ in Formatter().parse(text))


def _written(value: Any, form: str) -> str:
    one, or_else, several = form.partition("|")
    if or_else:
        is_one = value == 1 if isinstance(value, int) else len(value) == 1 if isinstance(value, _THINGS) else value
        return one if is_one else several
    if isinstance(value, _THINGS):
        if one[:1].isalpha():
            return counted(len(value), one)
        written = [_written(each, "") for each in value]
        return one.join(written) if one else listed(written)
    if value is None or type(value) is int:
        return counted(value, one) if one else number(value)
    return format(value, one)


def _entry(facts: object, name: str) -> object:
    return facts.get(name, _MISSING) if isinstance(facts, dict | Mapping) else getattr(facts, name, _MISSING)
