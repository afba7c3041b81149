"""Drawings kept on disk under what they are made from, so that only what changed is drawn again."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

from lstmdiag.files import reason, write_changed

_NAME = re.compile(r"([0-9a-f]{32})-([0-9a-f]{32})(\.\w+)", re.ASCII)


class Store:
    """A folder of files, each named by a digest of what it is made from and one of what it holds.

    A file that does not hold what its name says is made again. Where the folder cannot be written to, the files are
    kept elsewhere until the program ends, and `trouble` says why. `evict` removes those that nobody asked for since
    the last time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trouble = ""
        self._place = folder
        self._there: dict[str, Path] | None = None  # what the folder had in the beginning
        self._used: dict[str, Path] = {}

    def file(self, ending: str, made_from: tuple[str, ...], make: Callable[[], bytes]) -> Path:
        """The file for these ingredients; `make` is called where it is not there yet, or not whole."""
        made = _digest("\0".join((program(), ending, *made_from)).encode())
        key = f"{made}.{ending}"
        path = self._used.get(key)
        if path is None or not path.exists():
            path = self._whole(key)
        if path is None:
            content = make()
            path = self._written(f"{made}-{_digest(content)}.{ending}", content)
        self._used[key] = path
        return path

    def text(self, address: str, content: str) -> Path:
        """The file that says this, one for each address; its time tells when it last changed."""
        name = _digest(address.encode()) + PurePosixPath(address).suffix
        self._used[address] = self._written(name, content.encode())
        return self._used[address]

    def _whole(self, key: str) -> Path | None:
        if self._there is None:
            self._there = _listed(self._place)
        path = self._there.get(key)
        with suppress(OSError):
            if path is not None and f"-{_digest(path.read_bytes())}." in path.name:
                return path
        return None

    def _written(self, name: str, content: bytes) -> Path:
        try:
            write_changed(self._place / name, content)
        except OSError as error:
            if self._place != self.folder:
                raise
            self.trouble = f"drawings are not kept for the next build: cannot write to {self.folder}: {reason(error)}"
            self._place = Path(mkdtemp(prefix="lstmdiag-"))
            finalize(self, rmtree, self._place, ignore_errors=True)
            write_changed(self._place / name, content)
        return self._place / name

    def evict(self) -> None:
        used = set(self._used.values())
        with suppress(OSError):
            for path in self._place.iterdir():
                if path.is_file() and path not in used:
                    path.unlink(missing_ok=True)
        self._used.clear()
        self._there = None


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]


def _listed(folder: Path) -> dict[str, Path]:
    """Digest of the ingredients and ending → file."""
    found: dict[str, Path] = {}
    with suppress(OSError):
        for path in folder.iterdir():
            if fit := _NAME.fullmatch(path.name):
                found[fit[1] + fit[3]] = path
    return found


@cache
def program() -> str:
    """A digest of this package and of Graphviz: another program draws another picture."""
    digest = sha256(version("pygraphviz").encode())
    package = Path(__file__).parent.parent
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".json", ".css", ".yml"):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
