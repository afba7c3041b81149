"""What PyTorch's recurrent layers hand back: `output, (h_n, c_n) = lstm(x)`, made with batch_first=True."""

from __future__ import annotations

from lstmdiag.frameworks.framework import Returned
from lstmdiag.frameworks.pytorch_recurrent import handed_back
from lstmdiag.layer import Layer, show_shape


def _tensors(layer: Layer, sequences: bool, state: bool) -> str:
    """Expressions for the output and, with `state`, for each final state, forward before backward."""
    output = handed_back(layer, sequences)
    ways = range(2 if layer.backward else 1)
    states = [f"{name}_n[{way}]" for way in ways for name in layer.maths.states]
    return ", ".join([output, *states] if state else [output])


def _note(call: str, layer: Layer) -> str:
    states = layer.maths.states
    names = [f"{name}_n" for name in states]
    final = f"({', '.join(names)})" if len(names) > 1 else names[0]
    shapes = dict.fromkeys(
        show_shape((2 if layer.backward else 1, None, *s)).replace("?", "N") for s in states.values()
    )
    axis = "layers and directions" if layer.backward else "layers"
    return (
        f"{call} has no such flags: it always gives output, {final}. An axis of {axis} stands in "
        f"front of {' and '.join(names)}, {' and '.join(shapes)} in {layer.name}, also with batch_first=True."
    )


RETURNED = Returned(
    tensors=_tensors,
    note=_note,
    backwards="PyTorch has no such flag and is fed x.flip(1).",
    masks="PyTorch has no masks: pack_padded_sequence does the same.",
)
