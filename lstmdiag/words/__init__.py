"""What pictures, tables and pages say: phrases in files of words, chosen and filled by facts.

A file in `words/en/` gives phrases names. A phrase is one of

- a text with fields: `{state}` is a fact, or another phrase of the file. `{steps:step}` counts: 1 step, 3 steps.
  `{states:goes|go}` is the first where the fact is true, 1 or one thing, else the second. Of several things,
  `{names}` is a, b and c; `{names:gate}` is 3 gates; `{sizes: × }` is 3 × 5.
- `{if: alone, say: PHRASE, else: PHRASE}`: one of two phrases, or nothing; `not alone`; `[alone, not maps]`, if all
  hold.
- `{first: [PHRASE, ...]}`: the first of some phrases that says anything.
- `{each: layers, say: PHRASE}`: the phrase of every one of several things, whose own facts come before the others; the
  thing itself is `{it}`. Said by a name in another phrase, they are things again: a, b and c.
- a list of phrases: those that say anything, with a space between them; `{join: "; ", of: [PHRASE, ...]}`, with that.

Facts are the attributes of an object, or the entries of a dict; each may hold facts of its own: `{layer.units}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

from lstmdiag.english import counted, listed, number

LANGUAGE = "en"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MISSING = object()
_Things = (list, tuple)

Phrase = Any
"""A text, a list of phrases, or a mapping with `if`, `first` or `of`: what a file of words holds under a name."""


class Words:
    """The phrases of one file, read when the first of them is said."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def phrases(self) -> Mapping[str, Phrase]:
        """By their names."""
        written = files(__package__).joinpath(LANGUAGE, f"{self.name}.yml").read_text(encoding="utf-8")
        phrases: dict[str, Phrase] = yaml.load(written, _Loader)
        return phrases

    def say(self, phrase: str, facts: object = None, **more: object) -> str:
        """The phrase of that name, of these facts. Raises KeyError where it needs a fact that is not among them."""
        return self.saying(more, facts).said(self.phrases[phrase])

    def saying(self, *facts: object) -> Saying:
        """What says any phrase of these facts, as a template does that holds some of its own."""
        return Saying(self, *facts)

    def each(self, phrase: str, facts: object = None, **more: object) -> list[str]:
        """The parts of a list of phrases that say anything, one by one."""
        found = self.phrases[phrase]
        return self.saying(more, facts).parts(found["of"] if isinstance(found, dict) and "of" in found else found)

    def captions(self, facts: object) -> dict[str, str]:
        """What stands around a picture, and what a screen reader says of it: four phrases of every view's file."""
        return {phrase: self.say(phrase, facts) for phrase in ("title", "claim", "reading", "description")}


def _each(phrase: Phrase) -> bool:
    return isinstance(phrase, dict) and "each" in phrase


@cache
def _fields(text: str) -> list[tuple[str, str | None, str]]:
    """What a text consists of: (letters, the fact after them or None, how it is written)."""
    return [(letters, field, spec or "") for letters, field, spec, _ in Formatter().parse(text)]


class Saying:
    """Phrases being said, of facts of which the first that has a name counts."""

    def __init__(self, words: Words, *facts: object) -> None:
        self._words, self._facts = words, facts

    def of(self, thing: object) -> Saying:
        """The same of a thing, whose own facts come before the others."""
        if isinstance(thing, dict):
            return Saying(self._words, {"it": thing, **thing}, *self._facts)
        own = () if isinstance(thing, str | int) else (thing,)
        return Saying(self._words, {"it": thing}, *own, *self._facts)

    def said(self, phrase: Phrase) -> str:
        """The phrase in words."""
        if isinstance(phrase, str):
            return "".join(
                letters if field is None else letters + self._written(self.fact(field), spec)
                for letters, field, spec in _fields(phrase)
            )
        if isinstance(phrase, list) or _each(phrase):
            return " ".join(self.parts(phrase))
        if "if" in phrase:
            return self.said(phrase["say"] if self.holds(phrase["if"]) else phrase.get("else", ""))
        if "first" in phrase:
            return next(filter(None, map(self.said, phrase["first"])), "")
        return str(phrase["join"]).join(self.parts(phrase["of"]))

    def parts(self, phrase: Phrase) -> list[str]:
        """What is said by each phrase of a list that says anything, or of each of several things."""
        if isinstance(phrase, list):
            return [part for each in phrase for part in self.parts(each)]
        if _each(phrase):
            said = [self.of(thing).said(phrase["say"]) for thing in self.fact(phrase["each"])]
        else:
            said = [self.said(phrase)]
        return [*filter(None, said)]

    def holds(self, condition: str | list[str]) -> bool:
        """Whether a fact is true, or all of several are; `not alone` where it is not."""
        if isinstance(condition, list):
            return all(map(self.holds, condition))
        if condition.startswith("not "):
            return not self.fact(condition[4:])
        return bool(self.fact(condition))

    def fact(self, name: str) -> Any:
        """`layer.units`: of what is said with the phrase, of the facts, or a phrase of the file."""
        first, _, rest = name.partition(".")
        found: Any = _MISSING
        for facts in self._facts:
            found = facts.get(first, _MISSING) if isinstance(facts, dict) else getattr(facts, first, _MISSING)
            if found is not _MISSING:
                break
        if found is _MISSING:
            if first not in self._words.phrases:
                raise KeyError(f"words/{LANGUAGE}/{self._words.name}.yml needs a fact {first!r}")
            phrase = self._words.phrases[first]
            found = self.parts(phrase) if _each(phrase) else self.said(phrase)
        for each in rest.split(".") if rest else ():
            found = getattr(found, each)
        return found

    def _written(self, value: Any, spec: str) -> str:
        """A fact in words, as the field that names it asks; that may name facts too."""
        if isinstance(value, str) and not spec:
            return value
        one, or_else, several = (self.said(spec) if "{" in spec else spec).partition("|")
        if or_else:
            is_one = value == 1 if isinstance(value, int) else len(value) == 1 if isinstance(value, _Things) else value
            return one if is_one else several
        if isinstance(value, _Things):
            if one[:1].isalpha():
                return counted(len(value), one)
            written = [self._written(each, "") for each in value]
            return one.join(written) if one else listed(written)
        if value is None or type(value) is int:
            return counted(value, one) if one else number(value)
        return format(value, one)
