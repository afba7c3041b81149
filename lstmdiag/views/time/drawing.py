"""The unrolled picture on its grid, lane by lane from the bottom up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmdiag.diagrams import Node, Point
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import measure
from lstmdiag.views.letters import pill
from lstmdiag.views.time.axes import ALONE, Column
from lstmdiag.views.time.labels import head
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.layout import DIVIDER, EDGE, LEVEL, PILL, TITLE_LINE, Grid, pills
from lstmdiag.views.time.signals import skipped
from lstmdiag.views.time.states import finals, rails, stubs
from lstmdiag.views.time.wires import Picture, joints, since, size, wires

HEAD = 18.0  # from a lane down to the heads of the columns
FAN = -24.0  # the line that fans out, from the middle of its lane
COPIES = 16.0  # the copies, above it
END_WIDTH = 46.0  # narrowest box of the input and the output
RING = 6.0  # from the border of a node to the ring round it
HALF, HALF_DOWN = 22.0, 12.0  # the halves of what joins two directions: height, and how far below its middle


def draw(grid: Grid) -> Sheet:
    """Every lane, axis and wire."""
    picture = Picture(grid)
    for lane in grid.lanes:
        _band(picture, lane)
    for number in range(len(grid.axes)):
        _heads(picture, number)
    for lane in grid.lanes:
        {"repeat": _repeat, "recurrent": _recurrent}.get(lane.kind, _row)(picture, lane)
    for number, (at, edge) in enumerate(dict(joints(picture.sheet.edges.values())).items(), 1):
        facts: dict[str, Any] = {"symbol": edge.symbol, "layer": edge.layer, "since": edge.since}
        picture.sheet.node(f"joint-{number}", (), edge.role, *at, shape="point", **facts)
    return picture.sheet


def _band(picture: Picture, lane: Lane) -> None:
    """The ribbon behind a lane (one set of weights, however often it is used), its words and sizes."""
    grid, sheet, id = picture.grid, picture.sheet, f"lane-{lane.index}"
    if lane.weights:
        sheet.group(id, (), "weight", grid.band(lane), layer=lane.layer_name)
    facts: dict[str, Any] = {"layer": lane.layer_name}
    if not grid.titles[lane.index]:
        return
    words, y = grid.margins[lane.index], grid.ys[lane.index]
    top = y + measure(words)[1] / 2
    if words:
        sheet.note(f"{id}-words", words, EDGE, y - TITLE_LINE / 2, anchor="left", **facts)
    name = sheet.note(f"{id}-name", grid.titles[lane.index], EDGE, top, anchor="left", **facts)
    x = EDGE + name.width + PILL
    for letter, label, width in pills(lane):
        sheet.node(f"{id}-{letter}", label, "note", x + width / 2, top, shape="pill", symbol=letter, **facts)
        x += width + PILL


def _heads(picture: Picture, number: int) -> None:
    """t below every column and the axis's size before the first; before a second axis, a line."""
    grid, sheet, axis, span = picture.grid, picture.sheet, picture.grid.axes[number], picture.grid.spans[number]
    start = grid.lanes[grid.starts[number]]
    y = grid.band(start)[1] - HEAD - LEVEL * grid.routings[start.index].levels
    for column, x in zip(axis.columns, span.xs, strict=True):
        sheet.note(
            f"axis-{number + 1}-t{column.key}", head(column, axis, grid.spacing), x, y,
            role="elision" if column.gap else "note", step=column.step, since=column.since, count=column.left_out,
        )  # fmt: skip
    label = pill(axis.name, axis.steps)
    x = span.xs[0] - grid.widths[number] / 2 - fitted(label, "pill")[0] / 2
    since = axis.first.since
    sheet.node(f"axis-{number + 1}", label, "note", x, y, shape="pill", symbol=axis.name, since=since)
    if number and not grid.stacked:
        x = span.left - DIVIDER
        box = (x - 0.1, grid.band(grid.lanes[0])[1], x + 0.1, grid.band(grid.lanes[-1])[3])
        sheet.group(f"divider-{number + 1}", (), "note", box, shape="dotted")


def _row(picture: Picture, lane: Lane) -> None:
    """A node at every step, each fed from below; or one alone, where there is no time axis."""
    nodes = {"": _alone(picture, lane)} if lane.alone else _nodes(picture, lane)
    picture.nodes[lane.index, ""] = nodes
    wires(picture, lane, nodes)
    if lane.merges and lane.layer and lane.layer.options.merge_mode == "concat":
        _halves(picture, lane, nodes)


def _recurrent(picture: Picture, lane: Lane) -> None:
    """A row with the states on rails from one step to the next."""
    _row(picture, lane)
    rails(picture, lane)
    nodes, axis = picture.nodes[lane.index, ""], picture.axis(lane)
    last = nodes[axis.columns[:: lane.ahead][-1].key]
    if lane.direction:
        _ring(picture, lane, last)
    finals(picture, lane)
    if not lane.along_time:
        stubs(picture, lane)
        nodes[""] = last


