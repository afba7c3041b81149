"""The words of the view `model`: in boxes, on wires, and around the picture."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lstmdiag.diagrams import Key, Line, Text
from lstmdiag.diagrams.text import bold, clip, muted, small, sub, text, wrap
from lstmdiag.english import counted, listed
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model, ModelInput
from lstmdiag.readings.axes import time_axes
from lstmdiag.views.folding import Block
from lstmdiag.views.letters import coincidence

WIDE = 200.0  # most room for a line in a box, points
NARROW = 140.0  # the same on a wire
CALL_LINES = 5  # of a call with very many options

MEANINGS = {"N": "N samples", "T": "T steps", "F": "F features", "E": "E numbers for each token", "H": "H units"}


@dataclass(frozen=True, slots=True)
class Look:
    """Role and symbol of what a wire carries."""

    role: str
    symbol: str


def look_of(owner: ModelInput | Layer, part: str = "") -> Look:
    """Of the output of a layer, of one of two outputs, or of a state: forward.c."""
    if isinstance(owner, ModelInput):
        return Look("input", "x")
    cell = owner.maths.cell
    if not owner.recurrent or cell is None:
        return Look("output", "y")
    state = part.rpartition(".")[2]
    return Look(cell.roles[state], state) if state in cell.state else Look("state.public", cell.output)


def end(name: str, shape: Shape, dtype: str = "float") -> Text:
    tokens = " tokens" if dtype == "int" else ""
    return text(bold(clip(name, WIDE, "bold")), *wrap(show_shape(shape) + tokens, WIDE, "small"))


def box(layer: Layer) -> Text:
    """Name, call, what is to be known of it, parameters, output shape."""
    return text(
        bold(clip(layer.name, WIDE, "bold")),
        *wrap(layer.call, WIDE, "small")[:CALL_LINES],
        *(run for said in _notes(layer) for run in wrap(said, WIDE, "small")),
        *wrap(_params(layer), WIDE, "small"),
        *wrap(f"→ {_gives(layer)}", WIDE, "small"),
    )


def _notes(layer: Layer) -> Iterator[str]:
    if layer.shared:
        yield f"the weights of {layer.shared}, again"
    if layer.backward:
        yield "two directions"
    if layer.across_time:
        yield "looks across time"


def _params(layer: Layer) -> str:
    """`49,408 parameters`; of two directions `2 × 24,832 = 49,664 parameters`; and those that are not trained."""
    said = counted(layer.params, "parameter")
    if layer.backward and layer.params:
        said = f"2 × {layer.backward.params:,} = {said}"
    if layer.frozen_params:
        said += ", not trained" if layer.frozen_params == layer.params else f", {layer.frozen_params:,} not trained"
    return said


def _gives(layer: Layer) -> str:
    parts = [f"{name} {show_shape(shape)}" for name, shape in layer.parts.items()]
    return listed(parts) or show_shape(layer.output)


def mark(block: Block) -> Text:
    """For equal blocks left out: how many, which, and what they hold."""
    layers, size = block.left_out, len(block.drawn)
    return text(
        bold(f"× {block.times:,}"),
        small(f"⋯ {counted(len(layers), 'more layer')}, wired identically:"),
        *wrap(f"{layers[0].name} … {layers[-1].name}", WIDE, "small"),
        *([small(f"{counted(block.times - 1, 'more time')} the {size} layers before")] if size > 1 else []),
        small(f"{counted(sum(layer.params for layer in layers), 'parameter')} together"),
    )


def words(
    model: Model, reference: str, axes: Mapping[str, str], reader: Layer | None, place: int, state: str
) -> list[Line]:
    """Above the pills of one wire, line by line.

    `state` is the one that starts with what the wire carries: `h_0 = final h`; else the wire is input number
    `place` of its reader.
    """
    owner, part = model.owner(reference)
    layer = owner if isinstance(owner, Layer) else None
    given = f"final {part.replace('.', ' ')}" if layer and part in layer.states else part
    said: list[Line] = []
    if state:
        way, _, name = state.rpartition(".")
        said.append((*([muted(f"{way} ")] if way else []), bold(name), sub("0"), muted(f" = {given}" if given else "")))
    elif given:
        said.append((muted(given),))
    if layer and not part and not state:
        said += [(run,) for run in wrap(axis_mark(model, layer, axes), NARROW, "muted")]
    names = reader.definition.input_names if reader and not state else ()
    called = [names[place]] if names else []
    masked = ["with a mask"] if layer and not part and layer.gives_mask else []
    return [*said, (muted(", ".join([*called, *masked])),)] if called or masked else said


def axis_mark(model: Model, layer: Layer, axes: Mapping[str, str]) -> str:
    """Where a time axis ends, begins, or has another length from here on, in words."""
    owner, part = model.owner(layer.inputs[0])
    before = "" if part and part not in getattr(owner, "parts", ()) else axes[owner.name]
    after = axes[layer.name]
    if before and not after:
        return f"time axis ends here{_kept(layer)}"
    if after == before:
        return ""
    steps = layer.output[0]
    if not before:
        copies = f": {steps:,} × the same vector" if layer.definition.repeats else ""
        return f"time axis begins here{copies}"
    return "another time axis from here on"


def _kept(layer: Layer) -> str:
    if not layer.recurrent:
        return ""
    if layer.backward:
        return ": last step each way"
    return ": last step read only" if layer.maths.options.go_backwards else ": last step only"


def claim(model: Model) -> str:
    total, layers = counted(model.params, "parameter"), counted(len(model.layers), "layer")
    before = listed([show_shape(source.shape) for source in model.inputs])
    after = listed([show_shape(model.shape(reference)) for reference in model.outputs])
    go, come = ("goes" if len(model.inputs) == 1 else "go"), ("comes" if len(model.outputs) == 1 else "come")
    said = f"{before} {go} in and {after} {come} out, through {total} in {layers}"
    recurrent = [layer for layer in model.layers if layer.recurrent and not layer.shared]
    if not recurrent or len(recurrent) == len(model.layers):
        return f"{said}."
    inside = sum(layer.params for layer in recurrent)
    share = "all" if inside == model.params else f"{inside:,}"
    where = "the recurrent layer" if len(recurrent) == 1 else f"the {len(recurrent)} recurrent layers"
    return f"{said}; {share} of them are in {where}."


def reading(model: Model, rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    used = dict.fromkeys(letter[0] for row in rows for letter in row if letter)
    meant = listed([MEANINGS[letter] for letter in ("N", *used)])
    said = f"Data runs from left to right, and every wire says the shape it carries: {meant}"
    bare = any(not letter for row in rows for letter in row)
    maps = any(not letter for row in rows for letter in row[:-1])
    dense = "; a number alone counts the outputs of a layer that is not recurrent."
    other = "; a number alone is a size without a letter."
    said += "." if not bare else other if maps or any(layer.backward for layer in model.layers) else dense
    started = [layer.states for layer in model.layers if layer.initial_state]
    names = dict.fromkeys(f"{state.rpartition('.')[2]}₀" for states in started for state in states)
    begins = f"A wire to {listed(list(names))} sets the state before the first step." if names else ""
    return " ".join(filter(None, [said, begins, coincidence(model)]))


def legend(model: Model, looks: Collection[Look], copied: bool, left_out: list[Layer]) -> list[Key]:
    """`looks` are those of the wires; `copied` says whether a layer hands on h as it was given."""
    others = any(look.role == "output" for look in looks)
    keys = [Key("input", "the input x" + (", or what a layer without a state returns" if others else ""), "x", "line")]
    copies = ", and its copies" if copied else ""
    states = dict.fromkeys(look for look in looks if look.role.startswith("state."))
    for look in sorted(states, key=lambda look: look.role, reverse=True):
        meaning = (
            f"{look.symbol}, the public state: what a recurrent layer returns{copies}"
            if look.role == "state.public"
            else f"{look.symbol}, the private state, handed over"
        )
        keys.append(Key(look.role, meaning, look.symbol, "line"))
    keys.append(Key("layer", "a layer: name, call, parameters, output shape", "", "round"))
    if any(layer.shared for layer in model.layers):
        keys.append(Key("layer", "the same layer again, with the same weights", "", "round", "again"))
    if left_out:
        keys.append(Key("elision", "layers left out, wired identically", "×", "dotted"))
    return keys


def description(model: Model) -> str:
    axes = time_axes(model)
    given = [f"{source.name}: {show_shape(source.shape)}" for source in model.inputs]
    said = [f"The layers of the model, from left to right. {'; '.join(given)}."]
    for layer in model.layers:
        mark = axis_mark(model, layer, axes)
        reads = "" if model.chain else f", reads {listed(layer.inputs)}"
        starts = f", starts from {listed(layer.initial_state)}" if layer.initial_state else ""
        notes = "".join(f", {note}" for note in _notes(layer))
        makes = f"{_params(layer)}, gives {_gives(layer)}"
        said.append(f"{layer.name}: {layer.call}{reads}{starts}{notes}, {makes}{', ' + mark if mark else ''}.")
    return " ".join([*said, f"In all {counted(model.params, 'parameter')}."])
