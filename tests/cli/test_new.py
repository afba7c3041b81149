"""`lstmdiag new`: what it makes must build, strictly, as it stands."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from lstmdiag.commands.group import cli
from lstmdiag.errors import UsageError
from tests.site.project import Project


def new(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["new", *arguments])


def test_a_new_project_builds_strictly(tmp_path: Path) -> None:
    """In this process, as `mkdocs build` does it; `.ci/run` builds one in a process, from the wheel."""
    project = tmp_path / "site of mine"
    made = new(str(project))
    assert made.exit_code == 0, made.output
    spec = (project / "specs" / "first.yml").read_text()
    schema = spec.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (project / "specs" / schema).resolve().is_file()
    assert Project(project).build(strict=True).log == []
    title = yaml.safe_load(spec)["title"]
    assert title in (project / "site" / "architectures" / "first" / "index.html").read_text("utf-8")
    home = (project / "site" / "index.html").read_text("utf-8")
    assert "<svg" in home and 'data-spec="first"' not in home


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mkdocs.yml").write_text("mine")
    refused = new(".")
    assert isinstance(refused.exception, UsageError) and "--force" in str(refused.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["mkdocs.yml"]
    assert (tmp_path / "mkdocs.yml").read_text() == "mine"
    assert new(".", "--force").exit_code == 0
    assert (tmp_path / "specs" / "first.yml").is_file()
