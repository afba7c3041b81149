"""The spec language as a JSON Schema, made from the tables and models that the reader checks with.

Draft 7, which editors' YAML servers read. It says yes and no as the reader does, but for what a schema
cannot see: words YAML reads in a surprising way, 3.0 for 3, and everything that depends on meaning
(shapes, names given twice or not at all, the equations of a cell, layers that no cell declares).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from lstmdiag.cells.cell import FUNCTION_OPTIONS
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Activation, Kind, Name, Size
from lstmdiag.layers.recurrent import RecurrentOptions
from lstmdiag.spec.cell_section import CELL_NAME, CellSection
from lstmdiag.spec.comparison import ComparisonDocument
from lstmdiag.spec.document import INPUTS, MAX_INPUTS, Document, ExampleSection, ReusedLayer
from lstmdiag.spec.example import LARGEST

Schema = dict[str, Any]

_LAYER, _LAYER_OR_CELL, _NUMBERS = "layer", "layer_or_cell", "numbers"


@cache
def schema_text() -> str:
    """The schema as JSON; the same for every spec, so that a site that is built again does not make it again."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """The whole language. Layers under a name of one's own are allowed where the spec has `cells`."""
    document = _of_model(Document)
    words = document["properties"]
    words["input"] |= {"anyOf": [_of_model(form) for form in INPUTS]}
    words["inputs"] |= {
        "type": "object",
        "propertyNames": TypeAdapter(Name).json_schema(),
        "additionalProperties": words["input"],
        "minProperties": 1,
        "maxProperties": MAX_INPUTS,
    }
    words["cells"] |= {
        "propertyNames": {"pattern": f"^{CELL_NAME}$", "not": {"enum": list(KINDS)}},
        "additionalProperties": _of_model(CellSection),
    }
    words["example"] |= _example()
    comparison = _comparison()
    other = comparison["properties"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "lstmdiag spec",
        "description": "A recurrent network, to be drawn, counted and explained.",
        "type": "object",
        # Once more without their values, for editors, which offer what they find here.
        "properties": {name: {"description": word["description"]} for name, word in (words | other).items()},
        "if": {"required": ["compare"]},
        "then": comparison,
        "else": {
            **document,
            "oneOf": [{"required": ["input"]}, {"required": ["inputs"]}],
            "if": {"required": ["cells"]},
            "then": {"properties": {"layers": {"items": _entry(_LAYER_OR_CELL)}}},
            "else": {"properties": {"layers": {"items": _entry(_LAYER)}}},
        },
        "definitions": {
            **{kind.name: _argument(kind, _LAYER) for kind in KINDS.values() if not kind.wraps},
            _LAYER: _layer(_LAYER),
            _LAYER_OR_CELL: _layer(_LAYER_OR_CELL),
            _NUMBERS: {
                "anyOf": [
                    {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
                    {"type": "array", "items": _ref(_NUMBERS)},
                ]
            },
        },
    }


def _comparison() -> Schema:
    comparison = _of_model(ComparisonDocument)
    comparison["properties"]["compare"]["uniqueItems"] = True
    views = comparison["properties"]["views"]["anyOf"]
    views.append(views[0]["items"])  # one alone needs no list
    return comparison


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _of_model(model: type[BaseModel]) -> Schema:
    """A model's schema without what pydantic adds for Python's sake."""
    made: Schema = _without_titles(model.model_json_schema())
    made.pop("description", None)  # the docstring, which speaks to readers of the code
    return made


def _without_titles(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_titles(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept: Schema = {}
    for key, value in schema.items():
        if key == "properties":  # a property may be called title
            kept[key] = {name: _without_titles(part) for name, part in value.items()}
        elif key != "title" and not (key == "default" and value is None):
            kept[key] = _without_titles(value)
    return kept


def _example() -> Schema:
    example = _of_model(ExampleSection)
    example["properties"]["input"] |= {"type": "array", "items": _ref(_NUMBERS)}
    both = {"weights": {"type": "string"}, "seed": {"type": "integer"}}
    return example | {"not": {"required": list(both), "properties": both}}


def _entry(layer: str) -> Schema:
    """One entry of `layers:`: a layer, or an earlier one once more.

    For an empty entry editors offer by themselves the layers that are a bare name; those that need an argument are
    told to them as snippets, with the cursor where it goes. `defaultSnippets` is a word of VS Code's and of the YAML
    language server's, which validators pass over.
    """
    snippets = [
        {"label": kind.name, "description": kind.summary, "body": {kind.name: _blanks(kind)}}
        for kind in KINDS.values()
        if _required(kind)
    ]
    return {"anyOf": [_ref(layer), _of_model(ReusedLayer)], "defaultSnippets": snippets}


def _blanks(kind: Kind) -> Any:
    """The arguments that a kind needs, to be filled in: `$1` alone where the first of them may stand alone."""
    required = _required(kind)
    if required == [kind.first]:
        return "$1"
    return {name: f"${number}" for number, name in enumerate(required, 1)}


def _wrapped(layer: str) -> Schema:
    """What stands in a wrapper: a layer that is joined to nothing but the wrapper."""
    joined: Schema = {"type": "object", "anyOf": [{"required": [word]} for word in ("from", "initial_state")]}
    return {"allOf": [_ref(layer), {"additionalProperties": {"not": joined}}]}


def _layer(wrapped: str) -> Schema:
    """A name, or a name with its argument. `wrapped` is what wrappers take."""
    layer: Schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {
            kind.name: _argument(kind, wrapped) if kind.wraps else _ref(kind.name) for kind in KINDS.values()
        },
        "additionalProperties": False,
    }
    if wrapped == _LAYER_OR_CELL:
        layer["patternProperties"] = {f"^(?!({'|'.join(KINDS)})$){CELL_NAME}$": _cell_argument()}
    bare = [{"const": kind.name, "description": kind.summary} for kind in KINDS.values() if not _required(kind)]
    return {"anyOf": [layer, *bare]}


def _required(kind: Kind) -> list[str]:
    return [name for name, field in kind.options.model_fields.items() if field.is_required()]


def _argument(kind: Kind, wrapped: str) -> Schema:
    """What may stand after `LSTM:` — options, the first one alone, or nothing where none is needed."""
    options = _of_model(kind.options)
    properties: Mapping[str, Schema] = options["properties"]
    if kind.wraps:
        described = properties["layer"].get("description", "")
        options["properties"] = {**properties, "layer": {"description": described, **_wrapped(wrapped)}}
    forms: list[Schema] = [options]
    if kind.first and set(_required(kind)) <= {kind.first}:
        forms.append(_wrapped(wrapped) if kind.wraps else properties[kind.first])
    if not _required(kind):
        forms.append({"type": "null"})
    return {"description": kind.summary, "anyOf": forms}


def _cell_argument() -> Schema:
    """Which functions and sizes are options of a cell depends on its equations; all have those of RecurrentOptions."""
    options = _of_model(RecurrentOptions)
    functions = {name: TypeAdapter(Activation).json_schema() for name in FUNCTION_OPTIONS}
    options["properties"] |= {**functions, "use_bias": {"type": "boolean"}}
    units = options["properties"]["units"]
    options["additionalProperties"] = TypeAdapter(Size).json_schema()
    return {"description": "A cell declared under cells.", "anyOf": [options, units]}
