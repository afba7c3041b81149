"""One spec that cannot be shown, for whatever reason, costs no other spec its page."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mkdocs.exceptions import Abort

from lstmdiag.site import builder, comparison, figures, guide, outline, page, pages, renderer, tags
from lstmdiag.site.outline import Picture
from tests.site.project import Project

STAGES: dict[str, tuple[Any, str]] = {
    "read and resolve": (builder, "read_either"),
    "the page": (pages, "page"),
    "a part of the page": (page, "layer_facts"),
    "the card": (pages, "_facts"),
    "the tags": (tags, "tags"),
    "the thumbnail": (builder, "thumbnail"),
    "the list of pictures": (builder, "pictures"),
    "a picture's places": (Picture, "diagram"),
    "a picture's ink": (figures, "_form"),
    "a table": (renderer, "table"),
    "the equations": (renderer, "equations_table"),
    "the summary": (renderer, "to_html"),
    "the source": (guide, "yaml_block"),
    "the walk": (builder, "worked_values"),
    "the numbers": (builder, "worked_values"),
    "the breadcrumbs": (renderer, "_crumbs"),
    "a picture's name": (Picture, "file_name"),
    "a comparison's page": (comparison, "sentences"),
    "a comparison's picture": (outline.side_by_side, "pictured"),
    "a comparison's thumbnail": (outline.side_by_side, "together"),
    "a comparison's table": (comparison, "build"),
}
MARK = "units: 7"
BAD = f"version: 1\nsummary: 'It has {MARK}.'\ninput: {{steps: 4, features: 1}}\nlayers: [LSTM: {{{MARK}}}]\n"
COMPARISON = f"version: 1\nsummary: 'Of {MARK}.'\ncompare: [bad.yml, one-unit.yml]\n"


def concerns(*given: Any) -> bool:
    """Whether it is about the spec that goes wrong here, whatever form it has."""
    return any(
        MARK in str(each)
        or 'id="bad-' in str(each)[:80]
        or str(each).startswith("bad-")
        or 'data-spec="bad"' in str(each)
        or getattr(each, "name", "") == "bad"
        for each in given
    )


def bursting(real: Callable[..., Any], happened: list[str]) -> Callable[..., Any]:
    def burst(*given: Any, **more: Any) -> Any:
        if concerns(*given, *more.values()):
            happened.append(real.__name__)
            raise ZeroDivisionError("<b>it burst</b>")
        return real(*given, **more)

    return burst


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project.make(tmp_path, "one-unit", config={"theme": {"name": "mkdocs"}})
    found.fresh = MARK  # what bursts has to be called
    found.write("specs/bad.yml", BAD)
    found.write("specs/both.yml", COMPARISON)
    return found


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.sweep(4)
def test_what_bursts_is_told_on_its_page_alone(project: Project, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name = STAGES[stage]
    happened: list[str] = []
    monkeypatch.setattr(owner, name, bursting(getattr(owner, name), happened))
    with pytest.raises(Abort):
        project.build(strict=True)
    assert happened
    told = [line for line in project.log if "ZeroDivisionError: <b>it burst</b>" in line]
    assert told and all("specs/bad.yml" in line or "specs/both.yml" in line for line in told)
    where = "both" if "comparison" in stage else "bad"
    shown = project.page(f"architectures/{where}/index.html")
    assert "ZeroDivisionError: <b>it burst</b>" in shown.text and "LSTMDIAG_DEBUG" in shown.text
    assert [each for each in shown.all if each[1].get("class") == "ld-problems"]
    other = project.page("architectures/one-unit/index.html")
    assert len(other.named("figure")) == 8 and "burst" not in other.text
    assert (project.root / "site/architectures/one-unit/one-unit.numbers.json").is_file()
    gallery = project.page("architectures/index.html")
    assert {"bad/", "both/", "one-unit/"} <= {link.get("href") for link in gallery.named("a")}


def test_it_is_shown_again_once_it_no_longer_bursts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """While serving: the spec did not change, the reason went away."""
    with monkeypatch.context() as patched:
        patched.setattr(builder, "thumbnail", bursting(builder.thumbnail, []))
        project.build()
    project.build(strict=True)
    assert project.page("architectures/bad/index.html").named("figure")


def test_debugging_shows_where(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTMDIAG_DEBUG", "1")
    monkeypatch.setattr(pages, "page", bursting(pages.page, []))
    with pytest.raises(ZeroDivisionError):
        project.build()


NO_PAGES: dict[str, tuple[str, str]] = {
    "index": ("index.yml", "the page called index is the gallery"),
    "readme": ("README.yml", "the page called README is the gallery, as MkDocs reads it"),
    "tags": ("Tags.yml", "the page called Tags is the list of tags"),
    "twice": ("one-unit.yaml", "another spec has the page called one-unit"),
    "control": ("a\x1b[31m.yml", "no page can have '\\x1b' in its name"),
    "turned": ("a\u202eb.yml", "no page can have '\\u202e' in its name"),
    "blank": (" a.yml", "no page can have ' ' in its name at its start"),
    "long": (f"{'語' * 60}.yml", "no page can have a name of more than 150 bytes"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names for files")
@pytest.mark.parametrize("case", NO_PAGES)
@pytest.mark.sweep(2)
def test_a_name_that_no_page_can_have(tmp_path: Path, case: str) -> None:
    project = Project.make(tmp_path, "three-units")
    name, message = NO_PAGES[case]
    project.write("specs/one-unit.yml", BAD)
    (tmp_path / "specs" / name).write_text(BAD, "utf-8")
    project.build()
    (told,) = project.log
    assert message in told and "give the spec another name" in told
    gallery = project.page("architectures/index.html")
    assert project.page("architectures/one-unit/index.html").named("figure") or case == "twice"
    assert project.page("architectures/three-units/index.html").named("figure")
    beside = {link["href"] for link in gallery.named("a") if re.fullmatch(r"[^./]+/", link.get("href", ""))}
    (own,) = beside - {"one-unit/", "three-units/", "tags/"}
    assert message in project.page(f"architectures/{own}index.html").text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with pipes that have names")
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    project = Project.make(tmp_path, "one-unit")
    os.mkfifo(tmp_path / "specs/pipe.yml")
    (tmp_path / "specs/link.yml").symlink_to(tmp_path / "nothing")
    (tmp_path / "specs/folder.yml").mkdir()
    project.build()
    assert sorted(line.partition("cannot read ")[2] for line in project.log) == [
        "'specs/link.yml': it is no file",
        "'specs/pipe.yml': it is no file",
    ]
    assert project.page("architectures/one-unit/index.html").named("figure")


def test_long_names_have_files(tmp_path: Path) -> None:
    """Of layers: up to 100 characters of any script, where file systems count 255 bytes."""
    project = Project.make(tmp_path)
    layers = ", ".join(f"{{GRU: {{units: {units}, name: {sign * 100}, return_sequences: true}}}}" for units, sign in
                       ((2, "語"), (3, "שׁ"[:1]), (4, "🧠")))  # fmt: skip
    project.write("specs/long.yml", f"version: 1\ninput: {{steps: 4, features: 1}}\nlayers: [{layers}]\n")
    page = project.build(strict=True).page("architectures/long/index.html")
    links = [link["href"] for link in page.named("a") if "download" in link]
    assert len(links) == 2 + 3 * 5 + 1 == len(set(links))
