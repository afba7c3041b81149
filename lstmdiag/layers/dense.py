"""Dense: one matrix product on the last axis, the same weights for every step it is given."""

from __future__ import annotations

from pydantic import Field

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers.kind import Activation, Flag, Keras, Kind, Options, Shape, Size
from lstmdiag.layers.shapes import needs_features

CELL = make_cell("Dense", state={}, equations={"y": "activation(W @ x + b)"}, output="y")


class DenseOptions(Options):
    units: Size = Field(description="How many numbers come out.")
    activation: Activation | None = Field("linear", description="The function on the result.")
    use_bias: Flag = Field(True, description="Whether b is added.")
    kernel_initializer: Keras = None
    bias_initializer: Keras = None
    kernel_regularizer: Keras = None
    bias_regularizer: Keras = None
    activity_regularizer: Keras = None
    kernel_constraint: Keras = None
    bias_constraint: Keras = None


def cell(options: DenseOptions) -> Cell:
    return CELL.bind({"activation": options.activation or "linear"}, use_bias=options.use_bias)


def output(options: DenseOptions, shape: Shape) -> Shape:
    needs_features(shape)
    return (*shape[:-1], options.units)


def sizes(options: DenseOptions, shape: Shape) -> dict[str, int]:
    return {"units": options.units, "features": needs_features(shape)}


KIND = Kind(
    as_tag=False,
    name="Dense",
    options=DenseOptions,
    first="units",
    summary="A fully connected layer: every input reaches every output.",
    output=output,
    cell=cell,
    function=lambda options: options.activation or "linear",
    sizes=sizes,
)
