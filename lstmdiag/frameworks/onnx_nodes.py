"""What a node of an ONNX graph computes beside its weights, and what the layer of the spec computes instead.

Operators: https://onnx.ai/onnx/operators. What is not named there has its default, and so has a layer's option.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from math import isclose
from typing import Any

from lstmdiag.frameworks.file_contents import Difference
from lstmdiag.frameworks.onnx import ACTIVATIONS, RECURRENT_INPUTS
from lstmdiag.frameworks.onnx_graph import Graph
from lstmdiag.layer import Layer

Differences = Iterator[Difference]

_IGNORED = frozenset({"hidden_size", "layout", "kernel_shape", "momentum", "spatial", "stash_type", "is_test",
                      "consumed_inputs", "output_sequence", "broadcast", "transB", "alpha", "beta"})  # fmt: skip
"""Sizes, which the weights have too; the order of axes of what comes and goes; what is done to the weights on reading;
what belongs to training."""


def differences(graph: Graph, node: Any, layer: Layer) -> Differences:
    """Of a node and the innermost layer; `layer` has no weights of another shape."""
    attributes = graph.attributes(node)
    known, compare = _COMPARED.get(node.op_type, ((), lambda *_: iter(())))
    for name in sorted(attributes.keys() - {*known} - _IGNORED):
        yield name, f"{attributes[name]}", "no such attribute"
    yield from compare(graph, node, attributes, layer)


def _number(name: str, attributes: Mapping[str, Any], default: float, wanted: float) -> Differences:
    """Attributes are stored in single precision."""
    found = attributes.get(name, default)
    if not isclose(found, wanted, rel_tol=1e-6):
        yield name, f"{found:.7g}", f"{wanted:.7g}"


def _recurrent(graph: Graph, node: Any, attributes: Mapping[str, Any], layer: Layer) -> Differences:
    directions = layer.directions
    options = directions[0].options
    flips = sum(_turns(graph, each) for _, each in graph.ancestors(node.input[0], _ON_THE_WAY)) % 2
    found = attributes.get("direction", "forward")
    ahead = {"forward": "reverse", "reverse": "forward"}.get(found, found) if flips else found
    wanted = "bidirectional" if len(directions) > 1 else "reverse" if layer.go_backwards else "forward"
    if ahead != wanted or (flips and len(directions) > 1):
        yield "direction", found + (" of a turned sequence" if flips else ""), wanted
    yield from _functions(node.op_type, attributes, directions)
    if node.op_type == "GRU":
        yield from _number("linear_before_reset", attributes, 0, options.reset_after)
    yield from _number("input_forget", attributes, 0, 0)
    if attributes.get("clip"):
        yield "clip", f"{attributes['clip']:.7g}", "none"
    given = dict(zip(RECURRENT_INPUTS, node.input, strict=False))
    for name in ("W", "R", "B", "P"):
        if given.get(name) and given[name] not in graph.stored:
            yield name, "computed in the graph", "a stored array: fold constants when the file is made"
    lengths = given.get("sequence_lens", "")
    masked = bool(lengths) and not graph.of_shapes(lengths)
    if masked != layer.masked:
        yield "sequence_lens", "given" if masked else "none", "a mask" if layer.masked else "no mask"
    for name in ("initial_h", "initial_c")[: len(directions[0].states)]:
        starts = bool(given.get(name)) and not graph.zeros(given[name])
        if starts != bool(layer.initial_state) and not layer.stateful:
            yield name, "given" if starts else "zeros", "initial_state" if layer.initial_state else "zeros"


_ON_THE_WAY = frozenset({"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Slice",
                         "ReverseSequence", "Pad"})  # fmt: skip


def _turns(graph: Graph, node: Any) -> bool:
    """Whether the steps go out in the other order: tf2onnx writes go_backwards so."""
    if node is None or node.op_type != "Slice" or len(node.input) < 5:
        return node is not None and node.op_type == "ReverseSequence"
    steps = graph.stored.get(node.input[4])
    return steps is not None and bool((steps.read() < 0).any())


def _functions(operator: str, attributes: Mapping[str, Any], directions: Sequence[Layer]) -> Differences:
    defaults = {"LSTM": ("Sigmoid", "Tanh", "Tanh"), "GRU": ("Sigmoid", "Tanh"), "RNN": ("Tanh",)}[operator]
    alphas, betas = (list(attributes.get(f"activation_{name}", ())) for name in ("alpha", "beta"))
    found = []
    for name in attributes.get("activations") or defaults * len(directions):
        numbers = list(_DEFAULTS.get(name.lower(), ()))
        for place, given in zip(range(len(numbers)), (alphas, betas), strict=False):
            numbers[place] = given.pop(0) if given else numbers[place]
        found.append((name, *numbers))
    wanted = []
    for way in directions:
        gates = [way.options.recurrent_activation] if operator != "RNN" else []
        chosen = [*gates, *repeat(way.options.activation, len(defaults) - len(gates))]
        wanted += [ACTIVATIONS.get(name, (name,)) for name in chosen]
    same = len(found) == len(wanted) and all(map(_same, found, wanted))
    if not same:
        yield "activations", ", ".join(map(_told, found)), ", ".join(map(_told, wanted))


_DEFAULTS: Mapping[str, tuple[float, ...]] = {
    "affine": (0.0, 0.0), "leakyrelu": (0.01,), "thresholdedrelu": (1.0,), "scaledtanh": (1.0, 1.0),
    "hardsigmoid": (0.2, 0.5), "elu": (1.0,),
}  # fmt: skip
"""Functions with alpha, or with alpha and beta, as ONNX Runtime takes them where they are not given."""


def _same(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    numbers = zip(found[1:], wanted[1:], strict=False)
    same_name = found[0].lower() == wanted[0].lower() and len(found) == len(wanted)
    return same_name and all(isclose(a, b, rel_tol=1e-6) for a, b in numbers)


def _told(function: tuple[Any, ...]) -> str:
    numbers = ", ".join(f"{number:.7g}" for number in function[1:])
    return f"{function[0]}({numbers})" if numbers else str(function[0])


def _convolution(graph: Graph, node: Any, attributes: Mapping[str, Any], layer: Layer) -> Differences:
    options, steps = layer.options, layer.input[0]
    for name, wanted in (("strides", options.strides), ("dilations", options.dilation_rate)):
        found = attributes.get(name, (1,))
        if found != (wanted,):
            yield name, f"{found}", f"({wanted},)"
    yield from _number("group", attributes, 1, options.groups)
    assert layer.window is not None
    wanted_pads, same = layer.window.pads(steps), replace(layer.window, padding="same").pads(steps)
    if wanted_pads is None:
        return
    auto = attributes.get("auto_pad", "NOTSET")
    if same is None and auto.startswith("SAME"):
        yield "auto_pad", auto, f"padding {options.padding}"
        return
    known = {"VALID": (0, 0), "SAME_UPPER": same, "SAME_LOWER": same and same[::-1]}
    here = known.get(auto) or attributes.get("pads", (0, 0))
    for _, maker in graph.ancestors(node.input[0], _ON_THE_WAY):
        if maker is not None and maker.op_type == "Pad":
            padded = _padded(graph, maker)
            if padded is None:
                yield "Pad", "something else than zeros", f"padding {options.padding}"
                return
            here = (here[0] + padded[0], here[1] + padded[1])
    if tuple(here) != wanted_pads:
        yield "pads", f"{tuple(here)}", f"{wanted_pads}, padding {options.padding}"


def _padded(graph: Graph, node: Any) -> tuple[int, int] | None:
    """How many zeros stand before the first step and after the last one: the other axes have none."""
    attributes = graph.attributes(node)
    stored = [graph.stored.get(name) for name in node.input[1:3] if name]
    if attributes.get("mode", "constant") != "constant" or attributes.get("value") or None in stored:
        return None
    numbers = [each.read() for each in stored if each is not None]
    pads = numbers[0] if numbers else attributes.get("pads", ())
    if len(numbers) > 1 and numbers[1].any():
        return None
    half = len(pads) // 2
    return int(sum(pads[:half])), int(sum(pads[half:]))


def _batch(graph: Graph, node: Any, attributes: Mapping[str, Any], layer: Layer) -> Differences:
    yield from _number("epsilon", attributes, 1e-5, layer.options.epsilon)
    yield from _number("training_mode", attributes, 0, 0)


def _layer(graph: Graph, node: Any, attributes: Mapping[str, Any], layer: Layer) -> Differences:
    yield from _number("epsilon", attributes, 1e-5, layer.options.epsilon)
    rank = len(layer.input) + 1
    found, wanted = (axis % rank for axis in (attributes.get("axis", -1), layer.options.axis))
    if found != wanted or wanted != rank - 1:
        yield "axis", f"{found}", f"{wanted}"


def _first_axis(graph: Graph, node: Any, attributes: Mapping[str, Any], layer: Layer) -> Differences:
    yield from _number("axis", attributes, 0, 0)


def _product(graph: Graph, node: Any, attributes: Mapping[str, Any], layer: Layer) -> Differences:
    yield from _number("transA", attributes, 0, 0)


OPTIONS: Mapping[str, str] = {
    "direction": "go_backwards", "activations": "recurrent_activation and activation",
    "linear_before_reset": "reset_after", "sequence_lens": "a Masking layer, or mask_zero",
    "initial_h": "initial_state", "initial_c": "initial_state", "strides": "strides", "dilations": "dilation_rate",
    "group": "groups", "pads": "padding", "epsilon": "epsilon",
}  # fmt: skip
"""Attribute → what it is in a spec; no layer has the others."""

Compare = Callable[[Graph, Any, Mapping[str, Any], Layer], Differences]
_FUNCTIONS = ("direction", "activations", "activation_alpha", "activation_beta", "clip")
_COMPARED: Mapping[str, tuple[tuple[str, ...], Compare]] = {
    "LSTM": ((*_FUNCTIONS, "input_forget"), _recurrent),
    "GRU": ((*_FUNCTIONS, "linear_before_reset"), _recurrent),
    "RNN": (_FUNCTIONS, _recurrent),
    "Conv": (("auto_pad", "dilations", "group", "pads", "strides"), _convolution),
    "BatchNormalization": (("epsilon", "training_mode"), _batch),
    "LayerNormalization": (("epsilon", "axis"), _layer),
    "Gather": (("axis",), _first_axis),
    "Gemm": (("transA",), _product),
}
"""Operator → the attributes that are compared, and how."""
