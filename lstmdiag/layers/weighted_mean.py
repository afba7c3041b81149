"""The rule of Attention and AdditiveAttention: each step of a query takes a weighted mean of the values.

Inputs are [query, value] or [query, value, key]; without a key the value is the key. The weights of the mean are
softmax(scores), a score for each query step and key step. Steps masked in the value are left out, and the query's mask
is handed on (keras.src.layers.attention).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lstmdiag.layers.kind import Kind, Options, Shape, ShapeMisfit
from lstmdiag.layers.reads import ALL, OWN, Reads
from lstmdiag.layers.shapes import count
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


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


def reads(options: Options, axis: int, query: Shape, *others: Shape) -> tuple[Reads, ...]:
    """Each query step all steps of values and keys, the last axis but one; each number the same of every value."""
    inputs, behind = len(others), len(query) - axis  # the last of the others is the output
    if behind == 1:
        return (ALL, ALL if inputs == 2 else OWN, *[ALL] * (inputs - 2))
    return (OWN, *[ALL if behind == 2 else OWN] * (inputs - 1))


def uses(options: Options, *shapes: Shape) -> int | None:
    """Once per pair of a query step and a key step: (options, query, value, ..., output)."""
    return count((*shapes[0][:-1], shapes[1][-2])) if len(shapes) > 2 else None


def weighing(options: Any, *shapes: Shape, dot: bool = False, factor: bool = False) -> Work:
    """A score for each key step, softmax over them, the mean of the values."""
    *inputs, _ = shapes
    query, value, key = (*inputs, inputs[1])[:3]
    pairs, mean, scores = ("T_key", "features"), ("T_key", "F_value"), ("T_key",)
    sizes = {"T_key": key[-2], "features": query[-1], "F_value": value[-1]}
    scale = bool(options.use_scale)
    if dot:
        return Work({pairs: 1, mean: 1}, {scores: 1 + scale}, sizes, count(query[:-1]))
    return Work({mean: 1}, {pairs: 3 + scale, scores: 1 + factor}, sizes, count(query[:-1]))


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


def attending(scores: Callable[..., Array], **more: Any) -> Kind:
    """A kind with these scores, (options, weights, query, key) → (N, ..., Tq, Tk), and the other fields of a Kind."""
    fields: dict[str, Any] = {"output": output, **more}
    return Kind(
        uses=uses,
        inputs=(2, 3),
        reads=reads,
        sequence=True,
        mask="query",
        dropped=lambda options: (options.dropout,),
        shares=_shares(scores),
        numbers=_weighted(_shares(scores)),
        input_names=("query", "value", "key"),
        sentence="gives each step of {query} a weighted mean of all steps of {value}",
        over_steps=(
            "each step of the query: one score per step of the values; softmax makes attention weights of them, which "
            "sum to 1; the context is the mean of the values by these"
        ),
        **fields,
    )
