"""A kind made from a cell that the user declared under `cells:`."""

from __future__ import annotations

from typing import Any

from pydantic import create_model

from lstmdiag.cells.cell import Cell
from lstmdiag.layers import recurrent
from lstmdiag.layers.kind import Activation, Flag, Kind, Shape

_DEFAULTS = {"activation": "tanh", "recurrent_activation": "sigmoid"}


def custom_kind(cell: Cell) -> Kind:
    """A recurrent kind; each function the equations leave open (`activation(...)`) is an option."""
    fields: dict[str, Any] = {
        name: (Activation, _DEFAULTS[name]) if name in _DEFAULTS else (Activation, ...) for name in cell.options
    }
    if any(name.startswith("b") for name in cell.weights):
        fields["use_bias"] = (Flag, True)
    options = create_model(f"{cell.name}Options", __base__=recurrent.RecurrentOptions, **fields)

    def bind(chosen: Any) -> Cell:
        functions = {name: getattr(chosen, name) for name in cell.options}
        return cell.bind(functions, use_bias=getattr(chosen, "use_bias", True))

    def output(chosen: Any, shape: Shape) -> Shape:
        return recurrent.output(chosen, shape)

    return Kind(
        name=cell.name,
        options=options,
        first="units",
        summary="A cell declared in this spec.",
        output=output,
        cell=bind,
        sizes=recurrent.sizes,
        recurrent=True,
    )
