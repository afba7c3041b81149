"""`mkdocs serve`, as a process of its own: what one sees in the browser while editing a spec."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.site.project import Project

PATIENCE = 40  # seconds, on a busy machine


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[Project, str]]:
    project = Project.make(tmp_path, "three-units", "one-unit", config={"theme": {"name": "mkdocs"}})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--dev-addr", address, "-f", "mkdocs.yml"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield project, f"http://{address}"
    process.terminate()
    process.wait(10)


def seen(url: str, words: str) -> bool:
    """Whether the page comes to say it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=PATIENCE) as answer:
                if words in answer.read().decode():
                    return True
        except (URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.2)
    return False


def test_an_edit_a_mistake_and_its_mending(serving: tuple[Project, str]) -> None:
    project, address = serving
    page, spec = f"{address}/architectures/three-units/", project.root / "specs/three-units.yml"
    source = spec.read_text("utf-8")
    assert seen(page, "LSTM&#40;3&#41;")
    spec.write_text(source.replace("LSTM: 3", "LSTM: 7"), "utf-8")
    assert seen(page, "LSTM&#40;7&#41;")
    spec.write_text(source.replace("LSTM: 3", "LSTN: 7"), "utf-8")
    assert seen(page, "did you mean")
    assert seen(f"{address}/architectures/one-unit/", "<figure")
    spec.write_text(source, "utf-8")
    assert seen(page, "LSTM&#40;3&#41;")
