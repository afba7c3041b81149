"""What a kind of layer or a view lacks is named: one row each, and the place to put it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest

from lstmdiag.comparing.picture import DIFFERENCES
from lstmdiag.frameworks import FRAMEWORKS
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Kind
from lstmdiag.site.template import shown
from lstmdiag.spec.schema import schema_text
from lstmdiag.views import VIEWS, View
from lstmdiag.views.selection import Selection
from lstmdiag.words import Words
from tests.options import ROWS

GUIDE = (Path(__file__).parent.parent / "docs" / "guide" / "spec.md").read_text(encoding="utf-8").splitlines()
DEFINITIONS = json.loads(schema_text())["definitions"]

SHOWN = set(shown(Words("page").phrases["page"]))
"""Views that a section of a page was written for."""

FREE = (
    "RepeatVector", "Dropout", "SpatialDropout1D", "Masking", "Embedding", "Flatten", "Reshape", "Permute",
    "Concatenate",
)  # fmt: skip
"""Kinds that move numbers and compute none."""


def _shares(kind: Kind) -> bool:
    return any(name in kind.options.model_fields for name in ("rate", "dropout", "recurrent_dropout"))


def _described(kind: Kind) -> bool:
    definition = DEFINITIONS.get(kind.name) or DEFINITIONS["layer"]["anyOf"][0]["properties"].get(kind.name, {})
    forms = definition.get("anyOf", [{}])
    return bool(definition.get("description")) and all(
        option.get("description") for option in forms[0].get("properties", {}).values()
    )


READINGS: Mapping[str, Callable[[Kind], bool]] = {
    "numbers: equations, or `numbers` in its file": lambda kind: bool(kind.cell or kind.wraps or kind.numbers),
    "masks: `counting` and `filler` in its file, where it makes one": lambda kind: (
        kind.mask != "makes" or bool(kind.counting and kind.padding_value)
    ),
    "its function: `function` in its file, where it has an option `activation`": lambda kind: (
        bool(kind.function) == ("activation" in kind.options.model_fields)
    ),
    "dropout: `dropped` in its file, where an option is a share": lambda kind: (
        _shares(kind) == bool(kind.dropped is not Kind.dropped)
    ),
    "cost: equations, `work` in its file, or a place in FREE": lambda kind: bool(
        kind.cell or kind.wraps or kind.work or kind.name in FREE
    ),
    **{
        f"conventions: a row in frameworks/{name}.py": lambda kind, rows=framework.rows: kind.name in rows
        for name, framework in FRAMEWORKS.items()
    },
    "PyTorch's source: `source` in frameworks/pytorch.py, or `lacking`": lambda kind: bool(
        kind.wraps or ((row := FRAMEWORKS["pytorch"].rows.get(kind.name)) and (row.source or row.lacking))
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
    bare = replace(KINDS["Masking"], name="New", options=KINDS["LSTM"].options, numbers=None, counting=None)
    assert lacking(bare) == list(READINGS)


FIELDS = {field.name for field in fields(Selection)}

WHOLE: Mapping[str, Callable[[View], bool]] = {
    "reads: fields of a Selection": lambda view: {*view.reads, *(view.numbers or ())} <= FIELDS,
    "level: a view that is its own": lambda view: not view.level or VIEWS[view.level].level == view.level,
    "label: what links to its section are called, or a text that goes on with another's": lambda view: bool(
        view.label or view.name in SHOWN or not view.page
    ),
    "shows: a difference that comparing/picture.py knows": lambda view: view.shows in ("", "layers", *DIFFERENCES),
    "scale: `extent` in its file": lambda view: view.scale != "numbers" or callable(view.extent),
}


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_whole(name: str) -> None:
    assert [what for what, has in WHOLE.items() if not has(VIEWS[name])] == []


def test_a_view_is_told_all_that_it_lacks() -> None:
    broken = replace(VIEWS["cell"], name="new", reads=("gat",), level="cell", label="", shows="sizes", scale="one")
    assert [what.split(":")[0] for what, has in WHOLE.items() if not has(broken)] == ["reads", "level", "label"]
