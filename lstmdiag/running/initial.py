"""Weights to begin with, where none are given: Keras 3's default initializers, from a seed.

Kernels are Glorot uniform over the array that Keras stores, recurrent kernels orthogonal, biases zero but an LSTM's
forget gate, which begins at 1 (keras.initializers; unit_forget_bias: Jozefowicz et al. 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod, sqrt

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.frameworks import arrays
from lstmdiag.frameworks.values import weights_in_array
from lstmdiag.layer import Layer
from lstmdiag.model import Model

Random = np.random.Generator
Start = Callable[[Random, tuple[int, ...]], Array]


def weights(model: Model, seed: int) -> dict[str, Array]:
    """Every weight of the model by name, `encoder.W_i` (units, features), `encoder.b_i` (units,): float64.

    Drawn anew as Keras does before training, by the initializers of each kind; the same for the same seed.
    """
    random = np.random.default_rng(seed)
    return {
        f"{layer.name}.{name}": value
        for top in model.layers
        if not top.shared
        for layer in top.directions
        for name, value in _of(layer, random)
    }


def effort(model: Model) -> int:
    """Multiplications that making them takes. Orthogonal arrays are the work: for m × n, twice m·n²."""
    return sum(
        2 * prod(shape) * min(prod(shape[:-1]), shape[-1])
        for top in model.layers
        if not top.shared
        for layer in top.directions
        for _, shape, start in _starts(layer)
        if start is _orthogonal
    )


def shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """The shape of every weight of the model, in the same order."""
    return {
        f"{layer.name}.{weight.name}": weight.shape
        for top in model.layers
        if not top.shared
        for layer in top.directions
        for weight in layer.weights
    }


def _starts(layer: Layer) -> list[tuple[str, tuple[int, ...], Start]]:
    """Name, shape and beginning of each array that Keras stores; of a cell of the user's own, of each weight."""
    held = arrays(layer, "keras")
    if held is None:
        return [(each.name, each.shape, _STARTS_BY_LETTER.get(each.part, _glorot)) for each in layer.weights]
    return [(each.name, each.shape, _STARTS.get(each.name, _glorot)) for each in held]


def _of(layer: Layer, random: Random) -> Iterator[tuple[str, Array]]:
    shapes = {weight.name: weight.shape for weight in layer.weights}
    ones = layer.definition.ones(layer.options) if layer.definition.ones else ()
    begun = [(name, start(random, shape)) for name, shape, start in _starts(layer)]
    held = arrays(layer, "keras")
    if held is None:
        yield from begun
        return
    for array, (_, value) in zip(held, begun, strict=True):
        for name, part in weights_in_array(array, value, shapes):
            yield name, np.ones_like(part) if name in ones else part


def _glorot(random: Random, shape: tuple[int, ...]) -> Array:
    """Glorot and Bengio 2010: uniform, by how many numbers go into and come out of the array as Keras stores it."""
    ways_in, ways_out = (shape[-2], shape[-1]) if len(shape) > 1 else (prod(shape), prod(shape))
    places = prod(shape[:-2])
    limit = sqrt(6 / (places * (ways_in + ways_out)))
    return random.uniform(-limit, limit, shape)


def _orthogonal(random: Random, shape: tuple[int, ...]) -> Array:
    """Saxe et al. 2014."""
    rows, columns = prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(random.normal(size=(max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape)


def _zeros(random: Random, shape: tuple[int, ...]) -> Array:
    return np.zeros(shape)


def _ones(random: Random, shape: tuple[int, ...]) -> Array:
    return np.ones(shape)


def _small(random: Random, shape: tuple[int, ...]) -> Array:
    return random.uniform(-0.05, 0.05, shape)


_STARTS: Mapping[str, Start] = {
    "recurrent_kernel": _orthogonal,
    "bias": _zeros, "beta": _zeros, "moving_mean": _zeros,
    "gamma": _ones, "moving_variance": _ones, "concat_score_weight": _ones,
    "embeddings": _small,
}  # fmt: skip
"""Array, as Keras calls it → how it begins; any other is Glorot uniform."""

_STARTS_BY_LETTER: Mapping[str, Start] = {"U": _orthogonal, "V": _orthogonal, "R": _orthogonal, "b": _zeros}
