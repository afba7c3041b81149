"""Return values of PyTorch's recurrent layers: `output, (h_n, c_n) = lstm(x)`, made with batch_first=True."""

from __future__ import annotations

from lstmdiag.frameworks.framework import Returned
from lstmdiag.frameworks.pytorch_recurrent import output_expression
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import Shape


def _tensors(layer: Layer, sequences: bool, state: bool) -> str:
    """Expressions for the output and, with `state`, for each final state, forward before backward."""
    output = output_expression(layer, sequences)
    ways = range(2 if layer.backward else 1)
    states = [f"{name}_n[{way}]" for way in ways for name in layer.innermost.states]
    return ", ".join([output, *states] if state else [output])


def _facts(layer: Layer) -> dict[str, object]:
    names = [f"{name}_n" for name in layer.innermost.states]
    return {
        "names": names,
        "final": f"({', '.join(names)})" if len(names) > 1 else names[0],
        "both_ways": layer.backward is not None,
        "shapes": list(dict.fromkeys(final_shape(layer, shape) for shape in layer.innermost.states.values())),
    }


def final_shape(layer: Layer, shape: Shape, layers: int = 1) -> str:
    """A final state of one or several layers, with the samples: `(2, N, 100)`."""
    return show_shape((layers * (2 if layer.backward else 1), None, *shape)).replace("?", "N", 1)


RETURNED = Returned(tensors=_tensors, facts=_facts, words="pytorch")
