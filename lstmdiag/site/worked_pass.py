"""Section 8 of a page: one forward pass, as tables, worked step by step and drawn. Every number is of that pass.

numpy is needed here, so this is imported where a page's numbers are made, and not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from math import ceil, log10, prod
from pathlib import Path

import numpy as np

from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.circuit import is_weighted_sum
from lstmdiag.cells.numbers import Array
from lstmdiag.english import listed
from lstmdiag.errors import LstmdiagError
from lstmdiag.model import Layer, Model
from lstmdiag.running.effort import PAGE
from lstmdiag.running.moment import Moment
from lstmdiag.running.record import as_text, record
from lstmdiag.running.steps import BEFORE
from lstmdiag.running.tracing import example_weights, told_at
from lstmdiag.running.tracing import values as passed
from lstmdiag.running.values import Values
from lstmdiag.site.markup import code
from lstmdiag.site.outline import equal_layers, suffixes
from lstmdiag.site.worked_layer import LayerWalk, equation
from lstmdiag.views.numbers import SOME, decimals, short, vector
from lstmdiag.views.trace_values import furthest, saturated

DENSE = 2  # rows of a dense layer that are worked out
LARGE = 10.0  # inputs beyond this are scaled for comparison


def run(model: Model, folder: Path) -> Values:
    """The model itself where it is small or has weights of its own, in `folder`, else its toy twin.

    Raises LstmdiagError.
    """
    file = example_weights(model, folder)
    if file is None:
        return passed(model, toy=True, bounds=PAGE)
    with told_at(model.example.at if model.example else None):
        return passed(model, weights=file, bounds=PAGE)


def html(model: Model, folder: Path) -> str:
    """The whole section without its heading. Raises LstmdiagError where the weights that it names are no weights.

    Where there is no twin, it says why.
    """
    return written(shown(model, folder))


def written(values: Values | LstmdiagError) -> str:
    """The section about a pass, or why there is none."""
    if isinstance(values, LstmdiagError):
        return f"<p>No pass is shown here: {escape(values.problems[0].message)}.</p>"
    return "".join(sections(values))


def shown(model: Model, folder: Path) -> Values | LstmdiagError:
    """The pass, or why there is none. Raises LstmdiagError where the weights that it names are no weights."""
    try:
        return run(model, folder)
    except LstmdiagError as error:
        if model.example and model.example.weights:
            raise
        return error


def numbers(model: Model, folder: Path) -> bytes | None:
    """Every number of the section with every digit, as JSON; None where no pass is shown.

    Raises LstmdiagError as `html` does.
    """
    return digits(shown(model, folder))


def digits(values: Values | LstmdiagError) -> bytes | None:
    """Every number of a pass, as JSON; None where there is none."""
    if isinstance(values, LstmdiagError):
        return None
    made = record(values)
    if other := scaled(values):
        power, small = other
        same = ("model", "title", "layers", "weights", "versions")
        made["scaled"] = {
            "divided_by": power,
            **{key: value for key, value in record(small).items() if key not in same},
        }
    return as_text(made)


def sections(values: Values) -> Iterator[str]:
    yield _opening(values)
    endings = suffixes(values.model)
    walks = []
    for layer, *_ in equal_layers(values.model):
        walks.append(LayerWalk(values, layer, endings[layer.name]))
        if back := values.model.layer(layer.top).backward:
            walks.append(LayerWalk(values, back, f"{endings[layer.name]}-backward"))
    for index, walk in enumerate(walks):
        part = "".join(walk.parts())
        title = f"Numbers of {code(walk.called)}"
        yield f'<details class="ld-inside"><summary>{title}</summary>{part}</details>' if index else part
    yield _way_out(values)
    yield from _scaling(values)


def _opening(values: Values) -> str:
    """What goes in, what comes out, and where the weights come from."""
    trace, model = values.trace, values.model
    given = [_listing(trace[source.name][0]) for source in model.inputs]
    made = [_listing(output[0]) for output in trace.outputs]
    badge = f'<p><span class="ld-badge">{escape(values.badge)}</span></p>' if values.badge else ""
    twin = " A toy twin has sizes and weights that can be followed by hand." if values.badge else ""
    origin = escape(values.origin)
    return (
        f"<p>{listed(given)} {'goes' if len(given) == 1 else 'go'} in; {listed(made)} "
        f"{'comes' if len(made) == 1 else 'come'} out.</p>{badge}"
        f"<p>Where it comes from: {origin}.{twin} Numbers are rounded to three decimals, factors to as many as "
        "their sum takes.</p>"
    )


def _way_out(values: Values) -> str:
    """What becomes of the recurrent layers' numbers: what is attended to, and the dense layers, worked out."""
    said = [part for layer in values.model.layers for part in (_attended(values, layer), _dense(values, layer)) if part]
    return f'<div class="ld-arithmetic"><p><strong>On the way out:</strong></p>{"".join(said)}</div>' if said else ""


