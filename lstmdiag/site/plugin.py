"""The MkDocs plugin `lstmdiag`: unpacks MkDocs's objects and calls the page builder. Events only."""

from __future__ import annotations

from os.path import relpath
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from mkdocs.config import base
from mkdocs.config import config_options as c
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from lstmdiag.site import addresses, assets
from lstmdiag.site.builder import Site
from lstmdiag.site.nav import with_pages
from lstmdiag.site.placeholders import Facts, fill
from lstmdiag.site.renderer import Renderer
from lstmdiag.site.store import Store
from lstmdiag.spec.schema import schema_text
from lstmdiag.writers import problems

log = get_plugin_logger(__name__)

EXTENSIONS: dict[str, dict[str, Any]] = {
    "attr_list": {}, "md_in_html": {}, "pymdownx.superfences": {}, "pymdownx.tabbed": {"alternate_style": True},
}  # fmt: skip
"""What our pages are written in; added where mkdocs.yml does not name them."""

DROPPING = {"i18n"}  # mkdocs-static-i18n, whose own event has the priority -100
"""Plugins that drop files which lie in no folder of the author's."""

FORMATS = ("svg", "png", "pdf")

Content = tuple[str, str, dict[frozenset[tuple[str, str]], str]]
"""Of a page: the whole, the same without figures, the figures."""

NOTHING: Content = ("", "", {})


class LstmdiagConfig(base.Config):
    specs_dir = c.Dir(exists=True, default="specs")
    """The folder of the specs, beside mkdocs.yml."""
    pages_dir = c.Type(str, default="architectures")
    """Where their pages stand on the site; `- Architectures: architectures/` in nav becomes all of them."""
    title = c.Type(str, default="Architectures")
    """The title of the gallery."""
    groups = c.ListOfItems(c.Type(str), default=[])
    """The order of the groups that specs name; any other comes after them."""
    downloads = c.Type(bool, default=False)
    """Whether pictures are offered as PNG and PDF too; SVG always is."""
    cache_dir = c.Dir(default=".cache/plugin/lstmdiag")
    """Where drawings are kept from build to build."""