def _nodes(picture: Picture, lane: Lane) -> dict[str, Node]:
    """One node per column; after the first a layer is marked as the same one again."""
    nodes: dict[str, Node] = {}
    columns, left_out = picture.axis(lane).columns, skipped(lane, picture.axis(lane))
    counted = [column.key for column in columns if column != left_out]
    first = counted[:: lane.ahead][0]
    latest = columns[-1].since if lane.leftwards else 0  # what is read from the end waits for it
    for column in columns:
        ready = max(column.since, latest)
        if column.gap:
            nodes[column.key] = _gap(picture, lane, column, ready)
            continue
        padded = column == left_out or (column.pad and lane.pads)
        again = lane.layer and column.key in counted and (lane.shared or column.key != first)
        nodes[column.key] = picture.sheet.node(
            _id(lane, column), picture.labels.node(lane, column) if column.key in counted else (), _role(lane),
            *picture.grid.at(lane, column), step=column.step, since=max(ready, since(picture, lane, column)),
            mark="again" if again else "", tip=picture.labels.tip(lane, column),
            **_look(picture, lane) | ({"shape": "dotted"} if padded else {}),
        )  # fmt: skip
    return nodes


def _alone(picture: Picture, lane: Lane) -> Node:
    ready = picture.grid.spans[lane.before].complete
    return picture.sheet.node(
        _id(lane), picture.labels.node(lane, ALONE), _role(lane), *picture.grid.at(lane),
        since=max(ready, since(picture, lane, ALONE)), **_look(picture, lane),
    )  # fmt: skip


def _gap(picture: Picture, lane: Lane, column: Column, since: int) -> Node:
    """The mark for the steps left out, as high as the nodes so that the rails run into it."""
    label = picture.labels.gap(lane, column)
    least = 0.0 if picture.grid.spacing.bare else picture.grid.widths[lane.axis] * 0.7
    width = max(measure(label)[0] + 10, least)
    return picture.sheet.note(
        _id(lane, column), label, *picture.grid.at(lane, column), role="elision", count=column.left_out, since=since,
        layer=lane.layer_name, height=picture.grid.height(lane), width=width,
    )  # fmt: skip


def _id(lane: Lane, column: Column = ALONE) -> str:
    return f"layer-{lane.index}-t{column.key}" if column.key else f"layer-{lane.index}"


def _role(lane: Lane) -> str:
    if lane.folded:
        return "elision"
    return lane.kind if lane.layer is None else "layer"


def _look(picture: Picture, lane: Lane) -> dict[str, Any]:
    height = picture.grid.height(lane)
    if lane.folded:
        return {"height": height, "shape": "plain", "count": len(lane.folded)}
    if lane.layer is None:
        return {"width": END_WIDTH, "height": height, "symbol": lane.public}
    return {"width": picture.grid.widths[lane.before], "height": height, "shape": "round", "layer": lane.layer.name}


def _halves(picture: Picture, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """On what joins two directions end to end: which half is whose."""
    for column in picture.columns(lane):
        if column.gap:
            continue
        node = nodes[column.key]
        for route, side in zip(picture.routing(lane).inputs, (-1, 1), strict=True):
            signal, giver = picture.signal(route), route.giver
            wide = (node.width - 12) / 2
            picture.sheet.node(
                f"{node.id}-{giver.direction}", picture.labels.half(signal, column), signal.role,
                node.x + side * wide / 2, node.y - HALF_DOWN, width=wide, height=HALF, padding=(2.0, 1.0),
                inside=node.id, symbol=signal.symbol, layer=giver.layer_name, step=node.step, since=node.since,
            )  # fmt: skip


def _ring(picture: Picture, lane: Lane, node: Node) -> None:
    """Round the last step that one of two directions reads."""
    wide, high = node.width / 2 + RING, node.height / 2 + RING
    box = (node.x - wide, node.y - high, node.x + wide, node.y + high)
    facts: dict[str, Any] = {"layer": lane.layer_name, "step": node.step, "since": node.since}
    picture.sheet.group(f"{_id(lane)}-end", (), "state.public", box, **facts)


def _repeat(picture: Picture, lane: Lane) -> None:
    """One vector, fanned out to as many identical copies as the new axis has steps."""
    sheet, signal = picture.sheet, picture.signal(picture.routing(lane).inputs[0])
    source = _alone(picture, lane)
    wires(picture, lane, {"": source})
    rail = source.y + FAN
    facts: dict[str, Any] = {"symbol": signal.symbol, "layer": lane.layer_name}
    carries: dict[str, Any] = {**facts, "shape": signal.shape, "count": size(signal.shape)}
    copies: dict[str, Node] = {}
    before, start = source, (source.x + source.width / 2, rail)
    for column in picture.axis(lane).columns:
        at: dict[str, Any] = {"step": column.step, "since": column.since}
        x, y = picture.grid.at(lane, column)
        end: Point = (x, rail)
        if column.gap:
            copies[column.key] = joint = _gap(picture, lane, column, column.since)
            end = (x - joint.width / 2, rail)
        else:
            id, label = _id(lane, column), (picture.labels.name(signal, ALONE, "small"),)
            joint = sheet.node(f"{id}-joint", (), signal.role, x, rail, shape="point", **at, **facts)
            mark = "again" if copies else ""
            copy = sheet.node(id, label, signal.role, x, y + COPIES, width=END_WIDTH, mark=mark, **at, **facts)
            sheet.edge(joint, copy, signal.role, **at, **carries)
            copies[column.key] = copy
        sheet.edge(before, joint, signal.role, start=start, end=end, arrow=False, **at, **carries)
        before, start = joint, (x + joint.width / 2, rail) if column.gap else end
    picture.nodes[lane.index, ""] = copies
