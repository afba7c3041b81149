"""One entry of mkdocs.yml's nav stands for all pages that are made from specs."""

from __future__ import annotations

from typing import Any


def with_pages(nav: Any, folder: str, pages: list[Any]) -> Any:
    """The same nav with `architectures/`, titled or bare, replaced by the list of pages and sections of pages."""
    if nav == folder:
        return pages
    if isinstance(nav, dict):
        return {title: with_pages(entry, folder, pages) for title, entry in nav.items()}
    if isinstance(nav, list):
        items: list[Any] = []
        for entry in nav:
            items += pages if entry == folder else [with_pages(entry, folder, pages)]
        return items
    return nav
