"""The views cell, unit and gate: what they draw and what they claim."""

from itertools import pairwise

import pytest

from lstmdiag.diagrams import Diagram, Edge, Node, Point
from lstmdiag.diagrams.text import plain
from lstmdiag.drawing import placed
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.models import CELLS, lstm, model, of_cell, packaged
from tests.views.test_invariants import mistakes


def draw(name: str, model: Model, **chosen: object) -> Diagram:
    return VIEWS[name].draw(model, Selection(**chosen))


def wires(diagram: Diagram) -> set[tuple[str, str]]:
    return {(edge.tail, edge.head) for edge in diagram.edges}


def labels(diagram: Diagram) -> dict[str, str]:
    return {node.id: plain(node.label) for node in diagram.nodes}


def test_cell_of_the_encoder_says_its_own_sizes_and_its_relu() -> None:
    shown = labels(draw("cell", packaged("encoder-decoder")))
    assert shown["i"] == "i write\nDense(100), σ"
    assert shown["g"] == "g content\nDense(100), relu"
    assert shown["h.1"] == "relu"
    assert shown["size-x"] == "F=1" and shown["size-c_prev"] == "H=100"
    assert not any("tanh" in label for label in shown.values())


def test_cell_has_the_wires_of_the_equations() -> None:
    assert wires(draw("cell", lstm())) >= {
        ("f", "c.1"), ("c_prev", "c.1"), ("i", "c.2"), ("g", "c.2"), ("c.1", "c"), ("c.2", "c"), ("c", "h.1"),
        ("o", "h"), ("h.1", "h"), ("h", "h-next"), ("c", "c-next"), ("h", "up"), ("stack", "i"), ("stack", "f"),
        ("stack", "g"), ("stack", "o"), ("h_prev", "stack-h"), ("x", "stack-x"),
    }  # fmt: skip


def test_cell_order_is_i_f_g_o_and_rails_are_straight() -> None:
    diagram = draw("cell", lstm())
    nodes = {node.id: node for node in diagram.nodes}
    places = [nodes[gate].x for gate in "ifgo"]
    assert places == sorted(places)
    assert len({nodes[id].y for id in ("c_prev", "c.1", "c", "c-next")}) == 1
    assert len({nodes[gate].y for gate in "ifgo"}) == 1


def test_cell_builds_up_in_five_states() -> None:
    diagram = draw("cell", lstm())
    assert diagram.states == ("inputs", "keep", "write", "read", "all")
    since = {part.id: part.since for part in (*diagram.nodes, *diagram.edges)}
    assert since["x"] == since["stack"] == since["c_prev"] == 0
    assert since["f"] == since["c.1"] == 1
    assert since["i"] == since["g"] == since["c"] == 2
    assert since["o"] == since["h.1"] == since["h"] == 3
    assert since["h-next"] == since["up"] == 4


@pytest.mark.parametrize("options", ["return_sequences: true", "return_sequences: false"])
def test_cell_says_when_h_goes_up(options: str) -> None:
    when = "out of the model, " + ("at every step" if options.endswith("true") else "after step 4 only")
    assert when in labels(draw("cell", lstm(options=options)))["up"]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("picture", ["cell", "unit"])
def test_wires_are_right_angled_and_run_through_no_part(picture: str, name: str) -> None:
    diagram = draw(picture, of_cell(name))
    nodes = {node.id: node for node in diagram.nodes}
    boxes = [node for node in diagram.nodes if node.shape not in ("point", "plain") and not node.inside]
    for edge in diagram.edges:
        own = {edge.tail, edge.head, nodes[edge.tail].inside, nodes[edge.head].inside}
        for start, end in pairwise(edge.points):
            assert start[0] == pytest.approx(end[0]) or start[1] == pytest.approx(end[1]), edge.id
            for box in boxes:
                assert box.id in own or not meets(start, end, box), f"{edge.id} runs through {box.id}"


def meets(start: Point, end: Point, box: Node) -> bool:
    low, high = (min(start[0], end[0]), min(start[1], end[1])), (max(start[0], end[0]), max(start[1], end[1]))
    half = (box.width / 2 - 1, box.height / 2 - 1)
    across = low[0] < box.x + half[0] and high[0] > box.x - half[0]
    return across and low[1] < box.y + half[1] and high[1] > box.y - half[1]


