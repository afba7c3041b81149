"""The view model: calls, parameters and shapes of every layer, and where a time axis ends or begins."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given

from lstmdiag.analysis.axes import time_axes
from lstmdiag.diagrams import Diagram, Node
from lstmdiag.diagrams.text import plain
from lstmdiag.model import Model
from lstmdiag.rendering import arrange
from lstmdiag.views.folding import blocks
from lstmdiag.views.model import view
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import table
from tests.examples import max_examples
from tests.generator import documents, models, text
from tests.models import GRAPHS, PACKAGED, graph, model, packaged
from tests.views.test_invariants import mistakes
from tests.views.wires import tangles


def draw(drawn: Model) -> Diagram:
    return view(drawn, Selection())


def boxes(diagram: Diagram) -> list[Node]:
    return [node for node in diagram.nodes if node.role in ("input", "layer", "output", "elision")]


def on_wire(diagram: Diagram, wire: str) -> list[str]:
    return [plain(node.label) for node in diagram.nodes if node.inside == wire]


SUMMARIES = {
    "one-unit": [("lstm", 12, "(1,)")],
    "three-units": [("lstm", 60, "(3,)")],
    "three-units-two-features": [("lstm", 72, "(3,)")],
    "stacked-classifier": [
        ("lstm", 71_168, "(50, 128)"), ("lstm_1", 49_408, "(64,)"), ("dense", 8_320, "(128,)"),
        ("dense_1", 8_256, "(64,)"), ("dense_2", 65, "(1,)"),
    ],
    "encoder-decoder": [
        ("encoder", 40_800, "(100,)"), ("repeat_vector", 0, "(2, 100)"), ("decoder", 80_400, "(2, 100)"),
        ("time_distributed", 101, "(2, 1)"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("spec", SUMMARIES)
def test_the_founding_specs(spec: str) -> None:
    diagram = draw(packaged(spec))
    summary = SUMMARIES[spec]
    layers = [node for node in diagram.nodes if node.role == "layer"]
    assert [node.layer for node in layers] == [name for name, _, _ in summary]
    for node, (name, params, shape) in zip(layers, summary, strict=True):
        lines = plain(node.label).splitlines()
        assert (lines[0], lines[-2], lines[-1]) == (name, f"{params:,} parameters", f"→ {shape}")
    total = sum(params for _, params, _ in summary)
    assert diagram.facts == {"params": total, "params.left_out": 0, "layers": len(summary), "layers.left_out": 0}
    assert f"{total:,} parameters" in diagram.claim


@pytest.mark.parametrize("spec", PACKAGED)
def test_placed_by_dot_they_keep_the_rules(spec: str) -> None:
    placed = arrange(draw(packaged(spec)))
    assert mistakes(placed) == tangles(placed) == []
    if packaged(spec).chain:
        assert len({node.y for node in boxes(placed)}) == 1, "a chain lies on one line"
        assert [node.x for node in boxes(placed)] == sorted(node.x for node in boxes(placed))


def test_wires_say_the_shape_and_where_the_time_axis_ends_and_begins() -> None:
    diagram = draw(packaged("encoder-decoder"))
    assert on_wire(diagram, "input-to-layer-1") == ["N", "T_in = 3", "F = 1"]
    assert on_wire(diagram, "layer-1-to-layer-2") == ["N", "H_1 = 100", "time axis ends here:\nlast step only"]
    assert on_wire(diagram, "layer-2-to-layer-3")[:3] == ["N", "T_out = 2", "H_1 = 100"]
    assert on_wire(diagram, "layer-2-to-layer-3")[3].startswith("time axis begins here")
    assert on_wire(diagram, "layer-4-to-output") == ["N", "T_out = 2", "1"]
    assert [edge.shape for edge in diagram.edges] == [(3, 1), (100,), (2, 100), (2, 100), (2, 1)]
    assert [edge.symbol for edge in diagram.edges] == ["x", "h", "h", "h", "y"], "a copy of h is still h"


def stack(repeats: int, block: str) -> Model:
    return model("version: 1\ninput: {steps: 10, features: 3}\nlayers:\n" + block * repeats)


LSTM, DROPOUT = "  - LSTM: {units: 16, return_sequences: true}\n", "  - Dropout: 0.5\n"


def test_equal_layers_are_drawn_once_and_counted() -> None:
    deep = stack(60, LSTM)
    diagram = draw(deep)
    mark = next(node for node in diagram.nodes if node.role == "elision")
    assert [node.id for node in boxes(diagram)] == ["input", "layer-1", "layer-2", "layers-3-to-60", "output"]
    assert mark.count == diagram.facts["layers.left_out"] == 58
    assert plain(mark.label).splitlines() == [
        "× 59", "⋯ 58 more layers, wired identically:", "lstm_2 … lstm_59", "122,496 parameters together",
    ]  # fmt: skip
    drawn = sum(deep.layer(node.layer).params for node in diagram.nodes if node.role == "layer")
    assert drawn + diagram.facts["params.left_out"] == deep.params
    placed = arrange(diagram)
    assert mistakes(placed) == tangles(placed) == []


def test_equal_blocks_of_several_layers() -> None:
    found = list(blocks(stack(30, LSTM + DROPOUT)))
    assert [([layer.name for layer in block.drawn], len(block.left_out), block.times) for block in found] == [
        (["lstm"], 0, 1), (["dropout", "lstm_1"], 56, 29), (["dropout_29"], 0, 1),
    ]  # fmt: skip
    assert [len(block.left_out) for block in blocks(stack(3, LSTM))] == [0, 0, 0], "two equal ones are drawn"


def test_sixty_different_layers_are_all_drawn() -> None:
    layers = "".join(f"  - Dense: {size}\n" for size in range(1, 61))
    diagram = draw(model("version: 1\ninput: {steps: 10, features: 3}\nlayers:\n" + layers))
    assert len(boxes(diagram)) == 62
    placed = arrange(diagram)
    assert mistakes(placed) == tangles(placed) == []


@max_examples(30)
@given(documents(chain=True).map(text))
def test_rules_of_any_chain(spec: str) -> None:
    drawn = model(spec)
    diagram = draw(drawn)
    placed = arrange(diagram)
    assert mistakes(placed) == tangles(placed) == []
    shown = [node.layer for node in diagram.nodes if node.role == "layer"]
    assert len(shown) + diagram.facts["layers.left_out"] == len(drawn.layers)
    assert diagram == draw(model(spec)), "drawing twice gives the same"


@pytest.mark.parametrize("name", GRAPHS)
def test_any_graph(name: str) -> None:
    drawn = graph(name)
    diagram = draw(drawn)
    placed = arrange(diagram)
    assert mistakes(placed) == tangles(placed) == []
    assert [node.x for node in boxes(placed) if node.role == "input"] < [max(node.x for node in boxes(placed))]
    wires = Counter((edge.tail, edge.head) for edge in diagram.edges)
    read = sum(len(layer.inputs) + len(layer.initial_state) for layer in drawn.layers) + len(drawn.outputs)
    assert wires.total() == read, "a wire for every reference"
    places = {node.id: node.x for node in placed.nodes}
    assert all(places[edge.tail] < places[edge.head] for edge in placed.edges)


def test_states_are_wires_of_their_own() -> None:
    diagram = draw(graph("transfer"))
    (h, c) = [edge for edge in diagram.edges if (edge.tail, edge.head) == ("layer-1", "layer-2")]
    assert (h.role, h.symbol, h.shape) == ("state.public", "h", (6,))
    assert (c.role, c.symbol, c.shape) == ("state.private", "c", (6,))
    assert on_wire(diagram, h.id) == ["N", "H_1 = 6", "h_0 = final h"]
    assert on_wire(diagram, c.id) == ["N", "H_1 = 6", "c_0 = final c"]
    assert "h₀ and c₀" in diagram.reading
    ways = [on_wire(draw(graph("bidirectional-start")), f"input-{n}-to-layer-1")[-1] for n in (2, 3)]
    assert ways == ["forward h_0", "forward c_0"]


def lines(diagram: Diagram, layer: str) -> list[str]:
    return next(plain(node.label).splitlines() for node in diagram.nodes if node.layer == layer)


def test_what_a_box_says_of_its_layer() -> None:
    both = lines(draw(graph("bidirectional")), "b")
    assert "two directions" in both and "2 × 72 = 144 parameters" in both
    shared = draw(graph("shared"))
    assert lines(shared, "tower_again")[-3:] == ["the weights of tower, again", "0 parameters", "→ (4,)"]
    assert [node.mark for node in shared.nodes if node.layer.startswith("tower")] == ["", "again"]
    assert "looks across time" in lines(draw(graph("attention")), "attention")
    normed = model(
        "version: 1\ninput: {shape: [4]}\nlayers:\n  - BatchNormalization\n  - {Dense: {units: 2, trainable: false}}\n"
    )
    assert lines(draw(normed), "batch_normalization")[-2] == "16 parameters, 8 not trained"
    assert lines(draw(normed), "dense")[-2] == "10 parameters, not trained"


def test_what_a_wire_says() -> None:
    tokens = draw(graph("masked-tokens"))
    assert on_wire(tokens, "input-to-layer-1") == ["N", "T = 80"]
    assert on_wire(tokens, "layer-1-to-layer-2")[-1] == "with a mask"
    assert "mask" not in "".join(on_wire(tokens, "layer-3-to-output"))
    assert plain(tokens.nodes[0].label) == "input\n(80,) tokens"
    attention = draw(graph("attention"))
    assert on_wire(attention, "layer-2-to-layer-3")[-1] == "query"
    assert on_wire(attention, "layer-1-to-layer-3")[-1] == "value"
    pooled = draw(graph("convolution"))
    assert on_wire(pooled, "layer-2-to-layer-3")[-1].replace("\n", " ") == "another time axis from here on"
    last = draw(graph("bidirectional-last"))
    assert on_wire(last, "layer-1-to-layer-2")[-1].replace("\n", " ") == "time axis ends here: last step each way"


def test_outputs_have_a_box_each() -> None:
    diagram = draw(graph("branches"))
    ends = [plain(node.label) for node in diagram.nodes if node.role == "output" and node.shape == "box"]
    assert ends == ["output 1\n(8,)", "output 2\n(4, 3)"]  # low, input and residual joined: 3 + 2 + 3


@max_examples(60)
@given(models(most=12))
def test_rules_of_any_model(drawn: Model) -> None:
    diagram = draw(drawn)
    placed = arrange(diagram)
    assert mistakes(placed) == tangles(placed) == []
    assert diagram.facts["params"] == drawn.params
    shown = [node.layer for node in diagram.nodes if node.role == "layer"]
    assert len(shown) + diagram.facts["layers.left_out"] == len(drawn.layers)


@max_examples(5)
@given(models(most=60))
def test_wires_of_a_large_model_run_through_nothing(drawn: Model) -> None:
    assert tangles(arrange(draw(drawn))) == []


@pytest.mark.parametrize(("shape", "layers", "timed"), [
    ("[8, 8, 3]", "[Flatten, {Dense: 2}]", False),
    ("[8, 8, 3]", "[{Dense: 4}, {Activation: relu}, Flatten]", False),
    ("[8, 8, 3]", "[{Dense: 4}, {TimeDistributed: {Dense: 2}}]", True),
    ("[5, 8, 8, 3]", "[{ConvLSTM2D: {filters: 2, kernel_size: 3}}]", True),
    ("[28, 28]", "[Flatten, {Dense: 2}]", False),
    ("[28, 28]", "[{Dense: 4}, {SimpleRNN: 2}]", True),
])  # fmt: skip
def test_rows_of_an_image_are_no_steps(shape: str, layers: str, timed: bool) -> None:
    """The first axis of maps is time where some layer reads steps, through others that keep the axis."""
    made = model(f"version: 1\ninput: {{shape: {shape}}}\nlayers: {layers}\n")
    assert made.has_time(made.inputs[0]) == timed
    assert bool(time_axes(made)["input"]) == timed
    assert ("T ×" in str(table(made, "shapes").rows)) == timed
