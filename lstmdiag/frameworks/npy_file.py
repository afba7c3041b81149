"""NumPy's files: the header of an array says its shape before its numbers are read, or unpacked.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, FileIO
from pathlib import Path
from typing import IO

import numpy as np

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks.file_contents import FileArray, FileContents, Limits, few_enough, real
from lstmdiag.frameworks.values import Values

INPUTS = 1_000
"""Arrays of an .npz of inputs: a model has 20 of them at most."""
_LONGEST_ENTRY = 46 + 150  # bytes about a member in the list, and of its name
_LONGEST = 10_000  # characters of a header; NumPy's own bound


class _Archive(FileIO):
    """A zip file of which no more is read at once than `most` bytes: its list of members is, before there are any."""

    most = -1

    def read(self, size: int | None = -1, /) -> bytes:
        if 0 <= self.most < (size or 0):
            raise LstmdiagError("it lists more arrays than any weights of this model could be")
        return super().read(-1 if size is None else size)


@contextmanager
def members(path: Path, most: int = INPUTS) -> Iterator[dict[str, FileArray]]:
    """The arrays of an .npz, `most` or fewer, which can be read as long as it is open.

    Raises LstmdiagError, and what zipfile raises.
    """
    with path.open("rb") as file:
        if file.read(6) == b"\x93NUMPY":
            message = f"{path.name} is one array, not an archive of arrays"
            raise LstmdiagError(Problem(message, hint=f"rename it to {path.stem}.npy"))
    with _Archive(path) as packed, _listed(packed, most) as archive:
        few_enough(len(archive.infolist()), most)
        found: dict[str, FileArray] = {}
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            if name in found:
                raise LstmdiagError(f"{name} stands in it twice")
            found[name] = _member(archive, entry, name)
        yield found


@contextmanager
def contents(path: Path, most: Limits) -> Iterator[FileContents]:
    """The arrays of an .npz of weights, by name."""
    with members(path, most.arrays) as found:
        yield FileContents(flat=found)


def _listed(file: _Archive, most: int) -> zipfile.ZipFile:
    """The archive, whose list of members is no longer than one of so many members may be."""
    file.most = max(most * _LONGEST_ENTRY, 2**17)  # the end of the file, where the list is looked for, is shorter
    archive = zipfile.ZipFile(file)
    file.most = -1
    return archive


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> FileArray:
    with archive.open(entry) as file:
        shape, dtype = header(file, name)

    def read() -> Values:
        real(name, dtype)
        with archive.open(entry) as file:
            return np.lib.format.read_array(file, allow_pickle=False)

    return FileArray(shape, read)


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
