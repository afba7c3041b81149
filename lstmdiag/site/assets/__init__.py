"""The stylesheet, the script and the fonts of a page, as files of the site."""

from __future__ import annotations

from importlib.resources import files as resources
from pathlib import Path

from lstmdiag.site.figures import rooms
from lstmdiag.writers.svg import css
from lstmdiag.writers.themes import DARK, LIGHT, palette

FOLDER = "assets/lstmdiag"
CSS = f"{FOLDER}/lstmdiag.css"
JS = f"{FOLDER}/lstmdiag.js"


def style() -> str:
    """The colours of both schemes, a rule for each role, then the look of a page, and of what room there is on it."""
    return css(LIGHT, DARK) + _roles() + _here("lstmdiag.css").read_text("utf-8") + rooms() + _printed()


def _roles() -> str:
    """Words, formulas and rows of tables in the colour of their role."""
    rules = []
    for role in LIGHT.looks:
        name = role.replace(".", "-")
        rules.append(f"var.ld-{name}, math .ld-{name} {{ color: var(--ld-{name}); }}\n")
        rules.append(f"tr.ld-{name} {{ --ld-role: var(--ld-{name}); }}\n")
    return "".join(rules)


def _printed() -> str:
    """Paper is white, whatever the screen is."""
    values = "".join(f"    {name}: {color};\n" for name, color in palette(LIGHT).items())
    return f"\n@media print {{\n  :root, [data-md-color-scheme] {{\n{values}  }}\n}}\n"


def files() -> dict[str, Path | str]:
    """Path on the site → a file of the package, or text."""
    return {
        CSS: style(),
        JS: _here("lstmdiag.js"),
        **{f"{FOLDER}/{name}": _here(name) for name in ("DejaVuSans.woff2", "DejaVuSans-Bold.woff2")},
    }


def _here(name: str) -> Path:
    return Path(str(resources(__package__))) / name