class LstmdiagPlugin(BasePlugin[LstmdiagConfig]):
    _site: Site | None = None
    _dirty = False
    _ours: set[str]  # the pages that are made from specs, by path
    _pages: dict[str, Content]

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Being here keeps this object, and with it the specs that were read, over the rebuilds of `serve`."""
        self._dirty = dirty

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        self._ours = set()
        self._pages = {}
        config.watch.append(self.config.specs_dir)
        for extension, settings in EXTENSIONS.items():
            if extension not in config.markdown_extensions:
                config.markdown_extensions.append(extension)
                config.mdx_configs.setdefault(extension, settings)
        config.extra_css.insert(0, assets.CSS)  # first, so that the site's own style has the last word
        config.extra_javascript.append(assets.JS)
        return config

    def _add_first(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Usually: plugins that make a navigation out of files have to find ours."""
        return files if DROPPING & config.plugins.keys() else self._with_pages(files, config)

    @event_priority(-200)
    def _add_last(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Where a plugin keeps nothing but what lies in docs."""
        return self._with_pages(files, config) if DROPPING & config.plugins.keys() else files

    on_files = CombinedEvent(_add_first, _add_last)

    def _with_pages(self, files: Files, config: MkDocsConfig) -> Files:
        cache = Path(self.config.cache_dir)
        if self._site is None or self._site.store.folder != cache:  # a process may build several sites
            self._site = Site(Store(cache))
        site = self._site
        root = Path(config.config_file_path or "mkdocs.yml").parent.resolve()
        site.read(Path(self.config.specs_dir), root, self.config.groups)
        folder = self._folder
        for name, drawing in site.downloads(FORMATS if self.config.downloads else FORMATS[:1]):
            self._add(files, config, f"{folder}/{name}", drawing)
        pages = site.pages(self.config.title)
        specs = {f"{entry.name}.md": entry.path for entry in site.entries.values()}
        for name, content in pages.items():
            self._add(files, config, f"{folder}/{name}", content, edit=specs.get(name))
        if site.store.trouble:
            log.info("%s", site.store.trouble)
        for name, asset in assets.files().items():
            self._add(files, config, name, asset)
        self._add(files, config, "lstmdiag.schema.json", schema_text())
        for entry in site.entries.values():
            if entry.problems:
                log.warning("%s", problems.write(entry.problems, "text").rstrip())
        if config.nav is not None:
            config.nav = with_pages(config.nav, f"{folder}/", site.nav(f"{folder}/", pages))
        return files

    @property
    def _folder(self) -> str:
        return self.config.pages_dir.strip("/")

    def _add(self, files: Files, config: MkDocsConfig, uri: str, content: str | Path, edit: Path | None = None) -> None:
        """A page or file that stands in no folder of the author's; the author's own of that name wins.

        It is a file in the cache all the same: other plugins ask every file of the site for its path.
        """
        if files.get_file_from_path(uri):
            return
        assert self._site is not None
        path = content if isinstance(content, Path) else self._site.store.text(uri, content)
        file = File.generated(config, uri, abs_src_path=str(path.resolve()))
        file.edit_uri = quote(Path(relpath(edit, config.docs_dir)).as_posix()) if edit else None
        files.append(file)
        if uri.endswith(".md"):
            self._ours.add(uri)

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """The title of our pages is HTML already: templates that escape titles leave it as it is."""
        if page.file.src_uri in self._ours and "title" in page.meta:
            page.meta["title"] = Markup(page.meta["title"])
        return markdown

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Every placeholder filled in; drawings and formulas also apart, to be taken out while the search reads."""
        ours = page.file.src_uri in self._ours
        figures: dict[frozenset[tuple[str, str]], str] = {}

        def figure(facts: Facts) -> str:
            return figures.setdefault(frozenset(facts.items()), self._made(facts, page, files))

        words = fill(html, lambda facts: None if _is_figure(facts, ours) else self._made(facts, page, files))
        whole = fill(words, figure)
        self._pages[page.file.src_uri] = whole, words, figures
        return whole

    def _made(self, facts: Facts, page: Page, files: Files) -> str:
        site = self._site
        assert site is not None
        try:
            return site.renderer.render(facts, *self._addresses(site.renderer, facts, page, files))
        except Exception as error:
            reported = site.problems(facts.get("spec", ""), error)
            log.warning("%s: %s", page.file.src_uri, problems.write(reported, "text").rstrip())
            return f'<div class="ld-problems">{problems.write(reported, "html")}</div>'

    # Search plugins read a page in on_page_context. Reading a drawing takes them longer than drawing it takes
    # us, and what they would find in it is no answer to a search.

    @event_priority(100)
    def _hide_figures(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        whole, words, _ = self._pages.get(page.file.src_uri, NOTHING)
        if page.content == whole:
            page.content = words
        return context

    @event_priority(-100)
    def _show_figures(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        figures = self._pages.pop(page.file.src_uri, NOTHING)[-1]
        page.content = fill(page.content or "", lambda facts: figures.get(frozenset(facts.items())))
        return context

    on_page_context = CombinedEvent(_hide_figures, _show_figures)

    def _addresses(self, renderer: Renderer, facts: Facts, page: Page, files: Files) -> tuple[str, dict[str, str]]:
        """Seen from a page: the architecture's page (empty on itself) and the files of one picture, or of one pass."""

        def address(name: str) -> str:
            file = files.get_file_from_path(f"{self._folder}/{name}")
            return "" if file is None or file is page.file else file.url_relative_to(page.file)

        own, names = "", {}
        if "walk" in facts:
            names = {"JSON": addresses.numbers(facts.get("spec", ""))}
        elif "view" in facts:
            model, picture = renderer.subject(facts), renderer.picture(facts)
            own = address(f"{model.name}.md")
            names = {format.upper(): f"{model.name}/{picture.file_name(model, format)}" for format in FORMATS}
        links = {label: address(name) for label, name in names.items()}
        return own, {label: link for label, link in links.items() if link}

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        if self._site is not None and not self._dirty:
            self._site.store.evict()


def _is_figure(facts: Facts, ours: bool) -> bool:
    """Whether the search need not read it: drawings, formulas, numbers, and the tables that every architecture has."""
    return "view" in facts or "equations" in facts or "walk" in facts or ("table" in facts and ours)
