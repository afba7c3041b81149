"""What wires must keep to in a placed picture: they cross no node, and their labels cover nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from lstmdiag.diagrams import Diagram, Node, Point, Text
from lstmdiag.diagrams.text import measure

Box = tuple[float, float, float, float]  # left, bottom, right, top

CLEAR = 0.5  # points by which two boxes may meet and still count as apart


def tangles(diagram: Diagram) -> list[str]:
    """Every wire that runs through a node or appears before its tail, every label in the way of something."""
    return [*_crossings(diagram), *_covered(diagram), *_early(diagram)]


def _crossings(diagram: Diagram) -> Iterator[str]:
    boxes = [(node.id, box(node)) for node in diagram.nodes if node.shape != "point"]
    for edge in diagram.edges:
        others = [(id, room) for id, room in boxes if id not in (edge.tail, edge.head)]
        for start, end in pairwise(edge.points):
            for id, room in others:
                if crosses(start, end, room):
                    yield f"{edge.id} runs through {id}"


def _covered(diagram: Diagram) -> Iterator[str]:
    labels = [(edge.id, around(edge.label_at, edge.label)) for edge in diagram.edges if edge.label and edge.label_at]
    boxes = [(node.id, box(node)) for node in diagram.nodes]
    pairs = [*combinations(labels, 2), *((label, node) for label in labels for node in boxes)]
    yield from (f"the label of {one} covers {other}" for (one, a), (other, b) in pairs if overlap(a, b))


def _early(diagram: Diagram) -> Iterator[str]:
    since = {node.id: node.since for node in diagram.nodes}
    for edge in diagram.edges:
        if edge.since < max(since[edge.tail], since[edge.head]):
            yield f"{edge.id} appears before one of its ends"


def box(node: Node) -> Box:
    return node.x - node.width / 2, node.y - node.height / 2, node.x + node.width / 2, node.y + node.height / 2


def around(point: Point, label: Text) -> Box:
    wide, high = measure(label)
    return point[0] - wide / 2, point[1] - high / 2, point[0] + wide / 2, point[1] + high / 2


def overlap(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > CLEAR and min(a[3], b[3]) - max(a[1], b[1]) > CLEAR


def crosses(start: Point, end: Point, room: Box) -> bool:
    """Whether a straight line runs through the inside of a box (Liang and Barsky's clipping)."""
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        move = end[axis] - start[axis]
        low, high = room[axis] + CLEAR - start[axis], room[axis + 2] - CLEAR - start[axis]
        if move == 0:
            if low > 0 or high < 0:
                return False
            continue
        near, far = sorted((low / move, high / move))
        enter, leave = max(enter, near), min(leave, far)
    return enter < leave
