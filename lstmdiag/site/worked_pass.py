"""The numbers of a page: one forward pass, as tables, worked step by step and drawn. Every number is of that pass.

numpy is needed here, so this is imported where a page's numbers are made, and not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from math import ceil, log10, prod
from pathlib import Path

import numpy as np

from lstmdiag.analysis.axes import at_places
from lstmdiag.cells.cell import VALVES
from lstmdiag.cells.circuit import is_weighted_sum
from lstmdiag.cells.numbers import Array
from lstmdiag.english import listed
from lstmdiag.errors import LstmdiagError
from lstmdiag.layer import CellLayer, Layer
from lstmdiag.model import Model
from lstmdiag.running.effort import PAGE
from lstmdiag.running.record import as_text, record
from lstmdiag.running.step_values import StepValues
from lstmdiag.running.steps import BEFORE
from lstmdiag.running.tracing import example_weights, placing_errors
from lstmdiag.running.tracing import values as passed
from lstmdiag.running.values import Values
from lstmdiag.site.markup import code, element, scrolling
from lstmdiag.site.outline import equal_layers
from lstmdiag.site.time_section import upstream
from lstmdiag.site.worked_layer import WORDS, WorkedLayer, equation
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
    with placing_errors(model.example.at if model.example else None):
        return passed(model, weights=file, bounds=PAGE)


def html(model: Model, folder: Path) -> str:
    """The whole section without its heading. Raises LstmdiagError where the weights that it names are no weights.

    Where there is no twin, it says why.
    """
    return written(shown(model, folder))


def written(values: Values | LstmdiagError) -> str:
    """The section about a pass, or why there is none."""
    if isinstance(values, LstmdiagError):
        return f"<p>{WORDS.say('failed', problem=escape(values.problems[0].message))}</p>"
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
    recorded = record(values)
    if other := scaled(values):
        power, small = other
        same = ("model", "title", "layers", "weights", "versions")
        recorded["scaled"] = {
            "divided_by": power,
            **{key: value for key, value in record(small).items() if key not in same},
        }
    return as_text(recorded)


def sections(values: Values) -> Iterator[str]:
    """What goes in and out, each kind of recurrent layer, the way from there, and the same scaled."""
    yield _opening(values)
    layers = []
    for layer, *_ in equal_layers(values.model):
        back = values.model.layer(layer.top).backward
        layers += [WorkedLayer(values, each) for each in (layer, back) if each]
    for index, worked in enumerate(layers):
        part = "".join(worked.parts())
        title = WORDS.say("numbers_of", name=code(worked.called))
        yield f'<details class="ld-inside"><summary>{title}</summary>{part}</details>' if index else part
    yield _way_out(values)
    yield from _scaling(values)


def _opening(values: Values) -> str:
    """What goes in, what comes out, and where the weights come from."""
    trace, badge = values.trace, escape(values.badge)
    given = [_listing(trace[source.name][0]) for source in values.model.inputs]
    results = [_listing(output[0]) for output in trace.outputs]
    return (
        f"<p>{WORDS.say('in_and_out', given=given, results=results)}</p>"
        f"{element('p', element('span', badge, 'ld-badge'))}"
        f"<p>{WORDS.say('origin', origin=escape(values.origin[:1].upper() + values.origin[1:]), toy=badge)}</p>"
    )


def _way_out(values: Values) -> str:
    """What becomes of the recurrent layers' numbers: what is attended to, and the dense layers, worked out."""
    parts = "".join(_attended(values, layer) + _dense(values, layer) for layer in values.model.layers)
    title = WORDS.say("way_out")
    return f'<div class="ld-arithmetic"><p><strong>{title}</strong></p>{parts}</div>' if parts else ""


def _attended(values: Values, layer: Layer) -> str:
    """By how much the first step weighs what it attends to."""
    weights = values.trace.signals.get(f"{layer.name}.weights")
    if weights is None or weights.ndim != 3:
        return ""
    row = vector([float(value) for value in weights[0, 0]], write=decimals)
    return f"<p>{WORDS.say('attended', name=code(layer.name), weights=row)}</p>"


def _dense(values: Values, layer: Layer) -> str:
    """One number of a Dense layer that reads what recurrent layers made, at its first two places at most."""
    innermost = layer.innermost
    before = upstream(values.model, layer).values()
    recurrent = any(isinstance(each, Layer) and each.innermost.recurrent for each in before)
    if not isinstance(innermost, CellLayer) or not is_weighted_sum(innermost.cell) or not recurrent:
        return ""
    rows = prod(values.read(innermost).shape[:-1])
    lines = [equation("y", StepValues(values, innermost, step), 1) for step in range(1, min(rows, DENSE) + 1)]
    placed = layer.top in at_places(values.model)
    head = WORDS.say("dense", name=code(layer.top), several=rows > 1, placed=placed, last=len(lines))
    return f"<p>{head}</p>{''.join(lines)}"


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
    small = passed(model, data, values.weights, bounds=PAGE)
    return power, replace(small, origin=f"{values.origin}, {WORDS.say('divided', power=short(power))}")


def _scaling(values: Values) -> Iterator[str]:
    """The same weights on the input as it is, and scaled, side by side."""
    other = scaled(values)
    if not other:
        return
    power, small = other
    both = [values, small]
    given = [listed([_listing(each.trace[source.name][0]) for source in values.model.inputs]) for each in both]
    results = [listed([_listing(output[0]) for output in each.trace.outputs]) for each in both]
    layers = [[WorkedLayer(each, layer) for each in both] for layer, *_ in equal_layers(values.model)]
    rows = [
        (WORDS.say("input"), given),
        *(row for pair in layers for row in _compared(pair)),
        (WORDS.say("output"), results),
    ]
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, cells in rows
    )
    columns = ["", WORDS.say("as_it_is"), WORDS.say("divided", power=short(power))]
    heads = "".join(f'<th scope="col">{column}</th>' for column in columns)
    yield (
        f"<p><strong>{WORDS.say('why_scaled')}</strong> {WORDS.say('scaled', power=short(power))}</p>"
        + scrolling(f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>", WORDS.say("beside"))
    )


def _compared(layers: Sequence[WorkedLayer]) -> Iterator[tuple[str, list[str]]]:
    """How large the sums before a gate's function are, how many gates are saturated, how far the output goes."""
    first = layers[0]
    name, out = code(first.layer.top), first.columns[-1].name
    gates = [each.name for each in first.signals if each.ramp == "share" and each.role in VALVES]
    before = [f"{first.layer.name}.{BEFORE}{gate}" for gate in gates]  # a gate may be made of something else than a sum
    traces = [each.values.trace for each in layers]
    sums = [[np.abs(trace[each][0]).max() for each in before if each in trace.signals] for trace in traces]
    if any(sums):
        yield WORDS.say("largest_sum", name=name), [decimals(float(max(each))) for each in sums]
    if gates:
        shares = [100 * (saturated(each.signals) or 0) for each in layers]
        yield WORDS.say("within", name=name), [f"{short(share)} %" for share in shares]
    furthest_out = [decimals(abs(furthest(each.columns[-1])[2])) for each in layers]
    yield WORDS.say("largest_output", out=out, name=name), furthest_out
