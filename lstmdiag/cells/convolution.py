"""Convolution in numbers: a kernel that slides over rows and columns. A cross-correlation, as in every framework."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmdiag.cells.expr import Window
from lstmdiag.cells.padding import same

Array = np.ndarray[Any, np.dtype[Any]]


def convolve(kernel: Array, maps: Array, window: Window | None) -> Array:
    """(out, in, rows, columns) over (..., rows, columns, in) → (..., rows', columns', out)."""
    window = window or Window()
    for size, stride, spread in zip(kernel.shape[2:], window.strides, window.dilation, strict=True):
        maps = _windows(maps, size, stride, spread, window.padding)
    return np.einsum("...rcikl,oikl->...rco", maps, kernel, optimize=True)


def _windows(maps: Array, size: int, stride: int, spread: int, padding: str) -> Array:
    """Of the third axis from the end: the `size` places that the kernel reads, along a new last axis."""
    length, reach = maps.shape[-3], spread * (size - 1) + 1
    if padding == "same":
        before, behind = same(length, reach, stride)
        zeros = (*maps.shape[:-3], before + length + behind, *maps.shape[-2:])
        padded = np.zeros(zeros, maps.dtype)  # np.pad is far slower
        padded[..., before : before + length, :, :] = maps
        maps = padded
    slid = np.lib.stride_tricks.sliding_window_view(maps, reach, -3)
    return slid[..., ::stride, :, :, ::spread]
