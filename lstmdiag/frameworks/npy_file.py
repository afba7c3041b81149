"""NumPy's files: the header of an array says its shape before its numbers are read, or unpacked.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.held import Held, real
from lstmdiag.frameworks.values import Values

_LONGEST = 10_000  # characters of a header; NumPy's own bound


@contextmanager
def members(path: Path) -> Iterator[dict[str, Held]]:
    """The arrays of an .npz, which can be read as long as it is open. Raises LstmdiagError, and what zipfile raises."""
    with path.open("rb") as file:
        if file.read(6) == b"\x93NUMPY":
            message = f"{path.name} is one array, not an archive of arrays"
            raise LstmdiagError(Problem(message, hint=f"rename it to {path.stem}.npy"))
    with zipfile.ZipFile(path) as archive:
        found: dict[str, Held] = {}
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            if name in found:
                raise LstmdiagError(f"{name} stands in it twice")
            found[name] = _member(archive, entry, name)
        yield found


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Held:
    with archive.open(entry) as file:
        shape, dtype = header(file, name)

    def read() -> Values:
        real(name, dtype)
        with archive.open(entry) as file:
            return np.lib.format.read_array(file, allow_pickle=False)

    return Held(shape, read)


def header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    """Shape and dtype. Raises ValueError, and LstmdiagError for objects, which would have to be unpickled."""
    form = np.lib.format
    version = form.read_magic(file)
    wide = version != (1, 0)
    size = file.read(4 if wide else 2)
    length = struct.unpack("<I" if wide else "<H", size)[0]
    if version not in ((1, 0), (2, 0)) or length > _LONGEST:
        raise ValueError(f"{name} is of version {version}, with a header of {length:,} bytes")
    whole = BytesIO(size + file.read(length))
    shape, _, dtype = form.read_array_header_2_0(whole) if wide else form.read_array_header_1_0(whole)
    if dtype.hasobject:
        real(name, dtype)
    return shape, dtype
