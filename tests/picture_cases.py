"""Cases of pictures: one YAML file each in tests/cases/pictures. It names a spec and a view; then comes what is drawn.

    # Why this case is here.
    spec: three-units        # a packaged one; or `spec: |` and a whole spec below it, indented
    view: cell
    step: 2                  # any of the options of `lstmdiag draw` in OPTIONS, with the same meaning

    picture: |
      title: ...

`make accept` writes the last block.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lstmdiag.comparing import Compared, load_either, read_either
from lstmdiag.comparing.picture import together
from lstmdiag.diagrams import Diagram
from lstmdiag.drawing import known, placed
from lstmdiag.model import Model
from lstmdiag.running.tracing import values
from lstmdiag.running.values import Values
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.diagram_text import text
from tests.plain_yaml import loaded

FOLDER = Path(__file__).parent / "cases" / "pictures"
PATHS = tuple(sorted(FOLDER.glob("*.yml")))

SELECTING = ("layer", "gate", "unit", "step", "steps", "signal")
OPTIONS = (*SELECTING, "seed", "toy")
"""A picture carries numbers where step, seed or toy is given."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a file asks for."""

    asked: str  # the text above `picture:`, which a person wrote
    spec: str  # the name of a packaged one, or YAML
    view: str
    selection: Selection
    numbers: bool
    seed: int | None
    toy: bool

    @property
    def subject(self) -> Model | Compared:
        return _subject(self.spec)

    def drawn(self) -> Diagram:
        """The picture without its frame: title, legend and caption are the same words in every picture's place.

        Raises LstmdiagError where there is no such picture.
        """
        if isinstance(self.subject, Compared):
            return together(self.subject, self.view, self.selection)
        subject = _values(self.spec, self.seed, self.toy) if self.numbers else self.subject
        return placed(subject, self.view, self.selection)


@cache
def _subject(spec: str) -> Model | Compared:
    """Several cases look at one spec."""
    return read_either(spec.encode(), "spec.yml", "spec", FOLDER) if "\n" in spec else load_either(spec)


@cache
def _values(spec: str, seed: int | None, toy: bool) -> Values:
    subject = _subject(spec)
    assert isinstance(subject, Model)
    return values(subject, seed=seed, toy=toy)


@cache
def read(path: Path) -> Case:
    """Only what is above `picture:` is read as YAML: the rest is compared as text.

    Raises ValueError, YAMLError or LstmdiagError where it is no case.
    """
    asked = path.read_text(encoding="utf-8").partition("\npicture: |\n")[0].rstrip() + "\n"
    found = loaded(asked)
    if not isinstance(found, dict) or not {"spec", "view"} <= set(found):
        raise ValueError("a case has a line `spec:` and a line `view:`")
    if strange := set(map(str, found)) - {"spec", "view", *OPTIONS}:
        raise ValueError(f"no case has {', '.join(sorted(strange))}; allowed: spec, view, {', '.join(OPTIONS)}")
    if not isinstance(found["spec"], str):
        raise ValueError("spec is the name of a packaged one, or `spec: |` and a whole spec below it, indented")
    selection = Selection(**{name: found[name] for name in SELECTING if name in found})
    numbers = any(name in found for name in ("step", "seed", "toy"))
    view = known("view", found["view"], VIEWS)
    return Case(asked, found["spec"], view, selection, numbers, found.get("seed"), found.get("toy", False))


def whole(case: Case) -> str:
    """The file as it is with what is drawn now."""
    lines = text(case.drawn()).splitlines()
    return f"{case.asked}\npicture: |\n" + "".join(f"  {line}\n" for line in lines)
