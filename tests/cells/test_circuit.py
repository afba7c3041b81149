"""The circuit: equations as parts and wires."""

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.cells.circuit import circuit
from lstmdiag.layers.lstm import CELL


def parts(cell: Cell) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {part.id: (part.op, part.inputs) for part in circuit(cell).values()}


def test_lstm_is_four_gates_and_five_operations() -> None:
    bound = CELL.bind({"activation": "tanh", "recurrent_activation": "sigmoid"})
    assert parts(bound) == {
        "x": ("source", ()),
        "h_prev": ("source", ()),
        "c_prev": ("source", ()),
        "i": ("gate", ("x", "h_prev")),
        "f": ("gate", ("x", "h_prev")),
        "g": ("gate", ("x", "h_prev")),
        "o": ("gate", ("x", "h_prev")),
        "c.1": ("mul", ("f", "c_prev")),
        "c.2": ("mul", ("i", "g")),
        "c": ("add", ("c.1", "c.2")),
        "h.1": ("tanh", ("c",)),
        "h": ("mul", ("o", "h.1")),
    }


def test_what_a_matrix_multiplies_is_computed_before_its_gate() -> None:
    cell = make_cell(
        "Gated", {"f": "sigmoid(W_f @ x + b_f)", "h": "tanh(W_n @ x + U_n @ (f * h_prev))"}, {"h": ("units",)}
    )
    made = circuit(cell)
    assert made["h"].op == "gate" and made["h"].inputs == ("x", "h.1")
    assert made["h.1"].op == "mul" and made["h.1"].inputs == ("f", "h_prev")
    assert list(made).index("h.1") < list(made).index("h")


def test_one_minus_is_one_part() -> None:
    cell = make_cell("Leak", {"z": "sigmoid(W_z @ x)", "h": "(1 - z) * h_prev"}, {"h": ("units",)})
    assert parts(cell)["h.1"] == ("one_minus", ("z",))
    assert parts(cell)["h"] == ("mul", ("h.1", "h_prev"))


def test_a_sum_that_is_not_affine_is_taken_apart() -> None:
    """GRU's reset after: the candidate is no single Dense layer, its inner sum is."""
    cell = make_cell(
        "Reset", {"r": "sigmoid(W_r @ x)", "h": "tanh(W_n @ x + r * (U_n @ h_prev + b_n))"}, {"h": ("units",)}
    )
    made = circuit(cell)
    assert made["h"].op == "tanh"
    gates = [part for part in made.values() if part.affine]
    assert [part.affine.terms[0][0] for part in gates if part.affine] == ["W_r", "W_n", "U_n"]
    assert gates[-1].affine is not None and gates[-1].affine.biases == ("b_n",)


def test_a_peephole_weight_is_a_part_of_its_own() -> None:
    cell = make_cell("Peep", {"f": "sigmoid(W_f @ x)", "h": "f * h_prev + p_h * h_prev"}, {"h": ("units",)})
    made = circuit(cell)
    assert made["p_h"].op == "weight"
    assert ("p_h", "h_prev") in [part.inputs for part in made.values()]
