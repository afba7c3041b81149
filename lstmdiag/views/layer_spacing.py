"""How far apart things stand in the picture of a layer, in points: with room, and where there is little."""

from __future__ import annotations

from dataclasses import dataclass

from lstmdiag.diagrams.sheet import PADDING

SQUARE = 38.0  # an input, at least


@dataclass(frozen=True, slots=True)
class Spacing:
    margin: float  # from the texts on the left to the drawing
    boxes: float
    inputs: float
    groups: float
    rise: float  # from a unit to its output
    projected: float  # to outputs that read every unit
    air: float  # around the words in a circle
    words: float  # under an input, to its words
    pad: float  # beside the words in a box
    bias: float  # its width


ROOMY = Spacing(
    margin=44, boxes=36, inputs=16, groups=52, rise=46, projected=110, air=8, words=8, pad=PADDING[0], bias=SQUARE
)
TIGHT = Spacing(margin=20, boxes=10, inputs=3, groups=6, rise=18, projected=34, air=0, words=4, pad=3, bias=24)
