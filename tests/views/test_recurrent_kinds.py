"""The inside of every recurrent kind: what its pictures draw, and how few of their wires cross."""

from itertools import combinations, pairwise

import pytest

from lstmdiag.diagrams import Diagram, Edge
from lstmdiag.diagrams.text import plain
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.models import model, of_cell
from tests.views.test_circuits import meets
from tests.views.test_invariants import mistakes

LAYERS = {
    "lstm": "LSTM: {units: 3}",
    "gru": "GRU: {units: 3}",
    "gru-before": "GRU: {units: 3, reset_after: false}",
    "gru-no-bias": "GRU: {units: 3, use_bias: false}",
    "rnn": "SimpleRNN: {units: 3}",
    "peephole": "PeepholeLSTM: {units: 3}",
    "projected": "LSTM: {units: 3, projection: 2}",
    "maps": "ConvLSTM2D: {filters: 3, kernel_size: [3, 5]}",
    "both-ways": "Bidirectional: {layer: {GRU: {units: 3}}, name: b}",
}
INSIDE = ("cell", "unit", "layer", "weights", "gate")


def of_layer(name: str, units: int = 3) -> Model:
    shape = "{shape: [5, 12, 16, 2]}" if name == "maps" else "{steps: 5, features: 2}"
    layer = LAYERS[name].replace(": 3", f": {units}").replace("projection: 2", f"projection: {max(units - 1, 1)}")
    return model(f"version: 1\ninput: {shape}\nlayers:\n  - {layer}\n")


def draw(name: str, of: Model, **chosen: object) -> Diagram:
    return VIEWS[name].draw(of, Selection(**chosen))


def labels(diagram: Diagram) -> dict[str, str]:
    return {node.id: plain(node.label) for node in diagram.nodes}


@pytest.mark.parametrize("units", [1, 3, 128])
@pytest.mark.parametrize("picture", INSIDE)
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.sweep(60)
def test_nothing_overlaps(name: str, picture: str, units: int) -> None:
    of = of_layer(name, units)
    gates = of.recurrent[0].cell.gates() if picture in ("gate", "weights") and of.recurrent[0].cell else [None]
    for gate in gates:
        assert mistakes(draw(picture, of, gate=gate)) == []


@pytest.mark.parametrize("picture", ["cell", "unit"])
@pytest.mark.parametrize("name", LAYERS)
def test_wires_run_through_no_part(name: str, picture: str) -> None:
    diagram = draw(picture, of_layer(name))
    nodes = {node.id: node for node in diagram.nodes}
    boxes = [node for node in diagram.nodes if node.shape not in ("point", "plain") and not node.inside]
    for edge in diagram.edges:
        own = {edge.tail, edge.head, nodes[edge.tail].inside, nodes[edge.head].inside}
        for start, end in pairwise(edge.points):
            assert not [box.id for box in boxes if box.id not in own and meets(start, end, box)], edge.id


MOST_CROSSINGS = {
    "lstm": 2, "gru": 2, "gru-before": 2, "rnn": 0, "peephole": 3, "projected": 2, "maps": 5,
    "s-like": 6, "coupled": 1, "minimal-gated": 1, "min-gru": 0,
}  # fmt: skip
"""Where x or h passes under a box that reads both, where a gate passes another, and where h leaves past c."""


@pytest.mark.parametrize("name", MOST_CROSSINGS)
def test_wires_of_a_cell_cross_only_where_they_must(name: str) -> None:
    diagram = draw("cell", of_layer(name) if name in LAYERS else of_cell(name, 3))
    assert len(crossings(diagram)) <= MOST_CROSSINGS[name], crossings(diagram)


def crossings(diagram: Diagram) -> set[tuple[float, float]]:
    """Points at which wires of two values cross; several wires of one value there count once."""

    def pieces(edge: Edge) -> list[tuple[tuple[float, float], tuple[float, float]]]:
        return list(pairwise(edge.points))

    found = set()
    for one, other in combinations(diagram.edges, 2):
        if one.tail == other.tail or one.symbol == other.symbol:
            continue
        for flat in pieces(one) + pieces(other):
            for steep in pieces(other) if flat in pieces(one) else pieces(one):
                (x1, y1), (x2, y2) = flat
                (a1, b1), (a2, b2) = steep
                if y1 == y2 and a1 == a2 and min(x1, x2) < a1 < max(x1, x2) and min(b1, b2) < y1 < max(b1, b2):
                    found.add((round(a1), round(y1)))
    return found