@pytest.mark.parametrize("name", [*CELLS, "lstm"])
def test_no_two_values_arrive_at_the_same_point(name: str) -> None:
    diagram = draw("cell", lstm() if name == "lstm" else of_cell(name))
    ends: dict[tuple[float, float], Edge] = {}
    for edge in diagram.edges:
        end = (round(edge.points[-1][0], 1), round(edge.points[-1][1], 1))
        assert end not in ends, f"{edge.id} and {ends[end].id} end on one another"
        ends[end] = edge


def test_unit_lists_every_weight_of_three_units() -> None:
    shown = labels(draw("unit", packaged("three-units"), unit=2))
    assert (
        shown["f-sum"]
        == "Σ of 5 terms\nW_f[2,1] x_t[1]\nU_f[2,1] h_t−1[1]\nU_f[2,2] h_t−1[2]\nU_f[2,3] h_t−1[3]\nb_f[2]"
    )
    assert shown["range-g"] == "(−1, 1)" and shown["size-c_prev"] == "unbounded"


@pytest.mark.parametrize(
    ("spec", "layer", "weights"),
    [("one-unit", None, 12), ("three-units", None, 20), ("three-units-two-features", None, 24),
     ("stacked-classifier", None, 4 * 139), ("encoder-decoder", None, 408), ("encoder-decoder", "decoder", 804)],
)  # fmt: skip
def test_unit_counts_its_own_weights(spec: str, layer: str | None, weights: int) -> None:
    diagram = draw("unit", packaged(spec), layer=layer)
    assert diagram.facts["weights"] == weights
    drawn = [node for node in diagram.nodes if node.id.startswith(("x-", "h_prev-"))]
    assert sum(node.count or 1 for node in drawn) == diagram.facts["inputs"]


def test_unit_with_relu_has_no_range_rail_of_tanh() -> None:
    diagram = draw("unit", packaged("encoder-decoder"))
    assert labels(diagram)["range-g"] == "[0, ∞)"
    assert not any("(−1, 1)" in label for label in labels(diagram).values())


def test_a_unit_that_is_not_there_is_told_with_the_bounds() -> None:
    with pytest.raises(UsageError, match="units 1 to 3, found --unit 4"):
        draw("unit", packaged("three-units"), unit=4)


def test_unit_of_a_cell_whose_h_stays_private_to_each_unit() -> None:
    """minGRU has no U: h goes back to its own unit alone, and no h is among the inputs."""
    shown = labels(draw("unit", of_cell("min-gru")))
    assert shown["heirs"] == "to this unit at t+1"
    assert not any(id.startswith("h_prev-") for id in shown)


def test_gate_is_a_dense_layer_with_its_numbers() -> None:
    diagram = draw("gate", packaged("encoder-decoder"))
    assert diagram.claim == (
        "The keep gate f is computed as in a Dense layer: "
        "100 × 101 + 100 = 10,200 weights turn 101 numbers into 100 in (0, 1)."
    )
    assert diagram.facts == {"weights": 10_200, "reads": 101}


def test_gate_draws_every_entry_of_a_small_layer() -> None:
    shown = labels(draw("gate", packaged("three-units"), gate="g", unit=3))
    assert {f"U_g-{row}-{column}" for row in (1, 2, 3) for column in (1, 2, 3)} <= set(shown)
    assert "a_g[3] = W_g[3,1] x_t[1] + U_g[3,1] h_t−1[1]" in shown["worked"]
    assert shown["worked"].endswith("g_t[3] = tanh(a_g[3])")


def test_every_bias_of_a_gate_is_drawn() -> None:
    cell = "\n    state: [h]\n    equations:\n      h: tanh(W @ x + b_ih + U @ h_prev + b_hh)\n"
    source = f"version: 1\ninput: {{steps: 4, features: 2}}\ncells:\n  Twice:{cell}layers:\n  - Twice: 3\n"
    twice = model(source)
    diagram = draw("gate", twice)
    assert {"b_ih", "b_hh"} <= set(labels(diagram))
    assert diagram.facts["weights"] == twice.params == 3 * (2 + 3 + 2)


