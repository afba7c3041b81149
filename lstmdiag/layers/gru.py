"""GRU: r is applied before the product with U (Cho et al. 2014, arXiv 1406.1078v3) or after it (its v1, and cuDNN).

z keeps, as in Cho, Keras, PyTorch and ONNX; elsewhere (Chung et al. 2014) it is the other way round.
"""

from __future__ import annotations

from pydantic import Field

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers import recurrent
from lstmdiag.layers.kind import Flag, Kind

_ROLES = {"r": "gate.read", "z": "gate.keep", "n": "gate.content"}
_KNOWN_AS = {"r": "reset gate", "z": "update gate", "n": "candidate", "h": "hidden state"}

BEFORE = make_cell(
    "GRU",
    state={"h": ("units",)},
    equations={
        "r": "recurrent_activation(W_r @ x + U_r @ h_prev + b_r)",
        "z": "recurrent_activation(W_z @ x + U_z @ h_prev + b_z)",
        "n": "activation(W_n @ x + U_n @ (r * h_prev) + b_n)",
        "h": "z * h_prev + (1 - z) * n",
    },
    roles=_ROLES,
    known_as=_KNOWN_AS,
)

AFTER = make_cell(
    "GRU",
    state={"h": ("units",)},
    equations={
        "r": "recurrent_activation(W_r @ x + U_r @ h_prev + b_r + b_hr)",
        "z": "recurrent_activation(W_z @ x + U_z @ h_prev + b_z + b_hz)",
        "n": "activation(W_n @ x + b_n + r * (U_n @ h_prev + b_hn))",
        "h": "z * h_prev + (1 - z) * n",
    },
    roles=_ROLES,
    known_as=_KNOWN_AS,
)


class GRUOptions(recurrent.GatedOptions):
    reset_after: Flag = Field(True, description="Apply r after the product with U, not before; a second bias then.")


def cell(options: GRUOptions) -> Cell:
    return (AFTER if options.reset_after else BEFORE).bind(recurrent.functions(options), use_bias=options.use_bias)


def remark(options: GRUOptions) -> str:
    if options.reset_after:
        bias = ", with a bias of its own added," if options.use_bias else ""
        return (
            f"With reset_after=True, the reset gate {{r}} of a GRU multiplies the product of U and h{bias} in {{n}}. "
            "This is the default in Keras since TensorFlow 2, the GRU of PyTorch and cuDNN, and "
            "linear_before_reset=1 in ONNX."
        )
    return (
        "With reset_after=False, the reset gate {r} of a GRU multiplies h before the product with U in {n}, as in the "
        "last version of the paper of Cho et al. ONNX calls this linear_before_reset=0. In the GRU of PyTorch and "
        "cuDNN, {r} multiplies the product itself."
    )


KIND = Kind(
    name="GRU",
    options=GRUOptions,
    first="units",
    summary="Gated recurrent unit: one state, h; one gate keeps or writes, one reads.",
    output=recurrent.output,
    cell=cell,
    function=recurrent.function,
    dropped=recurrent.dropped,
    sizes=recurrent.sizes,
    recurrent=True,
    elsewhere={
        "z": "1 − z on Wikipedia and in Chung et al. 2014: there z writes",
        "n": "h̃ or ĥ in papers",
        "h": "output, y",
    },
    remark=remark,
    mask="reads",
)
