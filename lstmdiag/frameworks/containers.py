"""Files of weights, opened: names, shapes, and numbers that are read only once a shape is known to fit.

Nothing is ever unpickled, no link inside a file is followed, and sizes are believed as far as the file goes.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.errors import EnvironmentLacks, LstmdiagError, Problem, nearest
from lstmdiag.frameworks.held import Contents, Held, real
from lstmdiag.frameworks.npy_file import members
from lstmdiag.frameworks.values import Values

LARGEST = 4 * 2**30
"""Bytes that a file, or what is packed in it, may have."""
LARGEST_HEADER = 10_000_000  # names of 100,000 arrays
COPIES = 8
"""How often the weights of a model may be packed in a file: optimizers keep some numbers for each of them."""
BESIDE = 2**26
"""Bytes that may be packed in a file beside numbers."""


@contextmanager
def opened(path: Path, numbers: int) -> Iterator[Contents]:
    """The contents of a file, by its ending; what is packed in it may have the size of some copies of `numbers`.

    Raises LstmdiagError; EnvironmentLacks where a library is missing.
    """
    ending = path.suffix.lower()
    if ending in (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin"):
        hint = "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
        raise LstmdiagError(Problem(f"{path.name} may hold a pickled program, which is not run", hint=hint))
    if ending not in READERS:
        raise LstmdiagError(Problem(f"{path.name!r} is no file of weights", hint=nearest(ending, READERS)))
    size = path.stat().st_size
    if not path.is_file():  # a device may have no end
        raise LstmdiagError(f"{path.name} is no file, or a link to something else")
    if size > LARGEST:
        raise LstmdiagError(f"{path.name} has {size:,} bytes, at most {LARGEST:,} are read")
    try:
        with READERS[ending](path, COPIES * 8 * numbers + BESIDE) as contents:
            yield contents
    except (LstmdiagError, MemoryError):
        raise
    except Exception as error:  # damaged files fail in many ways
        what = " ".join(str(error).split())[:200] or type(error).__name__
        raise LstmdiagError(Problem(f"cannot read {path.name}: {what}", hint="is it damaged?")) from None


def library(name: str) -> Any:
    """An optional one. Raises EnvironmentLacks."""
    try:
        return import_module(name)
    except ImportError:
        hint = 'pip install "lstmdiag[frameworks]"'
        raise EnvironmentLacks(
            Problem(f"files of this kind are read with {name}, which is not here", hint=hint)
        ) from None


@contextmanager
def _npz(path: Path, most: int) -> Iterator[Contents]:
    with members(path) as found:
        yield Contents(flat=found)


_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
           "I8": "i1", "U8": "u1", "BOOL": "?"}  # fmt: skip


@contextmanager
def _safetensors(path: Path, most: int) -> Iterator[Contents]:
    """Eight bytes with the header's length, the header as JSON, then the numbers (huggingface/safetensors)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > min(size - 8, LARGEST_HEADER):
            raise ValueError(f"its header would have {length:,} bytes")
        header = json.loads(file.read(length), object_pairs_hook=_once)
        if not isinstance(header, dict):
            raise ValueError("its header names no arrays")
        header.pop("__metadata__", None)
        yield Contents(flat={name: _tensor(file, name, about, 8 + length, size) for name, about in header.items()})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in its header twice")
    return found


def _tensor(file: Any, name: str, about: Any, start: int, size: int) -> Held:
    if not isinstance(about, dict) or not {"shape", "data_offsets", "dtype"} <= about.keys():
        raise ValueError(f"its header does not say where {name} lies")
    shape, (first, last) = tuple(about["shape"]), about["data_offsets"]
    if about["dtype"] not in _DTYPES:
        raise ValueError(f"{name} holds {about['dtype']}")
    dtype = np.dtype(_DTYPES[about["dtype"]])
    whole = all(type(n) is int and n >= 0 for n in (*shape, first, last))
    if not whole or last - first != prod(shape) * dtype.itemsize or start + last > size:
        raise ValueError(f"{name} lies outside of the file")

    def read() -> Values:
        real(name, dtype)
        file.seek(start + first)
        numbers = np.frombuffer(file.read(last - first), dtype).reshape(shape)
        return (numbers.astype("<u4") << 16).view("<f4") if about["dtype"] == "BF16" else numbers

    return Held(shape, read)


@contextmanager
def _keras(path: Path, most: int) -> Iterator[Contents]:
    from lstmdiag.frameworks.h5_file import contents

    h5py = library("h5py")
    with zipfile.ZipFile(path) as archive:
        inside = [each for each in archive.infolist() if each.filename == "model.weights.h5"]
        if len(inside) != 1:
            raise LstmdiagError(
                "model.weights.h5 stands in it twice" if inside else "there is no model.weights.h5 in it"
            )
        size = inside[0].file_size
        if size > max(most, path.stat().st_size):  # Keras does not compress it
            raise LstmdiagError(f"its weights would unpack to {size:,} bytes, those of this model to {most:,} at most")
        with archive.open(inside[0]) as packed, h5py.File(BytesIO(packed.read(size)), "r") as file:
            yield contents(h5py, file)


@contextmanager
def _h5(path: Path, most: int) -> Iterator[Contents]:
    from lstmdiag.frameworks.h5_file import contents

    h5py = library("h5py")
    with h5py.File(path, "r") as file:
        yield contents(h5py, file)


@contextmanager
def _onnx(path: Path, most: int) -> Iterator[Contents]:
    from lstmdiag.frameworks.onnx_file import contents

    yield contents(library("onnx"), path, most)


READERS = {".npz": _npz, ".safetensors": _safetensors, ".keras": _keras, ".h5": _h5, ".hdf5": _h5, ".onnx": _onnx}
"""Ending → how such a file is read."""
