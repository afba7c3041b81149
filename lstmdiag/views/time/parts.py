"""What the lanes of the unrolled picture are drawn with: bands, heads, gaps, and wires upwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

from lstmdiag.diagrams import Node, Text
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import measure, text
from lstmdiag.layers.kind import Shape
from lstmdiag.views.letters import pill
from lstmdiag.views.time import labels
from lstmdiag.views.time.axes import Axis, Column
from lstmdiag.views.time.lanes import Lane, Source
from lstmdiag.views.time.layout import (
    DIVIDER,
    EDGE,
    HEAD,
    LEVEL,
    PILL,
    TITLE_LINE,
    Plan,
    beside,
    node_height,
    node_width,
)

Pads = Literal["", "again", "zero"]  # what is handed up at a padded step: nothing else, the value before, zeros
SCISSORS = "✂"
Facts = dict[str, Any]  # keyword arguments of parts: layer, step, symbol, since ...


@dataclass(frozen=True)
class Flow:
    """What a lane hands up: a node per column of its axis, or one alone."""

    lane: Lane
    nodes: Mapping[str, Node]  # column key → node; "" where one stands alone
    symbol: str
    role: str
    shape: Shape  # on one wire
    layer: str
    below: str | None = None  # what stands below the symbol, where it is not the column's step
    mark: str = ""  # what stands above it
    pads: Pads = ""
    real: str = ""  # the symbol of the last step that is no padding
    number: Callable[[Column | None], str] = lambda _: ""  # after the step of a column; None: after the last
    side: float = 0.0  # where a final state's wire leaves: x of its riser; 0: upwards

    def wire(self, column: Column | None) -> Text:
        """What a wire from this column says; None: from what stands alone."""
        if column and column.pad and self.pads == "zero":
            return labels.wire("0", "", self.shape)
        return labels.wire(self.symbol, self._step(column), self.shape, self.mark, self.number(column))

    def name(self, column: Column | None, style: str = "") -> Text:
        if column and column.pad and self.pads == "zero":
            return labels.symbol("0", "", style)
        return labels.symbol(self.symbol, self._step(column), style, self.mark)

    def _step(self, column: Column | None) -> str:
        if self.below is not None:
            return self.below
        return "" if column is None else self.real if column.pad and self.pads else column.symbol


class Canvas:
    """The plan, the sheet it is drawn on, and what the lanes drawn so far hand up."""

    def __init__(self, plan: Plan, sheet: Sheet) -> None:
        self.plan, self.sheet = plan, sheet
        self.flows: dict[tuple[int, str], Flow] = {}  # lane and state ("": its output) → flow
        self.told: set[tuple[str, str]] = set()  # node and symbol of wires that say what they carry
        self._widths = {
            number: node_width([lane for lane in plan.lanes if lane.stands_on(number)])
            for number in range(-1, len(plan.axes))
        }

    def axis(self, lane: Lane) -> Axis:
        return self.plan.axes[lane.axis]

    def width(self, axis: int) -> float:
        """Of the boxes of layers on this axis."""
        return self._widths[axis]

    def beside(self, axis: int) -> float:
        """Room for wires at the left of its columns."""
        return beside(self.plan.axes[axis]) if axis >= 0 else 0.0

    def scissors(self, id: str, x: float, y: float, since: int, layer: str, inside: str = "") -> None:
        """What travels here is dropped in part, in training."""
        self.sheet.note(id, text(SCISSORS), x, y, since=since, layer=layer, inside=inside)

    def state(self, lane: Lane, state: str, column: Column | None) -> str:
        """Its number after this step, on pictures with numbers."""
        return self.plan.figures.state(lane, state, column) if self.plan.figures else ""

    def flow(self, source: Source) -> Flow:
        return self.flows[source.lane, source.state]


def layer_name(lane: Lane) -> str:
    return lane.layer.name if lane.layer else ""


def node_id(lane: Lane, column: Column | None = None) -> str:
    return f"layer-{lane.index}" + (f"-t{column.key}" if column else "")


def numbers(shape: Shape) -> int:
    """How many numbers travel on a wire of this shape; an axis not known counts once."""
    return prod(n or 1 for n in shape)


def band(canvas: Canvas, lane: Lane) -> None:
    """The ribbon behind a lane (one set of weights, however often it is used), its words and sizes."""
    half = lane.height / 2
    if lane.layer and lane.layer.weights and not lane.merges:
        box = (0.0, lane.y - half, canvas.plan.right + EDGE, lane.y + half)
        canvas.sheet.group(f"lane-{lane.index}", (), "weight", box, layer=layer_name(lane))
    id = f"lane-{lane.index}"
    facts: Facts = {"layer": layer_name(lane)}
    high = measure(lane.margin)[1]
    top = lane.y + high / 2
    canvas.sheet.note(f"{id}-words", lane.margin, EDGE, lane.y - TITLE_LINE / 2, anchor="left", **facts)
    name = canvas.sheet.note(f"{id}-name", lane.title, EDGE, top, anchor="left", **facts)
    x = EDGE + name.width + PILL
    for letter, size in lane.pills:
        label = pill(letter, size)
        width = fitted(label, "pill")[0]
        canvas.sheet.node(f"{id}-{letter}", label, "note", x + width / 2, top, shape="pill", symbol=letter, **facts)
        x += width + PILL


def heads(canvas: Canvas, number: int) -> None:
    """t below every column and the axis's size before the first; before a second axis, a line."""
    axis, lanes = canvas.plan.axes[number], canvas.plan.lanes
    start = next(lane for lane in lanes if lane.axis == number)
    y = start.y - start.height / 2 - HEAD - LEVEL * start.levels
    for column in axis.columns:
        id = f"axis-{number + 1}-t{column.key}"
        facts: Facts = {"step": column.step, "since": column.since, "role": "elision" if column.gap else "note"}
        canvas.sheet.note(id, labels.head(column, axis), column.x, y, count=column.left_out, **facts)
    label = pill(axis.name, axis.steps)
    x = axis.columns[0].x - canvas.width(number) / 2 - fitted(label, "pill")[0] / 2
    facts = {"shape": "pill", "symbol": axis.name, "since": axis.columns[0].since}
    canvas.sheet.node(f"axis-{number + 1}", label, "note", x, y, **facts)
    if number:
        x = axis.left - DIVIDER
        bottom, top = lanes[0].y - lanes[0].height / 2, lanes[-1].y + lanes[-1].height / 2
        box = (x - 0.1, bottom, x + 0.1, top)
        canvas.sheet.group(f"divider-{number + 1}", (), "note", box, shape="dotted")


def gap(canvas: Canvas, lane: Lane, column: Column) -> Node:
    """The mark for the steps left out, as high as the nodes so that the rails run into it."""
    words = labels.gap_mark(column, canvas.axis(lane))
    return canvas.sheet.note(
        node_id(lane, column), words, column.x, lane.y, role="elision", count=column.left_out, layer=layer_name(lane),
        since=column.since, height=node_height(lane), width=max(measure(words)[0] + 10, canvas.width(lane.axis) * 0.7),
    )  # fmt: skip
