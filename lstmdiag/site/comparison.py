"""The page of a comparison: pictures side by side, what differs in words and in numbers, the models' own pages."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.comparing import Compared
from lstmdiag.comparing.facts import build
from lstmdiag.comparing.picture import views
from lstmdiag.comparing.sentences import claim, sentences
from lstmdiag.layer import show_shape
from lstmdiag.model import Model
from lstmdiag.site import template
from lstmdiag.site.markup import code, text
from lstmdiag.tables import Table
from lstmdiag.views import VIEWS
from lstmdiag.words import Words

WORDS = Words("page-comparison")


def body(compared: Compared, members: Mapping[str, str]) -> str:
    """Markdown, without front matter; `members` are addresses of the models' own pages, by label."""
    return template.page(WORDS, {
        "spec": compared.name,
        "level": 2,
        "suffix": "",
        "mark_layer": None,
        "title": text(compared.title),
        "claim": text(claim(compared)),
        "labels": _labels(compared),
        "pictures": [{"view": view, "title": VIEWS[view].title, "level": 3} for view in views(compared)],
        "sentences": [text(each) for each in sentences(compared) if each.rstrip(".") not in claim(compared)],
        "members": [
            _member(label, model, members.get(label, ""))
            for label, model in zip(compared.labels, compared.models, strict=True)
        ],
    })  # fmt: skip


def _labels(compared: Compared) -> list[str]:
    return [text(label) for label in compared.labels]


def _member(label: str, model: Model, address: str) -> Mapping[str, object]:
    """A model, linked to its own page where it has one."""
    return {
        "label": code(label),
        "title": f"[{text(model.title)}]({address})" if address else text(model.title),
        "layers": [code(layer.call) for layer in model.layers],
        "given": [show_shape(source.shape) for source in model.inputs],
        "results": [show_shape(model.shape(reference)) for reference in model.outputs],
        "params": model.params,
    }


def card(compared: Compared) -> str:
    """For a card of the gallery: which models, and how many parameters they have."""
    counts = [model.params for model in compared.models]
    return WORDS.say("card", labels=_labels(compared), counts=counts)


def table(compared: Compared) -> Table:
    return build(compared, [])
