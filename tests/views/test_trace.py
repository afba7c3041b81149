"""Views of numbers: every cell and every line is a number of the pass, on the scale that is printed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lstmdiag.comparing import of_models
from lstmdiag.comparing.picture import together
from lstmdiag.diagrams import RAMPS, Diagram, Edge
from lstmdiag.diagrams.canvas import ALONE, CANVASES
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.diagrams.text import plain
from lstmdiag.drawing import Ink, composed, inked, pictured, placed
from lstmdiag.errors import LstmdiagError, UsageError
from lstmdiag.model import Model
from lstmdiag.running.gradients import through_time
from lstmdiag.running.step_values import padded
from lstmdiag.running.tracing import values
from lstmdiag.views import VIEWS
from lstmdiag.views.numbers import decimals, next_round
from lstmdiag.views.selection import Selection
from lstmdiag.views.trace_values import flattened, means, round_end, shown
from lstmdiag.writers.themes import THEMES
from tests.models import CELLS, graph, model, of_cell, packaged
from tests.views.test_invariants import mistakes

ON_A_SCALE = [view.name for view in VIEWS.values() if view.scale == "numbers"]


def layer(call: str, steps: int | None = 5, features: int = 2) -> Model:
    size = "null" if steps is None else steps
    return model(f"version: 1\ninput: {{steps: {size}, features: {features}}}\nlayers:\n  - {call}\n")


def cells(diagram: Diagram, name: str) -> dict[str, float]:
    """Cell of a signal's map → its level."""
    inside = [node for node in diagram.nodes if node.inside == f"{name}-map"]
    return {node.id.removeprefix(f"{name}-"): node.level for node in inside if node.level is not None}


def lines(diagram: Diagram, name: str) -> dict[int, Edge]:
    return {edge.unit: edge for edge in diagram.edges if edge.tail == f"{name}-plot" and edge.unit is not None}


SMALL = ("one-unit", "three-units", "gru", "simple-rnn", "s-lstm", "encoder-decoder", "both-directions")
MADE = {
    "one step": layer("LSTM: 9", 1),
    "any length": layer("GRU: 3", None),
    "backwards": layer("LSTM: {units: 3, go_backwards: true}"),
    "projected": layer("LSTM: {units: 5, projection: 2}"),
    "many units": layer("LSTM: 200", 3),
    "many steps": layer("SimpleRNN: 2", 300),
    "many": layer("GRU: 130", 150),
    "maps": model("version: 1\ninput: {shape: [3, 4, 4, 1]}\nlayers: [{ConvLSTM2D: {filters: 2, kernel_size: 2}}]\n"),
    "masked": graph("masked"),
}


@pytest.mark.parametrize("view", ON_A_SCALE)
@pytest.mark.parametrize("spec", [*SMALL, *MADE, *CELLS])
@pytest.mark.sweep(16)
def test_nothing_overlaps_and_every_part_is_of_the_vocabulary(spec: str, view: str) -> None:
    made = MADE.get(spec) or (of_cell(spec, 3, 2) if spec in CELLS else packaged(spec))
    for each in made.recurrent[:2]:
        last = min(each.shape(name)[-1] for name in each.states)
        for unit in {1, last}:
            diagram = placed(made, view, Selection(layer=each.name, unit=unit))
            assert mistakes(diagram) == []
            assert ("encoder-decoder.npz" if spec == "encoder-decoder" else "seed 0") in diagram.origin
            for node in diagram.nodes:
                assert node.level is None or (node.ramp in RAMPS and -1 <= node.level <= 1)


def test_a_cell_is_a_number_of_the_pass() -> None:
    made = packaged("three-units")
    numbers, diagram = values(made), placed(made, "trace", Selection())
    for name in ("c", "h", "i", "f", "g", "o"):
        found = {(node.step, node.unit): node for node in diagram.nodes if node.inside == f"{name}-map"}
        array = numbers.trace[f"lstm.{name}"][0]
        assert len(found) == array.size
        for (step, unit), node in found.items():
            assert step and unit
            value = float(array[step - 1, unit - 1])
            assert plain(node.label) == f"{value:.3f}".replace("-", "−")
            assert node.level == pytest.approx(value, abs=0.0006)  # both scales end at 1 here
            assert node.tip == f"{name} of unit {unit} at step {step}: {plain(node.label)}"


