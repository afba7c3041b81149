"""The view weights: as many numbers as the layer has, to scale, or saying where not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.diagrams import Diagram, Node
from lstmdiag.diagrams.text import plain
from lstmdiag.model import Model
from lstmdiag.views.selection import Selection
from lstmdiag.views.weights import view
from tests.examples import max_examples
from tests.models import PACKAGED, lstm, of_cell, packaged


def draw(model: Model, **chosen: object) -> Diagram:
    return view(model, Selection(**chosen))


def nodes_of(diagram: Diagram) -> dict[str, Node]:
    return {node.id: node for node in diagram.nodes}


def said(diagram: Diagram) -> dict[str, str]:
    return {node.id: plain(node.label) for node in diagram.nodes}


@pytest.mark.parametrize(
    ("spec", "layer", "parts", "row"),
    [
        ("one-unit", None, (4, 4, 4), 3),
        ("three-units", None, (12, 36, 12), 5),
        ("three-units-two-features", None, (24, 36, 12), 6),
        ("stacked-classifier", "lstm", (5_120, 65_536, 512), 139),
        ("stacked-classifier", "lstm_1", (32_768, 16_384, 256), 193),
        ("encoder-decoder", "encoder", (400, 40_000, 400), 102),
        ("encoder-decoder", "decoder", (40_000, 40_000, 400), 201),
    ],
)
def test_counts_of_the_founding_specs(spec: str, layer: str | None, parts: tuple[int, ...], row: int) -> None:
    diagram = draw(packaged(spec), layer=layer)
    facts = diagram.facts
    assert (facts["0.W"], facts["1.U"], facts["2.b"]) == parts
    assert facts["weights"] == sum(parts)
    assert facts["row"] == facts["fan_in"] == row
    assert f"{parts[0]:,} in W, {parts[1]:,} in U and {parts[2]:,} in b" in diagram.claim
    assert f"= {row:,} weights" in said(diagram)["row"]


def test_blocks_are_to_scale_in_both_directions() -> None:
    nodes = nodes_of(draw(packaged("stacked-classifier"), layer="lstm_1"))  # H = 64 on 128 features
    assert nodes["W_f"].width == 2 * nodes["U_f"].width
    assert nodes["U_f"].width == nodes["U_f"].height == nodes["W_f"].height == 64 * 2
    assert said(draw(packaged("stacked-classifier"), layer="lstm_1"))["scale"].splitlines() == [
        "50 weights (1 weight = 2 pt)",
        "Not to scale: b is drawn wider.",
    ]


@pytest.mark.parametrize(
    ("units", "features", "scale", "larger"),
    [
        (128, 10, "100 weights (1 weight = 1 pt)", "W and b are drawn wider"),
        (300, 299, "200 weights (1 pt = 3 weights)", "b is drawn wider"),
        (1, 4096, "500 weights (1 pt = 8 weights)", "U and b are drawn wider, rows taller"),
        (128, 1, "100 weights (1 weight = 1 pt)", "W and b are drawn wider"),
        (10**9, 2 * 10**9, "500,000,000 weights (1 pt = 8,000,000 weights)", "b is drawn wider"),
    ],
)
def test_the_scale_is_printed_and_what_breaks_it(units: int, features: int, scale: str, larger: str) -> None:
    first, second = said(draw(lstm(units, features)))["scale"].splitlines()
    assert first == scale
    assert second == f"Not to scale: {larger}."


def test_features_equal_to_units_are_no_rule() -> None:
    assert "There are as many features as units here; they need not be equal." in said(draw(lstm(300, 300)))["scale"]
    assert "need not" not in said(draw(lstm(300, 299)))["scale"]


def test_the_bar_is_as_long_as_the_weights_it_names() -> None:
    diagram = draw(packaged("stacked-classifier"), layer="lstm_1")
    (bar,) = (edge for edge in diagram.edges if edge.tail.startswith("scale"))
    ends = nodes_of(diagram)
    assert ends[bar.head].x - ends[bar.tail].x == 50 * 2


def test_stripes_stand_in_the_order_i_f_g_o_and_tell_parts_apart() -> None:
    nodes = nodes_of(draw(packaged("encoder-decoder")))
    for part, shape in (("W", "box"), ("U", "hatched"), ("b", "dotted")):
        stripes = [nodes[f"{part}_{gate}"] for gate in "ifgo"]
        assert [stripe.role for stripe in stripes] == ["gate.write", "gate.keep", "gate.content", "gate.read"]
        assert {stripe.shape for stripe in stripes} == {shape}
        tops = [stripe.y for stripe in stripes]
        assert tops == sorted(tops, reverse=True)
        assert len({stripe.x for stripe in stripes}) == 1
    assert nodes["W_i"].x < nodes["U_i"].x < nodes["b_i"].x


def test_the_outlined_row_lies_at_its_place() -> None:
    for unit in (1, 50, 100):
        nodes = nodes_of(draw(packaged("encoder-decoder"), unit=unit))
        stripe, row = nodes["U_f"], nodes["row-U_f"]
        top = stripe.y + stripe.height / 2
        assert abs(top - (unit - 0.5) * stripe.height / 100 - row.y) <= row.height / 2
        assert {nodes[f"row-{part}_f"].y for part in "WUb"} == {row.y}
        assert row.inside == "U_f"
        assert row.mark == "focus"


def test_another_gate_can_be_chosen() -> None:
    diagram = draw(packaged("three-units"), unit=2, gate="g")
    assert "unit 2's content g:" in said(diagram)["row"]
    outlined = {"row-W_g": ["W_g-2-1"], "row-U_g": ["U_g-2-1", "U_g-2-2", "U_g-2-3"], "row-b_g": ["b_g-2"]}
    for row, cells in outlined.items():
        assert [node.id for node in diagram.nodes if node.inside == row] == cells
    marked = {node.id for node in diagram.nodes if node.mark == "focus"}
    assert marked == {*outlined, *(cell for cells in outlined.values() for cell in cells)}


def test_few_weights_are_drawn_one_by_one_and_named() -> None:
    diagram = draw(packaged("three-units-two-features"), unit=3)
    words = said(diagram)
    cells = [node for node in diagram.nodes if node.inside and node.label and node.id[0] in "WUb"]
    assert len(cells) == 72
    assert len({(node.width, node.height) for node in cells}) == 1
    assert words["W_f-3-2"] == "W_f[3,2]"
    assert words["U_o-1-3"] == "U_o[1,3]"
    assert words["b_i-2"] == "b_i[2]"
    assert words["scale"] == "Every cell is one weight."


@pytest.mark.parametrize(("units", "features", "cells"), [(3, 2, True), (3, 3, True), (3, 4, False), (4, 1, False)])
def test_single_weights_up_to_4h_12_and_f_plus_h_6(units: int, features: int, cells: bool) -> None:
    assert ("Every cell is one weight." in said(draw(lstm(units, features)))["scale"]) is cells


def test_how_frameworks_store_it() -> None:
    diagram = draw(packaged("encoder-decoder"))
    words, nodes = said(diagram), nodes_of(diagram)
    assert words["stored-keras"].splitlines() == [
        "Keras  40,800 weights", "kernel (1, 400)", "recurrent_kernel (100, 400)", "bias (400,)",
        "transposed: blocks side by side",
    ]  # fmt: skip
    assert words["stored-pytorch"].splitlines() == [
        "PyTorch  41,200 weights", "weight_ih_l0 (400, 1)", "weight_hh_l0 (400, 100)", "bias_ih_l0 (400,)",
        "bias_hh_l0 (400,)", "a second bias: 400 more", "torch.nn.LSTM has no relu;", "counted by its convention",
    ]  # fmt: skip
    assert words["stored-onnx"].splitlines() == [
        "ONNX  41,200 weights", "W (1, 400, 1)", "R (1, 400, 100)", "B (1, 800)", "a second bias: 400 more",
    ]  # fmt: skip
    side_by_side = sorted((nodes[f"stored-keras-{gate}"] for gate in "ifgo"), key=lambda node: node.x)
    assert "".join(words[node.id] for node in side_by_side) == "ifco"
    stacked = sorted((nodes[f"stored-onnx-{gate}"] for gate in "ifgo"), key=lambda node: -node.y)
    assert "".join(words[node.id] for node in stacked) == "iofc"


def test_a_cell_of_the_spec_has_no_framework() -> None:
    diagram = draw(of_cell("minimal-gated", units=16, features=3))
    assert said(diagram)["stored"] == "Cell is a cell of this spec:\nno framework prescribes how to store it."
    assert "16 × 2 × (3 + 16 + 1) = 640 weights: 96 in W, 512 in U and 32 in b" in diagram.claim


def test_a_gate_without_recurrent_weights_leaves_no_block() -> None:
    diagram = draw(of_cell("min-gru", units=5, features=7))
    assert [node.id for node in diagram.nodes if node.shape == "hatched"] == []
    assert "5 × 2 × (7 + 1) = 80 weights: 70 in W and 10 in b" in diagram.claim


def test_letters_are_those_of_the_one_layer_shown() -> None:
    words = said(draw(packaged("stacked-classifier"), layer="lstm_1"))
    assert words["columns-0"] == "F = 128"
    assert words["columns-1"] == words["gate-f-rows"] == "H = 64"


def test_it_builds_up_part_by_part() -> None:
    diagram = draw(packaged("encoder-decoder"))
    assert diagram.states == ("W", "U", "b", "one row", "stored")
    nodes = nodes_of(diagram)
    assert [nodes[id].since for id in ("W_i", "U_i", "b_i", "row-U_f", "stored-keras")] == [0, 1, 2, 3, 4]


@max_examples(40)
@given(units=st.integers(1, 3000), features=st.integers(1, 3000), bias=st.booleans(), data=st.data())
def test_any_size_adds_up_and_fits(units: int, features: int, bias: bool, data: st.DataObject) -> None:
    unit = data.draw(st.integers(1, units))
    model = lstm(units, features, options="" if bias else "use_bias: false")
    diagram = draw(model, unit=unit)
    parts = [count for name, count in diagram.facts.items() if name[0].isdigit()]
    assert sum(parts) == diagram.facts["weights"] == model.params == 4 * units * (features + units + bias)
    nodes = nodes_of(diagram)
    assert all(20 <= nodes[f"{part}_{gate}"].width <= 740 for part in "WU" for gate in "ifgo")
    assert 4 * nodes["U_i"].height <= 512
    if features >= units and nodes["U_i"].width > 32:
        assert nodes["W_i"].width / nodes["U_i"].width == pytest.approx(features / units)


@pytest.mark.parametrize("name", PACKAGED)
def test_the_caption_counts_the_columns_that_are_drawn(name: str) -> None:
    """A GRU's second biases are a column of their own, and no part of the first ones."""
    for layer in packaged(name).recurrent:
        words = draw_layer(packaged(name), layer.top)
        heads = [re.sub(r"\n.*", "", text) for id, text in words.items() if id.startswith("head-")]
        assert heads
        for head in heads:
            assert re.search(rf"\d in {re.escape(head)}\b", words["claim"]), (head, words["claim"])


def draw_layer(model: Model, layer: str) -> dict[str, str]:
    """The texts of its picture by id, and the claim."""
    diagram = draw(model, layer=layer)
    return {**{node.id: plain(node.label) for node in diagram.nodes}, "claim": diagram.claim}


def test_every_second_bias_bears_its_name() -> None:
    words = draw_layer(packaged("gru"), "gru")
    assert [words[name] for name in ("b_hr", "b_hz", "b_hn")] == ["b_hr", "b_hz", "b_hn"]
