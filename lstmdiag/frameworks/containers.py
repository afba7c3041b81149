"""Files of weights, opened: names, shapes, and numbers that are read only once a shape is known to fit.

Nothing is ever unpickled, no link inside a file is followed, and sizes are believed as far as the file goes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmdiag.errors import EnvironmentLacks, LstmdiagError, Problem, nearest
from lstmdiag.files import PICKLED, reason
from lstmdiag.frameworks import FRAMEWORKS
from lstmdiag.frameworks.held import Contents, Held, Most, few_enough, real
from lstmdiag.frameworks.npy_file import members
from lstmdiag.frameworks.values import Values

if TYPE_CHECKING:
    from lstmdiag.frameworks.framework import Reader

LARGEST = 4 * 2**30
"""Bytes that a file, or what is packed in it, may have."""
LARGEST_HEADER = 10_000_000  # names of 100,000 arrays
COPIES = 8
"""How often the weights of a model may be packed in a file: optimizers keep some numbers for each of them."""
BESIDE = 2**26
"""Bytes that may be packed in a file beside numbers."""
FEWEST_ARRAYS, ARRAYS = 5_000, 50_000
"""Arrays, and groups of them, that a file may hold: the weights of a small model, and of any."""


@contextmanager
def opened(path: Path, numbers: int) -> Iterator[Contents]:
    """The contents of a file, by its ending; what is packed in it may have the size of some copies of `numbers`.

    Raises LstmdiagError; EnvironmentLacks where a library is missing.
    """
    ending = path.suffix.lower()
    if ending in PICKLED:
        hint = "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
        raise LstmdiagError(Problem(f"{path.name} may hold a pickled program, which is not run", hint=hint))
    if ending not in READERS:
        raise LstmdiagError(Problem(f"{path.name!r} is no file of weights", hint=nearest(ending, READERS)))
    try:
        size = path.stat().st_size
        if not path.is_file():  # a device may have no end
            raise LstmdiagError(f"{path.name} is no file, or a link to something else")
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise LstmdiagError(f"cannot read {str(path)!r}: {reason(error)}") from None
    if size > LARGEST:
        raise LstmdiagError(f"{path.name} has {size:,} bytes, at most {LARGEST:,} are read")
    try:
        with READERS[ending](
            path, Most(COPIES * 8 * numbers + BESIDE, min(COPIES * numbers + FEWEST_ARRAYS, ARRAYS))
        ) as contents:
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
def _npz(path: Path, most: Most) -> Iterator[Contents]:
    with members(path, most.arrays) as found:
        yield Contents(flat=found)


_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
           "I8": "i1", "U8": "u1", "BOOL": "?"}  # fmt: skip


@contextmanager
def _safetensors(path: Path, most: Most) -> Iterator[Contents]:
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
        few_enough(len(header), most.arrays)
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


READERS: Mapping[str, Reader] = {
    ".npz": _npz,
    ".safetensors": _safetensors,
    **{ending: reader for each in FRAMEWORKS.values() for ending, reader in each.readers.items()},
}
"""Ending → how such a file is read: a row for each of WEIGHTS. The first two are no framework's."""
