"""The hand-written pages keep up with the program."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import lstmdiag
from lstmdiag.commands.group import cli
from lstmdiag.layers import KINDS
from lstmdiag.site.guide import SECTIONS, VIEW_TABLES, views
from lstmdiag.site.plugin import LstmdiagConfig
from lstmdiag.views import VIEWS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_the_guide_has_every_command_and_option() -> None:
    guide = (DOCS / "guide/commands.md").read_text("utf-8")
    assert isinstance(cli, click.Group)
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        assert f"\n## {name}\n" in guide, name
        section = guide.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for option in (name for name in parameter.opts if name.startswith("--")):
                    assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section), f"{name} {option}"


def test_the_guide_has_every_layer_section_and_plugin_option() -> None:
    spec, own = ((DOCS / f"guide/{name}.md").read_text("utf-8") for name in ("spec", "site"))
    for kind in KINDS:
        assert f'data-options="{kind}"' in spec, kind
    for section in SECTIONS:
        assert f'data-section="{section}"' in spec, section
    for option, kind in LstmdiagConfig._schema:
        assert (
            f"| `{option}` | `{str(kind.default).lower() if isinstance(kind.default, bool) else kind.default}` |" in own
        )


def test_the_guide_shows_every_view() -> None:
    written = "".join(path.read_text("utf-8") for path in DOCS.rglob("*.md"))
    for table in VIEW_TABLES:
        assert f'data-views="{table}"' in written, table
    for view in VIEWS.values():
        assert f"<code>{view.name}</code>" in views("names")
        assert f"<code>{view.name}</code></td><td>{escape(view.question)}</td>" in views("questions")
        assert bool(view.numbered) == (f"<code>{view.name}</code></td>" in views("numbers"))


def blocks(page: str, language: str = "") -> list[str]:
    found = re.findall(r"^``` ?(\w*)\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    return [content for named, content in found if named == language]


def test_the_tutorial_works_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (DOCS / "tutorial.md").read_text("utf-8")
    (spec,) = blocks(page, "yaml")
    plain = blocks(page)
    (tmp_path / "specs").mkdir()
    path = tmp_path / "specs/gas-use.yml"
    path.write_text(spec.replace(", return_sequences: true", ""), "utf-8")
    wrong = CliRunner().invoke(cli, ["check", "specs/gas-use.yml"])
    assert wrong.exit_code == 1
    (told,) = [block for block in plain if "error:" in block]
    assert told.split() == wrong.stderr.split()
    path.write_text(spec, "utf-8")
    commands = [line for block in plain for line in block.splitlines() if line.startswith("lstmdiag ")]
    for command in commands:
        if not command.startswith(("lstmdiag new", "lstmdiag doctor")):
            smaller = command.replace("--scale 3", "--scale 0.3")  # big PNGs take seconds
            done = CliRunner().invoke(cli, smaller.split()[1:])
            assert done.exit_code == 0, f"{command}: {done.output}"
    assert (tmp_path / "slides/gas-use.time-02.pdf").is_file()
    assert (tmp_path / "pictures/gas-use.cell.png").is_file()


def test_examples_in_the_guide_are_valid(tmp_path: Path) -> None:
    for number, block in enumerate(blocks((DOCS / "guide/spec.md").read_text("utf-8"), "yaml")):
        if block.startswith("version:"):
            path = tmp_path / f"example-{number}.yml"
            path.write_text(block, "utf-8")
            done = CliRunner().invoke(cli, ["check", str(path)])
            assert done.exit_code == 0, done.output


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_of_the_readme_is_what_the_tool_draws(theme: str, golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / f"assets/three-units-{theme}.svg", lstmdiag.draw("three-units", "time", theme=theme).svg())


FORBIDDEN = re.compile(r"\b(simply|just|obviously)\b", re.IGNORECASE)


def test_plain_words() -> None:
    for path in (*DOCS.rglob("*.md"), ROOT / "README.md"):
        assert not FORBIDDEN.search(path.read_text("utf-8")), path
