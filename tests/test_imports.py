"""Imports point one way, and what is not needed is not imported."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstmdiag.layers import KINDS, ROWS

PACKAGE = Path(__file__).parent.parent / "lstmdiag"

ROOMS = (
    ("errors",),
    ("tables", "diagrams", "english", "files", "hdf5", "arguments"),
    ("words",),
    ("views/__init__",),
    ("cells",),
    ("layers",),
    ("spec",),
    ("layer",),
    ("model",),
    ("naming", "references", "masks"),
    ("binding",),
    ("analysis",),
    ("frameworks",),
    ("running",),
    ("views",),
    ("writers", "rendering"),
    ("drawing",),
    ("comparing",),
    ("site",),
    ("api", "commands"),
    ("cli",),
    ("__init__",),
    ("__main__",),
)
"""From the ground up: a room imports from rooms above it in this list, and from itself.

The table of views is a room of its own: the spec language names views, and their files draw what it describes.
"""

VOCABULARIES = {"errors", "diagrams", "tables"}
"""What writers and rendering may know: data about drawings and tables, nothing about models."""

LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}


def imports(path: Path) -> list[tuple[int, str]]:
    """(line, module) of every import of the package, type-only and lazy ones too."""
    found = []
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return [(line, module) for line, module in found if module.split(".")[0] == "lstmdiag"]


def statements(around: ast.AST) -> Iterator[ast.AST]:
    """All of them, however deep, without their expressions."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for node in getattr(around, block, ()):
            yield node
            yield from statements(node)


def room(path: Path) -> str:
    inside = path.relative_to(PACKAGE).with_suffix("")
    return inside.as_posix() if inside.as_posix() in LEVEL else inside.parts[0]


def imported(module: str) -> str:
    """The room of what is imported: `lstmdiag.views.VIEWS` is of the table, `lstmdiag.views.words.listed` is not."""
    _, first, *rest = module.split(".")
    inside = PACKAGE.joinpath(first, *rest[:1])
    whole = f"{first}/__init__" in LEVEL and not (inside.is_dir() or inside.with_suffix(".py").is_file())
    return f"{first}/__init__" if whole else first


FILES = sorted(PACKAGE.rglob("*.py"))


def test_the_architecture_names_every_room_in_this_order() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split("| room |")[1].split("\n\n")[0].splitlines()[2:]
    named = [name for row in table for name in re.findall(r"`(\w+)(?:/|\.py)`", row.split("|")[1])]
    assert sorted(named) == sorted(room for room in LEVEL if "__" not in room)
    assert [LEVEL[room] for room in named] == sorted(LEVEL[room] for room in named)


def test_imports_point_one_way() -> None:
    assert [fault for path in FILES for fault in wrong_imports(path)] == []


def wrong_imports(path: Path) -> list[str]:
    here = room(path)
    wrong = []
    for line, module in imports(path):
        there = imported(module)
        if there == "__version__":
            continue
        allowed = there == here or LEVEL[there] < LEVEL[here]
        if here in ("writers", "rendering"):
            allowed = there == here or there in VOCABULARIES
        if here in VOCABULARIES:
            allowed = there in (here, "errors")
        if not allowed:
            wrong.append(f"{path.name}:{line}: {here} imports {module}")
    return wrong


def test_every_room_is_known() -> None:
    assert {room(path) for path in FILES} <= set(LEVEL)


def test_no_module_bears_the_name_of_a_public_function() -> None:
    import lstmdiag

    modules = {path.stem for path in PACKAGE.iterdir()}
    assert not modules & set(lstmdiag.__all__)


HEAVY = {"numpy", "mkdocs", "rich", "markdown", "jinja2", "requests", "pymdownx", "http", "xml", "logging"}


DRAWN = "draw one-unit --view time,layer,unit,cell,weights,gate -f svg -o out/"


@pytest.mark.parametrize(
    ("commands", "banned"),
    [
        (("--help", "draw --help", "trace --help"), HEAVY | {"pydantic", "yaml", "pygraphviz", "graphviz"}),
        (("check one-unit", "table one-unit params", "schema", "new project"), HEAVY | {"pygraphviz", "graphviz"}),
        ((DRAWN,), HEAVY | {"graphviz"}),
        (("draw one-unit --view model -f svg -o out.svg",), HEAVY - {"logging"}),
    ],
    ids=["help", "words", "draw", "draw-model"],
)
def test_commands_import_only_what_they_need(commands: tuple[str, ...], banned: set[str], tmp_path: Path) -> None:
    modules = loaded(commands, tmp_path)
    assert not banned & {name.split(".")[0] for name in modules}
    if commands == (DRAWN,):  # a spec brings only the kinds of layers it names, and the sections it has
        assert not modules & {"lstmdiag.spec.cells", "lstmdiag.spec.comparison"}
        files = {f"lstmdiag.layers.{row.split('.')[0]}" for row in ROWS.values()}
        assert modules & files == {"lstmdiag.layers.lstm"}


def loaded(commands: tuple[str, ...], folder: Path) -> set[str]:
    """The modules of a process that has run these commands, one after the other."""
    probe = (
        "import contextlib, sys\n"
        "from lstmdiag.commands.group import cli\n"
        f"for command in {commands!r}:\n"
        "    with contextlib.suppress(SystemExit):\n"
        "        cli(command.split(), standalone_mode=False)\n"
        "print('loaded', *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=folder)
    assert "loaded" in done.stderr, done.stderr
    return set(done.stderr.split("loaded")[-1].split())


def test_a_kind_bears_its_name_in_the_table() -> None:
    assert {name: KINDS[name].name for name in KINDS} == {name: name for name in ROWS}


def test_the_package_alone_imports_nothing(tmp_path: Path) -> None:
    probe = "import sys, lstmdiag; print(*[name for name in sys.modules if name.startswith('lstmdiag')])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.split() == ["lstmdiag"]
