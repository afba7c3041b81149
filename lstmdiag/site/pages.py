"""Specs → the pages of the site, as Markdown by path. Pure: no MkDocs, no files, no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import yaml

from lstmdiag.comparing import Compared
from lstmdiag.english import listed
from lstmdiag.errors import Problem
from lstmdiag.layer import Layer, show_shape
from lstmdiag.model import Model
from lstmdiag.site import addresses, comparison, tags
from lstmdiag.site import page as model_page
from lstmdiag.site.markup import text, title_text
from lstmdiag.site.page import runs
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.tags import WORDS


@dataclass(frozen=True)
class Entry:
    """One spec of the site: the model or comparison it means, or the problems that keep it from meaning one."""

    name: str
    path: Path
    subject: Model | Compared | None
    problems: tuple[Problem, ...] = ()

    @property
    def model(self) -> Model | None:
        """None where it compares others, or means nothing."""
        return self.subject if isinstance(self.subject, Model) else None

    @property
    def compared(self) -> Compared | None:
        """None where it is no comparison."""
        return self.subject if isinstance(self.subject, Compared) else None

    @property
    def title(self) -> str:
        return self.subject.title if self.subject else self.name

    @property
    def group(self) -> str:
        """The section of the gallery that the spec names; "" for none."""
        return self.subject.group if self.subject else ""


@dataclass(frozen=True)
class EntryText:
    """What the site says of one entry: its page, its card in the gallery, and the tags it is listed under."""

    entry: Entry
    page: str
    card: str
    tags: tuple[str, ...] = ()


def entry_text(entry: Entry, entries: Sequence[Entry], *, tabs: bool = True) -> EntryText:
    """Of one entry; `entries` are those that it may link to."""
    if entry.compared:
        compared = entry.compared
        return EntryText(entry, comparison_page(compared, entries), _card(entry), compared.tags)
    if entry.model is None:
        return EntryText(entry, broken_page(entry.name), _card(entry))
    return EntryText(entry, page(entry.model, tabs=tabs), _card(entry), tuple(tags.tags(entry.model)))


def build(texts: Sequence[EntryText], title: str) -> dict[str, str]:
    """`index.md`, one page per entry and the list of tags; placeholders stand where pictures and tables go."""
    pages = {f"{each.entry.name}.md": each.page for each in texts}
    return {"index.md": gallery(texts, title), **pages, tags.PAGE: tag_page(texts)}


def comparison_page(compared: Compared, entries: Sequence[Entry]) -> str:
    """With links to the models' own pages, as far as `entries` have them."""
    known = {entry.path.resolve(): addresses.page(entry.name) for entry in entries if entry.model}
    files = zip(compared.labels, compared.files, strict=True)
    members = {label: known[file.resolve()] for label, file in files if file.resolve() in known}
    return _front_matter(compared.title, hide=["navigation", "toc"]) + comparison.body(compared, members)


def page(model: Model, *, tabs: bool = True) -> str:
    """The page of one model. Without `tabs`, the call in each framework stands under its name."""
    return _front_matter(model.title, hide=["navigation", "toc"]) + model_page.page(model, tabs=tabs)


def broken_page(name: str) -> str:
    """The page of a spec with mistakes: what they are and where, and nothing else."""
    return _front_matter(name) + f"# {text(name)}\n\n{placeholder(spec=name, problems='')}\n"


def groups(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The sections that specs name, in the order of their first page; those without one first, under ''."""
    sections: dict[str, list[Entry]] = {"": []}
    for entry in entries:
        sections.setdefault(entry.group, []).append(entry)
    return {name: pages for name, pages in sections.items() if pages}


def gallery(texts: Sequence[EntryText], title: str) -> str:
    cards = {each.entry.name: each.card for each in texts}
    parts, grouped = [f"# {text(title)}", ""], groups([each.entry for each in texts])
    for name, entries in grouped.items():
        if len(grouped) > 1 or name:
            parts += [f"## {text(name or title)}", ""]
        inside = [cards[entry.name] for entry in entries]
        parts += ['<div class="ld-gallery" markdown="1">', "", *inside, "</div>", ""]
    return _front_matter(title, hide=["toc"]) + "\n".join(parts)


def tag_page(texts: Sequence[EntryText]) -> str:
    tagged = [(addresses.page(each.entry.name), each.entry.title, each.tags) for each in texts]
    return _front_matter(WORDS.say("tags"), hide=["navigation"]) + tags.index(tagged)


def _card(entry: Entry) -> str:
    target = addresses.page(entry.name)
    inside = f"**[{text(entry.title)}]({target})**\n\n"
    if entry.subject:
        picture = quote(addresses.thumbnail(entry.name))
        inside = f"[![]({picture})]({target})\n\n{inside}{_facts(entry.subject)}"
    else:
        inside += WORDS.say("broken")
    return f'<div class="ld-card" markdown="1">\n\n{inside}\n\n</div>\n'


def _facts(model: Model | Compared) -> str:
    """The summary's first sentence, the layers, and what goes through them."""
    if isinstance(model, Compared):
        return f"{placeholder(spec=model.name, summary='first')}\n\n{comparison.card(model)}"
    layers = (" → " if model.chain else ", ").join(runs(map(_label, model.layers)))
    given = listed([show_shape(source.shape) for source in model.inputs])
    results = listed([show_shape(model.shape(reference)) for reference in model.outputs])
    size = WORDS.say("size", shapes=f"{given} → {results}", params=model.params)
    summary = placeholder(spec=model.name, summary="first")
    return f"{summary}\n\n{text(layers)}<br>{size}\n\n{tags.chips(tags.tags(model))}"


def _label(layer: Layer) -> str:
    """`LSTM(64)`, `RepeatVector`, `TimeDistributed(Dense(1))`."""
    if layer.inner:
        return f"{layer.kind}({_label(layer.inner)})"
    units = layer.sizes.get("units")
    return f"{layer.kind}({units:,})" if units and layer.weights else layer.kind


def _front_matter(name: str, **more: list[str]) -> str:
    """Themes print the title as HTML. Nothing on these pages is a template, for macros or for Jekyll to run."""
    facts = {"title": title_text(name), "render_macros": False, "render_with_liquid": False, **more}
    return f"---\n{yaml.safe_dump(facts, allow_unicode=True, sort_keys=False)}---\n\n"
