"""A spec of models to look at side by side: `compare: [one.yml, two.yml]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lstmdiag.spec import Comparison, Ref, yaml_nodes
from lstmdiag.spec.checking import checked
from lstmdiag.spec.document import Beside, Document, Heading, one_line, words
from lstmdiag.spec.source import Report
from lstmdiag.spec.yaml_nodes import Scalar, plain
from lstmdiag.views import VIEWS

FEWEST, MOST = 2, 4
"""Models in one comparison: more do not fit side by side."""

if TYPE_CHECKING:
    ViewName = str
else:  # which names there are is not known to mypy
    ViewName = Literal[tuple(VIEWS)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class ComparisonDocument(Heading):
    """The top of a comparison."""

    compare: Annotated[list[Beside], Field(min_length=FEWEST, max_length=MOST)] = Field(
        description=f"Specs to look at side by side: {FEWEST} to {MOST} paths, relative to this one."
    )
    views: Annotated[list[ViewName], Field(min_length=1, max_length=len(VIEWS)), BeforeValidator(_listed)] | None = (
        Field(None, description="The views to show side by side; by default those in which the difference shows.")
    )
    layer: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="The recurrent layer that views of the inside open; by default the first of each."
    )


def read_comparison(root: yaml_nodes.Mapping, name: str, report: Report) -> Comparison:
    """The spec without what it names. Raises LstmdiagError with every problem of form."""
    for word in (Document.model_fields.keys() - Heading.model_fields.keys()) & root.items.keys():
        word_at, _ = root.items[word]
        report.add(f"a comparison has no {word!r}", word_at.start, word_at.end, "the models it names have their own")
    document = checked(ComparisonDocument, plain(root), root, report, who="a comparison", at=Scalar(0, 0, None))
    key, listed = root.items["compare"]
    if document is None:
        report.stop()
    assert isinstance(listed, yaml_nodes.Sequence)
    place = report.source.place
    members = [Ref(path, place(at.start, at.end)) for path, at in zip(document.compare, listed.items, strict=True)]
    for earlier, member in enumerate(members):
        if member.text in document.compare[:earlier]:
            twice = listed.items[earlier]
            report.add(f"{member.text!r} is named twice", twice.start, twice.end, "a model is compared with others")
    if report.problems:
        report.stop()
    layer = None
    if document.layer is not None:
        _, at = root.items["layer"]
        layer = Ref(document.layer, place(at.start, at.end))
    return Comparison(
        name, report.source.path, one_line(document.title) or name, (document.summary or "").strip(),
        place(key.start, key.end), tuple(members), tuple(dict.fromkeys(document.views or ())), layer,
        report.source.text, one_line(document.group), words(document.tags),
    )  # fmt: skip
