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

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from lstmdiag.words.phrases import MISSING, Phrase, entry, read

LANGUAGE = "en"
_FOLDER = Path(__file__).with_name(LANGUAGE)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Written = Any
"""A text, a list of phrases, or a mapping with `if`, `each`, `first` or `of`: what a file holds under a name."""


class Words:
    """The phrases of one file, read when the first of them is said."""

    def __init__(self, name: str, phrases: Mapping[str, Written] | None = None) -> None:
        self.name, self._given = name, phrases
        self._groups: dict[str, Words] = {}
        self._read: dict[str, Phrase] = {}

    @cached_property
    def phrases(self) -> Mapping[str, Written]:
        """By their names, as they are written."""
        return _file(self.name) if self._given is None else self._given

    def phrase(self, name: str) -> Phrase:
        """The phrase of that name, read when it is said first."""
        if name not in self._read:
            self._read[name] = read(self.phrases[name])
        return self._read[name]

    def group(self, name: str) -> Words:
        """The phrases in a group of the file, before those around it."""
        if name not in self._groups:
            self._groups[name] = Words(self.name, {**self.phrases, **self.phrases[name]})
        return self._groups[name]

    def say(self, phrase: str, facts: object = None, **more: object) -> str:
        """The phrase of that name, of these facts. Raises KeyError where it needs a fact that is not among them."""
        return self.phrase(phrase).said(Saying(self, more, facts))

    def each(self, phrase: str, facts: object = None, **more: object) -> list[str]:
        """The parts of a list of phrases that say anything, one by one."""
        return self.phrase(phrase).parts(Saying(self, more, facts))

    def saying(self, *facts: object) -> Saying:
        """What says phrases of these facts, of which the first that has a name counts."""
        return Saying(self, *facts)

    def captions(self, facts: object) -> dict[str, str]:
        """What stands around a picture, and what a screen reader says of it: four phrases of every view's file."""
        return {phrase: self.say(phrase, facts) for phrase in ("title", "claim", "reading", "description")}


@cache
def _file(name: str) -> Mapping[str, Written]:
    phrases: dict[str, Written] = yaml.load(_FOLDER.joinpath(f"{name}.yml").read_text(encoding="utf-8"), _Loader)
    return phrases


class Saying:
    """Phrases being said, of facts of which the first that has a name counts."""

    __slots__ = ("_facts", "_words")

    def __init__(self, words: Words, *facts: object) -> None:
        self._words, self._facts = words, facts

    def of(self, thing: object) -> Saying:
        """The same of a thing, whose own facts come before the others."""
        own = () if isinstance(thing, (str, int, float, list, tuple)) else (thing,)
        return Saying(self._words, {"it": thing}, *own, *self._facts)

    def said(self, phrase: Written) -> str:
        """The phrase in words."""
        return read(phrase).said(self)

    def parts(self, phrase: Written) -> list[str]:
        """What is said by each phrase of a list that says anything, or of each of several things."""
        return read(phrase).parts(self)

    def fact(self, name: str) -> Any:
        """`units`: of the first facts that have that name, or a phrase of the file. Raises KeyError."""
        for facts in self._facts:
            if (found := entry(facts, name)) is not MISSING:
                return found
        if name in self._words.phrases:
            return self._words.phrase(name).value(self)
        raise KeyError(f"words/{LANGUAGE}/{self._words.name}.yml needs a fact {name!r}")
