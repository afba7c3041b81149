"""What stands in the place of each placeholder: pictures, tables, numbers, and a spec's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from lstmdiag.comparing import Compared
from lstmdiag.drawing import views_of
from lstmdiag.errors import LstmdiagError, Problem, nearest
from lstmdiag.model import Model
from lstmdiag.site import comparison, guide
from lstmdiag.site.equations import equations_table
from lstmdiag.site.fact import fact
from lstmdiag.site.markdown import to_html
from lstmdiag.site.markup import element, framed, scrolling
from lstmdiag.site.outline import Picture, anchor, picture
from lstmdiag.site.pages import Entry
from lstmdiag.site.placeholders import Facts, fill
from lstmdiag.tables import Table
from lstmdiag.views import VIEWS
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from lstmdiag.words import Words
from lstmdiag.writers import problems as problem_writer
from lstmdiag.writers import tables as table_writer

if TYPE_CHECKING:
    from lstmdiag.running.values import Values

PASS = Words("page-pass")


class Renderer:
    """Knows the specs; makes the HTML of a placeholder once. `draw` gives a picture's SVG, `walk` a page's numbers."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        draw: Callable[[Model | Compared, Picture], str],
        walk: Callable[[Entry], str] = lambda entry: worked_pass_html(entry),  # below
    ) -> None:
        self._entries, self._draw, self._walk = entries, draw, walk
        self._made: dict[frozenset[tuple[str, str]], tuple[Entry | None, str]] = {}

    def render(self, facts: Facts, page: str = "", links: Mapping[str, str] | None = None) -> str:
        """The HTML for a placeholder. Raises LstmdiagError where it names what there is not.

        `page` is the address of the architecture's page, empty on that page itself; `links` are downloads.
        """
        if "view" in facts:
            return self._figure(facts, page, links or {})
        asked, entry = frozenset(facts.items()), self._entries.get(facts.get("spec", ""))
        known = self._made.get(asked)
        if known is None or known[0] is not entry:  # another entry: the spec has changed
            self._made[asked] = known = entry, self._make(facts)
        below = "".join(_download(url, name) for name, url in (links or {}).items())
        return known[1] + element("p", PASS.say("file", links=below), "ld-links")

    def _make(self, facts: Facts) -> str:
        for key, make in _RENDERED.items():
            if key in facts:
                return make(self, facts)
        hint = "say data-view, data-table or data-fact"
        raise LstmdiagError(Problem(f"nothing to put into this place: {dict(facts)}", hint=hint))

    def entry(self, facts: Facts) -> Entry:
        name = facts.get("spec", "")
        if name not in self._entries:
            raise LstmdiagError(Problem(f"there is no spec {name!r}", hint=nearest(name, self._entries)))
        return self._entries[name]

    def model(self, facts: Facts) -> Model:
        entry = self.entry(facts)
        if entry.model is None:
            what = "compares others" if entry.compared else "has a mistake"
            raise LstmdiagError(Problem(f"the spec {entry.name!r} {what}"))
        return entry.model

    def subject(self, facts: Facts) -> Model | Compared:
        """The model, or the comparison."""
        return self.entry(facts).compared or self.model(facts)

    def picture(self, facts: Facts) -> Picture:
        view = facts["view"]
        if view not in VIEWS:
            raise LstmdiagError(Problem(f"there is no view {view!r}", hint=nearest(view, VIEWS)))
        return picture(facts)

    def _figure(self, facts: Facts, page: str, links: Mapping[str, str]) -> str:
        """The drawing in a scrolling frame of its own, the zoom levels above it, the downloads below."""
        model, picture = self.subject(facts), self.picture(facts)
        crumbs = "" if isinstance(model, Compared) or picture.unit else _crumbs(model, picture, page)
        drawing = self._draw(model, picture)
        return framed(drawing, crumbs, " ".join(_download(url, label) for label, url in links.items()))

    def _table(self, facts: Facts) -> str:
        """The table in a scrolling frame; long parts under it are folded.

        `data-part` is `first` or `rest`; `data-without` names a column that the page has no use for.
        """
        compared, name = self.entry(facts).compared, facts["table"]
        if compared and name == "compare":
            return _framed(comparison.table(compared), compared, fold=False)
        model = self.model(facts)
        if name not in TABLES:
            raise LstmdiagError(Problem(f"there is no table {name!r}", hint=nearest(name, TABLES)))
        first, *rest = _flat(table(model, name))
        wanted = {"first": [first], "rest": rest}.get(facts.get("part", ""), [first, *rest])
        folded = [part is not first and len(part.rows) > LONG for part in wanted]
        shown = [_without(part, facts.get("without", "")) for part in wanted]
        return "".join(_framed(part, model, fold=fold) for part, fold in zip(shown, folded, strict=True))

    def _equations(self, facts: Facts) -> str:
        model = self.model(facts)
        name = facts.get("layer") or (model.recurrent[0].name if model.recurrent else "")
        layer = next((layer for layer in model.recurrent if name in (layer.name, layer.top)), None)
        if layer is None:
            names = [layer.name for layer in model.recurrent]
            raise LstmdiagError(Problem(f"{model.name!r} has no recurrent layer {name!r}", hint=nearest(name, names)))
        return equations_table(layer, scalar=facts["equations"] == "unit")

    def _summary(self, facts: Facts) -> str:
        """The spec's summary; with `data-summary="first"` its first sentence."""
        summary = self.subject(facts).summary
        if facts["summary"] == "first":
            summary = re.split(r"(?<=[.!?])\s", summary.strip(), maxsplit=1)[0]
        return element("div", to_html(summary), "ld-summary")

    def _source(self, facts: Facts) -> str:
        return guide.yaml_block(self.subject(facts).source)

    def _numbers(self, facts: Facts) -> str:
        self.model(facts)  # what is no model has no numbers
        return fill(self._walk(self.entry(facts)), self.render)

    def _problems(self, facts: Facts) -> str:
        return f'<div class="ld-problems">{problem_writer.write(self.entry(facts).problems, "html")}</div>'

    def _fact(self, facts: Facts) -> str:
        return f"<span>{fact(self.model(facts), facts['fact'])}</span>"


