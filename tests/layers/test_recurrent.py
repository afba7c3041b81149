"""The recurrent kinds: equations, roles, shapes, known counts, and how the frameworks store them.

Counts and shapes are those of Keras 3.15 and PyTorch 2.13.
"""

from __future__ import annotations

import pytest

from lstmdiag.cells import formulas
from lstmdiag.cells.cell import infer_roles
from lstmdiag.frameworks import FRAMEWORKS, arrays, keras_source, lacks, pytorch_source, row_of, total
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.views.tables import table
from tests.models import model


def one(layer: str, features: int = 13, steps: int = 5) -> Model:
    return model(f"version: 1\ninput: {{steps: {steps}, features: {features}}}\nlayers:\n  - {layer}\n")


def first(layer: str, features: int = 13) -> Layer:
    return one(layer, features).layers[0]


def equations(layer: str) -> list[str]:
    cell = first(layer).cell
    assert cell is not None
    return [formulas.equation(cell, quantity).text for quantity in cell.equations]


TOTALS = {
    ("GRU: 20", 13): (2_100, 2_100, 2_100),
    ("GRU: {units: 20, reset_after: false}", 13): (2_040, 2_100, 2_100),
    ("GRU: {units: 20, use_bias: false}", 13): (1_980, 1_980, 1_980),
    ("GRU: {units: 20, use_bias: false, reset_after: false}", 13): (1_980, 1_980, 1_980),
    ("GRU: 32", 16): (4_800, 4_800, 4_800),
    ("GRU: {units: 32, reset_after: false}", 16): (4_704, 4_800, 4_800),
    ("SimpleRNN: 20", 13): (680, 700, 700),
    ("SimpleRNN: {units: 20, use_bias: false}", 13): (660, 660, 660),
    ("LSTM: 256", 4_096): (4_457_472, 4_458_496, 4_458_496),
    ("LSTM: {units: 20, projection: 7}", 13): (1_820, 1_900, 1_900),
    ("PeepholeLSTM: 20", 13): (2_780, None, 2_860),
}
"""(layer, features) → parameters in Keras, PyTorch and ONNX."""


@pytest.mark.parametrize(("layer", "features"), TOTALS)
def test_totals(layer: str, features: int) -> None:
    found = one(layer, features)
    assert tuple(total(found, framework) for framework in FRAMEWORKS) == TOTALS[layer, features]
    assert found.params == TOTALS[layer, features][0]


def test_the_equations_of_a_gru() -> None:
    h = "h_t = z_t ⊙ h_{t−1} + (1 − z_t) ⊙ n_t"
    assert equations("GRU: 3") == [
        "r_t = σ(W_r x_t + U_r h_{t−1} + b_r + b_hr)",
        "z_t = σ(W_z x_t + U_z h_{t−1} + b_z + b_hz)",
        "n_t = tanh(W_n x_t + b_n + r_t ⊙ (U_n h_{t−1} + b_hn))",
        h,
    ]
    assert equations("GRU: {units: 3, reset_after: false}") == [
        "r_t = σ(W_r x_t + U_r h_{t−1} + b_r)",
        "z_t = σ(W_z x_t + U_z h_{t−1} + b_z)",
        "n_t = tanh(W_n x_t + U_n (r_t ⊙ h_{t−1}) + b_n)",
        h,
    ]
    assert equations("GRU: {units: 3, use_bias: false, activation: relu}")[2:] == [
        "n_t = relu(W_n x_t + r_t ⊙ (U_n h_{t−1}))",
        h,
    ]


def test_the_equations_of_a_simple_rnn() -> None:
    assert equations("SimpleRNN: 3") == ["h_t = tanh(W x_t + U h_{t−1} + b)"]


def test_peepholes_see_the_c_that_is_there_already() -> None:
    found = dict(line.split(" = ") for line in equations("PeepholeLSTM: 3"))
    assert found["i_t"] == "σ(W_i x_t + U_i h_{t−1} + p_i ⊙ c_{t−1} + b_i)"
    assert found["f_t"] == "σ(W_f x_t + U_f h_{t−1} + p_f ⊙ c_{t−1} + b_f)"
    assert found["o_t"] == "σ(W_o x_t + U_o h_{t−1} + p_o ⊙ c_t + b_o)"


def test_projection_makes_h_shorter_than_c() -> None:
    layer = first("LSTM: {units: 20, projection: 7, return_sequences: true}")
    assert layer.output == (5, 7)
    assert first("LSTM: {units: 20, projection: 7}").output == (7,)
    assert (layer.shape("h"), layer.shape("c"), layer.shape("U_f"), layer.shape("R")) == ((7,), (20,), (20, 7), (7, 20))
    assert equations("LSTM: {units: 20, projection: 7}")[-1] == "h_t = R (o_t ⊙ tanh(c_t))"