def test_gate_without_bias() -> None:
    diagram = draw("gate", lstm(options="use_bias: false"))
    assert "b_f" not in labels(diagram)
    assert diagram.facts["weights"] == 3 * 5


PROJECTED = """version: 1
input: {steps: 3, features: 2}
cells:
  Projected:
    state: {h: [projection], c: [units]}
    equations:
      i: sigmoid(W_i @ x + U_i @ h_prev + b_i)
      g: tanh(W_g @ x + U_g @ h_prev + b_g)
      c: (1 - i) * c_prev + i * g
      h: V_h @ tanh(c)
    weights: {U_i: [units, projection], U_g: [units, projection], V_h: [projection, units]}
layers:
  - Projected: {units: 5, projection: 3}
"""


def test_a_state_need_not_be_as_long_as_the_layer_has_units() -> None:
    projected = model(PROJECTED)
    gate, unit, cell = (draw(view, projected) for view in ("gate", "unit", "cell"))
    assert gate.facts == {"weights": 5 * (2 + 3 + 1), "reads": 5}
    assert unit.facts == {"weights": 2 * (2 + 3 + 1), "inputs": 5}  # h is a sum over all units, and of none
    assert cell.facts["stacked"] == 5 and "h of the step before (3)" in cell.claim
    assert {labels(cell)[f"size-{end}"] for end in ("h_prev", "h-next")} == {"P=3"}
    assert {edge.shape for edge in cell.edges if edge.symbol == "h_prev"} == {(3,)}


def test_unknown_gate_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError) as error:
        draw("gate", packaged("one-unit"), gate="x")
    assert "i, " in error.value.problems[0].hint or "did you mean" in error.value.problems[0].hint


def test_a_model_without_recurrent_layer_is_told_what_to_draw() -> None:
    dense = model("version: 1\ninput: {shape: [4]}\nlayers:\n  - Dense: 3\n")
    with pytest.raises(UsageError, match="no recurrent layer"):
        draw("cell", dense)


def test_where_h_goes_names_the_next_layer() -> None:
    encoder_decoder = packaged("encoder-decoder")
    assert labels(draw("cell", encoder_decoder))["up"] == "h_t to repeat_vector, after step 3 only"
    decoder = draw("unit", encoder_decoder, layer="decoder", unit=2)
    assert labels(decoder)["up"] == "h_t[2] to time_distributed, at every step"


def test_x_stands_over_h_as_in_the_formula_and_in_the_gate() -> None:
    cell = {node.id: node for node in draw("cell", lstm()).nodes}
    gate = {node.id: node for node in draw("gate", lstm()).nodes}
    assert cell["stack-x"].y > cell["stack-h"].y
    assert gate["in-x"].y > gate["in-h_prev"].y
    assert gate["W_f"].x < gate["U_f"].x


def test_the_legend_gives_the_names_of_the_textbooks() -> None:
    assert "keep gate (forget gate)" in [key.text for key in draw("cell", lstm()).legend]
    assert "keep gate" in [key.text for key in draw("cell", of_cell("coupled")).legend]


LEARNED = """version: 1
input: {steps: 3, features: 2}
cells:
  Learned:
    state: [h]
    equations: {k: sigmoid(b_k), r: "0.5", s: mean(W_s @ x), h: k * h_prev + (r - k) * tanh(W @ x + b) + s}
layers:
  - Learned: 3
"""


def test_a_rate_that_is_a_bias_alone_is_no_gate_to_work_out() -> None:
    assert draw("gate", model(LEARNED)).title.startswith("The")
    assert "W_s" in labels(draw("gate", model(LEARNED))).values()
    with pytest.raises(UsageError, match="has no gate 'k'"):
        draw("gate", model(LEARNED), gate="k")


@pytest.mark.parametrize("view", VIEWS)
def test_one_number_of_all_units_and_a_plain_number_are_drawn(view: str) -> None:
    assert mistakes(placed(model(LEARNED), view, Selection())) == []
    if VIEWS[view].carries_numbers:
        made = values(model(LEARNED))
        assert mistakes(placed(made, view, Selection(step=2))) == []
