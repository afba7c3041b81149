"""Safetensors: eight bytes with the header's length, the header as JSON, then the numbers (huggingface/safetensors)."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.frameworks.file_contents import FileArray, FileContents, Limits, few_enough, real
from lstmdiag.frameworks.values import Values

LARGEST_HEADER = 10_000_000  # names of 100,000 arrays

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
           "I8": "i1", "U8": "u1", "BOOL": "?"}  # fmt: skip


@contextmanager
def contents(path: Path, most: Limits) -> Iterator[FileContents]:
    """Its arrays by name. Raises LstmdiagError; ValueError and others where the file is damaged."""
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
        yield FileContents(flat={name: _tensor(file, name, about, 8 + length, size) for name, about in header.items()})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in its header twice")
    return found


def _tensor(file: Any, name: str, about: Any, start: int, size: int) -> FileArray:
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

    return FileArray(shape, read)
