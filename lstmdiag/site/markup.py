"""Names, symbols and frames as pages write them. Whatever comes from a spec is escaped here."""

from __future__ import annotations

import re
from html import escape

from lstmdiag.cells.cell import PREVIOUS, Cell
from lstmdiag.diagrams.text import readable
from lstmdiag.views.words import ROLE_WORDS
from lstmdiag.words import Words

WORDS = Words("page")

_SIGN = re.compile(r"[!-+\--/:-@\[-`{-~]")  # of ASCII, all but letters, digits, the blank and the comma
_TEMPLATE = re.compile(r"\{(?=[{%#])")  # Jinja's, Liquid's and Hugo's
_TEMPLATE_SIGN = re.compile(r"[{}%]")


def text(content: str) -> str:
    """Any text for Markdown and HTML alike: what either could read as a sign becomes an entity."""
    return _SIGN.sub(_entity, " ".join(readable(content).split()))


def title_text(content: str) -> str:
    """Any text for where themes print a title: as HTML that no Markdown has read, and maybe as a template."""
    return _TEMPLATE_SIGN.sub(_entity, escape(" ".join(readable(content).split())))


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def code_block(source: str, language: str) -> str:
    """Source text as a block of Markdown: fenced, or as HTML where another program might take it for a template."""
    if not _TEMPLATE.search(source):
        return f"``` {language}\n{source}\n```"
    return as_markdown(f'<pre><code class="language-{language}">{escape(source)}</code></pre>')


def as_markdown(html: str) -> str:
    """HTML as a block of Markdown for any program: no empty line, which would end it, and no sign of a template."""
    whole = re.sub(r"\n(?=[ \t]*\n)", "&#10;", html)
    return _TEMPLATE.sub(_entity, whole)


def code(content: str) -> str:
    """The same in a fixed-width font."""
    return f"<code>{text(content)}</code>"


def element(name: str, content: str, classes: str = "", **attributes: str) -> str:
    """An element of HTML, `<p class="ld-links">content</p>`; nothing where it would be empty. `content` is HTML."""
    if not content:
        return ""
    given = "".join(f' {key}="{value}"' for key, value in {"class": classes, **attributes}.items() if value)
    return f"<{name}{given}>{content}</{name}>"


def scrolling(table: str, label: str, classes: str = "") -> str:
    """A table, HTML, in a frame of its own that scrolls where there is too little room; `label` is its name, HTML."""
    classes = f"ld-table {classes}".strip()
    return f'<div class="{classes}" tabindex="0" role="group" aria-label="{label}">{table}</div>'


def css_role(role: str) -> str:
    return "ld-" + role.replace(".", "-")


def symbol(name: str, role: str = "", at: str = "t") -> str:
    """A quantity in running text: f with its step below, in its role's colour, tied to the pictures by class."""
    base, _, below = name.partition("_")
    below = ", ".join(part for part in (below, at) if part)
    classes = f"ld-symbol sym-{escape(name)} {css_role(role)}".removesuffix(" ld-")
    return element("var", escape(base) + element("sub", escape(below)), classes)


def quantity(cell: Cell, name: str, at: str = "t") -> str:
    """A quantity of a cell; `h_prev` is written as h at t−1."""
    if name.endswith(PREVIOUS):
        return symbol(name.removesuffix(PREVIOUS), cell.roles.get(name, ""), f"{at}−1")
    return symbol(name, cell.roles.get(name, ""), at)


def role_word(role: str) -> str:
    """keep, write, content, read, public state ...; empty for roles without a word."""
    return ROLE_WORDS.get(role, "")


def slug(name: str) -> str:
    """A name as part of an anchor."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "layer"


def framed(drawing: str, above: str = "", below: str = "") -> str:
    """What `site.figures` draws as a figure of a page; the script puts its button before what stands below."""
    return (
        f'<figure class="lstmdiag" data-search-exclude="1">{above}{drawing}'
        f'<figcaption class="ld-links">{below}</figcaption></figure>'
    )
