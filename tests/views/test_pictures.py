"""What pictures say and where everything stands, a YAML file a case: see tests/picture_cases.py.

A case that fails shows the lines that differ: the nodes and edges that moved, or whose words are others. `make accept`
takes what is drawn now; read the diff, and look at a picture of each view in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from lstmdiag.diagrams import Diagram, Edge, Group, Key, Node
from lstmdiag.diagrams.text import text as label
from lstmdiag.errors import LstmdiagError
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import chosen_layer
from tests.diagram_text import text
from tests.models import COMPARISONS, PACKAGED
from tests.picture_cases import FOLDER, PATHS, Case, read, whole

LARGEST = 60_000  # bytes of a file
SHOWN = 60  # lines of a difference
ALL_LAYERS = ("model", "time")  # views that draw every layer; the others open one
TO_ADD = "add a file to tests/cases/pictures (how: tests/picture_cases.py), run `make accept`, read and look"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    try:
        seen = whole(read(path))
    except (LstmdiagError, ValueError, yaml.YAMLError) as error:
        pytest.fail(f"{path.name}: {error}", pytrace=False)
    if request.config.getoption("accept"):
        path.write_text(seen, encoding="utf-8", newline="\n")
    taken = path.read_text(encoding="utf-8")
    if seen != taken:
        lines = unified_diff(taken.splitlines(), seen.splitlines(), "taken", "drawn now", lineterm="", n=0)
        pytest.fail(f"{path.name}; `make accept` takes it\n" + "\n".join(islice(lines, SHOWN)), pytrace=False)


def test_cases_can_be_read_by_people() -> None:
    large = [path.name for path in PATHS if path.stat().st_size > LARGEST]
    assert not large, f"a smaller spec, or fewer of its signals, would do as well: {', '.join(large)}"
    assert sorted(FOLDER.iterdir()) == [*PATHS], "cases end in .yml"


# Completeness


def shown() -> Iterator[tuple[Case, str]]:
    """(case, kind) of every layer that a case draws."""
    for case in map(read, PATHS):
        subject = case.subject
        for model in [subject] if isinstance(subject, Model) else subject.models:
            if case.view in ALL_LAYERS:
                yield from ((case, layer.kind) for layer in parts(model.layers))
            else:
                yield case, chosen_layer(model, case.selection).kind


def parts(layers: Any) -> Iterator[Layer]:
    for layer in layers:
        yield layer
        yield from parts([layer.inner] if layer.inner else ())


def test_every_kind_has_a_case_in_every_view_that_draws_it() -> None:
    has = {(case.view, kind) for case, kind in shown()}
    inside = [view for view in VIEWS if view not in ALL_LAYERS]
    wanted = [(view, kind) for kind in KINDS for view in ALL_LAYERS]
    wanted += [(view, name) for name, kind in KINDS.items() if kind.recurrent and not kind.wraps for view in inside]
    lacking = [f"no case has {kind} in the view {view}" for view, kind in wanted if (view, kind) not in has]
    assert not lacking, "; ".join(lacking) + f": {TO_ADD}"


def test_every_view_has_a_case_bare_and_with_numbers() -> None:
    has = {(case.view, case.numbers) for case in map(read, PATHS)}
    wanted = {(view, False) for view in VIEWS}
    wanted |= {(view.name, True) for view in VIEWS.values() if view.carries_numbers and view.scale != "numbers"}
    assert wanted <= has, f"no case of (view, with numbers) {sorted(wanted - has)}: {TO_ADD}"


def test_every_packaged_spec_has_a_case() -> None:
    lacking = sorted({*PACKAGED, *COMPARISONS} - {read(path).spec for path in PATHS})
    assert not lacking, f"no case draws {', '.join(lacking)}: {TO_ADD}"


# The text


NODE = Node("n", label("n"), "op", 1, 2, 3, 4)
EDGE = Edge("e", "n", "m", "op", ((0, 0), (1, 1)), label=label("e"), label_at=(0, 0))
GROUP = Group("g", label("g"), "weight", 1, 2, 3, 4)
KEY = Key("op", "what it means")
DIAGRAM = Diagram("cell", "title", "claim", "reading", (NODE,), (EDGE,), (GROUP,), (KEY,))
OTHER: dict[str, Any] = {
    "label": label("another"), "text": "another", "states": ("first", "all"), "facts": {"units": 3}, "count": 7,
    "points": ((0, 0), (1, 1.1)), "label_at": (0, 0.1), "shape": "another", "step": 1, "unit": 1, "since": 1,
    "level": 0.5, "arrow": False, "curve": True, "strands": ("op", "op"), "nodes": (), "edges": (), "groups": (),
    "legend": (),
}  # fmt: skip
TEXT_OF_NOTHING_DRAWN = {"view", "layer", "layout", "zoom", "unit", "excess"}
"""Fields of a Diagram: what was asked for, not what is seen."""


def changed(part: Any, field: str) -> Any:
    value = getattr(part, field)
    other = (1, 2) if (type(part), field) == (Edge, "shape") else OTHER.get(field, "another")
    return replace(part, **{field: value + 0.1 if isinstance(value, float | int) and field not in OTHER else other})


@pytest.mark.parametrize("part", [NODE, EDGE, GROUP, KEY], ids=lambda part: type(part).__name__)
def test_whatever_changes_of_a_part_changes_the_text(part: Any) -> None:
    name = {Node: "nodes", Edge: "edges", Group: "groups", Key: "legend"}[type(part)]
    usual = replace(part, level=0.1) if isinstance(part, Node) else part
    before = text(replace(DIAGRAM, **{name: (usual,)}))
    for field in fields(part):
        after = text(replace(DIAGRAM, **{name: (changed(usual, field.name),)}))
        assert after != before, f"{type(part).__name__}.{field.name}"


def test_whatever_changes_of_a_diagram_changes_the_text() -> None:
    for field in fields(DIAGRAM):
        if field.name not in TEXT_OF_NOTHING_DRAWN:
            assert text(changed(DIAGRAM, field.name)) != text(DIAGRAM), field.name


def test_noise_in_the_last_digit_changes_nothing() -> None:
    for x in (0.25, 0.75, -0.25, -0.05, 0.0):
        beside = [text(replace(DIAGRAM, nodes=(replace(NODE, x=x + noise),))) for noise in (-1e-9, 0, 1e-9)]
        assert len(set(beside)) == 1
