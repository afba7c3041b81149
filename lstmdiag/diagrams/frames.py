"""The build-up of a picture: one Diagram per state, all with the same geometry, so that slides can flip through."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from lstmdiag.diagrams import Diagram, Edge, Group, Node, Run
from lstmdiag.diagrams.text import measure

Part = TypeVar("Part", Node, Edge, Group)


def frames(diagram: Diagram) -> tuple[Diagram, ...]:
    """What is drawn state by state: parts not yet reached are faded, those just reached are heavier.

    In a framed diagram the title says which state it is. The last frame is the whole picture.
    """
    last = len(diagram.states) - 1
    return tuple(_frame(diagram, state, last) for state in range(last + 1))


def with_numbers_until(diagram: Diagram, state: int) -> Diagram:
    """The same picture without the numbers of what comes after a state; a wire's are known where it begins."""
    since = {node.id: node.since for node in diagram.nodes}

    def kept(part: Part) -> Part:
        known = since[part.tail] if isinstance(part, Edge) else part.since
        if known <= state or not any(run.number for line in part.label for run in line):
            return part
        label = tuple(tuple(run for run in line if not run.number) for line in part.label)  # as many lines: none moves
        if isinstance(part, Edge) and part.label_at and part.points[0][0] == part.points[1][0]:
            x, y = part.label_at  # the label of a wire upwards begins beside it
            return replace(part, label=label, label_at=(x - (measure(part.label)[0] - measure(label)[0]) / 2, y))
        return replace(part, label=label)

    return replace(diagram, nodes=tuple(map(kept, diagram.nodes)), edges=tuple(map(kept, diagram.edges)))


def _frame(diagram: Diagram, state: int, last: int) -> Diagram:
    diagram = with_numbers_until(diagram, state)

    def seen(part: Part) -> Part:
        if part.since > state:
            return replace(part, mark="faded")
        if 0 < part.since == state < last and not part.mark:
            return replace(part, mark="focus")
        return part

    nodes = tuple(seen(node) for node in diagram.nodes)
    if last:
        nodes = tuple(_told(node, diagram, state) for node in nodes)
    return replace(
        diagram,
        title=f"{diagram.title}: {diagram.states[state]}" if last else diagram.title,
        nodes=nodes,
        edges=tuple(seen(edge) for edge in diagram.edges),
        groups=tuple(seen(group) for group in diagram.groups),
    )


def _told(node: Node, diagram: Diagram, state: int) -> Node:
    """The frame's title node with the name of the state under the title, in room kept for the longest name."""
    if node.id != "frame-title":
        return node
    numbered = enumerate(diagram.states, 1)
    names = [(Run(f"{number} of {len(diagram.states)}: {name}", "small"),) for number, name in numbered]
    sizes = [measure((*node.label, name)) for name in names]
    width, height = max(size[0] for size in sizes), sizes[0][1]
    left, bottom = node.x - node.width / 2, node.y - node.height / 2
    label = (*node.label, names[state])
    return replace(node, label=label, width=width, height=height, x=left + width / 2, y=bottom + height / 2)
