"""Attention (Luong et al. 2015; keras.src.layers.attention): a query step is compared with a key step by their product.

Scores are, dot: scale · (q · k); concat: concat_score_weight · Σ tanh(scale · (q + k)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lstmdiag.cells.cell import Dims
from lstmdiag.layers.kind import Flag, Keras, Options, Rate, Shape
from lstmdiag.layers.weighted_mean import attending, weighing
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Weights


class AttentionOptions(Options):
    use_scale: Flag = Field(False, description="Whether the scores have a learned factor.")
    score_mode: Literal["dot", "concat"] = Field("dot", description="How query and key are compared.")
    dropout: Rate = Field(0.0, description="Share of the scores dropped, in training only.")
    seed: Keras = None


def no_sizes(options: AttentionOptions, *shapes: Shape) -> dict[str, int]:
    return {}


def weights(options: AttentionOptions) -> dict[str, Dims]:
    """Single numbers."""
    scale: dict[str, Dims] = {"scale": ()} if options.use_scale else {}
    return {**scale, "concat_score_weight": ()} if options.score_mode == "concat" else scale


def work(options: AttentionOptions, *shapes: Shape) -> Work:
    """(query, value, perhaps key, output) → the arithmetic of one query step."""
    return weighing(options, *shapes, dot=options.score_mode == "dot", factor=options.score_mode == "concat")


def scores(options: AttentionOptions, weights: Weights, query: Array, key: Array) -> Array:
    """How well each query step fits each key step, (N, ..., Tq, Tk)."""
    import numpy as np

    if options.score_mode == "dot":
        return query @ key.swapaxes(-1, -2) * weights.get("scale", 1)
    pairs = query[..., :, None, :] + key[..., None, :, :]
    return np.asarray(weights["concat_score_weight"] * np.tanh(weights.get("scale", 1.0) * pairs).sum(-1))


KIND = attending(
    scores,
    name="Attention",
    options=AttentionOptions,
    summary="Each query step takes a mean of the values, weighted by the softmax of query times key.",
    sizes=no_sizes,
    weights=weights,
    work=work,
)
