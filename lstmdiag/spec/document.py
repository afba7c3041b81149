"""The words of the language outside the layers: one model a section, one field a word.

The reader checks against these models and `schema` is made from them, so the two cannot disagree.
"""

# Without `from __future__ import annotations`: pydantic would evaluate each one as text, again for every class that
# inherits it.

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from lstmdiag.layers.kind import Name, References, Size

VERSION = 1
MAX_LAYERS = 1_000
MAX_CELLS = 100
MAX_AXES = 8
MAX_INPUTS = 20


Version = Annotated[int, Field(ge=VERSION, le=VERSION), WithJsonSchema({"type": "integer", "const": VERSION})]


def no_list() -> list[Any]:
    """What stands for a list that is left out. The signature of `list` itself costs pydantic as much as a section."""
    return []


def no_mapping() -> dict[str, Any]:
    """The same for a mapping."""
    return {}


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Heading(Section):
    """What every spec begins with."""

    version: Version = Field(description=f"The version of the spec language: {VERSION}.")
    title: Annotated[str, Field(max_length=300)] | None = Field(
        None, description="Stands over pages and pictures; by default the file's name."
    )
    summary: Annotated[str, Field(max_length=20_000)] | None = Field(
        None, description="What the model is for, in a sentence or two (Markdown)."
    )
    group: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="The section of the site in which its page stands."
    )
    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=20)] = Field(
        default_factory=no_list, description="Words to find it by, beside those that follow from its layers."
    )


def one_line(title: str | None) -> str:
    return re.sub(r"\s*\n\s*", " ", title or "").strip()


def words(tags: Iterable[str]) -> tuple[str, ...]:
    """Each on one line; a tag of blanks is none."""
    return tuple(filter(None, map(one_line, tags)))


class Document(Heading):
    """The top of a model's spec. `input`, `layers`, `cells` and `example` are read by a file of their own."""

    input: Any = Field(None, description="The shape of one sample: steps and features, or shape.")
    inputs: Any = Field(None, description="Several inputs: a name for each, with its shape.")
    outputs: References = Field(None, description="What the model gives out; by default what its last layer gives.")
    layers: Annotated[list[Any], Field(min_length=1, max_length=MAX_LAYERS)] = Field(
        description="The layers, in the order the data flows."
    )
    cells: Annotated[dict[str, Any], Field(max_length=MAX_CELLS)] = Field(
        default_factory=no_mapping, description="Recurrent cells of your own, as equations; then usable as layers."
    )
    example: Any = Field(None, description="Numbers for the walk-through.")


class _Input(Section):
    batch: Size | None = Field(None, description="How many samples a batch has, for stateful layers.")


class SequenceInput(_Input):
    steps: Size | None = Field(description="How many steps a sequence has; null for any number.")
    features: Size = Field(description="How many numbers there are at each step.")
    dtype: Literal["float"] = Field("float", description="Numbers; int for tokens, without features.")


class TokenInput(_Input):
    steps: Size | None = Field(description="How many tokens a sequence has; null for any number.")
    dtype: Literal["int"] = Field(description="One whole number at each step: a token.")


class ShapedInput(_Input):
    shape: Annotated[list[Size | None], Field(min_length=1, max_length=MAX_AXES)] = Field(
        description="The sizes of one sample, without the batch axis; null for any size."
    )
    dtype: Literal["float", "int"] = Field("float", description="float for numbers, int for tokens.")


class ReusedLayer(Section):
    """An entry of `layers:` that uses an earlier layer once more."""

    use: Annotated[str, Field(min_length=1)] = Field(description="The earlier layer, whose weights are used again.")
    from_: References = Field(None, alias="from", description="What it reads; by default the layer before it.")
    initial_state: References = Field(None, description="Where its states start, where it has states.")
    name: Name | None = Field(None, description="A name for what it gives, to refer to.")


INPUTS = (SequenceInput, TokenInput, ShapedInput)


def input_form(given: Any) -> type[SequenceInput | TokenInput | ShapedInput]:
    """The one of INPUTS that is meant, by its words."""
    if isinstance(given, dict) and "shape" in given:
        return ShapedInput
    return TokenInput if isinstance(given, dict) and given.get("dtype") == "int" else SequenceInput


_LEAVES = re.compile(r"^[/\\~]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")


def _stays(path: str) -> str:
    if _LEAVES.search(path):
        raise ValueError("cannot leave the spec's folder")
    return path


Beside = Annotated[
    str,
    Field(min_length=1, max_length=500),
    AfterValidator(_stays),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 500, "not": {"pattern": _LEAVES.pattern}}),
]
"""A path relative to the spec, which stays in its folder."""


class ExampleSection(Section):
    input: Any = Field(None, description="One sample: a list of steps, each a list of features.")
    weights: Beside | None = Field(None, description="An .npz file beside the spec, with names such as lstm.W_i.")
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = Field(
        None, description="Weights are drawn from this seed, where no file gives them."
    )
