"""The words of one cell under `cells:`, in a file of their own: most specs declare none, and do without them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic.config import JsonDict

from lstmdiag.cells.cell import MAX_SIZE
from lstmdiag.cells.expr import MAX_LENGTH
from lstmdiag.spec.document import Section, no_mapping

MAX_EQUATIONS = 100

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
        default_factory=no_mapping,
        description="Shapes of weights that differ from W: [units, features], U: [units, units].",
    )
    places: dict[Part, Spot] = Field(
        default_factory=no_mapping, description="Where parts stand in the picture: name: [column, row], counted from 0."
    )


CELL_NAME = r"[A-Z][A-Za-z0-9_]{0,39}"
"""Like Keras's layers; options begin with a small letter, so the two are never mistaken for each other."""
