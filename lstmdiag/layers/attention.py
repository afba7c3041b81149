"""Attention: each step of a query takes a weighted mean of the values, weighted by how well it fits their keys.

Inputs are [query, value] or [query, value, key]; without a key the value is the key. The weights of the mean are
softmax(scores), the scores of query step q and key step k (keras.src.layers.attention):
Attention, dot (Luong et al. 2015): scale · (q · k); concat: concat_score_weight · Σ tanh(scale · (q + k));
AdditiveAttention (Bahdanau et al. 2015): Σ scale ⊙ tanh(q + k).
Steps masked in the value are left out, and the query's mask is handed on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from lstmdiag.cells.cell import Dims
from lstmdiag.layers.kind import Flag, Keras, Kind, Options, Rate, Shape, ShapeMisfit, needs_features
from lstmdiag.layers.reads import ALL, OWN, Reads
from lstmdiag.layers.shapes import count
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class AttentionOptions(Options):
    use_scale: Flag = Field(False, description="Whether the scores have a learned factor.")
    score_mode: Literal["dot", "concat"] = Field("dot", description="How query and key are compared.")
    dropout: Rate = Field(0.0, description="Share of the scores dropped, in training only.")
    seed: Keras = None


class AdditiveAttentionOptions(Options):
    use_scale: Flag = Field(True, description="Whether each feature has a learned factor.")
    dropout: Rate = Field(0.0, description="Share of the scores dropped, in training only.")
    seed: Keras = None


def output(options: Options, query: Shape, value: Shape, key: Shape | None = None) -> Shape:
    """(Tq, features), (Tv, n) and (Tv, features) → (Tq, n)."""
    key = value if key is None else key
    if any(len(shape) < 2 for shape in (query, value, key)) or not len(query) == len(value) == len(key):
        raise ShapeMisfit("needs sequences (steps, features) as query and value")
    if _differ(query[-1], key[-1]):
        raise ShapeMisfit("needs as many features in the query as in the key", "a Dense makes one as wide as the other")
    if _differ(value[-2], key[-2]):
        raise ShapeMisfit("needs as many steps in the value as in the key")
    return (*query[:-1], value[-1])


def _differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def additive_output(options: AdditiveAttentionOptions, query: Shape, value: Shape, key: Shape | None = None) -> Shape:
    found = output(options, query, value, key)
    if options.use_scale:
        needs_features(query)
    return found


def no_sizes(options: AttentionOptions, *shapes: Shape) -> dict[str, int]:
    return {}


def weights(options: AttentionOptions) -> dict[str, Dims]:
    """Single numbers."""
    scale: dict[str, Dims] = {"scale": ()} if options.use_scale else {}
    return {**scale, "concat_score_weight": ()} if options.score_mode == "concat" else scale


def additive_sizes(options: AdditiveAttentionOptions, *shapes: Shape) -> dict[str, int]:
    return {"features": needs_features(shapes[0])} if options.use_scale else {}


def additive_weights(options: AdditiveAttentionOptions) -> dict[str, Dims]:
    return {"scale": ("features",)} if options.use_scale else {}


def reads(options: Options, query: Shape, *others: Shape) -> tuple[Reads, ...]:
    """Each query step all of the values and keys: these are the last axis but one."""
    inputs = len(others)  # the last is the output
    return (OWN, *[ALL if len(query) == 2 else OWN] * (inputs - 1))


def uses(options: Options, *shapes: Shape) -> int | None:
    """Once per pair of a query step and a key step: (options, query, value, ..., output)."""
    return count((*shapes[0][:-1], shapes[1][-2])) if len(shapes) > 2 else None


def work(options: AttentionOptions, *shapes: Shape) -> Work:
    """(query, value, perhaps key, output) → the arithmetic of one query step."""
    return _work(options, *shapes, dot=options.score_mode == "dot", factor=options.score_mode == "concat")


def additive_work(options: AdditiveAttentionOptions, *shapes: Shape) -> Work:
    """(query, value, perhaps key, output) → the arithmetic of one query step."""
    return _work(options, *shapes)


def _work(options: Any, *shapes: Shape, dot: bool = False, factor: bool = False) -> Work:
    """A score for each key step, softmax over them, the mean of the values."""
    *inputs, _ = shapes
    query, value, key = (*inputs, inputs[1])[:3]
    pairs, mean, scores = ("T_key", "features"), ("T_key", "F_value"), ("T_key",)
    sizes = {"T_key": key[-2], "features": query[-1], "F_value": value[-1]}
    scale = bool(options.use_scale)
    if dot:
        return Work({pairs: 1, mean: 1}, {scores: 1 + scale}, sizes, count(query[:-1]))
    return Work({mean: 1}, {pairs: 3 + scale, scores: 1 + factor}, sizes, count(query[:-1]))


def scores(options: AttentionOptions, weights: Weights, query: Array, key: Array) -> Array:
    """How well each query step fits each key step, (N, ..., Tq, Tk)."""
    import numpy as np

    if options.score_mode == "dot":
        return query @ key.swapaxes(-1, -2) * weights.get("scale", 1)
    pairs = query[..., :, None, :] + key[..., None, :, :]
    return np.asarray(weights["concat_score_weight"] * np.tanh(weights.get("scale", 1.0) * pairs).sum(-1))


def additive_scores(options: AdditiveAttentionOptions, weights: Weights, query: Array, key: Array) -> Array:
    """Σ scale ⊙ tanh(q + k), (N, ..., Tq, Tk); without a scale its factors are 1."""
    import numpy as np

    pairs = np.tanh(query[..., :, None, :] + key[..., None, :, :])
    return pairs @ weights["scale"] if options.use_scale else pairs.sum(-1)


def _shares(scored: Callable[..., Array]) -> Callable[..., Array]:
    def shares(options: Any, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
        """softmax(scores) over the key steps that count, (N, ..., Tq, Tk)."""
        import numpy as np

        from lstmdiag.cells.numbers import NUMBERS

        found = scored(options, weights, inputs[0], inputs[2] if len(inputs) > 2 else inputs[1])
        if masks[1] is not None:
            found = np.where(masks[1][..., None, :], found, found - 1e9)  # Keras's number
        return np.asarray(NUMBERS["softmax"](found))

    return shares


def _weighted(shares: Callable[..., Array]) -> Callable[..., Array]:
    def numbers(options: Any, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
        """The mean of the values with these shares; a query step that does not count gives zeros."""
        import numpy as np

        found = shares(options, weights, inputs, masks) @ inputs[1]
        return found if masks[0] is None else np.where(masks[0][..., None], found, 0)

    return numbers


_INPUTS = ("query", "value", "key")
_SENTENCE = "gives each step of {query} a weighted mean of all steps of {value}"
_OVER_STEPS = (
    "each step of the query: one score per step of the values; softmax makes attention weights of them, which sum to "
    "1; the context is the mean of the values by these"
)

KIND = Kind(
    name="Attention",
    options=AttentionOptions,
    summary="Each query step takes a mean of the values, weighted by the softmax of query times key.",
    output=output,
    sizes=no_sizes,
    weights=weights,
    uses=uses,
    inputs=(2, 3),
    reads=reads,
    sequence=True,
    mask="query",
    dropped=lambda options: (options.dropout,),
    shares=_shares(scores),
    work=work,
    numbers=_weighted(_shares(scores)),
    input_names=_INPUTS,
    sentence=_SENTENCE,
    over_steps=_OVER_STEPS,
)

ADDITIVE = Kind(
    name="AdditiveAttention",
    options=AdditiveAttentionOptions,
    summary="Each query step takes a mean of the values, weighted by the softmax of a learned comparison.",
    output=additive_output,
    sizes=additive_sizes,
    weights=additive_weights,
    uses=uses,
    inputs=(2, 3),
    reads=reads,
    sequence=True,
    mask="query",
    dropped=lambda options: (options.dropout,),
    shares=_shares(additive_scores),
    work=additive_work,
    numbers=_weighted(_shares(additive_scores)),
    input_names=_INPUTS,
    sentence=_SENTENCE,
    over_steps=_OVER_STEPS,
)
