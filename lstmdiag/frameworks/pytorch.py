"""PyTorch 2: matrices as in the textbooks, (out, in); recurrent layers have two biases, which are added."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.frameworks.packing import Array, Packing, rows

_LSTM = ("i", "f", "g", "o")

PACKINGS: Mapping[str, Packing] = {
    "LSTM": Packing(
        call="torch.nn.LSTM",
        arrays=(
            Array("weight_ih_l0", rows("W", _LSTM)),
            Array("weight_hh_l0", rows("U", _LSTM)),
            Array("bias_ih_l0", rows("b", _LSTM)),
            Array("bias_hh_l0", second=rows("b", _LSTM)),
        ),
        gates=_LSTM,
        functions={"activation": frozenset({"tanh"}), "recurrent_activation": frozenset({"sigmoid"})},
    ),
    "Dense": Packing(
        call="torch.nn.Linear",
        arrays=(Array("weight", ("W",)), Array("bias", ("b",))),
    ),
    "RepeatVector": Packing("x[:, None].expand(-1, n, -1)"),
    "TimeDistributed": Packing("none needed: torch.nn.Linear works on the last axis"),
    "Dropout": Packing("torch.nn.Dropout"),
    "Activation": Packing("a function such as torch.relu"),
}
