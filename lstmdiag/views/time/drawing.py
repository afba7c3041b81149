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
from lstmdiag.views.time.parts import Canvas, Facts, Flow, Pads, band, gap, heads, layer_name, node_id, numbers
from lstmdiag.views.time.rails import finals, rails, stubs
from lstmdiag.views.time.wires import joints, since, wires

FAN = -24.0  # the line that fans out, from the middle of its lane
COPIES = 16.0  # the copies, above it
END_WIDTH = 46.0  # narrowest box of the input and the output
RING = 6.0  # from the border of a node to the ring round it
HALF, HALF_DOWN = 22.0, 12.0  # the halves of what joins two directions: height, and how far below its middle

LabelAt = Callable[[Column | None], Text]  # None: of a value alone


def draw(plan: Plan, sheet: Sheet) -> None:
    """Put every lane, axis and wire on the sheet."""
    canvas = Canvas(plan, sheet)
    for lane in plan.lanes:
        band(canvas, lane)
    for number in range(len(plan.axes)):
        heads(canvas, number)
    for lane in plan.lanes:
        canvas.flows[lane.index, ""] = _LANES[lane.kind](canvas, lane)
    for number, (at, edge) in enumerate(dict(joints(tuple(sheet.edges.values()))).items(), 1):
        facts: Facts = {"symbol": edge.symbol, "layer": edge.layer, "since": edge.since}
        sheet.node(f"joint-{number}", (), edge.role, *at, shape="point", **facts)


def _input(canvas: Canvas, lane: Lane) -> Flow:
    figures = canvas.plan.figures
    read = figures.read(lane) if figures else None
    return _row(canvas, lane, "input", lambda column: labels.value(canvas.plan.model, lane, column, read))


def _layer(canvas: Canvas, lane: Lane) -> Flow:
    return _row(canvas, lane, "layer", lambda _: lane.label)


def _output(canvas: Canvas, lane: Lane) -> Flow:
    flow, figures = canvas.flow(lane.sources[0]), canvas.plan.figures
    number = [each.index for each in canvas.plan.lanes if each.kind == "output"].index(lane.index)

    def label(column: Column | None) -> Text:
        given = None if flow.symbol == "y" else flow.name(column)
        return labels.result(column, given, figures.output(number, column) if figures else "")

    return _row(canvas, lane, "output", label)


def _row(canvas: Canvas, lane: Lane, role: str, label: LabelAt) -> Flow:
    """A node at every step, each fed from below; or one alone, where there is no time axis."""
    nodes = _nodes(canvas, lane, role, label) if lane.along_time else {"": _alone(canvas, lane, role, label(None))}
    wires(canvas, lane, nodes)
    if lane.hands_on:
        return replace(canvas.flow(lane.sources[0]), lane=lane, nodes=nodes, layer=layer_name(lane), side=0.0)
    made = Flow(lane, nodes, lane.public, "input" if role == "input" else "output", lane.handed_up, layer_name(lane))
    if not lane.merges:
        return made
    given = canvas.flow(lane.sources[0])
    _halves(canvas, lane, nodes)
    made = replace(made, symbol=given.symbol, role=given.role, mark=lane.mark, pads=given.pads)
    return made if lane.along_time else replace(made, below="")


def _halves(canvas: Canvas, lane: Lane, nodes: Mapping[str, Node]) -> None:
    """On what joins two directions end to end: which half is whose."""
    if lane.layer is None or lane.layer.options.merge_mode != "concat":
        return
    for column, node in zip(canvas.axis(lane).columns if lane.along_time else [None], nodes.values(), strict=True):
        if node.role == "elision":
            continue
        for source, side in zip(lane.sources, (-1, 1), strict=True):
            flow = canvas.flow(source)
            zero = column and column.pad and flow.pads == "zero"
            label = flow.name(column, "small") if zero else labels.symbol(flow.symbol, "", "small", flow.mark)
            wide = (node.width - 12) / 2
            canvas.sheet.node(
                f"{node.id}-{flow.lane.way}", label, flow.role, node.x + side * wide / 2, node.y - HALF_DOWN,
                width=wide, height=HALF, padding=(2.0, 1.0), inside=node.id, symbol=flow.symbol, layer=flow.layer,
                step=node.step, since=node.since,
            )  # fmt: skip


