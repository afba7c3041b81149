"""The model unrolled: time runs right, depth runs up, every layer one lane with one set of weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.frames import told_until
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.english import counted
from lstmdiag.errors import UsageError
from lstmdiag.model import Model
from lstmdiag.views.selection import Selection, model_and_values
from lstmdiag.views.time.drawing import draw
from lstmdiag.views.time.figures import figures_of
from lstmdiag.views.time.layout import Plan, lay_out
from lstmdiag.views.time.texts import WORDS, About, legend

if TYPE_CHECKING:
    from lstmdiag.running.values import Values


def view(subject: Model | Values, selection: Selection) -> Diagram:
    """Every layer at every drawn step. Raises UsageError where `selection.steps` cannot be drawn."""
    model, values = model_and_values(subject)
    plan = lay_out(model, selection.steps, figures_of(values, selection) if values else None)
    sheet = Sheet()
    draw(plan, sheet)
    states = tuple(column.state for axis in plan.axes for column in axis.columns) or ("all",)
    about = About(plan)
    texts = WORDS.captions(about)
    drawn = sheet.diagram(view="time", legend=tuple(legend(about)), states=states, facts=_facts(plan), **texts)
    if values is None or selection.step is None:
        return drawn
    title = WORDS.say("until", title=drawn.title, step=selection.step)
    return replace(told_until(drawn, _state(plan, selection.step)), title=title)


def _state(plan: Plan, step: int) -> int:
    """The build-up state in which the first axis comes to this step. Raises UsageError beyond its last one."""
    axis = plan.axes[0] if plan.axes else None
    for column in axis.columns if axis else ():
        if column.step is not None and column.step >= step:
            return column.since
    steps = axis.steps if axis else 0
    raise UsageError(f"{plan.model.name!r} has {counted(steps or 0, 'step')} to read, found --step {step}")


def _facts(plan: Plan) -> dict[str, int]:
    """What the picture must add up to: drawn and left out steps of every axis, and the parameters."""
    facts = {"params": plan.model.params, "lanes": len(plan.lanes)}
    for axis in plan.axes:
        facts[f"{axis.name}.drawn"] = len(axis.drawn)
        facts[f"{axis.name}.left_out"] = axis.left_out
    return facts
