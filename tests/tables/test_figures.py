"""Counts that are known from elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lstmdiag.frameworks import total
from lstmdiag.views.tables import table
from lstmdiag.writers import tables as writers
from tests.figures import FIGURES, document
from tests.generator import text
from tests.models import model


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure["name"])
def test_figure(figure: dict[str, Any]) -> None:
    drawn = model(text(document(figure)))
    assert (drawn.params, total(drawn, "keras")) == (figure["keras"], figure["keras"])
    assert total(drawn, "pytorch") == figure["pytorch"]
    written = json.loads(writers.write(table(drawn, "params"), "json"))
    assert written["total"] == figure["keras"]
    assert written["frameworks"]["pytorch"] == figure["pytorch"]
