"""LSTM, as Keras and PyTorch compute it (Hochreiter & Schmidhuber 1997, with the gate of Gers et al. 2000)."""

from __future__ import annotations

from pydantic import Field

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers import recurrent
from lstmdiag.layers.kind import Flag, Kind

CELL = make_cell(
    "LSTM",
    state={"h": ("units",), "c": ("units",)},
    equations={
        "i": "recurrent_activation(W_i @ x + U_i @ h_prev + b_i)",
        "f": "recurrent_activation(W_f @ x + U_f @ h_prev + b_f)",
        "g": "activation(W_g @ x + U_g @ h_prev + b_g)",
        "o": "recurrent_activation(W_o @ x + U_o @ h_prev + b_o)",
        "c": "f * c_prev + i * g",
        "h": "o * activation(c)",
    },
    roles={"i": "gate.write", "f": "gate.keep", "g": "gate.content", "o": "gate.read"},
    known_as={
        "i": "input gate",
        "f": "forget gate",
        "g": "candidate",
        "o": "output gate",
        "c": "cell state",
        "h": "hidden state",
    },
)


class LSTMOptions(recurrent.GatedOptions):
    unit_forget_bias: Flag = Field(True, description="Start the keep gate's bias at 1.")


def cell(options: LSTMOptions) -> Cell:
    functions = {"activation": options.activation, "recurrent_activation": options.recurrent_activation}
    return CELL.bind(functions, use_bias=options.use_bias)


KIND = Kind(
    name="LSTM",
    options=LSTMOptions,
    first="units",
    summary="Long short-term memory: h is public, c is private, three gates keep, write and read.",
    output=recurrent.output,
    cell=cell,
    sizes=recurrent.sizes,
    recurrent=True,
)
