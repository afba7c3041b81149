"""The states of a recurrent layer: on straight rails from step to step, from zero to what becomes of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from lstmdiag.diagrams import Node, Text
from lstmdiag.diagrams.sheet import fitted
from lstmdiag.diagrams.text import measure
from lstmdiag.views.time import wires
from lstmdiag.views.time.axes import Column
from lstmdiag.views.time.facts import WORDS
from lstmdiag.views.time.labels import before_first, lines, symbol
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.signals import skipped
from lstmdiag.views.time.wires import Picture, size

TIGHT = (10.0, 4.0)  # padding of the initial states, one box over the other
OFF = 14.5  # from a rail to the middle of its label
CUT = 9.0  # from a rail to the scissors on it
PRIVATE, PUBLIC = ("slab", OFF), ("box", -OFF)  # shape of a state's boxes; how far its labels stand above its rail
ABOVE = 34.0  # from a lane up to where its h ends


class _Rail:
    """One state of a layer: where its rail runs, at height `y`, and how it is drawn."""

    def __init__(self, picture: Picture, lane: Lane, state: str, y: float) -> None:
        self.picture, self.lane, self.state, self.y = picture, lane, state, y
        self.axis, self.nodes, self.shape = picture.axis(lane), picture.nodes[lane.index, ""], lane.states[state]
        self.private = state != lane.public
        self.role = lane.role(state)
        self.box, self.off = PRIVATE if self.private else PUBLIC
        self.ahead = lane.ahead
        self.columns = self.axis.columns[:: self.ahead]  # in the order in which they are read
        self.first = self.nodes[self.columns[0].key]
        self.skipped = skipped(lane, self.axis)  # where a mask lets the state pass unchanged
        self.room = picture.grid.rooms[lane.axis]  # for wires at the left of each column
        self.room_before, self.room_behind = (self.room, 0.0)[:: self.ahead]  # on the way into a node, and out of it
        self.facts: dict[str, Any] = {"symbol": state, "layer": lane.layer_name}

    def enters(self, node: Node, gap: float = 0) -> float:
        """The x so far before the side at which the rail enters a node."""
        return node.x - self.ahead * (node.width / 2 + gap)

    def leaves(self, node: Node, gap: float = 0) -> float:
        """The x so far behind the side at which it leaves."""
        return node.x + self.ahead * (node.width / 2 + gap)

    def between(self, tail: Node, head: Node) -> float:
        """The middle of the free piece of the rail, beside the wires at the left of a column."""
        return (self.leaves(tail) + self.enters(head) - self.room) / 2

    def edge(self, tail: Node, head: Node, step: int | None, label: Text = (), **facts: Any) -> None:
        """A piece of the rail, from one node to the next."""
        at = (self.between(tail, head), self.y + self.off)
        self._piece(tail, head, f"to-{head.id}", self.leaves(tail), self.enters(head), step=step,
                    label=label, label_at=at if label else None, **facts)  # fmt: skip

    def through(self, node: Node, step: int | None) -> None:
        """Straight through a node."""
        self._piece(node, node, "through", self.enters(node), self.leaves(node), step=step, arrow=False)

    def _piece(self, tail: Node, head: Node, id: str, start: float, end: float, **facts: Any) -> None:
        self.picture.sheet.edge(
            tail, head, self.role, id=f"{tail.id}-{self.state}-{id}", start=(start, self.y), end=(end, self.y),
            since=max(tail.since, head.since), shape=self.shape, count=size(self.shape), **self.facts, **facts,
        )  # fmt: skip


def _rails(picture: Picture, lane: Lane) -> list[_Rail]:
    return [_Rail(picture, lane, state, y) for state, y in picture.grid.rails(lane).items()]


def rails(picture: Picture, lane: Lane) -> None:
    """Every state's rail, from what it begins with through every step."""
    for rail in _rails(picture, lane):
        _begin(rail)
        _run(rail)


def _begin(rail: _Rail) -> None:
    """What the state begins with: a box of its own, or in words beside the wire from what is given."""
    sheet, label = rail.picture.sheet, rail.picture.labels.begin(rail.lane, rail.state)
    entry = rail.picture.grid.spacing.entry
    id, facts = f"layer-{rail.lane.index}-{rail.state}0", rail.facts | {"step": 0, "since": rail.first.since}
    if rail.state in rail.picture.routing(rail.lane).starts:
        wires.start(rail.picture, rail.lane, rail.state, rail.first, rail.role, rail.y)
        if label:
            x = rail.enters(rail.first, entry / 2 + measure(label)[0] / 2 + rail.room_before)
            sheet.note(id, label, x, rail.y + rail.off, role=rail.role, **facts)
        return
    x = rail.enters(rail.first, entry + fitted(label, rail.box)[0] / 2 + rail.room_before)
    zero = sheet.node(id, label, rail.role, x, rail.y, shape=rail.box, padding=TIGHT, **facts)
    rail.edge(zero, rail.first, 0)


