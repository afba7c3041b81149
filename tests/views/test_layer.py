"""The view layer: every input reaches every unit, through so many weights, and private states stay private."""

from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.diagrams import Diagram, Key, Node
from lstmdiag.diagrams.text import plain
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.views.layer import view
from lstmdiag.views.selection import Selection
from tests.examples import max_examples
from tests.models import lstm, model, of_cell, packaged
from tests.views.test_invariants import mistakes


def draw(made: Model, unit: int = 1, layer: str | None = None) -> Diagram:
    return view(made, Selection(layer=layer, unit=unit))


def nodes_of(diagram: Diagram) -> dict[str, Node]:
    return {node.id: node for node in diagram.nodes}


def inputs_of(diagram: Diagram, unit: int) -> list[Node]:
    nodes = nodes_of(diagram)
    return [nodes[edge.tail] for edge in diagram.edges if edge.head == f"unit-{unit}"]


def weights_into(diagram: Diagram, unit: int) -> int:
    return sum(edge.count for edge in diagram.edges if edge.head == f"unit-{unit}")


@pytest.mark.parametrize(
    ("spec", "layer", "fan_in", "each", "total"),
    [
        ("one-unit", None, 3, 12, 12),
        ("three-units", None, 5, 20, 60),
        ("three-units-two-features", None, 6, 24, 72),
        ("stacked-classifier", "lstm", 139, 556, 71_168),
        ("stacked-classifier", "lstm_1", 193, 772, 49_408),
        ("encoder-decoder", "encoder", 102, 408, 40_800),
        ("encoder-decoder", "decoder", 201, 804, 80_400),
    ],
)
def test_counts_of_the_founding_specs(spec: str, layer: str | None, fan_in: int, each: int, total: int) -> None:
    diagram = draw(packaged(spec), layer=layer)
    assert diagram.facts["fan_in"] == fan_in
    assert diagram.facts["weights_per_unit"] == each == weights_into(diagram, 1)
    assert diagram.facts["weights"] == total
    assert f"= {each:,} weights" in diagram.claim
    assert f"{total:,}" in diagram.claim


def test_three_units_draw_every_line() -> None:
    diagram = draw(packaged("three-units"), unit=2)
    for unit in (1, 2, 3):
        assert [node.id for node in inputs_of(diagram, unit)] == ["x-1", "h-prev-1", "h-prev-2", "h-prev-3", "bias"]
        assert weights_into(diagram, unit) == 20
    cables = [edge for edge in diagram.edges if edge.strands]
    assert {edge.head for edge in cables} == {"unit-2"}
    assert {edge.strands for edge in cables} == {("gate.write", "gate.keep", "gate.content", "gate.read")}
    assert [plain(edge.label) for edge in cables if edge.label] == ["× 4 weights per line"]
    faint = [edge for edge in diagram.edges if edge.head in ("unit-1", "unit-3")]
    assert {edge.mark for edge in faint} == {"faded"}


def test_each_unit_has_its_gates_and_a_loop_of_its_own() -> None:
    diagram = draw(packaged("three-units"))
    nodes = nodes_of(diagram)
    for unit in (1, 2, 3):
        inside = {node.symbol for node in diagram.nodes if node.inside == f"unit-{unit}"} - {""}
        assert inside == {"i", "f", "g", "o", "c"}
        xs = [nodes[f"unit-{unit}-{gate}"].x for gate in "ifgo"]
        assert xs == sorted(xs)
    private = [edge for edge in diagram.edges if edge.role == "state.private"]
    for unit in (1, 2, 3):
        new, last = f"unit-{unit}-c", f"unit-{unit}-c-prev"
        assert [(edge.tail, edge.head) for edge in private if edge.unit == unit] == [(new, last), (last, new)]
        assert (plain(nodes[last].label), plain(nodes[new].label)) == (f"c_t−1[{unit}]", f"c_t[{unit}]")
    for edge in private:
        box = nodes[nodes[edge.tail].inside]
        assert all(abs(x - box.x) < box.width / 2 and abs(y - box.y) < box.height / 2 for x, y in edge.points)


def test_outputs_stand_above_their_units() -> None:
    diagram = draw(packaged("stacked-classifier"), unit=57)
    nodes = nodes_of(diagram)
    for unit in (1, 57, 128):
        assert nodes[f"h-{unit}"].x == nodes[f"unit-{unit}"].x
    assert len({nodes[f"h-{unit}"].y for unit in (1, 57, 128)}) == 1


