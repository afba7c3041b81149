"""The weights in an ONNX file: of each operator that has some, its initializers by the names of its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.frameworks.containers import library
from lstmdiag.frameworks.file_contents import Difference, FileArray, FileContents, Group, Limits, few_enough
from lstmdiag.frameworks.onnx import ONNX
from lstmdiag.frameworks.onnx_graph import STANDARD, ConstantTensor, Graph, graph_of
from lstmdiag.frameworks.onnx_nodes import differences
from lstmdiag.frameworks.storage import FrameworkRow
from lstmdiag.layer import Layer


@lru_cache(maxsize=64)
def _rows(operator: str) -> Mapping[str, FrameworkRow]:
    """The kinds of layer that an operator computes, and their rows."""
    return {kind: row for kind, row in ONNX.rows.items() if operator in row.operators}


@contextmanager
def contents(path: Path, most: Limits) -> Iterator[FileContents]:
    """The layers of a file in the order of the graph: no more arrays than `most`, no more bytes of it at once.

    Raises LstmdiagError; EnvironmentLacks without the library `onnx`.
    """
    onnx = library("onnx")
    graph = graph_of(onnx, onnx.load(str(path), load_external_data=False), path.parent, most.bytes)
    groups = tuple(islice(_groups(graph), most.arrays + 1))
    few_enough(sum(len(group.arrays) for group in groups), most.arrays)
    yield FileContents("onnx", groups=groups, ordered=True, graph=graph)


def _groups(graph: Graph) -> Iterator[Group]:
    for node in graph.nodes:
        rows = _rows(node.op_type) if node.domain in STANDARD else {}
        held = _arrays(graph, node, rows) if rows else {}
        if any(array.shape for array in held.values()):
            name, differs = node.name or node.output[0], partial(differences, graph, node)
            yield Group(name, held, tuple(rows), differs=differs, nodes=(node,))


def merged(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The same where nodes with the same weights, or with copies of them, are one layer, used several times."""
    found: list[Group] = []
    for group in groups:
        place = next((place for place, each in enumerate(found) if _equal(each, group)), None)
        if place is None:
            found.append(group)
        else:
            first = found[place]
            either = partial(_either, first, group)
            found[place] = replace(first, nodes=(*first.nodes, *group.nodes), differs=either)
    return tuple(found)


def _equal(one: Group, other: Group) -> bool:
    def shapes(group: Group) -> dict[str, tuple[int, ...]]:
        return {name: held.shape for name, held in group.arrays.items()}

    return (
        one.nodes[0].op_type == other.nodes[0].op_type
        and shapes(one) == shapes(other)
        and all(np.array_equal(held.read(), other.arrays[name].read()) for name, held in one.arrays.items())
    )


def _either(first: Group, other: Group, layer: Layer) -> tuple[Difference, ...]:
    """Of the uses of a layer; each may begin with other states."""
    found = dict.fromkeys((*first.differs(layer), *other.differs(layer)))
    return tuple(each for each in found if each[0] not in ("initial_h", "initial_c"))


def _arrays(graph: Graph, node: Any, rows: Mapping[str, FrameworkRow]) -> dict[str, FileArray]:
    """The stored inputs of a node by their names, as the weights that they are."""
    arrays = {array.name: array for row in rows.values() for array in row.arrays}
    names = next(iter(rows.values())).operators[node.op_type]
    stored = {
        name: graph.stored[given]
        for name, given in zip(names, node.input, strict=False)
        if given in graph.stored and name in arrays
    }
    # A node of its own may add the bias, but not in a recurrent operator, which adds it at every step.
    bias = next((array.name for array in arrays.values() if array.optional and not array.leading), "")
    if not stored or not bias:
        return {name: _held(tensor) for name, tensor in stored.items()}
    said = graph.attributes(node) if node.op_type == "Gemm" else {}
    own = bias in stored
    tensor = stored.pop(bias, None) or _added(graph, node)
    held = {name: _held(each, said.get("transB", 0), said.get("alpha", 1.0)) for name, each in stored.items()}
    if tensor is not None and held:
        shape = next(iter(held.values())).shape
        width = shape[0] if node.op_type == "Conv" else shape[-1]
        held[bias] = _flat(tensor, width, said.get("beta", 1.0) if own else 1.0)
    return held


def _added(graph: Graph, node: Any) -> ConstantTensor | None:
    """The bias that is added to what a node gives, if there is one: a vector along its features."""
    for each in graph.readers_of(node.output[0]):
        given = [graph.stored[name] for name in each.input if name in graph.stored]
        if each.op_type == "Add" and given:
            shape = given[0].shape
            if node.op_type == "Conv" and len(shape) > 1:
                shape = shape[:-1] if shape[-1] == 1 else shape
            if prod(shape) == (shape or (1,))[-1]:
                return given[0]
    return None


def _flat(tensor: ConstantTensor, width: int, factor: float) -> FileArray:
    """A bias; one number is the same for all."""
    single = prod(tensor.shape) == 1
    shape = (width,) if single else tuple(n for n in tensor.shape if n != 1)
    return FileArray(shape, lambda: np.broadcast_to(factor * tensor.read().reshape(-1 if single else shape), shape))


def _held(tensor: ConstantTensor, transposed: int = 0, factor: float = 1.0) -> FileArray:
    shape = tensor.shape

    def read() -> Any:
        numbers = tensor.read()
        numbers = np.ascontiguousarray(numbers.T) if transposed else numbers
        return numbers if factor == 1 else factor * numbers

    return FileArray(shape[::-1] if transposed else shape, read)
