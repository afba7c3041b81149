"""The vocabulary between meaning and ink for tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula in the spellings the writers need; made by `cells.formulas`, never by hand."""

    text: str  # Unicode
    latex: str  # without delimiters
    mathml: str  # a whole <math> element


Shape = tuple[int | None, ...]
Cell = str | int | None | Shape | Formula  # None: there is nothing to say, printed as an en dash


@dataclass(frozen=True, slots=True)
class Column:
    key: str  # in JSON and CSV
    title: str
    kind: str = "text"  # text | int | shape | formula | code


@dataclass(frozen=True, slots=True)
class Table:
    """One table, and in `parts` further ones that belong under it, each with columns of its own."""

    name: str  # shapes, params, cost, returns, dictionary; a part's is params.weights
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None  # a last row set apart; "" where nothing is summed up
    notes: tuple[str, ...] = ()
    parts: tuple[Table, ...] = ()
    data: Any = field(default=None)  # what --format json prints (plain JSON values), parts included
