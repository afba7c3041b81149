"""`lstmdiag trace`, as a user calls it."""

import csv
import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstmdiag import LstmdiagError, trace
from tests.cli.test_commands import GOOD, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yml").write_text(GOOD)
    return tmp_path


def test_text_is_a_table_of_steps(folder: Path) -> None:
    done = run("trace", "encoder-decoder", "--steps", "1-2", "--layer", "encoder", "--toy", cwd=folder)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "toy twin: same wiring, 4 and 3 units instead of 100" in said
    assert 'encoder: LSTM(4, activation="relu")' in said
    rows = [line.split("│") for line in said.splitlines() if line.startswith("  1 ")]
    found = trace("encoder-decoder", toy=True)
    assert [f"{value:.3f}" for value in found["encoder.i"][0]] == rows[0][1].split()
    assert "decoder: LSTM" not in said


def test_long_rows_say_how_to_see_all(folder: Path) -> None:
    said = run("trace", "encoder-decoder", cwd=folder).stdout.decode()
    assert "… " in said and "Not all is shown; every number, with every digit: --format json, csv or npz" in said


def test_json_csv_and_npz_hold_the_same(folder: Path) -> None:
    found = trace(folder / "good.yml")
    asked = {name: run("trace", "good.yml", "-f", name, cwd=folder).stdout for name in ("json", "csv", "npz")}
    as_json = json.loads(asked["json"])
    as_npz = np.load(io.BytesIO(asked["npz"]))
    as_csv: dict[str, list[float]] = {}
    for line in csv.DictReader(io.StringIO(asked["csv"].decode())):
        as_csv.setdefault(line["signal"], []).append(float(line["value"]))
    assert [*as_json] == [*as_npz.files] == [*as_csv]
    assert as_json["lstm.c"] == found["lstm.c"].tolist()
    for name, values in as_json.items():
        assert np.array_equal(as_npz[name], found[name]) and np.array_equal(values, found[name])
        assert as_csv[name] == found[name].ravel().tolist()
    assert np.array_equal(as_npz["lstm.output"], found.output)
    assert as_npz["lstm.a_f"].shape == (4, 3)


def test_batches_have_an_axis_of_their_own(folder: Path) -> None:
    one = json.loads(run("trace", "good.yml", "--batch", "-f", "json", cwd=folder).stdout)
    assert np.shape(one["lstm.c"]) == (1, 4, 3)
    two = json.dumps(np.ones((2, 4, 2)).tolist())
    done = run("trace", "good.yml", "--input", "-", "-f", "json", cwd=folder, stdin=two)
    assert np.shape(json.loads(done.stdout)["lstm.c"]) == (2, 4, 3)
    said = run("trace", "good.yml", "--input", two, cwd=folder).stdout.decode()
    assert "sample 1 of 2" in said and "sample 2 of 2" in said


def test_inputs_come_from_files(folder: Path) -> None:
    x = np.arange(8.0).reshape(4, 2)
    (folder / "x.json").write_text(json.dumps(x.tolist()))
    np.save(folder / "x.npy", x)
    np.savez(folder / "x.npz", x)
    np.savetxt(folder / "x.csv", x, delimiter=",")
    found = {
        ending: json.loads(run("trace", "good.yml", "-i", f"x.{ending}", "-f", "json", cwd=folder).stdout)
        for ending in ("json", "npy", "npz", "csv")
    }
    assert all(each == found["json"] for each in found.values())
    assert found["json"]["input"] == x.tolist()


def test_weights_come_from_files_beside_the_spec(folder: Path) -> None:
    from lstmdiag.running.initial import weights
    from tests.models import lstm

    made = weights(lstm(), 5)
    (folder / "sub").mkdir()
    np.savez(folder / "sub" / "w.npz", **made)
    (folder / "sub" / "with.yml").write_text(GOOD + "example: {weights: w.npz}\n")
    seeded = json.loads(run("trace", "good.yml", "--seed", "5", "-f", "json", cwd=folder).stdout)
    for words in (("good.yml", "-w", "sub/w.npz"), ("sub/with.yml",)):
        assert json.loads(run("trace", *words, "-f", "json", cwd=folder).stdout) == seeded
    assert "weights: w.npz" in run("trace", "sub/with.yml", cwd=folder).stdout.decode()


def test_the_ending_of_the_file_says_the_format(folder: Path) -> None:
    for name in ("a.json", "a.csv", "a.npz", "a.txt"):
        assert run("trace", "good.yml", "-o", name, cwd=folder).returncode == 0
    assert np.load(folder / "a.npz")["lstm.h"].shape == (4, 3)
    assert (folder / "a.txt").read_text("utf-8").startswith("good\n")
    assert json.loads((folder / "a.json").read_text())


