"""Write lstmdiag/diagrams/widths.json: how wide the characters of the shipped fonts are.

Run by hand after changing a font: `python tools/font_widths.py` (needs fonttools).
"""

import json
from collections.abc import Iterator
from pathlib import Path

from fontTools.ttLib import TTFont

PACKAGE = Path(__file__).parent.parent / "lstmdiag"
FONTS = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}


def tables() -> dict[str, object]:
    """Style → advance in 1/1000 em → the characters that have it, and the pairs that kerning sets apart."""
    fonts = {style: TTFont(PACKAGE / "rendering" / "fonts" / name) for style, name in FONTS.items()}
    return {style: {"advances": advances(font), "apart": sorted(apart(font))} for style, font in fonts.items()}


def advances(font: TTFont) -> dict[str, str]:
    em, metrics = font["head"].unitsPerEm, font["hmtx"]
    by_width: dict[int, list[str]] = {}
    for code, glyph in sorted(font.getBestCmap().items()):
        by_width.setdefault(round(metrics[glyph][0] * 1000 / em), []).append(chr(code))
    return {str(width): "".join(chars) for width, chars in sorted(by_width.items())}


def apart(font: TTFont) -> Iterator[str]:
    """Pairs of characters that stand further apart than their advances say; most kerning is the other way."""
    chars: dict[str, list[str]] = {}
    for code, glyph in font.getBestCmap().items():
        chars.setdefault(glyph, []).append(chr(code))
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            if table.LookupType != 2:  # kerning by pairs of classes, the only form in these fonts
                continue
            for first, record in enumerate(table.Class1Record):
                for second, value in enumerate(record.Class2Record):
                    if second and value.Value1 and getattr(value.Value1, "XAdvance", 0) > 0:
                        before = [g for g in table.Coverage.glyphs if table.ClassDef1.classDefs.get(g, 0) == first]
                        after = [g for g, kind in table.ClassDef2.classDefs.items() if kind == second]
                        yield from (
                            a + b for g in before for a in chars.get(g, ()) for h in after for b in chars.get(h, ())
                        )


if __name__ == "__main__":
    target = PACKAGE / "diagrams" / "widths.json"
    target.write_text(json.dumps(tables(), ensure_ascii=True, indent=0) + "\n", encoding="ascii")
    print(target, target.stat().st_size, "bytes")
