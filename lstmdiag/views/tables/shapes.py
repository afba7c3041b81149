"""What goes into each layer and what comes out."""

from __future__ import annotations

from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import of_model, row

_COLUMNS = (
    Column("layer", "Layer", "code"),
    Column("call", "Call", "code"),
    Column("input", "Input", "shape"),
    Column("output", "Output", "shape"),
    Column("axes", "Axes"),
    Column("change", "What happens"),
    Column("params", "Parameters", "int"),
)


def build(model: Model) -> Table:
    inputs = [(s.name, "input", None, s.shape, _axes(s.shape, "F"), None, None) for s in model.inputs]
    layers = [
        (layer.name, layer.call, layer.input, layer.output, _change_of_axes(layer), _change(layer), layer.params)
        for layer in model.layers
    ]
    return Table(
        "shapes",
        of_model(model, "Shapes"),
        _COLUMNS,
        (*inputs, *layers),
        total=("all layers", "", "", "", "", "", model.params),
        notes=tuple(_notes(model)),
        data={
            "inputs": [{"name": s.name, "shape": list(s.shape), "dtype": s.dtype} for s in model.inputs],
            "layers": [row(layer) for layer in model.layers],
        },
    )


def _axes(shape: tuple[int | None, ...], last: str) -> str | None:
    """T × F: which axis is which, for the shapes that recurrent layers read and write."""
    return {1: last, 2: f"T × {last}"}.get(len(shape))


def _change_of_axes(layer: Layer) -> str | None:
    before, after = _axes(layer.input, "F"), _axes(layer.output, "H" if "units" in layer.sizes else "F")
    return f"{before} → {after}" if before and after else None


def _change(layer: Layer) -> str | None:
    if layer.recurrent and layer.cell:
        h = layer.cell.output
        if layer.returns_sequences:
            return f"T stays: {h} of every step leaves"
        return f"T is dropped: {h} of the last {'step read' if layer.options.go_backwards else 'step'} leaves"
    if len(layer.output) > len(layer.input):
        return f"T is new: {layer.output[0]:,} equal copies"
    if layer.weights and len(layer.output) > 1:
        return "each step on its own, with the same weights"
    return "the shape stays" if layer.output == layer.input else None


def _notes(model: Model) -> list[str]:
    shapes = [show_shape((None, *source.shape)).replace("?", "N", 1) for source in model.inputs]
    notes = [f"Shapes are those of one sample. N samples at once put N in front of each: {', '.join(shapes)} goes in."]
    if any(None in shape for layer in model.layers for shape in (layer.input, layer.output)):
        notes.append("? is any number of steps; no weight depends on it.")
    letters = {"F": "features read", "H": "units", "T": "steps"}
    used = [letter for letter in letters if any(letter in (_change_of_axes(layer) or "") for layer in model.layers)]
    if used:
        notes.append("Per layer: " + ", ".join(f"{letter} {letters[letter]}" for letter in used) + ".")
    return notes
