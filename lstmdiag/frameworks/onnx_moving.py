"""ONNX operators that give out numbers they are given, in another shape or order, or that tell of shapes.

Attributes of older opsets are inputs of newer ones: both are read. https://onnx.ai/onnx/operators
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from lstmdiag.frameworks.values import Values

Result = Values | Sequence[Values]


class TooLarge(Exception):
    """An operator would give out more numbers than are allowed."""


class NotKnown(Exception):
    """An operator as it stands here has no row in the tables."""


@dataclass(frozen=True)
class OperatorCall:
    """What an operator is given; an input that is left out is None."""

    inputs: tuple[Values | None, ...]
    attributes: Mapping[str, Any]
    opset: int
    outputs: int
    most: int  # numbers it may give out

    @property
    def x(self) -> Values:
        """The first input. Raises ValueError where it is left out."""
        return self[0]

    def __getitem__(self, place: int) -> Values:
        found = self.get(place)
        if found is None:
            raise ValueError("an operator lacks an input")
        return found

    def get(self, place: int) -> Values | None:
        """The input at a place from 0, or None where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def whole(self, place: int, name: str) -> tuple[int, ...] | None:
        """Whole numbers that are an input of newer opsets and an attribute of older ones."""
        given = self.get(place)
        if given is not None:
            return tuple(int(n) for n in given.reshape(-1))
        found = self.attributes.get(name)
        return None if found is None else tuple(found) if isinstance(found, (tuple, list)) else (int(found),)

    def allowed(self, shape: Iterable[int]) -> tuple[int, ...]:
        """The shape. Raises TooLarge."""
        shape = tuple(int(n) for n in shape)
        if prod(shape) > self.most:
            raise TooLarge(f"{prod(shape):,} numbers")
        return shape


Operator = Callable[[OperatorCall], Result]


def _cast(call: OperatorCall) -> Values:
    to = call.attributes.get("to")
    kind = _TYPES.get(to if isinstance(to, int) else -1)
    if kind is None:
        raise NotKnown
    if kind is float:
        return call.x if call.x.dtype.kind == "f" else call.x.astype(float)
    return call.x.astype(kind)


_TYPES: Mapping[int, type] = {
    **dict.fromkeys((1, 10, 11, 16), float), **dict.fromkeys((2, 3, 4, 5, 6, 7, 12, 13), int), 9: bool,
}  # fmt: skip
"""TensorProto.DataType → what we compute with: all floats are wide."""


def _reshape(call: OperatorCall) -> Values:
    wanted = [*(call.whole(1, "shape") or ())]
    if not call.attributes.get("allowzero"):
        wanted = [call.x.shape[place] if size == 0 else size for place, size in enumerate(wanted)]
    return call.x.reshape(wanted)


def _flatten(call: OperatorCall) -> Values:
    axis = call.attributes.get("axis", 1)
    axis = axis + call.x.ndim if axis < 0 else axis
    return call.x.reshape(prod(call.x.shape[:axis]), -1)


def _squeeze(call: OperatorCall) -> Values:
    axes = call.whole(1, "axes")
    return np.squeeze(call.x) if axes is None else np.squeeze(call.x, axes)


def _unsqueeze(call: OperatorCall) -> Values:
    return np.expand_dims(call.x, call.whole(1, "axes") or ())


def _transpose(call: OperatorCall) -> Values:
    return np.transpose(call.x, call.attributes.get("perm"))


def _expand(call: OperatorCall) -> Values:
    return np.broadcast_to(call.x, call.allowed(np.broadcast_shapes(call.x.shape, call.whole(1, "shape") or ())))


def _tile(call: OperatorCall) -> Values:
    times = call.whole(1, "repeats") or ()
    if len(times) != call.x.ndim:
        raise NotKnown
    call.allowed(size * n for size, n in zip(call.x.shape, times, strict=True))
    return np.tile(call.x, times)


def _concat(call: OperatorCall) -> Values:
    parts = [each for each in call.inputs if each is not None]
    call.allowed([sum(each.size for each in parts)])
    return np.concatenate(parts, call.attributes["axis"])


