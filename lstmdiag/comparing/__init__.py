"""Models side by side: which layers answer to each other, what differs, said in words and drawn.

spec → Compared ─alignment→ slots ─facts→ Table
                                   ─sentences→ text
                                   ─picture→ Diagram
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lstmdiag.binding import read_either as read_model_or_comparison
from lstmdiag.errors import LstmdiagError, Problem, UsageError, nearest
from lstmdiag.files import named, reason
from lstmdiag.model import Model
from lstmdiag.spec import Comparison, Ref
from lstmdiag.spec.comparison import FEWEST, MOST
from lstmdiag.spec.reader import open_spec
from lstmdiag.spec.source import MAX_BYTES
from lstmdiag.words import Words

WORDS = Words("compare")


@dataclass(frozen=True)
class Compared:
    """Two to four models, and how they are to be shown. The others are told as differing from the first."""

    name: str
    path: str
    title: str
    summary: str
    models: tuple[Model, ...]
    files: tuple[Path, ...] = ()  # of the models, where a spec names them
    views: tuple[str, ...] = ()  # empty: those in which the difference shows
    layer: str | None = None
    source: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """What each model is called: its name, with its path where two have one name."""
        times = Counter(model.name for model in self.models)
        return tuple(model.name if times[model.name] == 1 else model.path for model in self.models)

    @property
    def ingredients(self) -> tuple[str, ...]:
        """Everything a picture of it is made from."""
        members = [text for model in self.models for text in (model.name, model.path, model.source)]
        return (self.name, self.source, *members)


def of_models(models: Sequence[Model]) -> Compared:
    """A comparison that no spec declares. Raises UsageError where there are too few or too many."""
    if not FEWEST <= len(models) <= MOST:
        message = f"a comparison is of {FEWEST} to {MOST} models, found {len(models)}"
        raise UsageError(Problem(message, hint="name each once, or one spec that has compare:"))
    names = [model.name for model in models]
    return Compared("-".join(names), "", WORDS.say("side_by_side", names=names), "", tuple(models))


def load_either(source: str | Path) -> Model | Compared:
    """A path, `-` or an example's name → what the spec means. Raises LstmdiagError with every problem."""
    opened = open_spec(source)
    return read_either(opened.data, opened.path, opened.name, opened.folder)


def read_either(data: bytes, path: str, name: str, folder: Path) -> Model | Compared:
    """`folder` is what the paths in a comparison are relative to."""
    found = read_model_or_comparison(data, path, name)
    return _bound(found, folder) if isinstance(found, Comparison) else found


def _bound(comparison: Comparison, folder: Path) -> Compared:
    problems: list[Problem] = []
    models: list[Model] = []
    for member in comparison.members:
        try:
            models.append(_member(member, comparison, folder))
        except LstmdiagError as error:
            problems += [replace(each, at=each.at or member.at) for each in error.problems]
    layer = comparison.layer
    for model in models if layer else ():
        assert layer is not None
        names = [each.name for each in model.recurrent]
        if layer.text not in names:
            message = f"{model.path} has no recurrent layer {layer.text!r}"
            problems.append(Problem(message, layer.at, nearest(layer.text, names)))
    if problems:
        raise LstmdiagError(problems)
    return Compared(
        comparison.name, comparison.path, comparison.title, comparison.summary, tuple(models),
        tuple(folder / member.text for member in comparison.members), comparison.views,
        layer.text if layer else None, comparison.source, comparison.group, comparison.tags,
    )  # fmt: skip


def _member(member: Ref, comparison: Comparison, folder: Path) -> Model:
    """Raises LstmdiagError: with the place of the name where there is no such file, else with the file's own."""
    file = named(folder, member.text, member.at)
    try:
        if not file.is_file():
            raise LstmdiagError(Problem(f"there is no file {member.text!r}", member.at, _beside(member, folder)))
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise LstmdiagError(Problem(f"cannot read {member.text!r}: {reason(error)}", member.at)) from None
    shown = member.text if comparison.path == "<stdin>" else str(Path(comparison.path).parent / member.text)
    found = read_model_or_comparison(data, shown, file.stem)
    if isinstance(found, Comparison):
        raise LstmdiagError(Problem(f"{member.text!r} is a comparison itself", member.at, "name the models"))
    return found


def _beside(member: Ref, folder: Path) -> str:
    """The hint where there is no such file."""
    names = [path.relative_to(folder).as_posix() for path in (folder / Path(member.text).parent).glob("*.y*ml")]
    return nearest(member.text, names) if names else "there is no spec in that folder"
