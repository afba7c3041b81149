"""What is written in the unrolled picture: beside the lanes, in the boxes, along the wires."""

from __future__ import annotations

from collections.abc import Sequence

from lstmdiag.diagrams import Run, Text
from lstmdiag.diagrams.text import bold, clip, figure, run_width, small, sup, text, wrap
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model, show_shape
from lstmdiag.views.time.axes import Axis, Column
from lstmdiag.views.time.lanes import Lane, Source
from lstmdiag.words import Words

CALL_LINES = 4  # of a call with very many options
START = 90.0  # room for the name of what a state begins with
VALUES = 3  # of a step's features, before they are elided
WORDS = Words("time")


def lines(words: str, style: str) -> Text:
    """Words of one or more lines; none of no words."""
    return text(*(Run(line, style) for line in words.split("\n"))) if words else ()


def margin(lane: Lane, room: float, more: str = "") -> Text:
    """The words at the left, below the name: call, shapes, and the one set of weights."""
    layer = lane.layer
    if layer is None:
        return text(small(lane.shape))
    given = " and ".join(map(show_shape, dict.fromkeys(layer.input_shapes)))
    shapes = wrap(f"{given} → {show_shape(layer.output)}", room, "small")
    call = wrap(layer.call, room, "small")[:CALL_LINES]
    remarks = [*WORDS.each("set_of_weights", lane), *WORDS.each("remarks", lane), more]
    return text(*call, *shapes, *(run for remark in remarks for run in wrap(remark, room, "muted")))


SIGNS = {"sum": "+", "mul": "×", "ave": "mean"}


def box(lane: Lane, room: float, axes: Sequence[Axis]) -> Text:
    """On the nodes of a layer: its name, in two lines where it is long."""
    layer = lane.layer
    if layer is None:
        return ()
    name = [bold(clip(line, room, "bold")) for line in ([lane.way] if lane.way else _halves(lane.name, room))]
    if lane.merges:
        sign = SIGNS.get(layer.options.merge_mode)
        return text(*name, *([small(f"→ {sign} ←")] if sign else [small(" "), small(" ")]))  # room for the two halves
    return text(*name) + lines(WORDS.say("box", lane), "small")


def tip(lane: Lane, column: Column) -> str:
    """What a node is, in words."""
    return WORDS.say("tip", lane, step=column.symbol)


def _halves(name: str, room: float) -> list[str]:
    """A long name broken at the underscore nearest its middle."""
    breaks = [i + 1 for i, char in enumerate(name) if char in "_- "]
    if not breaks or run_width(bold(name)) <= room * 0.75:
        return [name]
    middle = min(breaks, key=lambda i: abs(i - len(name) / 2))
    return [name[:middle], name[middle:]]


def symbol(name: str, step: str = "", style: str = "", mark: str = "") -> Text:
    """h with its step below and, where there are several, its layer above: h^[1]_3."""
    above = [sup(mark)] if mark else []
    below = [Run(step, "smallsub" if style else "sub")] if step else []
    return text([Run(name, style), *above, *below])


def value(model: Model, lane: Lane, column: Column | None, read: Sequence[object] | None = None) -> Text:
    """x_1 = 70, where the spec gives an example, or of what a pass `read`; of several features a tuple, elided."""
    if column is None:
        return symbol("x")
    if column.pad and lane.pads:
        return ((*symbol("x", column.symbol)[0], small(f" {WORDS.say('pad')}")),)
    name = symbol("x", column.symbol)
    given = model.example.input if model.example and len(model.inputs) == 1 else None
    given = read if read is not None else given
    if column.step is None or not isinstance(given, list) or len(given) < column.step:
        return name
    return ((*name[0], Run(f" = {_number(given[column.step - 1])}")),)


def _number(given: object) -> str:
    if not isinstance(given, list):
        return (f"{given:.6g}" if isinstance(given, float) else str(given)).replace("-", "−")
    parts = [_number(part) for part in (given if len(given) <= VALUES else [*given[:2], given[-1]])]
    if len(given) > VALUES:
        parts.insert(2, "…")
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def wire(name: str, step: str, shape: Shape, mark: str = "", number: str = "") -> Text:
    """c_2 (100,); of a single number the name alone; with a number c_2 = 0.079."""
    return (
        (
            *symbol(name, step, "small", mark)[0],
            figure(number) if number else small(f" {show_shape(shape)}" if shape else ""),
        ),
    )


def reading(lane: Lane, read: Text) -> Text:
    """On a node of a layer that reads from the end: also what it reads."""
    return (*lane.label, (small(WORDS.say("reads_box")), *read[0]))


def initial(lane: Lane, state: str, axis: Axis) -> Text:
    """The state before the first step: zero, or what a stateful layer kept."""
    begins = WORDS.say("start", lane)
    return ((*symbol(state, before_first(lane, axis), "small", lane.mark)[0], small(f" {begins}")),)


def begun(lane: Lane, source: Source, lanes: Sequence[Lane], axes: Sequence[Axis]) -> Text:
    """h_0 = h_5: a state that begins with the final value of another, or with what a layer gives."""
    giver = lanes[source.lane]
    own = symbol(source.start, before_first(lane, axes[lane.axis]), "small", lane.mark)[0]
    if not source.state:
        return ((*own, small(" = "), small(clip(giver.name, START, "small"))),)
    axis = axes[giver.axis]
    column = axis.real if giver.masked else axis.last
    return ((*own, small(" = "), *final(giver, source.state, axis.columns[0] if giver.leftwards else column)[0]),)


def before_first(lane: Lane, axis: Axis) -> str:
    """0; of a layer that reads from the right, T + 1."""
    if not lane.leftwards:
        return "0"
    return "T+1" if axis.steps is None or axis.last.symbol == "T" else f"{axis.steps + 1}"


def final(lane: Lane, state: str, column: Column, number: str = "") -> Text:
    """The state after the last step."""
    (runs,) = symbol(state, column.symbol, "small", lane.mark)
    return ((*runs, figure(number)) if number else runs,)


def fate(lane: Lane) -> Text:
    """What becomes of the final states; nothing where wires show it."""
    return lines(WORDS.say("fate", lane), "muted")


def unreturned() -> Text:
    """Beside what is computed and goes nowhere."""
    return lines(WORDS.say("not_returned"), "muted")


def pad() -> Text:
    """In the box of a padded step."""
    return text(small(WORDS.say("pad")))


def gap_mark(column: Column, axis: Axis) -> Text:
    """In a lane: how many steps are left out."""
    return text("⋯", small(WORDS.say("more", axis, column=column)))


def head(column: Column, axis: Axis) -> Text:
    """Below a column: its step; below a gap how many are left out, and that they are wired like those drawn."""
    return lines(WORDS.say("more_steps", axis, column=column) if column.gap else column.head, "small")


def result(column: Column | None, given: Text | None, number: str = "") -> Text:
    """y_2, or y_2 = h_2 where a state is what the model returns; a number under it."""
    (name,) = symbol("y", column.symbol if column else "")
    line = name if given is None else (*name, Run(" = "), *given[0])
    return (line, (figure(number),)) if number else (line,)
