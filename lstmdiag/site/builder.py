"""A folder of specs → entries, pages and drawings, remembered from one build of the site to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any

from lstmdiag.comparing import Compared, read_either
from lstmdiag.diagrams import Diagram
from lstmdiag.drawing import Ink, inked
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.files import named, reason
from lstmdiag.model import Model
from lstmdiag.site import pages, tags
from lstmdiag.site.fillers import Filler, passed, walked
from lstmdiag.site.outline import Picture, ingredients, pictures, thumbnail
from lstmdiag.site.pages import Entry
from lstmdiag.site.store import Store
from lstmdiag.spec.reader import read_bytes
from lstmdiag.writers.svg import alone
from lstmdiag.writers.themes import LIGHT

ENDINGS = (".yml", ".yaml")


def _rank(entry: Entry, groups: Sequence[str]) -> int:
    """Where the entry's group stands; a group that is not named comes after those that are."""
    subject = entry.model or entry.compared
    group = subject.group if subject else ""
    return groups.index(group) if group in groups else len(groups)


class Site:
    """What the plugin keeps while `mkdocs serve` runs: a spec that did not change is not read again."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.entries: dict[str, Entry] = {}
        self.filler = Filler(self.entries, self.inline, lambda entry: self._walked(entry).read_text("utf-8"))
        self._read: dict[Path, tuple[bytes, Entry]] = {}
        self._diagram: tuple[tuple[str, Picture], Diagram] | None = None

    def read(self, folder: Path, root: Path, groups: Sequence[str] = ()) -> None:
        """Every spec of the folder: by group, in this order, then by size, comparisons and those with mistakes last."""
        found = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in ENDINGS and not path.name.startswith("."):
                try:
                    data = read_bytes(path)
                except LstmdiagError as error:
                    found[path] = b"", Entry(path.stem, path, None, error.problems)
                    continue
                known = self._read.get(path)
                # what a comparison says depends on other files, which may have changed
                same = known and known[0] == data and b"compare:" not in data
                entry = known[1] if known and same else _entry(data, path, root)
                found[path] = data, entry
        self._read = found
        by_size = sorted(
            (entry for _, entry in found.values()),
            key=lambda e: (_rank(e, groups), not e.model, not e.compared, e.model.params if e.model else 0, e.name),
        )
        self.entries.clear()
        self.entries.update((entry.name, entry) for entry in by_size)

    def pages(self, title: str) -> dict[str, str]:
        return pages.build(list(self.entries.values()), title)

    def nav(self, folder: str, names: Iterable[str]) -> list[Any]:
        """The pages as mkdocs.yml would list them: the gallery, those without a group, the groups, the tags."""
        found: list[Any] = [f"{folder}index.md"]
        for group, entries in pages.groups(list(self.entries.values())).items():
            own = [f"{folder}{entry.name}.md" for entry in entries]
            found += [{group: own}] if group else own
        return [*found, *(f"{folder}{name}" for name in names if name == tags.PAGE)]

    def inline(self, model: Model | Compared, picture: Picture) -> str:
        """The SVG that stands in a page."""
        return self._drawn(model, picture, "inline").read_text("utf-8")

    def downloads(self, formats: Sequence[str]) -> Iterator[tuple[str, Path]]:
        """(path below the pages, file) of every drawing of every page in these formats, and the thumbnails."""
        for entry in self.entries.values():
            subject = entry.model or entry.compared
            if subject is None:
                continue
            try:
                yield from self._of_model(subject, formats)
                if entry.model and entry.model.recurrent:
                    self._walked(entry)
                    if numbers := self._passed(entry):
                        yield f"{entry.name}/{pages.numbers_name(entry.name)}", numbers
            except LstmdiagError:
                continue  # told where the page asks for the picture

    def _of_model(self, model: Model | Compared, formats: Sequence[str]) -> Iterator[tuple[str, Path]]:
        small = self.store.file("svg", ("thumbnail", *ingredients(model)), lambda: thumbnail(model))
        yield f"{model.name}/{pages.thumbnail_name(model.name)}", small
        for picture in pictures(model):
            self._drawn(model, picture, "inline")  # first, since the file of its own is made from it
            for format in formats:
                yield f"{model.name}/{picture.file_name(model, format)}", self._drawn(model, picture, format)

    def _drawn(self, model: Model | Compared, picture: Picture, form: str) -> Path:
        made_from = (form, *ingredients(model), picture.view, picture.layer or "")
        return self.store.file("svg" if form == "inline" else form, made_from, lambda: self._draw(model, picture, form))

    def _walked(self, entry: Entry) -> Path:
        """The numbers of a page, as it shows them."""
        return self.store.file("html", ("walk", *_ingredients(entry)), lambda: walked(entry).encode())

    def _passed(self, entry: Entry) -> Path | None:
        """The same with every digit; None where there is no pass, which an empty file remembers."""
        made_from = ("numbers", *_ingredients(entry))
        path = self.store.file("json", made_from, lambda: passed(entry) or b"")
        return path if path.stat().st_size else None

    def _draw(self, model: Model | Compared, picture: Picture, form: str) -> bytes:
        if form == "svg":
            return alone(self.inline(model, picture), LIGHT).encode()
        key = ("\0".join(ingredients(model)), picture)
        if self._diagram is None or self._diagram[0] != key:
            self._diagram = key, picture.diagram(model)
        diagram = self._diagram[1]
        return picture.inline(model, diagram) if form == "inline" else inked(diagram, form, Ink())


def _ingredients(entry: Entry) -> tuple[str, ...]:
    """What a pass is made from: the spec and the weights that its example names. Raises LstmdiagError."""
    assert entry.model is not None
    example = entry.model.example
    if not example or not example.weights:
        return ingredients(entry.model)
    file = named(entry.path.parent, example.weights, example.at)
    try:
        if not file.is_file():  # a device may have no end
            raise LstmdiagError(Problem(f"there is no file {example.weights!r}", example.at))
        with file.open("rb") as opened:
            return (*ingredients(entry.model), file_digest(opened, "sha256").hexdigest())
    except OSError as error:
        raise LstmdiagError(Problem(f"cannot read {example.weights!r}: {reason(error)}", example.at)) from None


def _entry(data: bytes, path: Path, root: Path) -> Entry:
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    try:
        taken = {"index": "the gallery", Path(tags.PAGE).stem: "the list of tags"}
        if path.stem in taken:
            message = f"{shown}: the page called {path.stem} is {taken[path.stem]}"
            raise LstmdiagError(Problem(message, hint="give the spec another name"))
        found = read_either(data, shown, path.stem, path.parent)
        if isinstance(found, Compared):
            return Entry(path.stem, path, None, compared=found)
        return Entry(path.stem, path, found)
    except LstmdiagError as error:
        return Entry(path.stem, path, None, error.problems)
