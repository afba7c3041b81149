"""What goes into each layer and what comes out."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.english import listed
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Model
from lstmdiag.readings.axes import time_axes
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.tables.layers import of_model, row, show_shapes

_COLUMNS = (
    Column("layer", "Layer", "code"),
    Column("call", "Call", "code"),
    Column("from", "Reads", "code"),
    Column("input", "Input"),
    Column("output", "Output", "shape"),
    Column("axes", "Axes"),
    Column("change", "What happens"),
    Column("params", "Parameters", "int"),
)
_READS = 2  # the place of that column
Row = tuple[Cell, ...]


def build(model: Model) -> Table:
    axes = time_axes(model)
    rows: list[Row] = [
        (source.name, "input", None, None, source.shape, _axes(source.shape, axes[source.name], "F"), None, None)
        for source in model.inputs
    ]
    readers = _readers(model)
    for layer in model.layers:
        reads = ", ".join(layer.inputs)
        shapes = (_changed_axes(model, layer, axes), _change(layer), layer.params)
        rows.append((layer.name, layer.call, reads, show_shapes(layer.input_shapes), layer.output, *shapes))
        rows += _further(layer, readers)
    total: Row = ("all layers", "", "", "", "", "", "", model.params)
    columns: tuple[Column, ...] = _COLUMNS
    if model.chain:  # each reads the one before, and that column says nothing
        columns = (*columns[:_READS], *columns[_READS + 1 :])
        rows, total = [_without_reads(line) for line in rows], _without_reads(total)
    return Table(
        "shapes",
        of_model(model, "Shapes"),
        columns,
        tuple(rows),
        total=total,
        notes=tuple(_notes(model, rows)),
        data={
            "inputs": [{"name": s.name, "shape": list(s.shape), "dtype": s.dtype} for s in model.inputs],
            "layers": [row(layer) for layer in model.layers],
            "outputs": list(model.outputs),
        },
    )


def _without_reads(line: Row) -> Row:
    return (*line[:_READS], *line[_READS + 1 :])


def _axes(shape: Shape, time: str, last: str) -> str | None:
    """T × F: which axis is which; a size where it has no letter."""
    known = ["?" if size is None else f"{size:,}" for size in shape]
    if time:
        known[0] = "T"
    if len(known) > bool(time) and last:
        known[-1] = last
    return " × ".join(known) or None


def _changed_axes(model: Model, layer: Layer, axes: Mapping[str, str]) -> str | None:
    before, part = model.owner(layer.inputs[0])
    timed = "" if part and part not in getattr(before, "parts", ()) else axes[before.name]
    return f"{_axes(layer.input, timed, 'F')} → {_axes(layer.output, axes[layer.name], _last(layer))}"


def _last(layer: Layer) -> str:
    """The letter of the last axis that comes out, '' where it has none."""
    found, sizes, size = layer.unwrapped, layer.maths.sizes, layer.output[-1] if layer.output else None
    letters = {"units": "H", "projection": "P", "output_dim": "E"}
    known = [letter for name, letter in letters.items() if sizes.get(name) == size and name in sizes]
    if found.backward and found.inner:
        merged = found.options.merge_mode == "concat"
        inner = _last(found.inner)
        return f"2{inner}" if merged and inner else inner
    if layer.maths.cell and layer.recurrent:
        wide = layer.maths.cell.state[layer.maths.cell.output][-1]
        return letters.get(str(wide), "")
    return known[0] if known else "F" if size == layer.input[-1] else ""


_MERGED: Mapping[str | None, str] = {
    "concat": "of both directions, side by side,", "sum": "of both directions, added up,",
    "mul": "of both directions, multiplied,", "ave": "of both directions, their mean,",
    None: "of each direction by itself",
}  # fmt: skip


def _change(layer: Layer) -> str | None:
    found = layer.unwrapped
    change = _recurrent(found) if found.recurrent else _plain(layer)
    if layer.initial_state:
        change = f"{change}; starts from {listed(layer.initial_state)}"
    return f"{change}; the weights of {layer.shared}" if layer.shared else change


def _recurrent(layer: Layer) -> str:
    cell = layer.maths.cell
    what = cell.output if cell else "output"
    both = f" {_MERGED[layer.options.merge_mode]}" if layer.backward else ""
    if layer.returns_sequences:
        return f"T stays: {what}{both} of every step leaves"
    last = "step each has read last" if both else "last step read" if layer.options.go_backwards else "last step"
    return f"T is dropped: {what}{both} of the {last} leaves"


def _plain(layer: Layer) -> str | None:
    if layer.maths.copies and layer.output[0] is not None and layer.output[1:] == layer.input:
        return f"T is new: {layer.output[0]:,} equal copies"
    if layer.maths.cell and layer.weights and len(layer.output) > 1:
        return "each step on its own, with the same weights"
    if layer.maths.cell or (layer.maths.copies and layer.output == layer.input):
        return "the shape stays" if layer.output == layer.input else None
    summary = layer.maths.definition.summary
    return summary[0].lower() + summary[1:].rstrip(".")


def _readers(model: Model) -> Mapping[str, list[str]]:
    """Reference → where what it names goes, in words."""
    found: dict[str, list[str]] = {}
    for layer in model.layers:
        for reference in dict.fromkeys(layer.inputs):
            found.setdefault(reference, []).append(f"to {layer.name}")
    for layer in model.layers:
        for reference in dict.fromkeys(layer.initial_state):
            found.setdefault(reference, []).append(f"{layer.name} starts from it")
    for reference in dict.fromkeys(model.outputs):
        found.setdefault(reference, []).append("out of the model")
    return found


def _further(layer: Layer, readers: Mapping[str, list[str]]) -> list[Row]:
    """What it gives beside its output: one of two outputs, or a state that is read elsewhere."""
    rows: list[Row] = []
    for part, shape in {**layer.parts, **layer.states}.items():
        reference = f"{layer.name}.{part}"
        goes = readers.get(reference, [])
        if goes or part in layer.parts:
            what = "output" if part in layer.parts else "state"
            rows.append((reference, what, None, None, shape, None, "; ".join(goes) or None, None))
    return rows


def _notes(model: Model, rows: list[Row]) -> list[str]:
    shapes = [show_shape((None, *source.shape)).replace("?", "N", 1) for source in model.inputs]
    goes = "goes" if len(shapes) == 1 else "go"
    notes = [f"Shapes are those of one sample. N samples at once put N in front of each: {listed(shapes)} {goes} in."]
    if any(None in shape for layer in model.layers for shape in (*layer.input_shapes, layer.output)):
        notes.append("? is any number of steps; no weight depends on it.")
    if not model.chain:
        notes.append(f"Out of the model {'comes' if len(model.outputs) == 1 else 'come'} {listed(model.outputs)}.")
    masked = [layer.name for layer in model.layers if layer.masked and layer.mask == "reads"]
    if masked:
        notes.append(f"A mask of padded steps comes to {listed(masked)}: masked steps change no state.")
    letters = {"F": "features read", "H": "units", "P": "numbers of the projection", "E": "numbers per token",
               "T": "steps"}  # fmt: skip
    said = " ".join(str(cell) for line in rows for cell in line[3:6] if isinstance(cell, str) and "→" in cell)
    used = [letter for letter in letters if letter in said]
    if used:
        notes.append("Per layer: " + ", ".join(f"{letter} {letters[letter]}" for letter in used) + ".")
    return notes
