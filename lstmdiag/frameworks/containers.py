"""Files of weights, opened: names, shapes, and numbers that are read only once a shape is known to fit.

Nothing is ever unpickled, no link inside a file is followed, and sizes are believed as far as the file goes.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.errors import EnvironmentLacks, LstmdiagError, Problem, nearest
from lstmdiag.frameworks.values import Values
from lstmdiag.model import Layer

LARGEST = 4 * 2**30
"""Bytes that a file, or what is packed in it, may have."""
LARGEST_HEADER = 100_000_000  # safetensors's own bound


@dataclass(frozen=True)
class Held:
    """One array of a file, not read yet."""

    shape: tuple[int, ...]
    read: Callable[[], Values]


Difference = tuple[str, str, str]
"""(attribute, what the file has, what the spec has)."""


@dataclass(frozen=True)
class Group:
    """The arrays of one layer, by the framework's names, or by their places: "0", "1"."""

    name: str
    arrays: Mapping[str, Held]
    kinds: tuple[str, ...] = ()  # kinds of layer it may be; empty: any
    stack: str = ""  # of PyTorch's stacks of layers, the name of the stack
    differs: Callable[[Layer], Iterable[Difference]] = lambda layer: ()
    """What it computes otherwise than a layer with such weights, where the file says that."""


@dataclass(frozen=True)
class Contents:
    """What a file holds: `flat` arrays by name, or the groups of one framework."""

    framework: str = ""  # "" for flat ones
    flat: Mapping[str, Held] | None = None
    groups: tuple[Group, ...] = ()
    ordered: bool = False  # the groups stand in the order of the data


@contextmanager
def opened(path: Path) -> Iterator[Contents]:
    """The contents of a file, by its ending. Raises LstmdiagError; EnvironmentLacks where a library is missing."""
    ending = path.suffix.lower()
    if ending in (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin"):
        hint = "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
        raise LstmdiagError(Problem(f"{path.name} may hold a pickled program, which is not run", hint=hint))
    if ending not in READERS:
        raise LstmdiagError(Problem(f"{path.name!r} is no file of weights", hint=nearest(ending, READERS)))
    if path.stat().st_size > LARGEST:
        raise LstmdiagError(f"{path.name} has {path.stat().st_size:,} bytes, at most {LARGEST:,} are read")
    try:
        with READERS[ending](path) as contents:
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
def _npz(path: Path) -> Iterator[Contents]:
    with zipfile.ZipFile(path) as archive:
        yield Contents(flat={name.removesuffix(".npy"): _npy(archive, name) for name in archive.namelist()})


def _npy(archive: zipfile.ZipFile, name: str) -> Held:
    form = np.lib.format
    with archive.open(name) as file:
        headers = {(1, 0): form.read_array_header_1_0, (2, 0): form.read_array_header_2_0}
        version = form.read_magic(file)
        if version not in headers:
            raise ValueError(f"{name} is of version {version}")
        shape, _, dtype = headers[version](file)
    if dtype.hasobject:
        raise ValueError(f"{name} holds pickled objects, which are not read")

    def read() -> Values:
        with archive.open(name) as file:
            return form.read_array(file, allow_pickle=False)

    return Held(shape, read)


_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
           "I8": "i1", "U8": "u1", "BOOL": "?"}  # fmt: skip


