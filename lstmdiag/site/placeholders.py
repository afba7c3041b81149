"""Placeholders in Markdown that are filled in once the page is HTML, so that Markdown never touches a drawing,
a number or a word from a spec. Hand-written pages use the same placeholders:

    <div class="lstmdiag" data-spec="three-units" data-view="time"></div>

A value may be written as in an address, `%22` for a quotation mark: so stands here every sign that means something
in HTML, in Markdown, or to an extension of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from urllib.parse import quote, unquote

_PLACEHOLDER = re.compile(r'<(div|span) class="lstmdiag"((?: data-[a-z]+="[^"]*")+)></\1>')
_ATTRIBUTE = re.compile(r'data-([a-z]+)="([^"]*)"')

Facts = Mapping[str, str]


def placeholder(tag: str = "div", **facts: str | None) -> str:
    """A placeholder that says what belongs in its place: `spec`, and `view`, `table`, `fact` ..."""
    written = "".join(f' data-{key}="{quote(value)}"' for key, value in facts.items() if value is not None)
    return f'<{tag} class="lstmdiag"{written}></{tag}>'


def placeholders(page: str) -> Iterator[Facts]:
    """What the placeholders of a page ask for, in order."""
    return (_facts(match) for match in _PLACEHOLDER.finditer(page))


def fill(html: str, make: Callable[[Facts], str | None]) -> str:
    """Each placeholder becomes what `make` gives for its facts; where that is None it stays."""

    def one(match: re.Match[str]) -> str:
        content = make(_facts(match))
        return match[0] if content is None else content

    return _PLACEHOLDER.sub(one, html)


def _facts(match: re.Match[str]) -> Facts:
    return {key: unquote(unescape(value)) for key, value in _ATTRIBUTE.findall(match[2])}
