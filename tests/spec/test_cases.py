"""One YAML file per case: a spec, and what reading it gives — every problem as printed, or the model.

    spec: |
      version: 1
      ...
    errors: |          (or `model: |`)
      spec.yml:2:1: error: ...

`pytest --accept` rewrites the last block with what is seen.
"""

import re
from pathlib import Path

import pytest

from lstmdiag.binding import read_model
from lstmdiag.errors import LstmdiagError
from lstmdiag.layer import show_shape
from lstmdiag.model import Model
from lstmdiag.writers import problems
from tests.plain_yaml import loaded

CASES = Path(__file__).parent.parent / "cases" / "spec"
EXPECTED = re.compile(r"^(errors|model): \|\n(?:(?:  .*)?\n)*\Z", re.MULTILINE)


def summary(model: Model) -> str:
    lines = [f"title: {model.title}"]
    if model.summary:
        lines.append(f"summary: {model.summary}")
    lines += [f"{i.name}: {show_shape(i.shape)} {i.dtype}" for i in model.inputs]
    for layer in model.layers:
        lines.append(f"{layer.name}: {layer.call} {show_shape(layer.output)} {layer.params:,}")
    if model.example:
        lines.append(f"example: {model.example.input} {model.example.weights} {model.example.seed}")
    return "\n".join(lines) + "\n"


def seen(spec: str) -> tuple[str, str]:
    try:
        return "model", summary(read_model(spec.encode(), "spec.yml", "spec"))
    except LstmdiagError as error:
        return "errors", problems.write(error.problems)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yml")), ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text(encoding="utf-8")
    case = loaded(text)
    word, got = seen(case["spec"])
    if request.config.getoption("accept"):
        block = f"{word}: |\n" + "".join(f"  {line}".rstrip() + "\n" for line in got.splitlines())
        path.write_text(EXPECTED.sub("", text) + block, encoding="utf-8", newline="\n")
        return
    assert case.get(word) == got


def test_there_are_cases() -> None:
    assert len(list(CASES.glob("*.yml"))) > 50
