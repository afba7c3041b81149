"""Drawings kept on disk under what they are made from, so that only what changed is drawn again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from lstmdiag.files import write_changed, write_whole


class Store:
    """A folder of files named by a digest; `evict` removes those that nobody asked for since the last time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: set[str] = set()

    def file(self, ending: str, made_from: tuple[str, ...], make: Callable[[], bytes]) -> Path:
        """The file for these ingredients; `make` is called where it is not there yet."""
        digest = sha256("\0".join((program(), ending, *made_from)).encode()).hexdigest()[:32]
        name = f"{digest}.{ending}"
        path = self.folder / name
        if not path.exists():
            write_whole(path, make())
        self._used.add(name)
        return path

    def text(self, address: str, content: str) -> Path:
        """The file that says this, one for each address; its time tells when it last changed."""
        name = sha256(address.encode()).hexdigest()[:32] + PurePosixPath(address).suffix
        write_changed(self.folder / name, content.encode())
        self._used.add(name)
        return self.folder / name

    def evict(self) -> None:
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if path.is_file() and path.name not in self._used:
                    path.unlink(missing_ok=True)
        self._used.clear()


@cache
def program() -> str:
    """A digest of this package and of Graphviz: another program draws another picture."""
    digest = sha256(version("pygraphviz").encode())
    package = Path(__file__).parent.parent
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".json", ".css"):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
