"""A PDF without its birthday, so that the same picture is the same file."""

from __future__ import annotations

import re

_DATE = re.compile(rb"/CreationDate \(D:([^)]*)\)")
_OFFSET = re.compile(rb"^(\d{10}) (\d{5}) n", re.MULTILINE)
_TABLE = re.compile(rb"(startxref\s+)(\d+)(\s+%%EOF\s*)$")
_EPOCH = b"19700101000000Z"


def without_date(pdf: bytes) -> bytes:
    """The file with a constant creation date, and its table of offsets right again.

    The date is as long as the time zone's name, so what follows it moves. A file without a plain table
    of offsets keeps its length instead.
    """
    date, table = _DATE.search(pdf), _TABLE.search(pdf)
    if not date:
        return pdf
    start, end = date.span(1)
    at = int(table[2]) if table else 0
    if not table or not pdf.startswith(b"xref", at):
        return pdf[:start] + _EPOCH.ljust(end - start)[: end - start] + pdf[end:]
    moved = len(_EPOCH) - (end - start)

    def offset(entry: re.Match[bytes]) -> bytes:
        place = int(entry[1])
        return b"%010d %s n" % (place + moved * (place > start), entry[2])

    offsets = _OFFSET.sub(offset, pdf[at : table.start()])
    return pdf[:start] + _EPOCH + pdf[end:at] + offsets + b"%s%d%s" % (table[1], at + moved, table[3])
