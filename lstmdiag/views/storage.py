"""How the frameworks store a layer's weights: their order of gates, as small packed matrices."""

from __future__ import annotations

from lstmdiag.diagrams import Point, Run, Text
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import bold, measure, muted, small, text
from lstmdiag.frameworks import FRAMEWORKS, arrays, count, lacks, packing
from lstmdiag.frameworks.packing import Packing
from lstmdiag.layer import Layer, cell_of, show_shape
from lstmdiag.layers import KINDS
from lstmdiag.readings.cells import gate_role
from lstmdiag.readings.layers import weights_in
from lstmdiag.views.weight_texts import WORDS

LONG, SHORT = 52.0, 19.0  # one gate's share of a packed matrix
GAP = (34.0, 28.0)  # between two frameworks, across and down
HEIGHT = 380.0  # of all panels, one under the other


def draw(sheet: Sheet, layer: Layer, at: Point, *, down: bool, since: int) -> None:
    """One panel for each framework, from `at` down or to the right; one sentence where none has this cell."""
    rows = {name: row for name in FRAMEWORKS if (row := packing(layer, name)) is not None and row.arrays}
    left, top = at
    if not rows:
        lines = WORDS.each("stored_unknown" if layer.kind in KINDS else "stored_own", layer=layer)
        sheet.note("stored", text(*map(small, lines)), left, top - 14, anchor="left", since=since)
        return
    sheet.note("stored", text(bold(WORDS.say("stored"))), left, top - 9, anchor="left", since=since)
    top -= 30
    for name, row in rows.items():
        right, bottom = _panel(sheet, layer, name, row, (left, top), since)
        left, top = (left, bottom - GAP[1]) if down else (right + GAP[0], top)


def _panel(sheet: Sheet, layer: Layer, name: str, row: Packing, at: Point, since: int) -> Point:
    """The packed gates, the arrays' names and shapes; its lower right corner."""
    cell = cell_of(layer)
    left, top = at
    transposed = row.arrays[0].transposed
    width, height = (SHORT, LONG) if transposed else (LONG, SHORT)
    gates = row.gates or tuple(cell.gates())
    for index, gate in enumerate(gates):
        x = left + width / 2 + (index * width if transposed else 0)
        y = top - height / 2 - (0 if transposed else index * height)
        sheet.node(
            f"stored-{name}-{gate}", text(small(row.letters.get(gate, gate))), gate_role(cell, gate), x, y,
            width=width, height=height, padding=(1, 1), symbol=gate, layer=layer.name, since=since,
        )  # fmt: skip
    words = _words(layer, name, row)
    wide, high = measure(words)
    start = left + max(SHORT * len(gates), width) + 14
    sheet.note(f"stored-{name}", words, start, top - high / 2, anchor="left", since=since)
    return start + wide, top - max(high, SHORT * len(gates))


def _words(layer: Layer, name: str, row: Packing) -> Text:
    held, total = arrays(layer, name) or (), count(layer, name) or 0
    notes = WORDS.each(
        "stored_notes", more=max(total - weights_in(layer), 0), transposed=row.arrays[0].transposed, call=row.call,
        missing=[function for _, function in lacks(layer, name)],
    )  # fmt: skip
    shapes: list[Run] = [small(f"{array.name} {show_shape(array.shape)}") for array in held]
    size = small("  " + WORDS.say("stored_size", total=total))
    return text([bold(FRAMEWORKS[name].title), size], *shapes, *map(muted, notes))