@pytest.mark.parametrize(
    ("unit", "drawn", "left_out"),
    [(1, [1, 2, 128], [125]), (2, [1, 2, 128], [125]), (57, [1, 57, 128], [55, 70]), (128, [1, 2, 128], [125])],
)
def test_elision_keeps_the_first_the_last_and_the_focus(unit: int, drawn: list[int], left_out: list[int]) -> None:
    diagram = draw(packaged("stacked-classifier"), unit=unit)
    boxes = [node for node in diagram.nodes if node.role == "unit"]
    assert [node.unit for node in boxes] == drawn
    assert [node.unit for node in boxes if node.mark == "focus"] == [unit]
    for row in ("units", "outputs", "h-prev"):
        marks = [node for node in diagram.nodes if node.role == "elision" and node.id.startswith(row)]
        assert [mark.count for mark in marks] == left_out
        assert all(f"{mark.count} more" in plain(mark.label) for mark in marks)
    said = (" ".join(plain(node.label).split()) for node in diagram.nodes)
    whole = f"⋯ {left_out[0]} more, wired identically (of 128, 3 drawn)"
    assert [words for words in said if "identically" in words] == [whole], "once, and in the legend"
    assert Key("elision", "left out, wired identically", "⋯", "plain") in diagram.legend


@pytest.mark.parametrize("unit", [1, 700, 1_500])
def test_every_loop_stays_in_its_unit(unit: int) -> None:
    """An index of three figures stands beside its symbol, a longer one under it and needs less room."""
    diagram = draw(lstm(units=2_000, features=2), unit=unit)
    assert mistakes(diagram) == []
    assert len({node.width for node in diagram.nodes if node.shape == "circle" and node.symbol == "h"}) == 1
    nodes = nodes_of(diagram)
    for edge in diagram.edges:
        if edge.role == "state.private":
            box = nodes[f"unit-{edge.unit}"]
            assert all(abs(x - box.x) < box.width / 2 for x, _ in edge.points)


def test_elided_inputs_are_counted_on_their_line() -> None:
    diagram = draw(packaged("stacked-classifier"))
    nodes = nodes_of(diagram)
    lines = {edge.tail: edge.count for edge in diagram.edges if edge.head == "unit-1"}
    assert lines == {
        "x-1": 4, "x-2": 4, "x-after-2": 4 * 7, "x-10": 4,
        "h-prev-1": 4, "h-prev-2": 4, "h-prev-after-2": 4 * 125, "h-prev-128": 4, "bias": 4,
    }  # fmt: skip
    assert nodes["x-after-2"].count == 7


def test_the_caption_says_what_does_not_happen() -> None:
    assert "Within a step, no line joins two units" in draw(packaged("three-units")).reading
    assert "c stays in its unit" in draw(packaged("three-units")).reading
    alone = draw(packaged("one-unit"))
    assert "another" not in alone.reading
    assert "The one unit of lstm reads the one feature, the one output of the step before and a bias" in alone.claim


def test_a_cell_whose_units_meet_within_the_step_says_so() -> None:
    diagram = draw(of_cell("minimal-gated", units=4, features=3))
    assert "Within a step, each unit reads f of all units, through a matrix" in diagram.reading
    assert "no line runs" not in diagram.reading
    assert diagram.facts["weights_per_unit"] == 2 * (3 + 4 + 1) == weights_into(diagram, 1)


def test_a_state_without_gates_shows_its_function() -> None:
    nodes = nodes_of(draw(of_cell("plain", units=2)))
    assert plain(nodes["unit-1-h"].label) == "tanh"


def test_a_state_that_all_units_read_is_not_private() -> None:
    diagram = draw(
        model(
            "version: 1\ninput: {steps: 4, features: 3}\ncells:\n  Peeking:\n    state: [h, c]\n    equations:\n"
            "      forget: sigmoid(W_f @ x + V_f @ c_prev + b_f)\n      g: tanh(W_g @ x + U_g @ h_prev)\n"
            "      c: forget * c_prev + g\n      h: tanh(c)\nlayers:\n  - Peeking: 2\n"
        )
    )
    inputs = [node.id for node in inputs_of(diagram, 1)]
    assert inputs == ["x-1", "x-2", "x-3", "h-prev-1", "h-prev-2", "c-prev-1", "c-prev-2", "bias"]
    assert not any(edge.tail == edge.head for edge in diagram.edges)
    assert "never leaves" not in diagram.reading
    assert diagram.facts["weights_per_unit"] == weights_into(diagram, 1) == 2 * 3 + 2 + 2 + 1
    assert not any(edge.label for edge in diagram.edges), "cables of one and of two strands: no word holds for all"


def test_without_a_bias_there_is_no_bias() -> None:
    diagram = draw(lstm(3, 2, options="use_bias: false"))
    assert "bias" not in nodes_of(diagram)
    assert diagram.facts["fan_in"] == 5
    assert "a bias" not in diagram.claim + diagram.description


