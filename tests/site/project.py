"""A small documentation project in a folder of its own, built in process."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import BytecodeCache, Environment, FileSystemLoader
from jinja2.bccache import Bucket
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.theme import Theme

from lstmdiag.site.store import Store

SPECS = Path(__file__).parents[2] / "specs"

CONFIG: dict[str, Any] = {
    "site_name": "models",
    "theme": {"name": "material", "font": False},
    "plugins": ["search", "lstmdiag"],
    "nav": [{"Home": "index.md"}, {"Architectures": "architectures/"}],
    "validation": {"nav": {"omitted_files": "warn"}, "links": {"anchors": "warn"}},
}


class Templates(BytecodeCache):
    """The theme's templates as compiled for an earlier project, which takes a quarter of the time of a small site."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.load_bytecode(BytesIO(self.compiled[bucket.key]))  # where the source is still the same

    def dump_bytecode(self, bucket: Bucket) -> None:
        into = BytesIO()
        bucket.write_bytecode(into)
        self.compiled[bucket.key] = into.getvalue()


TEMPLATES = Templates()


@cache
def listed(*folders: str) -> list[str]:
    """The files of a theme. Material brings 14,000 icons, which MkDocs leaves out after it has looked at each."""
    return [name for name in FileSystemLoader(folders).list_templates() if not name.startswith(".")]


def kept(theme: Theme) -> Callable[[], Environment]:
    """What gives the theme's environment, which lists and compiles the templates only once in all projects."""
    make = theme.get_env

    def made() -> Environment:
        environment = make()
        environment.bytecode_cache = TEMPLATES
        environment.list_templates = lambda filter_func: [*filter(filter_func, listed(*theme.dirs))]
        return environment

    return made


DRAWN: dict[tuple[str, ...], bytes] = {}


@contextmanager
def drawn_once(fresh: str | None = None) -> Iterator[None]:
    """What a store keeps is made once in all projects, as the same ingredients are the same drawing, except `fresh`."""
    real = Store.file

    def file(store: Store, ending: str, made_from: tuple[str, ...], make: Callable[[], bytes]) -> Path:
        def once() -> bytes:
            key = (ending, *made_from)
            if key not in DRAWN:
                DRAWN[key] = make()
            return DRAWN[key]

        anew = fresh is not None and any(fresh in part for part in made_from)
        return real(store, ending, made_from, make if anew else once)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "file", file)
        yield


@dataclass
class Project:
    root: Path
    log: list[str] = field(default_factory=list)
    fresh: str | None = None  # for specs that say it, drawings of other projects will not do

    @classmethod
    def make(cls, root: Path, *specs: str, config: dict[str, Any] | None = None) -> Project:
        """With copies of these founding specs."""
        project = cls(root)
        project.configure(**(config or {}))
        project.write("docs/index.md", "# Home\n")
        (root / "specs").mkdir()
        for name in specs:
            project.write(f"specs/{name}.yml", (SPECS / f"{name}.yml").read_text("utf-8"))
            if (weights := SPECS / f"{name}.npz").is_file():
                (root / "specs" / weights.name).write_bytes(weights.read_bytes())
        return project

    def configure(self, **config: Any) -> None:
        """mkdocs.yml with these keys besides, or instead of those it has."""
        self.write("mkdocs.yml", yaml.safe_dump({**CONFIG, **config}, sort_keys=False))

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def load(self, **options: Any) -> MkDocsConfig:
        config = load_config(str(self.root / "mkdocs.yml"), site_dir=str(self.root / "site"), **options)
        config.theme.get_env = kept(config.theme)
        config.plugins.on_startup(command="build", dirty=False)
        return config

    def build(self, **options: Any) -> Project:
        """Build the site; what MkDocs warns of is in `log`."""
        self.log.clear()
        listener = _Listener(self.log)
        logger = logging.getLogger("mkdocs")
        logger.addHandler(listener)
        try:
            with drawn_once(self.fresh):
                build(self.load(**options))
        finally:
            logger.removeHandler(listener)
        return self

    def html(self, path: str) -> str:
        return (self.root / "site" / path).read_text("utf-8")

    def page(self, path: str) -> Elements:
        return Elements.of(self.html(path))

    def search_text(self) -> str:
        index = json.loads((self.root / "site/search/search_index.json").read_text("utf-8"))
        return "\n".join(f"{doc['title']}\n{doc['text']}" for doc in index["docs"])


class _Listener(logging.Handler):
    def __init__(self, log: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.append(record.getMessage())


class Elements(HTMLParser):
    """Every element of a page, with its attributes, and the text outside scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.all: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._silent = 0

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, html: str) -> Elements:
        """Several tests look at one page."""
        page = cls()
        page.feed(html)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, {key: value or "" for key, value in attrs}))
        self._silent += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if self._silent:
            self.scripts.append(data)
        else:
            self.text += data

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.all if name == tag]

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.all if "id" in attributes]
