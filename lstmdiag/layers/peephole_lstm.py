"""PeepholeLSTM: gates that also see c, each unit its own (Gers & Schmidhuber 2000, Gers et al. 2002).

i and f see c of the step before, o sees the new one.
"""

from __future__ import annotations

from pydantic import Field

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers import lstm, recurrent
from lstmdiag.layers.kind import Flag, Kind

CELL = make_cell(
    "PeepholeLSTM",
    state={"h": ("units",), "c": ("units",)},
    equations={
        "i": "recurrent_activation(W_i @ x + U_i @ h_prev + p_i * c_prev + b_i)",
        "f": "recurrent_activation(W_f @ x + U_f @ h_prev + p_f * c_prev + b_f)",
        "g": "activation(W_g @ x + U_g @ h_prev + b_g)",
        "c": "f * c_prev + i * g",
        "o": "recurrent_activation(W_o @ x + U_o @ h_prev + p_o * c + b_o)",
        "h": "o * activation(c)",
    },
    roles=lstm.ROLES,
    known_as=lstm.KNOWN_AS,
)


class PeepholeLSTMOptions(recurrent.GatedOptions):
    unit_forget_bias: Flag = Field(True, description="Start the keep gate's bias at 1.")


def cell(options: PeepholeLSTMOptions) -> Cell:
    return CELL.bind(recurrent.functions(options), use_bias=options.use_bias)


KIND = Kind(
    name="PeepholeLSTM",
    options=PeepholeLSTMOptions,
    first="units",
    summary="An LSTM whose gates also see c, each unit its own.",
    output=recurrent.output,
    cell=cell,
    function=recurrent.function,
    dropped=recurrent.dropped,
    sizes=recurrent.sizes,
    recurrent=True,
    ones=lstm.ones,
    elsewhere=lstm.ELSEWHERE,
    mask="reads",
)
