"""The lane of a recurrent layer: its states on straight rails, from zero to what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from lstmdiag.diagrams import Node, Text
from lstmdiag.diagrams.sheet import fitted
from lstmdiag.diagrams.text import measure
from lstmdiag.layers.kind import Shape
from lstmdiag.views.time import labels, wires
from lstmdiag.views.time.axes import Axis, Column
from lstmdiag.views.time.lanes import Lane, Source
from lstmdiag.views.time.layout import ENTRY, FINAL, LEAVE, LEVEL, RAIL
from lstmdiag.views.time.parts import Canvas, Facts, Flow, layer_name, node_id, numbers

TIGHT = (10.0, 4.0)  # padding of the initial states, one box over the other
OFF = 14.5  # from a rail to the middle of its label
CUT = 9.0  # from a rail to the scissors on it
ABOVE = 34.0  # from a lane up to where its h ends


@dataclass(frozen=True)
class _Rail:
    """One state of a layer: where its rail runs and how it is drawn."""

    lane: Lane
    axis: Axis
    state: str
    shape: Shape
    y: float
    off: float  # to the middle of the labels
    beside: float  # room for wires at the left of each column

    @cached_property
    def private(self) -> bool:
        return self.state != self.lane.public

    @cached_property
    def role(self) -> str:
        return "state.private" if self.private else "state.public"

    @property
    def box(self) -> str:
        return "slab" if self.private else "box"

    @property
    def ahead(self) -> int:
        """1: time runs right; -1: the layer reads from the right."""
        return -1 if self.lane.leftwards else 1

    @property
    def columns(self) -> tuple[Column, ...]:
        """In the order in which they are read."""
        return self.axis.columns[:: self.ahead]

    @cached_property
    def facts(self) -> Facts:
        return {"symbol": self.state, "layer": layer_name(self.lane)}

    @cached_property
    def carries(self) -> Facts:
        return {**self.facts, "shape": self.shape, "count": numbers(self.shape)}


def _rails(canvas: Canvas, lane: Lane) -> list[_Rail]:
    """The public state lowest, the private ones above it."""
    axis, lowest = canvas.axis(lane), lane.y - (len(lane.states) - 1) / 2 * RAIL
    return [
        _Rail(lane, axis, state, shape, lowest + level * RAIL, OFF if level else -OFF, canvas.beside(lane.axis))
        for level, (state, shape) in enumerate(lane.states.items())
    ]


def rails(canvas: Canvas, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """Every state's rail, from what it begins with through every step."""
    starts = {source.start: source for source in lane.starts}
    for rail in _rails(canvas, lane):
        first = nodes[rail.columns[0].key]
        if rail.state in starts:
            wires.start(canvas, lane, starts[rail.state], first, rail.role, rail.y)
            _begun(canvas, rail, starts[rail.state], first)
        else:
            _zero(canvas, rail, first)
        _run(canvas, rail, nodes)


def _zero(canvas: Canvas, rail: _Rail, first: Node) -> None:
    label = labels.initial(rail.lane, rail.state, rail.axis)
    away = first.width / 2 + ENTRY + fitted(label, rail.box)[0] / 2 + (rail.beside if rail.ahead > 0 else 0)
    facts: Facts = {"shape": rail.box, "padding": TIGHT, "step": 0, "since": first.since, **rail.facts}
    id = f"{node_id(rail.lane)}-{rail.state}0"
    zero = canvas.sheet.node(id, label, rail.role, first.x - rail.ahead * away, rail.y, **facts)
    _piece(canvas, rail, zero, first, 0)


def _begun(canvas: Canvas, rail: _Rail, source: Source, first: Node) -> None:
    """What a state is called that begins with another's value, and whose that is."""
    label = labels.begun(rail.lane, source, canvas.plan.lanes, canvas.plan.axes)
    away = first.width / 2 + ENTRY / 2 + measure(label)[0] / 2 + (rail.beside if rail.ahead > 0 else 0)
    facts: Facts = {"since": first.since, "step": 0, "role": rail.role, **rail.facts}
    id = f"{node_id(rail.lane)}-{rail.state}0"
    canvas.sheet.note(id, label, first.x - rail.ahead * away, rail.y + rail.off, **facts)


def _run(canvas: Canvas, rail: _Rail, nodes: Mapping[str, Node]) -> None:
    lane, symbol = rail.lane, labels.before_first(rail.lane, rail.axis)
    cut = lane.option("recurrent_dropout") and not rail.private
    for index, (column, following) in enumerate(pairwise(rail.columns)):
        skipped = _through(canvas, rail, nodes, column)
        place = index if rail.ahead > 0 else len(rail.columns) - 1 - index
        symbol = symbol if skipped else column.symbol if rail.ahead > 0 else rail.axis.first_of(place)
        told = column if rail.ahead > 0 or not column.gap else replace(column, step=int(symbol))
        number = canvas.state(lane, rail.state, told)
        shown = labels.wire(rail.state, symbol, rail.shape, lane.mark, number) if rail.axis.labels(place) else ()
        tail, head = nodes[column.key], nodes[following.key]
        _piece(canvas, rail, tail, head, column.step, shown)
        if cut and shown:
            x = (tail.x + tail.width / 2 * rail.ahead + head.x - head.width / 2 * rail.ahead - rail.beside) / 2
            canvas.scissors(f"{tail.id}-cut", x, rail.y + CUT, head.since, layer_name(lane))
    _through(canvas, rail, nodes, rail.columns[-1])


