"""YAML text → Spec: `load` for a path, `-` or an example's name, `read` for bytes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstmdiag.cells.cell import Cell
from lstmdiag.errors import LstmdiagError, Problem, in_order
from lstmdiag.files import reason
from lstmdiag.layers import Kinds
from lstmdiag.layers.custom import custom_kind
from lstmdiag.spec import Comparison, Example, InputSpec, LayerSpec, Ref, Spec, SpecError, yaml_nodes
from lstmdiag.spec.checking import checked, found
from lstmdiag.spec.document import MAX_CELLS, MAX_LAYERS, VERSION, Document, one_line, words
from lstmdiag.spec.example import read_example, read_input, read_inputs
from lstmdiag.spec.layers import LayerReader
from lstmdiag.spec.source import MAX_BYTES, Report, decode
from lstmdiag.spec.yaml_nodes import Node, Scalar, parse, plain

_PACKAGE = Path(__file__).resolve().parent.parent
ENDINGS = (".yml", ".yaml")


def examples() -> dict[str, Path]:
    """Name → file of the specs that come with the package (in a checkout: the folder `specs`)."""
    packaged = _PACKAGE / "_specs"
    folder = packaged if packaged.is_dir() else _PACKAGE.parent / "specs"
    return {path.stem: path for path in sorted(folder.glob("*")) if path.suffix in ENDINGS}


def load(source: str | Path) -> Spec:
    """Read a path, `-` (standard input) or the name of a packaged example. Raises LstmdiagError."""
    opened = open_spec(source)
    return read(opened.data, opened.path, opened.name)


@dataclass(frozen=True, slots=True)
class SpecBytes:
    """The bytes of a spec, its path and name as shown, and the folder that paths in it are relative to."""

    data: bytes
    path: str
    name: str
    folder: Path


def open_spec(source: str | Path) -> SpecBytes:
    """A path, `-` or an example's name → bytes. Raises LstmdiagError."""
    if source == "-":
        return SpecBytes(standard_input(MAX_BYTES + 1), "<stdin>", "stdin", Path())
    path = Path(source)
    try:
        if not path.exists():
            path = examples().get(str(source), path)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise LstmdiagError(_unreadable(path, error)) from None
    return SpecBytes(data, _shown(path), _shown(Path(path.stem)), path.parent)


def read_bytes(path: Path, shown: str) -> bytes:
    """A spec that stands in a folder of specs, and one byte more than a spec may have at most.

    Raises LstmdiagError, with the path as it is `shown`.
    """
    try:
        if not path.is_file():  # a pipe or a device may have no end
            raise LstmdiagError(f"cannot read {shown!r}: it is no file")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise LstmdiagError(_unreadable(path, error)) from None


def standard_input(most: int = -1) -> bytes:
    """At most so many bytes of it. Raises LstmdiagError where there is none."""
    if sys.stdin is None:  # `<&-`
        raise LstmdiagError("standard input is closed")
    try:
        return sys.stdin.buffer.read(most)
    except OSError as error:
        raise LstmdiagError(f"cannot read standard input: {reason(error)}") from None


