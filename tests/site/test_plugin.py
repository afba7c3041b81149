"""The plugin in MkDocs, in process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from posixpath import normpath
from urllib.parse import urlsplit

import pytest
from mkdocs.exceptions import Abort

from tests.site.project import Project

TITLE = "Three units share one sequence"
DRAWN = (".svg", ".html")
BROKEN = "version: 1\ninput: {steps: 4, features: 1}\nlayers:\n  - LSTM: {unitz: 3}\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.make(tmp_path_factory.mktemp("built"), "three-units", "encoder-decoder")
    return project.build(strict=True)


def test_every_spec_has_a_page_and_the_gallery_shows_it(built: Project) -> None:
    assert built.log == []
    gallery = built.page("architectures/index.html")
    for name in ("three-units", "encoder-decoder"):
        assert (built.root / f"site/architectures/{name}/index.html").is_file()
        assert any(link.get("href") == f"{name}/" for link in gallery.named("a"))
        assert any(image["src"] == f"{name}/{name}.thumbnail.svg" for image in gallery.named("img"))
    assert TITLE in gallery.text


def test_groups_are_sections_of_the_navigation_and_tags_a_page(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "lstm", "gru")
    for name, group in (("grouped", "Text"), ("plain", "")):
        said = f"group: {group}\n" if group else ""
        project.write(
            f"specs/{name}.yml",
            f"version: 1\n{said}tags: [poems]\ninput: {{steps: 4, features: 1}}\nlayers: [LSTM: 3]\n",
        )
    page = project.build(strict=True).page("architectures/index.html")
    text = " ".join(page.text.split())
    assert "Text grouped" in text and "Recurrent kinds" in text
    index = project.page("architectures/tags/index.html")
    assert {"tag-poems", "tag-many-to-one"} <= set(index.ids())
    assert [link["href"] for link in index.named("a") if link.get("href", "") in ("../grouped/", "../plain/")]
    assert "poems" in project.search_text()


def test_nothing_is_written_into_docs(built: Project) -> None:
    assert [path.name for path in (built.root / "docs").rglob("*")] == ["index.md"]


def test_pictures_stand_in_the_page_and_beside_it(built: Project) -> None:
    page = built.page("architectures/encoder-decoder/index.html")
    forms = [each for each in page.named("div") if each.get("class", "").startswith("ld-frame")]
    assert len(page.named("figure")) == 14  # model, time, five of each LSTM, its numbers
    assert 14 < len(page.named("desc")) == len(forms) <= 28  # most also in a narrow form; samples say nothing
    links = [link["href"] for link in page.named("a") if link.get("href", "").endswith(".svg") and "download" in link]
    assert len(links) == 12  # the numbers are part of the page alone
    for link in links:
        assert (built.root / "site/architectures/encoder-decoder" / link).read_text("utf-8").startswith("<?xml")


def test_ids_are_unique(built: Project) -> None:
    for path in (built.root / "site").rglob("*.html"):
        counted = Counter(built.page(str(path.relative_to(built.root / "site"))).ids())
        assert [name for name, times in counted.items() if times > 1] == [], path


def test_what_refers_to_an_id_finds_it(built: Project) -> None:
    for path in (built.root / "site").rglob("*.html"):
        page = built.page(str(path.relative_to(built.root / "site")))
        ids = set(page.ids())
        wanted = {i for _, attributes in page.all for i in attributes.get("aria-labelledby", "").split()}
        wanted |= {
            link["href"][1:] for link in page.named("a") if link.get("href", "").startswith("#") and link["href"] != "#"
        }
        assert wanted - ids == set(), path


def test_the_search_finds_words_and_no_drawing(built: Project) -> None:
    text = built.search_text()
    assert "What does one unit compute" in text
    assert "Are three units chained" in text  # the summary
    assert "›" not in text and "polygon" not in text
    for part in ("<svg", "computed, not returned", "<math", "x_t[1]"):
        assert part not in text


def test_the_authors_own_page_wins(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "three-units")
    project.write("docs/architectures/three-units.md", "# By hand\n\nMy own words.\n")
    project.build()
    page = project.page("architectures/three-units/index.html")
    assert "My own words." in page.text
    assert page.named("figure") == []


def test_a_broken_spec_is_told_on_its_page_and_the_others_stay(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "three-units")
    project.write("specs/broken.yml", BROKEN)
    project.build()
    (told,) = project.log
    assert "specs/broken.yml:4:" in told and "did you mean 'units'?" in told
    page = project.page("architectures/broken/index.html")
    assert "no option 'unitz'" in page.text and "did you mean 'units'?" in page.text
    assert project.page("architectures/three-units/index.html").named("figure")
    with pytest.raises(Abort):
        project.build(strict=True)


def test_a_spec_that_is_mended_deleted_or_added_while_serving(tmp_path: Path) -> None:
    """`serve` builds again with a configuration read anew; MkDocs keeps the plugin object."""
    project = Project.make(tmp_path, "three-units")
    project.write("specs/broken.yml", BROKEN)
    project.build()
    project.write("specs/broken.yml", BROKEN.replace("unitz", "units"))
    project.write("specs/new.yml", BROKEN.replace("unitz: 3", "units: 5"))
    (tmp_path / "specs/three-units.yml").unlink()
    project.build()
    assert project.log == []
    assert project.page("architectures/broken/index.html").named("figure")
    assert "LSTM(5)" in project.page("architectures/new/index.html").text
    assert not (tmp_path / "site/architectures/three-units").exists()


def test_only_what_changed_is_drawn_again_and_what_is_unused_goes(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "three-units", "one-unit").build()
    cache = tmp_path / ".cache/plugin/lstmdiag"
    before = {path.name: path.stat().st_mtime_ns for path in cache.iterdir() if path.suffix in DRAWN}
    spec = tmp_path / "specs/one-unit.yml"
    spec.write_text(spec.read_text("utf-8").replace("LSTM: 1", "LSTM: 2"), "utf-8")
    project.build()
    after = {path.name: path.stat().st_mtime_ns for path in cache.iterdir() if path.suffix in DRAWN}
    kept = {name for name in after if before.get(name) == after[name]}
    assert len(kept) == len(before) // 2
    assert len(after) == len(before)


def test_downloads_come_in_three_formats_where_asked_for(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "one-unit", config={"plugins": [{"lstmdiag": {"downloads": True}}]}).build()
    folder = tmp_path / "site/architectures/one-unit"
    assert (folder / "one-unit.cell.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "one-unit.cell.pdf").read_bytes().startswith(b"%PDF")
    links = [
        link["href"] for link in project.page("architectures/one-unit/index.html").named("a") if "download" in link
    ]
    assert {"one-unit.cell.svg", "one-unit.cell.png", "one-unit.cell.pdf"} <= set(links)


def test_marks_in_a_page_by_hand(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "encoder-decoder")
    project.write(
        "docs/index.md",
        "# Home\n\n"
        '<div class="lstmdiag" data-spec="encoder-decoder" data-view="unit" data-layer="decoder"></div>\n\n'
        'With <span class="lstmdiag" data-spec="encoder-decoder" data-fact="params"></span> parameters.\n\n'
        '<div class="lstmdiag" data-spec="encoder-decoder" data-table="shapes"></div>\n',
    )
    page = project.build(strict=True).page("index.html")
    assert len(page.named("figure")) == 1
    assert "With 121,301 parameters." in page.text
    assert any(link.get("href") == "architectures/encoder-decoder/#unit-decoder" for link in page.named("a"))
    assert len(page.named("table")) == 1


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ('data-spec="three-unit" data-view="time"', "did you mean 'three-units'?"),
        ('data-spec="three-units" data-view="tim"', "did you mean 'time'?"),
        ('data-spec="three-units" data-table="param"', "did you mean 'params'?"),
        ('data-spec="three-units" data-fact="lstm.unit"', "did you mean 'units'?"),
        ('data-spec="three-units" data-fact="lst.units"', "did you mean 'lstm'?"),
        ('data-options="LSTN"', "did you mean 'LSTM'?"),
    ],
)
@pytest.mark.sweep(2)
def test_a_placeholder_that_names_nothing_is_a_warning(tmp_path: Path, mark: str, told: str) -> None:
    project = Project.make(tmp_path, "three-units")
    project.write("docs/index.md", f'# Home\n\n<div class="lstmdiag" {mark}></div>\n')
    project.build()
    assert len(project.log) == 1 and told in project.log[0]
    assert told in project.page("index.html").text


def test_pages_need_no_nav_and_no_directory_addresses(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "three-units", config={"use_directory_urls": False, "nav": None})
    project.build(strict=True)
    assert project.page("architectures/three-units.html").named("figure")
    gallery = project.page("architectures/index.html")
    assert any(image["src"] == "three-units/three-units.thumbnail.svg" for image in gallery.named("img"))


def test_the_plain_theme_of_mkdocs_works(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "three-units", config={"theme": {"name": "mkdocs"}})
    assert project.build(strict=True).page("architectures/three-units/index.html").named("figure")


def test_edit_links_lead_to_the_spec(tmp_path: Path) -> None:
    config = {
        "edit_uri": "https://example.org/edit/main/docs/",
        "theme": {"name": "material", "features": ["content.action.edit"]},
    }
    page = Project.make(tmp_path, "three-units", config=config).build().page("architectures/three-units/index.html")
    (link,) = [link["href"] for link in page.named("a") if link.get("rel") == "edit"]
    assert normpath(urlsplit(link).path) == "/edit/main/specs/three-units.yml"


HOSTILE = """\
version: 1
title: '<script>alert(1)</script> {{ 7*7 }} [x](y) `z` *a* $b$ :smile: ]]>'
summary: |
  <img src=x onerror=alert(2)> [click](javascript:alert(3)) ![](https://example.org/x.png) --8<-- "/etc/passwd"
input: {steps: 4, features: 1}
layers:
  - LSTM: {units: 3, name: '"><script>alert(4)'}
  - Dense: {units: 2, name: 'שלום {% raw %} &amp; <b>'}
"""


def test_a_hostile_spec_is_shown_and_does_nothing(tmp_path: Path) -> None:
    snippets = {"markdown_extensions": ["pymdownx.snippets", "pymdownx.emoji", "pymdownx.mark"]}
    project = Project.make(tmp_path, config=snippets)
    project.write("specs/hostile.yml", HOSTILE)
    project.build(strict=True)
    for path in ("architectures/hostile/index.html", "architectures/index.html"):
        page = project.page(path)
        assert not any("alert(" in code for code in page.scripts)
        assert not any("javascript:" in value for _, attributes in page.all for value in attributes.values())
        assert not any(key.startswith("on") for _, attributes in page.all for key in attributes)
        assert not any(image.get("src", "").startswith("http") for image in page.named("img"))
        assert "<script>alert(1)</script> {{ 7*7 }} [x](y) `z` *a* $b$ :smile: ]]>" in page.text
    assert '"><script>alert(4)' in project.page("architectures/hostile/index.html").text
    written = {path.resolve() for path in tmp_path.rglob("*")}
    assert all(path.is_relative_to(tmp_path.resolve()) for path in written)


def test_groups_stand_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    wanted = ["Encoder–decoder", "First steps"]
    project = Project.make(
        tmp_path, "one-unit", "encoder-decoder", "gru", config={"plugins": [{"lstmdiag": {"groups": wanted}}]}
    ).build()
    page = project.html("architectures/index.html")
    places = [page.index(f'<h2 id="{id}">') for id in ("encoderdecoder", "first-steps", "recurrent-kinds")]
    assert places == sorted(places)
