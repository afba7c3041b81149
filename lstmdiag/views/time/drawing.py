"""The unrolled picture, lane by lane from the bottom up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lstmdiag.diagrams import Node, Point, Text
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.views.time import labels
from lstmdiag.views.time.axes import Column
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.layout import Plan, node_height
from lstmdiag.views.time.parts import (
    Canvas,
    Facts,
    Flow,
    band,
    gap,
    heads,
    layer_name,
    node_id,
    numbers,
    wire_alone,
    wires,
)  # fmt: skip
from lstmdiag.views.time.rails import rails, stubs

FAN = -24.0  # the line that fans out, from the middle of its lane
COPIES = 16.0  # the copies, above it
END_WIDTH = 46.0  # narrowest box of the input and the output

LabelAt = Callable[[Column | None], Text]  # None: of a value alone


def draw(plan: Plan, sheet: Sheet) -> None:
    """Put every lane, axis and wire on the sheet."""
    canvas = Canvas(plan, sheet)
    for lane in plan.lanes:
        band(canvas, lane)
    for number in range(len(plan.axes)):
        heads(canvas, number)
    flow: Flow | None = None
    for lane in plan.lanes:
        flow = _LANES[lane.kind](canvas, lane, flow)


def _input(canvas: Canvas, lane: Lane, flow: Flow | None) -> Flow:
    return _row(canvas, lane, flow, "input", lambda column: labels.value(canvas.plan.model, column))


def _layer(canvas: Canvas, lane: Lane, flow: Flow | None) -> Flow:
    return _row(canvas, lane, flow, "layer", _name(lane))


def _output(canvas: Canvas, lane: Lane, flow: Flow | None) -> Flow:
    assert flow is not None
    return _row(
        canvas, lane, flow, "output",
        lambda column: labels.result(column, None if flow.symbol == "y" else flow.name(column)),
    )  # fmt: skip


def _row(canvas: Canvas, lane: Lane, flow: Flow | None, role: str, label: LabelAt) -> Flow:
    """A node at every step, each fed from below; or one alone, where there is no time axis."""
    if lane.along_time:
        nodes = _nodes(canvas, lane, role, label)
        if flow:
            wires(canvas, flow, lane, nodes)
    else:
        nodes = {"": _alone(canvas, lane, role, label(None))}
        if flow:
            wire_alone(canvas, flow, nodes[""])
    if flow and lane.hands_on:
        return replace(flow, nodes=nodes, layer=layer_name(lane))
    return Flow(nodes, lane.public, "input" if role == "input" else "output", lane.handed_up, layer_name(lane))


def _nodes(canvas: Canvas, lane: Lane, role: str, label: LabelAt) -> dict[str, Node]:
    """One node per column; after the first a layer is marked as the same one again."""
    nodes: dict[str, Node] = {}
    for index, column in enumerate(canvas.axis(lane).columns):
        if column.gap:
            nodes[column.key] = gap(canvas, lane, column)
            continue
        nodes[column.key] = canvas.sheet.node(
            node_id(lane, column), label(column), role, column.x, lane.y, step=column.step, since=column.since,
            mark="again" if index and lane.layer else "", tip=labels.tip(lane, column), **_look(canvas, lane),
        )  # fmt: skip
    return nodes


def _alone(canvas: Canvas, lane: Lane, role: str, label: Text) -> Node:
    before = lane.axis - (lane.kind == "repeat")
    since = canvas.plan.axes[before].last.since if before >= 0 else 0
    return canvas.sheet.node(
        node_id(lane), label, role, canvas.plan.alone(before), lane.y, since=since, **_look(canvas, lane)
    )


def _look(canvas: Canvas, lane: Lane) -> Facts:
    if lane.layer is None:
        return {"width": END_WIDTH, "height": node_height(lane), "symbol": lane.public}
    width = canvas.width(lane.axis - (lane.kind == "repeat"))
    return {"width": width, "height": node_height(lane), "shape": "round", "layer": lane.layer.name}


def _recurrent(canvas: Canvas, lane: Lane, flow: Flow | None) -> Flow:
    """One node per step, its states on rails from one to the next."""
    assert flow is not None
    label = _backwards(canvas, lane, flow) if lane.option("go_backwards") else _name(lane)
    nodes = _nodes(canvas, lane, "layer", label)
    wires(canvas, flow, lane, nodes)
    rails(canvas, lane, nodes)
    made = Flow(nodes, lane.public, "state.public", lane.handed_up, layer_name(lane), mark=lane.mark)
    if lane.along_time:
        return made
    stubs(canvas, lane, nodes)
    last = canvas.axis(lane).last
    return replace(made, nodes={"": nodes[last.key]}, below=last.symbol)


def _name(lane: Lane) -> LabelAt:
    return lambda _: lane.label


def _backwards(canvas: Canvas, lane: Lane, flow: Flow) -> LabelAt:
    """The name, and which step's value is read: another one than the column's."""
    axis = canvas.axis(lane)
    sources = {column.key: axis.mirrored(index) for index, column in enumerate(axis.columns)}

    def label(column: Column | None) -> Text:
        source = sources[column.key] if column else axis.last
        return labels.reading(lane, flow.name(source, "small"))

    return label


def _repeat(canvas: Canvas, lane: Lane, flow: Flow | None) -> Flow:
    """One vector, fanned out to as many identical copies as the new axis has steps."""
    assert flow is not None
    source = _alone(canvas, lane, "layer", lane.label)
    wire_alone(canvas, flow, source)
    rail = lane.y + FAN
    facts: Facts = {"symbol": flow.symbol, "layer": layer_name(lane)}
    carries: Facts = {**facts, "shape": flow.shape, "count": numbers(flow.shape)}
    copies: dict[str, Node] = {}
    before, start = source, (source.x + source.width / 2, rail)
    for index, column in enumerate(canvas.axis(lane).columns):
        at: Facts = {"step": column.step, "since": column.since}
        end: Point = (column.x, rail)
        if column.gap:
            copies[column.key] = joint = gap(canvas, lane, column)
            end = (joint.x - joint.width / 2, rail)
        else:
            id = node_id(lane, column)
            joint = canvas.sheet.node(f"{id}-joint", (), flow.role, column.x, rail, shape="point", **at, **facts)
            copies[column.key] = canvas.sheet.node(
                id, flow.name(None, "small"), flow.role, column.x, lane.y + COPIES,
                width=END_WIDTH, mark="again" if index else "", **at, **facts,
            )  # fmt: skip
            canvas.sheet.edge(joint, copies[column.key], flow.role, **at, **carries)
        canvas.sheet.edge(before, joint, flow.role, start=start, end=end, arrow=False, **at, **carries)
        before, start = joint, (joint.x + joint.width / 2, rail) if column.gap else end
    return replace(flow, nodes=copies, layer=layer_name(lane), below=flow.below or "")


_LANES: Mapping[str, Callable[[Canvas, Lane, Flow | None], Flow]] = {
    "input": _input,
    "recurrent": _recurrent,
    "steps": _layer,
    "once": _layer,
    "repeat": _repeat,
    "output": _output,
}