def _nodes(canvas: Canvas, lane: Lane, role: str, label: LabelAt) -> dict[str, Node]:
    """One node per column; after the first a layer is marked as the same one again."""
    nodes: dict[str, Node] = {}
    columns = canvas.axis(lane).columns
    first = next((column.key for column in columns[:: -1 if lane.leftwards else 1] if not _skips(lane, column)), "")
    latest = columns[-1].since if lane.leftwards else 0  # what is read from the end waits for it
    for index, column in enumerate(columns):
        if column.gap:
            nodes[column.key] = replace(gap(canvas, lane, column), since=max(column.since, latest))
            canvas.sheet.nodes[nodes[column.key].id] = nodes[column.key]
            continue
        skips = _skips(lane, column)
        look = _look(canvas, lane) | (
            {"shape": "dotted"} if skips or (column.pad and role == "input" and lane.pads) else {}
        )
        nodes[column.key] = canvas.sheet.node(
            node_id(lane, column), () if skips else label(column), role, column.x, lane.y, step=column.step,
            since=max(column.since, latest, since(canvas, lane, index)),
            mark="again" if lane.layer and not skips and (lane.shared or column.key != first) else "",
            tip=labels.tip(lane, column), **look,
        )  # fmt: skip
    return nodes


def _skips(lane: Lane, column: Column) -> bool:
    """Whether a mask makes the layer leave this step out."""
    return column.pad and lane.masked


def _alone(canvas: Canvas, lane: Lane, role: str, label: Text) -> Node:
    before = lane.before if lane.kind == "repeat" else lane.axis
    ready = canvas.plan.axes[before].last.since if before >= 0 else 0
    return canvas.sheet.node(
        node_id(lane), label, role, canvas.plan.alone(before), lane.y, since=max(ready, since(canvas, lane, -1)),
        **_look(canvas, lane),
    )  # fmt: skip


def _look(canvas: Canvas, lane: Lane) -> Facts:
    if lane.layer is None:
        return {"width": END_WIDTH, "height": node_height(lane), "symbol": lane.public}
    width = canvas.width(lane.before if lane.kind == "repeat" else lane.axis)
    return {"width": width, "height": node_height(lane), "shape": "round", "layer": lane.layer.name}


def _recurrent(canvas: Canvas, lane: Lane) -> Flow:
    """One node per step, its states on rails from one to the next."""
    label = _turned(canvas, lane) if lane.turned else (lambda _: lane.label)
    nodes = _nodes(canvas, lane, "layer", label)
    wires(canvas, lane, nodes)
    rails(canvas, lane, nodes)
    axis = canvas.axis(lane)
    if lane.way:
        _ring(canvas, lane, nodes[(axis.columns[0] if lane.leftwards else axis.last).key])
    real = labels.before_first(lane, axis) if lane.leftwards else axis.real.symbol
    pads: Pads = "zero" if lane.way else "again"
    ended = axis.columns[0] if lane.leftwards else axis.real
    made = Flow(
        lane, nodes, lane.public, "state.public", lane.handed_up, layer_name(lane), mark=lane.mark, real=real,
        pads=pads if lane.masked else "",
        number=lambda column: canvas.state(lane, lane.public, column or ended),
    )  # fmt: skip
    for state, node in finals(canvas, lane, nodes).items():
        canvas.flows[lane.index, state] = node
    if lane.along_time:
        return made
    stubs(canvas, lane, nodes)
    last = axis.columns[0] if lane.leftwards else axis.last
    below = real if last.pad and lane.masked else last.symbol
    return replace(made, nodes={"": nodes[last.key]}, below=below)


def _ring(canvas: Canvas, lane: Lane, node: Node) -> None:
    """Round the last step that one of two directions reads."""
    wide, high = node.width / 2 + RING, node.height / 2 + RING
    box = (node.x - wide, node.y - high, node.x + wide, node.y + high)
    facts: Facts = {"layer": layer_name(lane), "step": node.step, "since": node.since}
    canvas.sheet.group(f"{node_id(lane)}-end", (), "state.public", box, **facts)


def _turned(canvas: Canvas, lane: Lane) -> LabelAt:
    """The name, and which step's value is read: another one than the column's."""
    axis, flow = canvas.axis(lane), canvas.flow(lane.sources[0])
    sources = {column.key: axis.mirrored(index) for index, column in enumerate(axis.columns)}

    def label(column: Column | None) -> Text:
        source = sources[column.key] if column else axis.last
        return labels.reading(lane, flow.name(source, "small"))

    return label


def _repeat(canvas: Canvas, lane: Lane) -> Flow:
    """One vector, fanned out to as many identical copies as the new axis has steps."""
    flow = canvas.flow(lane.sources[0])
    source = _alone(canvas, lane, "layer", lane.label)
    wires(canvas, lane, {"": source})
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
    return replace(flow, lane=lane, nodes=copies, layer=layer_name(lane), below=flow.below or "", side=0.0,
                   number=lambda _: flow.number(None))  # fmt: skip


_LANES: Mapping[str, Callable[[Canvas, Lane], Flow]] = {
    "input": _input,
    "recurrent": _recurrent,
    "steps": _layer,
    "once": _layer,
    "repeat": _repeat,
    "output": _output,
}
