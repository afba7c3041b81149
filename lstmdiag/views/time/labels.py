"""What is written in the unrolled picture: beside the lanes, in the boxes, along the wires."""

from __future__ import annotations

from collections.abc import Sequence

from lstmdiag.diagrams import Run, Text
from lstmdiag.diagrams.text import bold, clip, figure, run_width, small, sup, text, wrap
from lstmdiag.english import counted
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.views.time.axes import Axis, Column
from lstmdiag.views.time.lanes import Lane, Source

CALL_LINES = 4  # of a call with very many options
START = 90.0  # room for the name of what a state begins with
VALUES = 3  # of a step's features, before they are elided
UNRETURNED = ("computed,", "not returned")


def margin(lane: Lane, room: float, more: str = "") -> Text:
    """The words at the left, below the name: call, shapes, and the one set of weights."""
    layer = lane.layer
    if layer is None:
        return text(small(show_shape(lane.gives)))
    given = " and ".join(map(show_shape, dict.fromkeys(layer.input_shapes)))
    shapes = wrap(f"{given} → {show_shape(layer.output)}", room, "small")
    call = wrap(layer.call, room, "small")[:CALL_LINES]
    remarks = [run for remark in (*_remarks(lane), more) for run in wrap(remark, room, "muted")]
    weights = [run for part in weights_of(lane) for run in wrap(part, room, "muted")]
    return text(*call, *shapes, *weights, *remarks)


def weights_of(lane: Lane) -> tuple[str, ...]:
    """`40,800 weights: one set of W, U, b,` and `used 3 times`."""
    layer = lane.layer
    if layer is None or lane.merges or not layer.weights:
        return ("no weights",) if not lane.merges else ()
    if lane.shared:
        return f"the weights of {lane.shared}, again,", f"used {times(layer.uses)}"
    letters = ", ".join(dict.fromkeys(weight.part for weight in layer.weights))
    return f"{counted(layer.params, 'weight')}: one set of {letters},", f"used {times(layer.uses)}"


def times(uses: int | None) -> str:
    """once, 3 times, at every step."""
    if uses is None:
        return "at every step"
    return "once" if uses == 1 else f"{uses:,} times"


def _remarks(lane: Lane) -> list[str]:
    said = {
        "stateful": "stateful: starts from the states in which the last batch ended",
        "return_state": "return_state: the final states are returned as well",
    }
    found = [words for option, words in said.items() if lane.option(option)]
    if lane.turned and not lane.way:
        found.append("go_backwards: its step 1 reads the last input")
    if lane.kind == "steps" and lane.layer and lane.layer.recurrent and not lane.merges:
        found.append("within each step it reads that step's own sequence")
    if lane.way:
        found.append(f"reads from the {'last step to the first' if lane.reversed else 'first step to the last'}")
    if lane.merges and lane.layer:
        mode = lane.layer.options.merge_mode
        which = "at each step" if lane.along_time else "forward's last with backward's last, at t = 1"
        found.append(f"{mode}: {which}")
    found += [neighbours(lane.layer)] if lane.layer and any(s.reads == "window" for s in lane.sources) else []
    if lane.layer and any(source.reads == "all" for source in lane.sources):
        found += [lane.layer.definition.over_steps] if lane.layer.definition.over_steps else []
    if lane.layer and lane.layer.definition.each_step:
        found.append(lane.layer.definition.each_step)
    return found


def neighbours(layer: Layer) -> str:
    """How many steps one step reads."""
    if not layer.window:
        return "one sequence behind the other"
    return f"each step reads {counted(layer.window.size, 'neighbouring step')}"


SIGNS = {"sum": "+", "mul": "×", "ave": "mean"}


def box(lane: Lane, room: float, axes: Sequence[Axis]) -> Text:
    """On the nodes of a layer: its name, in two lines where it is long."""
    layer = lane.layer
    if layer is None:
        return ()
    lines = [bold(clip(line, room, "bold")) for line in ([lane.way] if lane.way else _halves(lane.name, room))]
    more = [small(f"{lane.gives[0]:,} copies")] if lane.kind == "repeat" else []
    if layer.mask == "query" and lane.along_time:
        steps = layer.input_shapes[1][0]
        more = [small(f"{counted(steps, 'weight')}, one" if steps else "one weight"), small("for each value step")]
    if layer.definition.tokens:
        more = [small("row of E")]
    if lane.drops:
        more = [small(f"✂ {layer.options.rate:.0%} in training")]
    if lane.merges:
        sign = SIGNS.get(layer.options.merge_mode)
        more = [small(f"→ {sign} ←")] if sign else [small(" "), small(" ")]  # room for the two halves
    return text(*lines, *more)


def tip(lane: Lane, column: Column) -> str:
    """What a node is, in words."""
    if lane.layer is None:
        return f"{lane.name}, step {column.symbol}"
    weights = "the same weights" if lane.layer.weights else "no weights"
    return f"{lane.name}, step {column.symbol}: {weights}"


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
        return ((*symbol("x", column.symbol)[0], small(" pad")),)
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
    return (*lane.label, (small("reads "), *read[0]))


def initial(lane: Lane, state: str, axis: Axis) -> Text:
    """The state before the first step: zero, or what a stateful layer kept."""
    given = " kept" if lane.option("stateful") else " = 0"
    return ((*symbol(state, before_first(lane, axis), "small", lane.mark)[0], small(given)),)


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


def fate(lane: Lane) -> tuple[str, ...]:
    """What becomes of the final states; nothing where wires show it."""
    if lane.option("stateful"):
        return ("kept for the", "next batch")
    if lane.option("return_state"):
        return ("returned",)
    return UNRETURNED if any(not lane.returns(state) for state in lane.finals) else ()


def gap_mark(column: Column, axis: Axis) -> Text:
    """In a lane: how many steps are left out."""
    return text("⋯", small(f"{_left_out(column, axis)} more"))


def head(column: Column, axis: Axis) -> Text:
    """Below a column: its step; below a gap how many are left out, and that they are wired like those drawn."""
    if not column.gap:
        return text(small(column.head))
    steps = "step" if column.left_out == 1 else "steps"
    return text(small(f"{_left_out(column, axis)} more {steps},"), small("wired identically"))


def _left_out(column: Column, axis: Axis) -> str:
    return f"T−{len(axis.drawn)}" if axis.steps is None else f"{column.left_out:,}"


def result(column: Column | None, given: Text | None, number: str = "") -> Text:
    """y_2, or y_2 = h_2 where a state is what the model returns; a number under it."""
    (name,) = symbol("y", column.symbol if column else "")
    line = name if given is None else (*name, Run(" = "), *given[0])
    return (line, (figure(number),)) if number else (line,)
