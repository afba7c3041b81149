"""Distances of the unrolled picture, in points: where there is room, and where there is little."""

from __future__ import annotations

from dataclasses import dataclass

from lstmdiag.diagrams import Point
from lstmdiag.diagrams.detail import Detail


@dataclass(frozen=True, slots=True)
class Spacing:
    """What differs between a picture with room and a tight one."""

    margin: float = 274.0  # for the words on the left, at least
    node: float = 84.0  # narrowest box of a layer
    rail: float = 36.0  # between the state rails of one lane
    pad: float = 18.0  # from the outer rail to the border of its node
    under: float = 32.0  # below the last node, for what becomes of its states
    wire: float = 62.0  # shortest piece of rail between two nodes
    entry: float = 28.0  # from an initial state to the first node
    rise: float = 46.0  # between two lanes
    stub: float = 82.0  # the same, where h ends in between
    cross: float = 110.0  # the same, where the order of the steps is turned round
    stub_words: float = 110.0  # from a column to the right end of the words beside an h that is not returned
    leave: float = 26.0  # from the last node to what is left over
    final: float = 44.0  # narrowest box of a final state
    ends: Point = (10.0, 6.0)  # from a final state to its border
    plain: float = 48.0  # height of a box without states
    along: float = 16.0  # between two nodes beside what their rail carries
    inside: float = 20.0  # from the name of a layer to both sides of its box
    name: float = 110.0  # room for a line of that name
    shapes: bool = True  # whether wires tell the shapes of what they carry, and final states what becomes of them
    bare: bool = False  # whether lanes have their names in their boxes alone, in small print, and rails their letter


ROOMY = Spacing()
UNWORDED = Spacing(margin=0.0)
TIGHT = Spacing(
    margin=0.0, node=56.0, rail=32.0, pad=13.0, under=22.0, wire=22.0, entry=14.0, rise=26.0, stub=62.0, cross=80.0,
    stub_words=0.0, leave=14.0, final=30.0, ends=(8.0, 2.0), plain=34.0, shapes=False,
)  # fmt: skip
BARE = Spacing(
    margin=0.0, node=36.0, rail=32.0, pad=13.0, under=22.0, wire=16.0, entry=8.0, rise=26.0, stub=62.0, cross=80.0,
    stub_words=0.0, leave=12.0, final=28.0, ends=(8.0, 2.0), plain=34.0, shapes=False, along=6.0, inside=6.0,
    name=72.0, bare=True,
)  # fmt: skip
TITLED = 500.0  # narrower pictures have the names of lanes in their boxes alone


def spacing_of(detail: Detail) -> Spacing:
    """The spacing of a picture in this detail."""
    if detail.tight:
        return TIGHT if detail.width > TITLED else BARE
    return ROOMY if detail.words else UNWORDED
