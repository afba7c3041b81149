"""The stylesheet, the script and the fonts of a page, as files of the site."""

from __future__ import annotations

from importlib.resources import files as resources
from pathlib import Path

from lstmdiag.writers.themes import DARK, LIGHT, PRINT, Theme, palette

FOLDER = "assets/lstmdiag"
CSS = f"{FOLDER}/lstmdiag.css"
JS = f"{FOLDER}/lstmdiag.js"


def style() -> str:
    """The colours of every scheme, a rule for each role, then the look of a page."""
    dark = _block('[data-md-color-scheme="slate"], [data-bs-theme="dark"]', DARK)
    return _block(":root", LIGHT) + dark + _roles() + _here("lstmdiag.css").read_text("utf-8") + f"\n@media print {{\n{_block(':root', PRINT)}}}\n"


def _block(selector: str, theme: Theme) -> str:
    lines = "".join(f"  {name}: {value};\n" for name, value in palette(theme).items())
    return f"{selector} {{\n{lines}  --ld-line: color-mix(in srgb, {theme.foreground} 18%, {theme.background});\n}}\n\n"


def _roles() -> str:
    """Words, formulas and rows of tables in the colour of their role."""
    rules = []
    for role in LIGHT.looks:
        name = role.replace(".", "-")
        rules.append(f"var.ld-{name}, math .ld-{name} {{ color: var(--ld-{name}); }}\ntr.ld-{name} {{ --ld-role: var(--ld-{name}); }}\n")
    return "".join(rules) + "\n"


def files() -> dict[str, Path | str]:
    """Path on the site → a file of the package, or text."""
    return {
        CSS: style(),
        JS: _here("lstmdiag.js"),
        **{f"{FOLDER}/{name}": _here(name) for name in ("DejaVuSans.woff2", "DejaVuSans-Bold.woff2")},
    }


def _here(name: str) -> Path:
    return Path(str(resources(__package__))) / name
