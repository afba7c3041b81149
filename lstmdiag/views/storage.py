"""How the frameworks store a layer's weights: their order of gates, as small packed matrices."""

from __future__ import annotations

from typing import Any

from lstmdiag.diagrams import Run, Text
from lstmdiag.diagrams.boxes import Box, column, node, note, room, row, strut
from lstmdiag.diagrams.text import bold, muted, small, text
from lstmdiag.frameworks import FRAMEWORKS, arrays, count, lacks, packing
from lstmdiag.frameworks.packing import Packing
from lstmdiag.layer import CellLayer, Layer, show_shape
from lstmdiag.layers import KINDS
from lstmdiag.readings.cells import gate_role
from lstmdiag.readings.layers import weights_in
from lstmdiag.views.weight_texts import WORDS

LONG, SHORT = 52.0, 19.0  # one gate's share of a packed matrix
GAP = (34.0, 28.0)  # between two frameworks, across and down
HEIGHT = 380.0  # of all panels, one under the other


def panels(layer: CellLayer, *, down: bool, since: int) -> Box:
    """One panel for each framework, one under the other or side by side; one sentence where none has this cell."""
    stored = {name: found for name in FRAMEWORKS if (found := packing(layer, name)) is not None and found.arrays}
    if not stored:
        lines = WORDS.each("stored_unknown" if layer.kind in KINDS else "stored_own", layer=layer)
        return column(strut(0, -1), note("stored", text(*map(small, lines)), align="left", since=since))
    each = [_panel(layer, name, packed, since) for name, packed in stored.items()]
    title = note("stored", text(bold(WORDS.say("stored"))), align="left", since=since)
    packings = column(*each, gap=GAP[1], align=-1) if down else row(*each, gap=GAP[0], valign=1)
    return column(title, packings, gap=12, align=-1)


def _panel(layer: CellLayer, name: str, packed: Packing, since: int) -> Box:
    """The packed gates, the arrays' names and shapes."""
    cell, transposed = layer.cell, packed.arrays[0].transposed
    width, height = (SHORT, LONG) if transposed else (LONG, SHORT)
    look: dict[str, Any] = {"width": width, "height": height, "padding": (1, 1), "layer": layer.name, "since": since}
    gates = []
    for gate in packed.gates or cell.gates():
        label = text(small(packed.letters.get(gate, gate)))
        gates.append(node(f"stored-{name}-{gate}", label, gate_role(cell, gate), symbol=gate, **look))
    matrix = room((row if transposed else column)(*gates), SHORT * len(gates), align=-1)
    words = note(f"stored-{name}", _words(layer, name, packed), align="left", since=since)
    return row(matrix, words, gap=14, valign=1)


def _words(layer: Layer, name: str, row: Packing) -> Text:
    held, total = arrays(layer, name) or (), count(layer, name) or 0
    notes = WORDS.each(
        "stored_notes", more=max(total - weights_in(layer), 0), transposed=row.arrays[0].transposed, call=row.call,
        missing=[function for _, function in lacks(layer, name)],
    )  # fmt: skip
    shapes: list[Run] = [small(f"{array.name} {show_shape(array.shape)}") for array in held]
    size = small("  " + WORDS.say("stored_size", total=total))
    return text([bold(FRAMEWORKS[name].title), size], *shapes, *map(muted, notes))
