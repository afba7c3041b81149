"""The process in which HDF5 is read; `lstmdiag.hdf5` starts it, asks it and ends it."""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import zipfile
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.hdf5.walk import File, walk

MEMORY = 2**28
"""Bytes that HDF5 may take beside what it reads."""
CONFIG = 10_000_000
"""Bytes of a `config.json`; one of a thousand layers has about one million."""


def main() -> None:
    """Answer one request after the other, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever interrupts a command interrupts this too
    seconds = float(sys.argv[1])
    answers = _own_output()
    file: File | None = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # Where nobody is left to end it, it ends itself; no Python code would run while HDF5 hangs.
        faulthandler.dump_traceback_later(2 * seconds + request.get("bytes", 0) / 1e6, exit=True)
        numbers = b""
        answer: dict[str, Any]
        try:
            if file is None:
                file = opened(request)
                answer = file.about
            else:
                array = file.datasets[request["read"]][()]
                numbers = array.tobytes()
                answer = {"dtype": array.dtype.str, "bytes": len(numbers)}
        except LstmdiagError as error:
            answer = {"problem": error.problems[0].message, "hint": error.problems[0].hint}
        except ImportError as error:
            answer = {"missing": "" if isinstance(error, ModuleNotFoundError) else str(error)}
        except Exception as error:  # damaged files fail in many ways
            answer = {"damaged": str(error) or type(error).__name__}
        answers.write(json.dumps(answer).encode() + b"\n" + numbers)
        answers.flush()
        faulthandler.cancel_dump_traceback_later()


def _own_output() -> BinaryIO:
    """Standard output, to which from here on nobody else writes."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def opened(request: dict[str, Any]) -> File:
    """Raises LstmdiagError, and whatever h5py raises of a damaged file."""
    h5py = import_module("h5py")
    path, most = Path(request["path"]), request["bytes"]
    bound_memory(MEMORY + 2 * max(most, path.stat().st_size))
    if path.suffix.lower() != ".keras":
        return walk(h5py, h5py.File(path, "r"), request["arrays"])
    with zipfile.ZipFile(path) as archive:
        weights = _member(archive, "model.weights.h5")
        if weights is None:
            raise LstmdiagError("there is no model.weights.h5 in it")
        if weights.file_size > max(most, path.stat().st_size):  # Keras does not compress it
            size = f"{weights.file_size:,} bytes, those of this model to {most:,} at most"
            raise LstmdiagError(f"its weights would unpack to {size}")
        config, metadata = (_text(archive, name) for name in ("config.json", "metadata.json"))
        unpacked = BytesIO(archive.read(weights))
    about = json.loads(metadata or "{}")
    version = str(about.get("keras_version", "")) if isinstance(about, dict) else ""
    return walk(h5py, h5py.File(unpacked, "r"), request["arrays"], config, version)


def _text(archive: zipfile.ZipFile, name: str) -> str:
    """A text in the archive; "" where there is none."""
    found = _member(archive, name)
    if found is None:
        return ""
    if found.file_size > CONFIG:
        raise LstmdiagError(f"its {name} would unpack to {found.file_size:,} bytes")
    return archive.read(found).decode()


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    found = [each for each in archive.infolist() if each.filename == name]
    if len(found) > 1:
        raise LstmdiagError(Problem(f"{name} stands in it twice"))
    return found[0] if found else None


def bound_memory(more: int) -> None:
    """This process may take so many bytes more than it has now, where the system can hold it to that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        now = pages * resource.getpagesize()
    except OSError:
        now = 2**32  # addresses, not memory
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = now + more if hard == resource.RLIM_INFINITY else min(now + more, hard)
    with suppress(OSError, ValueError):  # a system may have the word and not the limit
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    main()
