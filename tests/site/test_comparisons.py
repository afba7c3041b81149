"""Pages of comparisons, in MkDocs and as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config.defaults import MkDocsConfig

from lstmdiag.commands.group import cli
from tests.site.project import Project, drawn_once

MEMBERS = ("lstm", "gru", "simple-rnn")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.make(tmp_path_factory.mktemp("built"), "compare-kinds", *MEMBERS)
    return project.build(strict=True)


def test_the_page_shows_words_pictures_and_numbers(built: Project) -> None:
    assert built.log == []
    page = built.page("architectures/compare-kinds/index.html")
    assert "gru has 3 blocks of weights (r, z, n) where lstm has 4 (i, f, g, o)" in page.text
    assert len(page.named("figure")) == 3  # cell, time and gradient
    assert [cell for cell in ("128", "108", "32") if cell in page.text] == ["128", "108", "32"]
    assert "compare: [lstm.yml, gru.yml, simple-rnn.yml]" in page.text
    ids = page.ids()
    assert len(ids) == len(set(ids))


def test_it_links_to_the_models_and_the_gallery_to_it(built: Project) -> None:
    page = built.page("architectures/compare-kinds/index.html")
    links = {link.get("href") for link in page.named("a")}
    assert {f"../{name}/" for name in MEMBERS} <= links
    for link in (link["href"] for link in page.named("a") if "download" in link):
        assert (built.root / "site/architectures/compare-kinds" / link).read_text("utf-8").startswith("<?xml")
    gallery = built.page("architectures/index.html")
    assert any(image["src"] == "compare-kinds/compare-kinds.thumbnail.svg" for image in gallery.named("img"))
    assert any(link.get("href") == "compare-kinds/" for link in gallery.named("a"))


def test_a_change_of_a_member_is_a_change_of_the_page(tmp_path: Path) -> None:
    """The plugin's object lives on over the rebuilds of `serve`, as here."""
    project = Project.make(tmp_path, "compare-kinds", *MEMBERS)
    config = project.load()

    def build(config: MkDocsConfig) -> None:
        with drawn_once():
            mkdocs_build(config)

    build(config)
    path = "architectures/compare-kinds/index.html"
    assert "128 parameters" in project.page(path).text
    gru = (project.root / "specs/gru.yml").read_text("utf-8")
    project.write("specs/gru.yml", gru.replace("GRU: 4", "GRU: 7"))
    build(config)
    page = project.page(path)
    assert f"{3 * (7 * 3 + 7 * 7 + 2 * 7)} in all instead of 128" in page.text
    assert "H=7" in project.html(path)  # and its picture
    project.write("specs/gru.yml", gru.replace("GRU: 4", "GRU: {unitz: 4}"))
    build(config)
    assert "GRU has no option 'unitz'" in project.page(path).text
    project.write("specs/gru.yml", gru)
    build(config)
    assert "108 in all instead of 128" in project.page(path).text


def test_as_files(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["pages", "compare-kinds", "lstm", "gru", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "compare-kinds.md").read_text("utf-8")
    assert "](lstm.md)" in page and "](gru.md)" in page
    assert "](simple-rnn.md)" not in page  # it was not asked for
    assert page.count('class="ld-forms"') == 3
    for view in ("cell", "time", "gradient"):
        assert (tmp_path / f"compare-kinds/compare-kinds.{view}.svg").is_file()


def test_a_mark_for_a_model_that_names_a_comparison(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "compare-kinds", *MEMBERS)
    project.write("docs/index.md", '<div class="lstmdiag" data-spec="compare-kinds" data-table="shapes"></div>\n')
    project.build()
    assert any("the spec 'compare-kinds' compares others" in line for line in project.log)
