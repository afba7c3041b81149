"""The built site in Chromium: every page, light and dark, wide and narrow, and the script at work.

Builds into a folder of its own. Needs Debian's chromium, or CHROMIUM=/path/to/it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.visitor import Visitor, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


def pages(site: Path) -> list[str]:
    return sorted(str(path.relative_to(site)) for path in site.rglob("*.html") if path.name != "404.html")


def test_every_page(browser: Browser, address: str, site: Path) -> None:
    """Each is opened once, and made narrow."""
    visitor = Visitor(browser, address, viewport=SIZES["wide"])
    found = pages(site)
    assert len(found) > 10
    for path in found:
        page = visitor.go(path)
        for size in SIZES.values():
            visitor.resize(size)
            beyond = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert beyond <= 0, f"{path} is {beyond} px too wide at {size['width']} px"
            widths = page.evaluate(
                "[...document.querySelectorAll('figure.lstmdiag')].map(each => each.getBoundingClientRect().width)"
            )
            assert max(widths, default=0) <= size["width"], path  # 0: inside a folded part
    assert visitor.wrong == []
    visitor.close()


@pytest.mark.parametrize("path", ["index.html", "questions.html", "architectures/index.html", "architectures/gru.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_the_colours_of_the_system(browser: Browser, address: str, path: str, scheme: Any) -> None:
    visitor = Visitor(browser, address, viewport=SIZES["narrow"], color_scheme=scheme)
    page = visitor.go(path)
    shown = "slate" if scheme == "dark" else "default"
    assert page.locator("body").get_attribute("data-md-color-scheme") == shown
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert visitor.wrong == []
    visitor.close()


def test_pictures_are_there_and_never_smaller_than_drawn(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 390, "height": 844})
    page = visitor.go("architectures/three-units.html")
    drawings = page.locator("figure.lstmdiag svg[role=img]:visible").all()
    assert len(drawings) == 8
    for drawing in drawings:
        box = drawing.bounding_box()
        assert box is not None
        assert box["width"] >= float(drawing.get_attribute("width") or 0) - 1
        assert drawing.locator("title").first.text_content()
    visitor.close()


SEEN = """() => {
  const seen = [...document.querySelectorAll("figure.lstmdiag .ld-frame")].filter(frame => frame.offsetParent);
  return seen.map(frame => {
    const svg = frame.querySelector("svg[role=img]");
    const zoom = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text, tspan")];
    const sizes = texts.map(text => parseFloat(getComputedStyle(text).fontSize) * zoom);
    return [svg.classList[1], frame.scrollWidth - frame.clientWidth, Math.min(...sizes)];
  });
}"""
"""Of each drawing that is seen: its view, how far it scrolls sideways, its smallest text in pixels."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["three-units", "stacked-classifier", "last-step"])
def test_nothing_scrolls_sideways_and_no_text_is_small(browser: Browser, address: str, name: str, size: str) -> None:
    visitor = Visitor(browser, address, viewport=SIZES[size])
    seen = visitor.go(f"architectures/{name}.html").evaluate(SEEN)
    assert {view for view, _, _ in seen} >= {"view-model", "view-time", "view-layer", "view-unit", "view-cell"}
    assert [(view, beyond) for view, beyond, _ in seen if beyond > 0] == []
    assert min(smallest for _, _, smallest in seen) >= 11.9
    visitor.close()


def test_the_form_that_is_not_seen_is_not_read_aloud(browser: Browser, address: str) -> None:
    for size, form in (("wide", "ld-wide"), ("narrow", "ld-narrow")):
        visitor = Visitor(browser, address, viewport=SIZES[size])
        page = visitor.go("architectures/three-units.html")
        figure = page.locator("figure.lstmdiag").nth(1)
        shown = figure.locator(".ld-frame:visible")
        assert shown.count() == 1 and form in (shown.get_attribute("class") or "")
        assert figure.get_by_role("img").count() == 1  # by roles, as a screen reader finds it
        visitor.close()


def test_colours_follow_the_palette(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = visitor.go("architectures/three-units.html")
    stroke = "getComputedStyle(document.querySelector('figure .edge.ld-state-public path')).stroke"
    light = page.evaluate(stroke)
    page.locator("label[for=__palette_1]").click()
    page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
    assert page.evaluate(stroke) != light
    visitor.close()


def test_enlarge_and_back(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 1280, "height": 900})
    page = visitor.go("architectures/three-units.html")
    figure = page.locator("figure.lstmdiag").nth(1)
    figure.get_by_role("button", name="Enlarge").click()
    assert page.locator("dialog[open] svg[role=img]").is_visible()
    page.keyboard.press("Escape")
    assert figure.locator("svg[role=img]:visible").count() == 1
    assert page.locator("dialog").count() == 0
    assert visitor.wrong == []
    visitor.close()


