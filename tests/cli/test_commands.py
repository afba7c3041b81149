"""The commands, as a user calls them."""

import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from lstmdiag import __version__
from lstmdiag.cli import main
from lstmdiag.commands.group import COMMANDS

VIEWS = ("model", "time", "layer", "unit", "cell", "weights", "gate", "trace", "gradient")
GOOD = "version: 1\ninput: {steps: 4, features: 2}\nlayers:\n  - LSTM: 3\n"
BAD = "version: 1\ninput: {steps: 4, features: 2}\nlayers:\n  - LSTM: {unitz: 3}\n  - LSMT: 3\n"


def run(*arguments: str, cwd: Path, stdin: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """In this process, which is a lot faster than one of its own; what is read as Python begins needs one."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    if "PYTHONHASHSEED" in environment:
        command = [sys.executable, "-m", "lstmdiag", *arguments]
        return subprocess.run(command, input=given, capture_output=True, cwd=cwd, env={**os.environ, **environment})
    code, streams = 0, [io.TextIOWrapper(io.BytesIO(data), "utf-8") for data in (given, b"", b"")]
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("default")
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["lstmdiag", *arguments])
        for name, value in environment.items():
            patch.setenv(name, value)
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        said = []
        for stream in streams[1:]:
            stream.flush()
            assert isinstance(stream.buffer, io.BytesIO)
            said.append(stream.buffer.getvalue())
    return subprocess.CompletedProcess([*arguments], code, *said)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yml").write_text(GOOD)
    (tmp_path / "bad.yml").write_text(BAD)
    return tmp_path


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_help_names_every_command(tmp_path: Path) -> None:
    said = run("--help", cwd=tmp_path).stdout.decode()
    for name, line in COMMANDS.items():
        assert f"  {name} " in said
        assert line in said


def test_every_command_has_help(tmp_path: Path) -> None:
    modules = {path.stem for path in (Path(__file__).parents[2] / "lstmdiag/commands").glob("*.py")}
    assert modules - {"__init__", "canvas", "common", "group"} == set(COMMANDS)
    for name in COMMANDS:
        done = run(name, "--help", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")
        assert f"Usage: lstmdiag {name}" in done.stdout.decode()


def test_help_of_draw_names_every_view_and_format(tmp_path: Path) -> None:
    from lstmdiag.drawing import FORMATS
    from lstmdiag.views import VIEWS
    from lstmdiag.writers.themes import THEMES

    said = run("draw", "--help", cwd=tmp_path).stdout.decode()
    for name in (*VIEWS, *FORMATS, *THEMES):
        assert name in said
    for view in VIEWS.values():
        assert re.search(rf"^ +{view.name} +{re.escape(view.question)}$", said, re.MULTILINE), view.name


def test_help_of_table_names_every_table(tmp_path: Path) -> None:
    from lstmdiag.views.tables import NAMES

    said = " ".join(run("table", "--help", cwd=tmp_path).stdout.decode().split())
    for name in NAMES:
        assert name in said


def test_the_guide_names_every_command() -> None:
    docs = Path(__file__).parents[2] / "docs"
    written = "\n".join(path.read_text("utf-8") for path in docs.rglob("*.md"))
    for name in COMMANDS:
        assert f"lstmdiag {name}" in written


def test_version(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout.decode() == f"lstmdiag {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["drow"],
        ["draw"],
        ["draw", "good.yml", "--view", "tiem"],
        ["draw", "good.yml", "--format", "gif"],
        ["draw", "good.yml", "--steps", "0"],
        ["draw", "good.yml", "--unit", "0"],
        ["draw", "good.yml", "--unit", "4", "--view", "unit"],
        ["draw", "good.yml", "--layer", "nosuch", "--view", "cell"],
        ["draw", "good.yml", "--gate", "nosuch", "--view", "gate"],
        ["draw", "good.yml", "--view", "time,cell"],
        ["draw", "good.yml", "--frames"],
        ["draw", "good.yml", "--view", "time,cell", "-o", "-"],
        ["draw", "good.yml", "--view", "time,cell", "-o", "good.yml"],
        ["draw", "good.yml", "--view", "time,cell", "-o", "new.svg"],
        ["draw", "good.yml", "--format", "svg", "-o", "new.png"],
        ["draw", "good.yml", "-o", "new.gif"],
        ["draw", "good.yml", "--scale", "nan", "--format", "png"],
        ["draw", "good.yml", "--scale", "1e-9", "--format", "png"],
        ["table", "good.yml", "parms"],
        ["table", "good.yml"],
        ["table", "params"],
        ["table", "good.yml", "all"],
        ["pages", "good.yml"],
        ["pages", "good.yml", "-o", "good.yml"],
        ["new", "good.yml"],
        ["new", "."],
    ],
    ids=" ".join,
)
def test_wrong_usage(arguments: list[str], folder: Path) -> None:
    before = names(folder)
    done = run(*arguments, cwd=folder)
    assert done.returncode == 2, done.stderr.decode()
    assert done.stderr and not done.stdout
    assert b"Traceback" not in done.stderr
    assert names(folder) == before


def test_a_mistyped_name_gets_a_suggestion(folder: Path) -> None:
    assert "did you mean 'time'?" in run("draw", "good.yml", "--view", "tiem", cwd=folder).stderr.decode()
    assert "did you mean 'draw'?" in run("drow", cwd=folder).stderr.decode()


def test_a_table_misses_what_is_missing(folder: Path) -> None:
    assert "no table 'good.yml'" in run("table", "good.yml", cwd=folder).stderr.decode()
    assert "SPEC" in run("table", "params", cwd=folder).stderr.decode().splitlines()[-1]


def test_check_says_what_is_valid_and_what_is_not(folder: Path) -> None:
    done = run("check", "good.yml", "bad.yml", "nosuch.yml", "one-unit", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[0] == "good.yml: valid, 1 layer, 72 parameters"
    assert "12 parameters" in done.stdout.decode().splitlines()[1]
    said = done.stderr.decode()
    assert "bad.yml:4:12: error: LSTM has no option 'unitz'" in said
    assert "bad.yml:5:5: error:" in said
    assert "nosuch.yml" in said


def test_check_as_json_and_for_github(folder: Path) -> None:
    done = run("check", "good.yml", "bad.yml", "--format", "json", cwd=folder)
    problems = json.loads(done.stdout)["problems"]
    assert done.returncode == 1 and not done.stderr
    assert [(p["path"], p["line"], p["column"]) for p in problems] == [("bad.yml", 4, 12), ("bad.yml", 5, 5)]
    assert json.loads(run("check", "good.yml", "--format", "json", cwd=folder).stdout)["problems"] == []
    lines = run("check", "bad.yml", "--format", "github", cwd=folder).stdout.decode().splitlines()
    assert lines[0].startswith("::error file=bad.yml,line=4,col=12,")


def test_colour_is_for_terminals_and_for_whoever_forces_it(folder: Path) -> None:
    assert b"\x1b[" not in run("check", "bad.yml", cwd=folder).stderr
    assert b"\x1b[" in run("check", "bad.yml", cwd=folder, FORCE_COLOR="1").stderr
    assert b"\x1b[" not in run("check", "bad.yml", cwd=folder, FORCE_COLOR="1", NO_COLOR="1").stderr


def test_one_picture_goes_to_stdout(folder: Path) -> None:
    for format, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("json", b"{"), ("dot", b"digraph")):
        done = run("draw", "good.yml", "--format", format, cwd=folder)
        assert done.returncode == 0, done.stderr.decode()
        assert start in done.stdout[:400]
    assert run("draw", "good.yml", "--format", "dot", "-o", "-", cwd=folder).stdout == done.stdout
    assert names(folder) == {"good.yml", "bad.yml"}


def test_a_spec_may_come_from_stdin(folder: Path) -> None:
    done = run("draw", "-", "--view", "time", "--format", "json", cwd=folder, stdin=GOOD)
    assert json.loads(done.stdout)["view"] == "time"
    assert b"<stdin>:4:12" in run("check", "-", cwd=folder, stdin=BAD).stderr


def test_the_ending_says_the_format(folder: Path) -> None:
    assert run("draw", "good.yml", "-o", "new/picture.png", cwd=folder).returncode == 0
    assert (folder / "new/picture.png").read_bytes().startswith(b"\x89PNG")


def test_many_pictures_go_to_a_folder(folder: Path) -> None:
    done = run("draw", "good.yml", "one-unit", "--view", "time,cell", "--view", "gate", "-f", "svg,dot",
               "--gate", "o", "--layer", "lstm", "-o", "out", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert names(folder / "out") == {
        f"{spec}.{view}.{format}"
        for spec in ("good", "one-unit")
        for view in ("time", "cell.lstm", "gate.lstm.gate-o")
        for format in ("svg", "dot")
    }


def test_all_is_every_one(folder: Path) -> None:
    assert run("draw", "good.yml", "--view", "all", "--format", "dot,json", "-o", "out/", cwd=folder).returncode == 0
    assert names(folder / "out") == {f"good.{view}.{format}" for view in VIEWS for format in ("dot", "json")}


def test_unit_and_frames_are_in_the_name(folder: Path) -> None:
    run("draw", "good.yml", "--view", "layer", "--unit", "2", "-o", "out/", cwd=folder)
    assert names(folder / "out") == {"good.layer.u2.svg"}
    run("draw", "good.yml", "--view", "cell", "--frames", "-o", "frames", cwd=folder)
    assert names(folder / "frames") == {f"good.cell-{number:02d}.svg" for number in range(1, 6)}


def test_an_option_that_changes_nothing_is_told(folder: Path) -> None:
    done = run("draw", "good.yml", "--view", "time", "--gate", "o", "-o", "out/", cwd=folder)
    assert (done.returncode, done.stderr) == (0, b"note: --gate changes nothing in time\n")
    assert names(folder / "out") == {"good.time.svg"}


def test_a_failure_costs_no_other_spec_its_output(folder: Path) -> None:
    done = run("draw", "bad.yml", "nosuch", "good.yml", "--view", "time,cell", "-o", "out", cwd=folder)
    assert done.returncode == 1
    assert names(folder / "out") == {"good.time.svg", "good.cell.svg"}
    assert "unitz" in done.stderr.decode() and "nosuch" in done.stderr.decode()


def test_two_outputs_of_one_name_are_refused(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "good.yml").write_text(GOOD)
    done = run("draw", "good.yml", "other/good.yml", "-o", "out/", cwd=folder)
    assert done.returncode == 2
    assert "good.time" in done.stderr.decode()
    assert not (folder / "out").exists()


def test_files_appear_whole_or_not_at_all(folder: Path) -> None:
    (folder / "out" / "good.time.svg").mkdir(parents=True)  # nothing can be put in its place
    done = run("draw", "good.yml", "--view", "time,cell", "-o", "out", cwd=folder)
    assert done.returncode == 1
    assert b"good.time" in done.stderr and b"Traceback" not in done.stderr
    assert names(folder / "out") == {"good.cell.svg"}


def test_a_model_without_recurrent_layers_has_one_view(folder: Path) -> None:
    (folder / "dense.yml").write_text("version: 1\ninput: {shape: [4]}\nlayers:\n  - Dense: 3\n")
    assert run("draw", "dense.yml", "--view", "all", "-o", "out/", cwd=folder).returncode == 0
    assert names(folder / "out") == {"dense.model.svg"}
    done = run("draw", "dense.yml", "--view", "cell", cwd=folder)
    assert done.returncode == 2 and b"no recurrent layer" in done.stderr


def test_drawing_all_of_too_many_steps_is_refused(folder: Path) -> None:
    (folder / "long.yml").write_text(GOOD.replace("steps: 4", "steps: 20001"))
    done = run("draw", "long.yml", "--steps", "all", cwd=folder)
    assert done.returncode in (1, 2) and not done.stdout
    assert "20,000" in done.stderr.decode()


def test_tables_print_and_write(folder: Path) -> None:
    assert "72" in run("table", "good.yml", "params", cwd=folder).stdout.decode()
    facts = json.loads(run("table", "good.yml", "params", "--format", "json", cwd=folder).stdout)
    assert facts["total"] == 72
    assert facts["layers"][0]["params"] == 72
    done = run("table", "good.yml", "one-unit", "all", "--format", "latex", "-o", "out", cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    tables = ("shapes", "params", "cost", "returns", "dictionary")
    assert names(folder / "out") == {f"{spec}.{name}.tex" for spec in ("good", "one-unit") for name in tables}


def test_pages_are_written_once_and_touched_only_where_they_change(folder: Path) -> None:
    done = run("pages", "good.yml", "bad.yml", "one-unit", "-o", "out", cwd=folder)
    assert done.returncode == 1 and b"unitz" in done.stderr
    assert {"index.md", "good.md", "one-unit.md", "good/good.time.svg"} <= names(folder / "out")
    assert not any("bad" in name for name in names(folder / "out"))
    assert "<svg" in (folder / "out/good.md").read_text("utf-8")
    before = {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*") if path.is_file()}
    (folder / "good.yml").write_text(GOOD + "  - Dense: 5\n")
    assert run("pages", "good.yml", "one-unit", "-o", "out", cwd=folder).returncode == 0
    touched = {path.name for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert "good.md" in touched and "index.md" in touched
    assert not any(name.startswith("one-unit") or name.endswith((".css", ".woff2")) for name in touched)


def test_schema_is_json(tmp_path: Path) -> None:
    assert "$schema" in json.loads(run("schema", cwd=tmp_path).stdout)


@pytest.mark.skipif(os.name == "nt", reason="the shell is a POSIX one")
def test_without_standard_error_the_picture_comes_all_the_same(folder: Path) -> None:
    command = f"{sys.executable} -m lstmdiag draw good.yml --format png"
    assert subprocess.run(f"{command} 2>&-", shell=True, stdout=subprocess.PIPE, cwd=folder).stdout[1:4] == b"PNG"
    closed = subprocess.run(f"{command} >&-", shell=True, stderr=subprocess.PIPE, cwd=folder)
    assert (closed.returncode, closed.stderr) == (1, b"error: standard output is closed\n")


def test_the_same_bytes_whatever_the_hash_seed_locale_and_time_zone(folder: Path) -> None:
    """Here, and in a process in which they are other ones."""
    elsewhere = {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}
    for number, environment in enumerate(({}, elsewhere)):
        done = run("draw", "good.yml", "--view", "all", "-f", "svg,pdf,png,json", "--scale", "0.3",
                   "-o", f"out-{number}", cwd=folder, **environment)  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
    one, other = ({path.name: path.read_bytes() for path in (folder / f"out-{n}").iterdir()} for n in (0, 1))
    assert len(one) == 4 * len(VIEWS)
    assert one == other


def test_completion_offers_views(folder: Path) -> None:
    typed = {"COMP_WORDS": "lstmdiag draw good.yml --view model,ti", "COMP_CWORD": "4"}
    assert run(cwd=folder, _LSTMDIAG_COMPLETE="bash_complete", **typed).stdout.decode().strip() == "plain,model,time"


def test_completion_offers_files(folder: Path) -> None:
    typed = {"COMP_WORDS": "lstmdiag draw go", "COMP_CWORD": "2"}
    assert run(cwd=folder, _LSTMDIAG_COMPLETE="bash_complete", **typed).stdout.decode().strip() == "file,go"


def test_a_mistake_of_ours_is_one_line(folder: Path) -> None:
    probe = "import lstmdiag.commands.schema as m, lstmdiag.cli as c; m.command.callback = lambda **o: 1 / 0; c.main()"
    command = [sys.executable, "-c", probe, "schema"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "Traceback" not in done.stderr
    environment = {**os.environ, "LSTMDIAG_DEBUG": "1"}
    loud = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert "Traceback" in loud.stderr
