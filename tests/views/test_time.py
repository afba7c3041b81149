"""The view time: the same weights at every step, h right and up, c right only, what is not returned."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.diagrams import Diagram, Edge, Node
from lstmdiag.diagrams.text import plain
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.views.folding import blocks
from lstmdiag.views.selection import Selection
from lstmdiag.views.time import view
from lstmdiag.views.time.making import lanes_of
from tests.examples import max_examples
from tests.generator import ORDER, documents, models, text
from tests.models import GRAPHS, PACKAGED, graph, lstm, model, of_cell, packaged
from tests.options import OWN
from tests.views.test_invariants import mistakes, private_edges_between_layers
from tests.views.wires import around, crosses, tangles

PLAIN = documents(
    chain=True,
    without={*ORDER} - {*OWN, "LSTM", "GRU", "SimpleRNN", "PeepholeLSTM", "Dense", "Dropout", "RepeatVector"},
)
"""Chains in which every step reads one thing from below."""


def draw(drawn: Model, steps: object = None) -> Diagram:
    return view(drawn, Selection(steps=steps))


def steps_of(diagram: Diagram, layer: str) -> list[Node]:
    """The boxes of a layer, in the order of time."""
    return [node for node in diagram.nodes if node.role == "layer" and node.layer == layer]


def wires(diagram: Diagram, role: str, layer: str) -> list[Edge]:
    return [edge for edge in diagram.edges if edge.role == role and edge.layer == layer]


def label(diagram: Diagram, id: str) -> str:
    return plain(next(node.label for node in diagram.nodes if node.id == id))


@pytest.mark.parametrize("spec", PACKAGED)
def test_the_packaged_specs_keep_the_rules(spec: str) -> None:
    diagram = draw(packaged(spec))
    assert mistakes(diagram) == tangles(diagram) == []


def test_one_unit() -> None:
    diagram = draw(packaged("one-unit"))
    assert diagram.facts == {"params": 12, "lanes": 3, "T.drawn": 4, "T.left_out": 0}
    assert [label(diagram, f"layer-0-t{t}") for t in (1, 2, 3, 4)] == ["x_1 = 1", "x_2 = 2", "x_3 = 3", "x_4 = 4"]
    assert [node.step for node in steps_of(diagram, "lstm")] == [1, 2, 3, 4]
    assert [node.mark for node in steps_of(diagram, "lstm")] == ["", "again", "again", "again"]
    assert diagram.states == ("t = 1", "t = 2", "t = 3", "t = 4")
    assert [node.since for node in steps_of(diagram, "lstm")] == [0, 1, 2, 3]
    # zero, three steps handed on, one left over; h: zero, three handed on, three unreturned, one returned
    assert [edge.step for edge in wires(diagram, "state.private", "lstm")] == [0, 1, 2, 3, 4]
    assert [edge.mark for edge in wires(diagram, "state.private", "lstm")] == ["", "", "", "", "unreturned"]
    h = wires(diagram, "state.public", "lstm")
    assert sorted((edge.step, edge.mark) for edge in h if edge.step) == [
        (1, ""), (1, "unreturned"), (2, ""), (2, "unreturned"), (3, ""), (3, "unreturned"), (4, ""),
    ]  # fmt: skip
    assert label(diagram, "layer-1-c0") == "c_0 = 0" and label(diagram, "layer-1-h0") == "h_0 = 0"
    assert label(diagram, "layer-2") == "y = h_4"
    assert diagram.claim == "The layer “lstm” of 1 unit is used 4 times with the same 12 weights."


def test_features_stand_as_a_tuple() -> None:
    diagram = draw(packaged("three-units-two-features"))
    assert label(diagram, "layer-0-t3") == "x_3 = (3, 30)"
    assert {edge.shape for edge in diagram.edges if edge.role == "input"} == {(2,)}


def test_many_features_are_elided() -> None:
    spec = "version: 1\ninput: {steps: 1, features: 5}\nlayers: [LSTM: 3]\n"
    example = "example: {input: [[0.5, 2, 3, 4, 1234567.5]]}\n"
    assert label(draw(model(spec + example)), "layer-0-t1") == "x_1 = (0.5, 2, …, 1.23457e+06)"


def test_the_stacked_classifier_elides_46_steps() -> None:
    diagram = draw(packaged("stacked-classifier"))
    assert diagram.facts == {"params": 137_217, "lanes": 7, "T.drawn": 4, "T.left_out": 46}
    for layer in ("lstm", "lstm_1"):
        assert [node.step for node in steps_of(diagram, layer)] == [1, 2, 49, 50]
        gap = next(node for node in diagram.nodes if node.role == "elision" and node.layer == layer)
        assert (gap.count, plain(gap.label)) == (46, "⋯\n46 more")
    assert label(diagram, "axis-1-tgap") == "46 more steps,\nwired identically"
    assert diagram.states == ("t = 1", "t = 2", "t = 3 … 48", "t = 49", "t = 50")
    # lstm hands up every h, lstm_1 the last one only
    stubs = [node for node in diagram.nodes if node.mark == "unreturned" and node.symbol == "h"]
    assert {node.layer for node in stubs} == {"lstm_1"} and [node.step for node in stubs] == [1, 2, 49]
    # what follows the last step stands above it
    last = steps_of(diagram, "lstm_1")[-1]
    assert {steps_of(diagram, name)[0].x for name in ("dense", "dense_1", "dense_2")} == {last.x}
    assert all(len(steps_of(diagram, name)) == 1 for name in ("dense", "dense_1", "dense_2"))
    assert "“lstm” of 128 units is used 50 times with the same 71,168 weights" in diagram.claim
    assert "“lstm_1” of 64 units is used 50 times with the same 49,408 weights" in diagram.claim


def test_the_decoder_has_a_time_of_its_own() -> None:
    diagram = draw(packaged("encoder-decoder"))
    assert diagram.facts == {
        "params": 121_301, "lanes": 6, "T_in.drawn": 3, "T_in.left_out": 0, "T_out.drawn": 2, "T_out.left_out": 0,
    }  # fmt: skip
    encoder, decoder = steps_of(diagram, "encoder"), steps_of(diagram, "decoder")
    assert [node.step for node in encoder] == [1, 2, 3] and [node.step for node in decoder] == [1, 2]
    divider = next(group for group in diagram.groups if group.id == "divider-2")
    assert max(node.x + node.width / 2 for node in diagram.nodes if node.layer == "encoder") < divider.x
    states = [node for node in diagram.nodes if node.layer == "decoder" and node.symbol in ("h", "c")]
    assert divider.x < min(node.x - node.width / 2 for node in (*states, *decoder))
    assert [label(diagram, f"axis-2-t{t}") for t in (1, 2)] == ["t = 1", "t = 2"]
    assert label(diagram, "axis-1") == "T_in = 3" and label(diagram, "axis-2") == "T_out = 2"
    copies = [node for node in diagram.nodes if node.layer == "repeat_vector" and node.symbol == "h" and node.label]
    assert [plain(node.label) for node in copies] == ["h^[1]_3", "h^[1]_3"]
    assert [node.mark for node in copies] == ["", "again"]
    assert diagram.states == ("t = 1", "t = 2", "t = 3", "T_out: t = 1", "T_out: t = 2")
    words = label(diagram, "lane-1-words")
    assert "40,800 weights: one set of W, U, b,\nused 3 times" in words and "(3, 1) → (100,)" in words


def test_states_say_whose_they_are_where_there_are_several_layers() -> None:
    alone = draw(packaged("three-units"))
    assert not any(run.style == "sup" for part in (*alone.nodes, *alone.edges) for line in part.label for run in line)
    two = draw(packaged("encoder-decoder"))
    for number, name in enumerate(("encoder", "decoder"), 1):
        said = [plain(node.label) for node in two.nodes if node.layer == name and node.symbol in ("h", "c")]
        assert said and all(f"^[{number}]_" in words for words in said)
    above = [plain(edge.label) for edge in two.edges if edge.head.startswith("layer-3") and edge.tail[:7] == "layer-2"]
    assert above == ["h^[1]_3 (100,)", "h^[1]_3 (100,)"]
    assert "A raised number counts the recurrent layers" in two.reading and "raised" not in alone.reading


def test_a_dropout_hands_on_what_it_is_given() -> None:
    spec = "version: 1\ninput: {steps: 3, features: 2}\nlayers: [Dropout: 0.1, LSTM: 4, Dropout: 0.5, Dense: 1]\n"
    diagram = draw(model(spec))
    after = {edge.layer: (edge.role, edge.symbol) for edge in diagram.edges if edge.layer.startswith("dropout")}
    assert after == {"dropout": ("input", "x"), "dropout_1": ("state.public", "h")}


@given(PLAIN.map(text), st.one_of(st.none(), st.integers(2, 5)))
def test_rules_of_any_chain(spec: str, steps: int | None) -> None:
    drawn = model(spec)
    diagram = draw(drawn, steps)
    assert mistakes(diagram) == tangles(diagram) == []
    nodes = {node.id: node for node in diagram.nodes}
    for edge in diagram.edges:
        tail, head = nodes[edge.tail], nodes[edge.head]
        if edge.role == "state.private":
            assert tail.layer == head.layer == edge.layer, "c stays within its layer"
            assert edge.points[0][1] == edge.points[-1][1], "and runs along time"
        elif head.layer != tail.layer and head.role == "layer":
            assert edge.points[0][1] < edge.points[-1][1], "what is handed on goes up"
    folded = [layer for block in blocks(drawn) for layer in block.left_out]
    for layer in drawn.layers:
        boxes = steps_of(diagram, layer.name)
        if layer in folded:
            assert boxes == []
            continue
        assert [box.mark for box in boxes] == [""] + ["again"] * (len(boxes) - 1)
        for box in boxes:
            fed = [edge for edge in diagram.edges if edge.head == box.id and nodes[edge.tail].layer != box.layer]
            assert len(fed) == 1, "every step reads one thing from below"


@given(PLAIN.map(text))
def test_drawn_and_left_out_make_all_steps(spec: str) -> None:
    drawn = model(spec)
    diagram = draw(drawn)
    for layer in drawn.recurrent:
        length = layer.input[0]
        boxes = steps_of(diagram, layer.name)
        gaps = [node for node in diagram.nodes if node.layer == layer.name and node.role == "elision"]
        if length is None:
            assert len(boxes) == 4 and [gap.count for gap in gaps] == [0]
            assert "T−4 more" in plain(gaps[0].label)
        else:
            assert len(boxes) + sum(gap.count for gap in gaps) == length


@pytest.mark.parametrize(
    ("total", "wanted", "drawn"),
    [
        (1, None, [1]),
        (2, None, [1, 2]),
        (6, None, [1, 2, 3, 4, 5, 6]),
        (7, None, [1, 2, 6, 7]),
        (10, 2, [1, 10]),
        (10, 3, [1, 2, 10]),
        (10, 9, [1, 2, 3, 4, 5, 7, 8, 9, 10]),
        (10, 10, list(range(1, 11))),
        (10, 99, list(range(1, 11))),
        (5, 3, [1, 2, 5]),
        (30, "all", list(range(1, 31))),
        (1, 1, [1]),
        (1_000_000, None, [1, 2, 999_999, 1_000_000]),
    ],
)
def test_which_steps_are_drawn(total: int, wanted: object, drawn: list[int]) -> None:
    diagram = draw(lstm(steps=total), wanted)
    assert [node.step for node in steps_of(diagram, "lstm")] == drawn
    assert diagram.facts["T.left_out"] == total - len(drawn)
    assert mistakes(diagram) == tangles(diagram) == []


def test_the_last_steps_of_a_long_sequence_are_symbols() -> None:
    diagram = draw(lstm(steps=1_000_000))
    assert label(diagram, "axis-1-t999999") == "t = 999,999"
    assert label(diagram, "layer-0-t999999") == "x_T−1"


@pytest.mark.parametrize(
    ("steps", "wanted", "says"),
    [
        ("null", "all", "not known"),
        ("20001", "all", "20,001 drawn steps are refused"),
        ("1000000", "all", "1,000,000 drawn steps are refused"),
        ("1000000", 20_001, "20,001 drawn steps are refused"),
        ("10", 1, "cannot draw 1 step"),
        ("10", 0, "cannot draw 0 steps"),
        ("null", 1, "cannot draw 1 step"),
    ],
)
def test_refused(steps: str, wanted: object, says: str) -> None:
    spec = f"version: 1\ninput: {{steps: {steps}, features: 1}}\nlayers: [LSTM: 2]\n"
    with pytest.raises(UsageError, match=says) as caught:
        draw(model(spec), wanted)
    assert caught.value.problems[0].hint


def test_unknown_length_is_drawn_with_symbols() -> None:
    diagram = draw(model("version: 1\ninput: {steps: null, features: 2}\nlayers: [LSTM: 3]\n"))
    assert mistakes(diagram) == tangles(diagram) == []
    assert [label(diagram, f"layer-0-t{t}") for t in ("1", "2", "T-1", "T")] == ["x_1", "x_2", "x_T−1", "x_T"]
    assert label(diagram, "axis-1-tgap") == "T−4 more steps,\nwired identically"
    assert label(diagram, "layer-2") == "y = h_T"


def test_one_step_recurs_nowhere() -> None:
    diagram = draw(lstm(steps=1))
    assert mistakes(diagram) == tangles(diagram) == []
    assert [(edge.step, edge.mark) for edge in wires(diagram, "state.private", "lstm")] == [(0, ""), (1, "unreturned")]
    assert "With one step nothing recurs." in diagram.claim


def test_reading_from_the_end_crosses_the_wires() -> None:
    diagram = draw(lstm(steps=5, options="go_backwards: true"))
    assert mistakes(diagram) == tangles(diagram) == []
    nodes = {node.id: node for node in diagram.nodes}
    read = {nodes[edge.head].step: nodes[edge.tail].step for edge in diagram.edges if edge.role == "input"}
    assert read == {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    assert plain(steps_of(diagram, "lstm")[0].label) == "lstm\nreads x_5"
    odd = draw(lstm(steps=9, options="go_backwards: true"), 3)
    tails = {edge.head: edge.tail for edge in odd.edges if edge.role == "input"}
    assert tails == {
        "layer-1-t1": "layer-0-t9", "layer-1-t2": "layer-0-tgap", "layer-1-t9": "layer-0-t1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("option", "zero", "fate"),
    [("stateful", "c_0 kept", "kept for the\nnext batch"), ("return_state", "c_0 = 0", "returned")],
)
def test_states_that_go_somewhere(option: str, zero: str, fate: str) -> None:
    diagram = draw(lstm(options=f"{option}: true"))
    assert mistakes(diagram) == tangles(diagram) == []
    finals = [node for node in diagram.nodes if node.id.endswith("-final")]
    assert [(node.symbol, node.mark) for node in finals] == [("h", ""), ("c", "")]
    assert label(diagram, "layer-1-c0") == zero and label(diagram, "layer-1-fate") == fate
    assert option in label(diagram, "lane-1-words")


def test_cells_of_one_and_three_states() -> None:
    one = draw(of_cell("minimal-gated"))
    assert not [edge for edge in one.edges if edge.role == "state.private"]
    assert not [node for node in one.nodes if node.id.endswith("-final")]
    three = draw(of_cell("s-like"))
    assert mistakes(three) == tangles(three) == []
    between = [edge for edge in three.edges if (edge.tail, edge.head) == ("layer-1-t1", "layer-1-t2")]
    rails = {edge.symbol: edge.points[0][1] for edge in between}
    assert sorted(rails, key=rails.__getitem__) == ["h", "c", "n"], "the public state runs lowest"
    assert [key.symbol for key in three.legend if key.role == "state.private"] == ["c", "n"]


def test_huge_sizes_are_drawn_at_once() -> None:
    spec = (
        "version: 1\ninput: {steps: 1000000, features: 1000000000}\nlayers:\n"
        "  - LSTM: {units: 1000000000, return_sequences: true}\n  - LSTM: 3\n"
        "  - RepeatVector: 1000000\n  - LSTM: {units: 1000000000, return_sequences: true}\n"
    )
    diagram = draw(model(spec))
    assert mistakes(diagram) == tangles(diagram) == []
    assert len(diagram.nodes) < 120
    assert "used 1,000,000 times" in label(diagram, "lane-1-words").replace("\n", " ")


def test_parts_grow_in_line_with_the_steps() -> None:
    def parts(steps: int) -> int:
        diagram = draw(lstm(steps=steps), "all")
        return len(diagram.nodes) + len(diagram.edges)

    assert parts(400) - parts(200) == 2 * (parts(200) - parts(100))


def test_sizes_that_happen_to_be_equal_are_said_to_be() -> None:
    assert "F and H are both 1 here; they need not be equal." in draw(packaged("one-unit")).reading
    assert "T, F and H are all 2 here" in draw(lstm(units=2, features=2, steps=2)).reading
    assert "need not be equal" not in draw(packaged("encoder-decoder")).reading, "two equal H are no coincidence"
    assert "need not be equal" not in draw(packaged("stacked-classifier")).reading


def test_the_decoder_starts_when_the_encoder_has_ended() -> None:
    diagram = draw(packaged("encoder-decoder"))
    since = {node.id: node.since for node in diagram.nodes}
    assert [since[f"layer-1-t{t}"] for t in (1, 2, 3)] == [0, 1, 2]
    assert since["layer-2"] == 2 and since["layer-3-h0"] == 3
    assert [since[f"layer-4-t{t}"] for t in (1, 2)] == [3, 4]


@pytest.mark.parametrize("options", ["", "return_state: true", "return_sequences: true, return_state: true"])
def test_the_legend_has_what_is_drawn(options: str) -> None:
    diagram = draw(lstm(options=options))
    drawn = any(part.mark == "unreturned" for part in diagram.nodes)
    assert drawn == any(key.mark == "unreturned" for key in diagram.legend)


@pytest.mark.parametrize("steps", [None, 3])
@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_keep_the_rules(name: str, steps: int | None) -> None:
    drawn = graph(name)
    diagram = draw(drawn, steps)
    assert mistakes(diagram) == tangles(diagram) == private_edges_between_layers(diagram, drawn) == []
    nodes = {node.id: node for node in diagram.nodes}
    for edge in diagram.edges:
        assert edge.points[0] != edge.points[-1]
        upright = all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(edge.points))
        assert upright or len(edge.points) == 2, "wires are orthogonal, or fan out straight"
        if edge.tail != edge.head and nodes[edge.head].role == "layer" and nodes[edge.tail].layer != edge.head:
            assert edge.points[0][1] <= edge.points[-1][1], "what is handed on goes up"
    given_up = {edge.tail.split("-")[1] for edge in diagram.edges if edge.tail.startswith("layer-")}
    ends = {
        node.id.split("-")[1] for node in diagram.nodes if node.role == "output" and node.symbol == "y" and node.label
    }
    assert given_up == {str(lane) for lane in range(diagram.facts["lanes"])} - ends, "all but outputs are read"


@pytest.mark.parametrize("name", [name for name in GRAPHS if None not in graph(name).inputs[0].shape])
@pytest.mark.sweep(6)
def test_graphs_are_drawn_whole(name: str) -> None:
    diagram = draw(graph(name), "all")
    assert mistakes(diagram) == tangles(diagram) == []
    assert not [node for node in diagram.nodes if node.role == "elision"]


def fed(diagram: Diagram, head: str) -> set[str]:
    return {edge.tail for edge in diagram.edges if edge.head == head}


def test_both_directions() -> None:
    diagram = draw(graph("bidirectional"))
    ahead, back = steps_of(diagram, "b.forward"), steps_of(diagram, "b.backward")
    for step in range(5):
        assert f"layer-0-t{step + 1}" in fed(diagram, ahead[step].id) & fed(diagram, back[step].id)
        assert {ahead[step].id, back[step].id} <= fed(diagram, f"layer-3-t{step + 1}")
    rails = [edge for edge in diagram.edges if edge.layer == "b.backward" and edge.symbol == "c" and edge.label]
    assert all(edge.points[0][0] > edge.points[-1][0] for edge in rails) and len(rails) == 4
    assert label(diagram, "layer-2-c0") == "c^←_6 = 0" and label(diagram, "layer-1-c0") == "c^→_0 = 0"
    zero = {node.symbol: node.x for node in diagram.nodes if node.id.startswith("layer-2-") and node.step == 0}
    assert min(zero.values()) > back[-1].x
    assert [node.mark for node in ahead] == [""] + ["again"] * 4
    assert [node.mark for node in back] == ["again"] * 4 + [""]
    rings = {group.layer: group.x for group in diagram.groups if group.id.endswith("-end")}
    assert rings == {"b.forward": ahead[-1].x, "b.backward": back[0].x}
    halves = [plain(node.label) for node in diagram.nodes if node.inside == "layer-3-t2"]
    assert halves == ["h^→", "h^←"]
    assert {group.layer for group in diagram.groups if group.role == "weight"} >= {"b.forward", "b.backward"}
    last = {node.since for node in back}
    assert last == {4}, "what is read from the end waits for the end"


def test_without_sequences_the_opposite_ends_are_joined() -> None:
    diagram = draw(graph("bidirectional-last"))
    assert fed(diagram, "layer-3") == {"layer-1-t50", "layer-2-t1"}
    assert "→ + ←" in label(diagram, "layer-3")
    # left of the gap the state comes from the first of the steps left out
    between = next(edge for edge in diagram.edges if (edge.tail, edge.symbol) == ("layer-2-tgap", "c"))
    assert plain(between.label) == "c^←_3 (3,)"


def test_unmerged_directions_are_two() -> None:
    diagram = draw(graph("bidirectional-unmerged"))
    assert fed(diagram, "layer-3-t1") == {"layer-1-t1", "layer-2-t1"}
    assert diagram.facts["lanes"] == 5


def test_states_cross_into_the_decoder() -> None:
    drawn = graph("transfer")
    diagram = draw(drawn)
    first = "layer-3-t1"
    assert {"layer-1-h-final", "layer-1-c-final"} < fed(diagram, first)
    assert label(diagram, "layer-3-h0") == "h^[2]_0 = h^[1]_5" and label(diagram, "layer-3-c0") == "c^[2]_0 = c^[1]_5"
    crossing = {edge.symbol: edge for edge in diagram.edges if edge.head == first and edge.tail.endswith("-final")}
    divider = next(group for group in diagram.groups if group.id == "divider-2")
    assert {symbol: edge.role for symbol, edge in crossing.items()} == {"h": "state.public", "c": "state.private"}
    assert all(edge.points[0][0] < divider.x < edge.points[-1][0] for edge in crossing.values())
    assert not [node for node in diagram.nodes if "= 0" in plain(node.label) and node.layer == "decoder"]
    finals = [node for node in diagram.nodes if node.layer == "encoder" and node.id.endswith("-final")]
    assert [node.mark for node in finals] == ["", ""], "what is handed over is not lost"
    both = draw(graph("bidirectional-transfer"))
    assert fed(both, "layer-4") == {"layer-1-h-final", "layer-2-h-final"}


def test_attention_reads_all_values() -> None:
    diagram = draw(graph("attention"))
    for step in (1, 2, 3):
        read = fed(diagram, f"layer-4-t{step}")
        assert read == {f"layer-3-t{step}", *(f"layer-1-t{t}" for t in (1, 2, "gap", 6, 7))}
    assert "7 attention weights" in label(diagram, "layer-4-t1")


@pytest.mark.parametrize(
    ("options", "reads"),
    [
        ("kernel_size: 3, padding: same", {1: [1, 2], 2: [1, 2, 3], 3: [2, 3, 4], 4: [3, 4, 5], 5: [4, 5]}),
        ("kernel_size: 2, padding: same", {1: [1, 2], 2: [2, 3], 3: [3, 4], 4: [4, 5], 5: [5]}),
        ("kernel_size: 3, padding: causal", {1: [1], 2: [1, 2], 3: [1, 2, 3], 4: [2, 3, 4], 5: [3, 4, 5]}),
        ("kernel_size: 3", {1: [1, 2, 3], 2: [2, 3, 4], 3: [3, 4, 5]}),
        ("kernel_size: 2, strides: 2", {1: [1, 2], 2: [3, 4]}),
        ("kernel_size: 2, dilation_rate: 3", {1: [1, 4], 2: [2, 5]}),
    ],
)
def test_a_convolution_reads_a_window(options: str, reads: dict[int, list[int]]) -> None:
    """As Keras computes it: gradients of each output step, which inputs they reach (keras 3.15)."""
    spec = f"version: 1\ninput: {{steps: 5, features: 2}}\nlayers:\n  - Conv1D: {{filters: 3, {options}}}\n"
    diagram = draw(model(spec))
    nodes = {node.id: node for node in diagram.nodes}
    found = {
        box.step: sorted(nodes[tail].step or 0 for tail in fed(diagram, box.id)) for box in steps_of(diagram, "conv1d")
    }
    assert found == reads


def test_masked_steps_carry_the_states() -> None:
    diagram = draw(graph("masked"))
    tile = next(node for node in diagram.nodes if node.id == "layer-2-t5")
    through = [edge for edge in diagram.edges if edge.tail == edge.head == tile.id]
    assert {edge.symbol for edge in through} == {"h", "c"} and not any(edge.arrow for edge in through)
    assert all(edge.points[0][1] == edge.points[1][1] for edge in through) and tile.shape == "dotted"
    assert label(diagram, "layer-2-c-final") == "c^[1]_4"
    handed = [plain(edge.label) for edge in diagram.edges if edge.tail == tile.id and edge.head == "layer-3-t5"]
    assert handed == ["h^[1]_4 (3,)"], "a plain layer gives its last output again"
    assert "drawn as padding" in diagram.reading and "Samples differ in how much padding" in diagram.reading
    both = draw(graph("masked-tokens"))
    zeros = [plain(edge.label) for edge in both.edges if edge.tail == "layer-4-t80"]
    assert zeros == ["0 (16,)"], "a bidirectional one gives zeros"
    assert not [node for node in draw(lstm()).nodes if "pad" in plain(node.label)]


def test_a_layer_that_goes_backwards_leaves_out_the_padding_where_it_reads_it() -> None:
    layers = "  - Masking\n  - LSTM: {units: 2, go_backwards: true, return_sequences: true}\n"
    diagram = draw(model(f"version: 1\ninput: {{steps: 3, features: 2}}\nlayers:\n{layers}"))
    assert mistakes(diagram) == tangles(diagram) == []
    boxes = steps_of(diagram, "lstm")
    assert [(box.step, box.shape, plain(box.label)) for box in boxes] == [
        (1, "dotted", ""), (2, "round", "lstm\nreads x_2"), (3, "round", "lstm\nreads x_1"),
    ]  # fmt: skip
    labels = {edge.id: plain(edge.label) for edge in diagram.edges}
    assert labels["layer-2-t1-h-to-layer-2-t2"] == "h_0 (2,)", "nothing has happened yet"
    assert labels["layer-2-t1-to-layer-3-t1"] == "0 (2,)", "Keras: nothing to give again"
    assert label(diagram, "layer-2-c-final") == "c_3"
    assert "outputs zeros there" in diagram.reading and "repeats" not in diagram.reading


def test_dropout_cuts_what_it_touches() -> None:
    diagram = draw(graph("dropout"))
    cuts = [node for node in diagram.nodes if plain(node.label) == "✂"]
    assert sorted(node.layer for node in cuts) == ["lstm"] * 9 + ["lstm_1"] * 5  # x at 5 steps, h between them
    assert sum("50% in training" in plain(node.label) for node in diagram.nodes) == 5
    assert any("the same ones at every step" in key.text for key in diagram.legend)
    spec = "version: 1\ninput: {steps: 3, features: 2}\nlayers:\n  - Attention: {from: [input, input], dropout: 0.5}\n"
    assert not any(key.symbol == "✂" for key in draw(model(spec)).legend), "where nothing is cut"


def test_shared_weights_are_counted_once() -> None:
    diagram = draw(graph("shared"))
    assert "the weights of tower again" in label(diagram, "lane-3-words").replace("\n", " ")
    assert {node.mark for node in steps_of(diagram, "tower_again")} == {"again"}
    assert "“tower_again” uses the weights of “tower” again" in diagram.claim


@pytest.mark.parametrize("name", ["bidirectional", "attention", "convolution"])
def test_parts_of_graphs_grow_in_line_with_the_steps(name: str) -> None:
    def parts(steps: int) -> int:
        diagram = draw(model("version: 1" + re.sub(r"steps: \d+", f"steps: {steps}", GRAPHS[name])), "all")
        return len(diagram.nodes) + len(diagram.edges)

    assert abs(parts(80) - parts(40) - 2 * (parts(40) - parts(20))) <= 2


def test_what_is_wrapped_for_each_step_has_no_rails() -> None:
    spec = "version: 1\ninput: {shape: [3, 4, 1]}\nlayers: [TimeDistributed: {LSTM: 2}, LSTM: 3]\n"
    diagram = draw(model(spec))
    assert mistakes(diagram) == tangles(diagram) == []
    assert {edge.layer for edge in diagram.edges if edge.role == "state.private"} == {"lstm_1"}
    assert "“time_distributed” of 2 units is used 12 times with the same 32 weights" in diagram.claim


def test_a_window_at_the_ends_of_any_length() -> None:
    diagram = draw(graph("convolution-any-length"))
    assert fed(diagram, "layer-1-tT") == {"layer-0-tgap", "layer-0-tT-1", "layer-0-tT"}
    assert fed(diagram, "layer-1-t1") == {"layer-0-t1", "layer-0-t2", "layer-0-tgap"}
    assert label(diagram, "axis-1") == "T_in = ?" and label(diagram, "axis-2") == "T_out = ?"


def test_the_claim_where_nothing_recurs() -> None:
    assert "steps are read together" in draw(graph("self-attention")).claim
    alone = draw(model("version: 1\ninput: {steps: 3, features: 2}\nlayers: [TimeDistributed: {Dense: 4}]\n"))
    assert "No state passes from one step to the next" in alone.claim
    assert "no time axis" in draw(graph("two-vectors")).claim
    image = model("version: 1\ninput: {shape: [4, 5, 3]}\nlayers:\n  - Dense: 2\n  - Flatten\n")
    assert draw(image).claim.startswith("This model has no time axis.")  # Dense is used at each of 20 places
    assert "3 filters" in draw(graph("maps")).claim


def struck(diagram: Diagram) -> list[str]:
    """Labels that a wire runs through, other than the wire they belong to."""
    labels = [(edge.id, around(edge.label_at, edge.label)) for edge in diagram.edges if edge.label and edge.label_at]
    pieces = [(edge.id, piece) for edge in diagram.edges for piece in pairwise(edge.points)]
    return [f"{id} runs through the label of {of}" for of, room in labels for id, piece in pieces
            if id != of and crosses(*piece, room)]  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_no_wire_runs_through_a_label(name: str) -> None:
    assert struck(draw(graph(name))) == []


@max_examples(30)
@given(models(), st.one_of(st.none(), st.integers(2, 5)))
def test_rules_of_any_graph(drawn: Model, steps: int | None) -> None:
    diagram = draw(drawn, steps)
    assert mistakes(diagram) == tangles(diagram) == struck(diagram) == []
    assert private_edges_between_layers(diagram, drawn) == []


def test_rows_of_a_map_are_steps_where_a_layer_takes_them_for_steps() -> None:
    maps = "version: 1\ninput: {shape: [8, 4, 3, 2]}\nlayers:\n  - ConvLSTM2D: {filters: 2, kernel_size: 2}\n"
    diagram = draw(model(f"{maps}  - Dense: 5\n  - TimeDistributed: Flatten\n  - LSTM: 2\n"))
    assert [node.step for node in steps_of(diagram, "lstm")] == [1, 2, 3]
    assert mistakes(diagram) == tangles(diagram) == []


def lies_on_axes(found: Model) -> None:
    """Whatever is drawn along time has an axis, and what it gives has as many steps as that axis."""
    lanes, axes = lanes_of(found, lambda layer: True)
    for lane in lanes:
        if lane.along_time:
            assert lane.axis >= 0, lane.name
            assert lane.gives[0] == axes[lane.axis][1], lane.name


@given(models())
def test_what_is_drawn_along_time_lies_on_an_axis(found: Model) -> None:
    lies_on_axes(found)


@pytest.mark.parametrize("target", ["[-1, 4]", "[1, 4]", "[2, 2]", "[4, 1]"])
def test_a_state_in_another_shape(target: str) -> None:
    """No one reads it as steps: it stands alone."""
    lies_on_axes(
        model(f"""
version: 1
input: {{steps: 5, features: 2}}
layers:
  - LSTM: {{units: 4, return_sequences: true}}
  - Reshape: {{target_shape: {target}, from: lstm.c}}
  - {{use: lstm, name: again, from: input}}
outputs: [reshape, again]
""")
    )
