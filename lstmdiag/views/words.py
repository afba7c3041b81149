"""Words that several views print: numbers with their nouns, what a role is called, previous values."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.diagrams import Run

GATE_WORDS: Mapping[str, str] = {
    "gate.keep": "keep",
    "gate.write": "write",
    "gate.content": "content",
    "gate.read": "read",
}


def counted(number: int, noun: str) -> str:
    """1 feature, 3 units, 1,000 weights."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def at_step(symbol: str, step: str = "t") -> tuple[Run, Run]:
    """h with the step below it: `at_step("h", "t−1")`."""
    return Run(symbol), Run(step, "sub")


def listed(words: list[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
