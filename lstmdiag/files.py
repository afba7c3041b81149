"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """The file appears complete or not at all; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_changed(path: Path, content: bytes) -> bool:
    """Write unless the file says that already, so that whoever watches it is not woken for nothing."""
    if path.is_file() and path.read_bytes() == content:
        return False
    write_whole(path, content)
    return True
