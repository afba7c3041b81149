"""How much of a model a picture draws: on a small canvas fewer of many equal things, and fewer words."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The numbers are the most that are all drawn; of more, some stand for all, and a mark counts the others.

    A view reads what concerns it. Its row in the table of views holds those it can be drawn in, the richest first: the
    first that fits on the canvas is drawn.
    """

    width: float = inf  # the room for the picture, points: what is wider wraps or stacks
    height: float = inf
    units: int = 4
    features: int = 6
    steps: int = 6
    words: bool = True  # beside the parts, on what they do
    tight: bool = False  # distances no larger than they have to be
    equations: bool = True  # under the picture of a unit
    flat: bool = False  # parts in as few rows as can be
    upright: bool = False  # one part above the other, where they would stand side by side


WHOLE = Detail()