def test_reset_gate_stands_before_or_after_the_recurrent_product() -> None:
    before, after = ({(e.tail, e.head) for e in draw("cell", of_layer(name)).edges} for name in ("gru-before", "gru"))
    assert {("r", "n.1"), ("h_prev", "n.1"), ("n.1", "n")} <= before
    sums = {plain(node.label).split("\n")[0]: node.id for node in draw("cell", of_layer("gru")).nodes}
    (valve,) = {head for tail, head in after if tail == "r"}
    assert (sums["U_n"], valve) in after


def test_what_z_leaves_writes() -> None:
    nodes = {plain(node.label): node for node in draw("cell", of_layer("gru")).nodes}
    assert nodes["1−"].role == "gate.write"
    assert nodes["⊙_1−z"].role == "gate.write" and nodes["⊙_z"].role == "gate.keep"
    assert nodes["⊙_z"].x < nodes["⊙_1−z"].x


def test_peepholes_are_private_lines_with_weights_of_their_own() -> None:
    diagram = draw("cell", of_layer("peephole"))
    private = {(edge.tail, edge.head) for edge in diagram.edges if edge.role == "state.private"}
    assert {("c_prev", "i-own"), ("c_prev", "f-own"), ("c", "o-own"), ("f-own", "f")} <= private
    assert labels(diagram)["f-own"] == "⊙ p_f"


def test_a_simple_cell_is_one_content_box_on_the_line_of_h() -> None:
    nodes = {node.id: node for node in draw("cell", of_layer("rnn")).nodes}
    assert nodes["h"].role == "gate.content" and nodes["h"].shape == "box"
    assert nodes["h"].y == nodes["h_prev"].y == nodes["h-next"].y


def test_second_biases_of_r_and_z_are_redundant_and_that_of_n_is_not() -> None:
    shapes = {node.id: node.shape for node in draw("weights", of_layer("gru", 128)).nodes}
    assert (shapes["b_hr"], shapes["b_hz"], shapes["b_hn"]) == ("hatched", "hatched", "box")
    assert (shapes["b_r"], shapes["b_n"]) == ("dotted", "dotted")
    assert "128 × 3 × (2 + 128 + 2) = 50,688 weights" in draw("weights", of_layer("gru", 128)).claim


def test_the_gate_of_grus_content_is_whole() -> None:
    diagram = draw("gate", of_layer("gru"), gate="n", unit=2)
    assert diagram.facts == {"weights": 3 * (2 + 3 + 2), "reads": 5}
    assert "r_t[2] (U_n[2,1] h_t−1[1]" in labels(diagram)["worked"]
    assert labels(diagram)["worked"].endswith("n_t[2] = tanh(a_n[2])")


def test_a_projection_is_no_units_own() -> None:
    of = of_layer("projected")
    layer, weights = draw("layer", of), draw("weights", of)
    assert layer.facts["weights_per_unit"] == 4 * (2 + 2 + 1)
    assert layer.facts["weights"] == weights.facts["weights"] == of.params == 3 * 20 + 2 * 3
    assert [node.id for node in layer.nodes if node.role == "state.public" and node.id.startswith("h-")][-2:] == [
        "h-1", "h-2",
    ]  # fmt: skip
    assert "4 × 3 + 2 = 14 rows" in labels(weights)["rows"]
    with pytest.raises(UsageError, match="2 numbers in h, not one a unit, found --unit 3"):
        draw("unit", of, unit=3)
    assert draw("layer", of, unit=3).facts["weights_per_unit"] == 20


