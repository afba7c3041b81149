"""SimpleRNN: one weighted sum and its function, fed back (Elman 1990)."""

from __future__ import annotations

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers import recurrent
from lstmdiag.layers.kind import Kind

CELL = make_cell(
    "SimpleRNN",
    state={"h": ("units",)},
    equations={"h": "activation(W @ x + U @ h_prev + b)"},
    known_as={"h": "hidden state"},
)


def cell(options: recurrent.SimpleOptions) -> Cell:
    return CELL.bind({"activation": options.activation}, use_bias=options.use_bias)


KIND = Kind(
    name="SimpleRNN",
    options=recurrent.SimpleOptions,
    first="units",
    summary="The plain recurrent layer: h goes back in; no gates.",
    output=recurrent.output,
    cell=cell,
    function=recurrent.function,
    dropped=recurrent.dropped,
    sizes=recurrent.sizes,
    recurrent=True,
    elsewhere={"h": "output, y"},
    mask="reads",
)
