"""Facts of one layer: its kernel, how many weights it computes with, its mark among several."""

from __future__ import annotations

from lstmdiag.layer import Layer
from lstmdiag.model import Model


def kernel(layer: Layer) -> tuple[int, ...]:
    """Rows and columns of its kernels, where it is a convolution and its values are maps; else ()."""
    return next((weight.shape[2:] for weight in layer.weights if len(weight.shape) > 2), ())


def weights_in(layer: Layer) -> int:
    """How many weights it computes with, its own or another layer's."""
    return sum(weight.count for weight in layer.weights)


def layer_mark(model: Model, layer: Layer) -> str:
    """Which of several recurrent layers it is, from the input on: [1], [2]; '' of one alone, and of any other layer."""
    recurrent = [each.top for each in model.recurrent]
    top = layer.shared or layer.top
    return f"[{recurrent.index(top) + 1}]" if top in recurrent and len(recurrent) > 1 else ""
