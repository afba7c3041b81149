"""Beside other plugins, which ask every file of the site for its path and its text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import pytest
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from tests.site.project import Project


class Nothing(Config):
    pass


class Asking(BasePlugin[Nothing]):
    """Reads the source of every file by its path, wherever it can."""

    def __init__(self) -> None:
        self.seen: dict[str, set[str]] = {}

    def ask(self, event: str, files: Files | list[File]) -> None:
        for file in files:
            assert file.abs_src_path is not None, f"{event}: {file.src_uri}"
            assert Path(file.abs_src_path).read_bytes() == file.content_bytes
            assert Path(file.abs_src_path).is_absolute()
            self.seen.setdefault(event, set()).add(file.src_uri)

    @event_priority(-150)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        self.ask("files", files)
        return files

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        self.ask("nav", files)
        return nav

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        self.ask("page", [page.file])
        return markdown


class Dropping(Asking):
    """Keeps what lies in docs, and what is no page: as mkdocs-static-i18n 1.3 does, with its files made anew."""

    @event_priority(-100)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        kept = [file for file in files if PurePath(file.abs_src_path).is_relative_to(config.docs_dir)]
        return Files(
            [File(file.src_path, config.docs_dir, config.site_dir, config.use_directory_urls) for file in kept]
        )


def build(project: Project, plugin: Asking, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strictly, with the plugin first in the list."""
    load = project.load

    def loaded(**options: Any) -> MkDocsConfig:
        config = load(**options)
        plugin.load_config({})
        config.plugins[name] = plugin
        return config

    monkeypatch.setattr(project, "load", loaded)
    project.build(strict=True)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    yield Project.make(tmp_path, "one-unit", config={"theme": {"name": "mkdocs"}})


def test_every_file_has_a_path(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = Asking()
    build(project, plugin, "asking", monkeypatch)
    pages = {f"architectures/{name}.md" for name in ("index", "one-unit", "tags")}
    assert pages | {"index.md"} == plugin.seen["page"]
    assert pages < plugin.seen["files"] == plugin.seen["nav"]
    assert "architectures/one-unit/one-unit.time.svg" in plugin.seen["files"]


def test_pages_stay_where_a_plugin_drops_what_lies_outside_docs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(project, Dropping(), "i18n", monkeypatch)
    assert project.log == []
    assert project.page("architectures/one-unit/index.html").named("figure")
    assert project.page("architectures/index.html").named("img")


def test_an_unchanged_page_is_an_unchanged_file(project: Project) -> None:
    """So that others, and `--dirty`, can tell."""
    cache = project.root / ".cache/plugin/lstmdiag"
    project.build()
    before = {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    project.build()
    assert before == {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert len([name for name in before if name.endswith(".md")]) == 3
