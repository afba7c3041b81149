"""Where everything goes: lanes from the bottom up, time axes from left to right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum

from lstmdiag.diagrams.sheet import fitted
from lstmdiag.diagrams.text import bold, clip, measure, text
from lstmdiag.english import counted
from lstmdiag.errors import Problem, UsageError
from lstmdiag.model import Model
from lstmdiag.views.letters import pill
from lstmdiag.views.time import labels
from lstmdiag.views.time.axes import Axis, Wanted, columns, drawn
from lstmdiag.views.time.figures import Figures
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.making import lanes_of
from lstmdiag.views.time.ways import risers, routed

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
LEVEL = 12.0  # between two horizontal wires
TRACK = 9.0  # between two wires beside a column
TRACKS = 16.0  # from a column to the first of them
FOOT = 12.0  # between two wires into one box
STUB_WORDS = 110.0  # from a column to the right end of the words beside an h that is not returned
LEAVE = 26.0  # from the last node to what is left over
FINAL = 44.0  # narrowest box of a final state


@dataclass(frozen=True)
class Plan:
    """The whole picture, measured."""

    model: Model
    lanes: tuple[Lane, ...]
    axes: tuple[Axis, ...]
    start: float  # where the words on the left end
    lone: float  # x of what stands alone before any time axis begins
    right: float
    figures: Figures | None = None

    def alone(self, axis: int) -> float:
        """x of a node that stands for no step: above the last column of this axis."""
        return self.axes[axis].last.x if axis >= 0 else self.lone


def lay_out(model: Model, wanted: Wanted, figures: Figures | None = None) -> Plan:
    """Lanes and axes in place. Raises UsageError where the steps cannot be drawn as wanted."""
    bare, lengths = lanes_of(model)
    if figures:
        bare = [replace(lane, unpadded=not figures.pads(lane)) for lane in bare]
    _refuse_too_much(sum(drawn(steps, wanted) for _, steps in lengths), len(bare))
    axes: list[Axis] = []
    for number, (name, steps) in enumerate(lengths):
        since = sum(len(axis.columns) for axis in axes)
        padded = any(lane.masked and lane.axis == number for lane in bare)
        made = columns(steps, wanted, since, prefix=f"{name}: " if axes else "", padded=padded)
        axes.append(Axis(name, steps, made))
    bare, axes = routed(bare, axes)
    lanes = list(_measured(bare, axes, figures))
    start = max([MARGIN, *(2 * EDGE + heading(lane) for lane in lanes)])
    lone, left = _lone(lanes, start + EDGE)
    placed = _across(model, lanes, axes, left, figures)
    right = placed[-1].right if placed else lone + NODE[1]
    return Plan(model, tuple(_up(lanes, axes)), tuple(placed), start, lone, right, figures)


def _lone(lanes: Sequence[Lane], x: float) -> tuple[float, float]:
    """Where what belongs to no axis stands, and where the first axis begins."""
    own = [lane for lane in lanes if lane.stands_on(-1)]
    if not own:
        return x + NODE[1] / 2, x
    beside = TRACKS + TRACK * max([1 + lane.track for lane in own if lane.track is not None], default=-TRACKS / TRACK)
    wide = max(NODE[1], node_width(own))
    return x + beside + wide / 2, x + beside + wide + 2 * DIVIDER


def _refuse_too_much(steps: int, lanes: int) -> None:
    hint = "leave --steps out: the first and the last steps say the same"
    if steps > MOST_STEPS:
        message = f"{steps:,} drawn steps are refused: more than {MOST_STEPS:,} can be neither drawn nor read"
        raise UsageError(Problem(message, hint=hint))
    if steps * lanes > MOST_BOXES:
        message = f"{steps:,} drawn steps in {counted(lanes, 'lane')} are refused: more than {MOST_BOXES:,} boxes"
        raise UsageError(Problem(message, hint=hint))


def _measured(lanes: list[Lane], axes: Sequence[Axis], figures: Figures | None) -> Iterator[Lane]:
    outputs = [lane.index for lane in lanes if lane.kind == "output"]
    for lane in lanes:
        words = labels.margin(lane, MARGIN - 2 * EDGE, figures.remark(lane) if figures else "")
        title = text(bold(clip(lane.name, max(NODE[0], MARGIN - 2 * EDGE - heading(lane)), "bold")))
        lane = replace(lane, title=title, margin=words, label=labels.box(lane, NODE[1] - 20, axes))
        if figures and lane.kind == "output":  # of the size that its nodes will have
            number = figures.widest_output(outputs.index(lane.index), lane)
            lane = replace(lane, label=labels.result(None, None, number))
        body = node_height(lane) + (2 * UNDER if lane.keeps_states else 16)
        yield replace(lane, height=max(body, TITLE_LINE + measure(words)[1] + 14))


def heading(lane: Lane) -> float:
    """Width of a lane's name and its pills."""
    return measure(lane.title)[0] + fsum(PILL + fitted(pill(*size), "pill")[0] for size in lane.pills)


