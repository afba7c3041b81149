"""What holds for any model: every view can be drawn, every table and format written, twice the same."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given

from lstmdiag.drawing import Ink, inked, placed, views_of
from lstmdiag.errors import LstmdiagError
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from lstmdiag.writers import tables as writers
from tests.examples import max_examples
from tests.generator import Document, documents, text
from tests.models import model
from tests.views.test_invariants import mistakes
from tests.views.wires import tangles

GRAPHS = ("model", "time")
"""Views whose wires run through no box at all; inside a layer they run through the box that holds them."""


@pytest.mark.parametrize("view", VIEWS)
@max_examples(20)
@given(documents())
@pytest.mark.sweep(4)
def test_every_view_keeps_the_rules(view: str, document: Document) -> None:
    drawn = model(text(document))
    if view not in views_of(drawn):
        return
    try:
        diagram = placed(drawn, view, Selection())
    except LstmdiagError as refused:
        assert VIEWS[view].carries_numbers, (
            "only numbers may be refused: the pass is too long, or there is no one layer"
        )
        assert refused.problems
        return
    assert mistakes(diagram) == []
    assert view not in GRAPHS or tangles(diagram) == []
    written = inked(diagram, "json", Ink())
    assert json.loads(written)["view"] == view
    assert inked(placed(model(text(document)), view, Selection()), "json", Ink()) == written


@max_examples(40)
@given(documents())
def test_every_table_builds(document: Document) -> None:
    for name in TABLES:
        built = table(model(text(document)), name)
        assert json.loads(writers.write(built, "json"))
        assert {len(row) for row in csv.reader(io.StringIO(writers.write(built, "csv")))}
        assert all(writers.write(built, format).strip() for format in ("text", "md", "latex", "html"))
