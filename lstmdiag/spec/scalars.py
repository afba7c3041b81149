"""One unquoted YAML word → its value.

YAML 1.1 (PyYAML) and YAML 1.2 (most editors) read some words differently, and the first reads some as
nobody means them: `010` is 8, `12:30` is 750, `on` is true. Such a word is a problem, with the mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Value = str | int | float | bool | None

MAX_DIGITS = 1_000

_WORDS: dict[str, Value] = {"": None, "~": None}
for _value, _word in ((None, "null"), (True, "true"), (False, "false")):
    _WORDS.update(dict.fromkeys((_word, _word.title(), _word.upper()), _value))

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"([-+]?[0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")
_NOT_FINITE = re.compile(r"([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)")


class UnexpectedScalar(Exception):
    """The word means something else than it seems to; `mend` says what to write."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message, self.mend = message, mend


def _truth(word: str) -> UnexpectedScalar:
    value = "true" if word.lower() in ("yes", "on") else "false"
    return UnexpectedScalar(f"YAML reads {word} as {value}", f'write {value}, or "{word}" in quotes for the word')


def _octal(word: str) -> UnexpectedScalar:
    digits = word.lstrip("+-0").replace("_", "")
    octal = int(digits or "0", 8) if not set(digits) & set("89") else None
    reads = f"YAML reads {word} as {octal}, in octal" if octal is not None else f"YAML reads {word} as text"
    return UnexpectedScalar(reads, f'write {digits or 0}, or "{word}" in quotes for text')


def _radix(word: str) -> UnexpectedScalar:
    return UnexpectedScalar(f"{word} is not a decimal number", f'write it in decimal, or "{word}" in quotes for text')


def _sixties(word: str) -> UnexpectedScalar:
    return UnexpectedScalar(f"YAML reads {word} as a number in base 60", f'write "{word}" in quotes for text')


def _underscores(word: str) -> UnexpectedScalar:
    plain = word.replace("_", "")
    return UnexpectedScalar(f"some readers of YAML take {word} for {plain}, some for text", f"write {plain}")


def _exponent(word: str) -> UnexpectedScalar:
    mend = f'write {float(word)!r}, or "{word}" in quotes for text'
    return UnexpectedScalar(f"some readers of YAML take {word} for a number, some for text", mend)


def _date(word: str) -> UnexpectedScalar:
    return UnexpectedScalar(f"YAML reads {word} as a date", f'write "{word}" in quotes for text')


_UNEXPECTED: tuple[tuple[re.Pattern[str], Callable[[str], UnexpectedScalar]], ...] = (
    (re.compile(r"[-+]?0[0-9_]+"), _octal),
    (re.compile(r"[-+]?0(b[01_]+|o[0-7_]+|x[0-9a-fA-F_]+)"), _radix),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), _sixties),
    (re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?|\.[0-9_]+"), _underscores),
    (re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?"), _exponent),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"), _date),
)
"""The first row that fits a word that begins with no letter and is no plain decimal number."""


def value_of(word: str) -> Value:
    """An unquoted word → what it says; raises UnexpectedScalar."""
    if word in _WORDS:
        return _WORDS[word]
    if word[0].isalpha():
        if word.lower() in ("yes", "no", "on", "off"):
            raise _truth(word)
        return word
    if _INT.fullmatch(word):
        if len(word) > MAX_DIGITS:
            raise UnexpectedScalar(
                f"a number of {len(word):,} digits is beyond counting", f"{MAX_DIGITS:,} digits are allowed"
            )
        return int(word)
    if _FLOAT.fullmatch(word):
        return float(word)
    found = _NOT_FINITE.fullmatch(word)
    if found:
        return float(found.group(1) + found.group(2))
    for pattern, surprise in _UNEXPECTED:
        if len(word) < MAX_DIGITS and pattern.fullmatch(word):
            raise surprise(word)
    return word
