"""A Table made of its columns, its rows by the keys of these, and the title, heads and notes in a file of words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lstmdiag.model import Model
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.words import Words

Row = Mapping[str, Cell]
"""Column's key → cell; a column without one has an empty cell."""


def table(
    words: Words,
    name: str,
    model: Model,
    columns: Iterable[str | Column],
    rows: Iterable[Row],
    facts: object = None,
    *,
    total: Row | None = None,
    parts: Iterable[Table] = (),
    data: Any = None,
) -> Table:
    """The table of a model whose words stand in the group of its name: those of `params.weights`, in `weights`.

    A column is `layer:code`, its key and its kind, or `part`, of text; its title is in the words. Another has a title
    that is no word: a framework's. The notes are filled by `facts`, and of equal ones there is one. Parts without rows
    are left out.
    """
    group = words.group(name.rpartition(".")[2])
    titles = group.group("columns")
    titled = tuple(_column(each, titles) if isinstance(each, str) else each for each in columns)
    keys = [column.key for column in titled]
    return Table(
        name,
        group.say("title", model=model),
        titled,
        tuple(tuple([row.get(key) for key in keys]) for row in rows),
        total=None if total is None else tuple(total.get(key, "") for key in keys),
        notes=tuple(dict.fromkeys(group.each("notes", facts, model=model))),
        parts=tuple(part for part in parts if part.rows),
        data=data,
    )


def _column(column: str, titles: Words) -> Column:
    key, _, kind = column.partition(":")
    return Column(key, titles.say(key), kind or "text")
