"""What the picture of a model says, in boxes, on wires and around them; its words are in words/en/model.yml."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from lstmdiag.analysis.axes import across_time, began, counted, time_axes
from lstmdiag.diagrams import Key, Line, Text
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.text import bold, clip, muted, small, sub, text, wrap
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model, ModelInput
from lstmdiag.views.folding import Block
from lstmdiag.views.letters import coincidence
from lstmdiag.views.words import Facts
from lstmdiag.words import Words

WORDS = Words("model")

WIDE = 200.0  # most room for a line in a box, points
BESIDE = 42.0  # of that half, for the borders of a box and the gap to the next
NARROW = 140.0  # the same on a wire
CALL_LINES = 5  # of a call with very many options


@dataclass(frozen=True, slots=True)
class Look:
    """Role and symbol of what a wire carries."""

    role: str
    symbol: str


def look_of(owner: ModelInput | Layer, part: str = "") -> Look:
    """Of the output of a layer, of one of two outputs, or of a state: forward.c."""
    if isinstance(owner, ModelInput):
        return Look("input", "x")
    cell = owner.innermost.cell
    if not owner.recurrent or cell is None:
        return Look("output", "y")
    state = part.rpartition(".")[2]
    return Look(cell.roles[state], state) if state in cell.state else Look("state.public", cell.output)


def about(model: Model, rows: Iterable[tuple[str, ...]], detail: Detail) -> Facts:
    """The facts that the captions need. `rows` are the letters of the axes on each wire."""
    rows, axes = [*rows], time_axes(model)
    recurrent = [layer for layer in model.layers if layer.recurrent and not layer.shared]
    inside = sum(layer.params for layer in recurrent)
    started = [layer.states for layer in model.layers if layer.initial_state]
    used = dict.fromkeys(counted(letter) for row in rows for letter in row if letter)
    return {
        "model": model,
        "upright": detail.upright,
        "sized": detail.words,
        "layers": model.layers,
        "given": [show_shape(source.shape) for source in model.inputs],
        "returned": [show_shape(model.shape(reference)) for reference in model.outputs],
        "recurrent": recurrent,
        "one_recurrent": len(recurrent) == 1,
        "partly_recurrent": 0 < len(recurrent) < len(model.layers),
        "inside": inside,
        "all_inside": inside == model.params,
        "letters_used": [WORDS.say(letter) for letter in ("N", *used)],
        "bare_sizes": detail.words and any(not letter for row in rows for letter in row),
        "other_sizes": detail.words and any(not letter for row in rows for letter in row[:-1]),
        "starts": list(dict.fromkeys(f"{state.rpartition('.')[2]}₀" for states in started for state in states)),
        "coincidence": coincidence(model),
        "named_inputs": [f"{source.name}: {show_shape(source.shape)}" for source in model.inputs],
        "lines": " ".join(
            WORDS.say("line", _of(model, layer, axes), chain=model.chain, axis_mark=axis_mark(model, layer, axes)) + "."
            for layer in model.layers
        ),
    }


def _of(model: Model, layer: Layer, axes: Mapping[str, str]) -> Facts:
    """The facts of one layer. One that a wrapper runs within each step, or that reads no steps, mixes none."""
    return {
        "layer": layer,
        "across_time": across_time(model, layer, axes),
        "frozen": 0 < layer.frozen_params == layer.params,
        "gives": [f"{name} {show_shape(shape)}" for name, shape in layer.parts.items()] or [show_shape(layer.output)],
    }


def box_width(detail: Detail) -> float:
    """The most room for a line in a box, points: where the picture runs down, two boxes stand side by side."""
    return min(WIDE, detail.width / 2 - BESIDE) if detail.upright else WIDE


def end(name: str, shape: Shape, dtype: str = "float", *, wide: float = WIDE) -> Text:
    said = WORDS.say("end", shape=show_shape(shape), tokens=dtype == "int")
    return text(bold(clip(name, wide, "bold")), *wrap(said, wide, "small"))


def box(model: Model, layer: Layer, axes: Mapping[str, str], wide: float) -> Text:
    """Name, call, what is to be known of it, parameters, output shape."""
    return text(
        bold(clip(layer.name, wide, "bold")),
        *wrap(layer.call, wide, "small")[:CALL_LINES],
        *(run for line in WORDS.each("box", _of(model, layer, axes)) for run in wrap(line, wide, "small")),
    )


def mark(block: Block, wide: float) -> Text:
    """For equal blocks left out: how many, which, and what they hold."""
    layers = block.left_out
    times, how, which, *others = WORDS.each(
        "left_out", block=block, first=layers[0], last=layers[-1], several=len(block.drawn) > 1,
        again=block.times - 1, params_left_out=sum(layer.params for layer in layers),
    )  # fmt: skip
    return text(bold(times), small(how), *wrap(which, wide, "small"), *map(small, others))


def words(
    model: Model, reference: str, axes: Mapping[str, str], reader: Layer | None, place: int, state: str, wide: float
) -> list[Line]:
    """Above the pills of one wire, line by line.

    `state` is the one that starts with what the wire carries: `h_0 = final h`; else the wire is input number
    `place` of its reader.
    """
    owner, part = model.owner(reference)
    layer = owner if isinstance(owner, Layer) else None
    given = WORDS.say("final", part=part.replace(".", " ")) if layer and part in layer.states else part
    said: list[Line] = []
    if state:
        way, _, name = state.rpartition(".")
        said.append((*([muted(f"{way} ")] if way else []), bold(name), sub("0"), muted(f" = {given}" if given else "")))
    elif given:
        said.append((muted(given),))
    if layer and not part and not state:
        said += [(run,) for run in wrap(axis_mark(model, layer, axes), min(NARROW, 0.7 * wide), "muted")]
    names = reader.definition.input_names if reader and not state else ()
    masked = layer is not None and not part and layer.gives_mask
    also = WORDS.say("also", called=names[place : place + 1], masked=masked)
    return [*said, (muted(also),)] if also else said


def axis_mark(model: Model, layer: Layer, axes: Mapping[str, str]) -> str:
    """Where a time axis ends, begins, or has another length from here on, in words."""
    before, after = began(model, layer.inputs[0], axes), axes[layer.name]
    return WORDS.say(
        "axis", layer=layer, before=before, after=after, another=before != after, steps=layer.output[0],
        backwards=getattr(layer.innermost.options, "go_backwards", False),
    )  # fmt: skip


def legend(model: Model, looks: Collection[Look], copied: bool, left_out: list[Layer]) -> list[Key]:
    """`looks` are those of the wires; `copied` says whether a layer hands on h as it was given."""
    keys = [Key("input", WORDS.say("legend_x", others=any(look.role == "output" for look in looks)), "x", "line")]
    states = dict.fromkeys(look for look in looks if look.role.startswith("state."))
    for look in sorted(states, key=lambda look: look.role, reverse=True):
        phrase = "legend_public" if look.role == "state.public" else "legend_private"
        keys.append(Key(look.role, WORDS.say(phrase, symbol=look.symbol, copied=copied), look.symbol, "line"))
    keys.append(Key("layer", WORDS.say("legend_layer"), "", "round"))
    if any(layer.shared for layer in model.layers):
        keys.append(Key("layer", WORDS.say("legend_again"), "", "round", "again"))
    if left_out:
        keys.append(Key("elision", WORDS.say("legend_left_out"), "×", "dotted"))
    return keys
