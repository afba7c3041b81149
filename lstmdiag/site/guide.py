"""Parts of the guide that are read from the program: views, kinds of layers, their options, a spec in colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, get_args

from pydantic import BaseModel

from lstmdiag.errors import LstmdiagError, Problem, nearest
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Activation, shown_options
from lstmdiag.site.markdown import to_html
from lstmdiag.spec import document
from lstmdiag.spec.cell_section import CellSection
from lstmdiag.spec.comparison import ComparisonDocument
from lstmdiag.views import VIEWS
from lstmdiag.words import Words
from lstmdiag.writers.names import readable_lines

WORDS = Words("guide")


def views(what: str) -> str:
    """All views: their `questions`, what they show with `numbers`, or their `names` alone. Raises LstmdiagError."""
    return VIEW_TABLES[_known("table of views", what, VIEW_TABLES)]()


def _view_names() -> str:
    return ", ".join(f"<code>{name}</code>" for name in VIEWS)


def _questions() -> str:
    rows = [[f"<code>{view.name}</code>", escape(view.question)] for view in VIEWS.values()]
    return _table("views", "views_columns", rows)


def _numbers() -> str:
    rows = [[f"<code>{view.name}</code>", _inline(view.numbered)] for view in VIEWS.values() if view.numbered]
    return _table("numbers", "numbers_columns", rows)


def _inline(markdown: str) -> str:
    return to_html(markdown).removeprefix("<p>").removesuffix("</p>")


VIEW_TABLES: Mapping[str, Callable[[], str]] = {"names": _view_names, "questions": _questions, "numbers": _numbers}
"""What a placeholder in the guide says it wants of the views."""


def kinds_table() -> str:
    rows = [
        [f'<a href="#{name.lower()}"><code>{name}</code></a>', escape(kind.summary)] for name, kind in KINDS.items()
    ]
    return _table("kinds", "kinds_columns", rows)


def options_table(name: str) -> str:
    """The options of one kind of layer. Raises LstmdiagError."""
    kind = KINDS[_known("layer", name, KINDS)]
    return _fields(WORDS.say("options", name=name), kind.options, kind.first)


SECTIONS: Mapping[str, type[BaseModel]] = {
    "spec": document.Document,
    "comparison": ComparisonDocument,
    "sequence": document.SequenceInput,
    "tokens": document.TokenInput,
    "shaped": document.ShapedInput,
    "example": document.ExampleSection,
    "cell": CellSection,
}
"""What the guide calls a part of a spec → what reads it."""


def section_table(name: str) -> str:
    """The words of one part of a spec. Raises LstmdiagError."""
    return _fields(WORDS.say("keys", name=name), SECTIONS[_known("section", name, SECTIONS)])


def _known(what: str, name: str, allowed: Mapping[str, object]) -> str:
    if name not in allowed:
        raise LstmdiagError(Problem(f"there is no {what} {name!r}", hint=nearest(name, allowed)))
    return name


def _fields(label: str, model: type[BaseModel], first: str = "") -> str:
    """A row for each field: name, what it may be, the default, the meaning; what changes nothing stands below."""
    properties = model.model_json_schema()["properties"]
    shown = {name: properties[name] for name in properties if name in shown_options(model)}
    accepted = [f"<code>{name}</code>" for name in properties if name not in shown]
    rows = [
        [f"<code>{name}</code>", _allowed(facts), _default(model, name, first), escape(facts.get("description", ""))]
        for name, facts in shown.items()
    ]
    also = f"<p>{WORDS.say('also', accepted=accepted)}</p>" if accepted else ""
    return _framed(label, WORDS.each("keys_columns"), rows) + also


def activations() -> str:
    return ", ".join(f"<code>{name}</code>" for name in get_args(Activation))


def _allowed(facts: Mapping[str, Any]) -> str:
    """A JSON Schema type in words; a schema that allows anything says nothing here."""
    if "anyOf" in facts:
        # An option that may be left out is null then; nobody needs to write that.
        forms = [_allowed(form) for form in facts["anyOf"] if "default" not in facts or form.get("type") != "null"]
        return _either(forms)
    if "const" in facts:
        return f"<code>{escape(str(facts['const']))}</code>"
    if "enum" in facts:
        if facts["enum"] == list(get_args(Activation)):
            return f'<a href="#activations">{WORDS.say("an_activation")}</a>'
        return _either([f"<code>{escape(str(value))}</code>" for value in facts["enum"]])
    if "$ref" in facts:
        return WORDS.say("a_layer")
    kind = WORDS.say("a_type", {each: facts.get("type") == each for each in _TYPES})
    low, below = facts.get("minimum"), facts.get("exclusiveMaximum")
    if low is not None and below is not None:
        return WORDS.say("between", type=kind, low=f"{low:g}", below=f"{below:g}")
    return WORDS.say("at_least", type=kind, low=f"{low:g}") if low else kind


_TYPES = ("integer", "number", "boolean", "string", "array", "object", "null")  # of JSON Schema


def _either(forms: list[str]) -> str:
    return WORDS.say("alternatives", forms=list(dict.fromkeys(filter(None, forms))))


def _default(model: type[BaseModel], name: str, first: str) -> str:
    field = next(field for own, field in model.model_fields.items() if (field.alias or own) == name)
    if field.is_required():
        return WORDS.say("required", first=name == first)
    if field.default is None or field.default_factory is not None:
        return ""
    value = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    return f"<code>{escape(value)}</code>"


def yaml_block(source: str) -> str:
    """YAML in Pygments' colours, as the theme shows other code."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import YamlLexer

    inner = highlight(readable_lines(source), YamlLexer(), HtmlFormatter(nowrap=True))
    return f'<div class="language-yaml highlight"><pre><span></span><code>{inner}</code></pre></div>'


def _table(label: str, columns: str, rows: list[list[str]]) -> str:
    return _framed(WORDS.say(label), WORDS.each(columns), rows)


def _framed(label: str, heads: list[str], rows: list[list[str]]) -> str:
    head = "".join(f'<th scope="col">{title}</th>' for title in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="ld-table" tabindex="0" role="group" aria-label="{escape(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