@pytest.mark.parametrize("kind", ["GRU", "PeepholeLSTM", "LSTM", "SimpleRNN"])
def test_roles_that_are_declared_are_those_that_the_equations_show(kind: str) -> None:
    make = KINDS[kind].cell
    assert make is not None
    cell = make(KINDS[kind].options(units=3))
    assert infer_roles(cell) == cell.roles


def test_gate_orders_in_the_dictionary() -> None:
    found = table(one("GRU: 20"), "dictionary").data["orders"]
    assert [(row["framework"], row["order"], row["ours"]) for row in found] == [
        ("Keras", "z, r, h", "z, r, n"),
        ("PyTorch", "r, z, n", "r, z, n"),
        ("ONNX", "z, r, h", "z, r, n"),
    ]


def stored(layer: str, framework: str) -> dict[str, tuple[tuple[int, ...], tuple[str, ...]]]:
    found = arrays(first(layer), framework) or ()
    return {a.name: (a.shape, (*a.layout.blocks, *a.layout.second)) for a in found if "b" in a.name.lower()}


def test_where_the_second_biases_of_a_gru_are() -> None:
    both = ("b_z", "b_r", "b_n", "b_hz", "b_hr", "b_hn")
    assert stored("GRU: 20", "keras") == {"bias": ((2, 60), both)}
    assert stored("GRU: 20", "onnx") == {"B": ((1, 120), both)}
    assert stored("GRU: 20", "pytorch") == {
        "bias_ih_l0": ((60,), ("b_r", "b_z", "b_n")),
        "bias_hh_l0": ((60,), ("b_hr", "b_hz", "b_hn")),
    }
    before = "GRU: {units: 20, reset_after: false}"
    assert stored(before, "keras") == {"bias": ((60,), both[:3])}
    assert stored(before, "onnx") == {"B": ((1, 120), both[:3] * 2)}
    assert stored(before, "pytorch")["bias_hh_l0"] == ((60,), ("b_r", "b_z", "b_n"))


def test_peepholes_and_projection_have_arrays_of_their_own() -> None:
    peepholes = {a.name: a for a in arrays(first("PeepholeLSTM: 20"), "onnx") or ()}
    assert (peepholes["P"].shape, peepholes["P"].layout.blocks) == ((1, 60), ("p_i", "p_o", "p_f"))
    projected = {a.name: a.shape for a in arrays(first("LSTM: {units: 20, projection: 7}"), "pytorch") or ()}
    assert projected["weight_hh_l0"] == (80, 7) and projected["weight_hr_l0"] == (7, 20)


def test_what_frameworks_lack() -> None:
    def missing(layer: str) -> dict[str, list[str]]:
        return {f: [value for _, value in lacks(first(layer), f)] for f in FRAMEWORKS}

    assert missing("GRU: 3") == {"keras": [], "pytorch": [], "onnx": []}
    assert missing("GRU: {units: 3, reset_after: false}")["pytorch"] == ["reset_after=False"]
    assert missing("SimpleRNN: {units: 3, activation: relu}")["pytorch"] == []
    projected = "LSTM: {units: 3, projection: 2}"
    assert missing(projected) == {"keras": ["projection=2"], "pytorch": [], "onnx": ["projection=2"]}
    notes = " ".join(table(one(projected), "params").notes)
    assert "keras.layers.LSTM has no projection=2" in notes


def test_every_gate_of_a_row_is_one_of_the_cell() -> None:
    for layer in ("GRU: 3", "PeepholeLSTM: 3", "LSTM: 3"):
        cell = first(layer).cell
        assert cell is not None
        for framework in FRAMEWORKS:
            row = row_of(first(layer), framework)
            assert row is not None
            assert not row.gates or sorted(row.gates) == sorted(q for q in cell.gates() if q not in cell.state)


def test_calls() -> None:
    assert "gru = nn.GRU(13, 20, batch_first=True)" in pytorch_source.source(one("GRU: 20"))
    assert 'nonlinearity="relu"' in pytorch_source.source(one("SimpleRNN: {units: 20, activation: relu}"))
    projected, peephole = one("LSTM: {units: 20, projection: 7}"), one("PeepholeLSTM: 20")
    assert "proj_size=7" in pytorch_source.source(projected)
    for found in (projected, peephole):
        assert "from keras.layers" not in keras_source.source(found)
        assert "Keras does not have" in keras_source.source(found)
