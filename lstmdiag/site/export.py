"""The same pages as files, for any other program that builds sites from Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from lstmdiag.comparing import Compared
from lstmdiag.model import Model
from lstmdiag.site import assets, pages, tags
from lstmdiag.site.fillers import Filler, passed
from lstmdiag.site.outline import pictures, thumbnail
from lstmdiag.site.pages import Entry
from lstmdiag.site.placeholders import Facts, fill
from lstmdiag.writers.svg import alone
from lstmdiag.writers.themes import LIGHT


def entries(models: Sequence[Model | Compared]) -> dict[str, Entry]:
    """What the pages know of each other."""
    return {
        model.name: Entry(model.name, Path(model.path), None, compared=model)
        if isinstance(model, Compared)
        else Entry(model.name, Path(model.path), model)
        for model in models
    }


def common_files(entries: Mapping[str, Entry]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of what all pages share: style, script, fonts, and the gallery."""
    for name, asset in assets.files().items():
        yield name, asset.encode() if isinstance(asset, str) else asset.read_bytes()
    yield "index.md", pages.gallery(list(entries.values()), "Architectures").encode()
    yield tags.PAGE, pages.tag_page(list(entries.values())).encode()


def model_files(model: Model | Compared, entries: dict[str, Entry]) -> Iterator[tuple[str, bytes]]:
    drawn = {picture: picture.inline(model, picture.diagram(model)).decode() for picture in pictures(model)}
    filler = Filler(entries, lambda _, picture: drawn[picture])
    numbers = passed(entries[model.name]) if isinstance(model, Model) and model.recurrent else None

    def one(facts: Facts) -> str:
        links = {}
        if "view" in facts:
            links["SVG"] = quote(f"{model.name}/{filler.picture(facts).file_name(model, 'svg')}")
        if "walk" in facts and numbers:
            links["JSON"] = quote(f"{model.name}/{pages.numbers_name(model.name)}")
        # CommonMark ends a block of HTML at the first empty line.
        return re.sub(r"\n(?=[ \t]*\n)", "&#10;", filler.fill(facts, "", links))

    written = (
        pages.comparison_page(model, list(entries.values()))
        if isinstance(model, Compared)
        else pages.page(model, tabs=False)
    )
    yield f"{model.name}.md", fill(written, one).encode()
    yield f"{model.name}/{pages.thumbnail_name(model.name)}", thumbnail(model)
    if numbers:
        yield f"{model.name}/{pages.numbers_name(model.name)}", numbers
    for picture, svg in drawn.items():
        yield f"{model.name}/{picture.file_name(model, 'svg')}", alone(svg, LIGHT).encode()
