"""What stands in the place of each mark: pictures, tables, numbers, and a spec's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from lstmdiag.errors import LstmdiagError, Problem, nearest
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.site import guide
from lstmdiag.site.markdown import to_html
from lstmdiag.site.outline import LEVEL_OF, LEVELS, Picture, anchor
from lstmdiag.site.pages import Entry
from lstmdiag.site.placeholders import Facts
from lstmdiag.site.words import number
from lstmdiag.views import NAMES as VIEWS
from lstmdiag.views.fan_in import fan_in
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from lstmdiag.writers import problems as problem_writer
from lstmdiag.writers import tables as table_writer


class Filler:
    """Knows the specs; makes the HTML for a mark. `draw` gives a picture's inline SVG."""

    def __init__(self, entries: Mapping[str, Entry], draw: Callable[[Model, Picture], str]) -> None:
        self._entries, self._draw = entries, draw

    def fill(self, facts: Facts, page: str = "", links: Mapping[str, str] | None = None) -> str:
        """The HTML for a mark. Raises LstmdiagError where it names what there is not.

        `page` is the address of the architecture's page, empty on that page itself; `links` are downloads.
        """
        if "view" in facts:
            return self._figure(facts, page, links or {})
        for key, make in _FILLERS.items():
            if key in facts:
                return make(self, facts)
        raise LstmdiagError(Problem(f"nothing to put into this place: {dict(facts)}", hint="say data-view, data-table or data-fact"))

    def entry(self, facts: Facts) -> Entry:
        name = facts.get("spec", "")
        if name not in self._entries:
            raise LstmdiagError(Problem(f"there is no spec {name!r}", hint=nearest(name, self._entries)))
        return self._entries[name]

    def model(self, facts: Facts) -> Model:
        entry = self.entry(facts)
        if entry.model is None:
            raise LstmdiagError(Problem(f"the spec {entry.name!r} has a mistake"))
        return entry.model

    def picture(self, facts: Facts) -> Picture:
        view = facts["view"]
        if view not in VIEWS:
            raise LstmdiagError(Problem(f"there is no view {view!r}", hint=nearest(view, VIEWS)))
        return Picture(view, facts.get("layer"))

    def _figure(self, facts: Facts, page: str, links: Mapping[str, str]) -> str:
        """The drawing in a scrolling frame of its own, the zoom levels above it, the downloads below."""
        model, picture = self.model(facts), self.picture(facts)
        lit = LEVEL_OF.get(picture.view, picture.view)
        crumbs = [
            f'<a href="{escape(page)}#{anchor(model, Picture(level, picture.layer))}"{" aria-current=true" if level == lit else ""}>{name}</a>'
            for level, name in LEVELS.items()
            if level == "model" or model.recurrent
        ]
        downloads = [f'<a href="{escape(url)}" download>{label}</a>' for label, url in links.items()]
        return (
            f'<figure class="lstmdiag" data-search-exclude="1"><p class="ld-crumbs">{" <span>›</span> ".join(crumbs)}</p>'
            f'<div class="ld-frame" tabindex="0" role="group" aria-label="Drawing; scrolls sideways">{self._draw(model, picture)}</div>'
            f'<figcaption class="ld-links">{" ".join(downloads)}</figcaption></figure>'
        )

    def _table(self, facts: Facts) -> str:
        name = facts["table"]
        if name not in TABLES:
            raise LstmdiagError(Problem(f"there is no table {name!r}", hint=nearest(name, TABLES)))
        written = table_writer.write(table(self.model(facts), name), "html")
        return f'<div class="ld-table" tabindex="0" role="group" aria-label="Table of {name}">{written}</div>'

    def _summary(self, facts: Facts) -> str:
        summary = self.model(facts).summary
        return f'<div class="ld-summary">{to_html(summary)}</div>' if summary else ""

    def _source(self, facts: Facts) -> str:
        return guide.yaml_block(self.model(facts).source)

    def _problems(self, facts: Facts) -> str:
        return f'<div class="ld-problems">{problem_writer.write(self.entry(facts).problems, "html")}</div>'

    def _fact(self, facts: Facts) -> str:
        return f"<span>{fact(self.model(facts), facts['fact'])}</span>"


_FILLERS: Mapping[str, Callable[[Filler, Facts], str]] = {
    "table": Filler._table,
    "summary": Filler._summary,
    "source": Filler._source,
    "problems": Filler._problems,
    "fact": Filler._fact,
    "options": lambda _, facts: guide.options_table(facts["options"]),
    "section": lambda _, facts: guide.section_table(facts["section"]),
    "kinds": lambda _, __: guide.kinds_table(),
    "activations": lambda _, __: guide.activations(),
}
"""What a mark asks for → how it is made. Pictures are apart: they need to know the page."""

_MODEL_FACTS: Mapping[str, Callable[[Model], str]] = {
    "title": lambda model: escape(model.title),
    "params": lambda model: number(model.params),
    "steps": lambda model: number(model.inputs[0].shape[0]),
    "features": lambda model: number(model.inputs[0].shape[-1]),
    "input": lambda model: show_shape(model.inputs[0].shape),
    "output": lambda model: show_shape(model.layers[-1].output),
}

_LAYER_FACTS: Mapping[str, Callable[[Layer], str]] = {
    "call": lambda layer: escape(layer.call),
    "params": lambda layer: number(layer.params),
    "units": lambda layer: number(layer.units),
    "features": lambda layer: number(layer.features),
    "steps": lambda layer: number(layer.input[0]),
    "input": lambda layer: show_shape(layer.input),
    "output": lambda layer: show_shape(layer.output),
    "gates": lambda layer: number(len(layer.maths.cell.gates()) if layer.maths.cell else 0),
    "perunit": lambda layer: number(fan_in(layer).weights),
    "derivation": lambda layer: fan_in(layer).derivation(),
}


def fact(model: Model, path: str) -> str:
    """`params`, or `encoder.units`: one number or shape of a model or of a layer of it, as HTML."""
    *layer_name, what = path.split(".")
    allowed: Mapping[str, object] = _LAYER_FACTS if layer_name else _MODEL_FACTS
    if what not in allowed:
        raise LstmdiagError(Problem(f"there is no fact {what!r}", hint=nearest(what, allowed)))
    if not layer_name:
        return _MODEL_FACTS[what](model)
    try:
        return _LAYER_FACTS[what](model.layer(".".join(layer_name)))
    except KeyError:
        names = [layer.name for layer in model.layers]
        raise LstmdiagError(Problem(f"{model.name!r} has no {path!r}", hint=nearest(layer_name[0], names))) from None


