"""The fuzzer tells what it finds; CI runs it longer."""

from __future__ import annotations

from typing import Any

import pytest

from tests import fuzz


@pytest.fixture(autouse=True)
def few_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "generated", fuzz.packaged)


def test_a_few_seeds_are_answered() -> None:
    words, found = fuzz.fuzz(0, 20)
    assert found == []
    assert words.total() == 20 and words["refused"] and words["drawn"]


def test_tracebacks_and_slow_answers_are_told_with_their_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(fuzz, "table", broken)
    monkeypatch.setattr(fuzz, "LIMIT", -1.0)
    words, found = fuzz.fuzz(0, 20)
    assert words["slow"] == 20 and words["traceback"]
    assert any("KeyError: 'lost'" in text for text in found)
    assert all(text.startswith("seed ") for text in found)
