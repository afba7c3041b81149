"""Numbers that Keras, PyTorch and ONNX Runtime gave: one .npz a case, written by make.py.

In it: `framework`; `spec`, the model in YAML; `weights/LAYER/ARRAY` in the framework's own layout; for each call, from
0, `input/0/NAME` and what came out, `found/0/REFERENCE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.running import Trace

HERE = Path(__file__).parent
CASES = tuple(sorted(path.stem for path in HERE.glob("*.npz")))
NEAR = {
    "keras": {"rtol": 1e-9, "atol": 1e-12},
    "pytorch": {"rtol": 1e-9, "atol": 1e-12},
    "onnx": {"rtol": 1e-5, "atol": 1e-5},
}
"""How near the numbers have to be: ONNX Runtime computes in float32."""


def case(name: str) -> Mapping[str, Array]:
    with np.load(HERE / f"{name}.npz", allow_pickle=False) as held:
        return dict(held)


def read(model: Model, trace: Trace, ref: str) -> Array:
    """The numbers that a reference names."""
    owner, part = model.owner(ref)
    if part:
        return trace[ref] if isinstance(owner, Layer) and part in owner.parts else trace.states[ref]
    return trace[f"{ref}.output"] if isinstance(owner, Layer) else trace[ref]
