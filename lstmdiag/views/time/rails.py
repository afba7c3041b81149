"""The lane of a recurrent layer: its states on straight rails, from zero to what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from lstmdiag.diagrams import Node, Text
from lstmdiag.diagrams.sheet import fitted
from lstmdiag.diagrams.text import measure, muted, text
from lstmdiag.layers.kind import Shape
from lstmdiag.views.time import labels
from lstmdiag.views.time.axes import Axis
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.layout import ENTRY, RAIL
from lstmdiag.views.time.parts import Canvas, Facts, layer_name, node_id, numbers

TIGHT = (10.0, 4.0)  # padding of the initial states, one box over the other
OFF = 14.5  # from a rail to the middle of its label
ABOVE = 34.0  # from a lane up to where its h ends
FINAL = 44.0  # narrowest box of a final state
LEAVE = 26.0  # from the last node to what is left over


@dataclass(frozen=True)
class _Rail:
    """One state of a layer: where its rail runs and how it is drawn."""

    lane: Lane
    axis: Axis
    state: str
    shape: Shape
    y: float
    off: float  # to the middle of the labels

    @cached_property
    def private(self) -> bool:
        return self.state != self.lane.public

    @cached_property
    def role(self) -> str:
        return "state.private" if self.private else "state.public"

    @property
    def box(self) -> str:
        return "slab" if self.private else "box"

    @cached_property
    def facts(self) -> Facts:
        return {"symbol": self.state, "layer": layer_name(self.lane)}

    @cached_property
    def carries(self) -> Facts:
        return {**self.facts, "shape": self.shape, "count": numbers(self.shape)}


def rails(canvas: Canvas, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """Every state's rail; the public state lowest, the private ones above it."""
    axis = canvas.axis(lane)
    lowest = lane.y - (len(lane.states) - 1) / 2 * RAIL
    for level, (state, shape) in enumerate(lane.states.items()):
        rail = _Rail(lane, axis, state, shape, lowest + level * RAIL, OFF if level else -OFF)
        _run(canvas, rail, nodes)
    leftover = [state for state in lane.states if state != lane.public or lane.keeps_states]
    if leftover:
        _fate(canvas, lane, axis, nodes[axis.last.key], len(leftover))


def _run(canvas: Canvas, rail: _Rail, nodes: Mapping[str, Node]) -> None:
    columns = rail.axis.columns
    first, last = nodes[columns[0].key], nodes[columns[-1].key]
    label = labels.initial(rail.lane, rail.state)
    x = first.x - first.width / 2 - ENTRY - fitted(label, rail.box)[0] / 2
    id = f"{node_id(rail.lane)}-{rail.state}"
    facts: Facts = {"shape": rail.box, "padding": TIGHT, "step": 0, "since": first.since, **rail.facts}
    zero = canvas.sheet.node(f"{id}0", label, rail.role, x, rail.y, **facts)
    _piece(canvas, rail, zero, first, 0)
    for index, (column, following) in enumerate(pairwise(columns)):
        shown = labels.wire(rail.state, column.symbol, rail.shape, rail.lane.mark) if rail.axis.labels(index) else ()
        _piece(canvas, rail, nodes[column.key], nodes[following.key], column.step, shown)
    if rail.private or rail.lane.keeps_states:
        label = labels.symbol(rail.state, columns[-1].symbol, "small", rail.lane.mark)
        width = max(fitted(label, rail.box)[0] + 6, FINAL)
        mark = "" if rail.lane.keeps_states else "unreturned"
        shape = "round" if rail.private and mark else rail.box  # one dotted outline, not the slab's two
        final = canvas.sheet.node(
            f"{id}-final", label, rail.role, last.x + last.width / 2 + LEAVE + width / 2, rail.y, width=width,
            shape=shape, step=columns[-1].step, mark=mark, since=columns[-1].since, **rail.facts,
        )  # fmt: skip
        _piece(canvas, rail, last, final, columns[-1].step, mark=mark)


def _piece(
    canvas: Canvas, rail: _Rail, tail: Node, head: Node, step: int | None, label: Text = (), mark: str = ""
) -> None:
    start, end = (tail.x + tail.width / 2, rail.y), (head.x - head.width / 2, rail.y)
    at = ((start[0] + end[0]) / 2, rail.y + rail.off) if label else None
    canvas.sheet.edge(
        tail, head, rail.role, id=f"{tail.id}-{rail.state}-to-{head.id}", start=start, end=end, step=step,
        since=head.since, label=label, label_at=at, mark=mark, **rail.carries,
    )  # fmt: skip


def _fate(canvas: Canvas, lane: Lane, axis: Axis, last: Node, leftover: int) -> None:
    """In words, what becomes of the final states; under them, where the public rail has ended."""
    words = text(*map(muted, labels.fate(lane)))
    height = measure(words)[1]
    lowest = lane.y - (len(lane.states) - 1) / 2 * RAIL + (len(lane.states) - leftover) * RAIL
    x = last.x + last.width / 2 + LEAVE + FINAL / 2
    y = lowest - 18 - height / 2
    canvas.sheet.note(f"{node_id(lane)}-fate", words, x, y, since=axis.last.since, layer=layer_name(lane))


def stubs(canvas: Canvas, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """h of every step but the last: computed, not returned."""
    axis, shape = canvas.axis(lane), lane.states[lane.public]
    facts: Facts = {"symbol": lane.public, "layer": layer_name(lane), "mark": "unreturned"}
    drawn: list[Node] = []
    for column in axis.columns[:-1]:
        if column.gap:
            continue
        node = nodes[column.key]
        at: Facts = {"step": column.step, "since": column.since}
        label = labels.symbol(lane.public, column.symbol, "small", lane.mark)
        stub = canvas.sheet.node(
            f"{node.id}-{lane.public}", label, "state.public", node.x, lane.y + lane.height / 2 + ABOVE,
            width=34, shape="circle", **at, **facts,
        )  # fmt: skip
        canvas.sheet.edge(node, stub, "state.public", arrow=False, shape=shape, count=numbers(shape), **at, **facts)
        drawn.append(stub)
    if drawn:
        words = text(*map(muted, labels.UNRETURNED))
        beside = drawn[0].x + drawn[0].width / 2 + 6
        id = f"{node_id(lane)}-stubs"
        canvas.sheet.note(id, words, beside, drawn[0].y, anchor="left", layer=layer_name(lane), since=drawn[0].since)
