"""The page of a comparison: pictures side by side, what differs in words and in numbers, the models' own pages."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.comparing import Compared
from lstmdiag.comparing.facts import build
from lstmdiag.comparing.picture import views
from lstmdiag.comparing.sentences import claim, sentences
from lstmdiag.english import counted, listed
from lstmdiag.model import show_shape
from lstmdiag.site.markup import code, text
from lstmdiag.site.placeholders import placeholder
from lstmdiag.tables import Table
from lstmdiag.views import VIEWS


def body(compared: Compared, members: Mapping[str, str]) -> str:
    """Markdown, without front matter; `members` are addresses of the models' own pages, by label."""
    pictures = [
        part
        for view in views(compared)
        for part in (f"### {VIEWS[view].title} {{#{view}}}", placeholder(spec=compared.name, view=view))
    ]
    parts = [
        f"# {text(compared.title)}",
        placeholder(spec=compared.name, summary=""),
        f"**{text(claim(compared))}**",
        f"## How do {text(listed(compared.labels))} look side by side? {{#views}}",
        *pictures,
        "## What differs, and by how much? {#differences}",
        "\n".join(f"- {text(sentence)}" for sentence in sentences(compared)),
        placeholder(spec=compared.name, table="compare"),
        "## What is each on its own? {#models}",
        "\n".join(_member(compared, place, members) for place in range(len(compared.models))),
        "This page is made from this spec, and from those it names:",
        placeholder(spec=compared.name, source=""),
    ]
    return "\n\n".join(parts) + "\n"


def _member(compared: Compared, place: int, members: Mapping[str, str]) -> str:
    """A model in one line, linked to its own page where it has one."""
    model, label = compared.models[place], compared.labels[place]
    title = f"[{text(model.title)}]({members[label]})" if label in members else text(model.title)
    goes, comes = (", ".join(map(show_shape, shapes)) for shapes in (
        [source.shape for source in model.inputs], [model.shape(name) for name in model.outputs]
    ))  # fmt: skip
    layers = ", ".join(code(layer.call) for layer in model.layers)
    return f"- {code(label)}, {title}: {layers}; {goes} → {comes}, {counted(model.params, 'parameter')}"


def facts(compared: Compared) -> str:
    """For a card of the gallery: which models, and how many parameters they have."""
    counts = [f"{model.params:,}" for model in compared.models]
    return f"{text(listed(compared.labels))}<br>{text(listed(counts))} parameters"


def table(compared: Compared) -> Table:
    return build(compared, [])
