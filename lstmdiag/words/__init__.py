"""What pictures, tables and pages say: phrases in files of words, chosen and filled by facts.

A file in `words/en/` gives phrases names. A phrase is one of

- a text with fields: `{state}` is a fact, or another phrase of the file. `{steps:step}` counts: 1 step, 3 steps.
  `{states:goes|go}` is the first where the fact is true, 1 or one thing, else the second.
- `{if: alone, say: PHRASE, else: PHRASE}`: one of two phrases, or nothing; `not alone`; `[alone, not maps]`: if all
  hold.
- `{each: layers, say: PHRASE}`, in a list: the phrase for each of several things, whose own facts come before the
  others.
- `{first: [PHRASE, ...]}`: the first of some phrases that says anything.
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
        return _Saying(self, more, facts).said(self.phrases[phrase])

    def each(self, phrase: str, facts: object = None, **more: object) -> list[str]:
        """The parts of a list of phrases that say anything, one by one."""
        found = self.phrases[phrase]
        return _Saying(self, more, facts).parts(found["of"] if isinstance(found, dict) else found)

    def captions(self, facts: object) -> dict[str, str]:
        """What stands around a picture, and what a screen reader says of it: four phrases of every view's file."""
        return {phrase: self.say(phrase, facts) for phrase in ("title", "claim", "reading", "description")}


class _Saying:
    """One phrase being said, of facts of which the first that has a name counts."""

    def __init__(self, words: Words, *facts: object) -> None:
        self._words, self._facts = words, facts

    def said(self, phrase: Phrase) -> str:
        if isinstance(phrase, str):
            return "".join(
                words if field is None else words + _written(self.fact(field), form)
                for words, field, form in _pieces(phrase)
            )
        if isinstance(phrase, list):
            return " ".join(self.parts(phrase))
        if "if" in phrase:
            return self.said(phrase["say"] if self._holds(phrase["if"]) else phrase.get("else", ""))
        if "first" in phrase:
            return next(filter(None, map(self.said, phrase["first"])), "")
        return str(phrase["join"]).join(self.parts(phrase["of"]))

    def parts(self, phrases: Sequence[Phrase]) -> list[str]:
        return [text for phrase in phrases for text in self._texts(phrase) if text]

    def _texts(self, phrase: Phrase) -> list[str]:
        if not isinstance(phrase, dict) or "each" not in phrase:
            return [self.said(phrase)]
        things: Any = self.fact(phrase["each"])
        return [_Saying(self._words, thing, *self._facts).said(phrase["say"]) for thing in things]

    def _holds(self, condition: str | list[str]) -> bool:
        conditions = condition if isinstance(condition, list) else [condition]
        return all(bool(self.fact(each.removeprefix("not "))) != each.startswith("not ") for each in conditions)

    def fact(self, name: str) -> object:
        """`layer.units`: of what is said with the phrase, of the facts, or a phrase of the file."""
        first, *rest = name.split(".")
        for facts in self._facts:
            found: Any = facts.get(first, _MISSING) if isinstance(facts, dict) else getattr(facts, first, _MISSING)
            if found is not _MISSING:
                break
        else:
            if first not in self._words.phrases:
                raise KeyError(f"words/{LANGUAGE}/{self._words.name}.yml needs a fact {first!r}")
            found = self.said(self._words.phrases[first])
        for each in rest:
            found = getattr(found, each)
        return found


@cache
def _pieces(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """Words, the name of the fact behind them, what stands behind its colon."""
    return tuple((words, field, form or "") for words, field, form, _ in Formatter().parse(text))


def _written(value: Any, form: str) -> str:
    one, or_else, several = form.partition("|")
    if or_else:
        is_one = value == 1 if isinstance(value, int) else len(value) == 1 if isinstance(value, list) else value
        return one if is_one else several
    if value is None or type(value) is int:
        return counted(value, one) if one else number(value)
    if isinstance(value, list | tuple):
        return listed([str(each) for each in value])
    return format(value, one)
