"""How many zeros `same` padding puts around an axis, in numbers and in shapes alike."""

from __future__ import annotations


def same(length: int, reach: int, stride: int) -> tuple[int, int]:
    """How many before the first of `length` places and behind the last, so that a window stands at every `stride`-th.

    `reach` is how many places the window spans. The larger half is behind, as TensorFlow's SAME and ONNX's SAME_UPPER.
    """
    missing = max((-(-length // stride) - 1) * stride + reach - length, 0)
    return missing // 2, missing - missing // 2
