"""Pages from files of words: the list of blocks under `page`, read from top to bottom, becomes Markdown.

A block is a phrase, which makes a paragraph, or one of

- a mark, by its facts: `{view: time}`, `{table: dictionary, part: first}` (site/placeholders.py);
- `{section: ANCHOR, title: PHRASE, link: PHRASE, show: [BLOCK, ...]}`: a heading with an anchor; `link` is what
  the strip of links calls it, where the anchor is no view with a label of its own;
- `{contents: ""}`: that strip;
- `{list: [PHRASE, ...]}`: a line with a dot for each phrase that says anything;
- `{fold: PHRASE, class: NAME, show: [BLOCK, ...]}`: blocks that are hidden until one opens them;
- `{each: FACT, show: [BLOCK, ...]}`: the blocks for each of several things;
- `{questions: model}`, or `layer`: a section for each view of that part of a page that no block shows, its question
  above it.

A section may have an `if`, as a phrase has, and `of: FACT`, whose own facts come before the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lstmdiag.errors import nearest
from lstmdiag.site.placeholders import placeholder
from lstmdiag.views import VIEWS
from lstmdiag.words import Saying, Words
from lstmdiag.words.phrases import condition

Block = Any
"""A phrase, or a mapping as above."""

_PHRASES = frozenset({"if", "each", "first", "join"})
"""The keys of a mapping that is a phrase."""

MARKS = ("view", "table", "equations", "walk", "summary", "source")
_STRIP = "\0"


def page(words: Words, facts: object) -> str:
    """The page that a file of words holds, in Markdown without front matter.

    The facts have `spec`, the spec's name; `level` of headings; `suffix` of anchors; `mark_layer`, the layer that marks
    name, or None; `views`, the names of the views there are; besides what the words ask for.
    """
    return _Writing(words).page(facts)


class UnknownBlock(Exception):
    """A mapping in a file of words that is neither a mark nor a phrase."""

    def __init__(self, name: str, anchor: str, block: Mapping[str, Any]) -> None:
        key = str(next(iter(block), ""))
        where = f"{name}.yml, section {anchor!r}" if anchor else f"{name}.yml, before the first section"
        super().__init__(f"{where}: no block is called {key!r}; {nearest(key, {*_MAKERS, *_PHRASES})}")


class _Writing:
    """One page being written."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._anchor = ""  # of the section being written
        self._links: dict[str, str] = {}  # anchor → what links to it are called

    def page(self, facts: object) -> str:
        blocks = [*self._blocks(self._words.phrases["page"], self._words.saying(facts))]
        return "\n\n".join(self._strip() if block == _STRIP else block for block in blocks if block) + "\n"

    def _strip(self) -> str:
        links = " ".join(f'<a href="#{anchor}">{label}</a>' for anchor, label in self._links.items())
        label = self._words.phrases["strip"]
        return f'<nav class="ld-contents" aria-label="{label}" data-search-exclude="1">{links}</nav>'

    def _blocks(self, blocks: list[Block], facts: Saying) -> Iterator[str]:
        for block in blocks:
            make = next((make for key, make in _MAKERS.items() if isinstance(block, dict) and key in block), None)
            if make is None and isinstance(block, dict) and not _PHRASES & block.keys():
                raise UnknownBlock(self._words.name, self._anchor, block)
            if make is None:
                yield facts.said(block)
            elif "if" not in block or condition(block["if"]).holds(facts):
                yield from make(self, block, facts.of(facts.fact(block["of"])) if "of" in block else facts)

    def _section(self, block: Block, facts: Saying) -> Iterator[str]:
        self._anchor = anchor = facts.said(block["section"]) + facts.fact("suffix")
        view = VIEWS.get(anchor)
        if link := facts.said(block.get("link", "")) or (view.label if view else ""):
            self._links[anchor] = link
        yield f"{'#' * facts.fact('level')} {facts.said(block['title'])} {{#{anchor}}}"
        yield from self._blocks(block["show"], facts)

    def _mark(self, block: Block, facts: Saying) -> Iterator[str]:
        said = {key: facts.said(value) for key, value in block.items()}
        yield placeholder(spec=facts.fact("spec"), **said, layer=facts.fact("mark_layer"))

    def _contents(self, block: Block, facts: Saying) -> Iterator[str]:
        yield _STRIP

    def _list(self, block: Block, facts: Saying) -> Iterator[str]:
        yield "\n".join(f"- {said}" for said in facts.parts(block["list"]))

    def _fold(self, block: Block, facts: Saying) -> Iterator[str]:
        yield f'<details class="{block["class"]}" markdown="1"><summary>{facts.said(block["fold"])}</summary>'
        yield from self._blocks(block["show"], facts)
        yield "</details>"

    def _each(self, block: Block, facts: Saying) -> Iterator[str]:
        for thing in facts.fact(block["each"]):
            yield from self._blocks(block["show"], facts.of(thing))

    def _questions(self, block: Block, facts: Saying) -> Iterator[str]:
        known = set(shown(self._words.phrases["page"]))
        for view in map(VIEWS.__getitem__, facts.fact("views")):
            if view.page == block["questions"] and view.name not in known:
                section = {"section": view.name, "title": view.asked, "show": [{"view": view.name}]}
                yield from self._section(section, facts)


def shown(blocks: list[Block]) -> Iterator[str]:
    """The views that a block shows."""
    for block in blocks:
        if isinstance(block, dict):
            yield from [block["view"]] if "view" in block else shown(block.get("show", []))


_MAKERS: Mapping[str, Callable[[_Writing, Block, Saying], Iterator[str]]] = {
    "section": _Writing._section, "contents": _Writing._contents, "list": _Writing._list, "fold": _Writing._fold,
    "questions": _Writing._questions, "show": _Writing._each, **dict.fromkeys(MARKS, _Writing._mark),
}  # fmt: skip
