"""Masks of padded steps as numbers: what goes along with an output. `lstmdiag.masks` has their shapes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.layer import Layer


def output_mask(layer: Layer, inputs: Sequence[Array], masks: Sequence[Array | None]) -> Array | None:
    """The mask (N, ...) that goes along with the output, as keras.src.layers.merging has it for joins."""
    if layer.mask_shape is None:
        return None
    if layer.mask == "makes":
        assert layer.definition.counting is not None
        return layer.definition.counting(layer.options, inputs)
    if layer.mask == "passes all":
        return np.asarray(reduce(np.logical_or, [mask for mask in masks if mask is not None]))
    if layer.mask == "concatenates":
        wide = [_widened(*both) for both in zip(inputs, masks, strict=True)]
        return np.asarray(np.concatenate(wide, axis=layer.options.axis).any(-1))
    return masks[0]


def _widened(x: Array, mask: Array | None) -> Array:
    """What is not masked counts; Keras takes a mask of as many axes as the input as it is."""
    if mask is None:
        return np.ones(x.shape, bool)
    return np.broadcast_to(mask[..., None], x.shape) if mask.ndim < x.ndim else mask


def of_steps(mask: Array | None) -> Array | None:
    """(N, T): a step counts if any part of it does."""
    return np.asarray(mask.any(-1)) if mask is not None and mask.ndim > 2 else mask
