"""A spec's own prose as HTML. A spec may come from anyone: its tags are shown as text, its addresses are checked."""

from __future__ import annotations

from functools import cache
from html import unescape
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from lstmdiag.writers.names import readable_lines

_LINKS = ("", "http", "https", "mailto")


def to_html(source: str) -> str:
    """Markdown → HTML, with tags shown as text and links kept only where they lead to a page."""
    return _reader().reset().convert(readable_lines(source))


@cache
def _reader() -> Markdown:
    reader = Markdown(output_format="html")
    reader.preprocessors.deregister("html_block")
    reader.inlinePatterns.deregister("html")
    reader.treeprocessors.register(_Links(reader), "lstmdiag-links", -1)  # after text is unescaped
    return reader


class _Links(Treeprocessor):
    def run(self, root: Element) -> None:
        for element in root.iter():
            for attribute in ("href", "src"):
                if attribute in element.attrib and not _harmless(unescape(element.attrib[attribute]), attribute):
                    del element.attrib[attribute]


def _harmless(address: str, attribute: str) -> bool:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    if attribute == "src":  # a picture from elsewhere would be a request that leaves the site
        return not parts.scheme and not parts.netloc
    return parts.scheme in _LINKS