def test_enlarged_drawings_fit_a_phone_and_can_be_made_larger(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 390, "height": 844})
    page = visitor.go("architectures/encoder-decoder.html")
    page.get_by_role("button", name="Enlarge").first.click()
    drawing, dialog = page.locator("dialog[open] svg[role=img]"), page.locator("dialog[open]")
    fitted = drawing.evaluate("e => e.getBoundingClientRect().width")
    assert fitted <= 390
    page.get_by_role("button", name="Larger").click()
    assert drawing.evaluate("e => e.getBoundingClientRect().width") > 1.9 * fitted
    assert dialog.evaluate("e => e.scrollWidth > e.clientWidth")
    visitor.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("anchor", ["time", "unit", "unit-decoder"])
def test_headings_reached_by_anchors_are_not_covered(browser: Browser, address: str, size: str, anchor: str) -> None:
    visitor = Visitor(browser, address, viewport=SIZES[size])
    page = visitor.go(f"architectures/encoder-decoder.html#{anchor}")
    heading, strip = page.locator(f"#{anchor}").bounding_box(), page.locator(".ld-contents").bounding_box()
    assert heading is not None and strip is not None
    assert strip["y"] + strip["height"] <= heading["y"] < SIZES[size]["height"] / 2
    visitor.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_buttons_can_be_read(browser: Browser, address: str, scheme: Any) -> None:
    visitor = Visitor(browser, address, viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = visitor.go("index.html")
    brightness = "c => c.match(/\\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) / 3"
    for button in page.locator("a.md-button").all():
        filled = "md-button--primary" in (button.get_attribute("class") or "")
        ground = "getComputedStyle(e).backgroundColor" if filled else "getComputedStyle(document.body).backgroundColor"
        seen = button.evaluate(f"e => [getComputedStyle(e).color, {ground}].map({brightness})")
        assert abs(seen[0] - seen[1]) > 80
    visitor.close()


def test_the_first_column_stays_in_sight(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 390, "height": 844})
    page = visitor.go("architectures/encoder-decoder.html")
    table = page.locator("[aria-label=Parameters]")
    first = table.locator("tbody tr > :first-child").first
    before = first.bounding_box()
    table.evaluate("e => { e.scrollLeft = 200 }")
    after = first.bounding_box()
    assert before is not None and after is not None
    assert before["x"] == after["x"]
    visitor.close()


def test_pointing_at_a_quantity_shows_it_everywhere(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 1280, "height": 900})
    page = visitor.go("architectures/three-units.html")
    page.locator("var.sym-f").first.hover()
    assert page.locator("figure.lstmdiag .sym-f.ld-hot").count() > 0
    page.mouse.move(0, 0)
    assert page.locator(".ld-hot").count() == 0
    visitor.close()


def test_the_script_runs_again_after_instant_navigation(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 1280, "height": 900})
    page = visitor.go("architectures/index.html")
    page.locator(".ld-card a").filter(has_text="Three units share").click()
    page.wait_for_url("**/three-units.html")
    page.locator("figure.lstmdiag button").first.wait_for()
    figures = page.locator("figure.lstmdiag").count()
    assert page.get_by_role("button", name="Enlarge").count() == figures
    visitor.close()


def test_everything_reads_without_javascript(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = visitor.go("architectures/encoder-decoder.html")
    assert page.locator("figure.lstmdiag svg[role=img]").first.is_visible()
    assert page.locator("math").first.is_visible()
    assert page.locator("figure.lstmdiag button").count() == 0
    folded = page.locator("details.ld-inside").first
    assert not folded.locator("svg[role=img]").first.is_visible()
    folded.locator("> summary").click()
    assert folded.locator("svg[role=img]").first.is_visible()
    visitor.close()


def test_the_site_works_from_a_disk(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="See the architectures").click()
    page.locator(".ld-card a").filter(has_text="Three units share").click()
    page.wait_for_url("**/architectures/three-units.html")
    page.locator("figure.lstmdiag button").last.wait_for()
    assert page.get_by_role("button", name="Enlarge").count() == page.locator("figure.lstmdiag").count() == 8
    page.close()


def test_paper_has_everything_and_is_white(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 794, "height": 1123}, color_scheme="dark")
    page = visitor.go("architectures/encoder-decoder.html")
    page.emulate_media(media="print")
    assert page.locator("details.ld-inside svg[role=img]").first.is_visible()
    ink = page.evaluate("getComputedStyle(document.querySelector('figure.lstmdiag')).backgroundColor")
    assert ink == "rgb(255, 255, 255)"
    visitor.close()


def test_the_keyboard_reaches_every_drawing(browser: Browser, address: str) -> None:
    visitor = Visitor(browser, address, viewport={"width": 390, "height": 844})
    page = visitor.go("architectures/one-unit.html")
    frames = page.locator("figure.lstmdiag .ld-frame:visible")
    for frame in frames.all():
        frame.focus()
        assert frame.evaluate("element => element === document.activeElement")
    visitor.close()
