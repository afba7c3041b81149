"""YAML text → Spec."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from lstmdiag.errors import LstmdiagError, Place
from lstmdiag.layers import KINDS
from lstmdiag.spec import Example, InputSpec, LayerSpec, Spec

_PACKAGED = Path(__file__).resolve().parent.parent / "_specs"
_CHECKOUT = Path(__file__).resolve().parent.parent.parent / "specs"


def examples() -> dict[str, Path]:
    """Name → file of the specs that come with the package."""
    folder = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
    return {path.stem: path for path in sorted(folder.glob("*.yml"))}


def load(source: str | Path) -> Spec:
    """Read a path, `-` (standard input) or the name of a packaged example."""
    if source == "-":
        return read(sys.stdin.buffer.read(), "<stdin>", "stdin")
    path = Path(source)
    if not path.is_file():
        path = examples().get(str(source), path)
    try:
        return read(path.read_bytes(), str(path), path.stem)
    except OSError as error:
        raise LstmdiagError(f"cannot read {str(source)!r}: {error.strerror}") from None


def read(data: bytes, path: str, name: str) -> Spec:
    """The text of a spec → Spec."""
    text = data.decode()
    root = yaml.compose(text, yaml.CSafeLoader)
    plain: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    lines = text.splitlines()

    def place(node: yaml.Node) -> Place:
        mark = node.start_mark
        return Place(path, mark.line + 1, mark.column + 1, len(str(node.value)), lines[mark.line])

    def layer(value: Any, node: Any) -> LayerSpec:
        if isinstance(value, str):
            return LayerSpec(KINDS[value], KINDS[value].options(), place(node))
        (kind_name, given), ((key, _),) = next(iter(value.items())), node.value
        kind = KINDS[kind_name]
        options = given if isinstance(given, dict) and not kind.wraps else {kind.first: given}
        if kind.wraps:
            options = {"layer": layer(given, node.value[0][1])}
        return LayerSpec(kind, kind.options(**options), place(key))

    nodes = {key.value: (key, value) for key, value in root.value}
    given = plain["input"]
    shape = tuple(given.get("shape") or (given["steps"], given["features"]))
    layers = tuple(map(layer, plain["layers"], nodes["layers"][1].value))
    example = Example(**plain["example"], at=place(nodes["example"][0])) if "example" in plain else None
    inputs = (InputSpec("input", shape, place(nodes["input"][0])),)
    return Spec(name, path, plain.get("title", name), plain.get("summary", ""), inputs, layers, {}, example, text)
