"""Inputs from files: .npy, .npz and .csv. Nothing is unpickled, and headers are believed as far as the file goes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.errors import LstmdiagError, Problem, nearest
from lstmdiag.files import reason
from lstmdiag.frameworks.file_contents import FileArray
from lstmdiag.frameworks.npy_file import header, members
from lstmdiag.frameworks.values import Values

ENDINGS = (".json", ".npy", ".npz", ".csv")


def read_input(path: Path) -> Any:
    """An array; of an .npz, which may unpack to any size, only its shape is read yet; of several a mapping by name.

    Raises LstmdiagError.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise LstmdiagError(Problem(f"{str(path)!r} is no file of numbers", hint=nearest(ending, ENDINGS)))
    with _told(path):
        if ending == ".csv":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of no numbers: their shape is told
                return np.loadtxt(path, delimiter=",", ndmin=2, encoding="utf-8-sig")
        if ending == ".npy":
            with path.open("rb") as file:
                header(file, path.name)
            return np.load(path, mmap_mode="r", allow_pickle=False)
        with members(path) as found:
            held = {name: FileArray(each.shape, partial(_read, path, name)) for name, each in found.items()}
        return next(iter(held.values())) if len(held) == 1 else held


def _read(path: Path, name: str) -> Values:
    with _told(path), members(path) as found:
        return found[name].read()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Damaged files fail in many ways."""
    try:
        yield
    except LstmdiagError as error:
        told = (Problem(f"cannot read {str(path)!r}: {each.message}", each.at, each.hint) for each in error.problems)
        raise LstmdiagError(told) from None
    except OSError as error:
        raise LstmdiagError(f"cannot read {str(path)!r}: {reason(error)}") from None
    except Exception as error:
        what = " ".join(str(error).split())[:200] or type(error).__name__
        raise LstmdiagError(Problem(f"cannot read {str(path)!r}: {what}", hint="is it damaged?")) from None
