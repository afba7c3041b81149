"""The model unrolled: time runs right, depth runs up, every layer one lane with one set of weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.frames import with_numbers_until
from lstmdiag.english import counted
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.views.selection import Selection, model_and_values
from lstmdiag.views.time.drawing import draw
from lstmdiag.views.time.facts import WORDS
from lstmdiag.views.time.layout import Grid, lay_out
from lstmdiag.views.time.signals import Numbers
from lstmdiag.views.time.texts import facts_of, legend

if TYPE_CHECKING:
    from lstmdiag.running.values import Values


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """Every layer at every drawn step. Raises UsageError where `selection.steps` cannot be drawn."""
    model, values = model_and_values(subject)
    numbers, fold = Numbers(model, values, selection.unit or 1), selection.layers != "all"
    grid = lay_out(model, selection.steps, numbers, selection.detail, fold=fold)
    about = facts_of(model, grid)
    states = tuple(column.state for axis in grid.axes for column in axis.columns) or ("all",)
    texts = WORDS.captions(about)
    drawn = draw(grid).diagram(
        view="time", legend=[*legend(about)], states=states, facts=_adds_up(model, grid), **texts
    )
    if values is None or selection.step is None:
        return drawn
    title = WORDS.say("until", title=drawn.title, step=selection.step)
    return replace(with_numbers_until(drawn, _state(model, grid, selection.step)), title=title)


def _state(model: Model, grid: Grid, step: int) -> int:
    """The build-up state in which the first axis comes to this step. Raises UsageError beyond its last one."""
    for axis in grid.axes[:1]:
        for column in axis.columns:
            if column.step is not None and column.step >= step:
                return column.since
    steps = grid.axes[0].steps if grid.axes else 0
    raise UsageError(f"{model.name!r} has {counted(steps or 0, 'step')} to read, found --step {step}")


def _adds_up(model: Model, grid: Grid) -> dict[str, int]:
    """What the picture must add up to: drawn and left out steps of every axis, and the parameters."""
    facts = {"params": model.params, "lanes": len(grid.lanes)}
    for axis in grid.axes:
        facts |= {f"{axis.name}.drawn": axis.drawn, f"{axis.name}.left_out": axis.left_out}
    return facts
