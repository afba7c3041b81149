"""`lstmdiag draw` with numbers: which options ask for them, and what is told where they cannot be had."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmdiag.commands.group import cli
from tests.cli.test_commands import run as in_shell


def run(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["draw", *arguments], input=stdin)
    return done.exit_code, done.stdout, done.stderr


def drawn(*arguments: str) -> dict[str, object]:
    code, out, told = run(*arguments, "-f", "json")
    assert code == 0, told
    found: dict[str, object] = json.loads(out)
    return found


@pytest.mark.parametrize("option", [["--step", "2"], ["--seed", "3"], ["--input", "[[1], [2], [3], [4]]"]])
@pytest.mark.parametrize("view", ["time", "layer", "unit", "cell", "weights", "gate"])
def test_each_of_these_asks_for_numbers(view: str, option: list[str]) -> None:
    bare, told = drawn("three-units", "--view", view), drawn("three-units", "--view", view, *option)
    assert "origin" not in bare
    assert (
        told["origin"]
        == {
            "--step": "weights: untrained, Keras's initializers, seed 0; input: the example of the spec.",
            "--seed": "weights: untrained, Keras's initializers, seed 3; input: the example of the spec.",
            "--input": "weights: untrained, Keras's initializers, seed 0; input: given.",
        }[option[0]]
    )


def test_the_input_may_come_from_standard_input_once(tmp_path: Path) -> None:
    code, out, _ = run("three-units", "--view", "time", "-i", "-", "-f", "json", stdin="[[9], [8], [7], [6]]")
    assert code == 0 and "x_1 = 9" in out
    done = in_shell("draw", "-", "-i", "-", "--view", "cell", cwd=tmp_path)
    assert done.returncode == 2 and b"cannot both be standard input" in done.stderr


def test_what_cannot_be_shown_is_told() -> None:
    code, _, told = run("three-units", "--view", "cell", "--step", "9")
    assert code == 2 and "has steps 1 to 4, found --step 9" in told
    code, _, told = run("three-units", "--view", "cell", "--input", "[[1]]")
    assert code == 1 and "has the shape (1, 1)" in told
    code, _, told = run("three-units", "--view", "model", "--seed", "1", "-f", "json")
    assert code == 0 and "no numbers in model" in told


def test_files_are_named_by_step_and_unit(tmp_path: Path) -> None:
    code, _, told = run("three-units", "--view", "cell,gate", "--step", "2", "--unit", "3", "-o", f"{tmp_path}/")
    assert code == 0, told
    assert {path.name for path in tmp_path.iterdir()} == {"three-units.cell.u3.t2.svg", "three-units.gate.u3.t2.svg"}
