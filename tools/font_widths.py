"""Write lstmdiag/diagrams/widths.json: the advance width of every character of the shipped fonts.

Run by hand after changing a font: `python tools/font_widths.py` (needs fonttools).
"""

import json
from pathlib import Path

from fontTools.ttLib import TTFont

PACKAGE = Path(__file__).parent.parent / "lstmdiag"


def widths(path: Path) -> dict[str, object]:
    """Character → advance in 1/1000 em, and what an unknown character is taken to be."""
    font = TTFont(path)
    em, advances = font["head"].unitsPerEm, font["hmtx"]
    table = {chr(code): round(advances[glyph][0] * 1000 / em) for code, glyph in font.getBestCmap().items()}
    by_width: dict[int, list[str]] = {}
    for char, width in sorted(table.items()):
        by_width.setdefault(width, []).append(char)
    return {str(width): "".join(chars) for width, chars in sorted(by_width.items())}


if __name__ == "__main__":
    fonts = {
        style: widths(PACKAGE / "rendering" / "fonts" / file)
        for style, file in (("regular", "DejaVuSans.ttf"), ("bold", "DejaVuSans-Bold.ttf"))
    }
    target = PACKAGE / "diagrams" / "widths.json"
    target.write_text(json.dumps(fonts, ensure_ascii=True, indent=0) + "\n", encoding="ascii")
    print(target, target.stat().st_size, "bytes")
