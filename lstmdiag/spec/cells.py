"""`cells:` → cells. Equations are text in YAML; their problems are set at the character they stand at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword

from lstmdiag.cells.cell import FUNCTION_OPTIONS, PREVIOUS, Cell, CellError, make_cell, weight_dims
from lstmdiag.cells.circuit import circuit
from lstmdiag.cells.expr import FUNCTIONS, ExprError
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.errors import nearest
from lstmdiag.layers import KINDS
from lstmdiag.layers.custom import is_size_name
from lstmdiag.spec import yaml_nodes
from lstmdiag.spec.cell_section import CELL_NAME, CellSection
from lstmdiag.spec.checking import checked, quoted
from lstmdiag.spec.source import Report, Source
from lstmdiag.spec.yaml_nodes import Node, Scalar, plain

MAX_PARTS = 80
"""Of a cell's circuit: published ones have a third of it; pictures of more take longer than one waits."""


def read_cell(key: Scalar, node: Node, report: Report) -> Cell | None:
    """One entry of `cells:`, or None and its problems in the report."""
    name = str(key.value)
    if not re.fullmatch(CELL_NAME, name):
        hint = "a capital letter, then letters, digits and _, as in MinimalGated"
        report.add(f"a cell cannot be called {quoted(name)}", key.start, key.end, hint)
        return None
    if name in KINDS:
        report.add(f"{name} is a layer already", key.start, key.end, "choose another name")
        return None
    section = checked(CellSection, plain(node), node, report, who=name, at=key)
    if section is None:
        return None
    assert isinstance(node, yaml_nodes.Mapping)
    before = len(report.problems)
    for message, at in _taken(node, section):
        report.add(message, at.start, at.end, "choose another name")
    if len(report.problems) > before:
        return None
    state = {name: tuple(dims) for name, dims in section.state.items()}
    weights = {name: tuple(dims) for name, dims in section.weights.items()}
    places = {part: (x, y) for part, (x, y) in section.places.items()}
    try:
        cell = make_cell(name, section.equations, state, weights=weights, places=places)
        shapes_in(cell)
    except CellError as error:
        for where, problem in error.problems:
            _tell(problem, _node_of(where, node), report)
        return None
    if not any("x" in expr.names() for expr in cell.equations.values()):
        report.add(f"{name} never reads x, the input", key.start, key.end, "use x in an equation, as in W_f @ x")
        return None
    if not cell.weights:
        report.add(f"{name} has no weights", key.start, key.end, "their names begin with W_ U_ V_ R_ b_ p_")
        return None
    if (parts := sum(part.op != "source" for part in circuit(cell).values())) > MAX_PARTS:
        message = f"{name} has {parts:,} parts, {MAX_PARTS} are allowed"
        hint = "each operation is one, each constant, and each weighted sum with the function on it"
        report.add(message, key.start, key.end, hint)
        return None
    for part, message, hint in _misplaced(cell):
        at = _key_of(node, "places", part)
        report.add(message, at.start, at.end, hint)
    return cell if len(report.problems) == before else None


def _misplaced(cell: Cell) -> Iterator[tuple[str, str, str]]:
    """Places of no part, or of two: name, message, hint."""
    parts = [part.id for part in circuit(cell).values() if part.op != "source"]
    taken: dict[tuple[float, float], str] = {}
    for name, spot in cell.places.items():
        if name not in parts:
            yield name, f"there is no part {name!r} to place", nearest(name, parts)
        elif taken.setdefault(spot, name) != name:
            yield name, f"{name!r} would stand where {taken[spot]!r} stands", "a column or row apart is enough"


def _taken(node: yaml_nodes.Mapping, section: CellSection) -> Iterator[tuple[str, Node]]:
    """Names that mean something else: message and place."""
    for part in ("state", "equations"):
        for name in getattr(section, part):
            at = _key_of(node, part, name)
            if name == "x" or name in FUNCTIONS or name in FUNCTION_OPTIONS or iskeyword(name):
                yield f"{name!r} has a meaning of its own in equations", at
            elif weight_dims(name) and len(name) > 1:
                yield f"{name!r} is a weight's name", at
            elif name.endswith(PREVIOUS):
                yield f"{name!r} is what a state was one step before", at
    for name in section.weights:
        if not weight_dims(name):
            yield f"{name!r} is no weight's name: they are W_* U_* V_* R_* b_* p_*", _key_of(node, "weights", name)
    for part in ("state", "weights"):
        for name, dims in getattr(section, part).items():
            for dim in dims:
                if isinstance(dim, str) and not is_size_name(dim):
                    yield f"a size cannot be called {dim!r}", _key_of(node, part, name)


def _key_of(node: yaml_nodes.Mapping, part: str, name: str) -> Node:
    """Where a name is declared: a key, or a word of a list."""
    key, names = node.items[part]
    if isinstance(names, yaml_nodes.Mapping):
        return names.items[name][0]
    items = names.items if isinstance(names, yaml_nodes.Sequence) else []
    return next((item for item in items if isinstance(item, Scalar) and item.value == name), key)


def _node_of(where: str, node: yaml_nodes.Mapping) -> Node:
    """The text of equation `where`; of a state or a weight without one, its declaration."""
    _, equations = node.items["equations"]
    if isinstance(equations, yaml_nodes.Mapping) and where in equations.items:
        return equations.items[where][1]
    part = next(p for p in ("state", "weights") if p in node.items and where in plain(node.items[p][1]))
    return _key_of(node, part, where)


def _tell(problem: ExprError, node: Node, report: Report) -> None:
    if isinstance(node, Scalar):
        at = positions(report.source, node)
        if problem.column + problem.length <= len(at):
            start, end = at[problem.column], at[problem.column + problem.length - 1] + 1
            report.add(problem.message, start, end, problem.hint)
            return
    report.add(problem.message, node.start, node.end, problem.hint)


def positions(source: Source, node: Scalar) -> list[int]:
    """For each character of a scalar's value, where it stands in the file; empty where escapes hide that.

    YAML folds line ends and the blanks around them; apart from these a value is what is written.
    """
    text, value = source.text, str(node.value)
    at = node.start
    if text[at : at + 1] in ("'", '"'):
        at += 1
    elif text[at : at + 1] in ("|", ">"):
        at = text.find("\n", at) + 1
    found: list[int] = []
    for character in value:
        while at < node.end and text[at] != character and text[at].isspace() and not character.isspace():
            at += 1
        if at < node.end and text[at] == character:
            found.append(at)
            at += 1
        elif character.isspace():
            found.append(min(at, node.end - 1))
        else:
            return []
    return found
