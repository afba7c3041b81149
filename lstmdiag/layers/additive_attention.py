"""AdditiveAttention (Bahdanau et al. 2015; keras.src.layers.attention): scores are Σ scale ⊙ tanh(q + k)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lstmdiag.cells.cell import Dims
from lstmdiag.layers import weighted_mean
from lstmdiag.layers.kind import Flag, Keras, Options, Rate, Shape
from lstmdiag.layers.shapes import needs_features
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Weights


class AdditiveAttentionOptions(Options):
    use_scale: Flag = Field(True, description="Whether each feature has a learned factor.")
    dropout: Rate = Field(0.0, description="Share of the scores dropped, in training only.")
    seed: Keras = None


def output(options: AdditiveAttentionOptions, query: Shape, value: Shape, key: Shape | None = None) -> Shape:
    found = weighted_mean.output(options, query, value, key)
    if options.use_scale:
        needs_features(query)
    return found


def sizes(options: AdditiveAttentionOptions, *shapes: Shape) -> dict[str, int]:
    return {"features": needs_features(shapes[0])} if options.use_scale else {}


def weights(options: AdditiveAttentionOptions) -> dict[str, Dims]:
    return {"scale": ("features",)} if options.use_scale else {}


def work(options: AdditiveAttentionOptions, *shapes: Shape) -> Work:
    """(query, value, perhaps key, output) → the arithmetic of one query step."""
    return weighted_mean.weighing(options, *shapes)


def scores(options: AdditiveAttentionOptions, weights: Weights, query: Array, key: Array) -> Array:
    """Σ scale ⊙ tanh(q + k), (N, ..., Tq, Tk); without a scale its factors are 1."""
    import numpy as np

    pairs = np.tanh(query[..., :, None, :] + key[..., None, :, :])
    return pairs @ weights["scale"] if options.use_scale else pairs.sum(-1)


KIND = weighted_mean.attending(
    scores,
    name="AdditiveAttention",
    options=AdditiveAttentionOptions,
    summary="Each query step takes a mean of the values, weighted by the softmax of a learned comparison.",
    output=output,
    sizes=sizes,
    weights=weights,
    work=work,
)