def _download(url: str, label: str) -> str:
    return f'<a href="{escape(url)}" download>{label}</a>'


def worked_pass_html(entry: Entry) -> str:
    """The worked pass of a model; numpy is imported here, where numbers are needed."""
    from lstmdiag.site.worked_pass import written

    return written(worked_values(entry))


def worked_values(entry: Entry) -> Values | LstmdiagError:
    """That pass, or why there is none. Raises LstmdiagError where the weights that the spec names are no weights."""
    from lstmdiag.site.worked_pass import shown

    assert entry.model is not None
    return shown(entry.model, entry.path.parent)


def _crumbs(model: Model, picture: Picture, page: str) -> str:
    """The zoom levels, the picture's own lit."""
    lit = VIEWS[picture.view].level
    links = [
        f'<a href="{escape(page)}#{anchor(model, Picture(view.name, picture.layer))}"{lit_mark}>{view.label}</a>'
        for view in (VIEWS[name] for name in views_of(model))
        for lit_mark in [' aria-current="true"' if view.name == lit else ""]
        if view.level == view.name
    ]
    return f'<p class="ld-crumbs">{" <span>›</span> ".join(links)}</p>'


LONG = 8
"""A part of a table with more rows than this is folded."""


def _flat(whole: Table) -> list[Table]:
    return [replace(whole, parts=()), *(part for inner in whole.parts for part in _flat(inner))]


def _without(part: Table, key: str) -> Table:
    kept = [place for place, column in enumerate(part.columns) if column.key != key]
    rows = tuple(tuple(row[place] for place in kept) for row in part.rows)
    return replace(part, columns=tuple(part.columns[place] for place in kept), rows=rows)


def _framed(part: Table, model: Model | Compared, *, fold: bool) -> str:
    """On a page the title need not say the model's name once more."""
    title = part.title.removesuffix(f": {model.title}")
    written = table_writer.write(replace(part, title=title), "html")
    label = escape(title)
    before, start, rest = written.partition("<table")
    table, end, after = rest.partition("</table>")
    written = before + scrolling(start + table + end, label) + after
    return f'<details class="ld-more"><summary>{label}</summary>{written}</details>' if fold else written


_RENDERED: Mapping[str, Callable[[Renderer, Facts], str]] = {
    "table": Renderer._table,
    "equations": Renderer._equations,
    "summary": Renderer._summary,
    "source": Renderer._source,
    "problems": Renderer._problems,
    "walk": Renderer._numbers,
    "fact": Renderer._fact,
    "options": lambda _, facts: guide.options_table(facts["options"]),
    "section": lambda _, facts: guide.section_table(facts["section"]),
    "kinds": lambda _, __: guide.kinds_table(),
    "views": lambda _, facts: guide.views(facts["views"]),
    "activations": lambda _, __: guide.activations(),
}
"""What a placeholder asks for → how it is made. Pictures are apart: they need to know the page."""