def _split(call: OperatorCall) -> list[Values]:
    axis, sizes = call.attributes.get("axis", 0), call.whole(1, "split")
    if sizes is None:
        count = call.attributes.get("num_outputs", call.outputs)
        each = -(-call.x.shape[axis] // count)
        return np.split(call.x, [each * n for n in range(1, count)], axis)
    return np.split(call.x, np.cumsum(sizes)[:-1], axis)


def _slice(call: OperatorCall) -> Values:
    starts, ends = call.whole(1, "starts") or (), call.whole(2, "ends") or ()
    axes = call.whole(3, "axes") or tuple(range(len(starts)))
    steps = call.whole(4, "steps") or (1,) * len(starts)
    at: list[slice] = [slice(None)] * call.x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = call.x.shape[axis]
        first, last = (n + size if n < 0 else n for n in (start, end))
        if step > 0:
            at[axis] = slice(min(max(first, 0), size), min(max(last, 0), size), step)
        else:
            first, last = min(first, size - 1), max(last, -1)
            at[axis] = slice(max(first, 0), None if last < 0 else last, step) if first >= 0 else slice(0, 0)
    return call.x[tuple(at)]


def _gather(call: OperatorCall) -> Values:
    axis = call.attributes.get("axis", 0)
    call.allowed([call.x.size // max(call.x.shape[axis], 1), call[1].size])
    return np.asarray(np.take(call.x, call[1], axis))


def _gather_elements(call: OperatorCall) -> Values:
    return np.take_along_axis(call.x, call[1], call.attributes.get("axis", 0))


def _gather_places(call: OperatorCall) -> Values:
    if call.attributes.get("batch_dims"):
        raise NotKnown
    places = call[1]
    call.allowed([*places.shape[:-1], *call.x.shape[places.shape[-1] :]])
    return np.asarray(call.x[tuple(np.moveaxis(places, -1, 0))])


def _constant_of_shape(call: OperatorCall) -> Values:
    value = call.attributes.get("value")
    shape = call.allowed(call.x)
    return np.zeros(shape) if value is None else np.full(shape, np.asarray(value).reshape(-1)[0])


def _range(call: OperatorCall) -> Values:
    start, limit, step = (call[place].reshape(-1)[0] for place in range(3))
    call.allowed([max(int(np.ceil((limit - start) / step)), 0)])
    return np.arange(start, limit, step)


def _pad(call: OperatorCall) -> Values:
    pads = call.whole(1, "pads") or ()
    axes = call.whole(3, "axes") or tuple(range(call.x.ndim))
    value, mode = call.get(2), call.attributes.get("mode", "constant")
    filler = call.attributes.get("value", 0.0) if value is None else value.reshape(-1)[0]
    both = [(0, 0)] * call.x.ndim
    for axis, *ends in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        both[axis] = (ends[0], ends[1])
    call.allowed(size + before + after for size, (before, after) in zip(call.x.shape, both, strict=True))
    if mode not in ("constant", "reflect", "edge", "wrap") or min(map(min, both), default=0) < 0:
        raise NotKnown
    return np.pad(call.x, both, mode, **({"constant_values": filler} if mode == "constant" else {}))


def _reverse_sequence(call: OperatorCall) -> Values:
    batch, time = call.attributes.get("batch_axis", 1), call.attributes.get("time_axis", 0)
    made = np.moveaxis(call.x.copy(), (batch, time), (0, 1))
    for row, length in zip(made, call[1], strict=True):
        row[:length] = row[:length][::-1]
    return np.moveaxis(made, (0, 1), (batch, time))


def _where(call: OperatorCall) -> Values:
    call.allowed(np.broadcast_shapes(*(call[place].shape for place in range(3))))
    return np.where(call.x, call[1], call[2])


def _triangle(call: OperatorCall) -> Values:
    offset = 0 if call.get(1) is None else int(call[1].reshape(-1)[0])
    return np.triu(call.x, offset) if call.attributes.get("upper", 1) else np.tril(call.x, offset)


def _shape(call: OperatorCall) -> Values:
    start, end = call.attributes.get("start", 0), call.attributes.get("end")
    return np.array(call.x.shape[start:end], int)


MOVING: Mapping[str, Operator] = {
    "Identity": lambda call: call.x,
    "Dropout": lambda call: [call.x, np.ones(call.x.shape, bool)],  # at prediction
    "Cast": _cast,
    "CastLike": lambda call: call.x.astype(float) if call[1].dtype.kind == "f" else call.x.astype(call[1].dtype),
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": _transpose,
    "Expand": _expand,
    "Tile": _tile,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "GatherND": _gather_places,
    "ConstantOfShape": _constant_of_shape,
    "Range": _range,
    "Pad": _pad,
    "ReverseSequence": _reverse_sequence,
    "Where": _where,
    "Trilu": _triangle,
    "Shape": _shape,
    "Size": lambda call: np.array(call.x.size),
}
"""Operator → what it does with arrays."""
