"""A comparison as text: the table of facts, and under it the differences in sentences."""

from __future__ import annotations

from dataclasses import replace

from lstmdiag.comparing import Compared
from lstmdiag.comparing.facts import build
from lstmdiag.comparing.sentences import sentences
from lstmdiag.tables import Table
from lstmdiag.writers import tables


def table(compared: Compared) -> Table:
    """The facts, with the differences in words as its notes."""
    told = sentences(compared)
    made = build(compared, told)
    return replace(made, notes=(*told, *made.notes))


def write(compared: Compared, format: str) -> str:
    """In one of the formats of tables."""
    return tables.write(table(compared), format)
