"""Keras 3: matrices transposed, (in, out); one bias; what we call g is its c."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.frameworks.packing import Array, Packing, rows

_LSTM = ("i", "f", "g", "o")

PACKINGS: Mapping[str, Packing] = {
    "LSTM": Packing(
        call="keras.layers.LSTM",
        arrays=(
            Array("kernel", rows("W", _LSTM), transposed=True),
            Array("recurrent_kernel", rows("U", _LSTM), transposed=True),
            Array("bias", rows("b", _LSTM)),
        ),
        gates=_LSTM,
        letters={"g": "c"},
    ),
    "Dense": Packing(
        call="keras.layers.Dense",
        arrays=(Array("kernel", ("W",), transposed=True), Array("bias", ("b",))),
    ),
    "RepeatVector": Packing("keras.layers.RepeatVector"),
    "TimeDistributed": Packing("keras.layers.TimeDistributed"),
    "Dropout": Packing("keras.layers.Dropout"),
    "Activation": Packing("keras.layers.Activation"),
}
