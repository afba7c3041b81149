"""Where the cables of a layer run: from each input to a port of the unit in focus, and how high that unit stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lstmdiag.diagrams import Node, Point, lines
from lstmdiag.diagrams.boxes import Box

FAN, FAN_EACH = 150.0, 6.0  # height of the cables where there is room: at least, and more for each
LOW = 40.0  # where they begin, over the middle of the inputs
PORT_GAP, PORT_MARGIN = 22.0, 14.0  # between cables where they enter a unit; to its corners
CABLE, STRANDS = 15.0, 13.6  # across a cable, with air; without
STUB = 18.0  # the straight end of a cable
STEP = 4  # by which a lower place is looked for


def height(inputs: Sequence[Node], units: Box, middle: float, room: float) -> float:
    """How high over the inputs' middle the units begin, which are drawn around `middle`: at most as high as `room`.

    Where cables would not keep apart they begin higher than that.
    """
    roomy = LOW + FAN + FAN_EACH * len(inputs)
    if room >= roomy:
        return roomy
    parts = units.draw(middle, units.height / 2, "")
    unit = next(part for part in parts if isinstance(part, Node) and part.mark == "focus")
    for bottom in range(int(LOW + 2 * STUB), int(roomy), STEP):
        there = replace(unit, y=bottom + unit.height / 2)
        if all(lines.apart(a, b) > STRANDS for a, b in pairwise(ways(inputs, ports_of(there, len(inputs))))):
            return max(bottom, room)
    return roomy


def ports_of(box: Node, count: int) -> list[Point]:
    """Where so many wires enter a unit."""
    step = min(PORT_GAP, (box.width - 2 * PORT_MARGIN) / max(count - 1, 1))
    return [(box.x + step * (index - (count - 1) / 2), box.y - box.height / 2) for index in range(count)]


def ways(inputs: Sequence[Node], ports: Sequence[Point]) -> list[list[Point]]:
    """From each input to its port."""
    level = max((top(node)[1] for node in inputs), default=0.0) + STUB / 2  # all turn here, or they would cross
    turns = lines.turns([(node.x, level) for node in inputs], ports, STUB, CABLE)
    return [
        [top(tail), (tail.x, level), (port[0], turn), port]
        for tail, port, turn in zip(inputs, ports, turns, strict=True)
    ]


def top(node: Node) -> Point:
    return node.x, node.y + node.height / 2
