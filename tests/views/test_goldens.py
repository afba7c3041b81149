"""Every view of some packaged specs, as the Diagram's JSON and as DOT, against what was looked at and taken.

`make accept` rewrites tests/goldens; read the diff, and open the pictures that changed.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from lstmdiag.drawing import Ink, inked, pictured, views_of
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.models import LOOKED_AT, packaged

GOLDENS = Path(__file__).parent.parent / "goldens"


SMALL = ("one-unit", "three-units")  # a cell a number: of larger ones there is no reading a diff
PICTURES = [(spec, view) for spec in LOOKED_AT for view in VIEWS if spec in SMALL or VIEWS[view].scale != "numbers"]


@pytest.mark.parametrize(("spec", "view"), PICTURES)
def test_view(spec: str, view: str, golden: Callable[[Path, str], None]) -> None:
    model = packaged(spec)
    assert view in views_of(model)
    (diagram,) = pictured(model, view, Selection())
    for format in ("json", "dot"):
        golden(GOLDENS / f"{spec}.{view}.{format}", inked(diagram, format, Ink()).decode())


def test_no_golden_is_left_over() -> None:
    wanted = {f"{spec}.{view}.{format}" for spec, view in PICTURES for format in ("json", "dot")}
    assert {path.name for path in GOLDENS.iterdir()} == wanted
