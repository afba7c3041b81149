"""The known figures of tests/cases/figures.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FIGURES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "figures.yml").read_text("utf-8"))


def document(figure: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "input": figure["input"], "layers": figure["layers"]}
