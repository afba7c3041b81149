"""Add, Subtract and Average: sums of inputs, number by number."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add, sub
from typing import TYPE_CHECKING

from lstmdiag.layers.kind import Options, Shape
from lstmdiag.layers.merge import merging, of_one_rank, work
from lstmdiag.layers.work import Work

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array, Arrays, Masks, Weights


def added(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """The sum, number by number; an axis of size 1 fits any size."""
    return reduce(add, of_one_rank(inputs))


def subtracted(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """The first less the second, number by number."""
    return reduce(sub, of_one_rank(inputs))


def averaged(options: Options, weights: Weights, inputs: Arrays, masks: Masks) -> Array:
    """The sum divided by the number of inputs."""
    return added(options, weights, inputs, masks) / len(inputs)


def work_of_mean(options: Options, *shapes: Shape) -> Work:
    """As many operations as it has inputs: the sum, and a division."""
    return replace(work(options, *shapes), others={("features",): len(shapes) - 1})


ADD = merging("Add", "Adds its inputs, number by number.", added)
SUBTRACT = merging(
    "Subtract", "Takes the second input from the first, number by number.", subtracted,
    inputs=(2, 2), any_order=False, input_names=("from this", "subtract this"),
)  # fmt: skip
AVERAGE = merging("Average", "The mean of its inputs, number by number.", averaged, work=work_of_mean)
