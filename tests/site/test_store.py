"""Drawings are kept, and what is not whole is drawn again; where nothing can be kept the site is built all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lstmdiag.site.store import Store
from tests.site.project import Project

CACHE = ".cache/plugin/lstmdiag"


class Maker:
    """Counts how often it is called."""

    def __init__(self, content: bytes = b"<svg/>") -> None:
        self.content, self.times = content, 0

    def __call__(self) -> bytes:
        self.times += 1
        return self.content


@pytest.mark.parametrize("content", [b"<svg/>", b""])
def test_a_file_is_made_once(content: bytes, tmp_path: Path) -> None:
    make = Maker(content)
    for _ in range(2):
        store = Store(tmp_path / "a" / "b")
        for _ in range(2):
            assert store.file("svg", ("one",), make).read_bytes() == content
        store.evict()
    assert make.times == 1 and not store.trouble


@pytest.mark.parametrize("damage", [b"", b"<sv", b"<svg></svg>", None])
def test_a_file_that_is_not_whole_is_made_again(damage: bytes | None, tmp_path: Path) -> None:
    """Empty, cut off, another one, or gone."""
    make = Maker()
    path = Store(tmp_path).file("svg", ("one",), make)
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    assert Store(tmp_path).file("svg", ("one",), make).read_bytes() == b"<svg/>"
    assert make.times == 2


def test_what_nobody_asked_for_goes(tmp_path: Path) -> None:
    (tmp_path / "0123.svg").write_bytes(b"by another version")
    store = Store(tmp_path)
    one, two = (store.file("svg", (name,), Maker()) for name in ("one", "two"))
    store.evict()
    assert {one, two} == set(tmp_path.iterdir())
    store.file("svg", ("one",), Maker())
    store.evict()
    assert {one} == set(tmp_path.iterdir())


def test_a_folder_that_is_a_file_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    store, make = Store(tmp_path / "cache"), Maker()
    path = store.file("svg", ("one",), make)
    assert path.read_bytes() == b"<svg/>" == store.file("svg", ("one",), make).read_bytes()
    assert make.times == 1
    assert store.trouble.startswith("drawings are not kept for the next build: cannot write to")
    store.evict()
    assert path.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="who may do everything is never refused")
def test_a_folder_that_is_read_only_keeps_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert Store(tmp_path).file("svg", ("one",), Maker()).exists()
    tmp_path.chmod(0o700)


def test_the_site_is_built_without_a_cache(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "one-unit")
    project.write(".cache", "a file")
    project.build()
    page = (tmp_path / "site/architectures/one-unit/index.html").read_text("utf-8")
    assert "<svg" in page and project.log == []


def test_the_site_has_its_pictures_whatever_the_cache_holds(tmp_path: Path) -> None:
    page = tmp_path / "site/architectures/one-unit/index.html"
    project = Project.make(tmp_path, "one-unit")
    project.fresh = "LSTM"  # what the cache has lost is drawn again
    project.build()
    first = page.read_text("utf-8")
    for path in (tmp_path / CACHE).iterdir():
        path.write_bytes(path.read_bytes()[: len(path.name) % 3])
    project.build()
    assert page.read_text("utf-8") == first
