"""What goes into each layer and what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lstmdiag.analysis.axes import at_places, began, last_letter, time_axes
from lstmdiag.analysis.receptive_field import receptive_fields
from lstmdiag.english import number
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.tables import Table
from lstmdiag.views.tables.layers import row, show_shapes
from lstmdiag.views.tables.rows import Row, table
from lstmdiag.words import Words

WORDS = Words("table_shapes")
_COLUMNS = (
    "layer:code",
    "call:code",
    "from:code",
    "input",
    "output:shape",
    "axes",
    "field",
    "change",
    "params:int",
)


def build(model: Model) -> Table:
    axes = time_axes(model)
    arrows = {layer.name: _changed_axes(model, layer, axes) for layer in model.layers}
    fields = receptive_fields(model)
    beyond = any(steps != 1 for steps in fields.values())
    says_something = {"from:code": not model.chain, "field": beyond}
    meanings = WORDS.group("meanings")
    shapes = [shape for layer in model.layers for shape in (*layer.input_shapes, layer.output)]
    return table(
        WORDS,
        "shapes",
        model,
        (column for column in _COLUMNS if says_something.get(column, True)),
        _rows(model, axes, arrows, fields),
        {
            "batches": [show_shape((None, *source.shape)).replace("?", "N", 1) for source in model.inputs],
            "fields": beyond,
            "unknown": any(None in shape for shape in shapes),
            "masked": [layer.name for layer in model.layers if layer.masked and layer.mask == "reads"],
            "letters": [
                {"letter": letter, "meaning": meanings.say(letter)}
                for letter in ("F", "H", "P", "E", "T")
                if letter in "".join(arrows.values())
            ],
        },
        total={"layer": WORDS.say("all_layers"), "params": model.params},
        data={
            "inputs": [{"name": s.name, "shape": list(s.shape), "dtype": s.dtype} for s in model.inputs],
            "layers": [
                {**row(layer), **({"receptive_field": fields[layer.name]} if layer.name in fields else {})}
                for layer in model.layers
            ],
            "outputs": list(model.outputs),
        },
    )


def _rows(
    model: Model, axes: Mapping[str, str], arrows: Mapping[str, str], fields: Mapping[str, int | None]
) -> Iterator[Row]:
    """One for each input, each layer, and what a layer gives beside its output: one of two outputs, a state."""
    for source in model.inputs:
        letters = _axes(source.shape, axes[source.name], "F") or None
        yield {"layer": source.name, "call": WORDS.say("source"), "output": source.shape, "axes": letters}
    readers, placed = _readers(model), at_places(model)
    for layer in model.layers:
        yield {
            "layer": layer.name,
            "call": layer.call,
            "from": ", ".join(layer.inputs),
            "input": show_shapes(layer.input_shapes),
            "output": layer.output,
            "axes": arrows[layer.name],
            "field": WORDS.say("field", steps=fields[layer.name]) if layer.name in fields else None,
            "change": _change(layer, layer.name in placed) or None,
            "params": layer.params,
        }
        for what, named in (("part", layer.parts), ("state", layer.states)):
            for name, shape in named.items():
                reference = f"{layer.name}.{name}"
                goes = "; ".join(readers.get(reference, [])) or None
                if goes or what == "part":
                    yield {"layer": reference, "call": WORDS.say(what), "output": shape, "change": goes}


def _axes(shape: Shape, time: str, last: str) -> str:
    """T × F: which axis is which; a size where it has no letter."""
    known = [*map(number, shape)]
    if time:
        known[0] = "T"
    if len(known) > bool(time) and last:
        known[-1] = last
    return " × ".join(known)


def _changed_axes(model: Model, layer: Layer, axes: Mapping[str, str]) -> str:
    timed = began(model, layer.inputs[0], axes)
    shapes = _axes(layer.input, timed, "F"), _axes(layer.output, axes[layer.name], last_letter(layer))
    return " → ".join(shape or "1" for shape in shapes)


def _change(layer: Layer, each_place: bool) -> str:
    """What happens to the shape; "" where there is nothing to say."""
    run, innermost, same = layer.unwrapped, layer.innermost, layer.output == layer.input
    summary = innermost.definition.summary
    return WORDS.say(
        "change",
        run,
        layer=layer,
        merged=WORDS.group("merged").say(run.merge_mode or "none"),
        copied=layer.output[0] if innermost.copies and layer.output[1:] == layer.input else None,
        each_place=each_place,
        within_steps=run is not layer and run.recurrent,
        each_step=innermost.cell and layer.weights and len(layer.output) > 1,
        same=same and (innermost.cell or innermost.copies),
        summary=summary[:1].lower() + summary[1:].rstrip("."),
    )


def _readers(model: Model) -> Mapping[str, list[str]]:
    """Reference → where what it names goes, in words."""
    readers: dict[str, list[str]] = {}
    for phrase, names in (("read_by", "inputs"), ("starts", "initial_state")):
        for layer in model.layers:
            for reference in dict.fromkeys(getattr(layer, names)):
                readers.setdefault(reference, []).append(WORDS.say(phrase, layer))
    for reference in dict.fromkeys(model.outputs):
        readers.setdefault(reference, []).append(WORDS.say("given_out"))
    return readers
