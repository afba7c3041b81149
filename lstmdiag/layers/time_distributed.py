"""TimeDistributed: another layer, applied to every step with the same weights."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lstmdiag.layers.kind import Kind, MaskRule, Options, Shape, ShapeMisfit


class TimeDistributedOptions(Options):
    layer: Any = Field(description="The layer applied at every step.")


def inside(options: TimeDistributedOptions, shape: Shape) -> Shape:
    """(steps, ...) → the shape of one step."""
    if len(shape) < 2:
        raise ShapeMisfit("needs a sequence (steps, features)")
    return shape[1:]


def output(options: TimeDistributedOptions, shape: Shape, each: Shape) -> Shape:
    return (shape[0], *each)


KIND = Kind(
    name="TimeDistributed",
    options=TimeDistributedOptions,
    first="layer",
    summary="Applies one layer to every step, with the same weights.",
    output=output,
    wraps=True,
    inside=inside,
    takes=MaskRule("a mask that tells of steps", lambda x, mask: len(mask) > 0),
    as_tag=False,
)