def test_cables_of_the_focus_unit_do_not_cross() -> None:
    for unit in (1, 3, 4):
        diagram = draw(lstm(4, 6), unit=unit)
        cables = [edge.points for edge in diagram.edges if edge.strands]
        assert len(cables) == 11
        starts, ends = [points[0][0] for points in cables], [points[-1][0] for points in cables]
        assert starts == sorted(starts)
        assert ends == sorted(ends)
        assert not any(cross(a, b) for i, a in enumerate(cables) for b in cables[i + 1 :])


@pytest.mark.parametrize("unit", [1, 2, 4])
def test_flat_cables_keep_their_distance(unit: int) -> None:
    cables = [edge.points for edge in draw(lstm(4, 6), unit=unit).edges if edge.strands]
    for one, other in pairwise(cables):
        for (x, y), (head_x, head_y) in pairwise(one):
            for tenth in range(11):
                point = (x + (head_x - x) * tenth / 10, y + (head_y - y) * tenth / 10)
                assert min(distance(point, a, b) for a, b in pairwise(other)) > 4 * 3.4, "four strands, 3.4 apart"


def distance(point: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    """From a point to the straight piece between two others."""
    along = (b[0] - a[0], b[1] - a[1])
    share = ((point[0] - a[0]) * along[0] + (point[1] - a[1]) * along[1]) / (along[0] ** 2 + along[1] ** 2)
    share = min(max(share, 0), 1)
    return hypot(point[0] - a[0] - share * along[0], point[1] - a[1] - share * along[1])


def cross(a: tuple[tuple[float, float], ...], b: tuple[tuple[float, float], ...]) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> bool:
        return (q[0] - p[0]) * (r[1] - p[1]) > (q[1] - p[1]) * (r[0] - p[0])

    return any(
        side(p, q, r) != side(p, q, s) and side(r, s, p) != side(r, s, q)
        for p, q in pairwise(a)
        for r, s in pairwise(b)
    )


def test_it_builds_up_from_the_inputs() -> None:
    diagram = draw(packaged("three-units"), unit=2)
    assert diagram.states == ("inputs", "fan-in", "inside", "output", "all units")
    since = {part.id: part.since for part in (*diagram.nodes, *diagram.edges)}
    assert since["x-1"] == since["h-prev-3"] == since["bias"] == 0
    assert since["unit-2"] == since["x-1-to-unit-2"] == 1
    assert since["unit-2-f"] == since["unit-2-c"] == since["unit-2-c-loop"] == 2
    assert since["h-2"] == since["unit-2-to-h-2"] == 3
    assert since["unit-1"] == since["unit-1-f"] == since["h-1"] == since["x-1-to-unit-1"] == 4


def test_a_billion_units() -> None:
    diagram = draw(lstm(10**9, 4096), unit=777)
    assert diagram.facts["weights_per_unit"] == weights_into(diagram, 777) == 4 * (4096 + 10**9 + 1)
    assert diagram.facts["weights"] == 4 * (4096 + 10**9 + 1) * 10**9
    assert len(diagram.nodes) < 60


def test_a_unit_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="units 1 to 3, found --unit 4"):
        draw(packaged("three-units"), unit=4)


@max_examples(40)
@given(units=st.integers(1, 300), features=st.integers(1, 300), bias=st.booleans(), data=st.data())
def test_drawn_inputs_and_marks_add_up(units: int, features: int, bias: bool, data: st.DataObject) -> None:
    unit = data.draw(st.integers(1, units))
    made = lstm(units, features, options="" if bias else "use_bias: false")
    diagram = draw(made, unit=unit)
    reached = inputs_of(diagram, unit)
    assert sum(node.count or 1 for node in reached) == features + units + bias == diagram.facts["fan_in"]
    assert weights_into(diagram, unit) * units == made.params
    assert len(diagram.edges) - sum(edge.tail == edge.head for edge in diagram.edges) <= 60
    columns = [node for node in diagram.nodes if node.role == "unit" or node.id.startswith("units-after")]
    assert sum(node.count or 1 for node in columns) == units


def test_a_private_state_computed_straight_from_the_inputs_is_drawn_twice() -> None:
    diagram = draw(
        model(
            "version: 1\ninput: {steps: 4, features: 3}\ncells:\n  Inline:\n    state: [h, c]\n    equations:\n"
            "      f: sigmoid(W_f @ x + U_f @ h_prev + b_f)\n      c: f * c_prev + tanh(W_g @ x + U_g @ h_prev)\n"
            "      h: tanh(c)\nlayers:\n  - Inline: 2\n"
        )
    )
    assert {"unit-1-c", "unit-1-c-kept"} <= {node.id for node in diagram.nodes}


@pytest.mark.parametrize("name", ["three-units", "projected-speech", "gru-reset-before", "simple-rnn", "one-unit"])
def test_what_happens_within_a_step_is_one_sentence(name: str) -> None:
    drawn = packaged(name)
    assert str(view(drawn, Selection(layer=drawn.recurrent[0].name)).reading).count("Within a step") <= 1
