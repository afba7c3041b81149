"""The names of pages, which are those of specs: what they may be, as paths, in addresses and on any disk."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote

from lstmdiag.drawing import safe_name
from lstmdiag.writers.names import token

LONGEST = 150  # bytes of UTF-8: what is made beside a page has a longer name, and file systems take 255

OWN = {"index": "the gallery", "readme": "the gallery, as MkDocs reads it", "tags": "the list of tags"}
"""Pages of a site that are no spec's."""

_UNFIT = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|^\.|^\s|\s$")


def unfit(name: str, taken: Collection[str] = ()) -> str:
    """What keeps a spec of this name from having a page of its name; '' where nothing does.

    `taken` are the names of other pages, in small letters: on some systems A and a are one file.
    """
    if own := OWN.get(name.casefold()):
        return f"the page called {name} is {own}"
    if name.casefold() in taken:
        return f"another spec has the page called {name}"
    if len(name.encode(errors="surrogatepass")) > LONGEST:
        return f"no page can have a name of more than {LONGEST} bytes"
    if sign := _UNFIT.search(name):
        where = " at its start" if sign.start() == 0 else ""
        return f"no page can have {sign[0]!r} in its name{where}"
    return ""


def fit(name: str, taken: Collection[str]) -> str:
    """The name of the page that says why there is none of this name."""
    fitted = token(name)[:LONGEST]
    while unfit(fitted, taken):
        fitted += "_"
    return fitted


def page(name: str) -> str:
    """The address of a spec's page, for those beside it."""
    return quote(f"{name}.md")


def thumbnail(name: str) -> str:
    """The file of the picture on the card, below the pages."""
    return f"{name}/{safe_name(name)}.thumbnail.svg"


def numbers(name: str) -> str:
    """The file of a pass with every digit, likewise."""
    return f"{name}/{safe_name(name)}.numbers.json"
