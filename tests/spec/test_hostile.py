"""Files that are made to do harm: an error with a place, soon, in little memory; nothing is executed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmdiag.binding import read_model
from lstmdiag.errors import LstmdiagError
from lstmdiag.spec.source import MAX_PROBLEMS
from lstmdiag.writers import problems
from tests.work import at_most

HEAD = "version: 1\ninput: {steps: 3, features: 1}\n"
GOOD = HEAD + "layers: [{LSTM: 1}]\n"
CALLS = 1_200_000  # about one for each byte that a spec may have
MEGABYTES = 500


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def tower(levels: int) -> str:
    """Shallow where it is written, deep where its aliases are written out."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} {'[' * 20}*a{n - 1}{']' * 20}" for n in range(1, levels)]
    return "\n".join(lines)


HOSTILE: dict[str, Callable[[], str]] = {
    "deep flow": lambda: HEAD + "layers: " + "[" * 10_000,
    "deep closed flow": lambda: HEAD + "layers: " + "[" * 10_000 + "]" * 10_000,
    "deep mappings": lambda: "{a: " * 10_000,
    "deep block": lambda: "\n".join(" " * n + "a:" for n in range(1_200)),
    "deep list": lambda: "- " * 10_000,
    "deep keys": lambda: "? " * 10_000,
    "deep wrappers": lambda: HEAD + "layers:\n  - " + "{TimeDistributed: " * 10_000,
    "alias bomb": lambda: bomb(12),
    "alias tower": lambda: tower(200),
    "many brackets": lambda: "[" * 999_000,
    "many values": lambda: HEAD + "layers: [" + "1," * 450_000 + "]",
    "many layers": lambda: HEAD + "layers:\n" + "  - LSTM: 1\n" * 70_000,
    "too many layers": lambda: HEAD + "layers:\n" + "  - LSTM: 1\n" * 16_000,
    "many wrong layers": lambda: HEAD + "layers:\n" + "  - LSTN: 1\n" * 15_000,
    "many wrong options": lambda: HEAD + "layers:\n  - LSTM:\n" + "".join(f"      unit{n}: 1\n" for n in range(24_000)),
    "many wrong sizes": lambda: "version: 1\nlayers: [{LSTM: 1}]\ninput: {shape: [" + "x," * 45_000 + "]}",
    "many keys": lambda: "".join(f"k{n}: 1\n" for n in range(24_000)),
    "many same keys": lambda: "k: 1\n" * 45_000,
    "many surprises": lambda: "- on\n" * 90_000,
    "many cells": lambda: GOOD + "cells:\n" + "".join(
        f"  C{n}: {{state: [h], equations: {{h: tanh(W @ x)}}}}\n" for n in range(4_000)
    ),
    "many equations": lambda: GOOD + "cells:\n  C:\n    state: [h]\n    equations:\n" + "".join(
        f"      e{n}: e{n + 1} + 1\n" for n in range(20_000)
    ),
    "many states": lambda: GOOD + "cells: {C: {equations: {}, state: [" + "".join(
        f"s{n}, " for n in range(40_000)
    ) + "]}}",
    "many numbers": lambda: GOOD + "example: {input: [" + "[x]," * 20_000 + "]}",
    "long word": lambda: "a" * 999_000,
    "long key": lambda: HEAD + "k" * 900_000 + ": 1\n",
    "long option": lambda: HEAD + 'layers: [{LSTM: {"' + "k" * 900_000 + '": 1}}]',
    "long activation": lambda: HEAD + "layers: [{LSTM: {units: 1, activation: " + "k" * 900_000 + "}}]",
    "long name": lambda: HEAD + "layers: [{LSTM: {units: 1, name: " + "k" * 900_000 + "}}]",
    "long number": lambda: HEAD + "layers: [{LSTM: " + "9" * 900_000 + "}]",
    "long decimals": lambda: HEAD + "layers: [{Dropout: 0." + "9" * 900_000 + "x}]",
    "long equation": lambda: GOOD + "cells: {C: {state: [h], equations: {h: " + "x + " * 200_000 + "x}}}",
    "deep equation": lambda: GOOD + "cells: {C: {state: [h], equations: {h: " + "(" * 900 + "x" + ")" * 900 + "}}}",
    "minus minus": lambda: GOOD + "cells: {C: {state: [h], equations: {h: " + "-" * 1_900 + "x}}}",
    "deep calls": lambda: GOOD + "cells: {C: {state: [h], equations: {h: '" + "tanh(" * 300 + "x" + ")" * 300 + "'}}}",
    "sum of many": lambda: GOOD + "cells: {C: {state: [h], equations: {h: " + "x+" * 900 + "x}}}",
    "many bad equations": lambda: GOOD + "cells:\n" + "".join(
        f"  C{n}: {{state: [h], equations: {{h: y{n}, g: foo(x), a: x +, b: {'x * ' * 200}x}}}}\n" for n in range(900)
    ),
    "many anchors": lambda: "".join(f"- &a{n} x\n" for n in range(60_000)),
    "many blank lines": lambda: "\n" * 999_000,
    "carriage returns": lambda: "\r" * 999_000,
    "open quote": lambda: GOOD + 'title: "' + "\\n" * 400_000,
    "colons": lambda: ":" * 999_000,
    "question marks": lambda: "?\n" * 400_000,
    "bangs": lambda: "!" * 999_000,
    "percents": lambda: "%" * 999_000,
    "sixties": lambda: HEAD + "layers: [{LSTM: " + "1:" * 400 + "1x}]",
    "python object": lambda: HEAD + 'layers: !!python/object/apply:os._exit [7]\n',
    "python name": lambda: HEAD + "title: !!python/name:os.system\n",
    "code in an equation": lambda: GOOD + "cells: {C: {state: [h], equations: {h: \"__import__('os')._exit(7)\"}}}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.sweep(8)
def test_hostile_text(name: str) -> None:
    data = HOSTILE[name]().encode()
    with at_most(CALLS):
        with pytest.raises(LstmdiagError) as raised:
            read_model(data, "spec.yml", "spec")
        for format in problems.FORMATS:
            assert len(problems.write(raised.value.problems, format)) < 200_000
    assert 1 <= len(raised.value.problems) <= MAX_PROBLEMS + 1
    assert any(problem.at for problem in raised.value.problems)


BYTES = {
    "not UTF-8": (GOOD.encode() + b"title: caf\xe9\n", "spec.yml:4:11"),
    "not UTF-8 after wide characters": (GOOD.encode() + "title: 日本".encode() + b"\xff", "spec.yml:4:10"),
    "UTF-16": (GOOD.encode("utf-16"), "UTF-16"),
    "NUL": (GOOD.encode() + b"title: a\x00b\n", "spec.yml:4:9"),
    "escape": (GOOD.encode() + b"title: a\x1b[31mb\n", "spec.yml:4:9"),
    "C1 control": (GOOD.encode() + "title: a\x9bb\n".encode(), "spec.yml:4:9"),
    "line separator": (GOOD.encode() + "title: a\u2028b\n".encode(), "spec.yml:4:9"),
    "binary": (bytes(range(256)), "spec.yml"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "spec.yml:1:1"),
}


@pytest.mark.parametrize("name", BYTES)
def test_what_is_no_text(name: str) -> None:
    data, told = BYTES[name]
    with pytest.raises(LstmdiagError) as raised:
        read_model(data, "spec.yml", "spec")
    text = problems.write(raised.value.problems)
    assert told in text
    assert all(c.isprintable() or c == "\n" for c in text)


@pytest.mark.parametrize("data", [
    b"\xef\xbb\xbf" + GOOD.encode(),
    GOOD.replace("\n", "\r\n").encode(),
    GOOD.replace("\n", "\r").encode(),
    GOOD.rstrip("\n").encode(),
    b"---\n" + GOOD.encode() + b"...\n",
    b"%YAML 1.1\n---\n" + GOOD.encode(),
], ids=["BOM", "CRLF", "CR", "no end", "markers", "directive"])  # fmt: skip
def test_what_is_text(data: bytes) -> None:
    assert read_model(data, "spec.yml", "spec").params == 12


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_alike(end: str) -> None:
    text = GOOD.replace("LSTM", "LTSM").replace("\n", end)
    with pytest.raises(LstmdiagError) as raised:
        read_model(b"\xef\xbb\xbf" + text.encode(), "spec.yml", "spec")
    (problem,) = raised.value.problems
    assert problem.at and (problem.at.line, problem.at.column, problem.at.source) == (3, 11, "layers: [{LTSM: 1}]")


Measured = Callable[..., list[tuple[str, int]]]

MEASURE = """
import resource, sys
from pathlib import Path
from lstmdiag.errors import LstmdiagError
from lstmdiag.binding import load_model
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
for source in sys.argv[1:]:
    try:
        load_model(source)
    except LstmdiagError as error:
        message = error
    else:
        sys.exit(f"accepted {{source}}")
    status = Path("/proc/self/status")  # ru_maxrss is that of the process which began this one, where that is larger
    peak = status.read_text().partition("VmHWM:")[2].split()[0] if status.exists() else 0
    print(message, (int(peak) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024, end="END OF ONE\\n")
"""


@pytest.fixture
def measured() -> Measured:
    """Read sources in a process of their own: what it says of each, and its peak in megabytes up to there."""

    def run(*sources: str, stdin: bytes | None = None) -> list[tuple[str, int]]:
        code = MEASURE.format(limit=1_500_000_000)
        done = subprocess.run([sys.executable, "-c", code, *sources], input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        told = done.stdout.decode().split("END OF ONE\n")[:-1]
        return [(message, int(peak)) for message, _, peak in (each.rpartition(" ") for each in told)]

    return run


def test_memory(tmp_path: Path, measured: Measured) -> None:
    paths = [tmp_path / f"{name}.yml" for name in ("alias bomb", "many values", "deep flow", "many wrong sizes")]
    for path in paths:
        path.write_text(HOSTILE[path.stem]())
    peaks = [peak for _, peak in measured(*map(str, paths))]
    assert len(peaks) == len(paths) and max(peaks) < MEGABYTES, peaks


def test_a_file_of_100_megabytes(tmp_path: Path, measured: Measured) -> None:
    path = tmp_path / "spec.yml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    ((message, peak),) = measured(str(path))
    assert "1,000,000 bytes" in message
    assert peak < MEGABYTES


def test_a_stream_of_100_megabytes(measured: Measured) -> None:
    ((message, peak),) = measured("-", stdin=b"a" * 100_000_000)
    assert "1,000,000 bytes" in message
    assert peak < MEGABYTES


def test_endless_files_are_not_read_to_their_end(measured: Measured) -> None:
    ((message, _),) = measured("/dev/zero")
    assert "bytes" in message