def node_height(lane: Lane) -> float:
    if lane.states:
        return max(len(lane.states) - 1, 0.75) * RAIL + 2 * PAD
    return max({"repeat": 76.0, "input": 30.0, "output": 30.0}.get(lane.kind, 48.0), measure(lane.label)[1] + 12)


def node_width(lanes: Sequence[Lane]) -> float:
    feet = [2 * FOOT * (1 + abs(source.way.foot)) for lane in lanes for source in lane.sources]
    return max([NODE[0], *feet, *(measure(lane.label)[0] + 20 for lane in lanes)])


def beside(axis: Axis) -> float:
    """Room for the wires at the left of a column."""
    return TRACKS + TRACK * axis.tracks if axis.tracks else 0.0


def _across(model: Model, lanes: list[Lane], axes: list[Axis], x: float, figures: Figures | None) -> list[Axis]:
    """The axes with their columns in place, from x on."""
    placed: list[Axis] = []
    for number, axis in enumerate(axes):
        wide = node_width([lane for lane in lanes if lane.stands_on(number)])
        before, pitch, behind = _spacing(model, axes, number, lanes, wide, figures)
        entry = x + EDGE / 2
        first = entry + LEVEL * risers(lanes, number, right=False) + before + wide / 2
        moved = tuple(replace(column, x=first + i * pitch) for i, column in enumerate(axis.columns))
        leaving = risers(lanes, number, right=True)
        exit = moved[-1].x + behind + (EDGE / 2 if leaving else 0)
        right = exit + LEVEL * leaving
        placed.append(replace(axis, columns=moved, left=x, right=right, entry=entry, exit=exit))
        x = right + 2 * DIVIDER
    return placed


def _spacing(
    model: Model, axes: list[Axis], number: int, lanes: list[Lane], wide: float, figures: Figures | None
) -> tuple[float, float, float]:
    """Room before the first column, from column to column, and from the middle of the last one on."""

    def figure(lane: Lane, state: str) -> str:
        return figures.widest(lane, state) if figures and lane.states else ""

    axis, on = axes[number], [lane for lane in lanes if lane.stands_on(number)]
    recurrent = [lane for lane in on if lane.states]
    room, ends = beside(axis), {-1: [0.0], 1: [wide / 2 + 2]}
    for lane in recurrent:
        begin, end = (1, -1) if lane.leftwards else (-1, 1)
        column = axis.columns[0 if lane.leftwards else -1]
        started = [labels.begun(lane, source, lanes, axes) for source in lane.starts]
        zeros = [labels.initial(lane, state, axis) for state in lane.states if not started]
        begins = [measure(label)[0] + 20 + ENTRY for label in (*started, *zeros)]
        named = [labels.final(lane, state, column, figure(lane, state)) for state in lane.finals]
        finals = [LEAVE + max(FINAL, measure(label)[0] + 26) for label in named]
        finals = [length + (STUB_WORDS if lane.fate_beside else 20) for length in finals]
        for side, lengths in ((begin, begins), (end, finals)):
            ends[side] += [length + (room if side < 0 else wide / 2) for length in lengths]
    last = [lane for lane in on if not (lane.kind == "repeat" and lane.before == number)]
    handed = [labels.wire(lane.public, "T−1", lane.handed_up, lane.mark, figure(lane, lane.public)) for lane in last]
    wires = [measure(label)[0] + EDGE for label in handed]
    ends[1] += wires
    pill_wide = fitted(pill(axis.name, axis.steps), "pill")[0]
    pieces = [measure(labels.wire(state, "T−1", shape, lane.mark, figure(lane, state)))[0] + 16 for lane in recurrent
              for state, shape in lane.states.items()]  # fmt: skip
    pitch = wide + max([WIRE, *pieces]) + room
    shown = [column for index, column in enumerate(axis.columns) if axis.labels(index)]
    wanted = [measure(labels.head(column, axis))[0] + EDGE for column in shown]
    for lane in (lane for lane in on if lane.kind == "input"):
        read = figures.read(lane) if figures else None
        wanted += [fitted(labels.value(model, lane, column, read), "box")[0] + EDGE for column in shown]
    if axis.tracks:
        stubs = [STUB_WORDS for lane in recurrent if lane.unreturned]
        wanted += [length + room + wide / 2 for length in (*wires, *stubs)]
    return max([pill_wide, *ends[-1]]), max([pitch, *wanted]), max(ends[1])


def level(lane: Lane, number: int) -> float:
    """The height of one of the horizontal wires below a lane, counted upwards."""
    return lane.y - lane.height / 2 - 10 - (lane.levels - 1 - number) * LEVEL


def _up(lanes: list[Lane], axes: Sequence[Axis]) -> Iterator[Lane]:
    """Lanes placed from the bottom up."""
    y = 0.0
    for number, lane in enumerate(lanes):
        if number:
            below = lanes[number - 1]
            rise = CROSS if lane.crosses else STUB if below.unreturned and axes[below.axis].columns[1:] else RISE
            y += below.height / 2 + rise + LEVEL * lane.levels + lane.height / 2
        yield replace(lane, y=y)
