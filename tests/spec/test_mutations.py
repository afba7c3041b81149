"""Specs with random damage: each gives a model or an LstmdiagError, never anything else."""

import random
from functools import cache
from pathlib import Path

import pytest

from lstmdiag.binding import read_model
from lstmdiag.errors import LstmdiagError
from lstmdiag.model import Model
from lstmdiag.spec.reader import examples
from lstmdiag.writers import problems
from tests.plain_yaml import loaded

CASES = Path(__file__).parent.parent / "cases" / "spec"
MUTATIONS = 1_000
PIECES = [
    *"{}[]:,-#&*!|>'\"%@`?\n\t \r\\~=<", "  ", "- ", ": ", "&a ", "*a", "!!str ", "<<: ", "---\n", "null", "true",
    "on", "010", "-1", "0", "1e999", ".nan", "99999999999999999999", "\x00", "\u2028", "\ud7ff", "🦆", "é", "\u202e",
    "LSTM", "units", "layer", "cells", "equations", "state", "x", "h_prev", "W_f", "@", "*", "(", ")", "[[1]]",
    "sigmoid(",
]  # fmt: skip


@cache
def seeds() -> list[str]:
    """The examples and the cases, valid ones more often."""
    texts = [path.read_text(encoding="utf-8") for path in examples().values()]
    cases = [loaded(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.yml"))]
    valid = texts + [case["spec"] for case in cases if "model" in case]
    return valid * 4 + [case["spec"] for case in cases]


def mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        end = min(len(text), at + int(chance.expovariate(0.2)))
        lines = text.split("\n")
        line = chance.randrange(len(lines))
        text = chance.choice(
            [
                text[:at] + text[end:],
                text[:at] + chance.choice(PIECES) + text[at:],
                text[:at] + chance.choice(PIECES) + text[end:],
                text[:at] + text[at:end] * 2 + text[end:],
                "\n".join([*lines[:line], *lines[line + 1 :]]),
                "\n".join([*lines[:line], "  " + lines[line], *lines[line + 1 :]]),
                "\n".join([*lines[:line], lines[line].strip(), *lines[line + 1 :]]),
                "\n".join([*lines[:line], chance.choice(lines), *lines[line:]]),
            ]
        )
    return text


@pytest.mark.parametrize("part", range(4))
def test_mutations(part: int) -> None:
    texts = seeds()
    read = 0
    for number in range(part, MUTATIONS, 4):
        chance = random.Random(number)
        text = mutated(chance.choice(texts), chance)
        try:
            model = read_model(text.encode("utf-8", "surrogatepass"), "spec.yml", "spec")
            assert isinstance(model, Model)
            read += 1
        except LstmdiagError as error:
            assert error.problems, f"seed {number}"
            for format in problems.FORMATS:
                assert problems.write(error.problems, format)
            for problem in error.problems:
                if problem.at and not problem.message.startswith("the file is binary"):  # whose lines are not shown
                    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
                    assert problem.at.source == lines[problem.at.line - 1].removeprefix("\ufeff"), f"seed {number}"
                    assert 1 <= problem.at.column <= len(problem.at.source) + 1, f"seed {number}"
        except Exception as error:
            raise AssertionError(f"seed {number}: {text!r}") from error
    assert read > 10  # the damage is not so great that nothing is ever read
