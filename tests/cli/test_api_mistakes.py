"""Whatever the public functions are given: an answer, or an LstmdiagError that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lstmdiag
from lstmdiag import LstmdiagError
from lstmdiag.comparing import load_either

NAME = "three-units"
DRAWN, TABLE = lstmdiag.draw(NAME), lstmdiag.table(NAME)
ODD: tuple[Any, ...] = (
    None, 3, -1, 0, 1.5, True, "", "nosuch", b"x", [], {}, (), object(), "\0", "a\ud800", Path("folder"), "folder",
    float("nan"), [[1]], ["a"], {"a": 1}, 10**30, "x" * 5_000, np.zeros(3), np.int64(2), "latin.yml", "latin.npz",
    "data.keras", "data.npz", "data.json", "link.yml", "circle.npz", "none/a.yml",
)  # fmt: skip


def drawn(option: str) -> Callable[[Any], object]:
    given = {} if option == "view" else {"view": "unit"}
    return lambda odd: lstmdiag.draw(NAME, **given, **{option: odd}).png()


def traced(option: str) -> Callable[[Any], object]:
    return lambda odd: lstmdiag.trace(NAME, **{option: odd})


CALLS: dict[str, Callable[[Any], object]] = {
    "load": lstmdiag.load,
    "resolve": lstmdiag.resolve,
    "draw": lstmdiag.draw,
    "table": lstmdiag.table,
    "trace": lstmdiag.trace,
    "table name": lambda odd: lstmdiag.table(NAME, odd),
    "write": lambda odd: lstmdiag.write(odd, "json"),
    "write a drawing": lambda odd: lstmdiag.write(DRAWN, odd),
    "write a table": lambda odd: lstmdiag.write(TABLE, odd),
    "render": lstmdiag.render,
    "render format": lambda odd: lstmdiag.render(DRAWN, odd),
    "save": DRAWN.save,
    "signal": lambda odd: lstmdiag.trace(NAME)[odd],
    **{f"draw {option}": drawn(option) for option in ("view", "layer", "gate", "unit", "step", "steps", "signal",
                                                      "theme", "scale", "engine", "input", "weights", "seed")},
    **{f"trace {option}": traced(option) for option in ("input", "weights", "seed", "signals", "dtype", "after")},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name in ("latin.yml", "latin.npz"):
        (tmp_path / name).write_bytes("title: Grüße\n".encode("latin-1"))
    for name in ("data.keras", "data.npz", "data.json"):
        (tmp_path / name).write_bytes(bytes(range(256)))
    (tmp_path / "link.yml").symlink_to("nowhere")
    (tmp_path / "circle.npz").symlink_to("circle.npz")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.sweep(3)
def test_odd_arguments_are_answered_or_told(name: str, folder: None) -> None:
    told = 0
    for odd in ODD:
        try:
            CALLS[name](odd)
        except LstmdiagError as error:
            assert error.problems and str(error).strip() and len(str(error)) < 10_000
            told += 1
    assert told > len(ODD) // 3


def test_all_odd_arguments_are_told_at_once() -> None:
    with pytest.raises(LstmdiagError) as caught:
        lstmdiag.draw(NAME, unit="a", step=-1)
    assert (
        str(caught.value)
        == "unit is 'a'; it is a whole number from 1\nstep is -1; it is a whole number from 1, or None"
    )


def test_an_error_says_its_place_and_its_mend(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("version: 1\ninput: {steps: 3, features: 1}\nlayers:\n  - LSTM: {unitz: 2}\n")
    with pytest.raises(LstmdiagError) as caught:
        lstmdiag.load(path)
    assert str(caught.value) == f"{path}:4:12: LSTM has no option 'unitz'; did you mean 'units'?"


SPEC = "version: 1\ninput: {steps: 4, features: 2}\nlayers:\n  - LSTM: 3\nexample:\n  weights: w.npz\n"


def test_weights_of_an_example_are_told_at_their_place(tmp_path: Path) -> None:
    """A file that is missing, a link that leads out of the folder, a link in a circle, a folder, a file of others."""
    path, weights = tmp_path / "specs" / "a.yml", tmp_path / "specs" / "w.npz"
    path.parent.mkdir()
    path.write_text(SPEC)

    def told() -> str:
        with pytest.raises(LstmdiagError) as caught:
            lstmdiag.trace(path)
        (problem,) = caught.value.problems
        assert problem.at and (problem.at.path, problem.at.line, problem.at.column) == (str(path), 6, 12)
        return problem.message

    assert "No such file" in told()
    np.savez(tmp_path / "out.npz", a=np.zeros(3))
    weights.symlink_to("../out.npz")
    assert told() == "'w.npz' leaves the spec's folder"
    weights.unlink()
    weights.symlink_to("w.npz")
    assert "cannot read" in told()
    weights.unlink()
    weights.mkdir()
    assert "is no file" in told()
    weights.rmdir()
    (tmp_path / "out.npz").rename(weights)
    assert "weights of another model" in told()


@pytest.mark.parametrize("name", ["a.keras", "a.h5", "a.hdf5", "a.onnx", "a.npz", "a.safetensors", "a.pt", "a.npy"])
def test_a_file_of_a_model_says_what_to_do_instead(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"PK\3\4" + bytes(range(256)))
    with pytest.raises(LstmdiagError) as caught:
        lstmdiag.draw(name)
    assert "not a spec" in str(caught.value) and "lstmdiag trace SPEC --" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_member_that_is_a_file_of_a_model_is_told_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(b"PK")
    (tmp_path / "c.yml").write_text("version: 1\ncompare: [m.keras, m.keras.yml]\n")
    with pytest.raises(LstmdiagError) as caught:
        load_either(tmp_path / "c.yml")
    told = [(problem.at and (problem.at.path, problem.at.line, problem.at.column)) for problem in caught.value.problems]
    assert told == [(str(tmp_path / "c.yml"), 2, 11), (str(tmp_path / "c.yml"), 2, 20)]


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n" + bytes(200), bytes(range(256)) * 20, "a: b".encode("utf-32-le")]
)
def test_nothing_of_a_binary_file_is_shown(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(content)
    with pytest.raises(LstmdiagError) as caught:
        lstmdiag.load(tmp_path / "a.yml")
    (problem,) = caught.value.problems
    assert problem.message == "the file is binary, a spec is text"
    assert problem.at and problem.at.source == ""
