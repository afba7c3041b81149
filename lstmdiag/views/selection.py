"""What part of a model a picture is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lstmdiag.diagrams.detail import WHOLE, Detail
from lstmdiag.errors import Problem, UsageError, nearest
from lstmdiag.layer import CellLayer, Layer, RecurrentLayer
from lstmdiag.model import Model

if TYPE_CHECKING:  # it needs numpy, which no picture without numbers does
    from lstmdiag.running.values import Values


@dataclass(frozen=True, slots=True)
class Selection:
    """Units and steps count from 1. None means: the view's own choice."""

    layer: str | None = None  # default: the first recurrent layer
    gate: str | None = None  # default: the keep gate
    unit: int | None = None  # in focus; default: the first, in a trace one that its claim is about
    step: int | None = None
    steps: int | Literal["all"] | None = None  # how many steps to draw; default: all up to 6, else elided
    signal: str | None = None  # signals to draw, `c,h`; default: states and gates
    layers: Literal["all"] | None = None  # whether equal layers in a row are all drawn
    scale: tuple[float, float] | None = None  # ends of the scale, where pictures beside each other share one
    detail: Detail = WHOLE  # how much of it is drawn: the canvas decides


def model_and_values(subject: Model | Values) -> tuple[Model, Values | None]:
    """What a picture is of: a model alone, or with the values of a pass the model that they are of, a toy twin say."""
    return (subject, None) if isinstance(subject, Model) else (subject.model, subject)


def chosen_layer(model: Model, selection: Selection) -> RecurrentLayer:
    """The recurrent layer a picture opens; raises UsageError with the names there are."""
    if selection.layer is None:
        if not model.recurrent:
            problem = Problem(f"{model.name!r} has no recurrent layer to open", hint="draw --view model instead")
            raise UsageError(problem)
        return model.recurrent[0]
    try:
        found = model.layer(selection.layer)
    except KeyError:
        names = [layer.name for layer in model.layers]
        problem = Problem(f"{model.name!r} has no layer {selection.layer!r}", hint=nearest(selection.layer, names))
        raise UsageError(problem) from None
    if not isinstance(found.innermost, RecurrentLayer):
        names = [layer.name for layer in model.recurrent]
        message = f"layer {found.name!r} is a {found.kind}, not a recurrent layer"
        raise UsageError(Problem(message, hint="recurrent: " + ", ".join(names)))
    return found.innermost


def chosen_unit(layer: CellLayer, selection: Selection, quantity: str = "", default: int = 1) -> int:
    """The unit, one number of `quantity` where one is named; raises UsageError beyond the last one."""
    last = layer.rows(quantity) if quantity else layer.units
    unit = default if selection.unit is None else selection.unit
    if not 1 <= unit <= last:
        has = (
            f"has units 1 to {last:,}" if last == layer.units else f"has {last:,} numbers in {quantity}, not one a unit"
        )
        raise UsageError(f"{layer.name!r} {has}, found --unit {unit}")
    return unit


def chosen_step(layer: Layer, selection: Selection, last: int) -> int:
    """The step, by default the last one that the layer takes; raises UsageError beyond the sequence."""
    if selection.step is None:
        return 1 if layer.go_backwards else last
    if selection.step > last:
        raise UsageError(f"{layer.name!r} has steps 1 to {last:,}, found --step {selection.step}")
    return selection.step


def chosen_gate(layer: CellLayer, selection: Selection, among: Sequence[str] = ()) -> str:
    """The quantity with weights that --gate names, `among` some; by default the keep gate, or the first."""
    gates = among or layer.cell.gates()
    if selection.gate is None:
        return next((g for g in gates if layer.cell.roles.get(g) == "gate.keep"), gates[0])
    if selection.gate not in gates:
        raise UsageError(Problem(f"{layer.name!r} has no gate {selection.gate!r}", hint=nearest(selection.gate, gates)))
    return selection.gate
