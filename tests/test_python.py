"""The package means the same on every Python that it supports, in the patches that Linux distributions ship too."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from lstmdiag.drawing import Ink, inked, pictured, views_of
from lstmdiag.errors import LstmdiagError
from lstmdiag.running.tracing import values
from lstmdiag.site.worked_pass import html
from lstmdiag.spec.reader import examples
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from tests.models import PACKAGED, packaged

CONSTRAINTS = Path(__file__).parent.parent / "constraints.txt"
PACKAGE = Path(__file__).parent.parent / "lstmdiag"
FILES = sorted(PACKAGE.rglob("*.py"))

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)
SPECS = next(iter(examples().values())).parent
INLINED = (ast.ListComp, ast.SetComp, ast.DictComp)
"""Written into the code of the function they stand in, since Python 3.12."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


def stored(nodes: Iterable[ast.AST]) -> set[str]:
    found = (part for node in nodes for part in ast.walk(node))
    return {part.id for part in found if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def parts(made: Any) -> tuple[set[str], list[ast.AST]]:
    """Of a comprehension: the names it binds, and what is computed inside it; the first thing it goes over is not."""
    first, *others = made.generators
    values = [made.key, made.value] if isinstance(made, ast.DictComp) else [made.elt]
    inside = [*values, *first.ifs, *(part for each in others for part in (each.iter, *each.ifs))]
    return stored(each.target for each in made.generators), inside


def free(node: ast.AST) -> set[str]:
    """Names that an expression takes from around it."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return {name}
        case ast.Lambda(args=args, body=body):
            return free(body) - {each.arg for each in ast.walk(args) if isinstance(each, ast.arg)}
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            bound, inside = parts(node)
            return free(node.generators[0].iter) | set().union(*map(free, inside)) - bound
    return set().union(*map(free, ast.iter_child_nodes(node)))


def comprehensions(node: ast.AST, around: frozenset[str]) -> Iterator[tuple[int, set[str], set[str]]]:
    """(line, names bound, names read from outside all comprehensions) of those in a function, not in one inside it."""
    if isinstance(node, FUNCTIONS):
        return
    if isinstance(node, INLINED):
        bound, inside = parts(node)
        yield node.lineno, bound, set().union(*map(free, inside)) - bound - around
        yield from comprehensions(node.generators[0].iter, around)
        for part in inside:
            yield from comprehensions(part, around | bound)
        return
    for child in ast.iter_child_nodes(node):
        yield from comprehensions(child, around)


def own(function: ast.AST) -> set[str]:
    """Names that a function binds, by `:=` in a comprehension too; what a comprehension goes through is its own."""
    found = stored(part.target for part in ast.walk(function) if isinstance(part, ast.NamedExpr))
    left = list(ast.iter_child_nodes(function))
    while left:
        node = left.pop()
        if isinstance(node, ast.arg):
            found.add(node.arg)
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        found |= stored([node]) if isinstance(node, ast.Name) else set()
        if not isinstance(node, (*INLINED, *FUNCTIONS)):
            left += ast.iter_child_nodes(node)
    return found


def mixed_up(text: str) -> list[tuple[int, str]]:
    """(line, name) where one comprehension binds a name that another one of the same function reads as a global."""
    found = set()
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, FUNCTIONS):
            made = [each for node in ast.iter_child_nodes(function) for each in comprehensions(node, frozenset())]
            if len(made) < 2:  # one has no neighbour
                continue
            bound = set().union(*(names for _, names, _ in made)) - own(function)
            found |= {(line, name) for line, _, read in made for name in read & bound}
    return sorted(found)


def test_every_pin_is_for_the_oldest_python() -> None:
    """Debian 12 has Python 3.11.2, Ubuntu 24.04 has 3.12.3: a pin that asks for a later patch installs on neither."""
    pins = [line.partition("==")[0] for line in CONSTRAINTS.read_text("utf-8").splitlines() if "==" in line]
    asked = {}
    for name in pins:
        with suppress(PackageNotFoundError):  # of another group than those of this environment
            asked[name] = metadata(name).get("Requires-Python") or ""
    assert len(asked) > 20
    assert {name: wanted for name, wanted in asked.items() if "3.11.0" not in SpecifierSet(wanted)} == {}


FAULT = """
def row(x): return x

def build(rows):
    first = [row for row in rows]
    return first, {"layers": [row(each) for each in rows]}
"""


def test_the_rule_finds_the_fault() -> None:
    assert mixed_up(FAULT) == [(6, "row")]
    assert mixed_up(FAULT.replace("for row in", "for line in").replace("[row for", "[line for")) == []
    assert mixed_up(FAULT.replace("row(each)", "str(each)")) == []


def test_no_comprehension_binds_what_its_neighbour_reads() -> None:
    """Python 3.12.0 to 3.12.3 take such a name for an unbound local: https://github.com/python/cpython/issues/118513."""
    found = {str(path.relative_to(PACKAGE)): mixed_up(path.read_text(encoding="utf-8")) for path in FILES}
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.fixture
def only_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sum` of floats fails in the package: Python 3.12 began to round it otherwise; `math.fsum` is the same in all."""
    theirs = builtins.sum

    def checked(numbers: Iterable[Any], /, start: Any = 0) -> Any:
        ours = sys._getframe(1).f_globals.get("__name__", "").startswith("lstmdiag.")
        numbers = list(numbers) if ours else numbers
        if ours and any(isinstance(number, float) for number in (start, *numbers)):
            raise AssertionError("floats are added with math.fsum")
        return theirs(numbers, start)

    monkeypatch.setattr(builtins, "sum", checked)


@pytest.mark.parametrize("name", PACKAGED)
@pytest.mark.sweep(1)
def test_floats_are_added_alike_everywhere(name: str, only_whole_numbers: None) -> None:
    shown = packaged.__wrapped__(name)  # read anew, under this `sum`
    found = values(shown) if shown.recurrent else shown
    for each in TABLES:
        table(shown, each)
    for view in views_of(shown):
        for subject, step in ((shown, None), (found, 1)):
            with suppress(LstmdiagError):  # some have no numbers: maps, and Jacobians that are too large
                for picture in pictured(subject, view, Selection(step=step)):
                    inked(picture, "svg", Ink())
    html(shown, SPECS)
