"""`lstmdiag pages`: the same pages for other programs, which read CommonMark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from lstmdiag.commands.group import cli
from lstmdiag.drawing import Ink, inked
from lstmdiag.site.outline import Picture, pictures
from lstmdiag.site.pages import page as page_of
from lstmdiag.views import VIEWS
from lstmdiag.writers.svg import alone
from lstmdiag.writers.themes import THEMES
from tests.models import packaged


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pages")
    done = CliRunner().invoke(cli, ["pages", "three-units", "encoder-decoder", "--output", str(target)])
    assert done.exit_code == 0, done.output
    return target


@pytest.mark.parametrize("name", ["three-units", "encoder-decoder"])
def test_commonmark_leaves_the_drawings_alone(folder: Path, name: str) -> None:
    source = (folder / f"{name}.md").read_text("utf-8")
    html = MarkdownIt("commonmark").render(re.sub(r"^---\n.*?^---\n", "", source, flags=re.DOTALL | re.MULTILINE))
    drawings = re.findall(r"<svg .*?</svg>", source, flags=re.DOTALL)
    model = packaged(name)
    assert len(drawings) == len(pictures(page_of(model))) + len(model.recurrent)  # the heat maps of their numbers
    for drawing in drawings:
        assert drawing in html
    assert not re.search(r"<(div|span) class=\"lstmdiag\" data-", html)
    assert "<p><svg" not in html and "=== " not in html


def test_every_link_to_a_file_finds_it(folder: Path) -> None:
    for page in folder.glob("*.md"):
        source = page.read_text("utf-8")
        links = re.findall(r'<a href="([^"#]+)" download', source) + re.findall(r"\]\(([^)#:]+)\)", source)
        assert links
        for link in links:
            assert (folder / link).is_file(), f"{page.name}: {link}"


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    def written() -> dict[Path, int]:
        CliRunner().invoke(cli, ["pages", "one-unit", "--output", str(tmp_path)])
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}

    first = written()
    assert len(first) > 10 and written() == first


@pytest.mark.parametrize("view", VIEWS)
def test_a_file_of_its_own_is_what_drawing_it_gives(view: str) -> None:
    diagram = Picture(view).diagram(packaged("encoder-decoder"))
    inline = inked(diagram, "svg", Ink(inline=True)).decode()
    for theme in ("light", "dark"):
        assert alone(inline, THEMES[theme]) == inked(diagram, "svg", Ink(theme=theme)).decode()
