"""Embedding: a table with one row per token; y = E[x], row x of it. No product is computed.

Weights as in Keras 3 (`keras.layers.Embedding`) and PyTorch: E has one row for each of `input_dim` tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from lstmdiag.cells.cell import Dims
from lstmdiag.layers.kind import Flag, Keras, Kind, Mask, Options, Shape, Size, ValueMisfit
from lstmdiag.layers.shapes import count

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


class EmbeddingOptions(Options):
    input_dim: Size = Field(description="How many tokens there are: the largest one and 1 more.")
    output_dim: Size = Field(description="How many numbers stand for a token.")
    mask_zero: Flag = Field(False, description="Whether token 0 is padding, which layers behind it leave out.")
    embeddings_initializer: Keras = None
    embeddings_regularizer: Keras = None
    embeddings_constraint: Keras = None
    weights: Keras = None
    input_length: Keras = None  # Keras 2's


def output(options: EmbeddingOptions, shape: Shape) -> Shape:
    """(steps,) → (steps, output_dim); tokens may have any shape."""
    return (*shape, options.output_dim)


def sizes(options: EmbeddingOptions, shape: Shape) -> dict[str, int]:
    return {"input_dim": options.input_dim, "output_dim": options.output_dim}


def weights(options: EmbeddingOptions) -> dict[str, Dims]:
    return {"E": ("input_dim", "output_dim")}


def uses(options: EmbeddingOptions, *shapes: Shape) -> int | None:
    """Once per token."""
    return count(shapes[0])


def mask(options: EmbeddingOptions) -> Mask:
    return "makes" if options.mask_zero else "ends"


def numbers(options: EmbeddingOptions, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """Rows of E. Raises ValueMisfit for a token that has none."""
    import numpy as np

    table, tokens = weights["E"], inputs[0].astype(int)
    beyond = np.argwhere((tokens < 0) | (tokens >= len(table)) | (tokens != inputs[0]))
    if len(beyond):
        sample, *at = (int(n) + 1 for n in beyond[0])
        where = f"step {at[0]}" if len(at) == 1 else f"place {tuple(at)}"
        raise ValueMisfit(f"knows the tokens 0 to {len(table) - 1:,}, found {inputs[0][tuple(beyond[0])]:,} "
                          f"at {where} of sample {sample}")  # fmt: skip
    return table[tokens]


def counting(options: EmbeddingOptions, inputs: Arrays) -> Array:
    """Where a token counts."""
    return inputs[0] != 0


KIND = Kind(
    name="Embedding",
    options=EmbeddingOptions,
    first="input_dim",
    summary="Looks up a vector for each token in a table that is learned.",
    sentence="turns each token into {last:number}",
    padding=lambda options: "token 0",
    output=output,
    aligned="first",
    sizes=sizes,
    weights=weights,
    uses=uses,
    mask=mask,
    counting=counting,
    padding_value=lambda options: 0,
    numbers=numbers,
    tokens=lambda options: int(options.input_dim),
    each_step="looks up one row of E per token",
)