def test_gates_lie_between_0_and_1_and_states_around_0() -> None:
    diagram = placed(packaged("three-units"), "trace", Selection())
    ramps = {node.symbol: node.ramp for node in diagram.nodes if node.inside.endswith("-map")}
    assert ramps == {"c": "signed", "h": "signed", "g": "signed", "i": "share", "f": "share", "o": "share"}


def test_a_line_is_a_unit_and_a_step_is_as_high_as_its_number() -> None:
    made = packaged("encoder-decoder")
    numbers = values(made).trace["encoder.c"][0]
    diagram = placed(made, "trace", Selection(unit=17))
    drawn = lines(diagram, "c")
    for unit in set(range(1, 101)) - set(drawn):  # a line that coincides with another one is not drawn again
        assert any(np.abs(numbers[:, unit - 1] - numbers[:, other - 1]).max() < 1.2 for other in drawn)
    assert len(drawn) > 30 and "Lines that coincide are drawn once" in diagram.reading
    assert [unit for unit, edge in drawn.items() if edge.mark == "focus"] == [17]
    plot = next(node for node in diagram.nodes if node.id == "c-plot")
    end = round_end(float(numbers.max()))
    for unit, edge in drawn.items():
        heights = [(y - plot.y + plot.height / 2) / plot.height * end for _, y in edge.points]
        assert np.allclose(heights, numbers[:, unit - 1])  # no number is below 0 with relu, so the plot begins there


def test_what_grows_is_told_with_its_numbers() -> None:
    made = packaged("encoder-decoder")
    c = values(made).trace["encoder.c"][0]
    step, unit = (int(n) + 1 for n in np.unravel_index(c.argmax(), c.shape))
    told = placed(made, "trace", Selection()).claim
    assert told == f"c of unit {unit} goes from 0 to {c.max():.1f} at step {step}: relu has no upper bound."


def test_of_maps_every_value_counts_and_means_are_called_so() -> None:
    found = values(packaged("convlstm-nowcasting"), toy=True)
    every = {name: found.trace[f"conv_lstm2d.{name}"][0] for name in ("c", "i", "f", "o")}
    gates = np.concatenate([every[name].ravel() for name in ("i", "f", "o")])
    share = float(np.mean((gates < 0.01) | (gates > 0.99)))
    diagram = placed(found, "trace", Selection())
    assert share > 0.1 and f"{100 * share:.0f} % of the gate values" in diagram.claim
    assert f"c lies between {decimals(float(every['c'].min()))} and" in diagram.description
    assert all(node.tip.startswith("mean of ") and "filter" in node.tip for node in diagram.nodes if node.tip)


def test_only_gates_are_counted_as_gates() -> None:
    assert "gate" not in placed(layer("SimpleRNN: {units: 3, activation: sigmoid}"), "trace", Selection()).claim


def test_squashed_content_may_be_flat_too() -> None:
    found = values(layer("SimpleRNN: 4"))
    made = found.model.recurrent[0]
    (share,) = flattened(made, shown(found, made, ["h"], Selection())).values()
    assert share == np.mean(np.abs(found.trace["simple_rnn.h"]) > 0.99)


def test_saturation_is_counted() -> None:
    made = layer("LSTM: 7", 6)
    numbers = values(made, np.full((6, 2), 30.0))
    gates = np.concatenate([numbers.trace[f"lstm.{gate}"].ravel() for gate in "ifo"])
    share = np.mean((gates < 0.01) | (gates > 0.99))
    diagram = placed(numbers, "trace", Selection())
    assert f"{100 * share:.0f} % of the gate values are within 0.01 of 0 or 1." in diagram.claim + diagram.reading
    assert "input: given" in diagram.origin


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_padding_is_told_of_both_directions(direction: str) -> None:
    both = packaged("clinical-both-ways")
    picture = placed(both, "trace", Selection(layer=f"bidirectional.{direction}"))
    assert "Step 48 is padding" in picture.reading


