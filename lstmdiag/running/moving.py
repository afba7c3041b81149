"""Layers without equations, as NumPy: what moves, joins, looks up or weighs. A function a kind, as in Keras 3.

Arrays have the batch in front. `masks` has one (N, T) array per input, true where a step counts, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import NUMBERS, Array
from lstmdiag.layers import convolution, pooling
from lstmdiag.layers.window import Window

Masks = Sequence[Array | None]
Move = Callable[[Any, Mapping[str, Array], Sequence[Array], Masks], Array]
"""(options, weights, inputs, masks) → output."""


class Misfit(Exception):
    """A layer cannot take these numbers; `str()` of it goes on after the layer's name."""


def _same(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return inputs[0]


def _masking(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    """Keras fills the steps that it masks with zeros, whatever they held."""
    return np.where(np.any(inputs[0] != options.mask_value, axis=-1, keepdims=True), inputs[0], 0)


def _repeat(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return np.repeat(inputs[0][:, None], options.n, axis=1)


def _flatten(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return inputs[0].reshape(len(inputs[0]), -1)


def _reshape(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return inputs[0].reshape(len(inputs[0]), *options.target_shape)


def _permute(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return np.transpose(inputs[0], (0, *options.dims))


def _concatenate(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return np.concatenate(inputs, axis=options.axis)


def _elementwise(function: Callable[[Array, Array], Array]) -> Move:
    def join(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
        return reduce(function, _one_rank(inputs))

    return join


def _masked(inputs: Sequence[Array], masks: Masks) -> list[Array | None]:
    """Masks as wide as the inputs; where Keras adds axes to an input, it loses its mask."""
    most = max(each.ndim for each in inputs)
    both = zip(inputs, masks, strict=True)
    return [mask[..., None] if mask is not None and each.ndim == most else None for each, mask in both]


def _multiply(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    """What is masked in one input does not count, as in keras.src.layers.merging.multiply; in all, it gives 0."""
    real = _masked(inputs, masks)
    factors = zip(_one_rank(inputs), real, strict=True)
    found = reduce(np.multiply, [x if mask is None else np.where(mask, x, 1) for x, mask in factors])
    counted = [mask for mask in real if mask is not None]
    return found if len(counted) < len(real) else np.where(reduce(np.logical_or, counted), found, 0)


def _extreme(function: Callable[[Array, Array], Array]) -> Move:
    """What is masked in one input does not count, as in keras.src.layers.merging.base_merge."""

    def join(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
        (found, *others), (real, *others_real) = _one_rank(inputs), _masked(inputs, masks)
        for other, mask in zip(others, others_real, strict=True):
            other = other if mask is None else np.where(mask, other, found)
            found = found if real is None else np.where(real, found, other)
            real = None if mask is None or real is None else real | mask
            found = function(found, other)
        return found

    return join


def _one_rank(inputs: Sequence[Array]) -> list[Array]:
    """Axes that are missing come between the batch and the others, as in keras.src.layers.merging.base_merge."""
    most = max(each.ndim for each in inputs)
    return [each.reshape(len(each), *[1] * (most - each.ndim), *each.shape[1:]) for each in inputs]


def _average(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return reduce(np.add, _one_rank(inputs)) / len(inputs)


def _embedding(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    table, tokens = weights["E"], inputs[0].astype(int)
    beyond = np.argwhere((tokens < 0) | (tokens >= len(table)) | (tokens != inputs[0]))
    if len(beyond):
        sample, *at = (int(n) + 1 for n in beyond[0])
        where = f"step {at[0]}" if len(at) == 1 else f"place {tuple(at)}"
        raise Misfit(f"knows the tokens 0 to {len(table) - 1:,}, found {inputs[0][tuple(beyond[0])]:,} "
                     f"at {where} of sample {sample}")  # fmt: skip
    return table[tokens]


def _conv1d(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    kernel = weights["W"]  # (filters, features per group, kernel_size)
    over, groups = convolution.window(options), options.groups
    windows = _windows(_padded(inputs[0], over), over)[..., :: over.dilation]
    parts = [
        np.einsum("ntfk,ofk->nto", share, part)
        for share, part in zip(np.split(windows, groups, axis=2), np.split(kernel, groups), strict=True)
    ]
    found = np.concatenate(parts, axis=-1)
    found = found + weights["b"] if "b" in weights else found
    return NUMBERS[options.activation or "linear"](found)


def _padded(x: Array, over: Window, filler: float = 0.0) -> Array:
    """(N, T, features) with the steps that padding adds before and behind."""
    pads = over.pads(x.shape[1])
    return np.pad(x, ((0, 0), pads, (0, 0)), constant_values=filler) if any(pads) else x


def _windows(x: Array, over: Window) -> Array:
    """(N, T, features) → (N, windows, features, reach)."""
    return np.lib.stride_tricks.sliding_window_view(x, over.reach, axis=1)[:, :: over.stride]


def _max_pooling(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    over = pooling.window(options)
    return _windows(_padded(inputs[0], over, -np.inf), over).max(-1)


def _average_pooling(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    """Steps that padding adds are no part of the mean."""
    over = pooling.window(options)
    sums, counts = (_windows(_padded(each, over), over).sum(-1) for each in (inputs[0], np.ones_like(inputs[0][:1])))
    return np.asarray(sums / counts)


def _global_max(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    return inputs[0].max(1, keepdims=options.keepdims)


def _global_average(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
    x, mask = inputs[0], masks[0]
    if mask is None:
        return x.mean(1, keepdims=options.keepdims)
    real = mask[..., None].astype(x.dtype)
    return (x * real).sum(1, keepdims=options.keepdims) / real.sum(1, keepdims=options.keepdims)


def scores(kind: str, options: Any, weights: Mapping[str, Array], inputs: Sequence[Array]) -> Array:
    """How well each query step fits each key step, (N, ..., Tq, Tk)."""
    query, key = inputs[0], inputs[2] if len(inputs) > 2 else inputs[1]
    if kind == "Attention" and options.score_mode == "dot":
        found = query @ np.swapaxes(key, -1, -2)
        return found * weights["scale"] if options.use_scale else found
    pairs = query[..., :, None, :] + key[..., None, :, :]
    if kind == "AdditiveAttention":
        return np.tanh(pairs) @ weights["scale"] if options.use_scale else np.tanh(pairs).sum(-1)
    scale = weights["scale"] if options.use_scale else 1.0
    return weights["concat_score_weight"] * np.tanh(scale * pairs).sum(-1)


def attention_weights(
    kind: str, options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks
) -> Array:
    """softmax(scores) over the key steps that count, (N, ..., Tq, Tk)."""
    found = scores(kind, options, weights, inputs)
    if masks[1] is not None:
        found = np.where(masks[1][..., None, :], found, found - 1e9)  # Keras's number
    return NUMBERS["softmax"](found)


def _attention(kind: str) -> Move:
    def weigh(options: Any, weights: Mapping[str, Array], inputs: Sequence[Array], masks: Masks) -> Array:
        found = attention_weights(kind, options, weights, inputs, masks) @ inputs[1]
        return found if masks[0] is None else np.where(masks[0][..., None], found, 0)

    return weigh


MOVES: Mapping[str, Move] = {
    **dict.fromkeys(("Dropout", "SpatialDropout1D"), _same),  # at prediction nothing is dropped
    "Masking": _masking,
    "RepeatVector": _repeat,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "Concatenate": _concatenate,
    "Add": _elementwise(np.add),
    "Subtract": _elementwise(np.subtract),
    "Multiply": _multiply,
    "Average": _average,
    "Maximum": _extreme(np.maximum),
    "Minimum": _extreme(np.minimum),
    "Embedding": _embedding,
    "Conv1D": _conv1d,
    "MaxPooling1D": _max_pooling,
    "AveragePooling1D": _average_pooling,
    "GlobalMaxPooling1D": _global_max,
    "GlobalAveragePooling1D": _global_average,
    "Attention": _attention("Attention"),
    "AdditiveAttention": _attention("AdditiveAttention"),
}
"""Kind → what it does with arrays."""
