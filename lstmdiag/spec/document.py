"""The words of the language outside the layers: one model a section, one field a word.

The reader checks against these models and `schema` is made from them, so the two cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from lstmdiag.cells.cell import MAX_SIZE
from lstmdiag.cells.expr import MAX_LENGTH
from lstmdiag.layers.kind import Name, References, Size

VERSION = 1
MAX_LAYERS = 1_000
MAX_CELLS = 100
MAX_EQUATIONS = 100
MAX_AXES = 8
MAX_INPUTS = 20


Version = Annotated[int, Field(ge=VERSION, le=VERSION), WithJsonSchema({"type": "integer", "const": VERSION})]


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
        default_factory=list, description="Words to find it by, beside those that follow from its layers."
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
        default_factory=dict, description="Recurrent cells of your own, as equations; then usable as layers."
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


_NO_SYMBOL = re.compile(r"^$|^[^A-Za-z]|[^A-Za-z0-9_]")
_SYMBOL_LENGTH = 40
_SYMBOL_SCHEMA: JsonDict = {"type": "string", "maxLength": _SYMBOL_LENGTH, "not": {"pattern": _NO_SYMBOL.pattern}}
_DIM_SCHEMA: JsonDict = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_SIZE}, _SYMBOL_SCHEMA]}
_STATE_SCHEMA: JsonDict = {
    "anyOf": [
        {"type": "array", "items": _SYMBOL_SCHEMA, "uniqueItems": True, "minItems": 1, "maxItems": MAX_EQUATIONS},
        {
            "type": "object",
            "propertyNames": _SYMBOL_SCHEMA,
            "additionalProperties": {"type": "array", "items": _DIM_SCHEMA, "minItems": 1, "maxItems": 1},
            "minProperties": 1,
            "maxProperties": MAX_EQUATIONS,
        },
    ]
}


def _fit_symbol(name: str) -> str:
    """Names in equations become ids, classes and names in exported code."""
    if _NO_SYMBOL.search(name) or len(name) > _SYMBOL_LENGTH:
        raise ValueError(f"is no name: a letter, then letters, digits and _, at most {_SYMBOL_LENGTH}")
    return name


def _fit_dim(dim: Any) -> Any:
    if isinstance(dim, str):
        return _fit_symbol(dim)
    if isinstance(dim, bool) or not isinstance(dim, int) or not 1 <= dim <= MAX_SIZE:
        raise ValueError("is no size: units, features, a name of your own or a whole number, at least 1")
    return dim


def _sized(state: Any) -> Any:
    """`[h, c]` means `{h: [units], c: [units]}`."""
    if isinstance(state, dict):
        return state
    sized: dict[str, list[str]] = {}
    for name in state if isinstance(state, list) else [None]:
        if not isinstance(name, str):
            raise ValueError("is a list of names, or a mapping from name to size")
        if name in sized:
            raise ValueError(f"names {name!r} twice")
        sized[name] = ["units"]
    return sized


Symbol = Annotated[str, AfterValidator(_fit_symbol), WithJsonSchema(_SYMBOL_SCHEMA)]
Dim = Annotated[Any, AfterValidator(_fit_dim), WithJsonSchema(_DIM_SCHEMA)]
Vector = Annotated[list[Dim], Field(min_length=1, max_length=1)]
Matrix = Annotated[list[Dim], Field(min_length=1, max_length=2)]


_NO_PART = re.compile(r"^$|^[^A-Za-z]|[^A-Za-z0-9_.]|\..*\.|\.$|\.[^0-9]")
_PART_SCHEMA: JsonDict = {"type": "string", "maxLength": _SYMBOL_LENGTH, "not": {"pattern": _NO_PART.pattern}}


def _fit_part(name: str) -> str:
    if _NO_PART.search(name) or len(name) > _SYMBOL_LENGTH:
        raise ValueError("is no part: a name in the equations, or a step towards it, as in c or c.1")
    return name


Part = Annotated[str, AfterValidator(_fit_part), WithJsonSchema(_PART_SCHEMA)]
Spot = Annotated[list[Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]], Field(min_length=2, max_length=2)]


class CellSection(Section):
    """One cell under `cells:`."""

    state: Annotated[
        dict[Symbol, Vector],
        Field(min_length=1, max_length=MAX_EQUATIONS),
        BeforeValidator(_sized),
        WithJsonSchema(_STATE_SCHEMA),
    ] = Field(description="What crosses from step to step: names, or names with sizes. The first is the output.")
    equations: Annotated[
        dict[Symbol, Annotated[str, Field(max_length=MAX_LENGTH)]], Field(max_length=MAX_EQUATIONS)
    ] = Field(description="Name: expression over x, STATE_prev, weights W_* U_* V_* R_* b_* p_* and other equations.")
    weights: dict[Symbol, Matrix] = Field(
        default_factory=dict, description="Shapes of weights that differ from W: [units, features], U: [units, units]."
    )
    places: dict[Part, Spot] = Field(
        default_factory=dict, description="Where parts stand in the picture: name: [column, row], counted from 0."
    )


CELL_NAME = r"[A-Z][A-Za-z0-9_]{0,39}"
"""Like Keras's layers; options begin with a small letter, so the two are never mistaken for each other."""
