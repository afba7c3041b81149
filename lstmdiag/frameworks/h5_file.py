"""Keras's files: what `lstmdiag.hdf5` tells of them, as contents whose numbers are read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from math import prod
from pathlib import Path

import numpy as np

from lstmdiag import hdf5
from lstmdiag.frameworks.file_contents import FileArray, FileContents, Group, Limits
from lstmdiag.frameworks.values import Values


@contextmanager
def contents(path: Path, most: Limits) -> Iterator[FileContents]:
    """Layers by name, their arrays in order, and the file's own account of the model."""
    with hdf5.opened(path, most.bytes, most.arrays) as file:
        groups = tuple(Group(group.name, _arrays(file, group), key=group.key) for group in file.groups)
        yield FileContents("keras", groups=groups, ordered=file.ordered, config=file.config, version=file.version)


def _arrays(file: hdf5.H5File, group: hdf5.H5Group) -> dict[str, FileArray]:
    return {
        str(place): FileArray(shape, partial(_read, file, number, shape))
        for place, (number, shape) in enumerate(group.arrays)
    }


def _read(file: hdf5.H5File, number: int, shape: tuple[int, ...]) -> Values:
    dtype, data = file.read(number, prod(shape))
    return np.frombuffer(data, dtype).reshape(shape)
