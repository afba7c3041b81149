"""Pages from lists of blocks: what becomes of each block, and that all that leads to a section follows from it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lstmdiag.site import template
from lstmdiag.site.outline import Picture, pictures
from lstmdiag.site.pages import page
from lstmdiag.words import Words
from tests.models import GRAPHS, graph, packaged

FACTS = {"spec": "three-units", "level": 2, "suffix": "", "mark_layer": None, "views": ("model", "time"), "many": True}


def written(*blocks: Any, **facts: object) -> str:
    words = Words("test", {"page": [*blocks], "strip": "On this page"})
    return template.page(words, {**FACTS, **facts})


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("{name} has {units:unit}.", "lstm has 3 units."),
        ({"if": "many", "say": "Many."}, "Many."),
        ({"section": "own", "title": "Own {name}", "show": ["Text."]}, "## Own lstm {#own}\n\nText."),
        ({"section": "own", "if": "not many", "title": "Own", "show": ["Text."]}, ""),
        ({"section": "own", "title": "Own", "of": "inner", "show": ["{name}"]}, "## Own {#own}\n\ninner"),
        ({"list": ["a", {"if": "not many", "say": "b"}, {"each": "names", "say": "{it}"}]}, "- a\n- x\n- y"),
        ({"fold": "More", "class": "ld-more", "show": ["a"]},
         '<details class="ld-more" markdown="1"><summary>More</summary>\n\na\n\n</details>'),
        ({"each": "names", "show": ["{it}", "{name}"]}, "x\n\nlstm\n\ny\n\nlstm"),
        ({"table": "{name}", "part": "first"},
         '<div class="lstmdiag" data-spec="three-units" data-table="lstm" data-part="first"></div>'),
    ],
)  # fmt: skip
def test_a_block_becomes_markdown(block: Any, expected: str) -> None:
    assert written(block, name="lstm", units=3, names=["x", "y"], inner={"name": "inner"}) == expected + "\n"


@pytest.mark.parametrize(("blocks", "message"), [
    ([{"tabel": "shapes"}], "test.yml, before the first section: no block is called 'tabel'; did you mean 'table'?"),
    ([{"section": "own", "title": "Own", "show": [{"fold": "More", "class": "c", "show": [{"veiw": "time"}]}]}],
     "test.yml, section 'own': no block is called 'veiw'; did you mean 'view'?"),
    ([{"iff": "many", "say": "Many."}], "test.yml, before the first section: no block is called 'iff'; did you mean"),
])  # fmt: skip
def test_a_block_of_no_known_name_is_told_with_its_place(blocks: list[Any], message: str) -> None:
    with pytest.raises(template.UnknownBlock) as caught:
        written(*blocks)
    assert str(caught.value).startswith(message)


def test_a_view_that_no_block_shows_has_its_question_above_it() -> None:
    found = written({"contents": ""}, {"section": "model", "title": "M", "show": [{"view": "model"}]},
                    {"questions": "model"})  # fmt: skip
    assert pictures(found) == [Picture("model"), Picture("time")]
    assert "## What happens at each step, and what goes to the next step? {#time}" in found
    assert re.findall(r'<a href="#(\w+)">', found) == ["model", "time"]


@pytest.mark.parametrize("name", ["three-units", "encoder-decoder", *(f"graph-{each}" for each in GRAPHS)])
def test_every_link_of_the_strip_leads_to_a_section(name: str) -> None:
    found = page(graph(name.removeprefix("graph-")) if name.startswith("graph-") else packaged(name))
    strip = re.findall(r'<a href="#([^"]*)">', found)
    anchors = re.findall(r"^##.* \{#([^}]*)\}$", found, flags=re.MULTILINE)
    assert strip and set(strip) <= set(anchors)
    assert len(set(anchors)) == len(anchors)
