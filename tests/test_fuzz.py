"""The fuzzer tells what it finds; CI runs it longer."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from lstmdiag.errors import LstmdiagError
from tests import damage, fuzz, generator
from tests.models import model


@pytest.fixture(autouse=True)
def few_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "generated", damage.packaged)


def test_a_few_seeds_are_answered() -> None:
    words, found = fuzz.fuzz(0, 6)
    assert found == []
    assert words["refused"] and words["drawn"] + words["partly drawn"]


def test_tracebacks_and_slow_answers_are_told_with_their_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(fuzz, "table", broken)
    monkeypatch.setattr(fuzz, "LIMIT", -1.0)
    words, found = fuzz.fuzz(0, 6)
    assert words["findings"] >= 6 and words["traceback"]
    assert any("KeyError: 'lost'" in text for text in found)
    assert any(": read: " in text for text in found)
    assert all(text.startswith("seed ") for text in found)


def test_a_process_that_hangs_or_dies_is_told_with_its_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = tmp_path / "specs.json"
    specs.write_text("not JSON")
    words, found = fuzz.batch(7, 1, specs)
    assert words["findings"] == 1 and "seed 7: the process ended with 1" in found[0]
    monkeypatch.setattr(fuzz, "HANGS", 0.0)
    words, found = fuzz.batch(7, 1, specs)
    assert found == ["seed 7: no answer in 0 seconds"]


@pytest.mark.parametrize("number", range(0, 200, 10))
@pytest.mark.sweep(5)
def test_mutants_of_cells_are_mostly_cells(number: int) -> None:
    fitting = 0
    for seed in range(number, number + 10):
        chance = random.Random(seed)
        try:
            model(generator.text(damage.own_cell(chance)))
            fitting += 1
        except LstmdiagError as error:
            assert error.problems
    assert fitting >= 3