@contextmanager
def _safetensors(path: Path) -> Iterator[Contents]:
    """Eight bytes with the header's length, the header as JSON, then the numbers (huggingface/safetensors)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > min(size - 8, LARGEST_HEADER):
            raise ValueError(f"its header would have {length:,} bytes")
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        yield Contents(flat={name: _tensor(file, name, about, 8 + length, size) for name, about in header.items()})


def _tensor(file: Any, name: str, about: Mapping[str, Any], start: int, size: int) -> Held:
    shape, (first, last) = tuple(about["shape"]), about["data_offsets"]
    if about["dtype"] not in _DTYPES:
        raise ValueError(f"{name} holds {about['dtype']}")
    dtype = np.dtype(_DTYPES[about["dtype"]])
    whole = all(type(n) is int and n >= 0 for n in (*shape, first, last))
    if not whole or last - first != prod(shape) * dtype.itemsize or start + last > size:
        raise ValueError(f"{name} lies outside of the file")

    def read() -> Values:
        file.seek(start + first)
        numbers = np.frombuffer(file.read(last - first), dtype).reshape(shape)
        return (numbers.astype("<u4") << 16).view("<f4") if about["dtype"] == "BF16" else numbers

    return Held(shape, read)


@contextmanager
def _keras(path: Path) -> Iterator[Contents]:
    h5py = library("h5py")
    with zipfile.ZipFile(path) as archive:
        inside = archive.getinfo("model.weights.h5")
        if inside.file_size > LARGEST:
            raise ValueError(f"its weights would have {inside.file_size:,} bytes")
        with archive.open(inside) as packed, h5py.File(BytesIO(packed.read(inside.file_size)), "r") as file:
            yield Contents("keras", groups=tuple(_keras_3(file)))


@contextmanager
def _h5(path: Path) -> Iterator[Contents]:
    """As Keras 3 saves weights, or as Keras 2 and `model.save("x.h5")` do: layers by name, their arrays in order."""
    h5py = library("h5py")
    with h5py.File(path, "r") as file:
        top = file.get("model_weights", file)
        if "layer_names" in top.attrs:
            yield Contents("keras", groups=tuple(_keras_2(top)), ordered=True)
        else:
            yield Contents("keras", groups=tuple(_keras_3(file)))


def _keras_2(top: Any) -> Iterator[Group]:
    for name in map(_text, top.attrs["layer_names"]):
        names = map(_text, top[name].attrs["weight_names"])
        arrays = {str(i): _dataset(top[name], each) for i, each in enumerate(names)}
        if arrays:
            yield Group(name, arrays)


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _keras_3(group: Any, name: str = "") -> Iterator[Group]:
    """`layers/lstm/cell/vars/0`, and at `layers/lstm/vars` the layer's name."""
    for key in _children(group):
        if key != "layers":
            continue
        for each in _children(group[key]):
            layer = group[key][each]
            if "layers" in layer:
                yield from _keras_3(layer)
                continue
            own = _text(layer["vars"].attrs.get("name", each)) if "vars" in layer else each
            arrays = {str(i): held for i, held in enumerate(_variables(layer))}
            if arrays:
                yield Group(own, arrays)


def _variables(group: Any) -> Iterator[Held]:
    names = _children(group)
    if "vars" in names:
        for name in sorted(_children(group["vars"]), key=lambda text: (len(text), text)):
            yield _dataset(group["vars"], name)
    for name in sorted(names, key=lambda name: (name != "forward_layer", name)):
        if name not in ("vars", "seed_generator"):
            yield from _variables(group[name])


def _children(group: Any) -> list[str]:
    """Names in the file itself: links may lead out of it, or in a circle."""
    hard = library("h5py").HardLink
    return [name for name in group if isinstance(group.get(name, getlink=True), hard) and hasattr(group, "keys")]


def _dataset(group: Any, name: str) -> Held:
    h5py = library("h5py")
    for part in name.split("/")[:-1]:
        group, name = group[part], name.removeprefix(f"{part}/")
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name} is a link")
    data = group[name]
    if data.external or data.is_virtual or data.dtype.kind not in "fiu":
        raise ValueError(f"{data.name} holds no numbers of its own")
    return Held(tuple(data.shape), lambda: data[()])


@contextmanager
def _onnx(path: Path) -> Iterator[Contents]:
    from lstmdiag.frameworks.onnx_file import groups

    yield Contents("onnx", groups=tuple(groups(library("onnx"), path)), ordered=True)


READERS = {".npz": _npz, ".safetensors": _safetensors, ".keras": _keras, ".h5": _h5, ".hdf5": _h5, ".onnx": _onnx}
"""Ending → how such a file is read."""
