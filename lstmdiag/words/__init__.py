"""What pictures, tables and pages say: phrases in files of words, chosen and filled by facts.

A file in `words/en/` gives phrases names. A phrase is one of

- a text with fields: `{state}` is a fact, or another phrase of the file. `{steps:step}` counts: 1 step, 3 steps.
  `{states:goes|go}` is the first where the fact is true, 1 or one thing, else the second. Of several things,
  `{names}` is a, b and c; `{names:gate}` is 3 gates; `{sizes: × }` is 3 × 5.
- `{if: alone, say: PHRASE, else: PHRASE}`: one of two phrases, or nothing; `not alone`; `[alone, not maps]`: if all
  hold.
- `{first: [PHRASE, ...]}`: the first of some phrases that says anything.
- `{each: names, say: PHRASE}`: the phrase of every one of several things, which it calls `it`.
- a list of phrases: those that say anything, with a space between them; `{join: "; ", of: [PHRASE, ...]}`, with that.

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
"""A text, a list of phrases, or a mapping with `if`, `first` or `of`: what a file of words holds under a name."""


class Words:
    """The phrases of one file, read when the first of them is said."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def phrases(self) -> Mapping[str, Phrase]:
        """By their names."""
        return _phrases(self.name)

    def say(self, phrase: str, facts: object = None, **more: object) -> str:
        """The phrase of that name, of these facts. Raises KeyError where it needs a fact that is not among them."""
        return _Saying(self, facts, more).said(self.phrases[phrase])

    def each(self, phrase: str, facts: object = None, **more: object) -> list[str]:
        """The parts of a list of phrases that say anything, one by one."""
        found = self.phrases[phrase]
        return _Saying(self, facts, more).parts(found["of"] if isinstance(found, dict) else found)

    def captions(self, facts: object) -> dict[str, str]:
        """What stands around a picture, and what a screen reader says of it: four phrases of every view's file."""
        return {phrase: self.say(phrase, facts) for phrase in ("title", "claim", "reading", "description")}


@cache
def _phrases(file: str) -> Mapping[str, Phrase]:
    written = files(__package__).joinpath(LANGUAGE, f"{file}.yml").read_text(encoding="utf-8")
    phrases: dict[str, Phrase] = yaml.load(written, _Loader)
    return phrases


class _Saying:
    """One phrase being said."""

    def __init__(self, words: Words, facts: object, more: Mapping[str, object]) -> None:
        self._words, self._facts, self._more = words, facts, more

    def said(self, phrase: Phrase) -> str:
        if isinstance(phrase, str):
            return "".join(
                literal if field is None else literal + _written(self.fact(field), form)
                for literal, field, form in _pieces(phrase)
            )
        if isinstance(phrase, list):
            return " ".join(self.parts(phrase))
        if "if" in phrase:
            return self.said(phrase["say"] if self._holds(phrase["if"]) else phrase.get("else", ""))
        if "first" in phrase:
            return next(filter(None, map(self.said, phrase["first"])), "")
        if "each" in phrase:
            return listed(self.parts([phrase]))
        return str(phrase["join"]).join(self.parts(phrase["of"]))

    def parts(self, phrases: Sequence[Phrase]) -> list[str]:
        """What is said by each phrase that says anything; of an `each`, by every one of its things."""
        return [said for phrase in phrases for said in self._several(phrase) if said]

    def _several(self, phrase: Phrase) -> list[str]:
        if not isinstance(phrase, dict) or "each" not in phrase:
            return [self.said(phrase)]
        things: Any = self.fact(phrase["each"])
        return [_Saying(self._words, self._facts, {**self._more, "it": it}).said(phrase["say"]) for it in things]

    def _holds(self, condition: str | list[str]) -> bool:
        conditions = condition if isinstance(condition, list) else [condition]
        return all(bool(self.fact(each.removeprefix("not "))) != each.startswith("not ") for each in conditions)

    def fact(self, name: str) -> object:
        """`layer.units`: of what is said with the phrase, of the facts, or a phrase of the file."""
        first, *rest = name.split(".")
        found = self._more[first] if first in self._more else _entry(self._facts, first)
        if found is _MISSING and first in self._words.phrases:
            found = self.said(self._words.phrases[first])
        for each in rest:
            found = _entry(found, each)
        if found is _MISSING:
            raise KeyError(f"words/{LANGUAGE}/{self._words.name}.yml needs a fact {name!r}")
        return found


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
    return facts.get(name, _MISSING) if isinstance(facts, dict) else getattr(facts, name, _MISSING)
