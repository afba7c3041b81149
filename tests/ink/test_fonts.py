"""The tables of widths are those of the shipped fonts."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    pytest.importorskip("fontTools")
    spec = importlib.util.spec_from_file_location("font_widths", ROOT / "tools" / "font_widths.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_widths_are_those_of_the_fonts(tool: ModuleType) -> None:
    written = json.loads((ROOT / "lstmdiag" / "diagrams" / "widths.json").read_text("ascii"))
    assert written == tool.tables()


def test_fonts_travel_with_their_licence() -> None:
    licence = (ROOT / "lstmdiag" / "rendering" / "fonts" / "LICENSE-DejaVu.txt").read_text("utf-8")
    assert "Bitstream Vera" in licence and "Tavmjong Bah" in licence
