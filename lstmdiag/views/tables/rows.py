"""A Table made of its columns, its rows by the keys of these, and the title, heads and notes in a file of words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
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
    columns: Iterable[Column],
    rows: Iterable[Row],
    facts: object = None,
    *,
    total: Row | None = None,
    parts: Iterable[Table] = (),
    data: Any = None,
) -> Table:
    """The table of a model whose words stand in the group of its name: those of `params.weights`, in `weights`.

    The title names the model; the notes are filled by `facts`, and of equal ones there is one.
    """
    group = words.group(name.rpartition(".")[2])
    heads = group.group("columns")
    titled = tuple(each if each.title else replace(each, title=heads.say(each.key)) for each in columns)
    return Table(
        name,
        group.say("title", model=model),
        titled,
        tuple(tuple(row.get(column.key) for column in titled) for row in rows),
        total=None if total is None else tuple(total.get(column.key, "") for column in titled),
        notes=tuple(dict.fromkeys(group.each("notes", facts, model=model))),
        parts=tuple(parts),
        data=data,
    )
