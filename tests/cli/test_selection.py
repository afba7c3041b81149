"""What the table of views says each view reads is what changes it, and nothing else does."""

from functools import cache
from typing import Any

import pytest

from lstmdiag.diagrams import Diagram
from lstmdiag.drawing import file_stem
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.models import packaged

OTHERS = {"layer": "decoder", "gate": "o", "unit": 2, "step": 2, "steps": 2, "signal": "c"}


@cache
def drawn(name: str, **selected: Any) -> Diagram:
    return VIEWS[name].draw(packaged("encoder-decoder"), Selection(**selected))


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("field", OTHERS)
def test_a_view_reads_what_the_table_says(name: str, field: str) -> None:
    assert (drawn(name) != drawn(name, **{field: OTHERS[field]})) == (field in VIEWS[name].reads)


def test_names_of_files_say_what_changes_the_picture() -> None:
    selection = Selection(layer="b", gate="o", unit=3, steps="all")
    stems = [file_stem("a", name, selection) for name in ("model", "time", "cell", "unit", "gate")]
    assert stems == ["a.model", "a.time", "a.cell.b", "a.unit.b.u3", "a.gate.b.gate-o.u3"]
    assert file_stem("a", "trace", Selection(signal="c,h", unit=3, step=2)) == "a.trace.c,h.u3.t2"
    assert file_stem("a", "time", Selection(), 7) == "a.time-07"
    assert file_stem("../a b", "cell", Selection(layer="x/y")) == "..%2Fa b.cell.x%2Fy"
