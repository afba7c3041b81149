"""A folder of specs → entries, pages and drawings, remembered from one build of the site to the next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmdiag.comparing import Compared, read_either
from lstmdiag.drawing import Ink, inked
from lstmdiag.errors import LstmdiagError, Place, Problem, understood
from lstmdiag.files import named, reason
from lstmdiag.model import Model
from lstmdiag.site import addresses, pages, tags
from lstmdiag.site.figures import figure
from lstmdiag.site.markup import title_text
from lstmdiag.site.outline import Picture, pictures, thumbnail
from lstmdiag.site.pages import Entry, EntryText, entry_text
from lstmdiag.site.renderer import Renderer, worked_values
from lstmdiag.site.store import Store
from lstmdiag.spec.reader import read_bytes

if TYPE_CHECKING:  # it needs numpy, which a site whose drawings are kept does without
    from lstmdiag.running.values import Values

ENDINGS = (".yml", ".yaml")


def _rank(entry: Entry, groups: Sequence[str]) -> int:
    """Where the entry's group stands; a group that is not named comes after those that are."""
    return [*groups, entry.group].index(entry.group)


class Site:
    """What the plugin keeps while `mkdocs serve` runs: a spec that did not change is not read again.

    What goes wrong with one spec, at whatever stage, becomes the problems of its entry and costs no other its page.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.entries: dict[str, Entry] = {}
        self.renderer = Renderer(self.entries, self.inline, lambda entry: self._walked(entry).read_text("utf-8"))
        self._read: dict[Path, tuple[bytes, Entry]] = {}
        self._texts: dict[str, EntryText] = {}
        self._pass: tuple[tuple[str, ...], Values | LstmdiagError] | None = None
        self._root = Path()

    def read(self, folder: Path, root: Path, groups: Sequence[str] = ()) -> None:
        """Every spec of the folder: by group, in this order, then by size, comparisons and those with mistakes last."""
        specs: dict[Path, tuple[bytes, Entry]] = {}
        taken: set[str] = set()
        self._root = root
        for path in sorted(folder.iterdir()):
            if path.suffix in ENDINGS and not path.name.startswith(".") and not path.is_dir():
                specs[path] = self._entry(path, taken)
                taken.add(specs[path][1].name.casefold())
        self._read = specs
        by_size = sorted(
            (entry for _, entry in specs.values()),
            key=lambda e: (_rank(e, groups), not e.model, not e.compared, e.model.params if e.model else 0, e.name),
        )
        self.entries.clear()
        self.entries.update((entry.name, entry) for entry in by_size)

    def _entry(self, path: Path, taken: Collection[str]) -> tuple[bytes, Entry]:
        """The bytes of a spec and what they mean; `taken` are names that other pages have."""
        name, shown, data = path.stem, self._shown(path), b""
        try:
            if problem := addresses.unfit(name, taken):
                name = addresses.fit(name, taken)
                raise LstmdiagError(Problem(f"{shown}: {problem}", hint="give the spec another name"))
            data = read_bytes(path, shown)
            known = self._read.get(path)
            # what a comparison says depends on other files, which may have changed
            if known and known[0] == data and known[1].name == name and b"compare" not in data:
                return known
            subject = read_either(data, shown, name, path.parent)
        except Exception as error:
            return data, Entry(name, path, None, self._problems(path, error))
        return data, Entry(name, path, subject)

    def _shown(self, path: Path) -> str:
        shown = path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else path.as_posix()
        return shown.encode("utf-8", "backslashreplace").decode()

    def problems(self, name: str, error: Exception) -> tuple[Problem, ...]:
        """What is told of an error that came while a spec was shown; `name` may be no spec's."""
        entry = self.entries.get(name)
        return self._problems(entry.path, error) if entry else understood(error).problems

    def _problems(self, path: Path, error: Exception) -> tuple[Problem, ...]:
        """An error that says nothing of the spec is told of the whole file."""
        if isinstance(error, LstmdiagError):
            return error.problems
        at = Place(self._shown(path), 1, 1)
        return tuple(replace(problem, at=problem.at or at) for problem in understood(error).problems)

    def _spoil(self, entry: Entry, error: Exception) -> Entry:
        """The entry of a spec that cannot be shown, instead of its own."""
        spoiled = Entry(entry.name, entry.path, None, self._problems(entry.path, error))
        self.entries[entry.name] = spoiled
        return spoiled

    def pages(self, title: str) -> dict[str, str]:
        texts = [self._text(entry) for entry in list(self.entries.values())]
        return pages.build(texts, title)

    def _text(self, entry: Entry) -> EntryText:
        """What the site says of an entry, written once; where that fails, why."""
        known = self._texts.get(entry.name)
        if known and known.entry is entry:
            return known
        entries = list(self.entries.values())
        try:
            text = entry_text(entry, entries)
        except Exception as error:
            text = entry_text(self._spoil(entry, error), entries)
        self._texts[entry.name] = text
        return text

    def nav(self, folder: str, names: Iterable[str]) -> list[Any]:
        """The pages as mkdocs.yml would list them: the gallery, those without a group, the groups, the tags."""
        items: list[Any] = [f"{folder}index.md"]
        for group, entries in pages.groups(list(self.entries.values())).items():
            own = [f"{folder}{entry.name}.md" for entry in entries]
            items += [{title_text(group): own}] if group else own
        return [*items, *(f"{folder}{name}" for name in names if name == tags.PAGE)]

    def inline(self, model: Model | Compared, picture: Picture) -> str:
        """The inside of a figure: its drawings and words, as HTML."""
        return self._drawn(model, picture, "html").read_text("utf-8")

    def downloads(self, formats: Sequence[str]) -> Iterator[tuple[str, Path]]:
        """(path below the pages, file) of every drawing of every page in these formats, and the thumbnails.

        A spec without a thumbnail gets no page, since its card would have a hole.
        """
        for entry in list(self.entries.values()):
            if entry.subject is None:
                continue
            try:
                yield addresses.thumbnail(entry.name), self._thumbnail(entry.subject)
                yield from self._of_page(entry.subject, self._text(entry).page, formats)
                if numbers := self._numbers(entry):
                    yield addresses.numbers(entry.name), numbers
            except Exception as error:
                self._spoil(entry, error)

    def _thumbnail(self, model: Model | Compared) -> Path:
        return self.store.file("svg", ("thumbnail", *model.ingredients), lambda: thumbnail(model))

    def _of_page(self, model: Model | Compared, page: str, formats: Sequence[str]) -> Iterator[tuple[str, Path]]:
        for picture in pictures(page):
            try:
                self._drawn(model, picture, "html")  # what the page cannot show is not offered either
            except Exception:
                continue  # told where the page asks for the picture
            for format in formats:
                with suppress(LstmdiagError):  # too large for this format, and not for the page
                    yield f"{model.name}/{picture.file_name(model, format)}", self._drawn(model, picture, format)

    def _numbers(self, entry: Entry) -> Path | None:
        """The numbers of a pass with every digit; None where there is no pass."""
        if not (entry.model and entry.model.recurrent):
            return None
        try:
            for picture in pictures(self._walked(entry).read_text("utf-8")):
                self._drawn(entry.model, picture, "html")
        except Exception:
            return None  # told where the page asks for them
        return self._passed(entry)

    def _drawn(self, model: Model | Compared, picture: Picture, form: str) -> Path:
        """The file of a picture: `html` for the page, or a format of downloads."""
        made_from = model.ingredients
        if picture.unit:
            made_from = (*_ingredients(self.entries[model.name]), str(picture.unit))
        made_from = (form, *made_from, picture.view, picture.layer or "")
        return self.store.file(form, made_from, lambda: self._draw(model, picture, form))

    def _walked(self, entry: Entry) -> Path:
        """The numbers of a page, as it shows them."""

        def html() -> bytes:
            from lstmdiag.site.worked_pass import written

            return written(self._values(entry)).encode()

        return self.store.file("html", ("walk", *_ingredients(entry)), html)

    def _passed(self, entry: Entry) -> Path | None:
        """The same with every digit; None where there is no pass, which an empty file remembers."""

        def json() -> bytes:
            from lstmdiag.site.worked_pass import digits

            return digits(self._values(entry)) or b""

        path = self.store.file("json", ("numbers", *_ingredients(entry)), json)
        return path if path.stat().st_size else None

    def _values(self, entry: Entry) -> Values | LstmdiagError:
        """The pass that the page shows, or why there is none; the last one is kept."""
        made_from = _ingredients(entry)
        if self._pass is None or self._pass[0] != made_from:
            self._pass = made_from, worked_values(entry)
        return self._pass[1]

    def _draw(self, model: Model | Compared, picture: Picture, form: str) -> bytes:
        if picture.unit:
            values = self._values(self.entries[model.name])
            if isinstance(values, LstmdiagError):
                raise values
            return figure(values.model, picture, values)
        return figure(model, picture, model) if form == "html" else inked(picture.diagram(model), form, Ink())


def _ingredients(entry: Entry) -> tuple[str, ...]:
    """What a pass is made from: the spec and the weights that its example names. Raises LstmdiagError."""
    assert entry.model is not None
    example = entry.model.example
    if not example or not example.weights:
        return entry.model.ingredients
    file = named(entry.path.parent, example.weights, example.at)
    try:
        if not file.is_file():  # a device may have no end
            raise LstmdiagError(Problem(f"there is no file {example.weights!r}", example.at))
        with file.open("rb") as opened:
            return (*entry.model.ingredients, file_digest(opened, "sha256").hexdigest())
    except OSError as error:
        raise LstmdiagError(Problem(f"cannot read {example.weights!r}: {reason(error)}", example.at)) from None
