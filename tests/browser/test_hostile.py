"""Sites of specs that want to do harm, in Chromium: no script of theirs runs, and nothing is asked of other places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.browser.visitor import Visitor, served
from tests.hostile import CORPUS, together
from tests.site.project import Project
from tests.site.test_hostile import THEMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

AT_ONCE = 4  # texts on one page

WATCH = """
window.pwned = [];
window.pwn = (...found) => { window.pwned.push("pwn() ran"); return ""; };
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = window.pwn;
"""


KNOWN = (re.compile(r"'#-?[0-9][\w-]*' is not a valid selector"), re.compile(r"of undefined \(reading '191'\)$"))
"""In MkDocs's own theme, on any page with a heading that begins with a digit, whoever wrote it: Bootstrap's ScrollSpy
looks for `#` and the heading's id, which is no selector; the theme's base.js ends there and has not set `keyCodes`, in
which it later looks up 191, the key of the question mark. Nothing of a spec is run."""

LOOK = """
() => {
  const found = [...window.pwned];
  for (const element of document.querySelectorAll("*")) {
    if (element.localName.includes("pwn") || element.id === "pwn-id") found.push(element.localName);
    for (const { name, value } of element.attributes) {
      const leads = ["href", "src", "action", "data"].includes(name);
      if (name.startsWith("on") || name.includes("pwn") || (leads && /^\\s*(javascript|vbscript):/i.test(value))) {
        found.push(`${element.localName} ${name}=${value}`);
      }
    }
    if (element.localName === "details") element.open = true;
  }
  document.querySelectorAll("[autofocus], input").forEach(element => element.focus());
  return [...found, ...window.pwned];
}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every text of the corpus in every place of the language, as a model, in a comparison, and as mistakes."""
    project = Project.make(tmp_path_factory.mktemp("hostile"))
    texts = [*CORPUS.values()]
    for start in range(0, len(texts), AT_ONCE):
        for path, content in together(texts[start : start + AT_ONCE]):
            project.write(f"specs/{path}", content)
    return project


@pytest.fixture(params=THEMES)
def built(project: Project, request: pytest.FixtureRequest) -> Iterator[Project]:
    project.configure(theme={"name": request.param, **THEMES[request.param]})
    yield project.build()


def test_every_page_of_every_theme_is_harmless(browser: Browser, built: Project) -> None:
    site = built.root / "site"
    pages = sorted(path.relative_to(site) for path in site.rglob("*.html") if path.name != "404.html")
    assert len(pages) > 3 * len(CORPUS) / AT_ONCE
    harm = []
    with served(site) as address:
        visitor = Visitor(browser, address, viewport={"width": 1280, "height": 900})
        visitor.page.add_init_script(WATCH)
        visitor.page.on("dialog", lambda dialog: (visitor.wrong.append("a dialog"), dialog.dismiss()))
        for path in pages:
            visitor.page.goto(f"{address}/{quote(path.as_posix())}", wait_until="load")
            harm += [f"{path}: {each}" for each in visitor.page.evaluate(LOOK)]
        if visitor.page.locator("[data-md-component=search-query]").count():
            harm += search(visitor)
        visitor.close()
    assert harm == []
    assert [each for each in visitor.wrong if not any(known.search(each) for known in KNOWN)] == []


def search(visitor: Visitor) -> list[str]:
    """What becomes of the results, which the theme's script makes of the index."""
    page, harm = visitor.go("architectures/index.html"), []
    query = page.locator("[data-md-component=search-query]")
    for words in ("pwn", "script", "onerror"):
        query.click()
        query.fill("")
        query.press_sequentially(words)  # the theme waits for keys
        page.locator(".md-search-result__meta", has_text="matching").wait_for()  # or: no matching …
        assert words != "pwn" or page.locator(".md-search-result__item").count()
        harm += page.evaluate(LOOK)
    return harm