def test_kernels_and_maps() -> None:
    of = of_layer("maps")
    each = 4 * (15 * (2 + 3) + 1)
    assert draw("layer", of).facts["weights_per_unit"] == draw("unit", of).facts["weights"] == each
    assert draw("weights", of).facts["weights"] == of.params == 3 * each
    assert draw("gate", of).facts["weights"] == 3 * (15 * 5 + 1)
    shown = labels(draw("cell", of))
    assert shown["size-x"] == "12 × 16 × F=2" and shown["size-h-next"] == "10 × 12 × H=3"
    assert "∗ 3 × 5" in shown["f"]
    assert "W_f[1,1] ∗ x_t[1]" in labels(draw("unit", of))["f-sum"]


def test_titles_say_which_half_and_whose_weights() -> None:
    assert draw("cell", of_layer("both-ways"), layer="b").title.startswith("b.forward: GRU(3), the forward half of b")
    assert "the backward half of b" in draw("unit", of_layer("both-ways"), layer="b.backward").title
    twice = model(
        "version: 1\ninputs: {a: {steps: 4, features: 2}, b: {steps: 4, features: 2}}\nlayers:\n"
        "  - LSTM: {units: 3, name: reader, from: a}\n  - {use: reader, from: b, name: again}\n"
        "  - Concatenate: {from: [reader, again]}\n"
    )
    diagram = draw("layer", twice, layer="again")
    assert "with the weights of reader" in diagram.title and diagram.facts["weights"] == 4 * 3 * (2 + 3 + 1)


def test_places_of_a_spec_move_parts() -> None:
    cell = """
    state: [h]
    equations:
      z: sigmoid(W_z @ x + b_z)
      n: W_n @ x + b_n
      h: (1 - z) * h_prev + z * n
    places: {n: [3.5, 0]}
"""
    source = f"version: 1\ninput: {{steps: 5, features: 2}}\ncells:\n  Cell:{cell}layers:\n  - Cell: 3\n"
    moved = {node.id: node for node in draw("cell", model(source)).nodes}
    left = {node.id: node for node in draw("cell", of_cell("min-gru", 3)).nodes}
    assert moved["n"].x - moved["z"].x == 3.5 * (left["n"].x - left["z"].x)
    assert mistakes(draw("cell", model(source))) == []


OTHERS = {
    "simple recurrent unit": """
    state: [h, c]
    equations:
      f: sigmoid(W_f @ x + p_f * c_prev + b_f)
      r: sigmoid(W_r @ x + p_r * c_prev + b_r)
      c: f * c_prev + (1 - f) * (W @ x)
      h: r * c + (1 - r) * (W_s @ x)
""",
    "stabilised": """
    state: [h, c, n, m]
    equations:
      i: W_i @ x + U_i @ h_prev + b_i
      f: W_f @ x + U_f @ h_prev + b_f
      z: tanh(W_z @ x + U_z @ h_prev + b_z)
      o: sigmoid(W_o @ x + U_o @ h_prev + b_o)
      m: max(f + m_prev, i)
      scaled_i: exp(i - m)
      scaled_f: exp(f + m_prev - m)
      c: scaled_f * c_prev + scaled_i * z
      n: scaled_f * n_prev + scaled_i
      h: o * (c / n)
""",
    "slow state": """
    state: [h, s]
    equations:
      s: 0.9 * s_prev + 0.1 * tanh(W_s @ x + V_s @ h_prev)
      h: tanh(W @ x + U @ s)
""",
    "multiplicative": """
    state: [h]
    equations:
      m: (W_m @ x) * (U_m @ h_prev)
      h: tanh(W_h @ x + V_h @ m + b_h)
""",
}


@pytest.mark.parametrize("picture", INSIDE)
@pytest.mark.parametrize("name", OTHERS)
def test_cells_that_were_never_looked_at_overlap_nowhere(name: str, picture: str) -> None:
    for units in (1, 3, 128):
        source = (
            f"version: 1\ninput: {{steps: 5, features: 2}}\ncells:\n  Cell:{OTHERS[name]}layers:\n  - Cell: {units}\n"
        )
        assert mistakes(draw(picture, model(source))) == []


def test_a_state_that_nothing_reads_has_no_start() -> None:
    source = "version: 1\ninput: {steps: 5, features: 2}\ncells:\n  Cell:"
    diagram = draw("cell", model(source + OTHERS["simple recurrent unit"] + "layers:\n  - Cell: 3\n"))
    assert "h_prev" not in labels(diagram) and "read x (2);" in diagram.claim
