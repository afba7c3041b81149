"""HDF5 files, read in a process of their own: libhdf5 hangs on some damaged files, and crashes on others.

`python -m lstmdiag.hdf5` (`__main__`) opens one file, walks it (`walk`) and answers on its standard output:

    → {"path": ..., "bytes": ..., "arrays": ...}     what to open, and how much of it is read at most
    ← {"ordered": ..., "config": ..., "version": ..., "groups": [[name, key, [shape, ...]], ...]}
    → {"read": 3}                                    the numbers of the fourth array
    ← {"dtype": "<f4", "bytes": 24}, and after the end of that line the 24 bytes

Each is a line of JSON in ASCII. In place of an answer may stand {"problem": ..., "hint": ...}, {"missing": why h5py
cannot be imported}, or {"damaged": what HDF5 said of the file}. Nothing is pickled, and the process that asks never
imports h5py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstmdiag.errors import EnvironmentLacks, LstmdiagError, Problem

SECONDS = 20
"""How long an answer may take; the process is ended after that."""
SLOWEST = 10_000_000
"""Bytes a second that numbers are read with, at least."""


@dataclass(frozen=True, slots=True)
class H5Group:
    """The arrays of one layer: their shapes, each with its number, by which it is read."""

    name: str  # "" where the file does not say it
    key: str  # of Keras 3: the class, and which of that class it is
    arrays: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class H5File:
    """What a file holds; `read` works as long as it is open."""

    groups: tuple[H5Group, ...]
    ordered: bool  # the groups stand in the order of the data
    config: str  # the JSON text of the model's layers; "" where the file has none
    version: str  # of Keras; "" where the file does not say it
    reader: Reader

    def read(self, number: int, size: int) -> tuple[str, bytes]:
        """NumPy's word for the kind of number, and the bytes of one array of `size` numbers. Raises LstmdiagError."""
        about = self.reader.ask({"read": number}, 16 * size)
        return str(about["dtype"]), self.reader.following(int(about["bytes"]), 16 * size)


@contextmanager
def opened(path: Path, most_bytes: int, most_arrays: int) -> Iterator[H5File]:
    """A `.h5` file, or the `model.weights.h5` in a `.keras` file, of which at most so much is read.

    Raises LstmdiagError; EnvironmentLacks where h5py is missing; ValueError with what HDF5 said of a damaged file.
    """
    reader = Reader(path)
    try:
        about = reader.ask({"path": os.fspath(path), "bytes": most_bytes, "arrays": most_arrays})
        groups, number = [], 0
        for name, key, shapes in about["groups"]:
            arrays = tuple((number + i, tuple(shape)) for i, shape in enumerate(shapes))
            groups.append(H5Group(name, key, arrays))
            number += len(arrays)
        yield H5File(tuple(groups), about["ordered"], about["config"], about["version"], reader)
    finally:
        reader.end()


class Reader:
    """The process that reads one file."""

    def __init__(self, path: Path) -> None:
        self._path, self._late = path, False
        # It looks for modules where this process does and nowhere else: -P keeps the current folder out.
        paths = [str(Path(each).absolute()) for each in sys.path]
        command = [sys.executable or "python", "-P", "-m", "lstmdiag.hdf5", str(SECONDS)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            message = f"HDF5 is read by a Python process of its own, which does not start: {error.strerror or error}"
            raise EnvironmentLacks(Problem(message, hint=f"Python here is {sys.executable or 'not known'}")) from None

    def ask(self, request: dict[str, Any], size: int = 0) -> dict[str, Any]:
        """The answer to a request for about `size` bytes."""
        assert self._process.stdin and self._process.stdout
        with self._time_limit(size):
            with suppress(OSError):  # that it has ended is seen by its answer
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._ended()
        answer: dict[str, Any] = json.loads(line)
        if "problem" in answer:
            raise LstmdiagError(Problem(answer["problem"], hint=answer["hint"]))
        if "missing" in answer:
            why = f"cannot be imported: {answer['missing']}" if answer["missing"] else "is not here"
            message = f"files of this kind are read with h5py, which {why}"
            raise EnvironmentLacks(Problem(message, hint='pip install "lstmdiag[frameworks]"'))
        if "damaged" in answer:
            raise ValueError(answer["damaged"])
        return answer

    def following(self, count: int, most: int) -> bytes:
        """The bytes after an answer. Raises LstmdiagError where they do not come."""
        assert self._process.stdout
        if not 0 <= count <= most:
            raise ValueError(f"{count:,} bytes where {most:,} were asked for")
        with self._time_limit(count):
            data = self._process.stdout.read(count)
        if len(data) < count:
            raise self._ended()
        return data

    @contextmanager
    def _time_limit(self, size: int) -> Iterator[None]:
        timer = threading.Timer(SECONDS + size / SLOWEST, self._kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _kill(self) -> None:
        self._late = True
        self._process.kill()

    def _ended(self) -> LstmdiagError:
        code = self._process.wait()
        what = f"HDF5 did not answer within {SECONDS} seconds" if self._late else f"HDF5 crashed (exit code {code})"
        return LstmdiagError(Problem(f"cannot read {self._path.name}: {what}", hint="is it damaged?"))

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """The process is gone, whatever it was doing."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream:
                    stream.close()
        self._process.wait()
