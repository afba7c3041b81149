"""LayerNormalization (Ba et al. 2016) and BatchNormalization (Ioffe & Szegedy 2015), as Keras 3 computes them.

A vector x lies along `axis`. At prediction BatchNormalization takes the mean and variance that training kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from pydantic import Field

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers.kind import NOT_THE_LAST, Flag, Keras, Kind, Options, Shape
from lstmdiag.layers.shapes import Axis, count, needs_features, place_of

Positive = Annotated[float, Field(strict=True, ge=0, le=1e30, allow_inf_nan=False)]

_VECTOR = ("features",)


class NormalizationOptions(Options):
    axis: Axis = Field(-1, description="The axis of the features; the batch is axis 0, -1 is the last.")
    epsilon: Positive = Field(0.001, description="Added to the variance, so that nothing is divided by 0.")
    center: Flag = Field(True, description="Whether beta is added.")
    scale: Flag = Field(True, description="Whether gamma is a factor.")
    beta_initializer: Keras = None
    gamma_initializer: Keras = None
    beta_regularizer: Keras = None
    gamma_regularizer: Keras = None
    beta_constraint: Keras = None
    gamma_constraint: Keras = None


class LayerNormalizationOptions(NormalizationOptions):
    axis: Axis = Field(-1, description="The axis that is normalized; the batch is axis 0, -1 is the last.")


class BatchNormalizationOptions(NormalizationOptions):
    momentum: Keras = None
    moving_mean_initializer: Keras = None
    moving_variance_initializer: Keras = None
    synchronized: Keras = None


@lru_cache(maxsize=64)
def _cell(name: str, shift: str, spread: str, epsilon: float, center: bool, scale: bool) -> Cell:
    """y = gamma * (x - shift) / sqrt(spread + epsilon) + beta."""
    factor, offset = "gamma * " if scale else "", " + beta" if center else ""
    made = {"d": f"x - {shift}", "y": f"{factor}d / sqrt({spread} + {epsilon!r}){offset}"}
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    used = {weight: _VECTOR for weight in names if any(weight in text for text in made.values())}
    return make_cell(name, made, {}, weights=used, output="y")


def layer_cell(options: LayerNormalizationOptions) -> Cell:
    return _cell("LayerNormalization", "mean(x)", "mean(d * d)", options.epsilon, options.center, options.scale)


def batch_cell(options: BatchNormalizationOptions) -> Cell:
    shift, spread = "moving_mean", "moving_variance"
    return _cell("BatchNormalization", shift, spread, options.epsilon, options.center, options.scale)


def output(options: NormalizationOptions, shape: Shape) -> Shape:
    place = place_of(options.axis, shape)
    needs_features(shape[: place + 1])
    return shape


def sizes(options: NormalizationOptions, shape: Shape) -> dict[str, int]:
    return {"features": needs_features(shape[: place_of(options.axis, shape) + 1])}


def uses(options: NormalizationOptions, *shapes: Shape) -> int | None:
    """Once for each vector along the axis."""
    place = place_of(options.axis, shapes[0])
    return count(shapes[0][:place] + shapes[0][place + 1 :])


LAYER = Kind(
    name="LayerNormalization",
    options=LayerNormalizationOptions,
    first="axis",
    summary="Gives each vector mean 0 and variance 1, then scales and shifts it by learned numbers.",
    output=output,
    cell=layer_cell,
    sizes=sizes,
    axis=lambda options: options.axis,
    uses=uses,
)

BATCH = Kind(
    name="BatchNormalization",
    options=BatchNormalizationOptions,
    first="axis",
    summary="Gives each feature mean 0 and variance 1 as seen in training, then scales and shifts it.",
    output=output,
    cell=batch_cell,
    sizes=sizes,
    axis=lambda options: options.axis,
    uses=uses,
    frozen=("moving_mean", "moving_variance"),
    over_batch=True,
    takes=NOT_THE_LAST,
)
