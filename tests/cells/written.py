"""Reads formulas back: the Unicode text of an equation → its value, by a grammar of its own.

Numbers are exact fractions, vectors are tuples, matrices tuples of tuples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import count
from typing import Any

Value = Any

_TOKEN = re.compile(
    r"\s*(Σ_\w+|√|[A-Za-z]\w*?_\{[^}]*\}|[A-Za-z]\w*|\d+(?:,\d{3})*(?:\.\d+)?|[σ+−⊙×/()\[\];,|])",
)

_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INDEX = "[ of an index"  # it stands right behind what it opens; the one of a stack does not
_OPENING = "| that opens"


def value(text: str, names: Mapping[str, Value], running: Mapping[str, int]) -> Value:
    """The value of a formula's text. `names` as they are written (`h_{t−1}`), `running` letters with their index."""
    return _Reader(text, names).read(dict(running))


class _Reader:
    def __init__(self, text: str, names: Mapping[str, Value]) -> None:
        self.names = names
        self.tokens: list[str] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            assert found, f"cannot read {text[at:]!r}"
            token, before = found[1], text[found.start(1) - 1 : found.start(1)]
            if token == "[" and before and before in "}]" + _NAME:
                token = _INDEX
            if token == "|" and (before in ("", " ", "(", "[", "−") or (before == "|" and self.tokens[-1] == _OPENING)):
                token = _OPENING
            self.tokens.append(token)
            at = found.end()
        self.at = 0

    def read(self, running: dict[str, int]) -> Value:
        result = self.total(running)
        assert self.at == len(self.tokens), f"left over: {self.tokens[self.at :]}"
        return result

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.next
        assert not expected or token == expected, f"expected {expected!r}, found {token!r}"
        self.at += 1
        return token

    def total(self, running: dict[str, int]) -> Value:
        if self.next == "−":
            self.take()
            result = each(lambda a: -a, self.product(running))
        else:
            result = self.product(running)
        while self.next in ("+", "−"):
            sign = self.take()
            other = self.product(running)
            result = each((lambda a, b: a + b) if sign == "+" else (lambda a, b: a - b), result, other)
        return result

    def product(self, running: dict[str, int]) -> Value:
        """Juxtaposition, × and ⊙ in a row, right to left; one division, of two factors."""
        factors, signs = [self.factor(running)], []
        while self.next and self.next not in "+−),;]|":
            signs.append(self.take() if self.next in ("⊙", "×", "/") else "")
            factors.append(self.factor(running))
        assert "/" not in signs or len(signs) == 1, "a division in a row is ambiguous"
        assert len(set(signs)) < 2, f"mixed products need parentheses: {signs}"
        result = factors.pop()
        while factors:
            result = multiplied(factors.pop(), signs.pop(), result)
        return result

    def factor(self, running: dict[str, int]) -> Value:
        token = self.take()
        if token.startswith("Σ_"):
            return sum(self.run(token[2:], running))
        if token == "(":
            return self.closed(")", running)
        if token == _OPENING:
            return each(abs, self.closed("|", running))
        if token == "[":
            stacked = list(self.closed_all("]", ";", running))
            return self.indexed(tuple(number for part in stacked for number in part), running)
        if token[0].isdigit():
            return Fraction(token.replace(",", ""))
        if self.next == "(" and token in FUNCTIONS:
            self.take()
            return FUNCTIONS[token](*self.closed_all(")", ",", running))
        if token.startswith("max_"):
            return max(self.run(token[4:], running))
        return self.indexed(self.names[token], running)

    def run(self, letter: str, running: dict[str, int]) -> list[Value]:
        """The product that follows, for every index that what the letter stands at has."""
        start, results = self.at, []
        for index in count():
            self.at = start
            try:
                results.append(self.product({**running, letter: index}))
            except IndexError:
                break
        self.at = start
        self.product({**running, letter: 0})
        return results

    def indexed(self, found: Value, running: dict[str, int]) -> Value:
        if self.next != _INDEX:
            return found
        self.take()
        while True:
            found = found[running[self.take()]]
            if self.take() == "]":
                return found

    def closed(self, end: str, running: dict[str, int]) -> Value:
        result = self.total(running)
        self.take(end)
        return result

    def closed_all(self, end: str, between: str, running: dict[str, int]) -> list[Value]:
        results = [self.total(running)]
        while self.next == between:
            self.take()
            results.append(self.total(running))
        self.take(end)
        return results


def each(function: Any, *args: Value) -> Value:
    """Elementwise; a plain number goes with every entry."""
    if not any(isinstance(arg, tuple) for arg in args):
        return function(*args)
    length = next(len(arg) for arg in args if isinstance(arg, tuple))
    return tuple(each(function, *(arg[n] if isinstance(arg, tuple) else arg for arg in args)) for n in range(length))


def multiplied(one: Value, sign: str, other: Value) -> Value:
    matrix = isinstance(one, tuple) and isinstance(one[0], tuple)
    if sign == "/":
        return each(lambda a, b: a / b, one, other)
    if matrix:
        assert sign == "", "a matrix stands before what it multiplies"
        return tuple(sum(a * b for a, b in zip(row, other, strict=True)) for row in one)
    both = isinstance(one, tuple) and isinstance(other, tuple)
    assert both == (sign == "⊙"), f"{sign!r} between {one} and {other}"
    return each(lambda a, b: a * b, one, other)


def relu(a: Value) -> Value:
    return each(lambda x: max(x, Fraction(0)), a)


def mean(a: Value) -> Value:
    return sum(a) / len(a) if isinstance(a, tuple) else a


def largest(*args: Value) -> Value:
    if len(args) == 1:
        return max(args[0]) if isinstance(args[0], tuple) else args[0]
    return each(max, *args)


def total(a: Value) -> Value:
    return sum(a) if isinstance(a, tuple) else a


FUNCTIONS: Mapping[str, Any] = {"relu": relu, "mean": mean, "max": largest, "sum": total}
