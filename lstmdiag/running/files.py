"""Inputs from files: .npy, .npz and .csv. Nothing is unpickled, and headers are believed as far as the file goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.errors import LstmdiagError, Problem, nearest

ENDINGS = (".json", ".npy", ".npz", ".csv")


def read_input(path: Path) -> Any:
    """An array; of an .npz with several, a mapping by name. Raises LstmdiagError."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise LstmdiagError(Problem(f"{str(path)!r} is no file of numbers", hint=nearest(ending, ENDINGS)))
    with path.open("rb"):  # what cannot be opened is told as such
        pass
    try:
        if ending == ".csv":
            return np.loadtxt(path, delimiter=",", ndmin=2, encoding="utf-8-sig")
        found = np.load(path, mmap_mode="r" if ending == ".npy" else None, allow_pickle=False)
        if ending == ".npy":
            return found
        with found:
            held = {name: found[name] for name in found.files}
        return next(iter(held.values())) if len(held) == 1 else held
    except Exception as error:  # damaged files fail in many ways
        what = " ".join(str(error).split())[:200]
        raise LstmdiagError(Problem(f"cannot read {str(path)!r}: {what}", hint="is it damaged?")) from None
