"""Distances in the picture of a cell: with much room, with little, and where it runs from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lstmdiag.diagrams import Point, Text
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.text import measure
from lstmdiag.views.circuit import Circuit
from lstmdiag.views.placing import Spacing

GATE = (118.0, 58.0)  # the least size of a gate's box
BETWEEN = 32.0  # two gates
UPRIGHT = (84.0, 46.0)  # of one in a row of its own
GAP, ROW, FIRST = 15.0, 112.0, 18.0  # there: between two parts; between two rows; from the bus to a gate
PEEPHOLE_ROOM = 42.0


@dataclass(frozen=True, slots=True)
class Ahead:
    """Distances before the gates: along the way of time, and across it."""

    stack: float = 136.0  # from the middle of the first gate to where x and h_prev are stacked
    states: float = 170.0  # from there to where the states begin
    x: float = 110.0  # and to where x begins, where h_prev comes from its rail
    down: float = 44.0  # from the beginning of the states to where h leaves its rail for the line under the gates
    x_line: float = 42.0  # where x has a line of its own, this far below h's
    x_end: float = 130.0  # and begins so far below it
    h_end: float = 0.0  # where h begins, over that line


LEVEL, CLOSE = Ahead(), Ahead(stack=112, states=96, x=70, down=34, x_line=26, x_end=60)
DOWNWARDS = Ahead(stack=104, states=124, x=50, down=34, x_line=16, x_end=30, h_end=24)


def ahead_for(detail: Detail) -> Ahead:
    """By where the picture runs, and how much room there is."""
    return DOWNWARDS if detail.upright else CLOSE if detail.tight else LEVEL


def largest(labels: Iterable[Text], least: Point) -> Point:
    """Width and height of the boxes of all gates."""
    sizes = [measure(label) for label in labels]
    return max([least[0], *(width + 20 for width, _ in sizes)]), max([least[1], *(high + 8 for _, high in sizes)])


def spacing_for(shown: Circuit, size: Point, detail: Detail) -> Spacing:
    if detail.upright:
        half, gap = size[0] / 2, GAP + PEEPHOLE_ROOM * any(affine.own for affine in shown.sums.values())
        return Spacing(
            column=max(size[1] + GAP, ROW), gates=FIRST + half, first=half + gap + 20, level=GAP + 40, rail=42,
            over_gates=(half + gap / 2, half + gap / 2), under_rails=(20 + GAP / 2, 20 + GAP / 2), flat=True,
        )  # fmt: skip
    column = max(size[0], shown.widest + 30)
    if detail.tight:
        return Spacing(
            column=column + 14,
            gates=30 + size[1],
            level=66,
            rail=54,
            flat=detail.flat,
            over_gates=(35, 38),
            under_rails=(34, 30),
        )
    return Spacing(column=column + BETWEEN)
