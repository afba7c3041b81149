"""Whatever a spec says or is called, a terminal, a spreadsheet, LaTeX and Graphviz take it for text."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pygraphviz import AGraph

from lstmdiag.commands.group import cli
from lstmdiag.errors import LstmdiagError
from lstmdiag.frameworks import keras_source, pytorch_source
from lstmdiag.writers import problems
from lstmdiag.writers.tables import FORMATS
from tests.hostile import CORPUS, broken, model, name, written
from tests.models import model as resolved

STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def said(*arguments: str) -> str:
    """What is printed, on both streams; whatever goes wrong is told in sentences."""
    done = CliRunner().invoke(cli, arguments)
    refused = done.exception if isinstance(done.exception, LstmdiagError) else None
    assert done.exception is None or refused or isinstance(done.exception, SystemExit), repr(done.exception)
    text = (done.output + problems.write(refused.problems if refused else ())).replace("\r\n", "\n")
    assert not STEERING.search(text), repr(text[max(0, STEERING.search(text).start() - 40) :][:80])
    return text


@pytest.fixture(params=CORPUS)
def text(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    found = CORPUS[request.param]
    Path("good.yml").write_text(written(model(found)), "utf-8")
    Path("bad.yml").write_text(written(broken(found)), "utf-8")
    return found


@pytest.mark.sweep(8)
def test_a_terminal_is_not_steered(text: str) -> None:
    for format in ("text", "github"):
        said("check", "good.yml", "bad.yml", "--format", format)
    assert json.loads(said("check", "bad.yml", "--format", "json"))["problems"]
    assert name(text) in said("trace", "good.yml")
    said("trace", "bad.yml")
    Path("other.yml").write_text(written(model("other")), "utf-8")
    said("compare", "good.yml", "other.yml")


@pytest.mark.parametrize("format", [format for format in FORMATS if format != "json"])
@pytest.mark.sweep(60)
def test_tables_are_text(text: str, format: str) -> None:
    shown = said("table", "good.yml", "params", "--format", format)
    if format == "csv":
        cells = [cell for row in csv.reader(io.StringIO(shown)) for cell in row]
        assert not [cell for cell in cells if re.match(r"\s*[=+@]|-\D", cell)]
        assert any(name(text) in cell for cell in cells)
    elif format == "latex":
        commands = re.findall(r"\\([a-zA-Z]+)", shown)
        assert not {"input", "write", "pwn"} & {*commands}
    elif format == "text":
        assert name(text)[:30] in shown


@pytest.mark.sweep(12)
def test_dot_is_what_it_was_and_shows_the_text(text: str, tmp_path: Path) -> None:
    said("draw", "good.yml", "--view", "model,layer", "--format", "dot,svg", "-o", str(tmp_path / "out"))
    for path in (tmp_path / "out").iterdir():
        content = path.read_text("utf-8")
        assert not STEERING.search(content.replace("\t", "")), path
        if path.suffix == ".dot":
            assert not [node for node in AGraph(string=content).nodes() if "pwn" in node and "label" in node]


def test_source_text_is_python_and_calls_nothing_of_it(text: str) -> None:
    found = resolved(written(model(text)))
    for source in (keras_source.source(found), pytorch_source.source(found)):
        tree = ast.parse(source)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "pwn" not in names
    assert [
        node.value for node in ast.walk(ast.parse(keras_source.source(found))) if isinstance(node, ast.Constant)
    ].count(name(text)) == 1


WEIRD = ("a\x1b[31mred.yml", "b\x9b31m.yml", "c\nd.yml", "e\u202ef.yml", "g\udcff.yml", "...yml", "..yml", "-.yml")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names for files")
@pytest.mark.parametrize("path", WEIRD)
def test_names_of_files_are_text_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    try:
        Path(path).write_text(written(model("plain")), "utf-8")
    except OSError:
        pytest.skip("this file system has no such name")
    Path(f"x{path}").write_text(written(broken("plain")), "utf-8")
    for given in (f"./{path}", f"./x{path}", f"./nothing{path}"):
        for arguments in (["check"], ["table", "params"], ["trace"], ["draw", "-v", "model", "-o", "out/"],
                          ["pages", "-o", "out"], ["compare", f"./{path}"]):  # fmt: skip
            said(arguments[0], given, *arguments[1:])
    assert [*tmp_path.iterdir()] == [folder]
    assert {made.name for made in folder.iterdir()} <= {path, f"x{path}", "out"}
