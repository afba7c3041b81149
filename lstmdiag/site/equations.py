"""The equations of a cell as a table: one row each, in the order they are computed."""

from __future__ import annotations

from html import escape

from lstmdiag.cells import formulas
from lstmdiag.cells.ranges import stays_in
from lstmdiag.layer import CellLayer
from lstmdiag.site.markup import WORDS, css_role, quantity, role_word, scrolling
from lstmdiag.site.time_section import size as size_of


def equations_table(layer: CellLayer, *, scalar: bool) -> str:
    """For one unit, or for all as vectors; with the range that each value cannot leave."""
    cell = layer.cell
    bounds = stays_in(cell)
    rows = []
    for name in cell.equations:
        formula = formulas.unit_equation(cell, name) if scalar else formulas.equation(cell, name)
        role = cell.roles.get(name, "op")
        size = "" if scalar else f"<td>{size_of(layer, name)}</td>"
        known = f"<br><small>{escape(cell.known_as[name])}</small>" if name in cell.known_as else ""
        head = f'<th scope="row">{quantity(cell, name)} <small>{role_word(role)}</small>{known}</th>'
        cells = f"{head}<td>{formula.mathml}</td>{size}<td>{bounds[name]}</td>"
        rows.append(f'<tr class="{css_role(role)} sym-{name}">{cells}</tr>')
    titles = ["", WORDS.say("equation"), *([] if scalar else [WORDS.say("size_of")]), WORDS.say("bounds")]
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return scrolling(table, WORDS.say("equations"), "ld-equations")
