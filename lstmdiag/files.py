"""Files: those that a spec names, and those that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lstmdiag.errors import LstmdiagError, Place, Problem

WEIGHTS: Mapping[str, str] = {
    ".npz": "npy_file",
    ".safetensors": "safetensors_file",
    ".keras": "h5_file",
    ".h5": "h5_file",
    ".hdf5": "h5_file",
    ".onnx": "onnx_file",
}
"""Ending of a file of weights → the module in `frameworks/` whose `contents(path, most)` opens it."""
PICKLED = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin")
"""Endings of files that may hold a program, which is never run."""


def named(folder: Path, name: str, at: Place | None) -> Path:
    """The file that a spec in `folder` names. Raises LstmdiagError, told at `at`.

    It lies in that folder or below it: a link may lead out where the name does not.
    """
    path = folder / name
    try:
        stays = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle; a name that no file can have
        raise LstmdiagError(Problem(f"cannot read {name!r}: {reason(error)}", at)) from None
    if not stays:
        raise LstmdiagError(Problem(f"{name!r} leaves the spec's folder", at, "a spec names files in its own folder"))
    return path


def reason(error: Exception) -> str:
    """Why a file cannot be read or written, without its name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def write_whole(path: Path, content: bytes) -> None:
    """The file appears complete or not at all; its folder is made where it is missing.

    A link stays a link, and what is no file, such as /dev/null, is written to. Raises OSError that names `path`.
    """
    target = Path(os.path.realpath(path))
    begins = os.fsencode(target.name)[:100].decode(errors="ignore")  # file systems count bytes
    draft = target.with_name(f".{begins}.{os.getpid()}.part")
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_bytes(content)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_changed(path: Path, content: bytes) -> bool:
    """Write unless the file says that already, so that whoever watches it is not woken for nothing."""
    if path.is_file() and path.read_bytes() == content:
        return False
    write_whole(path, content)
    return True
