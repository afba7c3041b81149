"""The files of the built site: what they link to is there, and nothing is asked of other places."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from lstmdiag.spec.schema import schema_text
from tests.site.project import Elements

pytestmark = pytest.mark.browser


def pages(site: Path) -> dict[str, Elements]:
    return {str(path.relative_to(site)): Elements.of(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_link_leads_somewhere(site: Path) -> None:
    found = pages(site)
    lost = []
    for name, page in found.items():
        if name == "404.html":
            continue
        for tag, attributes in page.all:
            target = attributes.get("href" if tag in ("a", "link") else "src", "")
            parts = urlsplit(urljoin(f"http://here/{name}", target))
            if parts.netloc != "here" or not target:
                continue
            path = unquote(parts.path).lstrip("/")
            path += "index.html" if path.endswith("/") or not path else ""
            anchors = found[path].ids() if path in found else [parts.fragment]
            if not (site / path).is_file() or (parts.fragment and parts.fragment not in anchors):
                lost.append(f"{name}: {target}")
    assert lost == []


LOADING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "link": "href",
    "object": "data",
    "use": "href",
}


def test_no_request_leaves_the_site(site: Path) -> None:
    for name, page in pages(site).items():
        for tag, attributes in page.all:
            address = attributes.get(LOADING.get(tag, ""), "")
            assert not urlsplit(address).netloc, f"{name}: <{tag}> {address}"
    for sheet in site.rglob("*.css"):
        addresses = re.findall(r"url\(([^)]*)\)|@import\s+([^;]*)", sheet.read_text("utf-8"))
        for address in filter(None, (part.strip("\"' ") for pair in addresses for part in pair)):
            assert address.startswith("data:") or not urlsplit(address).netloc, f"{sheet.name}: {address}"


def test_the_schema_is_published(site: Path) -> None:
    assert (site / "lstmdiag.schema.json").read_text("utf-8") == schema_text()
