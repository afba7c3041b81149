"""ONNX: an axis for directions in front; B holds both biases one after the other, [Wb; Rb]."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.frameworks.packing import Array, Packing, rows

_LSTM = ("i", "o", "f", "g")

_ACTIVATIONS = frozenset(
    {"tanh", "relu", "sigmoid", "hard_sigmoid", "linear", "leaky_relu", "elu", "softsign", "softplus"}
)
"""What the attribute `activations` of a recurrent operator can name; linear is Affine."""

PACKINGS: Mapping[str, Packing] = {
    "LSTM": Packing(
        call="LSTM",
        arrays=(
            Array("W", rows("W", _LSTM), leading=1),
            Array("R", rows("U", _LSTM), leading=1),
            Array("B", rows("b", _LSTM), second=rows("b", _LSTM), leading=1),
        ),
        gates=_LSTM,
        letters={"g": "c"},
        functions={"activation": _ACTIVATIONS, "recurrent_activation": _ACTIVATIONS},
    ),
    "Dense": Packing(
        call="Gemm (on a sequence: MatMul, Add)",
        arrays=(Array("B", ("W",), transposed=True), Array("C", ("b",))),
    ),
    "RepeatVector": Packing("Unsqueeze, Expand"),
    "TimeDistributed": Packing("none needed: MatMul works on the last axis"),
    "Dropout": Packing("Dropout"),
    "Activation": Packing("an operator such as Relu"),
}
