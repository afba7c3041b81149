"""YAML → a tree of nodes that know where they stand.

PyYAML's parser finds the events; the tree is built here, with a stack of its own and a bound on depth and
size, because PyYAML's composer recurses (a deep file ends the process) and expands aliases without bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from lstmdiag.spec.scalars import UnexpectedScalar, Value, value_of
from lstmdiag.spec.source import Report, first_control, not_text

MAX_DEPTH = 50
MAX_NODES = 50_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True, eq=False)
class Node:
    """`start` and `end` are positions in the text; of a block, which has no brackets, its first word."""

    start: int
    end: int
    size: int = field(default=1, kw_only=True)  # nodes in it, with every alias written out
    height: int = field(default=1, kw_only=True)


@dataclass(slots=True, eq=False)
class Scalar(Node):
    """A text, a number, true, false or null."""

    value: Value


@dataclass(slots=True, eq=False)
class Sequence(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Mapping(Node):
    """Keys, each with its own node, and their values."""

    items: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)


def plain(node: Node) -> Any:
    """The node as Python's own data. Depth and size are bounded already."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key: plain(value) for key, (_, value) in node.items.items()}


def parse(report: Report) -> Node | None:
    """The one document of `report.source`, None where it is empty.

    Surprising words, duplicate keys, tags and the like are added to the report and read on; what leaves
    no tree to read (syntax, depth, size) raises LstmdiagError.
    """
    composer = _Composer(report)
    try:
        for event in yaml.parse(report.source.text, Loader=_Loader):
            composer.take(event)
    except yaml.YAMLError as error:
        _syntax(report, error)
    return composer.root


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    node: Sequence | Mapping
    anchor: str | None
    block: bool
    key: Node | None = None


class _Composer:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}  # None while the node is open
        self._total = 0
        self._documents = 0
        self.root: Node | None = None

    def take(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            self._tag(event, start, end)
            node = Scalar(start, end, self._value(event, start, end))
            if event.anchor:
                self._anchors[event.anchor] = node
            self._add(node)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._tag(event, start, end)
            if len(self._stack) >= MAX_DEPTH:
                self._give_up(f"lists and mappings may nest {MAX_DEPTH} deep", start, end)
            if event.anchor:
                self._anchors[event.anchor] = None
            make = Sequence if isinstance(event, yaml.SequenceStartEvent) else Mapping
            self._stack.append(_Open(make(start, start + 1), event.anchor, not event.flow_style))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(end)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor, start, end)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._give_up("a second document starts here; a file holds one spec", start, end)

    def _value(self, event: Any, start: int, end: int) -> Value:
        if not event.implicit[0] or event.tag is not None:
            control = first_control(event.value)
            if control:
                self._report.add(not_text(control), start, end, "leave it out")
            return str(event.value)
        try:
            return value_of(event.value)
        except UnexpectedScalar as unexpected:
            self._report.add(unexpected.message, start, end, unexpected.mend)
            return str(event.value)

    def _tag(self, event: Any, start: int, end: int) -> None:
        if event.tag is not None:
            self._report.add("tags are not part of a spec", start, end, "leave the tag out")

    def _alias(self, anchor: Any, start: int, end: int) -> None:
        if anchor not in self._anchors:
            self._give_up(f"no anchor &{anchor} before this", start, end)
        node = self._anchors[anchor]
        if node is None:
            self._give_up(f"&{anchor} cannot hold itself", start, end)
        elif len(self._stack) + node.height > MAX_DEPTH:
            self._give_up(f"lists and mappings may nest {MAX_DEPTH} deep", start, end)
        else:
            self._add(node, at=(start, end))

    def _close(self, end: int) -> None:
        opened = self._stack.pop()
        node = opened.node
        if not opened.block:
            node.end = end
        elif isinstance(node, Mapping):
            node.end = next((key.end for key, _ in node.items.values()), node.end)
        if opened.anchor:
            self._anchors[opened.anchor] = node
        self._add(node)

    def _add(self, node: Node, at: tuple[int, int] | None = None) -> None:
        """A finished node goes into the innermost open one; `at` is where an alias stands."""
        start, end = at or (node.start, node.end)
        self._total += node.size if at else 1
        if self._total > MAX_NODES:
            self._give_up(f"a spec may hold {MAX_NODES:,} values, aliases written out", start, end)
        if not self._stack:
            self.root = node
            return
        opened = self._stack[-1]
        parent = opened.node
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif opened.key is None:
            opened.key = node
        else:
            key, opened.key = opened.key, None
            self._pair(parent, key, node)

    def _pair(self, mapping: Mapping, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar) or not isinstance(key.value, str):
            self._report.add("a key is a name", key.start, key.end, "write it in quotes if it is meant as one")
        elif key.value == "<<":
            self._report.add("merge keys are not part of a spec", key.start, key.end, "write the keys out")
        elif key.value in mapping.items:
            first, _ = mapping.items[key.value]
            line = self._report.source.place(first.start, first.end).line
            self._report.add(f"{key.value!r} is here already (line {line})", key.start, key.end, "keep one of them")
        else:
            mapping.items[key.value] = (key, value)

    def _give_up(self, message: str, start: int, end: int) -> None:
        self._report.add(message, start, end)
        self._report.stop()


_WORDING = (
    ("found a tab character", "a tab cannot indent", "use spaces"),
    ("found character that cannot start any token", "{character} cannot start a value", "write the text in quotes"),
    ("mapping values are not allowed", "a ':' makes no key here", "write text with ': ' in it in quotes"),
    ("found unexpected end of stream", "the quote that starts here is never closed", ""),
    ("did not find expected ',' or ']'", "the '[' that opens here is not closed rightly", "',' or ']' was expected"),
    ("did not find expected ',' or '}'", "the '{{' that opens here is not closed rightly", "',' or '}}' was expected"),
    ("did not find expected key", "this line does not fit the lines above", "is it indented like its neighbours?"),
    ("did not find expected '-' indicator", "this line does not fit the list above", "does it need a '- '?"),
)
"""How libyaml words the commonest slips, and how we do: message and hint."""

_AT_OPENING = ("found unexpected end of stream", "did not find expected ','")


def _syntax(report: Report, error: yaml.YAMLError) -> None:
    problem, at = str(error), 0
    if isinstance(error, yaml.MarkedYAMLError):
        problem = str(error.problem)
        opening = error.context_mark if problem.startswith(_AT_OPENING) else None
        mark = opening or error.problem_mark or error.context_mark
        at = mark.index if mark else 0
    character = report.source.text[at : at + 1]
    if character == "\t" and "cannot start" in problem:
        problem = "found a tab character"
    wordings: Iterator[tuple[str, str]] = (
        (message, hint) for found, message, hint in _WORDING if problem.startswith(found)
    )
    message, hint = next(wordings, (f"this is not YAML: {problem}", ""))
    report.add(message.format(character=repr(character)), at, at + 1, hint.format())
    report.stop()