def test_cells_are_means_over_steps_never_over_units() -> None:
    made = layer("LSTM: 512", 1000)
    diagram = placed(made, "trace", Selection(signal="c,f"))
    assert "each cell the mean of 25 steps" in diagram.reading
    drawn, array = cells(diagram, "f"), values(made, keep=["lstm.f"]).trace["lstm.f"][0]
    units = {int(id.split("-")[1]) for id in drawn}
    assert f"The {len(units)} units that move most" in diagram.reading
    assert f"{512 - len(units)} others are not drawn" in diagram.reading
    assert set(lines(diagram, "f")) <= units
    for id, level in drawn.items():
        column, unit = map(int, id.split("-"))
        assert level == pytest.approx(array[25 * column - 25 : 25 * column, unit - 1].mean(), abs=0.0006)


def test_the_units_that_move_most_are_shown_and_the_one_in_focus() -> None:
    made = layer("LSTM: 512", 20)
    array = values(made).trace["lstm.h"][0]
    moved = np.ptp(np.vstack([np.zeros(512), array]), axis=0)
    for asked in (None, 7):
        diagram = placed(made, "trace", Selection(signal="h", unit=asked))
        rows = [int(id.split("-")[1]) for id in cells(diagram, "h") if id.startswith("1-")]
        others = [unit for unit in rows if unit != asked]
        assert others == [int(unit) + 1 for unit in np.argsort(-moved)[: len(others)]]
        assert asked is None or asked in rows


def test_a_step_that_is_padding_has_no_colour_and_no_gate() -> None:
    diagram = placed(graph("masked"), "trace", Selection(step=1))
    found = values(graph("masked"))
    padding = padded(found, found.model.recurrent[0])
    inside = [node for node in diagram.nodes if node.inside.endswith("-map")]
    assert padding and {node.step for node in inside if node.level is None} == set(padding)
    assert all("padding" in node.tip for node in inside if node.step in padding)


def test_the_focus_is_what_the_claim_is_about_unless_a_unit_is_asked_for() -> None:
    chosen = placed(packaged("encoder-decoder"), "trace", Selection())
    (focus,) = [unit for unit, edge in lines(chosen, "c").items() if edge.mark == "focus"]
    assert f"c of unit {focus} goes from 0" in chosen.claim
    assert lines(placed(packaged("encoder-decoder"), "trace", Selection(unit=1)), "c")[1].mark == "focus"


def test_no_scale_begins_below_what_can_occur() -> None:
    diagram = placed(packaged("encoder-decoder"), "trace", Selection())
    assert not [node.id for node in diagram.nodes if node.id.startswith("scale-") and (node.level or 0) < 0]


def test_one_number_is_no_range_and_has_no_plot() -> None:
    diagram = placed(layer("LSTM: 1", 1, 1), "trace", Selection())
    assert "between" not in diagram.claim + diagram.description and "one number" in diagram.reading
    assert not diagram.edges and not diagram.legend


@pytest.mark.parametrize("canvas", ["page", "narrow", "slide", "paper", "column"])
@pytest.mark.parametrize("name", ["three-units", "encoder-decoder", "speech-labels", "convlstm-nowcasting"])
@pytest.mark.sweep(8)
def test_it_is_inside_its_canvas(name: str, canvas: str) -> None:
    diagram = composed(packaged(name), "trace", Selection(), CANVASES[canvas], ALONE)
    left, bottom, right, top = bounds(diagram)
    width, height = CANVASES[canvas].room
    assert mistakes(diagram) == [] and right - left <= width and top - bottom <= min(height, 1600)
    for plot in (node for node in diagram.nodes if node.id.endswith("-plot")):
        assert [edge for edge in diagram.edges if edge.tail == plot.id and edge.mark == "focus"]


