"""The same pages as files, for any other program that builds sites from Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from lstmdiag.comparing import Compared
from lstmdiag.drawing import Ink, inked
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.model import Model
from lstmdiag.site import addresses, assets, pages, tags
from lstmdiag.site.figures import figure
from lstmdiag.site.markup import as_markdown
from lstmdiag.site.outline import pictures, thumbnail
from lstmdiag.site.pages import Entry
from lstmdiag.site.placeholders import Facts, fill
from lstmdiag.site.renderer import Renderer, worked_pass_html, worked_values


def check_name(name: str) -> None:
    """Raises LstmdiagError where no page can have the name: its files would lie elsewhere, or hide another's."""
    if problem := addresses.unfit(name):
        raise LstmdiagError(Problem(problem, hint="give the spec another name"))


def entries(models: Sequence[Model | Compared]) -> dict[str, Entry]:
    """What the pages know of each other."""
    return {model.name: Entry(model.name, Path(model.path), model) for model in models}


def common_files(texts: Sequence[pages.EntryText]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of what all pages share: style, script, fonts, the gallery and the list of tags."""
    for name, asset in assets.files().items():
        yield name, asset.encode() if isinstance(asset, str) else asset.read_bytes()
    yield "index.md", pages.gallery(texts, tags.WORDS.say("title")).encode()
    yield tags.PAGE, pages.tag_page(texts).encode()


def model_files(text: pages.EntryText, entries: dict[str, Entry]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of one model's or comparison's page and pictures."""
    entry = text.entry
    model = entry.subject
    assert model is not None
    drawn = {picture: figure(model, picture, model).decode() for picture in pictures(text.page)}
    walk, numbers, of_pass = "", None, {}
    if isinstance(model, Model) and model.recurrent:
        from lstmdiag.site.worked_pass import digits, written

        values = worked_values(entry)
        walk, numbers = written(values), digits(values)
        if not isinstance(values, LstmdiagError):
            of_pass = {each: figure(values.model, each, values).decode() for each in pictures(walk)}
    every = {**drawn, **of_pass}
    renderer = Renderer(
        entries, lambda _, picture: every[picture], lambda asked: walk if asked is entry else worked_pass_html(asked)
    )

    def one(facts: Facts) -> str:
        links = {}
        if "view" in facts:
            links["SVG"] = quote(f"{model.name}/{renderer.picture(facts).file_name(model, 'svg')}")
        if "walk" in facts and numbers:
            links["JSON"] = quote(addresses.numbers(model.name))
        return as_markdown(renderer.render(facts, "", links))

    yield f"{model.name}.md", fill(text.page, one).encode()
    yield addresses.thumbnail(model.name), thumbnail(model)
    if numbers:
        yield addresses.numbers(model.name), numbers
    for picture in drawn:
        yield f"{model.name}/{picture.file_name(model, 'svg')}", inked(picture.diagram(model), "svg", Ink())
