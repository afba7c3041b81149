"""Shared by all tests: `pytest --accept` writes what is seen into the golden files."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before numpy is imported: every worker has one processor, and threads that wait for each other take all of it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A busy machine is no failure: what is drawn at random may take its time. Every run draws the same, so that a change is
# judged by what it changed; `make explore` looks for what nobody has seen yet.
settings.register_profile("same", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("few", settings.get_profile("same"), max_examples=25)
settings.register_profile("explore", settings.get_profile("same"), derandomize=False, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what is seen into the golden files")
    parser.addoption("--nothing-missing", action="store_true", help="fail where a test lacks what it needs")
    parser.addoption("--whole", action="store_true", help="every case of what is swept, not the few of every day")


def pytest_configure(config: pytest.Config) -> None:
    """Before tests are read: a quarter of the examples every day, always the same, and all where all is asked for."""
    everyday = "same" if config.getoption("whole") else "few"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", everyday))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A folder of tests whose mark is left out as a whole is not even read."""
    apart = collection_path.name in ("browser", "frameworks")
    return True if apart and f"not {collection_path.name}" in config.getoption("markexpr") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of tests with a mark `sweep(few)` that many of their cases run, evenly spread, unless the whole is asked for."""
    if config.getoption("whole") or config.getoption("accept"):
        return
    swept: dict[tuple[str, int], list[pytest.Item]] = {}
    for item in items:
        if mark := item.get_closest_marker("sweep"):
            swept.setdefault((item.nodeid.partition("[")[0], *mark.args), []).append(item)
    left: set[pytest.Item] = set()
    for (_, few), cases in swept.items():
        kept = {round(n * (len(cases) - 1) / max(few - 1, 1)) for n in range(few)} if few < len(cases) else None
        left |= {case for index, case in enumerate(cases) if kept is not None and index not in kept}
    if left:
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=sorted(left, key=lambda item: item.nodeid))


def pytest_collection_finish() -> None:
    """The tests themselves, and what they imported, stay to the end: to look through them for garbage is no use."""
    gc.collect()
    gc.freeze()


LACKING = ("could not import", "is not installed", "needs ")
"""In the reasons of tests that are skipped for want of something that could be installed."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With --nothing-missing a program or a library that a test needs has to be there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.config.getoption("nothing_missing"):
        reasons = {report.longrepr[2] for report in reporter.stats.get("skipped", ()) if report.longrepr}
        missing = [reason for reason in reasons if any(words in reason for words in LACKING)]
        if missing:
            reporter.write_line("missing here: " + "; ".join(sorted(missing)))
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a file; with --accept, write the file instead."""

    def compare(path: Path, seen: str) -> None:
        if request.config.getoption("accept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(seen, encoding="utf-8", newline="\n")
        assert path.is_file(), f"{path} is missing: look at what is seen, then run pytest --accept"
        assert seen == path.read_text(encoding="utf-8"), f"differs from {path}; pytest --accept takes it"

    return compare
