"""Write the shipped fonts once more as WOFF2, a third of the size, for browsers.

Run by hand after changing a font: `python tools/web_fonts.py` (needs fonttools and brotli).
"""

from pathlib import Path

from fontTools.ttLib import TTFont

PACKAGE = Path(__file__).parent.parent / "lstmdiag"

if __name__ == "__main__":
    for source in sorted((PACKAGE / "rendering" / "fonts").glob("*.ttf")):
        target = PACKAGE / "site" / "assets" / f"{source.stem}.woff2"
        font = TTFont(source, recalcTimestamp=False)
        font.flavor = "woff2"
        font.save(target)
        print(target, target.stat().st_size, "bytes")
