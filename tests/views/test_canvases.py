"""Pictures on the canvases they are made for: what fits is seen whole, and nothing stands on anything else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.canvas import ALONE, CANVASES, FREE
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.drawing import composed, placed, views_of
from lstmdiag.model import Model
from lstmdiag.spec.reader import examples
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.models import model, packaged
from tests.views.test_invariants import mistakes

DRAWN = ("page", "narrow", "slide")
FITTING = {
    "page": ("model", "layer", "trace", "gradient"),
    "narrow": ("layer", "trace", "gradient"),
    "slide": ("trace", "gradient"),
}
"""Canvas → the views that fit on it, of whatever packaged model, in both directions."""

AS_WIDE = {"page": ("time",), "narrow": (), "slide": ()}
"""The same of views that are as wide, and may be higher where a model is deep."""

NOT_YET = {("time", "page", "attention-translation")}
"""Eleven points too wide."""


def cases() -> Iterator[tuple[str, str, str]]:
    for view in VIEWS.values():
        if view.scale != "numbers":
            yield from ((view.name, canvas, name) for canvas in DRAWN for name in MODELS)


MODELS = [name for name, path in examples().items() if b"compare:" not in path.read_bytes()]


def size(diagram: Diagram) -> tuple[float, float]:
    left, bottom, right, top = bounds(diagram)
    return right - left, top - bottom


@pytest.mark.parametrize(("view", "canvas", "name"), [*cases()])
@pytest.mark.sweep(24)
def test_every_picture_is_whole(view: str, canvas: str, name: str) -> None:
    found = packaged(name)
    if view not in views_of(found):
        pytest.skip("nothing to open")
    diagram = composed(found, view, Selection(), CANVASES[canvas], ALONE)
    assert mistakes(diagram) == []
    (wide, high), (width, height) = size(diagram), CANVASES[canvas].room
    if view in FITTING[canvas]:
        assert wide <= width and high <= height
    if view in AS_WIDE[canvas] and (view, canvas, name) not in NOT_YET:
        assert wide <= width


@pytest.mark.parametrize("view", VIEWS)
def test_with_room_enough_all_detail_is_drawn(view: str) -> None:
    found = packaged("three-units")
    free = composed(found, view, Selection(), FREE, ALONE)
    assert free.nodes == placed(found, view, Selection()).nodes and free.excess == 1


def test_a_long_chain_is_wrapped_and_no_wire_crosses_another() -> None:
    layers = "\n".join(f"  - Dense: {n}" for n in range(3, 18))
    chain = model(f"version: 1\ninput: {{steps: 4, features: 2}}\nlayers:\n  - LSTM: 3\n{layers}\n")
    diagram = composed(chain, "model", Selection(), CANVASES["page"], ALONE)
    rows = sorted({round(node.y) for node in diagram.nodes if node.role in ("layer", "input", "output")}, reverse=True)
    assert len(rows) >= 3
    for row in rows:
        boxes = [node for node in diagram.nodes if round(node.y) == row and node.role == "layer"]
        numbers = [int(node.id.removeprefix("layer-")) for node in sorted(boxes, key=lambda node: node.x)]
        assert numbers == sorted(numbers)  # it reads from left to right, row by row
    assert mistakes(diagram) == []


@pytest.mark.parametrize("name", ["attention-translation", "sequence-to-sequence", "encoder-decoder"])
def test_axes_above_each_other_begin_at_the_same_place(name: str) -> None:
    diagram = composed(packaged(name), "time", Selection(), CANVASES["page"], ALONE)
    first = {node.y: node.x for node in diagram.nodes if node.id in ("axis-1-t1", "axis-2-t1")}
    assert len(first) == 2 and len(set(first.values())) == 1
    assert [group.id for group in diagram.groups if group.id.startswith("divider")] == []


@pytest.mark.parametrize("units", [2, 3, 5, 128])
def test_the_focus_is_drawn_and_marks_count_the_others(units: int) -> None:
    one = model(f"version: 1\ninput: {{steps: 4, features: 9}}\nlayers:\n  - LSTM: {units}\n")
    for unit in {1, 2, units}:
        diagram = composed(one, "layer", Selection(unit=unit), CANVASES["narrow"], ALONE)
        drawn = {node.unit for node in diagram.nodes if node.role == "unit" and node.unit}
        counted = sum(node.count for node in diagram.nodes if node.id.startswith("units-after-"))
        assert unit in drawn and len(drawn) + counted == units
        assert all(node.count != 1 for node in diagram.nodes), "a mark for one that could be drawn"


def only(found: Model, view: str, canvas: str) -> Diagram:
    return composed(found, view, Selection(), CANVASES[canvas])


def test_a_slide_leaves_out_its_legend_before_anything_else() -> None:
    with_room, without = only(packaged("one-unit"), "gate", "slide"), only(packaged("three-units"), "layer", "slide")
    assert any(node.id.startswith("legend-") for node in with_room.nodes)
    assert not any(node.id.startswith("legend-") for node in without.nodes) and without.excess == 1
    assert len({node.unit for node in without.nodes if node.role == "unit"}) == 3


@pytest.mark.parametrize("layers", [3, 40])
def test_equal_layers_are_one_lane_with_their_number_and_their_weights(layers: int) -> None:
    rows = "\n".join("  - LSTM: {units: 8, return_sequences: true}" for _ in range(layers))
    deep = model(f"version: 1\ninput: {{steps: 12, features: 8}}\nlayers:\n{rows}\n  - LSTM: 8\n")
    diagram = placed(deep, "time", Selection())
    marks = [node for node in diagram.nodes if node.role == "elision" and node.count == layers - 1]
    names = [layer.name for layer in deep.layers[1:-1]]
    words = " ".join(run.text for node in diagram.nodes for line in node.label for run in line)
    assert marks and f"{names[0]} … {names[-1]}" in words
    assert f"{sum(layer.params for layer in deep.layers[1:-1]):,} weights together" in words
    assert {node.layer for node in diagram.nodes} & {*names} == set()
    assert {*names} <= {node.layer for node in placed(deep, "time", Selection(layers="all")).nodes}
    assert mistakes(diagram) == []