def _shown(path: Path) -> str:
    """A path as text that can be printed, whatever bytes the file's name has."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _unreadable(path: Path, error: OSError | ValueError) -> str:
    if not isinstance(error, FileNotFoundError):
        return f"cannot read {_shown(path)!r}: {reason(error)}"
    from difflib import get_close_matches

    beside = [str(p) for p in path.parent.glob("*") if p.suffix in ENDINGS] if path.parent.is_dir() else []
    close = get_close_matches(str(path), [*beside, *examples()], n=1)
    hint = f"did you mean {_shown(Path(close[0]))!r}?" if close else "the examples are " + ", ".join(examples())
    return f"no file and no example {_shown(path)!r}; {hint}"


def read(data: bytes, path: str, name: str) -> Spec:
    """The bytes of a model's spec → Spec. `path` is shown in messages, `name` names the model.

    Raises LstmdiagError with every problem, SpecError where there is something left to judge.
    """
    found = read_either(data, path, name)
    if isinstance(found, Comparison):
        raise LstmdiagError(Problem("this spec compares others, it is no model", found.at, "lstmdiag compare reads it"))
    return found


def read_either(data: bytes, path: str, name: str) -> Spec | Comparison:
    """The same for a spec that may have `compare:`; what that names is not opened here."""
    source = decode(data, path)
    report = Report(source)
    root = parse(report)
    if root is None or (isinstance(root, Scalar) and root.value is None):
        report.add("the file is empty", 0, 0, f"a spec begins with version: {VERSION}")
        report.stop()
    if not isinstance(root, yaml_nodes.Mapping):
        hint = f"it begins with version: {VERSION}"
        report.add(f"a spec is a mapping of keys, found {found(root)}", root.start, root.end, hint)
        report.stop()
    _check_version(root, report)
    if "compare" in root.items:
        from lstmdiag.spec.comparison import read_comparison  # as with `cells`, a spec brings what it has

        return read_comparison(root, name, report)
    document = checked(Document, _outline(root), root, report, who="a spec", at=Scalar(0, 0, None))
    spec = _spec(root, document, name, report)
    if report.problems:
        raise SpecError(in_order(report.problems), spec)
    return spec


def _outline(root: yaml_nodes.Mapping) -> dict[str, Any]:
    """The document with its sections still as nodes."""
    outline: dict[str, Any] = {}
    for key, (_, node) in root.items.items():
        if isinstance(node, Scalar):
            outline[key] = node.value
        elif isinstance(node, yaml_nodes.Sequence):
            outline[key] = node.items if key == "layers" else plain(node)
        elif isinstance(node, yaml_nodes.Mapping):
            outline[key] = {name: value for name, (_, value) in node.items.items()}
    return outline


def _check_version(root: yaml_nodes.Mapping, report: Report) -> None:
    """Another version is another language: nothing else is judged then."""
    _, node = root.items.get("version", (None, None))
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and value != VERSION and node is not None:
        hint = f"this lstmdiag reads version: {VERSION}"
        report.add(f"version {value} of the spec language is not known", node.start, node.end, hint)
        report.stop()


def _spec(root: yaml_nodes.Mapping, document: Document | None, name: str, report: Report) -> Spec:
    """Section by section, whatever the state of the others."""
    cells, broken = _cells(root, report)
    kinds = Kinds({cell.name: custom_kind(cell) for cell in cells.values()})
    layers = _layers(root, LayerReader(kinds, broken, report))
    inputs = _inputs(root, report)
    example: Example | None = None
    if "example" in root.items:
        example = read_example(*root.items["example"], inputs, report)
    said = document or Document.model_construct()
    return Spec(
        name, report.source.path, one_line(said.title) or name, (said.summary or "").strip(), inputs, layers, cells,
        example, report.source.text, _outputs(root, said, report), one_line(said.group), words(said.tags),
    )  # fmt: skip


def _inputs(root: yaml_nodes.Mapping, report: Report) -> tuple[InputSpec, ...]:
    """One `input:` or several `inputs:`."""
    if "input" in root.items and "inputs" in root.items:
        key, _ = root.items["inputs"]
        report.add("a spec has 'input' or 'inputs', not both", key.start, key.end, "put all of them under inputs:")
    elif "inputs" in root.items:
        return tuple(read_inputs(root.items["inputs"][1], report))
    elif "input" in root.items:
        sample = read_input(*root.items["input"], report)
        return (sample,) if sample else ()
    else:
        report.add("a spec needs 'input'", 0, 0, "the shape of one sample: input: {steps: 3, features: 1}")
    return ()


def _outputs(root: yaml_nodes.Mapping, said: Document, report: Report) -> tuple[Ref, ...] | None:
    if said.outputs is None:
        return None
    _, node = root.items["outputs"]
    nodes: list[Node] = node.items if isinstance(node, yaml_nodes.Sequence) else [node]
    names = [said.outputs] if isinstance(said.outputs, str) else said.outputs
    return tuple(Ref(name, report.source.place(at.start, at.end)) for name, at in zip(names, nodes, strict=True))


def _cells(root: yaml_nodes.Mapping, report: Report) -> tuple[Mapping[str, Cell], set[str]]:
    """The cells, and the names of those that cannot be read."""
    _, section = root.items.get("cells", (None, None))
    declared = section.items if isinstance(section, yaml_nodes.Mapping) else {}
    if not declared:
        return {}, set()
    from lstmdiag.spec.cells import read_cell

    first = list(declared.items())[:MAX_CELLS]
    read_cells = {name: read_cell(key, node, report) for name, (key, node) in first}
    cells = {name: cell for name, cell in read_cells.items() if cell is not None}
    return cells, set(declared) - set(cells)


def _layers(root: yaml_nodes.Mapping, reader: LayerReader) -> tuple[LayerSpec, ...]:
    _, section = root.items.get("layers", (None, None))
    nodes: list[Node] = section.items if isinstance(section, yaml_nodes.Sequence) else []
    return tuple(map(reader.read, nodes[:MAX_LAYERS]))