def test_the_last_mean_is_of_the_steps_that_are_left() -> None:
    assert means(np.arange(10.0).reshape(5, 2), 2).tolist() == [[1, 2], [5, 6], [8, 9]]
    assert means(np.array([[1.0], [np.nan], [3.0]]), 2).tolist() == [[1], [3]]


@pytest.mark.parametrize("largest, end", [
    (0, 1), (0.3, 1), (1, 1), (1.0001, 1.5), (0.02, 0.02), (0.021, 0.03), (27.8, 30), (61.3, 80), (100, 100),
])  # fmt: skip
def test_scales_end_at_round_numbers(largest: float, end: float) -> None:
    assert round_end(largest) == pytest.approx(end)


@pytest.mark.parametrize("largest, end", [(0, 1), (0.3, 0.5), (1.0001, 2), (0.2, 0.2), (3e-15, 5e-15), (4e20, 5e20)])
def test_no_scale_of_weights_ends_at_nothing(largest: float, end: float) -> None:
    assert next_round(largest, (1, 2, 5, 10)) == end


@pytest.mark.parametrize(("about", "said"), [
    ({"signal": "c,q"}, "'lstm' has no signal 'q'"),
    ({"step": 5}, "'lstm' has steps 1 to 4, found --step 5"),
    ({"unit": 4}, "has units 1 to 3, found --unit 4"),
])  # fmt: skip
def test_what_is_not_there(about: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        placed(packaged("three-units"), "trace", Selection(**about))


def test_signals_are_chosen() -> None:
    diagram = placed(packaged("three-units"), "trace", Selection(signal="h, a_f"))
    assert [node.symbol for node in diagram.nodes if node.id.endswith("-head")] == ["h", "a_f"]


def test_too_much_is_refused_with_the_arithmetic() -> None:
    with pytest.raises(LstmdiagError, match=r"multiplications × 1,000 times × 1 sample"):
        placed(layer("LSTM: 1000000", 1000), "trace", Selection())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("view", ON_A_SCALE)
def test_it_is_read_in_every_theme(view: str, theme: str) -> None:
    (diagram,) = pictured(packaged("three-units"), view, Selection())
    assert inked(diagram, "svg", Ink(theme=theme))


def test_without_colours_size_is_what_is_read() -> None:
    """Black above 0, white below; larger where the value is."""
    dot = inked(placed(layer("LSTM: 30"), "trace", Selection(signal="c")), "dot", Ink(theme="print")).decode()
    drawn = {
        line.split('"')[1]: line for line in dot.splitlines() if line.startswith('\t"c-') and "shape=box" not in line
    }
    diagram = placed(layer("LSTM: 30"), "trace", Selection(signal="c"))
    by_size = sorted(
        (abs(node.level), _size(drawn[node.id])) for node in diagram.nodes if node.level and node.id in drawn
    )
    assert len(by_size) > 100
    assert [size for _, size in by_size] == sorted(size for _, size in by_size)
    for node in diagram.nodes:
        if node.level and node.id in drawn:
            assert ('fillcolor="#000000"' in drawn[node.id]) == (node.level > 0)


def _size(line: str) -> float:
    return float(line.split('width="')[1].split('"')[0])


def test_a_curve_is_not_rounded() -> None:
    diagram = placed(packaged("three-units"), "trace", Selection(signal="c"))
    edge = lines(diagram, "c")[1]
    svg = inked(diagram, "svg", Ink()).decode()
    path = svg.split(f'id="lstmdiag-{edge.id}"')[1].split(' d="')[1].split('"')[0]
    assert "C" not in path and path.count("L") == len(edge.points) - 1
    assert json.loads(inked(diagram, "json", Ink()))["edges"][-1]["curve"] is True


# Gradients


def test_norms_are_those_computed() -> None:
    made = layer("LSTM: 8", 30)
    found = through_time(values(made), made.recurrent[0])
    diagram = placed(made, "gradient", Selection(scale=(-6.0, 1.0)))
    plot = next(node for node in diagram.nodes if node.id == "plot")
    for state, norms in found.jacobians.items():
        (edge,) = [edge for edge in diagram.edges if edge.id == f"norm-{state}"]
        logs = [-6 + 7 * (y - plot.y + plot.height / 2) / plot.height for _, y in edge.points]
        assert np.allclose(logs, np.log10(norms), atol=1e-6)
    assert sum(edge.role == "gate.keep" for edge in diagram.edges) == 8


def test_one_step_has_no_line() -> None:
    diagram = placed(layer("LSTM: 3", 1), "gradient", Selection())
    assert (
        "so no later step depends on it" in diagram.claim
        and "nothing recurs" in diagram.reading
        and len(diagram.legend) == 2
    )
    assert [edge.id for edge in diagram.edges] == []


def test_what_takes_too_long_is_shown_of_the_twin() -> None:
    diagram = placed(layer("LSTM: 512", 1000), "gradient", Selection())
    assert "toy twin" in diagram.badge.lower()
    assert sum(edge.role == "gate.keep" for edge in diagram.edges) < 10


def test_gates_below_zero_are_drawn_by_their_size() -> None:
    diagram = placed(layer("LSTM: {units: 1, recurrent_activation: tanh}", 3), "gradient", Selection())
    assert any(edge.role == "gate.keep" for edge in diagram.edges)


@pytest.mark.parametrize("steps", [3, 40, 1000])
def test_the_scale_holds_every_norm_and_no_line_runs_along_its_edge(steps: int) -> None:
    diagram = placed(layer("LSTM: {units: 4, return_sequences: true}", steps), "gradient", Selection())
    plot = next(node for node in diagram.nodes if node.id == "plot")
    bottom = plot.y - plot.height / 2
    for edge in diagram.edges:
        heights = [y for _, y in edge.points]
        assert min(heights) >= bottom - 1e-6
        assert sum(y <= bottom + 1e-6 for y in heights) <= 1, f"{edge.id} lies on the edge"
        if edge.id.startswith("norm-"):
            assert edge.points[-1][0] == pytest.approx(plot.x + plot.width / 2)  # it is drawn to the last step


TWO_MEMORIES = """\
version: 1
cells:
  Two:
    state: [h, c, m]
    equations:
      f: sigmoid(W_f @ x + U_f @ h_prev + b_f)
      a: sigmoid(W_a @ x + U_a @ h_prev + b_a)
      n: tanh(W_n @ x + U_n @ h_prev + b_n)
      c: f * c_prev + (1 - f) * n
      m: a * m_prev + (1 - a) * c
      h: tanh(c + m)
input: {steps: 4, features: 1}
layers: [{Two: 2}]
"""


def test_each_state_has_a_colour_of_its_own() -> None:
    diagram = placed(model(TWO_MEMORIES), "gradient", Selection())
    heavy = [edge.role for edge in diagram.edges if edge.id.startswith("norm-")]
    assert len(heavy) == len(set(heavy)) == 3


def test_a_simple_rnn_has_no_gate_that_keeps() -> None:
    diagram = placed(layer("SimpleRNN: 4"), "gradient", Selection())
    assert "No gate keeps a state" in diagram.reading
    assert not any(edge.role == "gate.keep" for edge in diagram.edges)


@pytest.mark.parametrize("view", ON_A_SCALE)
def test_models_side_by_side_have_one_scale(view: str) -> None:
    several = [layer(f"{kind}: 4", 12) for kind in ("SimpleRNN", "GRU", "LSTM")]
    compared = of_models(several)
    diagram = together(compared, view, Selection())
    prefix = "power-" if view == "gradient" else "h-tick-"
    ticks = [
        {node.id.removeprefix(f"m{number}-") for node in diagram.nodes if node.id.startswith(f"m{number}-{prefix}")}
        for number in (1, 2, 3)
    ]
    assert ticks[0] and ticks[0] == ticks[1] == ticks[2]
    assert all(each.claim in diagram.claim for each in [placed(model, view, Selection()) for model in several])
