"""Whether a change of the code changes what readers see: pictures as data, tables and pages, of many models.

    python -m tools.same write BEFORE            # all packaged specs and 200 models made at random, always the same
    python -m tools.same write AFTER             # with the other code
    python -m tools.same compare BEFORE AFTER    # texts exactly, geometry to a millionth of a point; exit code 1 if not

A folder holds one JSON file a model: each of its Diagrams, bare and with the numbers of step 1, each table as text, its
page as Markdown and as HTML. What cannot be made (maps have no picture of single numbers) is held as its message.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from math import isclose
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from lstmdiag.comparing import load_either
from lstmdiag.comparing import picture as side_by_side
from lstmdiag.drawing import pictured, views_of
from lstmdiag.errors import LstmdiagError
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from lstmdiag.site.export import entries, model_files
from lstmdiag.site.pages import entry_text
from lstmdiag.spec.reader import examples
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from lstmdiag.views.tables import NAMES as TABLES
from lstmdiag.views.tables import table
from lstmdiag.writers import tables as table_writer
from tests.generator import models

RANDOM = 200
NEAR = 1e-6  # points


def subjects() -> Iterator[tuple[str, Any]]:
    """Packaged models and comparisons, then the random models, each with a name for its file."""
    for name, path in examples().items():
        yield name, load_either(path)
    found: list[Model] = []

    @seed(0)
    @settings(max_examples=RANDOM, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(models())
    def collect(model: Model) -> None:
        found.append(model)

    collect()
    yield from ((f"random-{number:03}", model) for number, model in enumerate(found))


def made(make: Callable[[], Any]) -> Any:
    """What a function gives, or the message it ends with."""
    try:
        return make()
    except LstmdiagError as error:
        return str(error)


def everything(subject: Any) -> dict[str, Any]:
    """All that is shown of a model or a comparison, by name."""
    found: dict[str, Any] = {}

    def picture(name: str, make: Callable[[], Any]) -> None:
        found[f"picture {name}"] = made(lambda: asdict(make()))

    if isinstance(subject, Model):
        numbers = made(lambda: values(subject, toy=True)) if subject.recurrent else ""
        for view in views_of(subject):
            picture(view, lambda view=view: pictured(subject, view, Selection())[0])
            if not isinstance(numbers, str):
                of = numbers if VIEWS[view].carries_numbers else subject
                picture(f"{view} 1", lambda view=view, of=of: pictured(of, view, Selection(step=1))[0])
        for name in TABLES:
            found[f"table {name}"] = made(lambda name=name: table_writer.write(table(subject, name), "text"))
    else:
        for view in side_by_side.views(subject):
            picture(view, lambda view=view: side_by_side.pictured(subject, view, Selection(layer=subject.layer)))
    known = entries([subject])
    (entry,) = known.values()
    page = made(lambda: next(model_files(entry_text(entry, [entry], tabs=False), known))[1])
    found["page"] = page.decode() if isinstance(page, bytes) else page
    return found


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, subject in subjects():
        text = json.dumps(everything(subject), indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    print(f"{len(list(folder.iterdir()))} files in {folder}")


def _parts(found: Any) -> dict[str, Any]:
    """The parts of a picture by their ids: in which order they are drawn is held by the goldens in DOT."""
    named = isinstance(found, list) and all(isinstance(part, dict) and "id" in part for part in found)
    return {part["id"]: part for part in found} if named else {}


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """The places in which two answers differ."""
    if isinstance(one, float) and isinstance(other, float | int) and isclose(one, other, rel_tol=0, abs_tol=NEAR):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from differences(one.get(key), other.get(key), f"{where}/{key}")
    elif _parts(one) and _parts(other):
        yield from differences(_parts(one), _parts(other), where)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, yours) in enumerate(zip(one, other, strict=True)):
            yield from differences(mine, yours, f"{where}/{number}")
    elif isinstance(one, str) and isinstance(other, str) and one != other and "\n" in one + other:
        lines = zip(one.split("\n"), other.split("\n"), strict=False)
        first = next(((a, b) for a, b in lines if a != b), (f"{len(one)} characters", f"{len(other)}"))
        yield f"{where}: {first[0][:200]!r} → {first[1][:200]!r}"
    elif one != other:
        yield f"{where}: {str(one)[:200]} → {str(other)[:200]}"


def compare(before: Path, after: Path) -> bool:
    """Whether the folders hold the same; prints where they do not."""
    same = True
    names = sorted({path.name for folder in (before, after) for path in folder.glob("*.json")})
    for name in names:
        files = [folder / name for folder in (before, after)]
        answers = [json.loads(file.read_text("utf-8")) if file.is_file() else {} for file in files]
        for number, difference in enumerate(differences(*answers)):
            same = False
            if number < 5:
                print(f"{name}{difference}")
    print(f"{len(names)} models: {'the same' if same else 'not the same'}")
    return same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write").add_argument("folder", type=Path)
    comparison = commands.add_parser("compare")
    comparison.add_argument("before", type=Path)
    comparison.add_argument("after", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.command == "write":
        write(arguments.folder)
        return 0
    return not compare(arguments.before, arguments.after)


if __name__ == "__main__":
    sys.exit(main())
