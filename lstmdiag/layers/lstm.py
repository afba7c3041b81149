"""LSTM, as Keras and PyTorch compute it (Hochreiter & Schmidhuber 1997, with the gate of Gers et al. 2000)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers import recurrent
from lstmdiag.layers.kind import Flag, Kind, Shape, Size

_GATES = {
    "i": "recurrent_activation(W_i @ x + U_i @ h_prev + b_i)",
    "f": "recurrent_activation(W_f @ x + U_f @ h_prev + b_f)",
    "g": "activation(W_g @ x + U_g @ h_prev + b_g)",
    "o": "recurrent_activation(W_o @ x + U_o @ h_prev + b_o)",
    "c": "f * c_prev + i * g",
}
ROLES = {"i": "gate.write", "f": "gate.keep", "g": "gate.content", "o": "gate.read"}
KNOWN_AS = {
    "i": "input gate",
    "f": "forget gate",
    "g": "candidate",
    "o": "output gate",
    "c": "cell state",
    "h": "hidden state",
}

CELL = make_cell(
    "LSTM",
    state={"h": ("units",), "c": ("units",)},
    equations={**_GATES, "h": "o * activation(c)"},
    roles=ROLES,
    known_as=KNOWN_AS,
)

PROJECTED = make_cell(
    "LSTM",
    state={"h": ("projection",), "c": ("units",)},
    equations={**_GATES, "h": "R @ (o * activation(c))"},
    weights={**{f"U_{gate}": ("units", "projection") for gate in ROLES}, "R": ("projection", "units")},
    roles=ROLES,
    known_as=KNOWN_AS,
)
"""With h made shorter by a matrix of its own (Sak et al. 2014)."""


class LSTMOptions(recurrent.GatedOptions):
    unit_forget_bias: Flag = Field(True, description="Start the keep gate's bias at 1.")
    projection: Size | None = Field(None, description="Length of h, where it is not units (PyTorch: proj_size).")


def cell(options: LSTMOptions) -> Cell:
    chosen = PROJECTED if options.projection else CELL
    return chosen.bind(recurrent.functions(options), use_bias=options.use_bias)


def output(options: LSTMOptions, shape: Shape) -> Shape:
    """(steps, features) → (steps, units or projection), or the last step alone."""
    *leading, units = recurrent.output(options, shape)
    return (*leading, options.projection or units)


def sizes(options: LSTMOptions, shape: Shape) -> dict[str, int]:
    own = {"projection": options.projection} if options.projection else {}
    return {**recurrent.sizes(options, shape), **own}


def ones(options: Any) -> tuple[str, ...]:
    """The bias of the keep gate, so that it begins open (Jozefowicz et al. 2015)."""
    return ("b_f",) if options.unit_forget_bias else ()


ELSEWHERE = {
    "g": "c̃ or C̃ in papers, z in Graves, n in a GRU",
    "h": "output, y",
    "c": "memory, carry",
    "f": "though it is open when it keeps",
}
"""What others call its quantities, besides the textbooks' names."""

KIND = Kind(
    name="LSTM",
    options=LSTMOptions,
    first="units",
    summary="Long short-term memory: h is public, c is private, three gates keep, write and read.",
    output=output,
    cell=cell,
    function=recurrent.function,
    dropped=recurrent.dropped,
    sizes=sizes,
    recurrent=True,
    ones=ones,
    elsewhere=ELSEWHERE,
    mask="reads",
)
