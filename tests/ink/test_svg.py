"""The finished SVG: what a page, a screen reader and another picture beside it can rely on."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from lstmdiag.diagrams import Node, Run
from lstmdiag.diagrams.frame import framed
from lstmdiag.diagrams.sheet import Sheet
from lstmdiag.diagrams.text import plain, text
from lstmdiag.rendering import render
from lstmdiag.writers import dot, svg
from lstmdiag.writers.themes import DARK, LIGHT, PAGE, PRINT, Theme, palette
from tests.ink.pictures import TEXTS, everything, labelled, needs_dot

SVG = "{http://www.w3.org/2000/svg}"


def picture(theme: Theme = LIGHT, *, labels: bool = False, engine: str = "graphviz", **how: object) -> str:
    diagram = framed(everything())
    drawn = render(dot.write(diagram, theme, labels=labels), "svg", engine=engine)
    return svg.finish(drawn, diagram, theme=theme, **how)


def test_it_is_told_to_screen_readers() -> None:
    root = ElementTree.fromstring(picture(ident="one"))
    assert root.get("role") == "img" and root.get("aria-labelledby") == "one-title one-desc"
    assert [(child.tag, child.get("id"), child.text) for child in root][:2] == [
        (f"{SVG}title", "one-title", "Everything at once"),
        (f"{SVG}desc", "one-desc", "Two layers & what they pass on."),
    ]
    tips = [title.text for title in root.iter(f"{SVG}title")]
    assert tips == ["Everything at once", "Step 1."]


def test_a_point_is_a_pixel() -> None:
    root = ElementTree.fromstring(picture())
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    sizes = [float(size) for size in re.findall(r'font-size="([^"]*)"', picture())]
    assert min(sizes) >= 12


def test_raised_and_lowered_text_returns_to_the_line() -> None:
    label = text(["c", Run("[2]", "sup"), Run("t", "sub"), " = 0"])
    diagram = Sheet()
    diagram.node("n", label, "op", 0, 0)
    drawn = diagram.diagram(**TEXTS)
    written = svg.finish(render(dot.write(drawn, labels=False), "svg"), drawn)
    assert [float(dy) for dy in re.findall(r'dy="([^"]*)"', written)] == [-5.0, 8.5, -3.5]
    assert "<sup>" in dot.write(drawn) and plain(label) == "c^[2]_t = 0"


def test_ids_of_two_pictures_never_meet() -> None:
    ids = [re.findall(r' id="([^"]*)"', picture(ident=ident)) for ident in ("a", "b")]
    assert len(ids[0]) == len(set(ids[0])) and not set(ids[0]) & set(ids[1])
    assert all(re.fullmatch(r"[A-Za-z][\w-]*", id) for id in (*ids[0], *ids[1]))


def test_any_identity_is_made_safe() -> None:
    assert 'id="a_u22__u3e_b-title"' in picture(ident='a">b')


def test_every_part_that_is_seen_is_there_with_its_classes() -> None:
    root = ElementTree.fromstring(picture(ident="p"))
    groups = {group.get("id"): group.get("class", "").split() for group in root.iter(f"{SVG}g") if group.get("id")}
    for part in (*everything().nodes, *everything().edges, *everything().groups):
        assert {f"ld-{part.role.replace('.', '-')}"} <= set(groups[f"p-{part.id}"])
    assert "mark-again" in groups["p-again"] and "since-3" in groups["p-focus"]
    assert groups["p-cable-2"][1] == "ld-gate-keep"


def test_inline_is_the_same_without_the_prolog() -> None:
    assert picture() == '<?xml version="1.0" encoding="UTF-8"?>\n' + picture(inline=True)
    assert "<!--" not in picture() and "DOCTYPE" not in picture()


def test_on_a_page_colors_are_variables() -> None:
    drawn = picture(PAGE, inline=True)
    assert not re.findall(r'"#[0-9a-f]{6}"', drawn)
    used = {*re.findall(r"var\((--ld-[a-z-]+), #", drawn)}
    assert {"--ld-state-private", "--ld-state-private-fill", "--ld-foreground", "--ld-gate-write"} <= used
    assert used <= set(palette(LIGHT))
    assert 'class="background"' not in drawn


def test_on_a_page_it_looks_as_in_light_until_the_page_decides() -> None:
    plain = re.sub(r"var\(--ld-[a-z-]+, (#[0-9a-f]{6})\)", r"\1", picture(PAGE))
    assert plain == re.sub('<rect class="background".*\n', "", picture(LIGHT))


def test_a_color_in_a_text_is_text() -> None:
    diagram = labelled(f'"{PAGE.foreground}"', "harmless")
    drawn = svg.finish(render(dot.write(diagram, PAGE, labels=False), "svg"), diagram, theme=PAGE)
    assert f'>"{PAGE.foreground}"</' in drawn


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=lambda theme: theme.name)
def test_a_file_has_plain_colors_and_its_ground(theme: Theme) -> None:
    assert "var(" not in picture(theme) and f'fill="{theme.background}"/>' in picture(theme)
    assert 'class="background"' not in picture(replace(theme, transparent=True))


def test_labels_drawn_by_graphviz_make_no_difference() -> None:
    bare, whole = picture(), picture(labels=True)
    assert re.sub('<g id="lstmdiag-ribbon-label".*?</g>\n', "", whole, flags=re.DOTALL) == bare


@needs_dot
def test_the_system_program_draws_the_same_text() -> None:
    texts = [re.findall(r"<text.*?</text>", picture(engine=engine)) for engine in ("graphviz", "dot")]
    assert texts[0] == texts[1] and len(texts[0]) > 20


def test_nothing_but_graphviz_svg_is_taken() -> None:
    with pytest.raises(ValueError, match="no SVG"):
        svg.finish("<svg/>", everything())


def test_css_declares_what_pictures_use() -> None:
    style = svg.css(LIGHT, DARK)
    for name, color in palette(DARK).items():
        assert style.count(f"{name}: {color};") >= 2
    assert style.count("{") == style.count("}") == 4
    assert '[data-md-color-scheme="slate"]' in style and "prefers-color-scheme: dark" in style


def test_a_tip_is_escaped() -> None:
    diagram = replace(everything(), nodes=(Node("n", text("n"), "op", 0, 0, 30, 30, tip="<&>"),), edges=(), groups=())
    drawn = svg.finish(render(dot.write(diagram), "svg"), diagram)
    assert "<title>&lt;&amp;&gt;</title>" in drawn