def _run(rail: _Rail) -> None:
    """From node to node, and straight through padded ones."""
    symbol_before = before_first(rail.lane, rail.axis)
    for column, following in pairwise(rail.columns):
        _pass(rail, column)
        if column != rail.skipped:
            symbol_before = column.symbol if rail.ahead > 0 else rail.axis.first_of(column)
        tail, head = rail.nodes[column.key], rail.nodes[following.key]
        label = _label(rail, column, symbol_before) if rail.axis.labels(column) else ()
        rail.edge(tail, head, column.step, label=label)
        if label and rail.lane.option("recurrent_dropout") and not rail.private:
            rail.picture.scissors(
                f"{tail.id}-cut", rail.between(tail, head), rail.y + CUT, head.since, rail.lane.layer_name
            )
    _pass(rail, rail.columns[-1])


def _label(rail: _Rail, column: Column, step: str) -> Text:
    """The state after a column: from the right, after the first of the steps that a gap leaves out."""
    at = int(step) if column.gap and rail.ahead < 0 else column.step
    number = rail.picture.labels.numbers.state(rail.lane, rail.state, at)
    return rail.picture.labels.rail(rail.lane, rail.state, step, rail.shape, number)


def _pass(rail: _Rail, column: Column) -> None:
    """Through the node of a padded step."""
    if column != rail.skipped:
        return
    node = rail.nodes[column.key]
    rail.through(node, column.step)
    if not rail.private:
        y = rail.y + (rail.picture.grid.spacing.rail / 2 if len(rail.lane.states) > 1 else OFF)
        label = lines(WORDS.say("pad"), "small")
        rail.picture.sheet.note(
            f"{node.id}-pad", label, node.x, y, inside=node.id, since=node.since, layer=rail.lane.layer_name
        )


def finals(picture: Picture, lane: Lane) -> None:
    """The states that are left over after the last step, and in words what becomes of them."""
    nodes = [_final(rail) for rail in _rails(picture, lane) if rail.state in picture.grid.finals(lane)]
    words = picture.labels.final_note(lane)
    if not nodes or not words:
        return
    of = next((node for node in nodes if node.mark), nodes[0])
    wide, high = measure(words)
    x, y = of.x, of.y - 18 - high / 2
    if lane.note_beside:
        x, y = of.x + (of.width / 2 + 6 + wide / 2) * lane.ahead, of.y
    picture.sheet.note(f"layer-{lane.index}-fate", words, x, y, since=of.since, layer=lane.layer_name)


def _final(rail: _Rail) -> Node:
    lane, picture = rail.lane, rail.picture
    column = rail.columns[-1]
    last = rail.nodes[column.key]
    label = picture.labels.final(lane, rail.state)
    space = picture.grid.spacing
    width = max(fitted(label, rail.box)[0] + 6, space.final)
    mark = "" if lane.returns(rail.state) else "unreturned"
    x = rail.leaves(last, space.leave + width / 2 + rail.room_behind)
    final = picture.sheet.node(
        f"layer-{lane.index}-{rail.state}-final", label, rail.role, x, rail.y, width=width, padding=space.ends,
        shape="round" if rail.private and mark else rail.box,  # one dotted outline, not the slab's two
        step=column.step, mark=mark, since=last.since, **rail.facts,
    )  # fmt: skip
    rail.edge(last, final, column.step, mark=mark)
    picture.nodes[lane.index, rail.state] = {"": final}
    return final


def stubs(picture: Picture, lane: Lane) -> None:
    """h of every step but the last: computed, not returned."""
    axis, shape, sheet = picture.axis(lane), lane.states[lane.public], picture.sheet
    y, role = picture.grid.band(lane)[3] + ABOVE, "state.public"
    drawn: list[Node] = []
    last = axis.columns[:: lane.ahead][-1]
    for column in axis.columns:
        if column.gap or column == last:
            continue
        node = picture.nodes[lane.index, ""][column.key]
        label = (symbol(lane.public, column.symbol, "small", lane.mark),)
        facts: dict[str, Any] = {
            "symbol": lane.public, "layer": lane.layer_name, "step": column.step, "since": node.since,
            "mark": "unreturned",
        }  # fmt: skip
        stub = sheet.node(f"{node.id}-{lane.public}", label, role, node.x, y, width=34, shape="circle", **facts)
        sheet.edge(node, stub, role, arrow=False, shape=shape, count=size(shape), **facts)
        drawn.append(stub)
    if drawn and picture.grid.spacing.stub_words:
        first, words = drawn[0], lines(WORDS.say("not_returned"), "muted")
        x, id = first.x + first.width / 2 + 6, f"layer-{lane.index}-stubs"
        sheet.note(id, words, x, first.y, anchor="left", layer=lane.layer_name, since=first.since)
