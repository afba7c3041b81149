"""`lstmdiag new`: what it makes must build, strictly, as it stands."""

import os
import subprocess
import sys
from pathlib import Path

import yaml


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=cwd, env=environment)


def test_a_new_project_builds_strictly(tmp_path: Path) -> None:
    made = run("lstmdiag", "new", "site of mine", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    project = tmp_path / "site of mine"
    spec = (project / "specs" / "first.yml").read_text()
    schema = spec.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (project / "specs" / schema).resolve().is_file()
    built = run("mkdocs", "build", "--strict", cwd=project)
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    title = yaml.safe_load(spec)["title"]
    assert title in (project / "site" / "architectures" / "first" / "index.html").read_text("utf-8")
    home = (project / "site" / "index.html").read_text("utf-8")
    assert "<svg" in home and 'data-spec="first"' not in home


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("mine")
    refused = run("lstmdiag", "new", ".", cwd=tmp_path)
    assert refused.returncode == 2 and "--force" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mkdocs.yml"]
    assert (tmp_path / "mkdocs.yml").read_text() == "mine"
    assert run("lstmdiag", "new", ".", "--force", cwd=tmp_path).returncode == 0
    assert (tmp_path / "specs" / "first.yml").is_file()
