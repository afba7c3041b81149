"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


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
