"""Every view of some packaged specs, as the Diagram's JSON and as DOT, against what was looked at and taken.

`make accept` rewrites tests/goldens; read the diff, and open the pictures that changed.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from lstmdiag.drawing import Ink, inked, pictured, views_of
from lstmdiag.views import NAMES
from lstmdiag.views.selection import Selection
from tests.models import LOOKED_AT, packaged

GOLDENS = Path(__file__).parent.parent / "goldens"


@pytest.mark.parametrize("view", NAMES)
@pytest.mark.parametrize("spec", LOOKED_AT)
def test_view(spec: str, view: str, golden: Callable[[Path, str], None]) -> None:
    model = packaged(spec)
    assert view in views_of(model)
    (diagram,) = pictured(model, view, Selection())
    for format in ("json", "dot"):
        golden(GOLDENS / f"{spec}.{view}.{format}", inked(diagram, format, Ink()).decode())


def test_no_golden_is_left_over() -> None:
    wanted = {f"{spec}.{view}.{format}" for spec in LOOKED_AT for view in NAMES for format in ("json", "dot")}
    assert {path.name for path in GOLDENS.iterdir()} == wanted
