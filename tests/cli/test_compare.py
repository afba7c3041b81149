"""`lstmdiag compare`, as a user calls it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lstmdiag.diagrams.canvas import CANVASES
from tests.cli.test_commands import names, run


def test_text_on_stdout(tmp_path: Path) -> None:
    done = run("compare", "one-unit", "three-units", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode()
    assert said.startswith("one-unit and three-units side by side\n")
    assert "units is 3 in three-units, 1 in one-unit" in said


def test_a_spec_that_compares_is_its_models(tmp_path: Path) -> None:
    data = json.loads(run("compare", "compare-kinds", "--format", "json", cwd=tmp_path).stdout)
    assert [model["name"] for model in data["models"]] == ["lstm", "gru", "simple-rnn"]


@pytest.mark.parametrize(("ending", "begins"), [
    ("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph"),
    ("md", b"**one-unit and"), ("txt", b"one-unit and"), ("json", b"{"),
])  # fmt: skip
def test_the_ending_says_the_format(tmp_path: Path, ending: str, begins: bytes) -> None:
    done = run("compare", "one-unit", "three-units", "-o", f"out.{ending}", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / f"out.{ending}").read_bytes().startswith(begins)


def test_a_view_is_a_picture(tmp_path: Path) -> None:
    assert b"view-cell" in run("compare", "lstm", "gru", "--view", "cell", cwd=tmp_path).stdout
    run("compare", "lstm", "gru", "-v", "cell,model", "-f", "png", "-o", "out/", cwd=tmp_path)
    assert names(tmp_path) == {"out/lstm-gru.cell.png", "out/lstm-gru.model.png"}


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (["one-unit"], 2, "a comparison is of 2 to 4 models, found 1"),
    (["one-unit", "one-unit"], 2, "found 1"),
    (["one-unit", "compare-kinds"], 2, "'compare-kinds' is a comparison itself"),
    (["one-unit", "nosuch"], 1, "no file and no example 'nosuch'"),
    (["one-unit", "three-units", "-v", "time,cell"], 2, "several outputs need a folder"),
    (["one-unit", "three-units", "-v", "cell", "--layer", "ltsm"], 2, "has no layer 'ltsm'"),
    (["one-unit", "three-units", "-v", "tiem"], 2, "there is no view 'tiem'"),
])  # fmt: skip
def test_wrong_usage(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    done = run("compare", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_check_knows_comparisons(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text("version: 1\ninput: {steps: 4, features: 2}\nlayers:\n  - LSTM: 3\n")
    (tmp_path / "all.yml").write_text("version: 1\ncompare: [good.yml, missing.yml]\n")
    assert run("check", "compare-kinds", cwd=tmp_path).stdout.endswith(b"compare-kinds.yml: valid, compares 3 models\n")
    done = run("check", "all.yml", cwd=tmp_path)
    assert done.returncode == 1
    assert b"all.yml:2:21: error: there is no file 'missing.yml'" in done.stderr


def test_other_commands_say_who_reads_it(tmp_path: Path) -> None:
    done = run("draw", "compare-kinds", cwd=tmp_path)
    assert done.returncode == 1
    assert b"this spec compares others, it is no model" in done.stderr and b"lstmdiag compare" in done.stderr


def test_a_view_changes_nothing_in_text(tmp_path: Path) -> None:
    done = run("compare", "one-unit", "three-units", "-v", "cell", "-f", "text", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == b"note: --view changes nothing in text\n"


@pytest.mark.parametrize(("canvas", "widest"), [("page", 1200), ("narrow", CANVASES["narrow"].width)])
def test_a_picture_is_made_for_a_canvas(canvas: str, widest: float, tmp_path: Path) -> None:
    done = run("compare", "lstm", "gru", "--view", "layer", "--for", canvas, "--no-legend", cwd=tmp_path)
    assert done.stderr == b""
    found = re.search(rb'<svg [^>]*width="([\d.]+)', done.stdout)
    assert found is not None and float(found[1]) <= widest
    assert b"legend-1" not in done.stdout
    as_text = run("compare", "lstm", "gru", "--for", "slide", cwd=tmp_path)
    assert as_text.stderr == b"note: --for changes nothing in text\n"
