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
    drawings = re.findall(r"<svg [^>]* id=.*?</svg>", source, flags=re.DOTALL)
    model = packaged(name)
    figures = len(pictures(page_of(model))) + len(model.recurrent)  # the heat maps of their numbers
    assert len(drawings) == source.count('class="ld-frame') and source.count('class="ld-forms"') == figures
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
def test_a_file_of_its_own_has_its_title_and_caption(folder: Path, view: str) -> None:
    picture = Picture(view)
    if picture not in pictures(page_of(packaged("encoder-decoder"))):
        pytest.skip("no picture of that page")
    diagram = picture.diagram(packaged("encoder-decoder"))
    file = folder / "encoder-decoder" / picture.file_name(packaged("encoder-decoder"), "svg")
    assert file.read_bytes() == inked(diagram, "svg", Ink())
    assert {"frame-title", "frame-claim"} <= {node.id for node in diagram.nodes}
