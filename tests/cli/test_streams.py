"""Streams that are closed or break, and interrupts: a sentence or nothing, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lstmdiag

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX closes the streams here")

LSTMDIAG = f"'{sys.executable}' -m lstmdiag"


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=folder)


@pytest.mark.parametrize("arguments", ["check -", "draw -", "trace -", "table - params", "compare - gru",
                                       "trace one-unit --input -", "draw one-unit -v unit --input -"])  # fmt: skip
@pytest.mark.sweep(1)
def test_a_closed_standard_input_is_told(arguments: str, tmp_path: Path) -> None:
    done = shell(f"{LSTMDIAG} {arguments} <&-", tmp_path)
    assert (done.returncode, done.stderr) == (1, "error: standard input is closed\n")


@pytest.mark.parametrize("arguments", ["check one-unit", "draw one-unit", "trace one-unit", "table one-unit params",
                                       "schema", "--help", "compare lstm gru", "check nosuch"])  # fmt: skip
@pytest.mark.sweep(1)
def test_closed_outputs_are_no_traceback(arguments: str, tmp_path: Path) -> None:
    done = shell(f"{LSTMDIAG} {arguments} >&-", tmp_path)
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) <= 3
    done = shell(f"{LSTMDIAG} {arguments} >&- 2>&- <&-; echo $?", tmp_path)
    assert done.stderr == "" and done.stdout in ("0\n", "1\n")


def test_no_file_is_taken_for_a_closed_stream(tmp_path: Path) -> None:
    """What opens first gets the lowest number that is free, which others write to."""
    done = shell(f"{LSTMDIAG} draw three-units -o a.svg <&- >&- 2>&-", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "a.svg").read_text("utf-8") == lstmdiag.draw("three-units", "time").svg()


@pytest.mark.parametrize("arguments", ["draw three-units", "trace encoder-decoder -f json", "schema",
                                       "table encoder-decoder params"])  # fmt: skip
@pytest.mark.sweep(1)
def test_a_reader_who_leaves_is_no_error(arguments: str, tmp_path: Path) -> None:
    done = shell(f"{LSTMDIAG} {arguments} | head -c 1", tmp_path)
    assert (len(done.stdout), done.stderr) == (1, "")


AT_IMPORT = """
import os, signal, sys

awaited = sys.argv.pop(1)
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background of a shell ignores it

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == awaited:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from lstmdiag.cli import main
main()
"""


IMPORTED = ("lstmdiag.commands.group", "click", "lstmdiag.commands.draw", "lstmdiag.binding", "pydantic", "yaml",
            "lstmdiag.views", "numpy", "pygraphviz")  # fmt: skip


@pytest.mark.parametrize("module", IMPORTED)
@pytest.mark.sweep(1)
def test_an_interrupt_while_something_is_imported_is_one_line(module: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", AT_IMPORT, module, "draw", "one-unit", "-v", "unit", "--step", "1", "-o", "a.svg"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == "interrupted\n"
    assert done.returncode in (130, -signal.SIGINT)
    assert not list(tmp_path.iterdir())


INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from lstmdiag.cli import main
main()
"""


def test_an_interrupt_ends_the_process_that_reads_hdf5(tmp_path: Path) -> None:
    """It hangs here, as libhdf5 does on a damaged file."""
    (tmp_path / "h5py.py").write_text("import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)")
    (tmp_path / "w.h5").write_bytes(b"\x89HDF")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    command = [sys.executable, "-c", INTERRUPTIBLE, "trace", "one-unit", "--weights", "w.h5"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment)
    end = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < end and running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=30)[1] == "interrupted\n"
    assert running.returncode in (130, -signal.SIGINT)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
