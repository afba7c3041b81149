"""Bytes → text, and from any stretch of the text to its place; problems are collected here."""

from __future__ import annotations

import re
from bisect import bisect_right
from pathlib import PurePath
from typing import NoReturn

from lstmdiag.errors import LstmdiagError, Place, Problem, in_order
from lstmdiag.files import PICKLED, WEIGHTS

MAX_BYTES = 1_000_000
MAX_PROBLEMS = 100

_OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_BOM = b"\xef\xbb\xbf"
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CONTROL = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LOOKED_AT = 4096  # bytes, in which binary files have about one control character in ten
_LINE_END = re.compile(r"\r\n?|\n")


class Source:
    """A file's text. Positions are counts of characters from its start, as YAML's marks have them."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self._starts = [0, *[end.end() for end in _LINE_END.finditer(text)], len(text)]

    def place(self, start: int, end: int) -> Place:
        """The stretch from start to end, as far as it stays in its first line."""
        row = bisect_right(self._starts, start, hi=len(self._starts) - 1) - 1
        first = self._starts[row]
        line = self.text[first : self._starts[row + 1]].rstrip("\r\n")
        length = max(min(end, first + len(line)) - start, 1)
        return Place(self.path, row + 1, start - first + 1, length, line)


class Report:
    """The problems found so far. Past MAX_PROBLEMS nothing more is read: nobody mends more at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._told: set[int] = set()

    def has_problem_at(self, start: int) -> bool:
        """Whether there is a problem there already, from which another may follow."""
        return start in self._told

    def add(self, message: str, start: int, end: int, hint: str = "") -> None:
        self._told.add(start)
        self.problems.append(Problem(message, self.source.place(start, end), hint))
        if len(self.problems) >= MAX_PROBLEMS:
            more = f"{self.source.path}: more problems follow; these are the first {MAX_PROBLEMS}"
            self.problems.append(Problem(more))
            self.stop()

    def stop(self) -> NoReturn:
        """Raises LstmdiagError with everything found so far, in the order of the file."""
        raise LstmdiagError(in_order(self.problems))


def decode(data: bytes, path: str) -> Source:
    """UTF-8 → Source; raises LstmdiagError with line and column of what is no text."""
    if other := _other_file(data, path):
        raise LstmdiagError(other)
    data = data.removeprefix(_BOM)
    try:
        source = Source(path, data.decode())
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        text = before + data[error.start :].decode(errors="replace")
        place = Source(path, text).place(len(before), len(before) + 1)
        message = f"byte 0x{data[error.start]:02x} (at offset {error.start:,}) is not UTF-8"
        raise LstmdiagError(Problem(message, place, "save the file as UTF-8")) from None
    report = Report(source)
    for found in _NOT_TEXT.finditer(source.text):
        report.add(not_text(found.group()), found.start(), found.end(), "remove it")
    if report.problems:
        report.stop()
    return source


def _other_file(data: bytes, path: str) -> Problem | None:
    """What to do instead with a file that is no spec at all; None where it may be one. Nothing of it is shown."""
    ending = PurePath(path).suffix.lower()
    if ending in WEIGHTS:
        hint = f"write a spec of the model, and give it this file: lstmdiag trace SPEC --weights {path}"
        return Problem(f"{path} is a model file, not a spec", hint=hint)
    if ending in PICKLED:
        hint = "write a spec of the model, and give it the weights as .safetensors: lstmdiag trace SPEC --weights FILE"
        return Problem(f"{path} is a model file, not a spec", hint=hint)
    if ending == ".npy":
        hint = f"a spec reads such numbers: lstmdiag trace SPEC --input {path}"
        return Problem(f"{path} is an array, not a spec", hint=hint)
    if len(data) > MAX_BYTES:
        message = f"a spec may have {MAX_BYTES:,} bytes, this one has more"
        return Problem(message, Place(path, 1, 1), "is this a spec?")
    other = _OTHER_ENCODINGS.get(data[:2])
    if other:
        return Problem(f"the file is {other}, a spec is UTF-8", Place(path, 1, 1), "save it as UTF-8")
    start = data[:_LOOKED_AT]
    if len(_CONTROL.findall(start)) * 20 > len(start):
        return Problem("the file is binary, a spec is text", Place(path, 1, 1), "is this a spec?")
    return None


def not_text(character: str) -> str:
    return f"the control character U+{ord(character):04X} is not text"


def first_control(text: str) -> str:
    """The first character that no drawing and no page can hold, or ''."""
    found = _NOT_TEXT.search(text)
    return found.group() if found else ""
