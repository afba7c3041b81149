"""What needs Keras or PyTorch: `make frameworks`, or `python -m pytest -m frameworks` where both are installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.frameworks.deviations import table, taken

os.environ.setdefault("KERAS_BACKEND", "jax")
HERE = Path(__file__).parent
DEVIATIONS = "deviations"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing here is even imported unless it is asked for."""
    wanted = "frameworks" in config.option.markexpr.replace("not frameworks", "")
    return None if wanted else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.frameworks)
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(autouse=True)
def deviations(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """What a test has compared goes along with its report, from whichever process."""
    yield
    record_property(DEVIATIONS, taken())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The largest deviation of each kind of layer, as a table."""
    reports = [each for found in terminalreporter.stats.values() for each in found if hasattr(each, "user_properties")]
    noted = [row for each in reports for name, rows in each.user_properties if name == DEVIATIONS for row in rows]
    if noted:
        terminalreporter.section("largest deviations")
        terminalreporter.write("\n".join(table(noted)) + "\n")
