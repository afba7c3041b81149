"""Numbers on which a file's graph and a spec are run side by side, and the model of just the sizes that both have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.onnx_graph import GraphInput
from lstmdiag.layer import show_shape
from lstmdiag.model import Model, ModelInput
from lstmdiag.running.inputs import any_length, padding, vocabulary, with_input_shapes

SAMPLES = (5, 7, 6, 9, 11, 13, 15, 17, 19)
"""How many, the first that no other axis has where the file leaves it open."""
SHORT = 8
"""Steps, where all of those that the spec has would be many numbers and the file leaves their number open."""
MOST, LARGEST, LONGEST = 2**22, 2**26, 2**16
"""Numbers between the layers, of which it is made shorter, and that may be at all; and steps or samples that may be."""
Order = tuple[int, ...]
"""Of the axes of what goes in: (1, 0, 2) where steps come first."""


@dataclass(frozen=True)
class Probe:
    """A model whose sizes are all known, its inputs (N, ...), and the same numbers as the graph has them."""

    model: Model
    arrays: tuple[Array, ...]
    tensors: dict[str, Array]
    order: str  # of the axes: batch, steps or features first


_ORDERS: Mapping[str, Callable[[int], Order]] = {
    "batch": lambda rank: tuple(range(rank)),
    "steps": lambda rank: (1, 0, *range(2, rank)),
    "features": lambda rank: (0, rank - 1, *range(1, rank - 1)),
}
"""What comes first, or second after the batch → the order of the axes, of a number of them."""


def probes(model: Model, inputs: Sequence[GraphInput], samples: int = 0) -> Iterator[Probe]:
    """One for each order of axes that the graph's inputs may have: none where no order has the sizes of the spec.

    `samples` is how many there are where the graph leaves it open; 0: any.
    """
    pairs = paired(model, inputs)
    for order in _ORDERS:
        if order == "features" and any(_sizes(pairs, "batch")):
            return
        if order != "batch" and all(_order(order, source) == _order("batch", source) for source, _ in pairs):
            continue
        for sizes in _sizes(pairs, order):
            shorter = next(_sizes(pairs, order, SHORT), sizes)
            of, many = _fitting(model, sizes, shorter, samples)
            if of:
                yield _probe(of, pairs, many, order)


def paired(model: Model, inputs: Sequence[GraphInput]) -> list[tuple[ModelInput, GraphInput]]:
    """The model's inputs and the graph's: by name, else by place."""
    by_name = {each.name: each for each in inputs}
    if all(source.name in by_name for source in model.inputs):
        return [(source, by_name[source.name]) for source in model.inputs]
    return list(zip(model.inputs, inputs, strict=False))


Sizes = list[tuple[int | None, ...]]


def _sizes(pairs: Sequence[tuple[ModelInput, GraphInput]], order: str, short: int = 0) -> Iterator[Sizes]:
    """Of each input with the batch in front, from the spec and from the file; nothing where these differ.

    With at most `short` steps, where the file leaves their number open.
    """
    found: Sizes = []
    for source, given in pairs:
        wanted = (None, *source.shape)
        shape = given.shape
        while shape is not None and len(shape) > len(wanted) and shape[0] == 1:  # as states of one direction have
            shape = shape[1:]
        if shape is None:
            found.append(wanted)
            continue
        if len(shape) != len(wanted):
            return
        in_order: list[int | None] = [None] * len(shape)
        for place, axis in enumerate(_order(order, source)):
            in_order[axis] = shape[place]
        if any(None not in both and both[0] != both[1] for both in zip(in_order, wanted, strict=True)):
            return
        found.append(tuple(a or b for a, b in zip(in_order, wanted, strict=True)))
        if short and in_order[1:2] == [None] and (len(wanted) > 2 or source.dtype == "int"):
            found[-1] = (*found[-1][:1], min(found[-1][1] or short, short), *found[-1][2:])
    if len({sizes[0] for sizes in found if sizes[0]}) < 2:
        yield found


def _order(order: str, source: ModelInput) -> Order:
    """Of one input: a vector, such as a state, has no steps that could come first."""
    rank = len(source.shape) + 1
    steps = rank > 2 or (source.dtype == "int" and order == "steps")
    return _ORDERS[order](rank) if steps else tuple(range(rank))


def _fitting(model: Model, sizes: Sizes, shorter: Sizes, samples: int) -> tuple[Model | None, int]:
    """The model with sizes that are few enough to run it, and how many samples; None where it cannot have them.

    Raises LstmdiagError where a file fixes sizes that are too many.
    """
    others = {size for each in sizes for size in each[1:]}
    fixed = next((each[0] for each in sizes if each[0]), None)
    samples = fixed or samples or next((n for n in SAMPLES if n not in others), SAMPLES[0])
    found = _of(model, sizes)
    longest = max((size or 1 for each in sizes for size in each[1:]), default=1)
    if found and (count(found, samples) > MOST or longest > SHORT**4):
        found = _of(model, shorter) or found
    if found and count(found, samples) > MOST and not fixed:
        samples = 2
    longest = max((size or 1 for source in found.inputs for size in source.shape), default=1) if found else 1
    if found and (count(found, samples) > LARGEST or max(longest, samples) > LONGEST):
        shapes = ", ".join(show_shape((samples, *source.shape)) for source in found.inputs)
        hint = "export it with fewer steps or samples, or leave their number open"
        raise LstmdiagError(Problem(f"with inputs of {shapes} it is too large to be compared with the spec", hint=hint))
    return found, samples


def _of(model: Model, sizes: Sizes) -> Model | None:
    rest = [source.shape for source in model.inputs[len(sizes) :]]
    try:
        return any_length(with_input_shapes(model, [*(each[1:] for each in sizes), *rest]))
    except LstmdiagError:
        return None


def _probe(model: Model, pairs: Sequence[tuple[ModelInput, GraphInput]], samples: int, order: str) -> Probe:
    random = np.random.default_rng(5)
    arrays = tuple(_numbers(model, source, samples, random) for source in model.inputs)
    given = {}
    for (source, there), array in zip(pairs, arrays, strict=False):
        in_order = array.transpose(_order(order, source))
        missing = len(there.shape or ()) - in_order.ndim
        given[there.name] = in_order.reshape(*[1] * max(missing, 0), *in_order.shape)
    return Probe(model, arrays, given, order)


def _numbers(model: Model, source: ModelInput, samples: int, random: Any) -> Array:
    """Small and large ones; of one sample the last step is padding, where a layer looks for that."""
    shape = (samples, *(size or 1 for size in source.shape))
    if source.dtype == "int":
        made = random.integers(1, max(vocabulary(model, source), 2), shape) % vocabulary(model, source)
    else:
        scales = np.resize([1.0, 4.0, 0.25, 8.0, 2.0], samples).reshape(-1, *[1] * len(source.shape))
        made = scales * random.normal(size=shape)
    padding_value = padding(model, source)
    if padding_value is not None and len(shape) > 1 and shape[1] > 1:
        made[-1, -1] = padding_value
    return np.asarray(made)


def count(model: Model, samples: int) -> int:
    """Numbers between the layers, in and out."""
    shapes = chain((layer.output for layer in model.layers), (source.shape for source in model.inputs))
    return samples * sum(int(np.prod([size or 1 for size in shape])) for shape in shapes)
