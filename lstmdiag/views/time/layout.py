"""Where everything goes: lanes from the bottom up, time axes from left to right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lstmdiag.diagrams.sheet import fitted
from lstmdiag.diagrams.text import bold, clip, measure, text
from lstmdiag.errors import Problem, UsageError
from lstmdiag.model import Model
from lstmdiag.views.letters import pill, time_letters
from lstmdiag.views.time import labels
from lstmdiag.views.time.axes import Axis, Wanted, columns, drawn
from lstmdiag.views.time.lanes import Lane, lanes_of
from lstmdiag.views.words import plural

MOST_STEPS = 20_000  # drawn columns
MOST_BOXES = 200_000  # drawn columns times lanes

EDGE = 12.0  # from the edge of a lane to what stands in it
MARGIN = 274.0  # room for the words on the left
PILL = 7.0  # before a pill
TITLE_LINE = 23.0  # the name of a lane and its pills
NODE = (84.0, 130.0)  # narrowest and widest box of a layer
RAIL = 36.0  # between the state rails of one lane
PAD = 18.0  # from the outer rail to the border of its node
UNDER = 32.0  # below the last node, for what becomes of its states
WIRE = 62.0  # shortest piece of rail between two nodes
ENTRY = 28.0  # from an initial state to the first node
EXIT = 92.0  # for what leaves the last node on the right
RISE = 46.0  # between two lanes
STUB = 82.0  # the same, where h ends in between
CROSS = 110.0  # the same, where the order of the steps is turned round
HEAD = 18.0  # from a lane down to the heads of the columns
DIVIDER = 26.0  # on either side of the line between two time axes


@dataclass(frozen=True)
class Plan:
    """The whole picture, measured."""

    model: Model
    lanes: tuple[Lane, ...]
    axes: tuple[Axis, ...]
    start: float  # where the words on the left end
    lone: float  # x of what stands alone before any time axis begins
    right: float

    def alone(self, axis: int) -> float:
        """x of a node that stands for no step: above the last column of this axis."""
        return self.axes[axis].last.x if axis >= 0 else self.lone


def lay_out(model: Model, wanted: Wanted) -> Plan:
    """Lanes and axes in place. Raises UsageError where the steps cannot be drawn as wanted."""
    bare, lengths = lanes_of(model)
    _refuse_too_much(sum(drawn(steps, wanted) for steps in lengths), len(bare))
    axes: list[Axis] = []
    for name, steps in zip(time_letters(len(lengths)), lengths, strict=True):
        since = sum(len(axis.columns) for axis in axes)
        axes.append(Axis(name, steps, columns(steps, wanted, since, prefix=f"{name}: " if axes else "")))
    lanes = list(_measured(bare))
    start = max([MARGIN, *(2 * EDGE + heading(lane) for lane in lanes)])
    lone = start + EDGE + NODE[1] / 2
    placed = _across(model, lanes, axes, start + EDGE)
    right = placed[-1].right if placed else lone + NODE[1]
    return Plan(model, tuple(_up(lanes)), tuple(placed), start, lone, right)


def _refuse_too_much(steps: int, lanes: int) -> None:
    hint = "leave --steps out: the first and the last steps say the same"
    if steps > MOST_STEPS:
        message = f"{steps:,} drawn steps are refused: more than {MOST_STEPS:,} can be neither drawn nor read"
        raise UsageError(Problem(message, hint=hint))
    if steps * lanes > MOST_BOXES:
        message = f"{steps:,} drawn steps in {plural(lanes, 'lane')} are refused: more than {MOST_BOXES:,} boxes"
        raise UsageError(Problem(message, hint=hint))


def _measured(lanes: list[Lane]) -> Iterator[Lane]:
    for lane in lanes:
        words = labels.margin(lane, MARGIN - 2 * EDGE)
        title = text(bold(clip(lane.name, max(NODE[0], MARGIN - 2 * EDGE - heading(lane)), "bold")))
        body = node_height(lane) + (2 * UNDER if lane.keeps_states else 16)
        height = max(body, TITLE_LINE + measure(words)[1] + 14)
        yield replace(lane, title=title, margin=words, label=labels.box(lane, NODE[1] - 20), height=height)


def heading(lane: Lane) -> float:
    """Width of a lane's name and its pills."""
    return measure(lane.title)[0] + sum(PILL + fitted(pill(*size), "pill")[0] for size in lane.pills)


def node_height(lane: Lane) -> float:
    if lane.states:
        return max(len(lane.states) - 1, 0.75) * RAIL + 2 * PAD
    return {"repeat": 76.0, "input": 30.0, "output": 30.0}.get(lane.kind, 48.0)


def node_width(lanes: Sequence[Lane]) -> float:
    return max([NODE[0], *(measure(lane.label)[0] + 20 for lane in lanes)])


def _across(model: Model, lanes: list[Lane], axes: list[Axis], x: float) -> list[Axis]:
    """The axes with their columns in place, from x on."""
    if lanes[0].axis < 0:
        x += NODE[1] + 2 * DIVIDER
    placed: list[Axis] = []
    mark = max(lane.mark for lane in lanes)
    for number, axis in enumerate(axes):
        own = [lane for lane in lanes if lane.axis == number and lane.kind != "repeat"]
        above = [lane for lane in lanes if lane.axis == number + 1 and lane.kind == "repeat"]
        wide = node_width([lane for lane in lanes if lane in own or lane.axis == number])
        entry, pitch = _spacing(model, axis, own, wide, values=lanes[0].axis == number)
        first = x + entry + wide / 2
        moved = tuple(replace(column, x=first + i * pitch) for i, column in enumerate(axis.columns))
        beside = [measure(labels.wire("h", "T−1", lane.handed_up, mark))[0] + EDGE for lane in (*own, *above)]
        beside += [wide / 2 + EXIT for lane in own if len(lane.states) > 1 or lane.keeps_states]
        right = moved[-1].x + max(wide / 2, *beside)
        placed.append(replace(axis, columns=moved, left=x, right=right))
        x = right + 2 * DIVIDER
    return placed


def _spacing(model: Model, axis: Axis, lanes: list[Lane], wide: float, *, values: bool) -> tuple[float, float]:
    """Room before the first column, for the states it starts from; and from column to column."""
    states = [(lane, state, shape) for lane in lanes for state, shape in lane.states.items()]
    entries = [fitted(labels.initial(lane, state), "slab")[0] + ENTRY for lane, state, _ in states]
    pieces = [measure(labels.wire(state, "T−1", shape, lane.mark))[0] + 16 for lane, state, shape in states]
    pitch = wide + max([WIRE, *pieces])
    shown = [column for index, column in enumerate(axis.columns) if axis.labels(index)]
    pitch = max([pitch, *(measure(labels.head(column, axis))[0] + EDGE for column in shown)])
    if values:
        pitch = max([pitch, *(fitted(labels.value(model, column), "box")[0] + EDGE for column in shown)])
    return max([fitted(pill(axis.name, axis.steps), "pill")[0], *entries]), pitch


def _up(lanes: list[Lane]) -> Iterator[Lane]:
    """Lanes placed from the bottom up."""
    y = 0.0
    for number, lane in enumerate(lanes):
        if number:
            below = lanes[number - 1]
            rise = CROSS if lane.option("go_backwards") else STUB if below.unreturned else RISE
            y += below.height / 2 + rise + lane.height / 2
        yield replace(lane, y=y)
