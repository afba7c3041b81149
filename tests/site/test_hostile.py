"""Whatever a spec says, its pages show it and nothing else: in every theme, and by every extension of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from markdown import Markdown
from markdown_it import MarkdownIt

from lstmdiag.commands.group import cli
from lstmdiag.site.builder import Site
from lstmdiag.site.placeholders import fill
from lstmdiag.site.renderer import Renderer
from lstmdiag.site.store import Store
from tests.hostile import CORPUS, broken, findings, model, models, name, squeezed, stem, written
from tests.site.project import Elements, Project

EXTENSIONS = [
    "abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "meta", "nl2br", "smarty", "tables",
    "toc", "wikilinks", "pymdownx.arithmatex", "pymdownx.betterem", "pymdownx.blocks.html", "pymdownx.caret",
    "pymdownx.critic", "pymdownx.details", "pymdownx.emoji", "pymdownx.highlight", "pymdownx.inlinehilite",
    "pymdownx.keys", "pymdownx.magiclink", "pymdownx.mark", "pymdownx.progressbar", "pymdownx.smartsymbols",
    "pymdownx.snippets", "pymdownx.superfences", "pymdownx.tabbed", "pymdownx.tasklist", "pymdownx.tilde",
]  # fmt: skip
THEMES = {
    "material": {
        "font": False,
        "features": ["navigation.footer", "navigation.path", "navigation.tabs", "content.action.edit", "toc.integrate"],
    },
    "mkdocs": {"highlightjs": False},
    "readthedocs": {"highlightjs": False},
}


def site_of(folder: Path, text: str) -> Site:
    """The specs that say it, read; nothing is drawn."""
    specs = folder / "specs"
    specs.mkdir()
    (specs / f"{stem(text)}.yml").write_text(written(model(text)), "utf-8")
    (specs / "broken.yml").write_text(written(broken(text)), "utf-8")
    site = Site(Store(folder / "cache"))
    site.read(specs, folder)
    return site


@pytest.mark.parametrize("key", CORPUS)
@pytest.mark.sweep(6)
def test_markdown_of_any_dialect_finds_nothing_in_it(tmp_path: Path, key: str) -> None:
    """The pages with all but their drawings, read with every extension there is."""
    text = CORPUS[key]
    site = site_of(tmp_path, text)
    built = site.pages("All")
    renderer = Renderer(site.entries, lambda *_: "<svg></svg>")
    seen = {}
    for path, page in built.items():
        source = page.partition("\n---\n")[2]
        html = Markdown(extensions=EXTENSIONS).convert(source)
        html = fill(html, renderer.render)
        assert findings(html) == [], path
        seen[path] = squeezed(Elements.of(html).text)
    shown = seen[f"{stem(text)}.md"]
    assert squeezed(text[:300]) in shown and name(text) in shown
    assert squeezed(text[:100]) in seen["index.md"] and squeezed(text[:40].strip()) in seen["tags.md"]
    letters = re.findall(r"[A-Za-z]", text.splitlines()[0])
    assert not letters or "".join(letters[:12]) in "".join(re.findall(r"[A-Za-z]", seen["broken.md"]))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A few of the texts, those that templates could take for something: drawing is what takes time here."""
    project = Project.make(tmp_path_factory.mktemp("hostile"))
    few = ("handler", "entities", "numbered", "quotes", "closing", "template")
    for path, content in models(CORPUS[key] for key in few):
        project.write(f"specs/{path}", content)
    return project


@pytest.fixture(params=THEMES)
def themed(hostile: Project, request: pytest.FixtureRequest) -> Iterator[Project]:
    theme = {"name": request.param, **THEMES[request.param]}
    more = {"edit_uri": "https://example.org/edit/main/docs/", "site_url": "https://example.org/models/"}
    hostile.configure(theme=theme, **more)
    yield hostile.build(strict=True)


@pytest.mark.sweep(0)
def test_themes_show_it_and_nothing_happens(themed: Project) -> None:
    assert themed.log == []
    built = sorted((themed.root / "site").rglob("*.html"))
    assert len(built) > 11
    for path in built:
        assert findings(path.read_text("utf-8")) == [], path
    for spec in (themed.root / "specs").iterdir():
        assert (themed.root / "site/architectures" / spec.stem / "index.html").is_file()
    gallery = themed.page("architectures/index.html").text
    navigation = squeezed(gallery)
    assert squeezed(CORPUS["handler"]) in navigation and squeezed(CORPUS["entities"]) in navigation


@pytest.mark.parametrize("key", ["template", "closing", "quotes", "fence"])
@pytest.mark.sweep(2)
def test_exported_pages_are_harmless_to_any_program(tmp_path: Path, key: str) -> None:
    """CommonMark with HTML; and whatever takes braces for a template, be it within code."""
    spec = tmp_path / f"{stem(CORPUS[key])}.yml"
    spec.write_text(written(model(CORPUS[key])), "utf-8")
    done = CliRunner().invoke(cli, ["pages", str(spec), "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    pages = sorted((tmp_path / "out").glob("*.md"))
    assert [page.stem for page in pages] == sorted(["index", "tags", spec.stem])
    for page in pages:
        source = page.read_text("utf-8")
        assert not re.search(r"\{[{%]|\{#(?![a-z0-9-]+\})", source), page
        facts, _, rest = source.removeprefix("---\n").partition("\n---\n")
        assert yaml.safe_load(facts)["render_with_liquid"] is False
        assert findings(MarkdownIt("commonmark").render(rest)) == [], page
