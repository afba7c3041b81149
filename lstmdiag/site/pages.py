"""Specs → the pages of the site, as Markdown by path. Pure: no MkDocs, no files, no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from urllib.parse import quote

import yaml

from lstmdiag.comparing import Compared
from lstmdiag.errors import Problem
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site import comparison, sections, tags
from lstmdiag.site.inside import sections as inside_sections
from lstmdiag.site.outline import equal_layers, suffixes
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.ways import Inside
from lstmdiag.site.words import code, counted, text
from lstmdiag.views.words import listed


@dataclass(frozen=True)
class Entry:
    """One spec of the site: the model it means, or the problems that keep it from meaning one."""

    name: str
    path: Path
    model: Model | None
    problems: tuple[Problem, ...] = ()
    compared: Compared | None = None  # where it compares other specs


def build(entries: Sequence[Entry], title: str = "Architectures") -> dict[str, str]:
    """`index.md` and one page per entry; placeholders stand where pictures and tables go."""
    pages = {f"{entry.name}.md": page_of(entry, entries) for entry in entries}
    return {"index.md": gallery(entries, title), **pages, tags.PAGE: tag_page(entries)}


def page_of(entry: Entry, entries: Sequence[Entry]) -> str:
    if entry.compared:
        return comparison_page(entry.compared, entries)
    return page(entry.model) if entry.model else broken_page(entry.name)


def comparison_page(compared: Compared, entries: Sequence[Entry]) -> str:
    """With links to the models' own pages, as far as `entries` have them."""
    known = {entry.path.resolve(): quote(f"{entry.name}.md") for entry in entries if entry.model}
    files = zip(compared.labels, compared.files, strict=True)
    members = {label: known[file.resolve()] for label, file in files if file.resolve() in known}
    return _front_matter(compared.title, hide=["navigation", "toc"]) + comparison.body(compared, members)


def page(model: Model, *, tabs: bool = True) -> str:
    """The page of one model. Without `tabs`, the call in each framework stands under its name."""
    parts = [sections.head(model, tabs=tabs), *(section(model) for section in sections.OPENING)]
    parts += _insides(model)
    parts += [section(model) for section in sections.CLOSING]
    return (
        _front_matter(model.title, hide=["navigation", "toc"])
        + "\n\n".join(part for part in chain(*parts) if part)
        + "\n"
    )


def broken_page(name: str) -> str:
    """The page of a spec with mistakes: what they are and where, and nothing else."""
    return _front_matter(name) + f"# {text(name)}\n\n{placeholder(spec=name, problems='')}\n"


def groups(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The sections that specs name, in the order of their first page; those without one first, under ''."""
    found: dict[str, list[Entry]] = {"": []}
    for entry in entries:
        subject = entry.model or entry.compared
        found.setdefault(subject.group if subject else "", []).append(entry)
    return {name: pages for name, pages in found.items() if pages}


def gallery(entries: Sequence[Entry], title: str) -> str:
    parts, grouped = [f"# {text(title)}", ""], groups(entries)
    for name, pages in grouped.items():
        if len(grouped) > 1 or name:
            parts += [f"## {text(name or title)}", ""]
        parts += ['<div class="ld-gallery" markdown="1">', "", *map(_card, pages), "</div>", ""]
    return _front_matter(title, hide=["toc"]) + "\n".join(parts)


def tag_page(entries: Sequence[Entry]) -> str:
    pages = [(quote(f"{entry.name}.md"), _title(entry), _tags(entry)) for entry in entries]
    return _front_matter("Tags", hide=["navigation"]) + tags.index(pages)


def _tags(entry: Entry) -> list[str]:
    return tags.tags(entry.model) if entry.model else list(entry.compared.tags) if entry.compared else []


def _title(entry: Entry) -> str:
    subject = entry.model or entry.compared
    return subject.title if subject else entry.name


def _insides(model: Model) -> list[list[str]]:
    """The first kind of recurrent layer open, the others folded."""
    groups = equal_layers(model)
    if len(groups) < 2:
        return [_inside(model, group, "", 2) for group in groups]
    parts, endings = [], suffixes(model)
    for number, group in enumerate(groups):
        layer = group[0]
        suffix = endings[layer.name]
        both = " in both directions" if model.layer(layer.top).backward else ""
        title = f"{listed([code(each.top) for each in group])}, {code(layer.call)}{both}"
        if number:
            parts.append([f'<details class="ld-inside" markdown="1"><summary>Inside {title}</summary>'])
            parts.append(_inside(model, group, suffix, 3))
            parts.append(["</details>"])
        else:
            parts.append([f"## Inside {title} {{#inside}}", *_inside(model, group, suffix, 3)])
    return parts


def _inside(model: Model, group: list[Layer], suffix: str, level: int) -> list[str]:
    layer, *others = group
    names = listed([code(other.top) for other in others])
    whose = "have weights of their own" if len(others) > 1 else "has weights of its own"
    same = f"The same holds for {names}, which {whose}."
    back = f"{code(layer.top)}'s backward layer is the same with weights of its own; it reads the last step first."
    backward = model.layer(layer.top).backward
    return (
        ([same] if others else []) + ([back] if backward else []) + inside_sections(Inside(model, layer, suffix, level))
    )


def _card(entry: Entry) -> str:
    target = quote(f"{entry.name}.md")
    title = entry.model or entry.compared
    if title is None:
        inside = f"**[{text(entry.name)}]({target})**\n\nThis spec has a mistake."
    else:
        picture = quote(f"{entry.name}/{thumbnail_name(entry.name)}")
        inside = f"[![]({picture})]({target})\n\n**[{text(title.title)}]({target})**\n\n{_facts(title)}"
    return f'<div class="ld-card" markdown="1">\n\n{inside}\n\n</div>\n'


def _facts(model: Model | Compared) -> str:
    """The summary's first sentence, the layers, and what goes through them."""
    if isinstance(model, Compared):
        return f"{placeholder(spec=model.name, summary='first')}\n\n{comparison.facts(model)}"
    runs = [(label, len(list(run))) for label, run in groupby(map(_label, model.layers))]
    layers = (" → " if model.chain else ", ").join(
        label if times == 1 else f"{times} × {label}" for label, times in runs
    )
    given = listed([show_shape(source.shape) for source in model.inputs])
    shapes = f"{given} → {listed([show_shape(model.shape(reference)) for reference in model.outputs])}"
    summary = placeholder(spec=model.name, summary="first")
    facts = f"{text(layers)}<br>{shapes}, {counted(model.params, 'parameter')}"
    return f"{summary}\n\n{facts}\n\n{tags.chips(tags.tags(model))}"


def _label(layer: Layer) -> str:
    """`LSTM(64)`, `RepeatVector`, `TimeDistributed(Dense(1))`."""
    if layer.inner:
        return f"{layer.kind}({_label(layer.inner)})"
    units = layer.sizes.get("units")
    return f"{layer.kind}({units:,})" if units and layer.weights else layer.kind


def thumbnail_name(name: str) -> str:
    return f"{name}.thumbnail.svg"


def numbers_name(name: str) -> str:
    return f"{name}.numbers.json"


def _front_matter(title: str, **more: list[str]) -> str:
    """The title is HTML wherever themes print it. Nothing on these pages is a template for macros to run."""
    facts = {"title": text(title), "render_macros": False, **more}
    return f"---\n{yaml.safe_dump(facts, allow_unicode=True, sort_keys=False)}---\n\n"
