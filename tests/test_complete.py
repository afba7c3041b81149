"""A kind of layer that lacks a reading is named, with the reading: one row each, and the place to put it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lstmdiag.frameworks import FRAMEWORKS
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Kind
from lstmdiag.site import calls
from lstmdiag.spec.schema import schema_text
from tests.options import ROWS

GUIDE = (Path(__file__).parent.parent / "docs" / "guide" / "spec.md").read_text(encoding="utf-8").splitlines()
DEFINITIONS = json.loads(schema_text())["definitions"]

FREE = (
    "RepeatVector", "Dropout", "SpatialDropout1D", "Masking", "Embedding", "Flatten", "Reshape", "Permute",
    "Concatenate",
)  # fmt: skip
"""Kinds that move numbers and compute none."""


def _described(kind: Kind) -> bool:
    definition = DEFINITIONS.get(kind.name) or DEFINITIONS["layer"]["anyOf"][0]["properties"].get(kind.name, {})
    forms = definition.get("anyOf", [{}])
    return bool(definition.get("description")) and all(
        option.get("description") for option in forms[0].get("properties", {}).values()
    )


READINGS: Mapping[str, Callable[[Kind], bool]] = {
    "numbers: equations, or `numbers` in its file": lambda kind: bool(kind.cell or kind.wraps or kind.numbers),
    "masks: `counting` in its file, where it makes one": lambda kind: kind.mask != "makes" or bool(kind.counting),
    "cost: equations, `work` in its file, or a place in FREE": lambda kind: bool(
        kind.cell or kind.wraps or kind.work or kind.name in FREE
    ),
    **{
        f"conventions: a row in frameworks/{name}.py": lambda kind, rows=rows: kind.name in rows
        for name, rows in FRAMEWORKS.items()
    },
    "PyTorch's source: a row in site/calls.py or site/torch_layers.py": lambda kind: (
        kind.wraps or kind.name in calls._TORCH
    ),
    "the schema: it and its options described": _described,
    "the guide: a heading in docs/guide/spec.md": lambda kind: f"### {kind.name}" in GUIDE,
    "the generator: a row in tests/options.py": lambda kind: kind.wraps or kind.name in ROWS,
}


def lacking(kind: Kind) -> list[str]:
    return [reading for reading, has in READINGS.items() if not has(kind)]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_every_reading(name: str) -> None:
    assert lacking(KINDS[name]) == []


def test_a_new_kind_is_told_all_that_it_lacks() -> None:
    assert lacking(replace(KINDS["Masking"], name="New", numbers=None, counting=None)) == list(READINGS)