def test_signals_and_steps_can_be_chosen(folder: Path) -> None:
    said = run("trace", "good.yml", "--signals", "c,lstm.a_?", "--steps", "2,last", "-f", "json", cwd=folder).stdout
    found = json.loads(said)
    assert [*found] == ["lstm.a_i", "lstm.a_f", "lstm.a_g", "lstm.a_o", "lstm.c"]
    assert found["lstm.c"] == trace(folder / "good.yml")["lstm.c"][[1, 3]].tolist()


WRONG = {
    "steps": (("--steps", "0"), 2, "'0' is none of: 3, 1-5, last, all"),
    "turned steps": (("--steps", "5-2"), 2, "'5-2' is none of"),
    "many steps": (("--steps", "1-500001,1-500000"), 2, "these are more than 1,000,000 steps"),
    "signal": (("--signals", "lstm.d"), 2, "there is no signal 'lstm.d' here"),
    "layer": (("--layer", "lst"), 2, "has no layer 'lst'"),
    "both": (("--seed", "1", "--weights", "w.npz"), 2, "weights and a seed are given"),
    "no file": (("--weights", "w.npz"), 1, "cannot read 'w.npz': No such file"),
    "no input": (("--input", "x.npy"), 1, "cannot read 'x.npy': No such file"),
    "no JSON": (("--input", "[[1,]"), 1, "--input is no JSON"),
    "deep": (("--input", "[" * 100_000), 1, "--input"),
    "many brackets": (("--input", "[" * 60 + "1" + "]" * 60), 1, "input 'input' "),
    "null": (("--input", "null.json"), 1, "null.json holds null, not numbers"),
    "null inside": (("--input", '{"input": null}'), 1, "holds something else than numbers"),
    "name twice": (
        ("--input", '{"input": [[1]], "input": [[2]]}'),
        1,
        "--input is no JSON: 'input' stands in it twice",
    ),
    "no UTF-8": (("--input", "latin.json"), 1, "latin.json is not UTF-8: byte 12 is 0xff"),
    "NaN": (("--input", "[[NaN, 1], [1, 1], [1, 1], [1, 1]]"), 1, "input 'input' holds nan at step 1, feature 1"),
    "infinity": (("--input", "[[1e999, 1], [1, 1], [1, 1], [1, 1]]"), 1, "holds inf at step 1"),
    "shape": (("--input", "[[1, 2]]"), 1, "input 'input' has the shape (1, 2)"),
    "kind of file": (("--input", "good.yml"), 1, "'good.yml' is no file of numbers"),
    "folder": (("--input", "."), 1, "is no file of numbers"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_are_told_without_a_traceback(case: str, folder: Path) -> None:
    (folder / "null.json").write_text("null")
    (folder / "latin.json").write_bytes(b"[[1],[2],[3\xff]]")
    words, code, message = WRONG[case]
    done = run("trace", "good.yml", *words, cwd=folder)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), said
    assert message in said and "Traceback" not in said


def test_a_damaged_input_is_told(folder: Path) -> None:
    for name in ("x.npy", "x.npz", "x.csv"):
        (folder / name).write_text("a,b\n")
        done = run("trace", "good.yml", "--input", name, cwd=folder)
        assert done.returncode == 1 and f"cannot read '{name}'".encode() in done.stderr


NO_NUMBERS = {
    "objects": (np.array([[{}], [1]], dtype=object), "holds pickled objects, which are not read"),
    "complex": (np.full((4, 2), 1j), "holds complex128, not"),
    "text": (np.full((4, 2), "1"), "holds <U1, not"),
}


@pytest.mark.parametrize("case", NO_NUMBERS)
def test_arrays_of_something_else_are_told(case: str, folder: Path) -> None:
    array, message = NO_NUMBERS[case]
    np.save(folder / "x.npy", array)
    np.savez(folder / "x.npz", array)
    for name in ("x.npy", "x.npz"):
        done = run("trace", "good.yml", "--input", name, cwd=folder)
        assert done.returncode == 1 and message in done.stderr.decode() and b"Warning" not in done.stderr


def test_an_array_called_an_archive_is_told(folder: Path) -> None:
    np.save(folder / "x.npy", np.zeros((4, 2)))
    (folder / "x.npy").rename(folder / "x.npz")
    said = run("trace", "good.yml", "--input", "x.npz", cwd=folder).stderr.decode()
    assert "x.npz is one array, not an archive of arrays\n    rename it to x.npy" in said


def test_an_archive_is_unpacked_once_it_fits(folder: Path) -> None:
    for shape, message in (((2**24, 2), "has the shape (16777216, 2)"), ((2**24, 4, 2), "this pass would hold")):
        with (
            zipfile.ZipFile(folder / "x.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("x.npy", "w", force_zip64=True) as member,
        ):
            np.lib.format.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": shape})
            for _ in range(2**8):
                member.write(bytes(2**20))
        tracemalloc.start()
        done = run("trace", "good.yml", "--input", "x.npz", cwd=folder)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert done.returncode == 1 and message in done.stderr.decode() and peak < 2**26


def test_weights_too_large_for_their_dtype_are_told(folder: Path) -> None:
    from lstmdiag.running.initial import weights
    from tests.models import lstm

    made = weights(lstm(), 5)
    made["lstm.b_i"] = np.full(3, -1e300)
    np.savez(folder / "w.npz", **made)
    done = run("trace", "good.yml", "-w", "w.npz", "--dtype", "float32", cwd=folder)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"error: weight 'lstm.b_i' holds 1e+300, float32 ends at 3.403e+38\n"


def test_a_hint_stands_below(folder: Path) -> None:
    said = run("trace", "good.yml", "--input", "[1, 2, 3, 4]", cwd=folder).stderr.decode()
    assert said == (
        "error: input 'input' has the shape (4,)\n"
        "    it wants (4, 2) (steps, features), or samples of these in a batch\n"
    )


def test_what_does_not_fit_into_memory_is_refused_with_the_arithmetic(folder: Path) -> None:
    (folder / "vast.yml").write_text("version: 1\ninput: {steps: 1000000, features: 64}\nlayers:\n  - LSTM: 512\n")
    done = run("trace", "vast.yml", cwd=folder)
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "10 signals × 1,000,000 steps × 512 numbers × 1 sample × 8 bytes = 41.0 GB" in said
    assert "keep less with --signals, --layer and --steps" in said


def test_the_function_takes_paths_names_and_models(folder: Path) -> None:
    from lstmdiag import load, resolve

    spec = load(folder / "good.yml")
    assert str(trace(spec)) == str(trace(resolve(spec))) == str(trace(str(folder / "good.yml")))
    assert {"lstm.c", "input"} <= set(trace("three-units")) and len(trace("three-units")) == 12
    with pytest.raises(LstmdiagError, match="there is no signal"):
        trace("three-units")["c"]


RELU = "version: 1\ninput: {steps: 3, features: 1}\nlayers:\n  - GRU: {units: 2, activation: relu}\n"


@pytest.fixture
def torch_weights(tmp_path: Path) -> Path:
    """Those of an nn.GRU called `rnn`, which has tanh and no name that the spec RELU has."""
    (tmp_path / "relu.yml").write_text(RELU)
    shapes = {"weight_ih_l0": (6, 1), "weight_hh_l0": (6, 2), "bias_ih_l0": (6,), "bias_hh_l0": (6,)}
    path = tmp_path / "rnn.npz"
    np.savez(path, **{f"rnn.{name}": np.full(shape, 0.1) for name, shape in shapes.items()})
    return path


ALIKE = "rnn.npz: layers are matched by their order, class and shape, not by name: gru is rnn in the file"


def test_weights_of_another_model_are_an_error_at_the_line(torch_weights: Path) -> None:
    done = run("trace", "relu.yml", "--weights", "rnn.npz", cwd=torch_weights.parent)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines() == [
        "relu.yml:4:33: error: rnn.npz: gru: activation is tanh in torch.nn.GRU, relu in the spec",
        "    4 |   - GRU: {units: 2, activation: relu}",
        "      |                                 ^^^^ the weights of a layer of one's own come as an .npz, "
        "with names such as gru.W_r; --ignore-config only warns",
    ]


@pytest.mark.parametrize("command", [["trace"], ["draw", "--free", "--step", "2", "--view", "unit,cell", "-o", "out/"]])
def test_ignore_config_makes_warnings_of_them(command: list[str], torch_weights: Path) -> None:
    done = run(*command, "relu.yml", "--weights", "rnn.npz", "--ignore-config", cwd=torch_weights.parent)
    assert done.returncode == 0
    said = [line for line in done.stderr.decode().splitlines() if line[:1].strip()]
    assert said == [
        "relu.yml:4:33: warning: rnn.npz: gru: activation is tanh in torch.nn.GRU, relu in the spec", f"note: {ALIKE}",
    ]  # fmt: skip


def test_python_warns_of_the_same(torch_weights: Path) -> None:
    of = torch_weights.parent / "relu.yml"
    with pytest.raises(LstmdiagError, match=r"activation is tanh in torch\.nn\.GRU, relu in the spec"):
        trace(of, weights=torch_weights)
    with pytest.warns(UserWarning) as caught:
        found = trace(of, weights=torch_weights, ignore_config=True)
    assert [str(each.message).partition("; ")[0] for each in caught] == [
        "rnn.npz: gru: activation is tanh in torch.nn.GRU, relu in the spec", ALIKE,
    ]  # fmt: skip
    assert [note.level for note in found.values.notes] == ["warning", "note"]
    assert {each.filename for each in caught} == {__file__}
