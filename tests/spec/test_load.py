"""Where a spec comes from: a path, standard input, the name of an example."""

import io
import os
import sys
from pathlib import Path

import pytest

from lstmdiag.binding import load_model, resolve
from lstmdiag.errors import LstmdiagError
from lstmdiag.spec.reader import examples, load

TEXT = "version: 1\ninput: {steps: 3, features: 1}\nlayers: [{LSTM: 1}]\n"

FOUNDING = {
    "one-unit": [12],
    "three-units": [60],
    "three-units-two-features": [72],
    "stacked-classifier": [71_168, 49_408, 8_320, 8_256, 65],
    "encoder-decoder": [40_800, 0, 80_400, 101],
}


@pytest.mark.parametrize("name", FOUNDING)
def test_the_founding_specs(name: str) -> None:
    assert [layer.params for layer in resolve(load(name)).layers] == FOUNDING[name]


def test_a_path_names_the_model(tmp_path: Path) -> None:
    path = tmp_path / "my model.v2.yml"
    path.write_text(TEXT)
    spec = load(path)
    assert (spec.name, spec.title, spec.path, spec.source) == ("my model.v2", "my model.v2", str(path), TEXT)
    assert load(str(path)) == spec


def test_a_path_comes_before_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load("one-unit").path == str(examples()["one-unit"])
    Path("one-unit").write_text(TEXT)
    assert load("one-unit").path == "one-unit"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.replace("LSTM", "LTSM").encode())))
    with pytest.raises(LstmdiagError) as raised:
        load("-")
    (problem,) = raised.value.problems
    assert problem.at and (problem.at.path, problem.at.line) == ("<stdin>", 3)


@pytest.mark.parametrize(("source", "told"), [
    ("one-unit2", "did you mean 'one-unit'?"),
    ("stacked.yml", "the examples are "),
    ("modle.yml", "did you mean 'model.yml'?"),
    ("nowhere/model.yml", "no file and no example"),
    ("folder", "cannot read"),
    ("", "cannot read"),
    ("nul\0byte", "cannot read"),
    ("x" * 5_000, "cannot read"),
])  # fmt: skip
def test_no_such_file(source: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.yml").write_text(TEXT)
    Path("folder").mkdir()
    with pytest.raises(LstmdiagError) as raised:
        load_model(source)
    assert told in str(raised.value)
    assert raised.value.exit_code == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
@pytest.mark.parametrize(
    "name", [b"caf\xe9.yml", b"two\nlines.yml", b"\x1b[31m.yml", "שלום.yml".encode(), b"..yml", b"$(id).yml"]
)
def test_any_file_name(name: bytes, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_text(TEXT)
    spec = load(path)
    assert spec.name.encode()  # can be printed and written


def test_problems_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "model.yml"
    path.write_text(
        "version: 1\nexample: {seed: -1}\nlayers: [{LSTM: 3}, {LSTM: 3}, {LSTM: 0}]\n"
        "cells: {lower: 1}\ninput: {steps: 3, features: 1}\n"
    )
    with pytest.raises(LstmdiagError) as raised:
        load_model(path)
    assert [problem.at.line for problem in raised.value.problems if problem.at] == [2, 3, 3, 4]
