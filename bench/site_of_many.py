"""The site: 200 specs with a cold cache beside MkDocs building the same pages; what one edit draws again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from measure import Row, interleaved, process

SPECS = 200

CONFIG = """\
site_name: Bench
theme: {{name: material, font: false}}
markdown_extensions: [attr_list, md_in_html, pymdownx.superfences, {{pymdownx.tabbed: {{alternate_style: true}}}}]
extra_css: [assets/lstmdiag/lstmdiag.css]
plugins: [search{plugin}]
"""

LAYERS = (
    ["LSTM: {a}"],
    ["LSTM: {{units: {a}, return_sequences: true}}", "LSTM: {b}", "Dense: 1"],
    ["LSTM: {{units: {a}, name: encoder}}", "RepeatVector: {b}", "LSTM: {{units: {b}, return_sequences: true}}",
     "TimeDistributed: {{Dense: 1}}"],
    ["LSTM: {a}", "Dropout: 0.2", "Dense: {b}", "Dense: 1"],
)  # fmt: skip


def _specs(folder: Path) -> None:
    """Specs of four kinds, no two alike."""
    folder.mkdir(parents=True)
    for number in range(SPECS):
        sizes = {"a": 2 + number, "b": 3 + number % 5}
        layers = "".join(f"  - {layer.format(**sizes)}\n" for layer in LAYERS[number % len(LAYERS)])
        spec = f"version: 1\ntitle: Number {number}\ninput: {{steps: {3 + number % 9}, features: {1 + number % 7}}}\n"
        (folder / f"spec-{number:03d}.yml").write_text(f"{spec}layers:\n{layers}")


def _project(folder: Path, plugin: str) -> Path:
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "index.md").write_text("# Bench\n")
    (folder / "mkdocs.yml").write_text(CONFIG.format(plugin=plugin))
    return folder


def _inlined(ours: Path, theirs: Path) -> None:
    """The pages and files of our site as the author's own: every mark filled in, nothing left to draw."""
    from lstmdiag.site import assets
    from lstmdiag.site.builder import Site
    from lstmdiag.site.placeholders import fill
    from lstmdiag.site.renderer import Renderer
    from lstmdiag.site.store import Store

    site = Site(Store(theirs / "cache"))
    site.read(ours / "specs", ours)
    renderer = Renderer(site.entries, site.inline)
    written: dict[str, str | Path] = dict(assets.files())
    for name, text in site.pages("Architectures").items():
        written[f"architectures/{name}"] = fill(text, renderer.render)
    for name, file in site.downloads(["svg"]):
        written[f"architectures/{name}"] = file
    for name, content in written.items():
        target = theirs / "docs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8") if isinstance(content, str) else shutil.copyfile(content, target)


def site(folder: Path, runs: int) -> list[Row]:
    ours, theirs = _project(folder / "ours", ", lstmdiag"), _project(folder / "theirs", "")
    _specs(ours / "specs")
    _inlined(ours, theirs)

    def build(project: Path) -> None:
        shutil.rmtree(project / ".cache", ignore_errors=True)
        process(sys.executable, "-m", "mkdocs", "build", "--strict", "-f", project / "mkdocs.yml")()

    times = interleaved({"ours": lambda: build(ours), "theirs": lambda: build(theirs)}, runs, warm_up=False)
    before = _drawings(ours)
    spec = ours / "specs" / "spec-001.yml"
    spec.write_text(spec.read_text().replace("title: Number 1\n", "title: Another number\n"))
    process(sys.executable, "-m", "mkdocs", "build", "--strict", "-f", ours / "mkdocs.yml")()
    page = ours / "site" / "architectures" / "spec-001"
    inline = (page / "index.html").read_text("utf-8").count('class="ld-forms"')
    own = len([*page.glob("*.svg")]) + inline + 1  # the numbers of the page are kept as one piece
    redrawn = len(_drawings(ours) - before)
    return [
        Row(f"site of {SPECS} specs / MkDocs with the same pages", times["ours"].median / times["theirs"].median, 2,
            detail=f"{times['ours']} / {times['theirs']}"),
        Row("drawn again after an edit of one spec / its own", redrawn / own, 1,
            detail=f"{redrawn} of {len(before)} drawings; its page has {own}, in it and to download"),
    ]  # fmt: skip


def _drawings(project: Path) -> set[str]:
    return {path.name for path in (project / ".cache").rglob("*") if path.suffix in (".svg", ".html")}
