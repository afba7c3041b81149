"""The model unrolled: time runs right, depth runs up, every layer one lane with one set of weights."""

from __future__ import annotations

from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.model import Model
from lstmdiag.views.selection import Selection
from lstmdiag.views.time.captions import captions, legend
from lstmdiag.views.time.drawing import draw
from lstmdiag.views.time.layout import Plan, lay_out


def view(model: Model, selection: Selection) -> Diagram:
    """Every layer at every drawn step. Raises UsageError where `selection.steps` cannot be drawn."""
    plan = lay_out(model, selection.steps)
    sheet = Sheet()
    draw(plan, sheet)
    states = tuple(column.state for axis in plan.axes for column in axis.columns) or ("all",)
    return sheet.diagram(view="time", legend=legend(plan), states=states, facts=_facts(plan), **captions(plan))


def _facts(plan: Plan) -> dict[str, int]:
    """What the picture must add up to: drawn and left out steps of every axis, and the parameters."""
    facts = {"params": plan.model.params, "lanes": len(plan.lanes)}
    for axis in plan.axes:
        facts[f"{axis.name}.drawn"] = len(axis.drawn)
        facts[f"{axis.name}.left_out"] = axis.left_out
    return facts
