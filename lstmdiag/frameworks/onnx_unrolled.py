"""What an ONNX file may have in place of a recurrent operator: a loop, or a step written out after the other."""

from __future__ import annotations

from collections import Counter

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.onnx_graph import STANDARD, Graph
from lstmdiag.frameworks.onnx_moving import MOVING
from lstmdiag.frameworks.onnx_values import Walk

RECURRENT = ("LSTM", "GRU", "RNN")
_LOOPS = {"Loop": "a loop", "Scan": "a loop over steps", "If": "a branch"}
_HINT = (
    "give the weights as .keras, .h5, .safetensors or .npz; "
    "of PyTorch's nn.RNN, torch.onnx.export(dynamo=False) writes the operator"
)


def check(graph: Graph, recurrent: int) -> None:
    """Raises LstmdiagError for a graph with graphs inside it, and for one in which a recurrence stands unrolled.

    `recurrent` is how many recurrent layers the spec has.
    """
    for node in graph.nodes:
        if node.op_type in _LOOPS and node.domain in STANDARD:
            name = node.name or node.output[0]
            message = (
                f"{node.op_type} {name!r}, {_LOOPS[node.op_type]} with a graph of its own, stands in this file; "
                "lstmdiag reads LSTM, GRU and RNN nodes"
            )
            raise LstmdiagError(Problem(message, hint=_HINT))
    if sum(node.op_type in RECURRENT for node in graph.nodes) >= recurrent:
        return
    steps = _steps(graph)
    if steps > 1:
        of_data = Walk(graph).dependents(frozenset(each.name for each in graph.inputs))
        counted = Counter(graph.nodes[place].op_type for place in sorted(of_data))
        written = [name for name, number in counted.items() if number >= steps and name not in MOVING]
        message = (
            f"the recurrence stands unrolled in this file: at least {steps} steps of {', '.join(written)}; "
            "lstmdiag reads LSTM, GRU and RNN nodes"
        )
        raise LstmdiagError(Problem(message, hint=_HINT))


def _steps(graph: Graph) -> int:
    """How often the same weights are applied to what came of them before; 1: never."""
    products: dict[str, list[int]] = {}
    for number, node in enumerate(graph.nodes):
        if node.op_type in ("MatMul", "Gemm") and len(node.input) > 1:
            for name in node.input[:2]:
                if name in graph.stored and graph.stored[name].shape:
                    products.setdefault(_source(graph, name), []).append(number)
    found = sorted((numbers for numbers in products.values() if len(numbers) > 1), key=len, reverse=True)
    return max((_chained(graph, numbers) for numbers in found[:8]), default=1)


def _source(graph: Graph, name: str) -> str:
    """The stored tensor that another one is made of, which may be turned at every step."""
    while name in graph.makers and graph.makers[name].op_type in MOVING:
        name = graph.makers[name].input[0]
    return name


def _chained(graph: Graph, numbers: list[int]) -> int:
    """Of nodes by their places, how many stand one behind the other."""
    depth: dict[str, int] = {}
    places, deepest = set(numbers), 0
    for number, node in enumerate(graph.nodes):
        here = max((depth.get(name, 0) for name in node.input), default=0) + (number in places)
        depth |= dict.fromkeys(node.output, here)
        deepest = max(deepest, here)
    return deepest
