"""HDF5 is read in a process of its own, which ends whatever it is doing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstmdiag import hdf5
from lstmdiag.errors import LstmdiagError
from lstmdiag.frameworks.containers import opened
from lstmdiag.running.loading import load
from tests.models import lstm
from tests.running.keras_configs import layer, sequential, source
from tests.running.test_loading import drawn, keras_3, same

CONFIG = json.dumps(sequential(source(4, 2), layer("LSTM", units=3), name="é"), ensure_ascii=False)
"""Of `lstm()`."""


def weights_file(path: Path) -> Path:
    """Keras's own form of the weights of `lstm()`, with the layer's name."""
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(path, "w") as file:
        keras_3(file, lstm(), drawn(lstm()), {"lstm": "lstm"})
        file.attrs["model_config"] = CONFIG
    return path


def test_a_file_tells_its_own_layers(tmp_path: Path) -> None:
    path = weights_file(tmp_path / "w.h5")
    with opened(path, 100) as contents:
        assert contents.config == CONFIG
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.write(path, "model.weights.h5")
        archive.writestr("config.json", CONFIG)
    with opened(tmp_path / "m.keras", 100) as contents:
        assert contents.config == CONFIG
    with zipfile.ZipFile(tmp_path / "m.keras", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json.txt", "")
    same(load(lstm(), tmp_path / "m.keras"), drawn(lstm()))
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "model.weights.h5")
        archive.writestr("config.json", b" " * 10_000_001)
    with pytest.raises(LstmdiagError, match=r"its config.json would unpack to 10,000,001 bytes"):
        load(lstm(), tmp_path / "m.keras")


def test_this_process_never_imports_h5py(tmp_path: Path) -> None:
    path = weights_file(tmp_path / "w.h5")
    probe = (
        "import sys; from pathlib import Path; from tests.models import lstm\n"
        f"from lstmdiag.running.loading import load; load(lstm(), Path({str(path)!r}))\n"
        "print('h5py' in sys.modules)"
    )
    here = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=here, check=True)
    assert done.stdout == "False\n"


def test_modules_of_the_current_folder_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = weights_file(tmp_path / "w.h5")
    for name in ("h5py.py", "numpy.py", "json.py", "lstmdiag.py"):
        (tmp_path / name).write_text("open('was-run', 'w')")
    monkeypatch.chdir(tmp_path)
    assert load(lstm(), path)
    assert not (tmp_path / "was-run").exists()


def test_an_answer_that_does_not_come_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever hangs, and wherever it does: while a library is imported, the file is opened, or numbers are read."""
    path = weights_file(tmp_path / "w.h5")
    (tmp_path / "h5py.py").write_text("import time; time.sleep(60)")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(hdf5, "SECONDS", 2)
    begin = time.monotonic()
    with pytest.raises(LstmdiagError) as caught:
        load(lstm(), path)
    assert time.monotonic() - begin < 20
    assert caught.value.problems[0].message == "cannot read w.h5: HDF5 did not answer within 2 seconds"
    assert caught.value.problems[0].hint == "is it damaged?"


@pytest.mark.parametrize(
    "how", ["os._exit(3)", "print('x'); os.kill(os.getpid(), 9)", "os.write(1, b'{'); os._exit(0)"]
)
def test_a_crash_is_told(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = weights_file(tmp_path / "w.h5")
    (tmp_path / "h5py.py").write_text(f"import os; {how}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(LstmdiagError, match=r"cannot read w\.h5: HDF5 crashed \(exit code -?\d+\)"):
        load(lstm(), path)


def test_a_python_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = weights_file(tmp_path / "w.h5")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(LstmdiagError, match="a Python process of its own, which does not start") as caught:
        load(lstm(), path)
    assert caught.value.exit_code == 3


def test_the_process_ends_with_the_file(tmp_path: Path) -> None:
    """Also where a notebook's cell is interrupted while the file is open."""
    path = weights_file(tmp_path / "w.h5")
    with pytest.raises(KeyboardInterrupt), hdf5.opened(path, 10**6, 100) as file:
        assert file.reader.running
        raise KeyboardInterrupt
    assert not file.reader.running


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say how much memory is used")
def test_memory_is_bounded(tmp_path: Path) -> None:
    probe = "from lstmdiag.hdf5.__main__ import bound_memory; bound_memory(2**26); bytearray(2**27)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, env={**os.environ})
    assert "MemoryError" in done.stderr


def test_a_file_with_more_arrays_than_any_model_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        for number in range(6_000):
            file[f"layers/lstm/vars/{number}"] = np.zeros(1)
    with pytest.raises(LstmdiagError, match=r"it holds more than 5,\d\d\d groups and arrays"):
        load(lstm(), tmp_path / "w.h5")