def _attended(values: Values, layer: Layer) -> str:
    """By how much the first step weighs what it attends to."""
    weights = values.trace.signals.get(f"{layer.name}.weights")
    if weights is None or weights.ndim != 3:
        return ""
    row = [float(value) for value in weights[0, 0]]
    listed_row = vector(row, write=decimals)
    return f"<p>{code(layer.name)} at step 1 weighs what it attends to by [{listed_row}]; together they are 1.</p>"


def _dense(values: Values, layer: Layer) -> str:
    """One number of a Dense layer that reads what recurrent layers made, at its first two places at most."""
    maths = layer.maths
    if maths.cell is None or not is_weighted_sum(maths.cell) or not _after_recurrent(values.model, layer):
        return ""
    rows = prod(values.read(maths).shape[:-1])
    lines = [equation("y", Moment(values, maths, step), 1) for step in range(1, min(rows, DENSE) + 1)]
    return f"<p>{code(layer.top)}{f', step 1 to {len(lines)}' if rows > 1 else ''}:</p>{''.join(lines)}"


def _after_recurrent(model: Model, layer: Layer) -> bool:
    """Whether what it reads comes, over however many layers, from a recurrent one."""
    waiting, seen = [layer], {layer.name}
    while waiting:  # layers share what they read: each is looked at once
        for reference in waiting.pop().inputs:
            owner, _ = model.owner(reference)
            if not isinstance(owner, Layer) or owner.name in seen:
                continue
            if owner.maths.recurrent:
                return True
            seen.add(owner.name)
            waiting.append(owner)
    return False


def _listing(array: Array) -> str:
    """[70, 80, 90]; a row of several numbers in brackets of its own; of a long array the first two and the last."""
    rows = array.reshape(-1, 1 if array.ndim < 2 else array.shape[-1]).astype(float)
    if rows.shape[1] == 1:
        return f"[{vector(rows[:, 0].tolist(), write=short)}]"
    each = [f"[{vector(row.tolist(), write=short)}]" for row in rows]
    return f"[{', '.join(each if len(each) <= SOME else [*each[:2], '⋯', each[-1]])}]"


# -- scaling


def scaled(values: Values) -> tuple[float, Values] | None:
    """A power of ten that brings the input to 1 or less, and the pass over the scaled input with the same weights."""
    model = values.model
    if any(source.dtype == "int" for source in model.inputs):
        return None
    given = {source.name: values.trace[source.name] for source in model.inputs}
    largest = max(float(np.abs(array).max()) for array in given.values())
    if largest <= LARGE:
        return None
    power = 10.0 ** ceil(log10(largest))
    smaller = {name: (array if values.batched else array[0]) / power for name, array in given.items()}
    data = smaller if len(smaller) > 1 else next(iter(smaller.values()))
    found = passed(model, data, values.weights, bounds=PAGE)
    return power, replace(found, origin=f"{values.origin}, divided by {short(power)}")


def _scaling(values: Values) -> Iterator[str]:
    """The same weights on the input as it is, and scaled, side by side."""
    found = scaled(values)
    if not found:
        return
    power, small = found
    both = [values, small]
    rows: list[tuple[str, Sequence[str]]] = [
        ("input", [listed([_listing(each.trace[source.name][0]) for source in values.model.inputs]) for each in both])
    ]
    for layer in (group[0] for group in equal_layers(values.model)):
        walks = [LayerWalk(each, each.model.layer(layer.name), "") for each in both]
        rows += _compared(walks)
    rows.append(("output", [listed([_listing(output[0]) for output in each.trace.outputs]) for each in both]))
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, cells in rows
    )
    heads = f'<th scope="col"></th><th scope="col">as it is</th><th scope="col">divided by {short(power)}</th>'
    yield (
        "<p><strong>Why are inputs scaled?</strong> A weighted sum grows with what goes into it. The gates' function "
        "is flat far from 0, so large sums leave gates at 0 or 1, where training can hardly move them. Divided by "
        f"{short(power)}, the same input leaves more of them where they still answer. The same weights then give "
        "another output: they belong to the scale that they were made for. So one scales before training, and scales "
        "back what comes out.</p>"
        '<div class="ld-table" tabindex="0" role="group" aria-label="Input as it is and scaled">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _compared(walks: Sequence[LayerWalk]) -> Iterator[tuple[str, Sequence[str]]]:
    """How large the sums before a gate's function are, how many gates are saturated, how far the output goes."""
    layer = walks[0].layer
    gates = [each.name for each in walks[0].signals if each.ramp == "share" and each.role in VALVES]
    before = [f"{layer.name}.{BEFORE}{gate}" for gate in gates]  # a gate may be made of something else than a sum
    sums = [[np.abs(walk.values.trace[each][0]).max() for each in before if each in walk.values.trace.signals]
            for walk in walks]  # fmt: skip
    name = code(layer.top)
    if any(sums):
        yield f"largest sum before a gate of {name}", [decimals(float(max(each))) for each in sums]
    if gates:
        yield (
            f"gate values of {name} within 0.01 of 0 or 1",
            [f"{decimals(100 * (saturated(walk.signals) or 0))} %" for walk in walks],
        )
    yield (
        f"largest {walks[0].columns[-1].name} of {name}",
        [decimals(abs(furthest(walk.columns[-1])[2])) for walk in walks],
    )
