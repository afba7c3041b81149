"""A kind made from a cell that the user declared under `cells:`."""

from __future__ import annotations

from typing import Any

from pydantic import create_model

from lstmdiag.cells.cell import FUNCTION_OPTIONS, Cell
from lstmdiag.cells.shapes import size
from lstmdiag.layers.kind import Activation, Flag, Kind, Shape, Size, option_names
from lstmdiag.layers.recurrent import RecurrentOptions, sizes
from lstmdiag.layers.shapes import needs_features, needs_sequence

_DEFAULTS = {"activation": "tanh", "recurrent_activation": "sigmoid"}
_KNOWN_SIZES = ("units", "features")


def is_size_name(name: str) -> bool:
    """Whether a cell may call a size so: `units`, `features`, or what can be an option of its own."""
    return name in _KNOWN_SIZES or not (
        name in FUNCTION_OPTIONS or name == "use_bias" or name.startswith("model_") or hasattr(RecurrentOptions, name)
        or name in option_names(RecurrentOptions)
    )  # fmt: skip


def custom_kind(cell: Cell) -> Kind:
    """A recurrent kind; each function and each size that the equations leave open is an option."""
    fields: dict[str, Any] = {name: (Activation, _DEFAULTS[name]) for name in cell.options}
    if any(name.startswith("b") for name in cell.weights):
        fields["use_bias"] = (Flag, True)
    shapes = (*cell.state.values(), *cell.weights.values())
    own = dict.fromkeys(dim for dims in shapes for dim in dims if isinstance(dim, str) and dim not in _KNOWN_SIZES)
    fields.update(dict.fromkeys(own, (Size, ...)))
    options = create_model(f"{cell.name}Options", __base__=RecurrentOptions, **fields)

    def bind(chosen: Any) -> Cell:
        functions = {name: getattr(chosen, name) for name in cell.options}
        return cell.bind(functions, use_bias=getattr(chosen, "use_bias", True))

    def sizes_of(chosen: Any, shape: Shape) -> dict[str, int]:
        return {**sizes(chosen, shape), **{name: getattr(chosen, name) for name in own}}

    def output(chosen: Any, shape: Shape) -> Shape:
        needs_sequence(shape)
        needs_features(shape)
        state = size(cell.state[cell.output], sizes_of(chosen, shape))
        return (shape[0], *state) if chosen.return_sequences else state

    return Kind(
        name=cell.name,
        options=options,
        first="units",
        summary="A cell declared in this spec.",
        output=output,
        cell=bind,
        function=(lambda chosen: chosen.activation) if "activation" in cell.options else None,
        sizes=sizes_of,
        recurrent=True,
        mask="reads",
    )
