"""Activation: a function applied to every number, no weights."""

from __future__ import annotations

from pydantic import Field

from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers import kind
from lstmdiag.layers.kind import Kind, Options, Shape
from lstmdiag.layers.shapes import needs_features

CELL = make_cell("Activation", state={}, equations={"y": "activation(x)"}, output="y")


class ActivationOptions(Options):
    activation: kind.Activation = Field(description="The function applied.")


def cell(options: ActivationOptions) -> Cell:
    return CELL.bind({"activation": options.activation})


def output(options: ActivationOptions, shape: Shape) -> Shape:
    return shape


def sizes(options: ActivationOptions, shape: Shape) -> dict[str, int]:
    return {"features": needs_features(shape)}


KIND = Kind(
    as_tag=False,
    name="Activation",
    options=ActivationOptions,
    first="activation",
    summary="A function applied to every number.",
    output=output,
    cell=cell,
    function=lambda options: options.activation,
    sizes=sizes,
)