def _through(canvas: Canvas, rail: _Rail, nodes: Mapping[str, Node], column: Column) -> bool:
    """Straight through a padded step; whether it is one."""
    if not (column.pad and rail.lane.masked):
        return False
    node = nodes[column.key]
    before, behind = ((node.x + side * rail.ahead * node.width / 2, rail.y) for side in (-1, 1))
    canvas.sheet.edge(
        node, node, rail.role, id=f"{node.id}-{rail.state}-through", step=column.step, since=node.since, arrow=False,
        start=before, end=behind, **rail.carries,
    )  # fmt: skip
    if not rail.private:
        y = rail.y + (RAIL / 2 if len(rail.lane.states) > 1 else OFF)
        facts: Facts = {"inside": node.id, "since": node.since, "layer": layer_name(rail.lane)}
        canvas.sheet.note(f"{node.id}-pad", labels.pad(), node.x, y, **facts)
    return True


def _piece(
    canvas: Canvas, rail: _Rail, tail: Node, head: Node, step: int | None, label: Text = (), mark: str = ""
) -> None:
    start, end = (tail.x + rail.ahead * tail.width / 2, rail.y), (head.x - rail.ahead * head.width / 2, rail.y)
    at = ((start[0] + end[0] - rail.beside) / 2, rail.y + rail.off) if label else None
    canvas.sheet.edge(
        tail, head, rail.role, id=f"{tail.id}-{rail.state}-to-{head.id}", start=start, end=end, step=step,
        since=max(tail.since, head.since), label=label, label_at=at, mark=mark, **rail.carries,
    )  # fmt: skip


def finals(canvas: Canvas, lane: Lane, nodes: Mapping[str, Node]) -> dict[str, Flow]:
    """The states that are left over after the last step, and in words what becomes of them."""
    flows: dict[str, Flow] = {}
    drawn: list[Node] = []
    for rail in _rails(canvas, lane):
        if rail.state not in lane.finals:
            continue
        column = rail.columns[-1]
        last = nodes[column.key]
        shown = rail.axis.real if column.pad and lane.masked else column
        label = labels.final(lane, rail.state, shown, canvas.state(lane, rail.state, shown))
        width = max(fitted(label, rail.box)[0] + 6, FINAL)
        mark = "" if lane.returns(rail.state) else "unreturned"
        away = last.width / 2 + LEAVE + width / 2 + (rail.beside if rail.ahead < 0 else 0)
        final = canvas.sheet.node(
            f"{node_id(lane)}-{rail.state}-final", label, rail.role, last.x + rail.ahead * away, rail.y, width=width,
            shape="round" if rail.private and mark else rail.box,  # one dotted outline, not the slab's two
            step=column.step, mark=mark, since=last.since, **rail.facts,
        )  # fmt: skip
        _piece(canvas, rail, last, final, column.step, mark=mark)
        drawn.append(final)
        side = 0.0
        if rail.state in lane.exits:
            side = (rail.axis.entry if lane.leftwards else rail.axis.exit) + LEVEL * lane.exits[rail.state]
        flows[rail.state] = Flow(
            lane, {"": final}, rail.state, rail.role, rail.shape, layer_name(lane), shown.symbol, lane.mark, side=side
        )
    words = labels.fate(lane)
    if drawn and words:
        under = next((node for node in drawn if node.mark), drawn[0])
        wide, high = measure(words)
        x, y = under.x, under.y - 18 - high / 2
        if lane.fate_beside:
            x, y = under.x + (under.width / 2 + 6 + wide / 2) * (-1 if lane.leftwards else 1), under.y
        canvas.sheet.note(f"{node_id(lane)}-fate", words, x, y, since=under.since, layer=layer_name(lane))
    return flows


def stubs(canvas: Canvas, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """h of every step but the last: computed, not returned."""
    axis, shape = canvas.axis(lane), lane.states[lane.public]
    facts: Facts = {"symbol": lane.public, "layer": layer_name(lane), "mark": "unreturned"}
    drawn: list[Node] = []
    for column in axis.columns[1:] if lane.leftwards else axis.columns[:-1]:
        if column.gap:
            continue
        node = nodes[column.key]
        at: Facts = {"step": column.step, "since": node.since}
        label = labels.symbol(lane.public, column.symbol, "small", lane.mark)
        stub = canvas.sheet.node(
            f"{node.id}-{lane.public}", label, "state.public", node.x, lane.y + lane.height / 2 + ABOVE,
            width=34, shape="circle", **at, **facts,
        )  # fmt: skip
        canvas.sheet.edge(node, stub, "state.public", arrow=False, shape=shape, count=numbers(shape), **at, **facts)
        drawn.append(stub)
    if drawn:
        beside = drawn[0].x + drawn[0].width / 2 + 6
        id = f"{node_id(lane)}-stubs"
        canvas.sheet.note(
            id, labels.unreturned(), beside, drawn[0].y, anchor="left", layer=layer_name(lane), since=drawn[0].since
        )
