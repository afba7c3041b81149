"""A PNG that says how large it is meant to be."""

from __future__ import annotations

from struct import pack
from zlib import crc32

HEADER = 8 + 25  # bytes: the signature, and the chunk IHDR, which stands first
INCH = 0.0254  # metres


def with_resolution(png: bytes, dots: float) -> bytes:
    """The file with a chunk `pHYs` behind its header: so many dots an inch, both ways (PNG specification, 11.3.5.3)."""
    a_metre = round(dots / INCH)
    data = b"pHYs" + pack(">IIB", a_metre, a_metre, 1)
    chunk = pack(">I", len(data) - 4) + data + pack(">I", crc32(data))
    return png[:HEADER] + chunk + png[HEADER:]
